/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bridge: the structures its parts share.
 */
#ifndef NM_BRIDGE_H
#define NM_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <libnetmap.h>

#define PROG		"bridge"
#define MAX_PORT_NAME	504
#define WAIT_AUTO	-1

/**
 * struct options - what the user wants
 * @port: the two port names; the second is empty when there is only one
 * @burst: slots to move per pair of rings and wake-up
 * @wait: seconds before the start; %WAIT_AUTO: 4, but 0 for software ports
 * @copy: never swap buffers
 * @loop: a single port gets back what it receives
 * @verbose: 1: every wake-up, 2: every packet
 * @json: write statistics in JSON at the end
 * @json_file: where to; NULL: stdout
 */
struct options {
	char port[2][MAX_PORT_NAME + 1];
	unsigned int burst;
	int wait;
	bool copy;
	bool loop;
	unsigned int verbose;
	bool json;
	const char *json_file;
};

/**
 * options_parse - read the command line
 * @o: out
 * @argc: from main()
 * @argv: from main()
 * Return: -1 to go on, else the exit status.
 */
int options_parse(struct options *o, int argc, char **argv);

/**
 * struct ring_state - a receive ring in the middle of something
 * @skip: the rest of a packet that cannot be forwarded is to be dropped
 */
struct ring_state {
	bool skip;
};

/**
 * struct flow - one direction
 * @src: where packets come from
 * @dst: where they go
 * @zerocopy: buffers are swapped
 * @burst: as in the options
 * @verbose: log every packet
 * @state: one per rx ring of @src
 * @packets: forwarded
 * @bytes: theirs
 * @slots: theirs
 * @too_long: packets dropped: they fit no ring or buffer of @dst
 */
struct flow {
	struct nmport_d *src;
	struct nmport_d *dst;
	bool zerocopy;
	unsigned int burst;
	bool verbose;
	struct ring_state *state;
	uint64_t packets;
	uint64_t bytes;
	uint64_t slots;
	uint64_t too_long;
};

/**
 * flow_has_packets - is there a complete packet to forward?
 * @f: the flow
 *
 * Where a packet is incomplete, and for that reason only, the wake-up point
 * of the ring is moved behind it, so that waiting is possible.
 */
bool flow_has_packets(struct flow *f);

/**
 * flow_move - forward what there is, as far as there is room
 * @f: the flow
 *
 * Packets are moved whole.  A ring of the destination that has room, but not
 * for the packet at hand, is left such that it wakes us when it has more.
 *
 * Return: packets forwarded.
 */
unsigned int flow_move(struct flow *f);

/**
 * stats_text - print statistics for people
 * @f: flows
 * @n: number of them
 * @out: stream
 */
void stats_text(const struct flow *f, unsigned int n, FILE *out);

/**
 * stats_json - write them for programs
 * @o: tells where to
 * @f: flows
 * @n: number of them
 * @seconds: duration of the run
 * Return: an exit status.
 */
int stats_json(const struct options *o, const struct flow *f, unsigned int n,
		double seconds);

#endif /* NM_BRIDGE_H */
