/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * /dev/netmap: open, release, requests.
 *
 *   open --> unbound --REGISTER answered--> bound --last fd and mapping--> gone
 *
 * A REGISTER whose answer cannot be written is undone: the program does not
 * know what it was given.  Until the answer is written, mmap, sync and poll
 * find the descriptor unbound, so nothing can hold on to what is undone.
 */
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/nsproxy.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "engine/os.h"
#include "os/linux/dev.h"

#define NM_TICK_MS	10	/* between looks at what is being buried */

static void dev_tick(struct work_struct *work);
static DECLARE_DELAYED_WORK(nm_tick_work, dev_tick);

void nm_dev_tick(void)
{
	if (nm_engine_tick(nm_dev_engine))
		schedule_delayed_work(&nm_tick_work,
				      msecs_to_jiffies(NM_TICK_MS));
}

static void dev_tick(struct work_struct *work)
{
	nm_dev_tick();
}

void nm_dev_tick_stop(void)
{
	cancel_delayed_work_sync(&nm_tick_work);
}

/* --- open and release ------------------------------------------------------ */

/* The engine's half of a descriptor, made anew when it had to be closed. */
static int dev_engine_file(struct nm_kfile *kf)
{
	const struct nm_cred cred = {
		.uid = from_kuid(&init_user_ns, current_euid()),
		.pid = task_tgid_nr(current),
		.ns = kf->net,
		.ns_id = kf->net->net_cookie,
		.direct = 1,
		.why = "the kernel runs the data plane",
	};

	return kf->f ? 0 : nm_file_open(nm_dev_engine, &cred, &kf->f);
}

static void dev_engine_close(struct nm_kfile *kf)
{
	if (!kf->f)
		return;
	nm_file_close(kf->f);
	kf->f = NULL;
	nm_dev_tick();
}

static void dev_free(struct rcu_head *head)
{
	struct nm_kfile *kf = container_of(head, struct nm_kfile, rcu);

	kvfree(kf->waiters);
	kfree(kf);
}

static int dev_open(struct inode *inode, struct file *file)
{
	struct nm_kfile *kf = kzalloc(sizeof(*kf), GFP_KERNEL_ACCOUNT);
	int error;

	if (!kf)
		return -ENOMEM;
	mutex_init(&kf->ctl);
	init_waitqueue_head(&kf->wq);
	kf->net = get_net(current->nsproxy->net_ns);
	error = dev_engine_file(kf);
	if (error) {
		put_net(kf->net);
		kfree(kf);
		return error;
	}
	file->private_data = kf;
	nm_map_open(file);
	return 0;
}

static int dev_release(struct inode *inode, struct file *file)
{
	struct nm_kfile *kf = file->private_data;

	nm_wait_del(kf);
	dev_engine_close(kf);
	if (kf->mm)
		mmdrop(kf->mm);
	put_net(kf->net);
	mutex_destroy(&kf->ctl);
	call_rcu(&kf->rcu, dev_free);	/* a sender may be waking it */
	return 0;
}

/* --- binding ----------------------------------------------------------------- */

/*
 * Did the request just made bind the descriptor?  Then prepare for syncs.
 * Return: 1 it did; 0 it did not; -ENOMEM it did, and must be undone.
 */
static int dev_bound(struct nm_kfile *kf)
{
	if (kf->is_bound || nm_file_bound(kf->f, &kf->b))
		return 0;
	return nm_wait_add(kf) ? -ENOMEM : 1;
}

/* From here on everybody may see that the descriptor is bound. */
static void dev_publish(struct nm_kfile *kf)
{
	kf->mm = current->mm;
	if (kf->mm)
		mmgrab(kf->mm);
	smp_store_release(&kf->is_bound, 1);
	/* epoll may wait for a descriptor that was not bound yet */
	wake_up_poll(&kf->wq, EPOLLIN | EPOLLOUT | EPOLLERR);
}

static void dev_unbind(struct nm_kfile *kf)
{
	struct nm_waiter *w = kf->waiters;

	nm_wait_del(kf);
	dev_engine_close(kf);
	synchronize_rcu();
	kf->waiters = NULL;
	kvfree(w);
	memset(&kf->b, 0, sizeof(kf->b));
	dev_engine_file(kf);	/* failing: tried again by the next request */
}

/*
 * @error: the request's result, -EFAULT when the answer could not be written
 * @bound: what dev_bound() said
 */
static int dev_finish(struct nm_kfile *kf, int bound, int error)
{
	if (bound < 0) {
		dev_unbind(kf);
		return bound;
	}
	if (bound && error)
		dev_unbind(kf);
	else if (bound)
		dev_publish(kf);
	nm_dev_tick();
	return error;
}

/* --- requests ---------------------------------------------------------------- */

static int dev_in(void *ctx, void *dst, uint64_t uaddr, uint32_t len)
{
	if (!copy_from_user(dst, u64_to_user_ptr(uaddr), len))
		return 0;
	memset(dst, 0, len);
	return -EFAULT;
}

static int dev_out(void *ctx, uint64_t uaddr, const void *src, uint32_t len)
{
	return copy_to_user(u64_to_user_ptr(uaddr), src, len) ? -EFAULT : 0;
}

static int dev_ctrl(struct nm_kfile *kf, unsigned long arg)
{
	static const struct nm_uaccess ua = { .in = dev_in, .out = dev_out };
	struct nm_reqbuf *rb = kvmalloc(sizeof(*rb), GFP_KERNEL_ACCOUNT);
	int error, bound = 0;

	if (!rb)
		return -ENOMEM;
	error = nm_reqbuf_gather(rb, &ua, arg);
	if (error && !rb->hdr.nr_version)
		goto out;	/* not even the header could be read */
	if (!error) {
		nm_file_ctrl(kf->f, rb);
		bound = dev_bound(kf);
	}
	if (bound < 0)
		rb->error = bound;
	error = nm_reqbuf_scatter(rb, &ua, arg);
	error = dev_finish(kf, bound, error);
out:
	kvfree(rb);
	return error;
}

static int dev_legacy(struct nm_kfile *kf, bool getinfo, void __user *arg)
{
	struct nmreq nmr;
	int error, bound;

	if (copy_from_user(&nmr, arg, sizeof(nmr)))
		return -EFAULT;
	error = nm_file_legacy(kf->f, getinfo, &nmr);
	bound = dev_bound(kf);
	if (!error && bound >= 0 && copy_to_user(arg, &nmr, sizeof(nmr)))
		error = -EFAULT;
	return dev_finish(kf, bound, error);
}

static int dev_config(struct nm_kfile *kf, void __user *arg)
{
	struct nm_ifreq ifr;
	int error;

	if (copy_from_user(&ifr, arg, sizeof(ifr)))
		return -EFAULT;
	error = nm_file_config(kf->f, &ifr);
	if (copy_to_user(arg, &ifr, sizeof(ifr)))
		error = error ? error : -EFAULT;
	return error;
}

static int dev_request(struct nm_kfile *kf, unsigned int cmd, unsigned long arg)
{
	int error;

	if (!arg)
		return -EINVAL;
	if (mutex_lock_killable(&kf->ctl))
		return -EINTR;
	error = dev_engine_file(kf);
	if (error)
		goto out;
	switch (cmd) {
	case NIOCCTRL:
		error = dev_ctrl(kf, arg);
		break;
	case NIOCCONFIG:
		error = dev_config(kf, (void __user *)arg);
		break;
	default:
		error = dev_legacy(kf, cmd == NIOCGINFO, (void __user *)arg);
		break;
	}
out:
	mutex_unlock(&kf->ctl);
	return error;
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct nm_kfile *kf = file->private_data;

	switch (cmd) {
	case NIOCTXSYNC:
		return nm_dev_sync(kf, true);
	case NIOCRXSYNC:
		return nm_dev_sync(kf, false);
	case NIOCCTRL:
	case NIOCCONFIG:
	case NIOCREGIF:
	case NIOCGINFO:
		return dev_request(kf, cmd, arg);
	default:
		return -EOPNOTSUPP;
	}
}

#ifdef CONFIG_COMPAT
static long dev_compat_ioctl(struct file *file, unsigned int cmd,
			     unsigned long arg)
{
	nm_os_log(NM_LOG_WARN,
		  "program %s (process %d) is a 32-bit one, whose requests and rings are laid out differently: build it for 64 bits",
		  current->comm, task_tgid_nr(current));
	return -EOPNOTSUPP;
}
#endif

const struct file_operations nm_dev_fops = {
	.owner		= THIS_MODULE,
	.open		= dev_open,
	.release	= dev_release,
	.unlocked_ioctl	= dev_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= dev_compat_ioctl,
#endif
	.mmap		= nm_dev_mmap,
	.poll		= nm_dev_poll,
};
