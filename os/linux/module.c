/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * netmap.ko: load, unload, the device node.
 *
 * One engine for the machine; descriptors, whatever network namespace they
 * are from, are files of it.  An open descriptor or a mapping keeps the
 * module loaded, and so does a persistent VALE port with an interface.  One
 * without does not: it goes with the module.  All go with their namespace,
 * which a descriptor keeps.
 */
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <net/net_namespace.h>

#include "engine/engine.h"
#include "engine/os.h"
#include "os/linux/actor.h"
#include "os/linux/bdg_api.h"
#include "os/linux/dev.h"
#include "os/linux/nic.h"

struct nm_engine *nm_dev_engine;

static const struct nm_host_ops nm_dev_host_ops = {
	.drive = nm_wire_drive,
	.poll_start = nm_wire_poll_start,
	.poll_stop = nm_wire_poll_stop,
	.n_cpus = nm_wire_n_cpus,
	.nic = &nm_linux_nic_ops,
};

static struct miscdevice nm_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "netmap",
	.fops	= &nm_dev_fops,
	.mode	= 0600,
};

static void __net_exit nm_net_exit(struct net *net)
{
	nm_engine_ns_gone(nm_dev_engine, net->net_cookie);
	nm_dev_tick();
}

static struct pernet_operations nm_net_ops = {
	.exit = nm_net_exit,
};

static int __init nm_module_init(void)
{
	struct nm_engine *e;
	int error;

	error = nm_map_init();
	if (error)
		return error;
	error = nm_engine_create(&nm_dev_host_ops, &nm_dev_plane_ops, NULL,
				 NM_HOME_KERNEL, &e);
	if (error)
		goto err_map;
	nm_dev_engine = e;
	error = nm_param_attach(nm_engine_params(e));
	if (error)
		goto err_param;
	error = nm_actors_init();
	if (error)
		goto err_param;
	error = nm_wires_init();
	if (error)
		goto err_actors;
	error = nm_nics_init();
	if (error)
		goto err_wires;
	error = nm_bdg_init();
	if (error)
		goto err_nics;
	error = register_pernet_subsys(&nm_net_ops);
	if (error)
		goto err_bdg;
	error = misc_register(&nm_misc);
	if (error)
		goto err_net;
	nm_show_init();
	return 0;
err_net:
	unregister_pernet_subsys(&nm_net_ops);
err_bdg:
	nm_bdg_exit();
err_nics:
	nm_nics_exit();
err_wires:
	nm_wires_exit();
err_actors:
	nm_actors_exit();
err_param:
	nm_param_attach(NULL);
	nm_dev_tick_stop();
	nm_engine_destroy(e);
	nm_dev_engine = NULL;
err_map:
	nm_map_exit();
	return error;
}

/* No descriptor is open: nothing syncs, and nothing begins to. */
static void __exit nm_module_exit(void)
{
	struct nm_engine *e = nm_dev_engine;

	misc_deregister(&nm_misc);
	nm_show_exit();
	unregister_pernet_subsys(&nm_net_ops);
	nm_bdg_exit();
	nm_param_attach(NULL);
	nm_dev_tick_stop();
	rcu_barrier();		/* files that wait to be freed */
	nm_engine_detach_nics(e);
	nm_dev_tick();		/* handles of interfaces are given back */
	nm_dev_tick_stop();
	nm_nics_exit();
	nm_wires_exit();
	nm_actors_exit();
	nm_engine_destroy(e);
	nm_dev_engine = NULL;
	nm_map_exit();
}

module_init(nm_module_init);
module_exit(nm_module_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION(NM_VERSION);
MODULE_DESCRIPTION("netmap: fast packet I/O, VALE switches, pipes");
