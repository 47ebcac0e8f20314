/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A switch that forwards by a plug-in: the lookup of the module in the
 * documentation (IPv4 goes to the next position, the rest everywhere), and
 * the rules of registering, of exclusive switches and of NIOCCONFIG.
 *
 *	position   0          1          2
 *	vale0:    a (sends)  b          c
 */
#include "tests/unit/world.h"
#include "engine/vale_ops.h"

#define N_PORTS		3
#define FRAME_LEN	60

static struct nm_engine *e;
static struct nm_file *file[N_PORTS];
static struct nm_actor actor;
static void *seen_priv;
static uint32_t n_left, left_pos;
static uint32_t answer;

static int is_ipv4(const struct nm_frame *f)
{
	return f->len >= 14 && f->buf[12] == 0x08 && f->buf[13] == 0x00;
}

static uint32_t next_lookup(const struct nm_frame *f, uint8_t *dst_ring,
			    const struct nm_vale_src *src, void *priv)
{
	seen_priv = priv;
	return is_ipv4(f) ? src->pos + 1 : NM_POS_BROADCAST;
}

static uint32_t fixed_lookup(const struct nm_frame *f, uint8_t *dst_ring,
			     const struct nm_vale_src *src, void *priv)
{
	return answer;
}

static int echo_config(struct nm_ifreq *ifr, void *priv)
{
	if (ifr->data[0] == 'x')
		return -ERANGE;
	ifr->data[1] = (char)(ifr->data[0] + 1);
	return 0;
}

static void count_dtor(uint32_t pos, void *priv)
{
	n_left++;
	left_pos = pos;
}

static uint32_t n_gone;

static void count_gone(void *priv)
{
	n_gone++;
	seen_priv = priv;
}

static int setup(void)
{
	static const char *const name[N_PORTS] = { "vale0:a", "vale0:b", "vale0:c" };
	int i, id;

	n_left = 0;
	n_gone = 0;
	seen_priv = NULL;
	memset(file, 0, sizeof(file));
	memset(&actor, 0, sizeof(actor));
	e = nm_world_new();
	if (!e)
		return 0;
	for (i = 0; i < N_PORTS; i++) {
		file[i] = nm_world_file(e, 1);
		if (!file[i] ||
		    !NM_CHECK_EQ(nm_world_register(file[i], name[i], 0), 0))
			return 0;
	}
	id = nm_actor_new(e, 1);
	if (!NM_CHECK(id >= 0))
		return 0;
	actor.id = (uint32_t)id;
	actor.batch = nm_os_alloc(nm_batch_size());
	return NM_CHECK(actor.batch != NULL);
}

static void teardown(void)
{
	int i;

	if (!e)
		return;
	if (actor.batch)
		nm_actor_free(e, actor.id);
	nm_os_free(actor.batch);
	for (i = 0; i < N_PORTS; i++)
		if (file[i])
			nm_file_close(file[i]);
	nm_world_end(e);
}

/* The shared ring of a descriptor: receive (0) or transmit (1). */
static struct netmap_ring *ring_of(struct nm_file *f, int tx, uint32_t *idx)
{
	struct nm_plane *pl = nm_engine_plane(e);
	struct nm_bound b;

	if (nm_file_bound(f, &b))
		return NULL;
	*idx = b.ring0 + (tx ? b.n_rx : 0);
	return nm_os_mem_at(&pl->mem[b.region], nm_pring_at(pl, *idx)->ring_ofs);
}

/* The buffer of a slot; in a kernel a region is not contiguous. */
static uint8_t *buf_of(uint32_t ring, const struct netmap_ring *r,
		       const struct netmap_slot *s)
{
	struct nm_plane *pl = nm_engine_plane(e);
	struct nm_pring *pr = nm_pring_at(pl, ring);

	return nm_os_mem_at(&pl->mem[pr->region], pr->ring_ofs + r->buf_ofs +
			    (uint64_t)s->buf_idx * r->nr_buf_size);
}

/* Send one frame of an Ethernet type from port 0. */
static void send_type(uint16_t type)
{
	struct netmap_ring *r;
	struct netmap_slot *s;
	uint8_t *buf;
	uint32_t idx;

	r = ring_of(file[0], 1, &idx);
	NM_REQUIRE(r != NULL);
	s = &r->slot[r->cur];
	buf = buf_of(idx, r, s);
	NM_REQUIRE(buf != NULL);
	memset(buf, 0xee, FRAME_LEN);
	buf[0] = 0x02;
	buf[6] = 0x06;	/* not the same station */
	buf[12] = (uint8_t)(type >> 8);
	buf[13] = (uint8_t)type;
	s->len = FRAME_LEN;
	s->flags = 0;
	r->cur = r->cur + 1 == r->num_slots ? 0 : r->cur + 1;
	r->head = r->cur;
	nm_actor_enter(nm_engine_plane(e), &actor);
	NM_CHECK_EQ(nm_ring_sync_user(nm_engine_plane(e), &actor, idx, 1), 0);
	nm_actor_leave(nm_engine_plane(e), &actor);
}

/* Frames that arrived at port @i; taken. */
static uint32_t receive(int i)
{
	struct netmap_ring *r;
	uint32_t idx, n;

	r = ring_of(file[i], 0, &idx);
	nm_actor_enter(nm_engine_plane(e), &actor);
	NM_CHECK_EQ(nm_ring_sync_user(nm_engine_plane(e), &actor, idx, 0), 0);
	nm_actor_leave(nm_engine_plane(e), &actor);
	n = (r->tail + r->num_slots - r->head) % r->num_slots;
	r->head = r->tail;
	r->cur = r->tail;
	return n;
}

static void expect(const char *what, uint32_t a, uint32_t b, uint32_t c)
{
	nm_test_case(what);
	NM_CHECK_EQ(receive(0), a);
	NM_CHECK_EQ(receive(1), b);
	NM_CHECK_EQ(receive(2), c);
	nm_test_case(NULL);
}

static const struct nm_vale_ops next_ops = {
	.lookup = next_lookup,
	.config = echo_config,
	.dtor = count_dtor,
};

NM_TEST(tutorial_rule)
{
	int priv;

	if (setup()) {
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0:", &next_ops, &priv, NULL), 0);
		send_type(0x0800);
		expect("IPv4 to the next position", 0, 1, 0);
		NM_CHECK(seen_priv == &priv);
		send_type(0x0806);
		expect("the rest to everybody", 0, 1, 1);
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", NULL, NULL, NULL), 0);
		send_type(0x0800);
		expect("default again: unknown station", 0, 1, 1);
	}
	teardown();
}

NM_TEST(answers)
{
	struct nm_vale_ops ops = { .lookup = fixed_lookup };

	if (setup()) {
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", &ops, NULL, NULL), 0);
		answer = 2;
		send_type(0x0800);
		expect("a position", 0, 0, 1);
		answer = 0;
		send_type(0x0800);
		expect("the sender itself", 0, 0, 0);
		answer = 3;
		send_type(0x0800);
		expect("an empty position", 0, 0, 0);
		answer = NM_POS_NONE;
		send_type(0x0800);
		expect("drop", 0, 0, 0);
		answer = 0xffffffff;
		send_type(0x0800);
		expect("nonsense", 0, 0, 0);
		answer = NM_POS_BROADCAST;
		send_type(0x0800);
		expect("broadcast", 0, 1, 1);
		ops.lookup = nm_vale_learning;
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", &ops, NULL, NULL), 0);
		send_type(0x0800);
		expect("default as a plug-in", 0, 1, 1);
	}
	teardown();
}

/* Members that are NULL stay; private data is always replaced. */
NM_TEST(ops_are_merged)
{
	const struct nm_vale_ops only_dtor = { .dtor = count_dtor };
	int priv;

	if (setup()) {
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", &next_ops, NULL, NULL), 0);
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", &only_dtor, &priv, NULL), 0);
		send_type(0x0800);
		expect("lookup stayed", 0, 1, 0);
		NM_CHECK(seen_priv == &priv);
		nm_file_close(file[2]);
		file[2] = NULL;
		NM_CHECK_EQ(n_left, 1);
		NM_CHECK_EQ(left_pos, 2);
	}
	teardown();
}

/* A switch made anew under the same name has the default functions. */
NM_TEST(ops_go_with_the_switch)
{
	int i;

	if (setup()) {
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", &next_ops, NULL, NULL), 0);
		for (i = 0; i < N_PORTS; i++)
			nm_file_close(file[i]);
		NM_CHECK_EQ(n_left, 3);
		for (i = 0; i < N_PORTS; i++) {
			file[i] = nm_world_file(e, 1);
			NM_CHECK_EQ(nm_world_register(file[i], i == 0 ? "vale0:a" :
				    i == 1 ? "vale0:b" : "vale0:c", 0), 0);
		}
		send_type(0x0800);
		expect("broadcast, not next", 0, 1, 1);
	}
	teardown();
	NM_CHECK_EQ(n_left, 3);
}

NM_TEST(regops_errors)
{
	if (setup()) {
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale1", &next_ops, NULL, NULL), -ENXIO);
		NM_CHECK_EQ(nm_vale_regops(e, 1, "vale0", &next_ops, NULL, NULL), -ENXIO);
		NM_CHECK_EQ(nm_vale_regops(e, 0, "eth0", &next_ops, NULL, NULL), -EINVAL);
	}
	teardown();
}

NM_TEST(exclusive_switch)
{
	const void *token = NULL, *other;
	struct nm_reqbuf *rb;
	struct nm_file *f;

	if (setup()) {
		NM_CHECK_EQ(nm_vale_create(e, 0, "vale0", &other), -EEXIST);
		NM_CHECK_EQ(nm_vale_create(e, 0, "nonsense", &other), -EINVAL);
		NM_CHECK_EQ(nm_vale_create(e, 0, "valeX", &token), 0);
		NM_CHECK_EQ(nm_vale_create(e, 0, "valeX", &other), -EEXIST);
		NM_CHECK_EQ(nm_vale_regops(e, 0, "valeX", &next_ops, NULL, NULL), -EACCES);
		NM_CHECK_EQ(nm_vale_regops(e, 0, "valeX", &next_ops, NULL, token), 0);

		f = nm_world_file(e, 1);
		NM_CHECK_EQ(nm_world_register(f, "valeX:a", 0), -EACCES);
		rb = nm_world_req(NETMAP_REQ_VALE_NEWIF, "p0");
		NM_CHECK_EQ(nm_file_ctrl(f, rb), 0);
		rb = nm_world_req(NETMAP_REQ_VALE_ATTACH, "valeX:p0");
		((struct nmreq_vale_attach *)nm_reqbuf_body(rb))->reg.nr_mode =
			NR_REG_ALL_NIC;
		NM_CHECK_EQ(nm_file_ctrl(f, rb), -EACCES);
		NM_CHECK_EQ(nm_file_ctrl(f, nm_world_req(NETMAP_REQ_VALE_DELIF, "p0")), 0);
		nm_file_close(f);

		NM_CHECK_EQ(nm_vale_destroy(e, 0, "valeX", &token), -EACCES);
		NM_CHECK_EQ(nm_vale_destroy(e, 0, "valeY", token), -ENXIO);
		NM_CHECK_EQ(nm_vale_destroy(e, 0, "vale0", token), -EINVAL);
		NM_CHECK_EQ(nm_vale_destroy(e, 0, "valeX", token), 0);
		NM_CHECK_EQ(nm_vale_destroy(e, 0, "valeX", token), -ENXIO);
	}
	teardown();
}

/* Who keeps things of its own beside the functions hears when to free them. */
NM_TEST(gone_is_told_once)
{
	const struct nm_vale_ops ops = {
		.lookup = fixed_lookup, .gone = count_gone,
	};
	int priv, i;

	if (setup()) {
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", &ops, &priv, NULL), 0);
		NM_CHECK_EQ(n_gone, 0);
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", NULL, NULL, NULL), 0);
		NM_CHECK_EQ(n_gone, 1);
		NM_CHECK(seen_priv == &priv);
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", &ops, &priv, NULL), 0);
		for (i = 0; i < N_PORTS; i++) {
			nm_file_close(file[i]);
			file[i] = NULL;
		}
		NM_CHECK_EQ(n_gone, 2);
	}
	teardown();
	NM_CHECK_EQ(n_gone, 2);
}

static int vale_request(struct nm_file *f, uint16_t type, const char *name)
{
	struct nm_reqbuf *rb = nm_world_req(type, name);

	if (type == NETMAP_REQ_VALE_ATTACH)
		((struct nmreq_vale_attach *)nm_reqbuf_body(rb))->reg.nr_mode =
			NR_REG_ALL_NIC;
	return nm_file_ctrl(f, rb);
}

/* Who has the token may attach; when it is gone, everybody may. */
NM_TEST(token_opens_the_switch)
{
	struct nm_cred cred = { .uid = 1, .direct = 1 };
	struct nm_file *owner, *f;
	const void *token;

	if (setup()) {
		NM_CHECK_EQ(nm_vale_create(e, 0, "valeX", &token), 0);
		NM_CHECK_EQ(nm_vale_regops(e, 0, "valeX", &next_ops, NULL, token), 0);
		cred.token = token;
		NM_CHECK_EQ(nm_file_open(e, &cred, &owner), 0);
		f = nm_world_file(e, 1);
		NM_CHECK_EQ(vale_request(owner, NETMAP_REQ_VALE_NEWIF, "p0"), 0);
		NM_CHECK_EQ(vale_request(f, NETMAP_REQ_VALE_ATTACH, "valeX:p0"), -EACCES);
		NM_CHECK_EQ(vale_request(owner, NETMAP_REQ_VALE_ATTACH, "valeX:p0"), 0);
		NM_CHECK_EQ(nm_vale_destroy(e, 0, "valeX", token), -EBUSY);

		NM_CHECK_EQ(nm_vale_disown(e, 0, "valeX", &token), -EACCES);
		NM_CHECK_EQ(nm_vale_disown(e, 0, "valeX", token), 0);
		NM_CHECK_EQ(nm_vale_disown(e, 0, "valeX", token), -EINVAL);
		NM_CHECK_EQ(n_left, 0);
		NM_CHECK_EQ(vale_request(f, NETMAP_REQ_VALE_DETACH, "valeX:p0"), 0);
		NM_CHECK_EQ(nm_vale_regops(e, 0, "valeX", &next_ops, NULL, NULL), -ENXIO);
		NM_CHECK_EQ(vale_request(f, NETMAP_REQ_VALE_DELIF, "p0"), 0);
		nm_file_close(owner);
		nm_file_close(f);
	}
	teardown();
}

static void *replace(void *priv, void *arg, int *err)
{
	seen_priv = priv;
	*err = arg ? 0 : -EAGAIN;
	return arg;
}

NM_TEST(update_private_data)
{
	int one, two;

	if (setup()) {
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", &next_ops, &one, NULL), 0);
		NM_CHECK_EQ(nm_vale_update_private_data(e, 0, "vale0", replace,
							&two, NULL), 0);
		NM_CHECK(seen_priv == &one);
		NM_CHECK_EQ(nm_vale_update_private_data(e, 0, "vale0", replace,
							NULL, NULL), -EAGAIN);
		send_type(0x0800);
		expect("still there", 0, 1, 0);
		NM_CHECK(seen_priv == &two);
		NM_CHECK_EQ(nm_vale_update_private_data(e, 0, "vale9", replace,
							&two, NULL), -EINVAL);
	}
	teardown();
}

NM_TEST(config)
{
	struct nm_ifreq ifr;

	if (setup()) {
		memset(&ifr, 0, sizeof(ifr));
		memcpy(ifr.nifr_name, "vale0:a", 8);
		NM_CHECK_EQ(nm_file_config(file[0], &ifr), -EINVAL);
		NM_CHECK(nm_file_error(file[0])[0] != '\0');
		NM_CHECK_EQ(nm_vale_regops(e, 0, "vale0", &next_ops, NULL, NULL), 0);
		ifr.data[0] = 7;
		NM_CHECK_EQ(nm_file_config(file[0], &ifr), 0);
		NM_CHECK_EQ(ifr.data[1], 8);
		NM_CHECK_STR(nm_file_error(file[0]), "");
		ifr.data[0] = 'x';
		NM_CHECK_EQ(nm_file_config(file[0], &ifr), -ERANGE);
		NM_CHECK(nm_file_error(file[0])[0] != '\0');
		memset(ifr.nifr_name, 'v', sizeof(ifr.nifr_name));
		NM_CHECK_EQ(nm_file_config(file[0], &ifr), -EINVAL);
		memcpy(ifr.nifr_name, "vale9", 6);
		NM_CHECK_EQ(nm_file_config(file[0], &ifr), -EINVAL);
	}
	teardown();
}

NM_TEST_SUITE(vale_ops,
	NM_T(tutorial_rule),
	NM_T(answers),
	NM_T(ops_are_merged),
	NM_T(ops_go_with_the_switch),
	NM_T(regops_errors),
	NM_T(exclusive_switch),
	NM_T(gone_is_told_once),
	NM_T(token_opens_the_switch),
	NM_T(update_private_data),
	NM_T(config));
