/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show: what a port is, who holds it, what has gone through each of its rings
 * and what was lost for which reason.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libnetmap.h>

#include "apps/common/complain.h"
#include "apps/common/json.h"
#include "apps/vale-ctl/command.h"

#define MAX_HOLDERS	16	/* pids in nmreq_port_status */

static const char *home_name(unsigned int home)
{
	return home == NM_HOME_KERNEL ? "kernel" :
		home == NM_HOME_USER ? "user" : "unknown";
}

static const char *path_name(unsigned int path)
{
	return path == NM_PATH_ISOLATED ? "isolated" :
		path == NM_PATH_DIRECT ? "direct" :
		path == NM_PATH_KERNEL ? "kernel" : "unknown";
}

static const char *class_name(unsigned int class)
{
	static const char *const names[] = {
		[NM_CLASS_VIRTUAL] = "virtual", [NM_CLASS_NATIVE] = "native",
		[NM_CLASS_XDP] = "xdp", [NM_CLASS_EMULATED] = "emulated",
	};

	return class < sizeof(names) / sizeof(names[0]) && names[class] ?
		names[class] : "unknown";
}

static int ask(const char *name, uint16_t reqtype, void *body)
{
	struct nmreq_header hdr;

	nmreq_header_init(&hdr, reqtype, body);
	strcpy(hdr.nr_name, name);
	return nmreq_ctrl(&hdr);
}

static int get_counters(const char *name, unsigned int dir, unsigned int ring,
		struct nmreq_counters *c)
{
	memset(c, 0, sizeof(*c));
	c->nr_dir = (uint16_t)dir;
	c->nr_ringid = (uint16_t)ring;
	return ask(name, NETMAP_REQ_COUNTERS_GET, c);
}

static unsigned int rings_of(const struct nmreq_counters *c, unsigned int dir)
{
	return dir ? c->nr_tx_rings : c->nr_rx_rings;
}

static unsigned int known_holders(const struct nmreq_port_status *st)
{
	return st->nr_n_holders < MAX_HOLDERS ? st->nr_n_holders : MAX_HOLDERS;
}

static void text_status(const char *name, const struct nmreq_port_status *st)
{
	unsigned int i, n = known_holders(st);

	printf("%s\n", name);
	printf("  kind     %s\n", st->nr_kind);
	printf("  home     %s\n", home_name(st->nr_home));
	printf("  path     %s: %s\n", path_name(st->nr_path),
			st->nr_path_reason);
	printf("  class    %s: %s\n", class_name(st->nr_class),
			st->nr_class_reason);
	printf("  holders  %u", st->nr_n_holders);
	for (i = 0; i < n; i++)
		printf("%s%u", i ? ", " : " (pid ", st->nr_holders[i]);
	printf("%s%s\n", st->nr_n_holders > n ? ", ..." : "", n ? ")" : "");
}

static void json_status(struct json *j, const char *name,
		const struct nmreq_port_status *st)
{
	unsigned int i;

	json_string(j, "name", name);
	json_string(j, "kind", st->nr_kind);
	json_string(j, "home", home_name(st->nr_home));
	json_string(j, "path", path_name(st->nr_path));
	json_string(j, "path_reason", st->nr_path_reason);
	json_string(j, "class", class_name(st->nr_class));
	json_string(j, "class_reason", st->nr_class_reason);
	json_u64(j, "n_holders", st->nr_n_holders);
	json_array(j, "holders");
	for (i = 0; i < known_holders(st); i++)
		json_u64(j, NULL, st->nr_holders[i]);
	json_end(j);
}

static void text_ring(unsigned int dir, unsigned int ring,
		const struct nmreq_counters *c)
{
	unsigned int i;

	printf("  %s %-4u  %llu packets  %llu bytes  %llu syncs  %llu wakeups",
			dir ? "tx" : "rx", ring,
			(unsigned long long)c->nr_packets,
			(unsigned long long)c->nr_bytes,
			(unsigned long long)c->nr_syncs,
			(unsigned long long)c->nr_wakeups);
	for (i = 0; i < NM_DROP_REASONS; i++)
		if (c->nr_drops[i])
			printf("  %s %llu", nm_drop_name(i),
					(unsigned long long)c->nr_drops[i]);
	printf("\n");
}

static void json_ring(struct json *j, unsigned int dir, unsigned int ring,
		const struct nmreq_counters *c)
{
	unsigned int i;

	json_object(j, NULL);
	json_string(j, "direction", dir ? "tx" : "rx");
	json_u64(j, "ring", ring);
	json_u64(j, "packets", c->nr_packets);
	json_u64(j, "bytes", c->nr_bytes);
	json_u64(j, "syncs", c->nr_syncs);
	json_u64(j, "wakeups", c->nr_wakeups);
	json_object(j, "drops");
	for (i = 0; i < NM_DROP_REASON_LAST; i++)
		json_u64(j, nm_drop_name(i), c->nr_drops[i]);
	json_end(j);
	json_end(j);
}

/* All rings of one direction; those of a port without any are none. */
static int show_rings(const char *name, unsigned int dir, struct json *j)
{
	struct nmreq_counters c;
	unsigned int ring = 0, n;

	do {
		if (get_counters(name, dir, ring, &c) < 0)
			return ring || errno != EINVAL ? -1 : 0;
		n = rings_of(&c, dir);
		if (j)
			json_ring(j, dir, ring, &c);
		else
			text_ring(dir, ring, &c);
	} while (++ring < n);
	return 0;
}

/* @seen: the port was on a list just before, and may have left since. */
static int show_port(const char *name, bool seen, struct json *j)
{
	struct nmreq_port_status st = { .nr_home = 0 };

	if (ask(name, NETMAP_REQ_PORT_STATUS_GET, &st) < 0)
		return seen && errno == ENXIO ? EXIT_STATUS_OK :
			command_failed("obtain info for", name);
	if (j) {
		json_object(j, NULL);
		json_status(j, name, &st);
		json_array(j, "rings");
	} else {
		text_status(name, &st);
	}
	if (show_rings(name, 0, j) < 0 || show_rings(name, 1, j) < 0)
		return command_failed("read the counters of", name);
	if (j) {
		json_end(j);
		json_end(j);
	}
	return EXIT_STATUS_OK;
}

static int show_all(struct json *j)
{
	struct nmreq_vale_list at = { .nr_port_idx = 0 };
	struct nmreq_header hdr;
	int status, more;

	for (; (more = query_next(&hdr, &at)) > 0; at.nr_port_idx++) {
		status = show_port(hdr.nr_name, true, j);
		if (status)
			return status;
	}
	return more < 0 ? command_failed("list", "ports") : EXIT_STATUS_OK;
}

int show_run(const struct command *cmd)
{
	struct json doc, *j = cmd->json ? &doc : NULL;
	int status = EXIT_STATUS_OK;
	char **name = cmd->more;

	if (j) {
		json_start(j, stdout);
		json_object(j, NULL);
		json_array(j, "ports");
	}
	if (!name[0])
		status = show_all(j);
	for (; name[0] && !status; name++)
		status = show_port(name[0], false, j);
	if (j && !status) {
		json_end(j);
		json_end(j);
	}
	return status;
}
