/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pipe: slots go one way, buffers may be exchanged on the way back, both
 * ends sleep: doc/user-mode.md, sections 5 and 6; engine/plane/pipe_sync.c.
 *
 * Three slots, of which two can be full.  The receiver has a spare buffer and
 * may exchange it for that of any slot before it gives the slot back.
 *
 * Checked: frames arrive once and in order; nobody uses a buffer the other end
 * has; nobody sleeps for ever.
 *
 * Must fail: NO_F1, NO_F2, and TWO_WORDS, in which rel and the count of
 * exchanges are separate words: the sender can see the count of a batch before
 * its slots, and then never looks at them.
 */
#include "memory.h"

#define N	3
#define FRAMES	5
#define BUFS	4
#define NEXT(i)	(((i) + 1) % N)
#define DIST(a, b) (((b) + N - (a)) % N)
#define SENDER	0
#define RECEIVER 1

WORD(pub);
WORD(rel);			/* head, and 16 times the count of exchanges */
WORD(want_tx);
WORD(want_rx);
byte changed_word;
byte tx_buf[N], rx_buf[N];
byte data[BUFS], owner[BUFS];
bool wake_tx, wake_rx;
bool sent_all;
byte got;

#define HEAD(r)	((r) % 16)
#define COUNT(r) ((r) / 16)

active proctype memory()
{
end:	do
	:: ARRIVE(pub)
	:: ARRIVE(rel)
	:: ARRIVE(want_tx)
	:: ARRIVE(want_rx)
	od
}

inline notify(want, wake)
{
	atomic {	/* W3 */
		if
		:: want -> want = 0; wake = true
		:: else
		fi
	}
}

proctype sender()
{
	byte hwcur, seen, r, c, seen_changed, frame = 1;
	byte i;

	do
	:: frame > FRAMES -> break
	:: else ->
		r = rel;				/* V2 */
#ifdef TWO_WORDS
		c = changed_word;
#else
		c = COUNT(r);
#endif
		if
		:: r != seen ->
			if
			:: c != seen_changed ->		/* V3 */
				i = HEAD(seen);
				do
				:: i != HEAD(r) -> tx_buf[i] = rx_buf[i]; i = NEXT(i)
				:: else -> break
				od
			:: else
			fi;
			seen_changed = c;
			seen = r
		:: else
		fi;
		if
		:: DIST(HEAD(seen), hwcur) < N - 1 ->
			atomic {	/* the program writes a frame, given away by U1 */
				assert(owner[tx_buf[hwcur]] == SENDER);
				data[tx_buf[hwcur]] = frame;
				owner[tx_buf[hwcur]] = RECEIVER
			}
			hwcur = NEXT(hwcur);
			frame++;
			STORE_LATE(pub, hwcur);		/* U1 */
#ifndef NO_F2
			FENCE(pub);			/* F2 */
#endif
			notify(want_rx, wake_rx)
		:: else ->
			STORE_LATE(want_tx, 1);		/* W1 */
#ifndef NO_F1
			FENCE(want_tx);			/* F1 */
#endif
			if
			:: rel != seen -> skip		/* W2 */
			:: else -> atomic { wake_tx -> wake_tx = false }	/* W4 */
			fi
		fi
	od;
	sent_all = true
}

proctype receiver()
{
	byte hwcur, hwtail, p, spare = BUFS - 1, count, b;
	bool swapped;

	do
	:: got == FRAMES && hwcur == hwtail -> break
	:: else ->
		p = pub;				/* U2 */
		do
		:: hwtail != p -> rx_buf[hwtail] = tx_buf[hwtail];	/* U3 */
			hwtail = NEXT(hwtail)
		:: else -> break
		od;
		if
		:: hwcur == hwtail ->
			STORE_LATE(want_rx, 1);		/* W1 */
#ifndef NO_F1
			FENCE(want_rx);			/* F1 */
#endif
			if
			:: pub != hwtail -> skip	/* W2 */
			:: else -> atomic { wake_rx -> wake_rx = false }	/* W4 */
			fi
		:: else ->
			swapped = false;
			do				/* one slot or more a batch */
			:: hwcur != hwtail ->
				b = rx_buf[hwcur];
				atomic {
					got++;
					assert(owner[b] == RECEIVER && data[b] == got)
				}
				if
				:: rx_buf[hwcur] = spare; spare = b; swapped = true
				:: true
				fi;
				atomic { owner[rx_buf[hwcur]] = SENDER; b = 0 }
				hwcur = NEXT(hwcur);
				if :: break :: true fi
			:: else -> break
			od;
			count = count + swapped;
#ifdef TWO_WORDS
			changed_word = count;
#endif
			STORE_LATE(rel, hwcur + 16 * count);	/* V1 */
#ifndef NO_F2
			FENCE(rel);			/* F2 */
#endif
			notify(want_tx, wake_tx)
		fi
	od
}

init {
	byte i;

	atomic {
		do
		:: i < N -> tx_buf[i] = i; i++
		:: else -> break
		od;
		i = 0;
		owner[BUFS - 1] = RECEIVER;
		run sender();
		run receiver()
	}
	timeout -> assert(sent_all && got == FRAMES)
}
