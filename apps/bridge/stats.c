/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stats: what the bridge has done, for people and for programs.
 */
#include <errno.h>
#include <string.h>

#include "apps/bridge/bridge.h"
#include "apps/common/complain.h"
#include "apps/common/json.h"

void stats_text(const struct flow *f, unsigned int n, FILE *out)
{
	for (; n--; f++)
		fprintf(out, "%s -> %s: %llu packets %llu bytes %llu slots, "
				"%llu too long\n", f->src->hdr.nr_name,
				f->dst->hdr.nr_name,
				(unsigned long long)f->packets,
				(unsigned long long)f->bytes,
				(unsigned long long)f->slots,
				(unsigned long long)f->too_long);
	fflush(out);
}

static void json_flow(struct json *j, const struct flow *f)
{
	json_object(j, NULL);
	json_string(j, "from", f->src->hdr.nr_name);
	json_string(j, "to", f->dst->hdr.nr_name);
	json_bool(j, "zerocopy", f->zerocopy);
	json_u64(j, "packets", f->packets);
	json_u64(j, "bytes", f->bytes);
	json_u64(j, "slots", f->slots);
	json_object(j, "drops");
	json_u64(j, "too-long", f->too_long);
	json_end(j);
	json_end(j);
}

int stats_json(const struct options *o, const struct flow *f, unsigned int n,
		double seconds)
{
	FILE *out = o->json_file ? fopen(o->json_file, "w") : stdout;
	struct json j;
	bool failed;

	if (!out) {
		fprintf(stderr, PROG ": cannot write %s: %s\n", o->json_file,
				strerror(errno));
		return EXIT_STATUS_FAILED;
	}
	json_start(&j, out);
	json_object(&j, NULL);
	json_double(&j, "seconds", seconds);
	json_array(&j, "directions");
	for (; n--; f++)
		json_flow(&j, f);
	json_end(&j);
	json_end(&j);
	failed = fflush(out) || ferror(out);
	if (o->json_file)
		failed |= fclose(out) != 0;
	if (!failed)
		return EXIT_STATUS_OK;
	fprintf(stderr, PROG ": cannot write the statistics: %s\n",
			strerror(errno));
	return EXIT_STATUS_FAILED;
}
