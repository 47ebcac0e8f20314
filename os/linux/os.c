/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The door, kernel side: private memory, locks, clocks, log lines.
 *
 * Memory is accounted to the control group of whoever asks for it.  The large
 * things, tables and regions, are in os_table.c and os_mem.c.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

#include "engine/os.h"
#include "os/linux/os_fail.h"

#ifdef NM_HAVE_FAIL_AFTER
int nm_os_fail_after = -1;
#endif

void *nm_os_alloc(size_t len)
{
	/* kvzalloc() would print a stack for a length beyond INT_MAX. */
	if (len > INT_MAX || nm_os_fail_now())
		return NULL;
	return kvzalloc(len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

void nm_os_free(void *p)
{
	kvfree(p);
}

/*
 * A lock class per mutex: the engine nests mutexes of several nouns that are
 * all initialised here, and with one class lockdep would call that recursion.
 */
void nm_os_mutex_init(struct nm_os_mutex *m)
{
	lockdep_register_key(&m->key);
	__mutex_init(&m->lock, "nm_os_mutex", &m->key);
}

void nm_os_mutex_fini(struct nm_os_mutex *m)
{
	mutex_destroy(&m->lock);
	lockdep_unregister_key(&m->key);
}

void nm_os_mutex_lock(struct nm_os_mutex *m)
{
	mutex_lock(&m->lock);
}

void nm_os_mutex_unlock(struct nm_os_mutex *m)
{
	mutex_unlock(&m->lock);
}

void nm_os_assert_held(struct nm_os_mutex *m)
{
	WARN_ON_ONCE(!mutex_is_locked(&m->lock));
	lockdep_assert_held(&m->lock);
}

uint64_t nm_os_now_ns(void)
{
	return ktime_get_ns();
}

uint32_t nm_os_now_s(void)
{
	return ktime_get_seconds();
}

void nm_os_walltime(struct timeval *tv)
{
	struct timespec64 ts;

	ktime_get_real_ts64(&ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / NSEC_PER_USEC;
}

uint32_t nm_os_random32(void)
{
	return get_random_u32();
}

void nm_os_usleep(uint32_t us)
{
	if (us == 0)
		cond_resched();
	else
		usleep_range(us, us + us / 4 + 1);
}

void nm_os_log(enum nm_log_level level, const char *fmt, ...)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 100);
	struct va_format line;
	va_list args;

	if (level != NM_LOG_DEBUG && !__ratelimit(&limit))
		return;
	va_start(args, fmt);
	line.fmt = fmt;
	line.va = &args;
	switch (level) {
	case NM_LOG_ERR:
		printk(KERN_ERR "netmap: %pV\n", &line);
		break;
	case NM_LOG_WARN:
		printk(KERN_WARNING "netmap: %pV\n", &line);
		break;
	case NM_LOG_INFO:
		printk(KERN_INFO "netmap: %pV\n", &line);
		break;
	case NM_LOG_DEBUG:
		pr_debug("netmap: %pV\n", &line);
		break;
	}
	va_end(args);
}

int nm_os_if_exists(const char *name, const void *ns)
{
	struct net *net = ns ? (struct net *)ns : &init_net;
	int found;

	rcu_read_lock();
	found = dev_get_by_name_rcu(net, name) != NULL;
	rcu_read_unlock();
	return found;
}
