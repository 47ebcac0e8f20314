/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * action: the requests that change something: create, delete, attach, detach,
 * polling.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libnetmap.h>

#include "apps/common/complain.h"
#include "apps/common/json.h"
#include "apps/common/numbers.h"
#include "apps/vale-ctl/command.h"

/**
 * struct verb - how an action is named
 * @done: for JSON
 * @doing: for "failed to ..."
 * @reqtype: NETMAP_REQ_*
 */
struct verb {
	const char *done;
	const char *doing;
	uint16_t reqtype;
};

static const struct verb verbs[] = {
	[ACTION_ATTACH] = { "attach", "attach", NETMAP_REQ_VALE_ATTACH },
	[ACTION_ATTACH_HOST] = { "attach", "attach", NETMAP_REQ_VALE_ATTACH },
	[ACTION_DETACH] = { "detach", "detach", NETMAP_REQ_VALE_DETACH },
	[ACTION_CREATE] = { "create", "create", NETMAP_REQ_VALE_NEWIF },
	[ACTION_DELETE] = { "delete", "remove", NETMAP_REQ_VALE_DELIF },
	[ACTION_POLL_ON] = { "poll-start", "enable polling on",
		NETMAP_REQ_VALE_POLLING_ENABLE },
	[ACTION_POLL_OFF] = { "poll-stop", "disable polling on",
		NETMAP_REQ_VALE_POLLING_DISABLE },
};

union body {
	struct nmreq_vale_attach attach;
	struct nmreq_vale_detach detach;
	struct nmreq_vale_newif newif;
	struct nmreq_vale_polling polling;
};

/* -m: the number of a region, or a port that uses it. */
static int find_region(const char *text, uint16_t *id)
{
	const char *rest = text;
	int32_t found;
	uint64_t n;
	int err;

	if (!text)
		return 0;
	if (isdigit((unsigned char)text[0])) {
		err = num_parse(text, 0, UINT16_MAX, &n);
		if (err)
			return complain_usage(PROG, "-m: '%s' %s", text,
					num_error(err));
		*id = (uint16_t)n;
		return 0;
	}
	found = nmreq_get_mem_id(&rest, nmctx_get());
	if (found < 0)
		return command_failed("obtain info for", text);
	*id = (uint16_t)found;
	return 0;
}

static void fill_attach(const struct command *cmd, uint16_t region,
		struct nmreq_vale_attach *body)
{
	body->reg.nr_mode = cmd->action == ACTION_ATTACH_HOST ?
		NR_REG_NIC_SW : NR_REG_ALL_NIC;
	body->reg.nr_mem_id = region;
	body->reg.nr_tx_slots = cmd->geometry.tx_slots;
	body->reg.nr_rx_slots = cmd->geometry.rx_slots;
	body->reg.nr_tx_rings = cmd->geometry.tx_rings;
	body->reg.nr_rx_rings = cmd->geometry.rx_rings;
}

static void fill(const struct command *cmd, uint16_t region, union body *body)
{
	switch (cmd->action) {
	case ACTION_ATTACH:
	case ACTION_ATTACH_HOST:
		fill_attach(cmd, region, &body->attach);
		break;
	case ACTION_CREATE:
		body->newif = (struct nmreq_vale_newif){
			.nr_tx_slots = cmd->geometry.tx_slots,
			.nr_rx_slots = cmd->geometry.rx_slots,
			.nr_tx_rings = cmd->geometry.tx_rings,
			.nr_rx_rings = cmd->geometry.rx_rings,
			.nr_mem_id = region,
		};
		break;
	case ACTION_POLL_ON:
	case ACTION_POLL_OFF:
		body->polling = (struct nmreq_vale_polling){
			.nr_mode = cmd->polling[0],
			.nr_first_cpu_id = cmd->polling[1],
			.nr_num_polling_cpus = cmd->polling[2],
		};
		break;
	default:
		break;
	}
}

static bool reads_index(const struct command *cmd)
{
	return cmd->action == ACTION_ATTACH || cmd->action == ACTION_DETACH ||
		cmd->action == ACTION_ATTACH_HOST;
}

static uint32_t index_of(const struct command *cmd, const union body *body)
{
	return cmd->action == ACTION_DETACH ? body->detach.port_index :
		body->attach.port_index;
}

static void print_text(const struct command *cmd, const union body *body)
{
	const struct nmreq_vale_newif *nif = &body->newif;

	if (reads_index(cmd))
		printf("port_index: %u\n", index_of(cmd, body));
	if (cmd->action != ACTION_CREATE)
		return;
	printf("tx_slots:   %u\nrx_slots:   %u\ntx_rings:   %u\n"
			"rx_ring:    %u\nmem_id:     %u\n", nif->nr_tx_slots,
			nif->nr_rx_slots, nif->nr_tx_rings, nif->nr_rx_rings,
			nif->nr_mem_id);
}

static void print_json(const struct command *cmd, const union body *body)
{
	const struct nmreq_vale_newif *nif = &body->newif;
	struct json j;

	json_start(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "action", verbs[cmd->action].done);
	json_string(&j, "name", cmd->name);
	if (reads_index(cmd))
		json_u64(&j, "port_index", index_of(cmd, body));
	if (cmd->action == ACTION_CREATE) {
		json_u64(&j, "tx_slots", nif->nr_tx_slots);
		json_u64(&j, "rx_slots", nif->nr_rx_slots);
		json_u64(&j, "tx_rings", nif->nr_tx_rings);
		json_u64(&j, "rx_rings", nif->nr_rx_rings);
		json_u64(&j, "mem_id", nif->nr_mem_id);
	}
	json_end(&j);
}

int action_run(const struct command *cmd)
{
	const struct verb *verb = &verbs[cmd->action];
	bool has_body = verb->reqtype != NETMAP_REQ_VALE_DELIF;
	union body body = { .attach = { .port_index = 0 } };
	struct nmreq_header hdr;
	uint16_t region = 0;
	int status = find_region(cmd->memory, &region);

	if (status)
		return status;
	fill(cmd, region, &body);
	nmreq_header_init(&hdr, verb->reqtype, has_body ? &body : NULL);
	strcpy(hdr.nr_name, cmd->name);
	if (nmreq_ctrl(&hdr) < 0)
		return command_failed(verb->doing, cmd->name);
	if (cmd->json)
		print_json(cmd, &body);
	else if (cmd->verbose)
		print_text(cmd, &body);
	return EXIT_STATUS_OK;
}
