/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options: the command line as a structure.
 *
 * What the structure holds has been checked: numbers are in range and do not
 * contradict each other.  What depends on the port (rings, MAC address, MTU)
 * is settled later.
 */
#ifndef NM_PKTGEN_OPTIONS_H
#define NM_PKTGEN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "apps/common/geometry.h"
#include "apps/pkt-gen/addr.h"
#include "apps/pkt-gen/packet.h"
#include "apps/pkt-gen/sizes.h"

#define MAX_PORT_NAME	504
#define MAX_THREADS	1024
#define MAX_CPUS	1024
#define MAX_FRAGS	63

enum function {
	FUNC_RX,
	FUNC_TX,
	FUNC_PING,
	FUNC_PONG,
	FUNC_TXSEQ,
	FUNC_RXSEQ,
};

/* Option bits, as -o takes them. */
#define OPT_PREFETCH	1
#define OPT_ACCESS	2
#define OPT_COPY	4
#define OPT_MEMCPY	8
#define OPT_TS		16
#define OPT_INDIRECT	32
#define OPT_DUMP	64
#define OPT_RUBBISH	256
#define OPT_RANDOM_SRC	512
#define OPT_RANDOM_DST	1024
#define OPT_PPS_STATS	2048
#define OPT_UPDATE_CSUM	4096

#define OPT_KNOWN	(OPT_PREFETCH | OPT_ACCESS | OPT_COPY | OPT_MEMCPY | \
			 OPT_TS | OPT_INDIRECT | OPT_DUMP | OPT_RUBBISH | \
			 OPT_RANDOM_SRC | OPT_RANDOM_DST | OPT_PPS_STATS | \
			 OPT_UPDATE_CSUM)

/**
 * struct options - what the user wants
 * @prog: name of the program, for messages
 * @port: port name, complete with prefix
 * @func: what to do
 * @family: AF_INET or AF_INET6
 * @flow: addresses
 * @src_mac_given: the source MAC is not to be taken from the interface
 * @count: packets or transactions; 0: no limit
 * @must_count: fewer packets than @count is a failure
 * @size: bytes of the (largest) packet, without CRC
 * @size_min: smallest size of a batch; equal to @size unless given
 * @mix: sizes by packet; n is 0 without
 * @burst: packets per ring and turn
 * @frags: slots per packet
 * @max_frag: bytes per slot; 0: as many as fit
 * @flags: OPT_*
 * @vnet: bytes of the virtio header
 * @vnet_given: set it on the port
 * @n_tags: VLAN tags
 * @tag: their contents
 * @pcap_file: file with the packet to send, or NULL
 * @threads: number of threads
 * @affinity: first CPU; -1: do not pin
 * @n_cpus: CPUs to use, as printed
 * @cpus_given: -c was given
 * @cpu_list: CPUs in the order of threads; empty unless --cpus was given
 * @n_cpu_list: entries of @cpu_list
 * @rate: packets per second and thread; 0: as fast as possible
 * @rate_total: packets per second of all threads; 0: see @rate
 * @report_ns: time between two reports
 * @wait_ns: time between opening the port and starting
 * @duration_ns: time to run; 0: no limit
 * @exit_idle: rx: stop after a second of silence
 * @raw_numbers: no K, M, G
 * @framing: count preamble, gap and CRC in bandwidth
 * @latency: stamp (tx) or evaluate stamps (rx)
 * @wall_clock: stamps of CLOCK_REALTIME
 * @json: write JSON
 * @json_file: where to, NULL: stdout
 * @geometry: rings and slots asked for
 * @geometry_items: numbers given with -C
 * @seed: of the random generators
 * @busy: do not sleep between syncs
 * @verbose: how talkative
 */
struct options {
	const char *prog;
	char port[MAX_PORT_NAME + 8];
	enum function func;
	int family;
	struct flow_spec flow;
	bool src_mac_given;
	uint64_t count;
	bool must_count;
	unsigned int size;
	unsigned int size_min;
	struct size_mix mix;
	unsigned int burst;
	unsigned int frags;
	unsigned int max_frag;
	unsigned int flags;
	unsigned int vnet;
	bool vnet_given;
	unsigned int n_tags;
	uint16_t tag[PACKET_MAX_TAGS];
	const char *pcap_file;
	unsigned int threads;
	int affinity;
	unsigned int n_cpus;
	bool cpus_given;
	unsigned int cpu_list[MAX_CPUS];
	unsigned int n_cpu_list;
	uint64_t rate;
	uint64_t rate_total;
	uint64_t report_ns;
	uint64_t wait_ns;
	uint64_t duration_ns;
	bool exit_idle;
	bool raw_numbers;
	bool framing;
	bool latency;
	bool wall_clock;
	bool json;
	const char *json_file;
	struct geometry geometry;
	int geometry_items;
	uint64_t seed;
	bool busy;
	unsigned int verbose;
};

/**
 * options_parse - read the command line
 * @o: written from scratch
 * @argc: of main()
 * @argv: of main(); must outlive @o
 *
 * Return: -1 to go on; otherwise the exit status, and everything has been
 *	said (help, version, or what is wrong).
 */
int options_parse(struct options *o, int argc, char **argv);

/* options_is_sender - does this function build packets? (tx, txseq, ping) */
bool options_is_sender(const struct options *o);

/* options_verb - "Sending on", "Receiving from", "Working on" */
const char *options_verb(const struct options *o);

/* options_function - name of the function, as -f takes it */
const char *options_function(const struct options *o);

/* help_print - text of --help */
void help_print(FILE *f, const char *prog);

#endif /* NM_PKTGEN_OPTIONS_H */
