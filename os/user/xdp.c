/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program that steers, made of instructions: no compiler, no BTF at run
 * time.  It hangs on the interface by a link, which goes with its descriptor.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "engine/name.h"
#include "os/user/xdp.h"

#ifdef NM_HAVE_BPF
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

/* return bpf_redirect_map(&map, ctx->rx_queue_index, XDP_PASS); */
static int load(int map)
{
	const struct bpf_insn prog[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_1,
		  .off = offsetof(struct xdp_md, rx_queue_index) },
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3,
		  .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "netmap", "Dual BSD/GPL", prog,
			     sizeof(prog) / sizeof(prog[0]), NULL);
}

static int explain(int error, char *msg)
{
	switch (error) {
	case EPERM:
	case EACCES:
		snprintf(msg, NM_WHY_LEN,
			 "the server may not attach a program to interfaces: run netmapd with CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF, or as root");
		return -EPERM;
	case EBUSY:
	case EEXIST:
		snprintf(msg, NM_WHY_LEN,
			 "another XDP program is attached to the interface: see ip link, and end who put it there");
		return -EBUSY;
	case EINVAL:
	case EOPNOTSUPP:
		snprintf(msg, NM_WHY_LEN,
			 "the interface takes no XDP program, neither native nor generic: is its MTU above one page?");
		return -EOPNOTSUPP;
	default:
		snprintf(msg, NM_WHY_LEN, "no XDP program on the interface: %s",
			 strerror(error));
		return -error;
	}
}

static int hang(struct nm_xdp *x, int ifindex, uint32_t flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);

	x->link = bpf_link_create(x->prog, ifindex, BPF_XDP, &opts);
	return x->link < 0 ? errno : 0;
}

int nm_xdp_attach(struct nm_xdp *x, int ifindex, uint32_t queues, char *msg)
{
	int error = 0;

	x->prog = x->link = -1;
	x->map = bpf_map_create(BPF_MAP_TYPE_XSKMAP, "netmap", 4, 4, queues,
				NULL);
	if (x->map >= 0)
		x->prog = load(x->map);
	if (x->map < 0 || x->prog < 0)
		error = errno;
	x->native = 1;
	if (!error)
		error = hang(x, ifindex, XDP_FLAGS_DRV_MODE);
	if (error == EOPNOTSUPP || error == EINVAL || error == ERANGE) {
		x->native = 0;
		error = hang(x, ifindex, XDP_FLAGS_SKB_MODE);
	}
	if (!error)
		return 0;
	nm_xdp_detach(x);
	return explain(error, msg);
}

int nm_xdp_steer(struct nm_xdp *x, uint32_t queue, int fd)
{
	if (fd < 0)
		return bpf_map_delete_elem(x->map, &queue) ? -errno : 0;
	return bpf_map_update_elem(x->map, &queue, &fd, BPF_ANY) ? -errno : 0;
}

#else /* !NM_HAVE_BPF */

int nm_xdp_attach(struct nm_xdp *x, int ifindex, uint32_t queues, char *msg)
{
	x->map = x->prog = x->link = -1;
	snprintf(msg, NM_WHY_LEN,
		 "this netmapd was built without libbpf: install libbpf-dev and build it again");
	return -EOPNOTSUPP;
}

int nm_xdp_steer(struct nm_xdp *x, uint32_t queue, int fd)
{
	return -EOPNOTSUPP;
}

#endif

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void nm_xdp_detach(struct nm_xdp *x)
{
	shut(&x->link);
	shut(&x->prog);
	shut(&x->map);
}
