/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A socket on a queue.
 *
 * It has memory of its own, frames of CHUNK bytes: the first half of them is
 * for what comes, and is always either in the fill ring, on its way, or in our
 * hands inside nm_xsk_recv(); the second half for what goes, a stack of free
 * ones.  All indices run freely; each ring has one producer and one consumer,
 * so a load with acquire and a store with release are all it takes.
 */
#include <errno.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "engine/os.h"
#include "engine/name.h"
#include "os/user/xdp.h"

#define HEADROOM	256u	/* that the kernel wants before each frame */
#define BIND_TRIES	40	/* the queue of a socket just closed is busy, */
#define BIND_PAUSE_US	25000	/* for up to a second */
#define PUSHES		64	/* a call sends 32 frames at a time */

struct xring {
	uint32_t *prod, *cons, *flags;
	void *desc;
	uint32_t mask;
	void *map;
	size_t len;
};

struct nm_xsk {
	int fd;
	uint32_t chunk;
	uint32_t frames;	/* per direction */
	uint32_t zerocopy;
	uint8_t *mem;
	struct xring rx, tx, fill, comp;
	uint64_t *free;		/* addresses, n_free of them */
	uint32_t n_free;
};

static uint32_t load_acq(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void store_rel(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

/* --- opening ------------------------------------------------------------------ */

static int ring_map(struct nm_xsk *x, struct xring *r, int opt, uint64_t pgoff,
		    const struct xdp_ring_offset *o, size_t entry)
{
	char *p;

	if (setsockopt(x->fd, SOL_XDP, opt, &x->frames, sizeof(x->frames)))
		return -errno;
	r->len = o->desc + x->frames * entry;
	p = mmap(NULL, r->len, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_POPULATE, x->fd, (off_t)pgoff);
	if (p == MAP_FAILED)
		return -errno;
	r->map = p;
	r->prod = (uint32_t *)(void *)(p + o->producer);
	r->cons = (uint32_t *)(void *)(p + o->consumer);
	r->flags = (uint32_t *)(void *)(p + o->flags);
	r->desc = p + o->desc;
	r->mask = x->frames - 1;
	return 0;
}

static void ring_unmap(struct xring *r)
{
	if (r->map)
		munmap(r->map, r->len);
}

static int rings_map(struct nm_xsk *x)
{
	struct xdp_mmap_offsets o;
	socklen_t len = sizeof(o);
	int r;

	if (getsockopt(x->fd, SOL_XDP, XDP_MMAP_OFFSETS, &o, &len))
		return -errno;
	r = ring_map(x, &x->fill, XDP_UMEM_FILL_RING,
		     XDP_UMEM_PGOFF_FILL_RING, &o.fr, sizeof(uint64_t));
	if (!r)
		r = ring_map(x, &x->comp, XDP_UMEM_COMPLETION_RING,
			     XDP_UMEM_PGOFF_COMPLETION_RING, &o.cr,
			     sizeof(uint64_t));
	if (!r)
		r = ring_map(x, &x->rx, XDP_RX_RING, XDP_PGOFF_RX_RING, &o.rx,
			     sizeof(struct xdp_desc));
	if (!r)
		r = ring_map(x, &x->tx, XDP_TX_RING, XDP_PGOFF_TX_RING, &o.tx,
			     sizeof(struct xdp_desc));
	return r;
}

static int umem(struct nm_xsk *x)
{
	size_t len = 2ul * x->frames * x->chunk;
	struct xdp_umem_reg reg = { .len = len, .chunk_size = x->chunk };
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	x->mem = p;
	reg.addr = (uintptr_t)p;
	return setsockopt(x->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) ?
		-errno : 0;
}

static int try_bind(struct nm_xsk *x, int ifindex, uint32_t queue,
		    uint16_t mode)
{
	struct sockaddr_xdp sa = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_USE_NEED_WAKEUP | mode,
		.sxdp_ifindex = (uint32_t)ifindex,
		.sxdp_queue_id = queue,
	};
	int i;

	for (i = 0; i < BIND_TRIES; i++) {
		if (!bind(x->fd, (struct sockaddr *)&sa, sizeof(sa)))
			return 0;
		if (errno != EBUSY)
			break;
		nm_os_usleep(BIND_PAUSE_US);
	}
	return -errno;
}

static int bind_queue(struct nm_xsk *x, int ifindex, uint32_t queue)
{
	int r = try_bind(x, ifindex, queue, XDP_ZEROCOPY);

	x->zerocopy = !r;
	return r == 0 || r == -EBUSY ? r :
		try_bind(x, ifindex, queue, XDP_COPY);
}

/* All frames of the first half are the kernel's, all of the second free. */
static int give_out(struct nm_xsk *x)
{
	uint64_t *fill = x->fill.desc;
	uint32_t i;

	x->free = malloc(x->frames * sizeof(*x->free));
	if (!x->free)
		return -ENOMEM;
	for (i = 0; i < x->frames; i++) {
		fill[i] = (uint64_t)i * x->chunk;
		x->free[i] = (uint64_t)(x->frames + i) * x->chunk;
	}
	x->n_free = x->frames;
	store_rel(x->fill.prod, x->frames);
	return 0;
}

static int explain(int error, uint32_t queue, char *msg)
{
	const char *what = strerror(-error);

	if (error == -EPERM || error == -EACCES)
		what = "the server may not: run netmapd with CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF, or as root";
	else if (error == -ENOBUFS)
		what = "not enough memory may be locked: raise RLIMIT_MEMLOCK of netmapd (ulimit -l)";
	else if (error == -EBUSY)
		what = "another AF_XDP socket has it: end that program";
	else if (error == -EAFNOSUPPORT)
		what = "this kernel has no AF_XDP (CONFIG_XDP_SOCKETS)";
	snprintf(msg, NM_WHY_LEN, "queue %u cannot be opened: %s", queue, what);
	return error;
}

int nm_xsk_open(struct nm_xsk **out, int ifindex, uint32_t queue,
		uint32_t frames, uint32_t mtu, char *msg)
{
	struct nm_xsk *x = calloc(1, sizeof(*x));
	int r;

	if (!x)
		return explain(-ENOMEM, queue, msg);
	x->frames = frames;
	x->chunk = mtu + 18 <= 2048 - HEADROOM ? 2048 : 4096;
	x->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	r = x->fd < 0 ? -errno : umem(x);
	if (!r)
		r = rings_map(x);
	if (!r)
		r = give_out(x);
	if (!r)
		r = bind_queue(x, ifindex, queue);
	if (!r) {
		*out = x;
		return 0;
	}
	nm_xsk_close(x);
	return explain(r, queue, msg);
}

void nm_xsk_close(struct nm_xsk *x)
{
	if (x->fd >= 0)
		close(x->fd);
	ring_unmap(&x->rx);
	ring_unmap(&x->tx);
	ring_unmap(&x->fill);
	ring_unmap(&x->comp);
	if (x->mem)
		munmap(x->mem, 2ul * x->frames * x->chunk);
	free(x->free);
	free(x);
}

int nm_xsk_fd(const struct nm_xsk *x)
{
	return x->fd;
}

int nm_xsk_is_zerocopy(const struct nm_xsk *x)
{
	return x->zerocopy != 0;
}

/* --- receiving ---------------------------------------------------------------- */

uint32_t nm_xsk_recv(struct nm_xsk *x, uint32_t max,
		     void (*frame)(void *ctx, const void *data, uint32_t len),
		     void *ctx)
{
	const struct xdp_desc *desc = x->rx.desc;
	uint64_t *fill = x->fill.desc;
	uint32_t cons = *x->rx.cons, prod = *x->fill.prod;
	uint32_t n = load_acq(x->rx.prod) - cons, i;

	if (n > max)
		n = max;
	for (i = 0; i < n; i++, cons++, prod++) {
		const struct xdp_desc *d = &desc[cons & x->rx.mask];

		frame(ctx, x->mem + d->addr, d->len);
		fill[prod & x->fill.mask] = d->addr - d->addr % x->chunk;
	}
	if (!n)
		return 0;
	store_rel(x->rx.cons, cons);
	store_rel(x->fill.prod, prod);
	if (load_acq(x->fill.flags) & XDP_RING_NEED_WAKEUP)
		recvfrom(x->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
	return n;
}

/* --- sending ------------------------------------------------------------------ */

static void complete(struct nm_xsk *x)
{
	const uint64_t *comp = x->comp.desc;
	uint32_t cons = *x->comp.cons, prod = load_acq(x->comp.prod);

	if (cons == prod)
		return;
	for (; cons != prod; cons++)
		x->free[x->n_free++] = comp[cons & x->comp.mask];
	store_rel(x->comp.cons, cons);
}

void nm_xsk_push(struct nm_xsk *x)
{
	int i;

	if (!(load_acq(x->tx.flags) & XDP_RING_NEED_WAKEUP))
		return;
	for (i = 0; i < PUSHES; i++)
		if (!sendto(x->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) ||
		    errno != EAGAIN)
			break;
}

uint32_t nm_xsk_in_flight(struct nm_xsk *x)
{
	complete(x);
	return x->frames - x->n_free;
}

static void gather(uint8_t *to, const struct nm_frames *f,
		   const struct nm_out *o)
{
	const struct nm_piece *p = &f->piece[o->first], *end = p + o->n;

	for (; p != end; p++) {
		memcpy(to, p->buf, p->len);
		to += p->len;
	}
}

uint32_t nm_xsk_send(struct nm_xsk *x, const struct nm_frames *f,
		     uint32_t *too_long)
{
	struct xdp_desc *desc = x->tx.desc;
	uint32_t prod = *x->tx.prod, i;

	if (x->n_free < f->n)
		complete(x);
	for (i = 0; i < f->n; i++) {
		const struct nm_out *o = &f->frame[i];
		uint64_t addr;

		if (o->len > x->chunk) {
			++*too_long;
			continue;
		}
		if (!x->n_free)
			break;
		addr = x->free[--x->n_free];
		gather(x->mem + addr, f, o);
		desc[prod++ & x->tx.mask] = (struct xdp_desc){
			.addr = addr, .len = o->len,
		};
	}
	store_rel(x->tx.prod, prod);
	nm_xsk_push(x);
	return i;
}
