/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query: which ports are there, and what are they made of.
 *
 * The engine is asked for one port after the other, by position; a port that
 * leaves meanwhile is simply not there any more.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libnetmap.h>

#include "apps/common/complain.h"
#include "apps/common/json.h"
#include "apps/vale-ctl/command.h"

/*
 * "No more ports" and "no engine" can have the same errno.  What any engine
 * refuses with another one tells them apart.
 */
static bool engine_answers(void)
{
	struct nmreq_vale_list list = { .nr_port_idx = 0 };
	struct nmreq_header hdr;

	nmreq_header_init(&hdr, NETMAP_REQ_VALE_LIST, &list);
	strcpy(hdr.nr_name, "not-a-switch");
	return !nmreq_ctrl(&hdr) || errno == EINVAL;
}

int query_next(struct nmreq_header *hdr, struct nmreq_vale_list *list)
{
	nmreq_header_init(hdr, NETMAP_REQ_VALE_LIST, list);
	if (!nmreq_ctrl(hdr))
		return 1;
	return errno == ENOENT && engine_answers() ? 0 : -1;
}

static int get_info(const char *name, struct nmreq_port_info_get *info)
{
	struct nmreq_header hdr;

	memset(info, 0, sizeof(*info));
	nmreq_header_init(&hdr, NETMAP_REQ_PORT_INFO_GET, info);
	strcpy(hdr.nr_name, name);
	return nmreq_ctrl(&hdr);
}

/* Members that an object about a port has, whoever prints it. */
static void json_info(struct json *j, const struct nmreq_port_info_get *info)
{
	json_u64(j, "memsize", info->nr_memsize);
	json_u64(j, "tx_slots", info->nr_tx_slots);
	json_u64(j, "rx_slots", info->nr_rx_slots);
	json_u64(j, "tx_rings", info->nr_tx_rings);
	json_u64(j, "rx_rings", info->nr_rx_rings);
	json_u64(j, "mem_id", info->nr_mem_id);
}

static void json_port(struct json *j, const char *name,
		const struct nmreq_vale_list *at)
{
	struct nmreq_port_info_get info;
	char base[NETMAP_REQ_IFNAMSIZ];

	snprintf(base, sizeof(base), "%.*s", (int)strcspn(name, ":"), name);
	json_object(j, NULL);
	json_string(j, "name", name);
	json_string(j, "switch", base);
	json_u64(j, "bridge_idx", at->nr_bridge_idx);
	json_u64(j, "port_idx", at->nr_port_idx);
	if (!get_info(name, &info))
		json_info(j, &info);
	json_end(j);
}

static void text_row(const char *name, const struct nmreq_vale_list *at)
{
	struct nmreq_port_info_get info;

	printf("%-28s %6u %5u", name, at->nr_bridge_idx, at->nr_port_idx);
	if (get_info(name, &info))
		printf(" %8s %8s %10s %10s %6s\n", "-", "-", "-", "-", "-");
	else
		printf(" %8u %8u %10u %10u %6u\n", info.nr_tx_rings,
				info.nr_rx_rings, info.nr_tx_slots,
				info.nr_rx_slots, info.nr_mem_id);
}

/* Does a port belong to the switch asked for?  NULL: any will do. */
static bool on_switch(const char *port, const char *base)
{
	size_t len = base ? strlen(base) : 0;

	return !base || (!strncmp(port, base, len) && port[len] == ':');
}

/* Both listings: with @row NULL as JSON. */
static int list_ports(const char *base,
		void (*row)(const char *, const struct nmreq_vale_list *))
{
	struct nmreq_vale_list at = { .nr_port_idx = 0 };
	struct nmreq_header hdr;
	struct json j;
	int more;

	if (!row) {
		json_start(&j, stdout);
		json_object(&j, NULL);
		json_array(&j, "ports");
	}
	for (; (more = query_next(&hdr, &at)) > 0; at.nr_port_idx++) {
		if (!on_switch(hdr.nr_name, base))
			continue;
		if (row)
			row(hdr.nr_name, &at);
		else
			json_port(&j, hdr.nr_name, &at);
	}
	if (more < 0)
		return command_failed("list", base ? base : "ports");
	if (!row) {
		json_end(&j);
		json_end(&j);
	}
	return EXIT_STATUS_OK;
}

static void plain_row(const char *name, const struct nmreq_vale_list *at)
{
	printf("%s bridge_idx %u port_idx %u\n", name, at->nr_bridge_idx,
			at->nr_port_idx);
}

int query_list(const struct command *cmd)
{
	return list_ports(NULL, cmd->json ? NULL : plain_row);
}

int query_table(const struct command *cmd)
{
	if (cmd->json)
		return list_ports(cmd->name, NULL);
	printf("%-28s %6s %5s %8s %8s %10s %10s %6s\n", "PORT", "SWITCH",
			"INDEX", "TX-RINGS", "RX-RINGS", "TX-SLOTS",
			"RX-SLOTS", "REGION");
	return list_ports(cmd->name, text_row);
}

int query_index(const struct command *cmd)
{
	struct nmreq_vale_list at = { .nr_port_idx = 0 };
	struct nmreq_header hdr;
	struct json j;

	nmreq_header_init(&hdr, NETMAP_REQ_VALE_LIST, &at);
	strcpy(hdr.nr_name, cmd->name);
	if (nmreq_ctrl(&hdr) < 0)
		return command_failed("list", cmd->name);
	if (!cmd->json) {
		printf("bridge_idx: %u\nport_idx:   %u\n", at.nr_bridge_idx,
				at.nr_port_idx);
		return EXIT_STATUS_OK;
	}
	json_start(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "name", cmd->name);
	json_u64(&j, "bridge_idx", at.nr_bridge_idx);
	json_u64(&j, "port_idx", at.nr_port_idx);
	json_end(&j);
	return EXIT_STATUS_OK;
}

int query_info(const struct command *cmd)
{
	struct nmreq_port_info_get info;
	struct json j;

	if (get_info(cmd->name, &info) < 0)
		return command_failed("obtain info for", cmd->name);
	if (cmd->json) {
		json_start(&j, stdout);
		json_object(&j, NULL);
		json_string(&j, "name", cmd->name);
		json_info(&j, &info);
		json_end(&j);
		return EXIT_STATUS_OK;
	}
	/* Scripts know the line of the rx rings without a colon. */
	printf("memsize:    %llu\ntx_slots:   %u\nrx_slots:   %u\n"
			"tx_rings:   %u\nrx_rings    %u\nmem_id:     %u\n",
			(unsigned long long)info.nr_memsize, info.nr_tx_slots,
			info.nr_rx_slots, info.nr_tx_rings, info.nr_rx_rings,
			info.nr_mem_id);
	return EXIT_STATUS_OK;
}
