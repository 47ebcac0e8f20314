/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapfile: capture files of Ethernet frames.
 *
 * A file header of 24 bytes, then per frame a header of 16 bytes and the
 * bytes.  Frames that were cut short by the capture are refused: what we
 * would send is not what was on the wire.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/clock.h"
#include "apps/demo/pcapfile.h"

#define PCAP_MAGIC	0xa1b2c3d4u
#define LINKTYPE_ETHERNET	1
#define MIN_FRAME	14	/* an Ethernet header */

struct file_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snaplen, linktype;
};

struct frame_head {
	uint32_t sec, usec, caplen, len;
};

static int complain(const char *path, const char *what)
{
	fprintf(stderr, "netmap-demo: %s: %s\n", path, what);
	return -1;
}

static uint8_t *read_file(const char *path, size_t *size)
{
	uint8_t *data = malloc(CAPTURE_MAX_BYTES + 1);
	FILE *f = fopen(path, "rb");
	int err = f ? ENOMEM : errno;

	if (data && f) {
		*size = fread(data, 1, CAPTURE_MAX_BYTES + 1, f);
		err = ferror(f) ? EIO : *size > CAPTURE_MAX_BYTES ? EFBIG : 0;
	}
	if (f)
		fclose(f);
	if (!err)
		return data;
	free(data);
	complain(path, strerror(err));
	return NULL;
}

/* Find the frames in a file; with @c->frame NULL only count them. */
static int index_frames(struct capture *c, size_t size)
{
	size_t at = sizeof(struct file_head);
	struct frame_head h;

	for (c->n = 0; at + sizeof(h) <= size; c->n++) {
		memcpy(&h, c->file + at, sizeof(h));
		at += sizeof(h);
		if (h.caplen != h.len || h.len > size - at ||
		    h.len < MIN_FRAME || c->n == CAPTURE_MAX_FRAMES)
			return -1;
		if (c->frame)
			c->frame[c->n] = (struct frame){
				.data = c->file + at, .len = h.len,
			};
		at += h.len;
	}
	return at == size && c->n ? 0 : -1;
}

int capture_load(struct capture *c, const char *path)
{
	struct file_head head = { .magic = 0 };
	size_t size = 0;

	*c = (struct capture){ .file = read_file(path, &size) };
	if (!c->file)
		return -1;
	if (size >= sizeof(head))
		memcpy(&head, c->file, sizeof(head));
	if (head.magic != PCAP_MAGIC || head.linktype != LINKTYPE_ETHERNET) {
		capture_free(c);
		return complain(path, "not a pcap file of Ethernet frames in "
				"this machine's byte order");
	}
	if (!index_frames(c, size))
		c->frame = calloc(c->n, sizeof(*c->frame));
	if (!c->frame || index_frames(c, size)) {
		capture_free(c);
		return complain(path, "empty, damaged, or with frames that "
				"were cut short");
	}
	return 0;
}

void capture_free(struct capture *c)
{
	free(c->frame);
	free(c->file);
	*c = (struct capture){ .n = 0 };
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* @p: an IP header of a frame that ends at @end. */
static void count_ip(struct census *c, const uint8_t *p, const uint8_t *end,
		bool is_v6)
{
	unsigned int proto, sport, dport, skip;

	c->ipv6 += is_v6;
	if (end - p < 40)
		return;
	proto = is_v6 ? p[6] : p[9];
	skip = is_v6 ? 40 : (p[0] & 15) * 4;
	if ((proto != 6 && proto != 17) || end - p < (int)skip + 4)
		return;
	sport = get16(p + skip);
	dport = get16(p + skip + 2);
	if (proto == 17)
		c->dns += sport == 53 || dport == 53;
	else if (sport == 22 || dport == 22)
		c->ssh++;
	else if (sport == 80 || dport == 80 || sport == 8080 || dport == 8080)
		c->http++;
}

static void count_frame(struct census *c, const struct frame *f)
{
	const uint8_t *end = f->data + f->len, *p = f->data + 12;
	bool tagged = get16(p) == 0x8100 && f->len >= 18;
	unsigned int type;

	p += tagged ? 4 : 0;
	type = get16(p);
	c->frames++;
	c->bytes += f->len;
	c->vlan += tagged;
	c->jumbo += f->len > (tagged ? 1518 : 1514);
	c->arp += type == 0x0806;
	if (f->len > c->longest)
		c->longest = f->len;
	if (type == 0x0800 || type == 0x86dd)
		count_ip(c, p + 2, end, type == 0x86dd);
}

struct census capture_count(const struct capture *c)
{
	struct census sum = { .frames = 0 };
	unsigned int i;

	for (i = 0; i < c->n; i++)
		count_frame(&sum, &c->frame[i]);
	return sum;
}

void capture_write_head(FILE *f)
{
	struct file_head head = {
		.magic = PCAP_MAGIC, .major = 2, .minor = 4,
		.snaplen = 65535, .linktype = LINKTYPE_ETHERNET,
	};

	fwrite(&head, sizeof(head), 1, f);
}

void capture_write_frame(FILE *f, uint64_t time_ns, const void *data,
		uint32_t len)
{
	struct frame_head h = {
		.sec = (uint32_t)(time_ns / NS_PER_SEC),
		.usec = (uint32_t)(time_ns % NS_PER_SEC / 1000),
		.caplen = len, .len = len,
	};

	fwrite(&h, sizeof(h), 1, f);
	fwrite(data, len, 1, f);
}
