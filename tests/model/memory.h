/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A memory that delays stores, for the models.
 *
 * A delayed store first goes to a place only its writer sees; the process
 * memory() of each model moves it to where everybody looks, at any time.
 * A fence waits until that has happened.  A store with release order may be
 * delayed as well, but a process has one delayed store at a time per word, and
 * each word is modelled as one variable, so nothing becomes visible that was
 * not written.
 *
 * The models are built again without their fences (NO_F1, NO_F2, ...) and must
 * then fail: this shows that they can see what the fences are for.
 */
#define WORD(name)		byte name; bool name##_late; byte name##_next
#define STORE_LATE(name, v)	atomic { !name##_late; name##_next = (v); name##_late = true }
#define ARRIVE(name)		atomic { name##_late -> name = name##_next; name##_late = false }
#define FENCE(name)		!name##_late
#define SEEN_BY_ITSELF(name)	(name##_late -> name##_next : name)
