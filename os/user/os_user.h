/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What user mode offers beyond engine/os.h: mapping somebody else's plane and
 * regions, the limits a server sets, and knobs for tests.
 */
#ifndef NM_OS_USER_H
#define NM_OS_USER_H

#include "engine/plane/plane.h"

/**
 * nm_user_plane_layout - where the arrays of a plane lie in its memfd
 * @hdr: out: magic, version, offsets and size; mode_gen is 0
 *
 * Offsets are multiples of 64 KiB, so of the page size of every machine.
 */
void nm_user_plane_layout(struct nm_plane_hdr *hdr);

/**
 * nm_user_plane_map - map a plane's memfd and set header and tables
 * @pl: hdr and tables are set on success
 * @hdr: the layout
 * @fd: stays the caller's
 * Return: 0; -errno of mmap(2).
 */
int nm_user_plane_map(struct nm_plane *pl, const struct nm_plane_hdr *hdr,
		      int fd);

/**
 * nm_user_plane_attach - map a plane that a server made
 * @pl: zeroed; header and tables are set on success
 * @fd: its memfd, stays the caller's and may be closed afterwards
 * @size: bytes, as the server told
 *
 * Return: 0; -EPROTO when it is not a plane of our version and layout, or
 *         could be truncated under us; -errno of mmap(2).
 */
int nm_user_plane_attach(struct nm_plane *pl, int fd, uint64_t size);

/** nm_user_plane_detach - unmap it; not the regions */
void nm_user_plane_detach(struct nm_plane *pl);

/**
 * nm_user_mem_attach - map a region that a server made
 * @m: not mapped yet; readers in other threads see all or nothing
 * @fd: its memfd, stays the caller's
 * @size: bytes, as the server told
 * Return: 0; -EPROTO when its size differs or could change; -errno of mmap(2).
 */
int nm_user_mem_attach(struct nm_os_mem *m, int fd, uint64_t size);

/** nm_user_mem_detach - unmap it; nobody may be using it */
void nm_user_mem_detach(struct nm_os_mem *m);

/**
 * nm_user_mem_limit - bound what the regions and the plane may take together
 * @bytes: 0: only what the machine has
 */
void nm_user_mem_limit(uint64_t bytes);

/** nm_user_mem_promised - bytes promised at the moment */
uint64_t nm_user_mem_promised(void);

/**
 * nm_user_netns - number of a process's network namespace
 * @pid: 0: our own
 * Return: the inode number; 0 when it cannot be told.
 */
uint64_t nm_user_netns(uint32_t pid);

/* Lines above this level are not printed (enum nm_log_level). */
extern int nm_user_log_level;
/* What a line starts with, "" by default. */
extern const char *nm_user_log_name;

/* Counted down by each allocation, which fails while it is 0; -1: never. */
extern int nm_os_fail_after;

#endif /* NM_OS_USER_H */
