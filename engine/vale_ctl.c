/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The requests that administer switches: ATTACH, DETACH, LIST, NEWIF, DELIF,
 * POLLING, PORT_HDR_SET, PORT_HDR_GET.
 */
#include "engine/vale.h"
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/nic.h"
#include "engine/req.h"
#include "engine/vif.h"

/* Position that VALE_LIST gives for a switch without the port asked for. */
#define LIST_NO_PORT	255u

/* vale<X>:<Y>, or a sentence; on the heap, to be freed by the caller. */
static int parse_vale(struct nm_file *f, const char *text, struct nm_name **out)
{
	struct nm_name *name = nm_os_alloc(sizeof(*name));
	int error;

	if (!name)
		return nm_fail(f, ENOMEM, "no memory to look at the name %s",
			       text);
	error = nm_name_parse_text(text, name, f->msg);
	if (!error && name->kind != NM_NAME_VALE)
		error = nm_fail(f, EINVAL,
				"%s does not name a switch: write vale<switch>:%s",
				text, text);
	if (error) {
		nm_os_free(name);
		return error;
	}
	*out = name;
	return 0;
}

/* A persistent port. */
static int attach(struct nm_file *f, const struct nm_name *name,
		  struct nm_port *p, uint32_t *pos)
{
	struct nm_switch *sw;
	int error;

	error = nm_port_may_admin(f, p);
	if (error)
		return error;
	error = nm_switch_may(f, nm_switch_find(f->e, f->cred.ns_id, name->base),
			      "attaches");
	if (error)
		return error;
	if (p->sw && !strcmp(p->sw->name, name->base))
		return nm_fail(f, EBUSY, "%s is on switch %s already", p->name,
			       name->base);
	if (p->sw)
		return nm_fail(f, EBUSY,
			       "%s is on switch %s: a port is on one switch at a time in this home, detach it first",
			       p->name, p->sw->name);
	if (p->n_files)
		return nm_fail(f, EBUSY,
			       "%s is open: attach it before programs open it",
			       p->name);
	error = nm_switch_get(f->e, f->cred.ns_id, name->base, &sw);
	if (error)
		return nm_fail(f, ENOMEM, "no memory for another switch (%s)",
			       name->base);
	error = nm_switch_join(sw, p);
	if (!error) {
		nm_port_ref(p);
		*pos = p->pos;
		nm_vif_connect(p);
		return 0;
	}
	nm_switch_put(sw);
	return nm_fail(f, ENOMEM,
		       "switch %s has no free position for %s, or memory is short",
		       name->base, name->id);
}

int nm_req_vale_attach(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_vale_attach *att = (void *)rb->data;
	struct nm_region *rg = NULL;
	struct nm_name *name;
	struct nm_port *p;
	int error;

	if (att->reg.nr_mem_id) {
		error = nm_region_by_id(f, att->reg.nr_mem_id, &rg);
		if (error)
			return error;
		nm_region_put(rg);
	}
	error = parse_vale(f, rb->hdr.nr_name, &name);
	if (error)
		return error;
	p = nm_port_find(f->e, f->cred.ns_id, &nm_persistent_kind, name->id);
	if (nm_port_find(f->e, f->cred.ns_id, &nm_vale_kind, name->full) ||
	    nm_port_find(f->e, f->cred.ns_id, &nm_wire_kind, name->full))
		error = nm_fail(f, EBUSY, "%s is on switch %s already",
				name->id, name->base);
	else if (p)
		error = attach(f, name, p, &att->port_index);
	else
		error = nm_nic_attach(f, name, &att->reg, &att->port_index);
	nm_os_free(name);
	return error;
}

/*
 * The port vale<X>:<Y> of a request that changes it, and may.
 * Return: 0; -ENXIO there is none; -EPERM; -EACCES.
 */
static int port_to_change(struct nm_file *f, const struct nm_reqbuf *rb,
			  const char *verb, struct nm_port **out)
{
	struct nm_name *name;
	struct nm_port *p;
	int error;

	error = parse_vale(f, rb->hdr.nr_name, &name);
	if (error)
		return error == -EINVAL ? -ENXIO : error;
	p = nm_vale_lookup(f, name);
	nm_os_free(name);
	if (!p)
		return nm_fail(f, ENXIO,
			       "there is no port %s: open or attach it first, see vale-ctl -l",
			       rb->hdr.nr_name);
	*out = p;
	error = nm_port_may_admin(f, p);
	return error ? error : nm_switch_may(f, p->sw, verb);
}

int nm_req_vale_detach(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_vale_detach *det = (void *)rb->data;
	struct nm_port *p;
	int error;

	if (!nm_name_is_vale(rb->hdr.nr_name))
		return nm_fail(f, EINVAL,
			       "%s does not name a switch: write vale<switch>:%s",
			       rb->hdr.nr_name, rb->hdr.nr_name);
	error = port_to_change(f, rb, "detaches", &p);
	if (error)
		return error;
	det->port_index = p->pos;
	if (p->n_pollers || (p->inner && p->inner->wire[0]->n_pollers))
		return nm_fail(f, EBUSY,
			       "%s is polled: end that first, vale-ctl -P %s",
			       rb->hdr.nr_name, rb->hdr.nr_name);
	if (p->kind == &nm_wire_kind) {
		nm_nic_detach(p);
	} else if (p->kind == &nm_persistent_kind) {
		nm_vif_disconnect(p);
		nm_switch_leave(p);
		nm_port_put(p);
	}
	return 0;
}

static int list_by_name(struct nm_file *f, struct nm_reqbuf *rb,
			struct nmreq_vale_list *list)
{
	char base[NM_SWITCH_LEN];
	struct nm_switch *sw;
	struct nm_port *p = NULL;
	struct nm_name *name;
	int error;

	if (!nm_name_is_vale(rb->hdr.nr_name))
		return nm_fail(f, EINVAL,
			       "%s does not name a switch: it must begin with vale",
			       rb->hdr.nr_name);
	error = nm_name_switch(rb->hdr.nr_name, base, f->msg);
	if (error)
		return error;
	sw = nm_switch_find(f->e, f->cred.ns_id, base);
	if (!sw)
		return nm_fail(f, ENOENT, "there is no switch %s", base);
	if (!parse_vale(f, rb->hdr.nr_name, &name)) {
		p = nm_vale_lookup(f, name);
		nm_os_free(name);
	}
	list->nr_bridge_idx = sw->idx;
	list->nr_port_idx = p ? p->pos : LIST_NO_PORT;
	return 0;
}

/* The full name of a port on a switch. */
static void port_name(const struct nm_port *p, char *text, size_t len)
{
	if (p->kind == &nm_persistent_kind)
		snprintf(text, len, "%s:%.15s", p->sw->name, p->name);
	else
		snprintf(text, len, "%s", p->name);
}

static int list_next(struct nm_file *f, struct nm_reqbuf *rb,
		     struct nmreq_vale_list *list)
{
	struct nm_switch *sw;
	uint32_t pos;

	for (sw = f->e->switches; sw; sw = sw->next) {
		if (sw->ns_id != f->cred.ns_id || sw->idx < list->nr_bridge_idx)
			continue;
		pos = sw->idx == list->nr_bridge_idx ? list->nr_port_idx : 0;
		for (; pos < sw->n_at; pos++) {
			if (!sw->at[pos])
				continue;
			list->nr_bridge_idx = sw->idx;
			list->nr_port_idx = pos;
			port_name(sw->at[pos], rb->hdr.nr_name,
				  sizeof(rb->hdr.nr_name));
			return 0;
		}
	}
	return nm_fail(f, ENOENT, "there are no more ports on switches");
}

int nm_req_vale_list(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_vale_list *list = (void *)rb->data;

	if (rb->hdr.nr_name[0])
		return list_by_name(f, rb, list);
	return list_next(f, rb, list);
}

int nm_req_vale_newif(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_vale_newif *nif = (void *)rb->data;
	struct nm_want w = {
		.text = rb->hdr.nr_name,
		.tx_rings = nif->nr_tx_rings, .rx_rings = nif->nr_rx_rings,
		.tx_slots = nif->nr_tx_slots, .rx_slots = nif->nr_rx_slots,
		.mem_id = nif->nr_mem_id,
	};
	struct nm_port *p;
	size_t len = strlen(w.text);
	int error;

	if (!len || len >= NM_IFNAMSIZ || nm_name_is_vale(w.text))
		return nm_fail(f, EINVAL,
			       "%s is no name for a persistent port: use 1 to 15 characters and do not begin with vale",
			       len ? w.text : "the empty string");
	if (strpbrk(w.text, "{}:/"))
		return nm_fail(f, EINVAL,
			       "%s is no name for a persistent port: leave out { } : /",
			       w.text);
	if (nm_port_find(f->e, f->cred.ns_id, &nm_persistent_kind, w.text) ||
	    nm_os_if_exists(w.text, f->cred.ns))
		return nm_fail(f, EEXIST, "there is an interface %s already",
			       w.text);
	error = nm_persistent_new(f, &w, 1, &p);
	if (error)
		return error;
	nif->nr_tx_rings = p->geo.tx_rings;
	nif->nr_rx_rings = p->geo.rx_rings;
	nif->nr_tx_slots = p->geo.tx_slots;
	nif->nr_rx_slots = p->geo.rx_slots;
	nif->nr_mem_id = p->region->id;
	error = nm_vif_new(f, p);
	if (error)
		nm_port_put(p);		/* the one that NEWIF leaves */
	nm_port_put(p);
	return error;
}

int nm_req_vale_delif(struct nm_file *f, struct nm_reqbuf *rb)
{
	const char *text = rb->hdr.nr_name;
	struct nm_port *p;
	int error;

	p = nm_port_find(f->e, f->cred.ns_id, &nm_persistent_kind, text);
	if (!p && nm_os_if_exists(text, f->cred.ns))
		return nm_fail(f, EINVAL,
			       "%s is an interface of the system, not a persistent port",
			       text);
	if (!p)
		return nm_fail(f, ENXIO, "there is no persistent port %s", text);
	error = nm_port_may_admin(f, p);
	if (error)
		return error;
	if (p->persistent != 1)
		return nm_fail(f, EINVAL,
			       "%s was made for a pipe and goes with it: close the pipe",
			       text);
	if (p->sw)
		return nm_fail(f, EBUSY,
			       "%s is on switch %s: detach it first", text,
			       p->sw->name);
	if (p->refs > 1)
		return nm_fail(f, EBUSY,
			       "%s is open: close the programs that use it, or its pipes",
			       text);
	nm_vif_end(p);
	nm_port_put(p);
	return 0;
}

/* The port whose polling a request is about. */
static int polled_port(struct nm_file *f, struct nm_reqbuf *rb,
		       struct nm_port **out)
{
	struct nm_name *name;
	int error;

	error = parse_vale(f, rb->hdr.nr_name, &name);
	if (error)
		return error;
	*out = nm_vale_lookup(f, name);
	nm_os_free(name);
	if (!*out)
		return nm_fail(f, ENXIO, "%s is not attached: see vale-ctl -l",
			       rb->hdr.nr_name);
	return nm_port_may_admin(f, *out);
}

int nm_req_vale_polling_on(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nm_port *p;
	int error = polled_port(f, rb, &p);

	return error ? error : nm_nic_poll(f, p, nm_reqbuf_body(rb));
}

int nm_req_vale_polling_off(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nm_port *p;
	int error = polled_port(f, rb, &p);

	return error ? error : nm_nic_poll_end(f, p);
}

int nm_req_port_hdr_set(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_port_hdr *hdr = (void *)rb->data;
	uint32_t len = hdr->nr_hdr_len;
	struct nm_port *p;
	int error;

	if (len != 0 && len != 10 && len != 12)
		return nm_fail(f, EINVAL,
			       "a virtio-net header has 0, 10 or 12 bytes, not %u",
			       len);
	if (!nm_name_is_vale(rb->hdr.nr_name))
		return nm_fail(f, ENXIO, "%s is not a port of a switch",
			       rb->hdr.nr_name);
	error = port_to_change(f, rb, "configures", &p);
	if (error)
		return error;
	p->hdr_len = len;
	nm_store32_rel(&nm_pport_at(&f->e->pl, p->idx)->hdr_len, len);
	return 0;
}

int nm_req_port_hdr_get(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_port_hdr *hdr = (void *)rb->data;
	struct nm_want w = { .text = rb->hdr.nr_name, .mode = NR_REG_ALL_NIC };
	struct nm_port *p;
	int error;

	error = nm_port_get(f, &w, &p);
	if (error)
		return error;
	hdr->nr_hdr_len = p->hdr_len;
	nm_port_put(p);
	return 0;
}
