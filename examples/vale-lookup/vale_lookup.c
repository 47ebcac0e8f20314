/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * An example of a switch that forwards by a module's own rule.
 *
 * IPv4 frames go from a port to the next one (position + 1), or to where
 * NIOCCONFIG said; everything else goes to all other ports.
 *
 *	insmod vale_lookup.ko switch=vale0		a switch that exists
 *	insmod vale_lookup.ko switch=vale7 ports=3	one of our own, with
 *							ports vl0, vl1, vl2
 *
 *	insmod vale_lookup.ko switch=vale7 ports=3 uplink=eth0
 *
 * The second form makes the switch exclusive: programs open vale7:vl0, and
 * cannot add ports to it or take ours away.  The third has an interface as its
 * last port.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <net/netmap_bdg.h>

#include "vale_lookup.h"

#define MAX_PORTS	NM_BDG_MAXPORTS

static char *name = "vale0";
module_param_named(switch, name, charp, 0444);
MODULE_PARM_DESC(switch, "name of the switch (vale0)");

static uint ports;
module_param(ports, uint, 0444);
MODULE_PARM_DESC(ports, "0: use a switch that exists; else make one with so many ports");

static char *uplink = "";
module_param(uplink, charp, 0444);
MODULE_PARM_DESC(uplink, "interface that is the last port of our own switch");

static bool forget;
module_param(forget, bool, 0444);
MODULE_PARM_DESC(forget, "leave everything behind when unloaded: netmap has to clean up");

static void *token;
static uint n_ports;			/* of ours, attached */
static bool has_uplink;

/* By position: where IPv4 goes, plus one; 0: to the next port. */
static u16 route[MAX_PORTS];

static uint32_t example_lookup(struct nm_bdg_fwd *ft, uint8_t *dst_ring,
			       struct netmap_vp_adapter *src, void *priv)
{
	const struct ethhdr *eth = ft->ft_buf + ft->ft_offset;
	const u16 *table = priv;
	uint32_t from = netmap_bdg_idx(src);
	u16 to;

	if (ft->ft_len < ETH_HLEN || (ft->ft_flags & NS_INDIRECT) ||
	    READ_ONCE(eth->h_proto) != htons(ETH_P_IP))
		return NM_BDG_BROADCAST;
	to = from < MAX_PORTS ? READ_ONCE(table[from]) : 0;
	return to ? to - 1 : from + 1;
}

static int example_config(struct nm_ifreq *ifr)
{
	struct vale_lookup_conf conf;

	memcpy(&conf, ifr->data, sizeof(conf));
	if (conf.src >= MAX_PORTS || conf.dst >= MAX_PORTS)
		return -ERANGE;
	switch (conf.command) {
	case VALE_LOOKUP_DEL:
		WRITE_ONCE(route[conf.src], 0);
		return 0;
	case VALE_LOOKUP_ADD:
		WRITE_ONCE(route[conf.src], conf.dst + 1);
		return 0;
	default:
		return -EINVAL;
	}
}

/* Whoever gets the position next is to find the rule, not old routes. */
static void example_dtor(const struct netmap_vp_adapter *vp)
{
	if (netmap_bdg_idx(vp) < MAX_PORTS)
		WRITE_ONCE(route[netmap_bdg_idx(vp)], 0);
}

static struct netmap_bdg_ops example_ops = {
	.lookup = example_lookup,
	.config = example_config,
	.dtor = example_dtor,
	.name = "vale_lookup",
};

/* Put "vale7:@port" on the switch. */
static int port_attach(const char *port)
{
	struct nmreq_vale_attach attach = {
		.reg.nr_mode = NR_REG_ALL_NIC,
	};
	struct nmreq_header hdr = { .nr_body = (uintptr_t)&attach };

	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s:%s", name, port);
	return netmap_bdg_attach(&hdr, token);
}

/* A port that a program has open stays, and the switch with it. */
static void port_detach(const char *port)
{
	struct nmreq_vale_detach detach = { 0 };
	struct nmreq_header hdr = { .nr_body = (uintptr_t)&detach };

	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s:%s", name, port);
	netmap_bdg_detach(&hdr, token);
}

static int port_new(uint i)
{
	struct nmreq_vale_newif newif = { 0 };
	struct nmreq_header hdr = { .nr_body = (uintptr_t)&newif };
	int error;

	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "vl%u", i);
	error = nm_vi_create(&hdr);
	if (error)
		return error;
	error = port_attach(hdr.nr_name);
	if (error)
		nm_vi_destroy(hdr.nr_name);
	return error;
}

static void port_del(uint i)
{
	char port[IFNAMSIZ];

	snprintf(port, sizeof(port), "vl%u", i);
	port_detach(port);
	nm_vi_destroy(port);
}

static void own_switch_del(void)
{
	if (has_uplink)
		port_detach(uplink);
	while (n_ports > 0)
		port_del(--n_ports);
	netmap_vale_destroy(name, token);
}

static int own_switch_new(void)
{
	int error;

	token = netmap_vale_create(name, &error);
	if (!token)
		return error;
	for (; n_ports < ports; n_ports++) {
		error = port_new(n_ports);
		if (error) {
			own_switch_del();
			return error;
		}
	}
	if (!*uplink)
		return 0;
	error = port_attach(uplink);
	has_uplink = !error;
	if (error)
		own_switch_del();
	return error;
}

/* Say where the interface is. */
static void uplink_report(void)
{
	struct net_device *dev = dev_get_by_name(&init_net, uplink);
	struct netmap_vp_adapter *vp = dev ? netmap_ifp_to_vp(dev) : NULL;

	if (vp && netmap_vp_to_ifp(vp) == dev)
		pr_info("%s is at position %u of %s\n", uplink,
			netmap_bdg_idx(vp), netmap_bdg_name(vp));
	dev_put(dev);
}

static int __init example_init(void)
{
	int error = 0;

	if (ports > MAX_PORTS)
		return -EINVAL;
	if (ports)
		error = own_switch_new();
	if (error)
		return error;
	error = netmap_bdg_regops(name, &example_ops, route, token);
	if (error && ports)
		own_switch_del();
	else if (has_uplink)
		uplink_report();
	return error;
}

static void __exit example_exit(void)
{
	if (forget)
		return;
	netmap_bdg_regops(name, NULL, NULL, token);
	if (token)
		own_switch_del();
}

module_init(example_init);
module_exit(example_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Example: a VALE switch with a lookup of its own");
