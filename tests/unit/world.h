/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * An engine to test: descriptors, and requests as if they had been gathered.
 */
#ifndef NM_TEST_WORLD_H
#define NM_TEST_WORLD_H

#include "tests/unit/nmtest.h"
#include "engine/engine.h"
#include "engine/os.h"

/** nm_world_new - an engine; NULL, and a failed check, if there is none */
struct nm_engine *nm_world_new(void);
void nm_world_end(struct nm_engine *e);

/** nm_world_file - a descriptor of user id @uid; NULL and a failed check */
struct nm_file *nm_world_file(struct nm_engine *e, uint32_t uid);

/**
 * nm_world_req - a request with its body zeroed
 * @type: NETMAP_REQ_*
 * @name: nr_name
 * Return: the same block at every call.
 */
struct nm_reqbuf *nm_world_req(uint16_t type, const char *name);

/** nm_world_opt - add an option to it; its bytes, header first */
void *nm_world_opt(struct nm_reqbuf *rb, uint32_t type);

/** nm_world_register - REGISTER @f to @name, NR_REG_ALL_NIC; 0 or -errno */
int nm_world_register(struct nm_file *f, const char *name, uint64_t flags);

/** nm_world_wakes - times the plane asked for somebody to be woken */
extern uint32_t nm_world_wakes;

#endif /* NM_TEST_WORLD_H */
