/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The interface for lookup modules, as the module itself sees it.
 */
#ifndef NM_OS_LINUX_BDG_API_H
#define NM_OS_LINUX_BDG_API_H

/** nm_bdg_init - 0 or -errno */
int nm_bdg_init(void);
void nm_bdg_exit(void);

#endif /* NM_OS_LINUX_BDG_API_H */
