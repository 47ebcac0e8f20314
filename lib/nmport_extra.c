/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmport_extra: using a mapped port: packets, extra buffers, syncs, questions.
 *
 * The memory is shared with the engine and perhaps with other programs, so
 * what is read from it is loaded once, and a buffer is touched only when it
 * lies inside the region.
 *
 * Extra buffers are a list through the memory itself: ni_bufs_head is the
 * number of the first buffer, and the first word of each is the number of the
 * next; 0 ends it.  The engine takes back what is on the list when the port is
 * closed.  Taking and giving keep the list in place, so what was not taken, or
 * was given back, needs no further care.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "lib/nmio.h"
#include "lib/nmlib.h"

static unsigned int nm_interval(const struct nmport_d *d, uint16_t first,
				uint16_t last)
{
	return d->nifp && first <= last ? last - first + 1U : 0;
}

/**
 * nmport_tx_rings - how many tx rings are bound, from first_tx_ring on
 * @d: 0 when it is not mapped
 */
unsigned int nmport_tx_rings(const struct nmport_d *d)
{
	return nm_interval(d, d->first_tx_ring, d->last_tx_ring);
}

/**
 * nmport_rx_rings - how many rx rings are bound, from first_rx_ring on
 * @d: 0 when it is not mapped
 */
unsigned int nmport_rx_rings(const struct nmport_d *d)
{
	return nm_interval(d, d->first_rx_ring, d->last_rx_ring);
}

/*
 * @len bytes of buffer @idx of @ring, @ofs bytes into it; NULL when that is
 * not inside the region.
 */
static char *nm_buf_at(const struct nmport_d *d, struct netmap_ring *ring,
		       uint32_t idx, uint64_t ofs, uint64_t len)
{
	char *buf = NETMAP_BUF(ring, idx) + ofs;
	uint64_t at;

	if (!d->mem)	/* rings that the program has made itself */
		return buf;
	at = buf - (char *)d->mem->mem;
	if (at > d->mem->size || len > d->mem->size - at)
		return NULL;
	return buf;
}

/* Where the payload of a slot starts, and how much fits. */
static char *nm_slot_room(const struct nmport_d *d, struct netmap_ring *ring,
			  const struct netmap_slot *slot, uint32_t *room)
{
	uint64_t ofs = slot->ptr & ring->offset_mask;
	uint32_t size = ring->nr_buf_size;

	if (size > UINT16_MAX)	/* the length of a slot has 16 bits */
		size = UINT16_MAX;
	if (ofs >= size)
		return NULL;
	*room = size - ofs;
	return nm_buf_at(d, ring, slot->buf_idx, ofs, *room);
}

/*
 * Put a packet into one ring, from cur on.  Return 0, or an errno: EAGAIN when
 * it may fit later, EMSGSIZE when it never will, EFAULT for a bad slot.
 */
static int nm_ring_inject(const struct nmport_d *d, struct netmap_ring *ring,
			  const char *buf, size_t size)
{
	uint32_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
	uint32_t n = ring->num_slots, cur = ring->cur, i, room = 0, slots = 0;
	struct netmap_slot *slot = NULL;
	size_t left = size, chunk;
	char *to;

	if (cur >= n || tail >= n || !ring->nr_buf_size)
		return EFAULT;
	/* first see whether all of it fits, so that nothing half is left */
	for (i = cur; left > 0; i = i + 1 == n ? 0 : i + 1) {
		if (++slots >= n)
			return EMSGSIZE;
		if (i == tail)
			break;
		if (!nm_slot_room(d, ring, &ring->slot[i], &room))
			return EFAULT;
		left -= left < room ? left : room;
	}
	if (left > 0) {		/* would the rest fit an empty ring? */
		if (!room)
			room = ring->nr_buf_size;
		return (left - 1) / room + slots >= n ? EMSGSIZE : EAGAIN;
	}

	for (i = cur, left = size; left > 0; i = i + 1 == n ? 0 : i + 1) {
		slot = &ring->slot[i];
		to = nm_slot_room(d, ring, slot, &room);
		if (!to)
			return EFAULT;
		chunk = left < room ? left : room;
		memcpy(to, buf, chunk);
		slot->len = chunk;
		slot->flags = NS_MOREFRAG;
		buf += chunk;
		left -= chunk;
	}
	slot->flags = 0;
	ring->head = ring->cur = i;
	return 0;
}

/**
 * nmport_inject - copy one packet into the first tx ring that has room
 * @d: mapped
 * @buf: the packet
 * @size: bytes, 1..INT_MAX; more than a buffer holds takes several slots
 *
 * Starts at cur_tx_ring and looks at every ring once.  Nothing is sent until
 * the next sync.  This call is meant for the fast path: a failure sets errno
 * and reports no sentence.
 *
 * Return: @size; 0 with errno EAGAIN (no room now), EMSGSIZE (more slots than
 *	   any ring has) or EINVAL (no packet, no tx ring, or a ring whose
 *	   contents are damaged).
 */
int nmport_inject(struct nmport_d *d, const void *buf, size_t size)
{
	unsigned int n = nmport_tx_rings(d), i;
	uint16_t ri = d->cur_tx_ring;
	int err, why = EINVAL;

	if (!n || !buf || !size) {
		errno = EINVAL;
		return 0;
	}
	if (size > INT_MAX) {
		errno = EMSGSIZE;
		return 0;
	}
	for (i = 0; i < n; i++, ri++) {
		if (ri < d->first_tx_ring || ri > d->last_tx_ring)
			ri = d->first_tx_ring;
		err = nm_ring_inject(d, NETMAP_TXRING(d->nifp, ri), buf, size);
		if (!err) {
			d->cur_tx_ring = ri;
			return size;
		}
		/* the most hopeful answer counts */
		if (err == EAGAIN || (err == EMSGSIZE && why == EINVAL))
			why = err;
	}
	errno = why;
	return 0;
}

/* Any bound ring: all rings of a region lead to the same buffers. */
static struct netmap_ring *nm_any_ring(const struct nmport_d *d)
{
	if (nmport_tx_rings(d))
		return NETMAP_TXRING(d->nifp, d->first_tx_ring);
	if (nmport_rx_rings(d))
		return NETMAP_RXRING(d->nifp, d->first_rx_ring);
	return NULL;
}

/**
 * nmport_extra_take - take one buffer off the list of extra ones
 * @d: mapped, with at least one ring
 *
 * Return: its number; 0 when none is left, or with errno EINVAL when the list
 *	   cannot be followed.
 */
uint32_t nmport_extra_take(struct nmport_d *d)
{
	struct netmap_ring *ring = nm_any_ring(d);
	uint32_t idx;
	char *buf;

	if (!ring) {
		errno = EINVAL;
		return 0;
	}
	idx = d->nifp->ni_bufs_head;
	if (idx < 2)
		return 0;
	buf = nm_buf_at(d, ring, idx, 0, sizeof(idx));
	if (!buf) {
		errno = EINVAL;
		return 0;
	}
	memcpy(&d->nifp->ni_bufs_head, buf, sizeof(idx));
	return idx;
}

/**
 * nmport_extra_give - put a buffer on the list of extra ones
 * @d: mapped, with at least one ring
 * @idx: not in any slot and not on the list; ignored when it is 0, 1 or
 *	outside the region
 */
void nmport_extra_give(struct nmport_d *d, uint32_t idx)
{
	struct netmap_ring *ring = nm_any_ring(d);
	char *buf;

	if (!ring || idx < 2)
		return;
	buf = nm_buf_at(d, ring, idx, 0, sizeof(idx));
	if (!buf)
		return;
	memcpy(buf, &d->nifp->ni_bufs_head, sizeof(idx));
	d->nifp->ni_bufs_head = idx;
}

/**
 * nmport_poll - poll(2) over ports of either home and other descriptors
 * @fds: as poll(2)
 * @nfds: as poll(2)
 * @timeout: milliseconds, -1 for no limit
 *
 * Return: as poll(2).
 */
int nmport_poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	return nmio_poll(fds, nfds, timeout);
}

static int nm_sync(struct nmport_d *d, unsigned long request, const char *what)
{
	int err;

	if (nmio_ioctl(d->fd, request, NULL) == 0)
		return 0;
	err = errno;
	return nm_fail(d->ctx, err, "%s: cannot sync its %s rings: %s",
		d->hdr.nr_name, what,
		*nmio_error() ? nmio_error() : strerror(err));
}

/**
 * nmport_sync_tx - send what is queued on the tx rings, reclaim what was sent
 * @d: registered
 *
 * Return: 0; -1 with errno.
 */
int nmport_sync_tx(struct nmport_d *d)
{
	return nm_sync(d, NIOCTXSYNC, "tx");
}

/**
 * nmport_sync_rx - give back what was read from the rx rings, get what came
 * @d: registered
 *
 * Return: 0; -1 with errno.
 */
int nmport_sync_rx(struct nmport_d *d)
{
	return nm_sync(d, NIOCRXSYNC, "rx");
}

/* A question about the port of @d that only our own engine can answer. */
static int nm_ask(struct nmport_d *d, uint16_t type, void *body,
		  const char *what)
{
	struct nmreq_header hdr;
	struct nm_answer a;

	if (!d->register_done)
		return nm_fail(d->ctx, EINVAL, "%s: cannot %s before it is "
			"registered", d->hdr.nr_name, what);
	nmreq_header_init(&hdr, type, body);
	memcpy(hdr.nr_name, d->hdr.nr_name, sizeof(hdr.nr_name));
	if (nm_request(d->fd, &hdr, &a) == 0)
		return 0;
	if (errno == EINVAL && !a.extended)
		return nm_fail(d->ctx, EOPNOTSUPP, "%s: cannot %s: this engine "
			"does not have the request", d->hdr.nr_name, what);
	return nm_request_fail(d->ctx, &hdr, &a, what);
}

/**
 * nmport_counters - what has gone through a ring, and what was lost
 * @d: registered
 * @dir: 0 rx, 1 tx
 * @ring: number in that direction, hardware rings first
 * @c: the answer
 *
 * Return: 0; -1 with errno EINVAL (no such ring) or EOPNOTSUPP (the engine
 *	   does not count).
 */
int nmport_counters(struct nmport_d *d, int dir, int ring,
		    struct nmreq_counters *c)
{
	memset(c, 0, sizeof(*c));
	if (dir < 0 || dir > 1 || ring < 0 || ring > UINT16_MAX)
		return nm_fail(d->ctx, EINVAL, "%s: there is no ring %d in "
			"direction %d", d->hdr.nr_name, ring, dir);
	c->nr_dir = dir;
	c->nr_ringid = ring;
	return nm_ask(d, NETMAP_REQ_COUNTERS_GET, c, "read its counters");
}

/**
 * nmport_status - what the port is and who holds it
 * @d: registered
 * @st: the answer
 *
 * Return: 0; -1 with errno EOPNOTSUPP when the engine cannot tell.
 */
int nmport_status(struct nmport_d *d, struct nmreq_port_status *st)
{
	memset(st, 0, sizeof(*st));
	return nm_ask(d, NETMAP_REQ_PORT_STATUS_GET, st, "read its status");
}

/**
 * nmport_home - where the engine of the port runs
 * @d: registered
 *
 * Return: "kernel" or "user"; NULL with errno EINVAL when not registered.
 */
const char *nmport_home(struct nmport_d *d)
{
	if (!d->register_done) {
		nm_fail(d->ctx, EINVAL, "%s: has no home before it is registered",
			d->hdr.nr_name);
		return NULL;
	}
	return nmio_home_of(d->fd) == NMIO_HOME_USER ? "user" : "kernel";
}

/**
 * nmport_version - LIBNETMAP_VERSION at the time the library was built
 */
int nmport_version(void)
{
	return LIBNETMAP_VERSION;
}

/**
 * nmport_last_error - the last sentence reported in this thread
 *
 * Return: valid until the next failure in the thread; empty when there was
 *	   none.
 */
const char *nmport_last_error(void)
{
	return nm_last_error();
}
