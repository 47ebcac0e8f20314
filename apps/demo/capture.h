/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture: record what passes an interface into a capture file.
 */
#ifndef NM_DEMO_CAPTURE_H
#define NM_DEMO_CAPTURE_H

#include <stdint.h>

struct recorder;

/**
 * recorder_start - begin to record both directions of an interface
 * @ifname: the interface
 * @standin: NULL, or an interface whose frames are recorded with a tag, as if
 *	they had passed on @ifname in a VLAN
 * @vlan: that VLAN
 * @path: file to write
 * @why: out: 0 or a negative errno
 * Return: a recorder; NULL.
 */
struct recorder *recorder_start(const char *ifname, const char *standin,
		uint16_t vlan, const char *path, int *why);

/**
 * recorder_stop - record what has passed until now, and no more
 * @r: the recorder, gone afterwards
 * Return: 0; a negative errno: the file is not complete.
 */
int recorder_stop(struct recorder *r);

#endif /* NM_DEMO_CAPTURE_H */
