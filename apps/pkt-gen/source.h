/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source: the packets of one sending thread, one after the other.
 *
 * A source is plain when every packet is the same bytes (its length may vary);
 * then a buffer that was filled once need not be touched again.  Otherwise
 * each packet is written by source_emit(), which makes it from the template,
 * sets what is particular to it, and moves on to the next flow.
 */
#ifndef NM_PKTGEN_SOURCE_H
#define NM_PKTGEN_SOURCE_H

#include "apps/pkt-gen/packet.h"
#include "apps/pkt-gen/worker.h"

/**
 * struct source - the packets of one thread
 * @pkt: the template, at its largest size
 * @w: the worker
 * @o: the options
 * @flow: flow of the next packet
 * @rng: state of the random generator
 * @random_ends: FLOW_RANDOM_* bits
 * @plain: all packets have the same bytes
 * @fixed_flow: addresses never change
 * @shorten: lengths and checksums follow the size
 * @stamped: carries stamps
 * @seq: sequence number of the next stamp
 */
struct source {
	struct packet pkt;
	struct worker *w;
	const struct options *o;
	struct flow flow;
	uint64_t rng;
	unsigned int random_ends;
	bool plain;
	bool fixed_flow;
	bool shorten;
	bool stamped;
	uint32_t seq;
};

/**
 * source_init - prepare the packets of a worker
 * @s: written from scratch
 * @w: the worker
 * @blank: bytes at the start of the payload that the caller will write
 * Return: 0; -ENOMEM.
 */
int source_init(struct source *s, struct worker *w, unsigned int blank);

/* source_fini - release its memory */
void source_fini(struct source *s);

/**
 * source_batch_len - size of the packets of the next batch
 * @s: the source
 * Return: bytes with virtio header; without meaning when sizes vary by packet.
 */
unsigned int source_batch_len(struct source *s);

/**
 * source_len - size of the next packet
 * @s: the source
 * @batch_len: from source_batch_len()
 * Return: bytes with virtio header.
 */
static inline unsigned int source_len(struct source *s, unsigned int batch_len)
{
	return s->o->mix.n ? sizes_pick(&s->o->mix, &s->rng) + s->pkt.vnet :
		batch_len;
}

/**
 * source_emit - write the next packet
 * @s: the source
 * @to: where to; room for @len bytes
 * @len: its size, at most that of the template
 */
void source_emit(struct source *s, uint8_t *to, unsigned int len);

#endif /* NM_PKTGEN_SOURCE_H */
