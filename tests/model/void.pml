/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Senders that die or stop between reserving and committing, and the repair:
 * doc/user-mode.md, section 8; engine/repair.c, engine/sweep.c.
 *
 * Two senders send single slots, FRAMES in all, through two entries and may
 * die at any step.  To be stopped is to make no step for as long as the others
 * like: a word written after that lands in whatever its entry has become.  The
 * repairer may be called at any time, twice; its wait for the grace period may
 * run out whenever an actor has not moved.  What it keeps goes back to the
 * inbox when the actor has moved or died.
 *
 * Checked: nobody writes a buffer that is not the one of his own entry, or in
 * quarantine since he had it; a committed frame is what its sender wrote;
 * buffers are conserved, in the end all of them are in the inbox again, and
 * nothing keeps the receiver waiting that a further repair could not remove.
 *
 * Must fail: NO_GRACE (nobody waits), NO_KEEP (a buffer is used again although
 * its sender has not moved), NO_RECHECK (a sender trusts an entry without
 * looking whether it is still his, nm_inbox_buf()), NO_TAKE (a kept buffer
 * stays in its entry, where a late word makes it a frame), NO_OWN (the repairer
 * does not hold the ring), NO_STALE (only a word as it was posted is open).
 */
#define E	2
#define BUFS	2
#define FREE	0
#define COMMITTED 1
#define VOID	2
#define VOID_KEPT 3
#define LAST	12	/* indices end here */
#define QUARANTINE 100
#ifndef FRAMES
#define FRAMES	3	/* 4 hold, too: 44 million states */
#endif
#define NONE	9		/* no buffer, no index */

byte taken, reserved, posted;
byte e_idx[E], e_state[E], e_buf[E];
byte owner[BUFS];		/* index of the entry that has it, QUARANTINE */
byte data[BUFS];		/* who wrote it: 1 + index */
byte seq[2];			/* odd: inside; G1 */
bool dead[2];
bool busy;
bool late;			/* a word was written where it did not belong */

byte kept[BUFS], kept_seq0[BUFS], kept_seq1[BUFS], n_kept;
byte repairs = 2;
byte running = 2;

#define IS(i, state)	(e_idx[(i) % E] == (i) && e_state[(i) % E] == (state))
#ifdef NO_STALE
#define OPEN(i)		IS(i, FREE)
#else
#define OPEN(i)		(e_idx[(i) % E] < (i) || IS(i, FREE))
#endif

inline die(me)
{
	atomic { dead[me] = true; running--; goto end }
}

proctype sender(byte me; byte frames)
{
	byte r, buf;

	do
	:: frames == 0 -> break
	:: frames > 0 ->
		frames--;
		seq[me]++;					/* G1 */
		if :: true :: die(me) fi;
		r = reserved;
		if
		:: r == posted -> skip				/* S1: no room */
		:: else ->
			atomic {
				if				/* S2 */
				:: reserved == r -> reserved++
				:: else -> r = NONE
				fi
			}
			if
			:: r == NONE -> skip
			:: else ->
				if :: true :: die(me) fi;
				buf = e_buf[r % E];
#ifndef NO_RECHECK
				if
				:: !OPEN(r) -> buf = NONE
				:: else
				fi;
#endif
				if
				:: buf == NONE -> skip
				:: else ->
					if :: true :: die(me) fi;
					atomic {		/* S3 */
						assert(owner[buf] == r ||
						       owner[buf] == QUARANTINE);
						data[buf] = r + 1
					}
					if :: true :: die(me) fi;
					atomic {		/* S4 */
						if
						:: !IS(r, FREE) -> late = true
						:: else
						fi;
						e_idx[r % E] = r;
						e_state[r % E] = COMMITTED
					}
				fi
			fi
		fi;
		r = 0; buf = 0;
		seq[me]++
	od;
	running--;
end:	skip
}

inline post(b)		/* P1..P3 */
{
	assert(posted < taken + E);				/* I1 */
	e_buf[posted % E] = b;
	e_idx[posted % E] = posted;
	e_state[posted % E] = FREE;
	owner[b] = posted;
	posted++
}

/* Takes one entry, as its user would, and posts its buffer at once. */
proctype receiver()
{
	byte b;

end:	do
	:: atomic { !busy && (IS(taken, COMMITTED) || IS(taken, VOID) ||
			      IS(taken, VOID_KEPT)) && posted < LAST ->
			busy = true };
		if
		:: IS(taken, VOID_KEPT) -> taken++
		:: IS(taken, VOID) -> b = e_buf[taken % E];
			atomic {
				taken++;
				if
				:: b != NONE -> post(b)
				:: else
				fi
			}
		:: IS(taken, COMMITTED) -> b = e_buf[taken % E];
			atomic {
				if
				:: b != NONE ->
					assert(data[b] == taken + 1 &&
					       owner[b] == taken);
					taken++;
					post(b)
				:: else -> taken++
				fi
			}
		:: else			/* a late word, since we looked */
		fi;
		atomic { busy = false; b = 0 }
	od
}

#define MOVED(i, s)	(dead[i] || !((s) & 1) || seq[i] != (s))

inline void_one(i, keep)
{
	took = false;
	atomic {
		if
		:: OPEN(i) ->
			e_idx[i % E] = i;
			if
			:: keep && e_buf[i % E] != NONE ->
				e_state[i % E] = VOID_KEPT;
				owner[e_buf[i % E]] = QUARANTINE;
				kept[n_kept] = e_buf[i % E];
				kept_seq0[n_kept] = s[0];
				kept_seq1[n_kept] = s[1];
				n_kept++;
				took = true
			:: else -> e_state[i % E] = VOID
			fi
		:: else
		fi
	};
#ifndef NO_TAKE
	if
	:: took -> e_buf[i % E] = NONE
	:: else
	fi
#endif
}

proctype repairer()
{
	byte snap, i, s[2];
	bool over, took;

end:	do
	:: atomic { repairs > 0 && reserved > taken -> repairs--; snap = reserved };
		s[0] = seq[0];					/* G2 */
		s[1] = seq[1];
		over = true;
#ifndef NO_GRACE
		i = 0;
		do
		:: i < 2 ->
			if
			:: MOVED(i, s[i]) -> i++
			:: !MOVED(i, s[i]) -> over = false; i++	/* 20 ms */
			fi
		:: else -> break
		od;
#endif
#ifdef NO_KEEP
		over = true;
#endif
#ifndef NO_OWN
		atomic { !busy -> busy = true };
#endif
		i = taken;
		do
		:: i < snap -> void_one(i, !over); i++
		:: else -> break
		od;
#ifndef NO_OWN
		busy = false;
#endif
		atomic { snap = 0; i = 0; s[0] = 0; s[1] = 0; over = false; took = false }
	:: atomic { n_kept > 0 && !busy && posted < LAST && posted < taken + E &&
		    MOVED(0, kept_seq0[n_kept - 1]) &&
		    MOVED(1, kept_seq1[n_kept - 1]) ->
			n_kept--;
			post(kept[n_kept]);
			kept[n_kept] = 0; kept_seq0[n_kept] = 0; kept_seq1[n_kept] = 0 }
	od
}

init {
	byte i, where[BUFS];

	atomic {
		do
		:: i < E -> e_idx[i] = i; e_buf[i] = i; owner[i] = i; i++
		:: else -> break
		od;
		posted = E;
		run sender(0, 2);
		run sender(1, FRAMES - 2);
		run receiver();
		run repairer()
	}
	timeout -> d_step {
		assert(running == 0);
		/* a buffer waits as long as its entry takes the place of it */
		assert(posted == LAST || n_kept == 0 ||
		       (posted == taken + E && OPEN(taken) && repairs == 0));
		/* what keeps the receiver waiting is an entry of the dead, or a
		 * frame that was hidden */
		assert(posted == LAST || taken == reserved ||
		       (OPEN(taken) && repairs == 0 &&
			(dead[0] || dead[1] || late)));
		i = taken;
		do
		:: i < posted ->
			if
			:: e_buf[i % E] != NONE -> where[e_buf[i % E]]++
			:: else
			fi;
			i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < n_kept -> where[kept[i]]++; i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < BUFS -> assert(where[i] == 1); i++
		:: else -> break
		od
	}
}
