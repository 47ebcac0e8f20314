/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Parameters: every documented one, and ours.
 *
 * Set through nm_param_set() under the engine's lock; read at any time by
 * whoever uses them, each a single aligned load.  A change counts from the
 * next use: existing regions and ports stay as they are.
 */
#ifndef NM_ENGINE_PARAM_H
#define NM_ENGINE_PARAM_H

#include <nm_os_types.h>

struct nm_params {
	int64_t verbose;
	int64_t debug;
	int64_t no_timestamp;
	int64_t no_pendintr;
	int64_t txsync_retry;
	int64_t fwd;
	int64_t admode;
	int64_t generic_hwcsum;
	int64_t generic_mit;
	int64_t generic_ringsize;
	int64_t generic_rings;
	int64_t generic_txqdisc;
	int64_t ptnet_vnet_hdr;
	int64_t bridge_batch;
	int64_t max_bridges;
	int64_t default_pipes;
	int64_t if_size, if_num;
	int64_t ring_size, ring_num;
	int64_t buf_size, buf_num;
	int64_t if_curr_size, if_curr_num;	/* written by the region code */
	int64_t ring_curr_size, ring_curr_num;
	int64_t buf_curr_size, buf_curr_num;
	int64_t priv_if_size, priv_if_num;
	int64_t priv_ring_size, priv_ring_num;
	int64_t priv_buf_size, priv_buf_num;
	int64_t sink_delay_ns, sink_num;
	int64_t fdb_stations;	/* ours: stations a switch remembers */
	int64_t fdb_age_s;	/* ours: seconds; 0 = for ever */
	int64_t region_size;	/* ours: bytes a region reserves */
};

#define NM_PARAM_RDONLY	1u	/* state, not a setting */
#define NM_PARAM_RESET	2u	/* out of range means the default */
#define NM_PARAM_UNUSED	4u	/* accepted, has no effect in this engine */
#define NM_PARAM_OURS	8u	/* not in other implementations */

struct nm_param {
	const char *name;
	uint32_t ofs;		/* in struct nm_params */
	uint32_t flags;
	int64_t def, min, max;
	const char *what;	/* one line for people */
};

/** nm_params_defaults - set all of them */
void nm_params_defaults(struct nm_params *p);

/**
 * nm_param_set - change one
 * @name:  as documented
 * @value: new value
 * Return: 0; -ENOENT no such name; -EPERM read-only; -ERANGE not within the
 *         documented range.
 */
int nm_param_set(struct nm_params *p, const char *name, int64_t value);

/** nm_param_get - Return: 0 and *@value; -ENOENT */
int nm_param_get(const struct nm_params *p, const char *name, int64_t *value);

/** nm_param_table - the list, for homes that show it; *@n entries */
const struct nm_param *nm_param_table(uint32_t *n);

#endif /* NM_ENGINE_PARAM_H */
