/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Communication blocks (CSB) and the loop that syncs through them: the part
 * of their rules that holds when a descriptor has no block.
 *
 * A block moves head, cur and tail out of the rings into memory of the
 * program.  This engine does not take one from a program: wherever it would
 * have to, the answer is EOPNOTSUPP, after every check that comes before.  As
 * no descriptor gets a block, no START reaches the point where it would loop
 * or would see a STOP that came earlier; STOP finds no loop and is done.
 */
#include "engine/req.h"
#include "engine/file.h"

#define SLEEP_US_MAX	1000000u
#define CSB_ALIGN	64u

static int csb_check(struct nm_file *f, const struct nm_bound *b,
		     const struct nmreq_opt_csb *csb)
{
	if (!b || !(b->rx_n + b->tx_n))
		return 0;
	if (!(b->nr_flags & NR_EXCLUSIVE))
		return nm_fail(f, EINVAL, "a communication block needs rings "
				   "nobody else has: bind with NR_EXCLUSIVE");
	if (csb->csb_atok % CSB_ALIGN || csb->csb_ktoa % CSB_ALIGN)
		return nm_fail(f, EINVAL, "the arrays of the communication "
				   "block are not aligned to 64 bytes");
	return nm_fail(f, EOPNOTSUPP, "this engine does not take a "
			   "communication block from programs; sync with "
			   "NIOCTXSYNC, NIOCRXSYNC or poll");
}

int nm_csb_option(struct nm_file *f, const struct nm_bound *b,
		  struct nm_reqbuf *rb)
{
	struct nm_reqopt *o = nm_reqbuf_opt(rb, NETMAP_REQ_OPT_CSB);
	int r;

	r = csb_check(f, b, (const struct nmreq_opt_csb *)(rb->data + o->ofs));
	o->status = (uint32_t)-r;
	return r;
}

int nm_req_csb_enable(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nm_bound b;

	if (!nm_reqbuf_opt(rb, NETMAP_REQ_OPT_CSB))
		return nm_fail(f, EINVAL, "CSB_ENABLE needs the option CSB");
	return nm_csb_option(f, nm_file_bound(f, &b) ? NULL : &b, rb);
}

int nm_req_kloop_start(struct nm_file *f, struct nm_reqbuf *rb)
{
	const struct nmreq_sync_kloop_start *req = nm_reqbuf_body(rb);
	struct nm_bound b;

	if (req->sleep_us > SLEEP_US_MAX)
		return nm_fail(f, EINVAL, "sleep_us is %u; at most 1000000",
				   req->sleep_us);
	if (nm_file_bound(f, &b))
		return nm_fail(f, ENXIO, "the descriptor is not bound");
	return nm_fail(f, EINVAL, "the descriptor has no communication "
			   "block, and the loop needs one");
}

int nm_req_kloop_stop(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nm_bound b;

	if (nm_file_bound(f, &b))
		return nm_fail(f, ENXIO, "the descriptor is not bound");
	return 0;
}
