/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * /sys/module/netmap/parameters: the engine's parameters as module parameters.
 *
 * The module loader wants their names at compile time; everything else, ranges
 * included, is in the engine's table (engine/param.c).  What is given when the
 * module is loaded comes before there is an engine, and is kept here until
 * then.
 */
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "engine/param.h"
#include "os/linux/dev.h"

/* Both under kernel_param_lock(), but for the time before the module's init. */
static struct nm_params nm_early;
static struct nm_params *nm_current;
static bool nm_early_ready;

static struct nm_params *param_home(void)
{
	if (nm_current)
		return nm_current;
	if (!nm_early_ready)
		nm_params_defaults(&nm_early);
	nm_early_ready = true;
	return &nm_early;
}

static int param_set(const char *val, const struct kernel_param *kp)
{
	int64_t v;
	int error;

	error = kstrtos64(val, 0, &v);
	if (error)
		return error;
	if (!nm_current)
		return nm_param_set(param_home(), kp->arg, v);
	nm_engine_lock(nm_dev_engine);
	error = nm_param_set(param_home(), kp->arg, v);
	nm_engine_unlock(nm_dev_engine);
	return error;
}

static int param_get(char *buffer, const struct kernel_param *kp)
{
	int64_t v;
	int error = nm_param_get(param_home(), kp->arg, &v);

	return error ? error : sysfs_emit(buffer, "%lld\n", v);
}

static const struct kernel_param_ops nm_param_ops = {
	.set = param_set,
	.get = param_get,
};

#define NM_PARAM_LIST(P, R)						\
	P(verbose) P(debug) P(no_timestamp) P(no_pendintr) P(txsync_retry) \
	P(fwd) P(admode) P(generic_hwcsum) P(generic_mit)		\
	P(generic_ringsize) P(generic_rings) P(generic_txqdisc)		\
	P(ptnet_vnet_hdr) P(bridge_batch) P(max_bridges) P(default_pipes) \
	P(if_size) P(if_num) P(ring_size) P(ring_num) P(buf_size) P(buf_num) \
	R(if_curr_size) R(if_curr_num) R(ring_curr_size) R(ring_curr_num) \
	R(buf_curr_size) R(buf_curr_num)				\
	P(priv_if_size) P(priv_if_num) P(priv_ring_size) P(priv_ring_num) \
	P(priv_buf_size) P(priv_buf_num) P(sink_delay_ns) P(sink_num)	\
	P(fdb_stations) P(fdb_age_s) P(region_size)

#define NM_PARAM_RW(name)						\
	module_param_cb(name, &nm_param_ops, (void *)#name, 0644);	\
	__MODULE_PARM_TYPE(name, "int");
#define NM_PARAM_RO(name)						\
	module_param_cb(name, &nm_param_ops, (void *)#name, 0444);	\
	__MODULE_PARM_TYPE(name, "read-only");
NM_PARAM_LIST(NM_PARAM_RW, NM_PARAM_RO)

#define NM_PARAM_NAME(name)	#name,
static const char *const nm_names[] = {
	NM_PARAM_LIST(NM_PARAM_NAME, NM_PARAM_NAME)
};

static int check_names(const struct nm_params *p)
{
	uint32_t i, n;
	int64_t v;

	nm_param_table(&n);
	if (n != ARRAY_SIZE(nm_names))
		return -EINVAL;
	for (i = 0; i < n; i++)
		if (nm_param_get(p, nm_names[i], &v))
			return -EINVAL;
	return 0;
}

int nm_param_attach(struct nm_params *p)
{
	int error = 0;

	kernel_param_lock(THIS_MODULE);
	if (p) {
		*p = *param_home();
		error = check_names(p);
	} else if (nm_current) {
		nm_early = *nm_current;
	}
	nm_current = p;
	kernel_param_unlock(THIS_MODULE);
	return error;
}
