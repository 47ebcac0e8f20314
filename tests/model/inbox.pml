/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An inbox, two senders, and a receiver that sleeps: doc/user-mode.md,
 * sections 4 and 6.  Labels are those of the code.
 *
 * Sender 0 sends a packet of two slots and one of one slot, sender 1 the other
 * way round; six slots through four entries, so the array is used again.  What
 * finds no room is dropped.  The commit of a first entry is delayed, as is
 * want.
 *
 * Checked: I1 and I2 of layout.h; every committed packet is received once,
 * whole, and in order of reservation; at the end every buffer is in one place,
 * and nobody sleeps on a committed packet.
 *
 * Must fail: NO_F1, NO_F2 (a lost wake-up), FIRST_FIRST (first entry committed
 * first: half a packet is seen).
 */
#include "memory.h"

#define E	4	/* entries, slots and buffers */
#define FREE	0
#define COMMITTED 1
#define FRAME	20	/* indices do not get here */

byte taken, reserved, posted;
byte e_idx[E], e_state[E], e_frags[E], e_buf[E];
bool e_first[E];
byte data[E];			/* frame in a buffer, by buffer */
byte frame_of[FRAME];		/* frame that was sent at an index */
byte slot_buf[E], n_slots;	/* what the user has */
byte next_frame = 1;
byte sent, received;		/* slots */
byte senders_left = 2;
bool wake;

WORD(want);
/* delayed commits of first entries, one a sender: index + 1 */
byte late0, late1;

active proctype memory()
{
end:	do
	:: ARRIVE(want)
	:: atomic { late0 -> e_state[(late0 - 1) % E] = COMMITTED; late0 = 0 }
	:: atomic { late1 -> e_state[(late1 - 1) % E] = COMMITTED; late1 = 0 }
	od
}

inline commit_late(me, i)
{
	if
	:: me == 0 -> late0 = i + 1
	:: else -> late1 = i + 1
	fi
}

inline commit(me, i, isfirst, frags)
{
	atomic {	/* S4 */
		assert(e_idx[(i) % E] == (i) && e_state[(i) % E] == FREE);
		e_first[(i) % E] = isfirst;
		e_frags[(i) % E] = frags;
		if
		:: isfirst -> commit_late(me, i)
		:: else -> e_state[(i) % E] = COMMITTED
		fi
	}
}

inline notify(me)
{
#if !defined(NO_F2)
	if	/* F2 */
	:: me == 0 -> late0 == 0
	:: else -> late1 == 0
	fi;
#endif
	if	/* W3 */
	:: want -> atomic {
		if
		:: want -> want = 0; wake = true
		:: else
		fi }
	:: else
	fi
}

/* S2; dropped when there is no room */
inline reserve(n)
{
	ok = false;
	do
	:: ok -> break
	:: else ->
		r = reserved;
		p = posted;			/* S1 */
		if
		:: p - r < n -> break
		:: else
		fi;
		atomic {
			if
			:: reserved == r ->
				reserved = r + n;
				assert(reserved <= posted);	/* I1 */
				k = 0;
				do
				:: k < n ->
					frame_of[r + k] = next_frame;
					next_frame++;
					k++
				:: else -> break
				od;
				sent = sent + n;
				ok = true
			:: else
			fi;
			k = 0
		}
	od
}

inline copy(i)
{
	atomic {	/* S3 */
		assert(e_idx[(i) % E] == (i));			/* I2 */
		data[e_buf[(i) % E]] = frame_of[i]
	}
}

inline send(me, n)
{
	reserve(n);
	if
	:: !ok -> skip
	:: else ->
		copy(r);
		if
		:: n == 2 -> copy(r + 1)
		:: else
		fi;
#ifdef FIRST_FIRST
		atomic { e_first[r % E] = true; e_frags[r % E] = n;
			 e_state[r % E] = COMMITTED };
#endif
		if
		:: n == 2 -> commit(me, r + 1, false, n)
		:: else
		fi;
#ifndef FIRST_FIRST
		commit(me, r, true, n);
#endif
		notify(me)
	fi
}

proctype sender(byte me; byte n1; byte n2)
{
	byte r, p, k;
	bool ok;

	send(me, n1);
	send(me, n2);
	senders_left--
}

inline committed_at_taken(yes)
{
	yes = (e_idx[taken % E] == taken && e_state[taken % E] == COMMITTED)
}

inline take_one(frags)
{
	atomic {
		assert(data[e_buf[taken % E]] == frame_of[taken]);
		assert(e_idx[taken % E] == taken && e_state[taken % E] == COMMITTED);
		slot_buf[n_slots] = e_buf[taken % E];	/* T2 */
		n_slots++;
		received++;
		taken++;				/* T3 */
		assert(taken <= reserved)
	}
}

proctype receiver()
{
	byte n, room;
	bool yes;

	do
	::	/* a sync: post what the user has given back */
		do
		:: n_slots > 0 -> atomic {		/* P1, P2 */
			n_slots--;
			assert(posted < taken + E);	/* I1 */
			e_buf[posted % E] = slot_buf[n_slots];
			e_idx[posted % E] = posted;
			e_state[posted % E] = FREE;
			posted++ }			/* P3 */
		:: else -> break
		od;
		room = E - 1;
		do
		:: room > 0 ->
			committed_at_taken(yes);	/* T1 */
			if
			:: !yes -> break
			:: else
			fi;
			assert(e_first[taken % E]);
			n = e_frags[taken % E];
			if
			:: n > room -> break
			:: else
			fi;
			room = room - n;
			do
			:: n > 0 -> take_one(n); n--
			:: else -> break
			od
		:: else -> break
		od;
		if
		:: n_slots > 0 -> skip			/* there is work */
		:: else ->
			STORE_LATE(want, 1);		/* W1 */
#if !defined(NO_F1)
			FENCE(want);			/* F1 */
#endif
			committed_at_taken(yes);	/* W2 */
			if
			:: yes -> skip
			:: else ->
end_sleep:			atomic { wake -> wake = false }	/* W4 */
			fi
		fi
	od
}

init {
	byte i, where[E];

	atomic {
		do
		:: i < E -> e_idx[i] = i; e_buf[i] = i; i++
		:: else -> break
		od;
		posted = E;
		run receiver();
		run sender(0, 2, 1);
		run sender(1, 1, 2)
	}
	/* when nothing else can happen */
	timeout -> d_step {
		assert(senders_left == 0);
		assert(!(e_idx[taken % E] == taken && e_state[taken % E] == COMMITTED));
		assert(received == sent && taken == reserved);
		assert(n_slots == 0 && posted == taken + E);
		i = taken;
		do
		:: i < posted -> where[e_buf[i % E]]++; i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < E -> assert(where[i] == 1); i++
		:: else -> break
		od
	}
}
