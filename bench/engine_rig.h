/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine in one process and one thread, with ports and no client: what
 * the engine-only measurement drives.
 */
#ifndef NM_BENCH_ENGINE_RIG_H
#define NM_BENCH_ENGINE_RIG_H

#include <stdbool.h>
#include <stdint.h>

#define RIG_RECEIVERS	3
#define RIG_BATCH	256u

/* An arrangement of ports, one of them sending. */
struct rig_plan {
	const char *name;
	bool pipe;
	unsigned int n_receivers;	/* 1..RIG_RECEIVERS */
	unsigned int n_stations;	/* behind the receivers, in turn;
					 * 0: broadcast */
};

struct engine_rig;

/* Time spent in the engine, by direction. */
struct rig_time {
	uint64_t send_ns, receive_ns;
};

/**
 * rig_create - an engine with the ports of @plan, stations learned
 * Return: the rig; NULL after a sentence on stderr.
 */
struct engine_rig *rig_create(const struct rig_plan *plan);
void rig_destroy(struct engine_rig *rig);

/**
 * rig_run - send and receive @n_batches batches of RIG_BATCH frames of 60 B
 * @time: the time inside nm_ring_sync_user() is added to it
 *
 * Filling and reading the frames is the program's part and not in the time.
 *
 * Return: 0; -1 after a sentence on stderr when a frame did not arrive.
 */
int rig_run(struct engine_rig *rig, unsigned int n_batches, struct rig_time *time);

#endif /* NM_BENCH_ENGINE_RIG_H */
