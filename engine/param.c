/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The table of parameters and the four functions that read it.
 *
 * Some parameters of other implementations configure limits this one does not
 * have (number of switches, of pipes) or devices it has no need for.  Scripts
 * set them, so they exist and are checked; NM_PARAM_UNUSED says that nothing
 * follows.
 *
 * Buffers are 33 cache lines by default.  With a power of two the first lines
 * of all frames would share 1/32 of the cache.
 */
#include "engine/param.h"

#define MAX_I32		0x7fffffffLL
#define MIN_I32		(-MAX_I32 - 1)
#define MAX_U32		0xffffffffLL
#define MIB		(1024LL * 1024)

#define P(name, def, min, max, flags, what)				\
	{ #name, offsetof(struct nm_params, name), flags, def, min, max, what }

static const struct nm_param table[] = {
	P(verbose, 0, 0, MAX_I32, 0, "log level; above 255 every packet"),
	P(debug, 0, MIN_I32, MAX_U32, 0, "mask of debug messages"),
	P(no_timestamp, 0, 0, 1, 0,
	  "1: ring->ts only on rings with NR_TIMESTAMP"),
	P(no_pendintr, 1, 0, 1, 0, "1: a receive sync always looks at the device"),
	P(txsync_retry, 2, 0, MAX_I32, 0,
	  "further attempts when an attached interface is full"),
	P(fwd, 0, 0, 1, 0, "1: forward between interface and host by default"),
	P(admode, 0, 0, 2, NM_PARAM_RESET,
	  "0 best, 1 native only, 2 emulated"),
	P(generic_hwcsum, 0, 0, 1, NM_PARAM_UNUSED,
	  "1: emulated ports leave checksums to the NIC"),
	P(generic_mit, 100000, 0, MAX_I32, NM_PARAM_UNUSED,
	  "ns between notifications of emulated ports"),
	P(generic_ringsize, 1024, 2, 4096, 0, "slots of emulated ports"),
	P(generic_rings, 1, 1, 256, NM_PARAM_UNUSED, "rings of emulated ports"),
	P(generic_txqdisc, 1, 0, 1, NM_PARAM_UNUSED,
	  "1: own queueing on emulated ports"),
	P(ptnet_vnet_hdr, 1, 0, 1, NM_PARAM_UNUSED, "virtio-net header on guests"),
	P(bridge_batch, 1024, MIN_I32, 1024, NM_PARAM_RESET,
	  "slots a switch handles at a time; 0 or less: discard all"),
	P(max_bridges, 8, 1, MAX_I32, NM_PARAM_UNUSED, "switches"),
	P(default_pipes, 0, 0, MAX_I32, NM_PARAM_UNUSED, "pipes of a port"),
	P(if_size, 1024, 56, 4096, 0, "bytes of a netmap_if, common region"),
	P(if_num, 100, 10, 10000, 0, "netmap_ifs of the common region"),
	P(ring_size, 36864, 256, 131072, 0, "bytes of a ring, common region"),
	P(ring_num, 200, 2, 1024, 0, "rings of the common region"),
	P(buf_size, 2112, 64, 65536, 0, "bytes of a buffer, common region"),
	P(buf_num, 163840, 4, 1000000, 0, "buffers of the common region"),
	P(if_curr_size, 0, 0, MAX_I32, NM_PARAM_RDONLY, "if_size in use"),
	P(if_curr_num, 0, 0, MAX_I32, NM_PARAM_RDONLY, "if_num in use"),
	P(ring_curr_size, 0, 0, MAX_I32, NM_PARAM_RDONLY, "ring_size in use"),
	P(ring_curr_num, 0, 0, MAX_I32, NM_PARAM_RDONLY, "ring_num in use"),
	P(buf_curr_size, 0, 0, MAX_I32, NM_PARAM_RDONLY, "buf_size in use"),
	P(buf_curr_num, 0, 0, MAX_I32, NM_PARAM_RDONLY, "buf_num in use"),
	P(priv_if_size, 1024, 56, 4096, 0, "least if_size, private regions"),
	P(priv_if_num, 2, 1, 100, 0, "least if_num, private regions"),
	P(priv_ring_size, 20480, 256, 131072, 0, "least ring_size, private regions"),
	P(priv_ring_num, 4, 2, 1024, 0, "least ring_num, private regions"),
	P(priv_buf_size, 2112, 64, 65536, 0, "least buf_size, private regions"),
	P(priv_buf_num, 4098, 4, 1000000, 0, "least buf_num, private regions"),
	P(sink_delay_ns, 100, MIN_I32, MAX_I32, NM_PARAM_UNUSED,
	  "ns per packet of the test device"),
	P(sink_num, 1, 0, 100, NM_PARAM_UNUSED, "test devices"),
	P(fdb_stations, 65536, 1024, 16777216, NM_PARAM_OURS,
	  "stations a new switch can remember"),
	P(fdb_age_s, 300, 0, MAX_I32, NM_PARAM_OURS,
	  "seconds until a silent station is forgotten; 0: never"),
	P(region_size, 2048 * MIB, 16 * MIB, 2048 * MIB, NM_PARAM_OURS,
	  "bytes of address space a new region reserves"),
};

#undef P

#define N_PARAMS	((uint32_t)(sizeof(table) / sizeof(table[0])))

static int64_t *value_of(struct nm_params *p, const struct nm_param *d)
{
	return (int64_t *)((char *)p + d->ofs);
}

static const struct nm_param *find(const char *name)
{
	uint32_t i;

	for (i = 0; i < N_PARAMS; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

void nm_params_defaults(struct nm_params *p)
{
	uint32_t i;

	for (i = 0; i < N_PARAMS; i++)
		*value_of(p, &table[i]) = table[i].def;
}

int nm_param_set(struct nm_params *p, const char *name, int64_t value)
{
	const struct nm_param *d = find(name);

	if (!d)
		return -ENOENT;
	if (d->flags & NM_PARAM_RDONLY)
		return -EPERM;
	if (value < d->min || value > d->max) {
		if (!(d->flags & NM_PARAM_RESET))
			return -ERANGE;
		value = d->def;
	}
	__atomic_store_n(value_of(p, d), value, __ATOMIC_RELAXED);
	return 0;
}

int nm_param_get(const struct nm_params *p, const char *name, int64_t *value)
{
	const struct nm_param *d = find(name);

	if (!d)
		return -ENOENT;
	*value = __atomic_load_n((const int64_t *)((const char *)p + d->ofs),
				 __ATOMIC_RELAXED);
	return 0;
}

const struct nm_param *nm_param_table(uint32_t *n)
{
	*n = N_PARAMS;
	return table;
}
