/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * struct nmreq to struct nm_reqbuf and back.  Pure functions, for
 * nm_file_legacy() and its tests.
 */
#ifndef NM_ENGINE_LEGACY_H
#define NM_ENGINE_LEGACY_H

#include <net/netmap.h>
#include "engine/plane/reqbuf.h"

/**
 * nm_legacy_in - translate a legacy request
 * @getinfo: 1: from NIOCGINFO, 0: from NIOCREGIF
 * @rb: zeroed; on success a request that nm_reqbuf_check() accepts
 * Return: 0; -EINVAL version or command; -EOPNOTSUPP a command nobody offers
 *         any more.
 */
int nm_legacy_in(int getinfo, const struct nmreq *nmr, struct nm_reqbuf *rb);

/**
 * nm_legacy_out - translate the results of a successful request
 * Return: 0; -EOVERFLOW a result has more than 32 bits: @nmr is unchanged.
 */
int nm_legacy_out(const struct nm_reqbuf *rb, struct nmreq *nmr);

#endif /* NM_ENGINE_LEGACY_H */
