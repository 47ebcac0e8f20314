/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * script: the events of `functional`, in the order of the command line.
 *
 * Packets are compared byte by byte; the first one that differs, is missing or
 * should not be there ends the script with a sentence about it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tests/tools/script.h"

static int bad(char *report, const char *what, const char *arg)
{
	snprintf(report, SCRIPT_REPORT, "%s: %s", what, arg);
	return -1;
}

static int number(const char *text, unsigned long max, unsigned int *out)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *end || v > max)
		return -1;
	*out = v;
	return 0;
}

/* LEN[:CHAR[:NUM]] */
static int parse_packets(const char *arg, struct script_event *e)
{
	char *end;

	e->fill = 'a';
	e->num = 1;
	e->len = strtoul(arg, &end, 10);
	if (end == arg || e->len < FRAME_HEADERS + 1 || e->len > FRAME_MAX)
		return -1;
	if (*end == '\0')
		return 0;
	if (*end != ':' || end[1] == '\0')
		return -1;
	e->fill = end[1];
	if (end[2] == '\0')
		return 0;
	return end[2] == ':' ? number(end + 3, 1000000, &e->num) : -1;
}

/* NUM[us|ms|s], seconds by default; kept in ms */
static int parse_time(const char *arg, unsigned int *ms)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 10);

	if (end == arg)
		return -1;
	if (!strcmp(end, "us"))
		*ms = (v + 999) / 1000;
	else if (!strcmp(end, "ms"))
		*ms = v;
	else if (!*end || !strcmp(end, "s"))
		*ms = v * 1000;
	else
		return -1;
	return 0;
}

static int add_event(struct script *s, int opt, const char *arg)
{
	struct script_event *e = &s->event[s->n_events];

	if (s->n_events == SCRIPT_EVENTS)
		return -1;
	s->n_events++;
	switch (opt) {
	case 't':
	case 'r':
		e->what = opt == 't' ? SCRIPT_SEND : SCRIPT_EXPECT;
		return parse_packets(arg, e);
	case 'p':
		e->what = SCRIPT_PAUSE;
		return parse_time(arg, &e->num);
	default:
		e->what = SCRIPT_ROOM;
		return number(arg, 1u << 20, &e->num);
	}
}

static int option(struct script *s, int opt, const char *arg)
{
	switch (opt) {
	case 'i':
	case 'I':
		s->port = arg;
		s->held = opt == 'i';
		return 0;
	case 't':
	case 'r':
	case 'p':
	case 'A':
		return add_event(s, opt, arg);
	case 's':
		return frame_mac_parse(arg, s->src);
	case 'd':
		return frame_mac_parse(arg, s->dst);
	case 'F':
		return number(arg, FRAME_MAX, &s->frag);
	case 'T':
		return parse_time(arg, &s->timeout_ms);
	case 'w':
		return parse_time(arg, &s->wait_ms);
	case 'e':
		return number(arg, 100000, &s->n_extra);
	case 'C':
		return number(arg, 1000000, &s->repeat);
	case 'g':
		s->ignore_others = 1;
		return 0;
	case 'n':
		s->want_silence = 1;
		return 0;
	case 'q':
		s->advance = 1;
		return 0;
	case 'k':
		s->stop = 1;
		return 0;
	case 'v':
		s->verbose++;
		return 0;
	default:
		return -1;
	}
}

int script_parse(struct script *s, int argc, char **argv, char *report)
{
	char name[3] = "-?";
	int opt;

	memset(s, 0, sizeof(*s));
	memset(s->dst, 0xff, 6);
	s->timeout_ms = 1000;
	s->repeat = 1;
	optind = 0;	/* from the start, also the second time */
	while ((opt = getopt(argc, argv,
			     "i:I:t:r:p:A:s:d:F:T:w:e:C:gnqkv")) != -1) {
		name[1] = opt;
		if (option(s, opt, optarg))
			return bad(report, name, optarg ? optarg : "unknown");
	}
	if (optind < argc)
		return bad(report, "unexpected argument", argv[optind]);
	if (!s->port)
		return bad(report, "a port is missing", "use -i or -I");
	if (s->n_extra && s->held)
		return bad(report, "-e", "only with -I");
	return 0;
}

struct nmport_d *script_open(const struct script *s, char *report)
{
	struct nmport_d *d = nmport_prepare(s->port);

	if (d) {
		d->reg.nr_extra_bufs = s->n_extra;
		if (nmport_open_desc(d) == 0)
			return d;
		nmport_undo_prepare(d);
	}
	snprintf(report, SCRIPT_REPORT, "%s", nmport_last_error());
	return NULL;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, (ms % 1000) * 1000000L };

	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}

static void model_of(const struct script *s, const struct script_event *e,
		     unsigned int i, struct frame_model *m)
{
	memcpy(m->dst, s->dst, 6);
	memcpy(m->src, s->src, 6);
	m->len = e->len;
	m->fill = e->fill;
	if (!s->advance)
		return;
	if (e->fill >= 'a' && e->fill <= 'z')
		m->fill = 'a' + (e->fill - 'a' + i) % 26;
	else if (e->fill >= 'A' && e->fill <= 'Z')
		m->fill = 'A' + (e->fill - 'A' + i) % 26;
}

static int send_all(const struct script *s, const struct script_event *e,
		    struct nmport_d *d, struct frame_tx *tx, uint8_t *buf,
		    char *report)
{
	struct frame_model m;
	unsigned int i;

	for (i = 0; i < e->num; i++) {
		model_of(s, e, i, &m);
		frame_build(&m, buf);
		if (frame_send(d, tx, buf, m.len) == 0)
			continue;
		snprintf(report, SCRIPT_REPORT,
			 "%s: packet %u of %u was not sent: %s", s->port,
			 i + 1, e->num, strerror(errno));
		return -1;
	}
	return 0;
}

/* The next packet that counts: its length, or -1 with errno. */
static int next_packet(const struct script *s, struct nmport_d *d,
		       const uint8_t *want, uint8_t *got)
{
	int64_t deadline = frame_now_ms() + s->timeout_ms;
	int64_t left;
	int len;

	do {
		left = deadline - frame_now_ms();
		len = frame_receive(d, got, left > 0 ? left : 0);
	} while (len > 0 && s->ignore_others &&
		 (len < 14 || memcmp(got, want, 14)));
	return len;
}

static int first_difference(const uint8_t *a, const uint8_t *b, int len)
{
	int i;

	for (i = 0; i < len && a[i] == b[i]; i++)
		;
	return i;
}

static int expect_one(const struct script *s, const struct frame_model *m,
		      struct nmport_d *d, uint8_t *want, uint8_t *got,
		      char *report)
{
	int len, at;

	frame_build(m, want);
	len = next_packet(s, d, want, got);
	if (s->want_silence) {
		if (len < 0 && errno == ETIMEDOUT)
			return 0;
		snprintf(report, SCRIPT_REPORT, len < 0 ? "%s: %s" :
			 "%s: received something where nothing may come",
			 s->port, strerror(errno));
		return -1;
	}
	if (len < 0) {
		snprintf(report, SCRIPT_REPORT, "%s: nothing received: %s",
			 s->port, strerror(errno));
		return -1;
	}
	at = first_difference(want, got, len < (int)m->len ? len : (int)m->len);
	if (len == (int)m->len && at == len)
		return 0;
	snprintf(report, SCRIPT_REPORT,
		 "%s: %d bytes received, %u expected, first difference at %d",
		 s->port, len, m->len, at);
	return -1;
}

static int expect_all(const struct script *s, const struct script_event *e,
		      struct nmport_d *d, uint8_t *want, uint8_t *got,
		      char *report)
{
	unsigned int n = s->want_silence ? 1 : e->num, i;
	struct frame_model m;
	size_t used;

	for (i = 0; i < n; i++) {
		model_of(s, e, i, &m);
		if (expect_one(s, &m, d, want, got, report) == 0)
			continue;
		used = strlen(report);
		snprintf(report + used, SCRIPT_REPORT - used,
			 " (packet %u of %u)", i + 1, e->num);
		return -1;
	}
	return nmport_sync_rx(d) ? bad(report, s->port, "rx sync failed") : 0;
}

static int run_event(const struct script *s, const struct script_event *e,
		     struct nmport_d *d, struct frame_tx *tx, uint8_t *bufs,
		     char *report)
{
	int room;

	switch (e->what) {
	case SCRIPT_SEND:
		return send_all(s, e, d, tx, bufs, report);
	case SCRIPT_EXPECT:
		return expect_all(s, e, d, bufs, bufs + FRAME_MAX, report);
	case SCRIPT_PAUSE:
		sleep_ms(e->num);
		return 0;
	case SCRIPT_ROOM:
		room = frame_tx_room(d);
		if (room == (int)e->num)
			return 0;
		snprintf(report, SCRIPT_REPORT,
			 "%s: room for %d slots where %u were expected",
			 s->port, room, e->num);
		return -1;
	}
	return -1;
}

static int take_extra(const struct script *s, struct nmport_d *d,
		      struct frame_tx *tx, char *report)
{
	tx->extra = calloc(s->n_extra + 1, sizeof(*tx->extra));
	if (!tx->extra)
		return bad(report, s->port, "out of memory");
	while (tx->n_extra < s->n_extra) {
		tx->extra[tx->n_extra] = nmport_extra_take(d);
		if (!tx->extra[tx->n_extra])
			break;
		tx->n_extra++;
	}
	if (tx->n_extra == s->n_extra)
		return 0;
	snprintf(report, SCRIPT_REPORT, "%s: %u extra buffers instead of %u",
		 s->port, tx->n_extra, s->n_extra);
	return -1;
}

int script_run(const struct script *s, struct nmport_d *d, char *report)
{
	struct frame_tx tx = { .frag = s->frag, .timeout_ms = s->timeout_ms };
	uint8_t *bufs = malloc(2 * FRAME_MAX);
	unsigned int i, k;
	int ret = -1;

	if (!bufs)
		return bad(report, s->port, "out of memory");
	if (take_extra(s, d, &tx, report))
		goto out;
	sleep_ms(s->wait_ms);
	for (i = 0, ret = 0; i < s->repeat && !ret; i++)
		for (k = 0; k < s->n_events && !ret; k++)
			ret = run_event(s, &s->event[k], d, &tx, bufs, report);
out:
	for (i = 0; i < tx.n_extra; i++)
		nmport_extra_give(d, tx.extra[i]);
	free(tx.extra);
	free(bufs);
	return ret;
}
