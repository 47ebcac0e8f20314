/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The points of doc/user-mode.md at which somebody who syncs may die or be
 * stopped, for a test that does it (tests/system/label_death.sh): built with
 * NM_LABELS a program calls nm_label() there.  Otherwise they are nothing.
 */
#ifndef NM_PLANE_LABEL_H
#define NM_PLANE_LABEL_H

#ifdef NM_LABELS
void nm_label(const char *label);
#define NM_LABEL(label)		nm_label(label)
#else
#define NM_LABEL(label)		((void)0)
#endif

#endif /* NM_PLANE_LABEL_H */
