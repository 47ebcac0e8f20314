/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapfile: capture files of Ethernet frames, whole in memory.
 *
 * The classic format only, microseconds, in the byte order of this machine:
 * what capture_make() writes, and what `tcpdump -w` does.
 */
#ifndef NM_DEMO_PCAPFILE_H
#define NM_DEMO_PCAPFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CAPTURE_MAX_BYTES	(32u << 20)	/* of a file we take */
#define CAPTURE_MAX_FRAMES	65536u

/**
 * struct frame - one frame of a capture
 * @data: its bytes, without CRC
 * @len: their number
 */
struct frame {
	const uint8_t *data;
	uint32_t len;
};

/**
 * struct capture - the frames of a file
 * @file: the whole file, which the frames point into
 * @frame: the frames
 * @n: number of them
 */
struct capture {
	uint8_t *file;
	struct frame *frame;
	unsigned int n;
};

/**
 * struct census - what a capture consists of
 * @frames: frames
 * @bytes: their bytes
 * @arp: frames that are ARP
 * @dns: UDP port 53
 * @http: TCP ports 80 and 8080
 * @ssh: TCP port 22
 * @ipv6: of those frames and others, how many are IPv6
 * @vlan: how many are VLAN-tagged
 * @jumbo: how many are longer than 1514 bytes, or 1518 with a tag
 * @longest: bytes of the longest
 */
struct census {
	unsigned int frames;
	uint64_t bytes;
	unsigned int arp, dns, http, ssh, ipv6, vlan, jumbo;
	uint32_t longest;
};

/**
 * capture_load - read a file
 * @c: out; freed with capture_free() unless the call failed
 * @path: the file
 * Return: 0; -1 after telling on stderr what is wrong.
 */
int capture_load(struct capture *c, const char *path);
void capture_free(struct capture *c);

/**
 * capture_count - look at what is in a capture
 * @c: the capture
 */
struct census capture_count(const struct capture *c);

/* capture_write_head - begin a capture file */
void capture_write_head(FILE *f);

/**
 * capture_write_frame - add a frame to it
 * @f: the file
 * @time_ns: when it was seen, since the epoch
 * @data: the frame
 * @len: its bytes
 */
void capture_write_frame(FILE *f, uint64_t time_ns, const void *data,
		uint32_t len);

#endif /* NM_DEMO_PCAPFILE_H */
