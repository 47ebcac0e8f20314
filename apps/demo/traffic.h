/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * traffic: a capture of real traffic, made on the spot.
 */
#ifndef NM_DEMO_TRAFFIC_H
#define NM_DEMO_TRAFFIC_H

#include <stddef.h>

/**
 * traffic_capture - let two hosts talk, and record it
 * @path: capture file to write
 * @why: out: if it was not possible, a sentence
 * @len: room for it
 *
 * The hosts are network namespaces, which an ordinary user may have or not,
 * depending on the system.
 *
 * Return: 0; -1.
 */
int traffic_capture(const char *path, char *why, size_t len);

#endif /* NM_DEMO_TRAFFIC_H */
