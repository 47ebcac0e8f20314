/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * netmap_bdg.h - kernel modules that decide where a VALE switch forwards
 *
 * A module replaces the lookup of a switch:
 *
 *	static uint32_t my_lookup(struct nm_bdg_fwd *ft, uint8_t *dst_ring,
 *				  struct netmap_vp_adapter *src, void *priv)
 *	{
 *		return netmap_bdg_idx(src) ^ 1;	(ports in pairs)
 *	}
 *
 *	static struct netmap_bdg_ops my_ops = {
 *		.lookup = my_lookup,
 *		.name = "pairs",
 *	};
 *
 *	init:	error = netmap_bdg_regops("vale0:", &my_ops, NULL, NULL);
 *	exit:	netmap_bdg_regops("vale0:", NULL, NULL, NULL);
 *
 * or makes a switch of its own, which programs can use and not change:
 *
 *	init:	token = netmap_vale_create("vale7", &error);
 *		netmap_bdg_regops("vale7", &my_ops, NULL, token);
 *		nm_vi_create(), netmap_bdg_attach(.., token) for each port
 *	exit:	netmap_bdg_detach(.., token), nm_vi_destroy() for each port
 *		netmap_vale_destroy("vale7", token);
 *
 * Who owns what.  A switch keeps a copy of the operations, and calls into the
 * module until they are replaced; netmap_bdg_regops() returns when no call is
 * under way any more.  A registration does not hold the module, which
 * therefore can be unloaded, and is to register NULL first.  If it does not,
 * netmap does it when the module's exit function has returned, with a line in
 * the log; a switch that the module created becomes one like others then, and
 * stays while it has ports.  netmap itself cannot be unloaded before the
 * modules that use it.
 *
 * Switches are those of the initial network namespace.  Names are "vale0" or
 * "vale0:"; what follows the colon is ignored unless a port is meant.  All
 * functions sleep, and must not be called by the callbacks, unless their
 * description says so.
 *
 * Build: put netmap's os/linux/include and include on the include path, and
 * its Module.symvers into KBUILD_EXTRA_SYMBOLS; examples/vale-lookup shows
 * how.
 */
#ifndef _NET_NETMAP_BDG_H_
#define _NET_NETMAP_BDG_H_

#include <linux/if.h>
#include <linux/types.h>
#include <net/netmap.h>

struct module;
struct net_device;

/* What a lookup may return instead of a position. */
#define NM_BDG_MAXPORTS		254	/* positions a lookup need know of */
#define NM_BDG_BROADCAST	254	/* to all other ports */
#define NM_BDG_NOPORT		255	/* drop it */

/*
 * The frame that is looked up.  It lies in memory of the sender, who may
 * change it at any time: read what you decide by once.
 */
struct nm_bdg_fwd {
	void *ft_buf;		/* the first slot's bytes; the frame begins */
	uint16_t ft_offset;	/* that far behind */
	uint16_t ft_len;	/* bytes of the frame in the first slot */
	uint16_t ft_flags;	/* NS_* of that slot; with NS_INDIRECT the
				 * bytes cannot be read here */
	uint16_t ft_frags;	/* slots of the whole packet */
};

/*
 * A port of a switch, as its lookup sees it: the same pointer for the same
 * position as long as operations are registered.
 */
struct netmap_vp_adapter {
	uint32_t bdg_port;	/* position in the switch */
	uint32_t reserved;
	const void *netmap_private;
};

struct netmap_bdg_ops {
	/*
	 * Return the position to send to, NM_BDG_BROADCAST, or anything else
	 * to drop the frame.  *@dst_ring, the number of the ring it came
	 * from, may be changed.  Runs with preemption off, on any number of
	 * CPUs at a time, and must not sleep.
	 */
	uint32_t (*lookup)(struct nm_bdg_fwd *ft, uint8_t *dst_ring,
			   struct netmap_vp_adapter *src, void *private_data);
	/*
	 * NIOCCONFIG on this switch: 0 or -errno.  What is left in @ifr is
	 * copied back to the program.  One call at a time.
	 */
	int (*config)(struct nm_ifreq *ifr);
	/* The port has left.  @vp has its position, and is not to be kept. */
	void (*dtor)(const struct netmap_vp_adapter *vp);
	/* Replacing these two is not supported: they must be NULL. */
	int (*vp_create)(struct nmreq_header *hdr, void *ifp, void *nmd,
			 struct netmap_vp_adapter **ret);
	int (*bwrap_attach)(const char *nr_name, void *na);
	char name[IFNAMSIZ];	/* for the log */
};

/**
 * netmap_bdg_regops - replace operations of a switch
 * @ops:   members that are not NULL replace, the others stay; copied.
 *         NULL: back to the default
 * @priv:  for the lookup; replaces what was there in any case
 * @token: of netmap_vale_create(), else NULL
 *
 * Return: 0; -EINVAL not the name of a switch; -ENXIO no such switch; -EACCES
 *         wrong token; -EOPNOTSUPP vp_create or bwrap_attach; -ENOMEM.
 */
int netmap_bdg_regops(const char *name, struct netmap_bdg_ops *ops, void *priv,
		      void *token);

/**
 * netmap_bdg_update_private_data - replace what the lookup is given
 * @callback: gets the present data and @arg, returns the new; sets *err to
 *            -errno and then the present data stay.  No lookup runs
 *            meanwhile.  May sleep
 * Return: 0; what the callback said; -EINVAL no such switch; -EACCES; -ENOMEM.
 */
int netmap_bdg_update_private_data(const char *name,
		void *(*callback)(void *priv, void *arg, int *err),
		void *arg, void *token);

/**
 * netmap_vale_create - make a switch that only who has the token can change
 * @status: out: 0; -EINVAL, -EEXIST, -ENOMEM; may be NULL
 *
 * It stays without ports.  Use it as netmap_vale_create(name, &status).
 * Return: the token; NULL on error.
 */
void *netmap_vale_create_by(const char *name, int *status,
			    struct module *owner);
#define netmap_vale_create(name, status)				\
	netmap_vale_create_by(name, status, THIS_MODULE)

/**
 * netmap_vale_destroy - undo it
 * Return: 0; -EINVAL malformed name, or not made by netmap_vale_create();
 *         -ENXIO no such switch; -EACCES wrong token; -EBUSY it has ports.
 */
int netmap_vale_destroy(const char *name, void *token);

/**
 * netmap_bdg_attach, netmap_bdg_detach - as NETMAP_REQ_VALE_ATTACH, _DETACH
 * @hdr:   nr_name, nr_body and nr_options as a program would set them, with
 *         kernel addresses; nr_version and nr_reqtype are not looked at
 * @token: of an exclusive switch, else NULL
 * Return: 0 or the request's -errno; the reason goes to the log.
 */
int netmap_bdg_attach(struct nmreq_header *hdr, void *token);
int netmap_bdg_detach(struct nmreq_header *hdr, void *token);

/**
 * nm_vi_create, nm_vi_destroy - as NETMAP_REQ_VALE_NEWIF, _DELIF
 */
int nm_vi_create(struct nmreq_header *hdr);
int nm_vi_destroy(const char *name);

/**
 * netmap_bdg_name - the switch of a port, "vale0"; any context
 */
const char *netmap_bdg_name(struct netmap_vp_adapter *vp);

/**
 * netmap_vp_to_ifp - the interface that a port stands for
 * Return: NULL for ports of programs.  Hold RTNL, or a reference, to use it.
 */
struct net_device *netmap_vp_to_ifp(struct netmap_vp_adapter *vp);

/**
 * netmap_ifp_to_vp, netmap_ifp_to_host_vp - the port of an attached interface,
 * and that of its host
 *
 * Return: NULL when it is on no switch with operations of a module.
 */
struct netmap_vp_adapter *netmap_ifp_to_vp(struct net_device *ifp);
struct netmap_vp_adapter *netmap_ifp_to_host_vp(struct net_device *ifp);

/* Position of a port. */
static inline uint32_t netmap_bdg_idx(const struct netmap_vp_adapter *vp)
{
	return vp->bdg_port;
}

/**
 * netmap_vale_learning - what switches do by default, for use in a lookup
 */
uint32_t netmap_vale_learning(struct nm_bdg_fwd *ft, uint8_t *dst_ring,
			      struct netmap_vp_adapter *src,
			      void *private_data);

#endif /* _NET_NETMAP_BDG_H_ */
