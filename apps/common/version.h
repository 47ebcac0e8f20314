/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * version: what --version prints, in all tools the same line.
 */
#ifndef NM_APPS_VERSION_H
#define NM_APPS_VERSION_H

/**
 * version_print - name, release of the library and API, on standard output
 * @prog: name of the tool
 * Return: EXIT_STATUS_OK.
 */
int version_print(const char *prog);

#endif /* NM_APPS_VERSION_H */
