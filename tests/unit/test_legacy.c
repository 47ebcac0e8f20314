/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The legacy structure: every row of its translation, and end to end.
 */
#include "tests/unit/world.h"
#include "engine/legacy.h"

static struct nm_reqbuf rb;

static void *translate(const struct nmreq *n, int getinfo, int want)
{
	memset(&rb, 0, sizeof(rb));
	NM_CHECK_EQ(nm_legacy_in(getinfo, n, &rb), want);
	if (!want)
		NM_CHECK_EQ(nm_reqbuf_check(&rb), 0);
	return nm_reqbuf_body(&rb);
}

static struct nmreq blank(const char *name, uint16_t cmd)
{
	struct nmreq n;

	memset(&n, 0, sizeof(n));
	n.nr_version = NETMAP_API;
	n.nr_cmd = cmd;
	memcpy(n.nr_name, name, strnlen(name, sizeof(n.nr_name)));
	return n;
}

NM_TEST(modes)
{
	static const struct {
		uint32_t flags;
		uint16_t ringid;
		uint32_t mode;
		uint16_t ring;
		uint64_t out_flags;
		const char *name;
	} row[] = {
		{ 0, 0, NR_REG_ALL_NIC, 0, 0, "eth0" },
		{ 0, NETMAP_SW_RING, NR_REG_SW, 0, 0, "eth0" },
		{ 0, NETMAP_HW_RING | 3, NR_REG_ONE_NIC, 3, 0, "eth0" },
		{ 0, NETMAP_HW_RING | NETMAP_SW_RING, NR_REG_SW, 0, 0, "eth0" },
		{ NR_REG_NIC_SW, NETMAP_SW_RING, NR_REG_NIC_SW, 0, 0, "eth0" },
		{ NR_REG_ONE_NIC, 0xfff, NR_REG_ONE_NIC, 0xfff, 0, "eth0" },
		{ NR_REG_ONE_SW, 2, NR_REG_ONE_SW, 2, 0, "eth0" },
		{ NR_REG_NULL, 0, NR_REG_NULL, 0, 0, "eth0" },
		{ NR_REG_PIPE_MASTER, 7, NR_REG_ALL_NIC, 0, 0, "eth0{7" },
		{ NR_REG_PIPE_SLAVE, 0xfff, NR_REG_ALL_NIC, 0, 0, "eth0}4095" },
		{ NR_REG_ALL_NIC | NR_EXCLUSIVE, NETMAP_NO_TX_POLL,
		  NR_REG_ALL_NIC, 0, NR_EXCLUSIVE | NR_NO_TX_POLL, "eth0" },
		{ NR_REG_ALL_NIC | NR_MONITOR_RX, NETMAP_DO_RX_POLL,
		  NR_REG_ALL_NIC, 0, NR_MONITOR_RX | NR_DO_RX_POLL, "eth0" },
		{ 0xf, 0, 0xf, 0, 0, "eth0" },
	};
	struct nmreq_register *reg;
	struct nmreq n;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		n = blank("eth0", 0);
		n.nr_flags = row[i].flags;
		n.nr_ringid = row[i].ringid;
		reg = translate(&n, 0, 0);
		NM_CHECK_EQ(rb.hdr.nr_reqtype, NETMAP_REQ_REGISTER);
		NM_CHECK_EQ(reg->nr_mode, row[i].mode);
		NM_CHECK_EQ(reg->nr_ringid, row[i].ring);
		NM_CHECK_EQ(reg->nr_flags, row[i].out_flags);
		NM_CHECK_STR(rb.hdr.nr_name, row[i].name);
	}
}

NM_TEST(register_fields)
{
	struct nmreq n = blank("0123456789abcdef", 0), back;
	struct nmreq_register *reg;

	n.nr_tx_slots = 1;
	n.nr_rx_slots = 2;
	n.nr_tx_rings = 3;
	n.nr_rx_rings = 4;
	n.nr_arg1 = 99;
	n.nr_arg2 = 5;
	n.nr_arg3 = 6;
	reg = translate(&n, 0, 0);
	NM_CHECK_STR(rb.hdr.nr_name, "0123456789abcde");
	NM_CHECK_EQ(reg->nr_tx_slots, 1);
	NM_CHECK_EQ(reg->nr_rx_slots, 2);
	NM_CHECK_EQ(reg->nr_tx_rings, 3);
	NM_CHECK_EQ(reg->nr_rx_rings, 4);
	NM_CHECK_EQ(reg->nr_host_tx_rings, 0);
	NM_CHECK_EQ(reg->nr_mem_id, 5);
	NM_CHECK_EQ(reg->nr_extra_bufs, 6);

	reg->nr_offset = 0xffffffff;
	reg->nr_memsize = 0x80000000;
	reg->nr_tx_slots = 11;
	reg->nr_rx_slots = 12;
	reg->nr_tx_rings = 13;
	reg->nr_rx_rings = 14;
	reg->nr_mem_id = 15;
	reg->nr_extra_bufs = 16;
	back = n;
	NM_CHECK_EQ(nm_legacy_out(&rb, &back), 0);
	NM_CHECK_EQ(back.nr_offset, 0xffffffffu);
	NM_CHECK_EQ(back.nr_memsize, 0x80000000u);
	NM_CHECK_EQ(back.nr_tx_slots, 11);
	NM_CHECK_EQ(back.nr_rx_slots, 12);
	NM_CHECK_EQ(back.nr_tx_rings, 13);
	NM_CHECK_EQ(back.nr_rx_rings, 14);
	NM_CHECK_EQ(back.nr_arg1, 99);
	NM_CHECK_EQ(back.nr_arg2, 15);
	NM_CHECK_EQ(back.nr_arg3, 16);

	/* What does not fit is not cut, and nothing is changed. */
	back = n;
	reg->nr_memsize = 1ULL << 32;
	NM_CHECK_EQ(nm_legacy_out(&rb, &back), -EOVERFLOW);
	NM_CHECK(!memcmp(&back, &n, sizeof(n)));
	reg->nr_memsize = 1;
	reg->nr_offset = 1ULL << 32;
	NM_CHECK_EQ(nm_legacy_out(&rb, &back), -EOVERFLOW);
	NM_CHECK(!memcmp(&back, &n, sizeof(n)));
}

NM_TEST(commands)
{
	static const struct {
		int getinfo;
		uint16_t cmd;
		int error;
		uint16_t type;
	} row[] = {
		{ 0, NETMAP_BDG_ATTACH, 0, NETMAP_REQ_VALE_ATTACH },
		{ 0, NETMAP_BDG_DETACH, 0, NETMAP_REQ_VALE_DETACH },
		{ 0, NETMAP_BDG_REGOPS, -EINVAL, 0 },
		{ 0, NETMAP_BDG_LIST, -EINVAL, 0 },
		{ 0, NETMAP_BDG_VNET_HDR, 0, NETMAP_REQ_PORT_HDR_SET },
		{ 0, NETMAP_BDG_NEWIF, 0, NETMAP_REQ_VALE_NEWIF },
		{ 0, NETMAP_BDG_DELIF, 0, NETMAP_REQ_VALE_DELIF },
		{ 0, NETMAP_PT_HOST_CREATE, -EOPNOTSUPP, 0 },
		{ 0, NETMAP_PT_HOST_DELETE, -EOPNOTSUPP, 0 },
		{ 0, NETMAP_BDG_POLLING_ON, 0, NETMAP_REQ_VALE_POLLING_ENABLE },
		{ 0, NETMAP_BDG_POLLING_OFF, 0, NETMAP_REQ_VALE_POLLING_DISABLE },
		{ 0, NETMAP_VNET_HDR_GET, 0, NETMAP_REQ_PORT_HDR_GET },
		{ 0, 13, -EINVAL, 0 },
		{ 0, 0xffff, -EINVAL, 0 },
		{ 1, NETMAP_BDG_LIST, 0, NETMAP_REQ_VALE_LIST },
		{ 1, 0, 0, NETMAP_REQ_PORT_INFO_GET },
		{ 1, 77, 0, NETMAP_REQ_PORT_INFO_GET },
	};
	struct nmreq n;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		n = blank("vale0:a", row[i].cmd);
		translate(&n, row[i].getinfo, row[i].error);
		NM_CHECK_EQ(rb.hdr.nr_reqtype, row[i].type);
	}
	n = blank("vale0:a", 0);
	n.nr_version = 13;
	translate(&n, 0, -EINVAL);
	translate(&n, 1, -EINVAL);
	n.nr_version = 4000000000u;
	translate(&n, 0, 0);
}

NM_TEST(attach)
{
	struct nmreq n = blank("vale0:eth0", NETMAP_BDG_ATTACH);
	struct nmreq_vale_attach *att;

	n.nr_arg1 = NETMAP_BDG_HOST;
	n.nr_flags = NR_REG_ONE_NIC;
	att = translate(&n, 0, 0);
	NM_CHECK_EQ(att->reg.nr_mode, NR_REG_NIC_SW);
	n.nr_arg1 = 2;
	att = translate(&n, 0, 0);
	NM_CHECK_EQ(att->reg.nr_mode, NR_REG_ALL_NIC);
}

NM_TEST(polling)
{
	static const struct { uint32_t flags, mode; } row[] = {
		{ NR_REG_ONE_NIC, NETMAP_POLLING_MODE_MULTI_CPU },
		{ NR_REG_ALL_NIC, NETMAP_POLLING_MODE_SINGLE_CPU },
		{ NR_REG_SW, 0 }, { 0, 0 },
	};
	struct nmreq n = blank("vale0:eth0", NETMAP_BDG_POLLING_ON);
	struct nmreq_vale_polling *pol;
	size_t i;

	n.nr_ringid = NETMAP_HW_RING | 5;
	n.nr_arg1 = 3;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		n.nr_flags = row[i].flags;
		pol = translate(&n, 0, 0);
		NM_CHECK_EQ(pol->nr_mode, row[i].mode);
		NM_CHECK_EQ(pol->nr_first_cpu_id, 5);
		NM_CHECK_EQ(pol->nr_num_polling_cpus, 3);
	}
}

NM_TEST(small_bodies)
{
	struct nmreq n = blank("vale0:a", NETMAP_BDG_VNET_HDR);
	struct nmreq_port_hdr *ph;
	struct nmreq_vale_newif *nif;
	struct nmreq_vale_list *list;
	struct nmreq_port_info_get *info;

	n.nr_arg1 = 12;
	ph = translate(&n, 0, 0);
	NM_CHECK_EQ(ph->nr_hdr_len, 12);
	n.nr_cmd = NETMAP_VNET_HDR_GET;
	ph = translate(&n, 0, 0);
	ph->nr_hdr_len = 10;
	NM_CHECK_EQ(nm_legacy_out(&rb, &n), 0);
	NM_CHECK_EQ(n.nr_arg1, 10);

	n = blank("p0", NETMAP_BDG_NEWIF);
	n.nr_tx_slots = 7;
	n.nr_arg2 = 3;
	nif = translate(&n, 0, 0);
	NM_CHECK_EQ(nif->nr_tx_slots, 7);
	NM_CHECK_EQ(nif->nr_mem_id, 3);
	nif->nr_rx_rings = 9;
	NM_CHECK_EQ(nm_legacy_out(&rb, &n), 0);
	NM_CHECK_EQ(n.nr_rx_rings, 9);

	n = blank("", NETMAP_BDG_LIST);
	n.nr_arg1 = 1;
	n.nr_arg2 = 2;
	list = translate(&n, 1, 0);
	NM_CHECK_EQ(list->nr_bridge_idx, 1);
	NM_CHECK_EQ(list->nr_port_idx, 2);
	memcpy(rb.hdr.nr_name, "vale0:a-long-name-x", 20);
	list->nr_port_idx = 8;
	NM_CHECK_EQ(nm_legacy_out(&rb, &n), 0);
	NM_CHECK(!memcmp(n.nr_name, "vale0:a-long-na", 16));
	NM_CHECK_EQ(n.nr_arg2, 8);

	n = blank("vale0:a", 0);
	info = translate(&n, 1, 0);
	info->nr_memsize = 1ULL << 32;
	NM_CHECK_EQ(nm_legacy_out(&rb, &n), -EOVERFLOW);
	info->nr_memsize = 4096;
	info->nr_mem_id = 2;
	NM_CHECK_EQ(nm_legacy_out(&rb, &n), 0);
	NM_CHECK_EQ(n.nr_memsize, 4096);
	NM_CHECK_EQ(n.nr_arg2, 2);
}

NM_TEST(end_to_end)
{
	struct nm_engine *e = nm_world_new();
	struct nmreq n = blank("vale0:a", 0), before;
	struct nm_bound b;
	struct nm_file *f;

	NM_REQUIRE(e != NULL);
	f = nm_world_file(e, 1);
	NM_REQUIRE(f != NULL);
	NM_CHECK_EQ(nm_file_legacy(f, 0, &n), 0);
	NM_CHECK_EQ(n.nr_tx_rings, 1);
	NM_CHECK_EQ(n.nr_rx_slots, 1024);
	NM_CHECK(n.nr_memsize > 0);
	NM_CHECK_EQ(nm_file_bound(f, &b), 0);
	NM_CHECK_EQ(n.nr_offset, b.nifp_ofs);

	before = n;
	NM_CHECK_EQ(nm_file_legacy(f, 0, &n), -EBUSY);
	NM_CHECK(!memcmp(&n, &before, sizeof(n)));
	NM_CHECK(nm_file_error(f)[0] != '\0');

	n = blank("vale0:a", 0);
	NM_CHECK_EQ(nm_file_legacy(f, 1, &n), 0);
	NM_CHECK_EQ(n.nr_memsize, before.nr_memsize);
	n = blank("vale0:a", NETMAP_PT_HOST_CREATE);
	NM_CHECK_EQ(nm_file_legacy(f, 0, &n), -EOPNOTSUPP);
	n = blank("", NETMAP_BDG_LIST);
	NM_CHECK_EQ(nm_file_legacy(f, 1, &n), 0);
	NM_CHECK_STR(n.nr_name, "vale0:a");
	nm_file_close(f);
	nm_world_end(e);
}

NM_TEST_SUITE(legacy,
	NM_T(modes),
	NM_T(register_fields),
	NM_T(commands),
	NM_T(attach),
	NM_T(polling),
	NM_T(small_bodies),
	NM_T(end_to_end));
