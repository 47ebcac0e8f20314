#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Every header alone, in each language a program may be written in; the
# combinations programs use; and the two places without a C library.
# Usage: headers.sh [64|32]

. "$(dirname "$0")/lib.sh"
bits=${1:-64}
[ "$bits" = 64 ] || need_m32
strict="-m$bits -Wall -Wextra -Wundef -Wshadow -Werror -pedantic -I$top/include"

# c STANDARD and cxx: compile what is on standard input, with more flags
c()
{
	std=$1
	shift
	$CC $strict -Wstrict-prototypes -std="$std" "$@" -xc - \
		-c -o "$out/unit$bits.o"
}

cxx()
{
	$CXX $strict -std=c++17 "$@" -xc++ - -c -o "$out/unit$bits.o"
}

# unit NAME FLAGS...: the source on standard input as C99, C11 and C++17
unit()
{
	name=$1
	shift
	cat >"$out/unit$bits.src"
	for std in c99 c11 gnu11; do
		check "abi_headers${bits}_${name}_$std" \
			c $std "$@" <"$out/unit$bits.src"
	done
	check "abi_headers${bits}_${name}_c++17" cxx "$@" <"$out/unit$bits.src"
}

for h in net/netmap.h net/netmap_legacy.h net/netmap_virt.h \
	net/netmap_user.h libnetmap.h; do
	echo "#include <$h>
	int unit;" | unit "$(echo $h | tr '/.' '__')_alone"
done

unit after_system_headers <<'EOC'
#include <stdint.h>
#include <sys/types.h>
#include <sys/time.h>
#include <sys/ioctl.h>
#include <net/if.h>
#include <net/netmap.h>
int unit;
EOC

unit with_linux_if -D_GNU_SOURCE <<'EOC'
#include <sys/socket.h>
#include <linux/if.h>
#include <net/netmap.h>
unsigned long unit = sizeof(struct ifreq) + sizeof(struct nmreq);
EOC

unit libs_none_used <<'EOC'
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>
int unit;
EOC

unit libs_some_used -O2 <<'EOC'
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>
int unit(void);
int unit(void)
{
	struct nm_desc *d = nm_open("netmap:eth0", NULL, 0, NULL);

	D("opened %d", d ? NETMAP_FD(d) : -1);
	RD(5, "no arguments");
	ND("never seen %d", 1 / 0);
	return IS_NETMAP_DESC(d) ? nm_close(d) : 0;
}
EOC

# The form of call that libpcap and others use: a cast callback, counters.
unit libs_all_used -O2 <<'EOC'
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>
#include <libnetmap.h>
int unit(struct nm_desc *p, nm_cb_t cb);
int unit(struct nm_desc *p, nm_cb_t cb)
{
	struct nm_desc child = *p;
	struct nm_pkthdr h;
	char err[MAXERRMSG];
	unsigned char *data;

	child.self = &child;
	if (nm_parse("vale0:1{3", &child, err) || nm_mmap(&child, P2NMD(p)))
		return -1;
	while ((data = nm_nextpkt(&child, &h)))
		nm_inject(p, data, h.caplen);
	return nm_dispatch(p, -1, cb, (unsigned char *)p) +
			(int)child.st.ps_drop;
}
EOC

unit libs_after_libnetmap <<'EOC'
#include <libnetmap.h>
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>
unsigned long unit = sizeof(struct nm_desc) + sizeof(struct nmport_d);
EOC

unit no_debug_macros -DNETMAP_NO_DEBUG_MACROS <<'EOC'
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>
#include <libnetmap.h>
#if defined(D) || defined(RD) || defined(ND)
#error "debug macros in spite of NETMAP_NO_DEBUG_MACROS"
#endif
enum { D, RD, ND };
int unit = D + RD + ND;
EOC

unit own_debug_macros <<'EOC'
#define ND(...) own
#include <net/netmap_user.h>
#ifdef D
#error "D although the program has debug macros of its own"
#endif
static int own = 1;
int unit(void);
int unit(void)
{
	return ND("text");
}
EOC

unit macros_are_hygienic -O2 <<'EOC'
#include <net/netmap_user.h>
char *unit(struct netmap_if *ifs, int a, int b, int host);
char *unit(struct netmap_if *ifs, int a, int b, int host)
{
	const struct netmap_if *c = ifs;
	struct netmap_ring *r = NETMAP_TXRING(ifs + 1, host ? a : b);

	r = r ? NETMAP_RXRING(c, a | b) : NETMAP_TXRING(c, 0);
	NETMAP_WOFFSET(r, &r->slot[0], a | b);
	r->slot[0].buf_idx = NETMAP_BUF_IDX(r, NETMAP_BUF(r, a | b) + 1);
	if (nm_ring_empty(r))
		NETMAP_WOFFSET(r, r->slot, 0);
	else
		r = (struct netmap_ring *)NETMAP_IF((char *)ifs + 0, a | 8);
	return NETMAP_BUF_OFFSET(r, &r->slot[a + b]);
}
EOC

unit our_version <<'EOC'
#include <libnetmap.h>
#if NETMAP_API < 14 || NETMAP_API > NETMAP_MAX_API || LIBNETMAP_VERSION < 1000
#error "versions"
#endif
#ifndef NR_REG_ALL_NIC
#error "modes are for the preprocessor too"
#endif
int unit = NM_DROP_REASON_LAST <= NM_DROP_REASONS ? 0 : 1 / 0;
EOC

# The engine, with the types of the user home and with those of no OS.
printf '#include <net/netmap.h>\nint unit;\n' >"$out/engine$bits.c"
for os in user null; do
	types=$top/os/$os/include
	[ -e "$types/nm_os_types.h" ] || continue
	[ $os = user ] && std= || std=-nostdinc
	check "abi_headers${bits}_engine_$os" \
		c gnu11 -DNM_ENGINE $std "-I$types" <"$out/engine$bits.c"
done

# A kernel module: only what these four headers promise can be used.
kernel=$out/kernel$bits
mkdir -p "$kernel/linux" "$kernel/asm"
cat >"$kernel/linux/types.h" <<'EOC'
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __SIZE_TYPE__ size_t;
typedef __INTPTR_TYPE__ ssize_t;
EOC
cat >"$kernel/linux/ioctl.h" <<'EOC'
#define _IO(type, nr)		((unsigned int)(type) << 8 | (nr))
#define _IOWR(type, nr, arg)	\
	(3U << 30 | (unsigned int)sizeof(arg) << 16 | _IO(type, nr))
EOC
echo '#define IFNAMSIZ 16' >"$kernel/linux/if.h"
cat >"$kernel/asm/barrier.h" <<'EOC'
#define smp_mb()	__asm__ __volatile__("" : : : "memory")
#define smp_rmb()	smp_mb()
#define smp_wmb()	smp_mb()
EOC
check "abi_headers${bits}_kernel" c gnu11 -D__KERNEL__ -nostdinc \
	"-I$kernel" <<'EOC'
#include <net/netmap.h>
#include <net/netmap_virt.h>
_Static_assert(sizeof(((struct netmap_ring *)0)->ts) == 2 * sizeof(long), "ts");
long unit(struct netmap_ring *r, struct nm_csb_atok *a);
long unit(struct netmap_ring *r, struct nm_csb_atok *a)
{
	nm_sync_kloop_appl_write(a, 1, 2);
	nm_stst_barrier();
	nm_ldld_barrier();
	nm_stld_barrier();
	return r->ts.tv_sec + nm_ring_empty(r) + NIOCCTRL;
}
EOC

# None of the above may succeed for want of looking.
check "abi_headers${bits}_broken_unit_is_noticed" fails c c11 <<'EOC'
#include <net/netmap.h>
NM_STATIC_ASSERT(sizeof(struct nmreq) == 61, "wrong on purpose");
EOC
exit $failed
