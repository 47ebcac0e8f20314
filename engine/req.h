/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Dispatch of control requests.
 *
 * A handler gets the gathered request, reads and writes its body in place,
 * and returns 0 or -errno; it holds the engine's lock.  What it fails for it
 * says with nm_fail().  It must leave everything as it was when it fails.
 */
#ifndef NM_ENGINE_REQ_H
#define NM_ENGINE_REQ_H

#include "engine/engine.h"

/* A function type, so that the list below stays a list. */
typedef int nm_req_handler(struct nm_file *f, struct nm_reqbuf *rb);

/**
 * nm_req_run - nm_file_ctrl() for a caller that has the engine's lock
 */
int nm_req_run(struct nm_file *f, struct nm_reqbuf *rb);

/** nm_req_name - "REGISTER" etc., for messages; "request" if unknown */
const char *nm_req_name(uint32_t reqtype);

/* port, region: */
nm_req_handler nm_req_register;
nm_req_handler nm_req_port_info;
nm_req_handler nm_req_pools_info;
/* vale: */
nm_req_handler nm_req_vale_attach;
nm_req_handler nm_req_vale_detach;
nm_req_handler nm_req_vale_list;
nm_req_handler nm_req_port_hdr_set;
nm_req_handler nm_req_port_hdr_get;
nm_req_handler nm_req_vale_newif;
nm_req_handler nm_req_vale_delif;
nm_req_handler nm_req_vale_polling_on;
nm_req_handler nm_req_vale_polling_off;
/* kloop: */
nm_req_handler nm_req_csb_enable;
nm_req_handler nm_req_kloop_start;
nm_req_handler nm_req_kloop_stop;
/* stat: */
nm_req_handler nm_req_counters;
nm_req_handler nm_req_port_status;

/**
 * nm_csb_option - what a CSB option means for a bound descriptor
 * @b:  what it is bound to; NULL: not bound
 * @rb: has the option
 *
 * Without rings the option succeeds and does nothing.
 * Return: 0 or -errno, as positive number in the option's status too.
 */
int nm_csb_option(struct nm_file *f, const struct nm_bound *b,
		  struct nm_reqbuf *rb);

#endif /* NM_ENGINE_REQ_H */
