/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link: which ports a job uses, and what the engine knows about them.
 */
#ifndef NM_DEMO_LINK_H
#define NM_DEMO_LINK_H

#include "apps/demo/crew.h"

/**
 * link_port - name of a port
 * @job: the job
 * @side: LEFT or RIGHT
 */
const char *link_port(enum job job, int side);

/* link_name - what the job goes over, for people */
const char *link_name(enum job job);

/**
 * struct drops - frames that did not arrive
 * @reason: by enum nm_drop
 */
struct drops {
	uint64_t reason[NM_DROP_REASONS];
};

/**
 * link_drops - frames lost so far at both ports of a job, in all rings
 * @job: the job at work
 * @d: out
 * Return: 0; -1 with errno.
 */
int link_drops(enum job job, struct drops *d);

/* link_drops_total - all reasons together */
uint64_t link_drops_total(const struct drops *d);

/**
 * link_path - how packets go
 * @job: the job at work
 * Return: "direct", "isolated", ...
 */
const char *link_path(enum job job);

#endif /* NM_DEMO_LINK_H */
