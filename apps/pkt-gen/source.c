/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source: the packets of one sending thread, one after the other.
 */
#include <string.h>

#include "apps/pkt-gen/rng.h"
#include "apps/pkt-gen/source.h"

static int build_template(struct source *s, unsigned int blank)
{
	const struct run *run = s->w->run;
	const struct options *o = s->o;
	struct packet_spec spec = {
		.flow = &o->flow,
		.size = o->size,
		.vnet = run->vnet,
		.n_tags = o->n_tags,
		.blank = blank,
	};

	if (run->file_packet)
		return packet_verbatim(&s->pkt, run->file_packet,
				run->file_packet_len, run->vnet);
	memcpy(spec.tag, o->tag, sizeof(spec.tag));
	return packet_build(&s->pkt, &spec);
}

int source_init(struct source *s, struct worker *w, unsigned int blank)
{
	const struct options *o = w->run->o;
	bool built = !w->run->file_packet;

	memset(s, 0, sizeof(*s));
	s->w = w;
	s->o = o;
	s->rng = rng_seed(o->seed + w->index);
	if (o->flags & OPT_RANDOM_SRC)
		s->random_ends |= FLOW_RANDOM_SRC;
	if (o->flags & OPT_RANDOM_DST)
		s->random_ends |= FLOW_RANDOM_DST;
	s->stamped = built && o->latency && o->func == FUNC_TX;
	s->shorten = built && (o->flags & OPT_UPDATE_CSUM);
	s->fixed_flow = !built ||
		(flow_is_fixed(&o->flow) && !s->random_ends);
	s->plain = !(o->flags & OPT_COPY) && !s->stamped && s->fixed_flow;
	flow_reset(&s->flow, &o->flow);
	flow_random(&s->flow, &o->flow, s->random_ends, rng_next(&s->rng));
	return build_template(s, s->stamped ? STAMP_LEN : blank);
}

void source_fini(struct source *s)
{
	packet_free(&s->pkt);
}

unsigned int source_batch_len(struct source *s)
{
	const struct options *o = s->o;

	if (o->size_min == o->size || o->mix.n || !s->pkt.family)
		return s->pkt.len;
	/* sizes below the one given first, as -l -l has always done */
	return s->pkt.vnet + rng_between(&s->rng, o->size_min, o->size - 1);
}

static void next_flow(struct source *s)
{
	flow_step(&s->flow, &s->o->flow, s->random_ends);
	if (s->random_ends)
		flow_random(&s->flow, &s->o->flow, s->random_ends,
				rng_next(&s->rng));
}

void source_emit(struct source *s, uint8_t *to, unsigned int len)
{
	const struct packet *p = &s->pkt;

	if (!s->fixed_flow) {
		packet_set_flow(&s->pkt, &s->o->flow, &s->flow);
		next_flow(s);
	}
	if (s->o->flags & OPT_MEMCPY)
		memcpy(to, p->data, len);
	else
		nm_pkt_copy(p->data, to, (int)len);
	if (s->shorten)
		packet_shorten(p, to, len);
	if (s->stamped) {
		struct stamp stamp = stamp_make(s->seq++,
				clock_read_ns(worker_clock(s->w)), s->w->index);

		packet_put(p, to, &stamp, STAMP_LEN);
	}
}
