/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The isolated path: a client and a server's thread around the block of a
 * ring: doc/user-mode.md, section 7; netmapd/worker.c, lib/client_sync.c.
 *
 * The client publishes head and sleeps until the server has followed with
 * hwtail; the server sleeps until head moves.  Both say so first.
 *
 * Must fail: NO_F1, NO_F2.
 */
#include "memory.h"

#define ROUNDS	3

WORD(head);			/* nm_csb_atok */
WORD(appl_need_kick);
WORD(hwtail);			/* nm_csb_ktoa */
WORD(kern_need_kick);
bool doorbell, wake, finished;

active proctype memory()
{
end:	do
	:: ARRIVE(head)
	:: ARRIVE(appl_need_kick)
	:: ARRIVE(hwtail)
	:: ARRIVE(kern_need_kick)
	od
}

active proctype client()
{
	byte round;

	do
	:: round == ROUNDS -> break
	:: else ->
		round++;
		STORE_LATE(head, round);
#ifndef NO_F2
		FENCE(head);				/* F2 */
#endif
		if
		:: kern_need_kick -> kern_need_kick = 0; doorbell = true
		:: else
		fi;
		do
		:: hwtail == round -> break
		:: else ->
			STORE_LATE(appl_need_kick, 1);
#ifndef NO_F1
			FENCE(appl_need_kick);		/* F1 */
#endif
			if
			:: hwtail == round -> skip	/* W2 */
			:: else -> atomic { wake -> wake = false }
			fi
		od
	od;
	finished = true
}

active proctype server()
{
	byte done;

	do
	:: head != done ->
		done = head;
		STORE_LATE(hwtail, done);
#ifndef NO_F2
		FENCE(hwtail);				/* F2 */
#endif
		atomic {
			if
			:: appl_need_kick -> appl_need_kick = 0; wake = true
			:: else
			fi
		}
	:: else ->
		STORE_LATE(kern_need_kick, 1);
#ifndef NO_F1
		FENCE(kern_need_kick);			/* F1 */
#endif
		if
		:: head != done -> skip			/* W2 */
		:: else ->
end_sleep:		atomic { doorbell -> doorbell = false }
		fi;
		STORE_LATE(kern_need_kick, 0)
	od
}

active proctype check()
{
	timeout -> assert(finished)
}
