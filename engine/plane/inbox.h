/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The inbox of a receive ring: reserve, commit, take, post.
 *
 * Protocol and labels are those of doc/user-mode.md, section 4.
 */
#ifndef NM_PLANE_INBOX_H
#define NM_PLANE_INBOX_H

#include "engine/plane/plane.h"

#define NM_ENTRY_SEQ_MASK	((1ULL << (64 - NM_ENTRY_SEQ_SHIFT)) - 1)

/**
 * nm_entry_word - the word of entry @idx in a state
 * @frags: slots of the packet, 1..NETMAP_MAX_FRAGS, for committed entries
 * @first: 1 for the first slot of a packet
 * @len:   bytes in this slot
 */
static inline uint64_t nm_entry_word(uint64_t idx, uint32_t state,
				     uint32_t first, uint32_t frags,
				     uint32_t len)
{
	return idx << NM_ENTRY_SEQ_SHIFT |	/* drops the high bits */
		(uint64_t)state << NM_ENTRY_STATE_SHIFT |
		(first ? NM_ENTRY_FIRST : 0) |
		frags << NM_ENTRY_FRAGS_SHIFT | len;
}

/* The word of entry @idx while it is posted, reserved or not. */
static inline uint64_t nm_entry_free(uint64_t idx)
{
	return nm_entry_word(idx, NM_ENTRY_FREE, 0, 0, 0);
}

#define NM_ENTRY_STEP	(1ULL << NM_ENTRY_SEQ_SHIFT)	/* to that of idx + 1 */

static inline uint32_t nm_entry_state(uint64_t word)
{
	return word >> NM_ENTRY_STATE_SHIFT & 3;
}

static inline uint64_t nm_entry_seq(uint64_t word)
{
	return word >> NM_ENTRY_SEQ_SHIFT;
}

static inline uint32_t nm_entry_frags(uint64_t word)
{
	return word >> NM_ENTRY_FRAGS_SHIFT & 0x7f;
}

static inline uint32_t nm_entry_len(uint64_t word)
{
	return word & 0xffff;
}

/**
 * nm_inbox_room - entries that can be reserved now
 * @mask: entries - 1, checked
 */
static inline uint32_t nm_inbox_room(const struct nm_pring *r, uint64_t reserved,
				     uint32_t mask)
{
	/* S1: pairs with P3; the buffers of entries before posted */
	uint64_t room = nm_load64_acq(&r->posted) - reserved;

	return room > mask + 1 ? 0 : room;
}

/**
 * nm_entry_commit - S4
 * @free: nm_entry_free() of its index
 *
 * One store, so that the frames of a batch leave without waiting for each
 * other.  A sender that was stopped right before it for so long that the entry
 * was voided leaves a *stale* word, in this life of the entry or a later one:
 * see nm_entry_is_open().
 */
static inline void nm_entry_commit(struct nm_entry *e, uint64_t free,
				   uint32_t first, uint32_t frags, uint32_t len)
{
	nm_store64_rel(&e->word, free + nm_entry_word(0, NM_ENTRY_COMMITTED,
						      first, frags, len));
}

/* The same, by index. */
static inline void nm_inbox_commit(struct nm_entry *e, uint64_t idx,
				   uint32_t first, uint32_t frags, uint32_t len)
{
	nm_entry_commit(e, nm_entry_free(idx), first, frags, len);
}

/**
 * nm_entry_is_open - whether an entry that was posted is neither committed nor
 * void
 * @word: of the entry
 * @free: nm_entry_free() of its index
 *
 * Its word is as it was posted, or stale: of an earlier index, written by a
 * sender that came late.  A later index is of a later life.
 */
static inline int nm_entry_is_open(uint64_t word, uint64_t free)
{
	return (int64_t)(word - free) <= 0;
}

/**
 * nm_entry_close - void an entry, unless it is committed or void already
 * @state: NM_ENTRY_VOID or NM_ENTRY_VOID_KEPT
 * Return: whether this call did it.
 */
static inline int nm_entry_close(struct nm_entry *e, uint64_t idx,
				 uint32_t state)
{
	uint64_t word = nm_load64_acq(&e->word);

	return nm_entry_is_open(word, nm_entry_free(idx)) &&
		nm_cas64(&e->word, word, nm_entry_word(idx, state, 0, 0, 0));
}

/* Give up entries [idx, idx + n) that were reserved and not committed. */
static inline void nm_inbox_void(struct nm_entry *e, uint32_t mask,
				 uint64_t idx, uint32_t n)
{
	for (; n; n--, idx++)
		nm_entry_close(&e[idx & mask], idx, NM_ENTRY_VOID);
}

/**
 * nm_entry_buf - the buffer of an entry that was reserved
 * @free: nm_entry_free() of its index
 *
 * A sender that was stopped for long may come back when its entry was voided,
 * and serves somebody else by now.  The word is looked at after the buffer:
 * if the entry is still open, so was it with that buffer, and from here on the
 * grace period (doc/user-mode.md, section 8) keeps it from other users.
 *
 * Return: index of the buffer; 0 when the entry was voided.
 */
static inline uint32_t nm_entry_buf(const struct nm_entry *e, uint64_t free)
{
	uint32_t buf_idx = nm_load32_acq(&e->buf_idx);

	return nm_entry_is_open(nm_load64(&e->word), free) ? buf_idx : 0;
}

/* The same, by index. */
static inline uint32_t nm_inbox_buf(const struct nm_entry *e, uint64_t idx)
{
	return nm_entry_buf(e, nm_entry_free(idx));
}

/**
 * nm_entry_fill - P1, P2: an entry gets a buffer
 * @free: nm_entry_free() of its index
 *
 * Not visible before posted is published.
 */
static inline void nm_entry_fill(struct nm_entry *e, uint64_t free,
				 uint32_t buf_idx)
{
	/* not before the void of an earlier life; pairs with nm_entry_buf() */
	nm_store32_rel(&e->buf_idx, buf_idx);
	nm_store64(&e->word, free);
}

/* The same, by index. */
static inline void nm_inbox_fill(struct nm_entry *e, uint64_t idx,
				 uint32_t buf_idx)
{
	nm_entry_fill(e, nm_entry_free(idx), buf_idx);
}

/* P3: entries before @posted can be reserved. */
static inline void nm_inbox_publish(struct nm_pring *r, uint64_t posted)
{
	nm_store64(&r->n_posted, posted);
	nm_store64_rel(&r->posted, posted);
}

/* Mask of a ring's inbox, whatever somebody wrote there. */
static inline uint32_t nm_inbox_mask(const struct nm_pring *r)
{
	return nm_load32(&r->inbox_mask) & (NM_INBOX_ENTRIES - 1);
}

/**
 * nm_inbox_pending - whether the next entry was reserved and not committed
 *
 * The owner of the ring calls this; while it stays true the receiver waits
 * for a sender that may be stopped or dead.
 */
static inline int nm_inbox_pending(struct nm_plane *pl, uint32_t ring)
{
	struct nm_pring *r = nm_pring_at(pl, ring);
	struct nm_entry *e = nm_inbox_at(pl, ring);
	uint64_t taken = nm_load64(&r->taken);
	uint64_t word = nm_load64_acq(&e[taken & nm_inbox_mask(r)].word);

	return nm_entry_is_open(word, nm_entry_free(taken)) &&
		nm_load64(&r->reserved) - taken - 1 <= nm_inbox_mask(r);
}

#endif /* NM_PLANE_INBOX_H */
