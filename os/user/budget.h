/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The account of shared memory that was promised to ports (os/user/budget.c).
 */
#ifndef NM_OS_USER_BUDGET_H
#define NM_OS_USER_BUDGET_H

#include <stdint.h>

/**
 * nm_budget_take - promise @len bytes
 * Return: 0; -ENOMEM when the machine or the limit does not allow it.
 */
int nm_budget_take(uint64_t len);

/** nm_budget_give - take a promise of @len bytes back */
void nm_budget_give(uint64_t len);

/** nm_budget_watch, nm_budget_unwatch - count what memfd @fd holds already */
int nm_budget_watch(int fd);
void nm_budget_unwatch(int fd);

#endif /* NM_OS_USER_BUDGET_H */
