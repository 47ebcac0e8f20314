/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What nr_name, together with mode and flags, asks for.  Pure functions.
 */
#ifndef NM_ENGINE_NAME_H
#define NM_ENGINE_NAME_H

#include <nm_os_types.h>
#include <net/netmap.h>

#define NM_NAME_LEN	NETMAP_REQ_IFNAMSIZ	/* with the NUL */
#define NM_SWITCH_LEN	16u	/* "vale" included, with the NUL */
#define NM_WHY_LEN	232u	/* as nmreq_opt_error.nro_msg */

enum nm_name_kind {
	NM_NAME_NULL,		/* name is a label */
	NM_NAME_MONITOR,	/* name is that of the monitored port */
	NM_NAME_PIPE,		/* base, end, id */
	NM_NAME_VALE,		/* base = switch, id = port */
	NM_NAME_OTHER,		/* an interface of the system; may be "" */
};

struct nm_name {
	enum nm_name_kind kind;
	char full[NM_NAME_LEN];	/* as given */
	char base[NM_NAME_LEN];	/* pipe: before the separator; VALE: before
				 * the colon ("vale0"); else as full */
	char id[NM_NAME_LEN];	/* pipe: after the separator; VALE: after the
				 * colon, at most 15 characters; else "" */
	char end;		/* pipe: '{' primary or '}' peer; else NUL */
};

/**
 * nm_name_parse - classify by mode and flags, then by the text
 * @text:  nr_name, NUL terminated within 64 bytes
 * @mode:  nr_mode
 * @flags: nr_flags
 * @out:   the parts
 * @why:   NM_WHY_LEN bytes for a sentence, set on error only
 *
 * A pipe's base and a monitor's name are to be parsed again, with
 * nm_name_parse_text(), to find the port they are about.
 *
 * Return: 0; -EINVAL malformed.
 */
int nm_name_parse(const char *text, uint32_t mode, uint64_t flags,
		  struct nm_name *out, char *why);

/** nm_name_parse_text - the same by the text alone: PIPE, VALE or OTHER */
int nm_name_parse_text(const char *text, struct nm_name *out, char *why);

/**
 * nm_name_switch - the switch a name is about
 * @text: "vale0", "vale0:" or "vale0:anything"
 * @sw:   out: "vale0"
 * Return: 0; -EINVAL.
 */
int nm_name_switch(const char *text, char sw[NM_SWITCH_LEN], char *why);

/** nm_name_is_vale - does it begin with the prefix of switches */
int nm_name_is_vale(const char *text);

#endif /* NM_ENGINE_NAME_H */
