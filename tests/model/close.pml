/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A receive ring is closed while senders may be about to use it.
 *
 * The control plane says that the ring cannot receive, lets a grace period go
 * by, and returns the buffers.  A sender enters (odd seq, G1), looks whether
 * the ring can receive, and writes.  This is the same crossing of two stores
 * and two loads as with sleepers: G1 and G2 are full fences.
 *
 * The ring's own owner is in the same position with the busy word: it looks at
 * the state after it has got busy (own() in sync.c), and who closes the ring
 * looks at busy after the state.
 *
 * Must fail: NO_G1, NO_G2, STATE_BEFORE_BUSY.
 */
#include "memory.h"

WORD(seq);
WORD(users);
bool freed, stopped, busy;

active proctype memory()
{
end:	do
	:: ARRIVE(seq)
	:: ARRIVE(users)
	od
}

active proctype sender()
{
	byte round;

	do
	:: round == 2 -> break
	:: else ->
		STORE_LATE(seq, 2 * round + 1);
#ifndef NO_G1
		FENCE(seq);			/* G1 */
#endif
		if
		:: users == 0 ->		/* 0: can receive */
			assert(!freed)		/* S2, S3, S4 */
		:: else
		fi;
		STORE_LATE(seq, 2 * round + 2);
		round++
	od
}

active proctype owner()
{
	bool may;

#ifdef STATE_BEFORE_BUSY
	may = !stopped;
	busy = true;
#else
	busy = true;
	may = !stopped;
#endif
	if
	:: may -> assert(!freed)
	:: else
	fi;
	busy = false
}

active proctype control()
{
	byte s;

	STORE_LATE(users, 1);
	stopped = true;
#ifndef NO_G2
	FENCE(users);				/* G2 */
#endif
	s = seq;
	if
	:: s % 2 == 1 -> seq != s
	:: else
	fi;
	!busy;
	freed = true
}
