/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * home: what --home means, in all tools the same.
 */
#ifndef NM_APPS_HOME_H
#define NM_APPS_HOME_H

/**
 * home_choose - which home serves the ports that are opened from now on
 * @prog: name of the tool
 * @text: "kernel", "user" or "auto"
 * Return: 0; EXIT_STATUS_USAGE after having said what is wrong.
 */
int home_choose(const char *prog, const char *text);

#endif /* NM_APPS_HOME_H */
