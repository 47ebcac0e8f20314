/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What poll and select must know about epoll instances: one may be waited for
 * like any descriptor, and is readable when a netmap descriptor in it is.
 */
#ifndef NM_PRELOAD_EPOLL_H
#define NM_PRELOAD_EPOLL_H

#include "preload/wait.h"

/**
 * pl_epoll_sources - netmap descriptors of an epoll instance
 * @src: out, at most @max, each referenced
 * Return: how many there are, maybe more than @max.
 */
unsigned int pl_epoll_sources(struct pl_desc *ep, struct pl_src *src,
			      unsigned int max);

#endif /* NM_PRELOAD_EPOLL_H */
