/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libnetmap.h: ports by name.
 *
 *	struct nmport_d *d = nmport_open("vale0:a");
 *
 * parses the name, opens a netmap descriptor, binds it to the port and maps
 * the region; nmport_close() undoes it all.  In between, the steps can be
 * taken one by one, to change what is asked for:
 *
 *	          new         parse          register         mmap
 *	(nothing) --> created --> parsed -----------> bound -----> mapped
 *	        `---- prepare ------^  `---- open_desc --------------^
 *
 *	d = nmport_prepare("vale0:a");
 *	d->reg.nr_extra_bufs = 64;
 *	if (nmport_open_desc(d) < 0)
 *		...
 *
 * The same calls work wherever the engine runs: in the kernel, behind
 * /dev/netmap, or in a server process of the user ("homes").  A program that
 * waits with nmport_poll() and syncs with nmport_sync_tx() and
 * nmport_sync_rx() runs in both as it is; one that calls poll(2) and ioctl(2)
 * on d->fd itself runs in the kernel, and elsewhere under netmap-run.
 *
 * Unless said otherwise, functions return 0 or a pointer on success; on
 * failure -1 or NULL, with errno set and one sentence given to the error
 * callback of the context (by default: printed on stderr) and kept for
 * nmport_last_error().  One port is used by one thread at a time; different
 * ports by different threads, unless LIBNETMAP_NOTHREADSAFE is defined.
 *
 * Port names:
 *
 *	netmap:NAME | vale[SWITCH]:PORT
 *	  [ {ID | }ID ]			one end of a pipe
 *	  [ -N | ^ | ^N | * ]		one ring, host rings, one host ring, all
 *	  [ @REGION ]			in this memory region
 *	  [ /xztrRT ]			exclusive, monitor, one direction
 *	  [ @OPTION[=VALUE | :KEY=VALUE,...] ]...
 * A NAME or PORT that contains one of - ^ * / @ is quoted: netmap:[br-lan]-0 or
 * netmap:"br-lan"-0.  Options: share=PORT, extmem=FILE, conf=RINGS (and keys),
 * offset=BYTES, bufs=N, vnet[=LEN], poll:no-tx,do-rx.
 */
#ifndef LIBNETMAP_H_
#define LIBNETMAP_H_

#include <poll.h>
#include <net/netmap_user.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* Version of this header; nmport_version() is that of the library. */
#define LIBNETMAP_VERSION_MAJOR	1
#define LIBNETMAP_VERSION_MINOR	0
#define LIBNETMAP_VERSION	\
	(LIBNETMAP_VERSION_MAJOR * 1000 + LIBNETMAP_VERSION_MINOR)

struct nmctx;
struct nmem_d;
struct nmport_cleanup_d;	/* private to the library */

/*
 * Ports
 */

/**
 * struct nmport_d - a port of this process
 * @hdr: the register request; its body is @reg, its name the one the engine
 *	gets
 * @reg: what is asked for before nmport_register(), the answer after it
 * @mem: the region; two ports of one context share it, and may swap buffers,
 *	if and only if these pointers are equal
 * @ctx: the context it was created in
 * @register_done: 1 once bound
 * @mmap_done: 1 once mapped
 * @extmem: the memory option, or NULL
 * @fd: the descriptor, -1 unless bound
 * @nifp: set once mapped
 * @first_tx_ring: first bound tx ring, for NETMAP_TXRING()
 * @last_tx_ring: last one; when there is none, one less than the first
 *	modulo 65536: see nmport_tx_rings()
 * @first_rx_ring: first bound rx ring, for NETMAP_RXRING()
 * @last_rx_ring: last one
 * @cur_tx_ring: where nmport_inject() begins
 * @cur_rx_ring: for the program
 * @clist: what to undo at the end
 */
struct nmport_d {
	struct nmreq_header hdr;
	struct nmreq_register reg;
	struct nmem_d *mem;
	struct nmctx *ctx;
	int register_done;
	int mmap_done;
	struct nmreq_opt_extmem *extmem;
	int fd;
	struct netmap_if *nifp;
	uint16_t first_tx_ring;
	uint16_t last_tx_ring;
	uint16_t first_rx_ring;
	uint16_t last_rx_ring;
	uint16_t cur_tx_ring;
	uint16_t cur_rx_ring;
	struct nmport_cleanup_d *clist;
};

/**
 * nmport_open - parse a name, bind and map the port
 * @portspec: port name, see the top of this header
 *
 * Return: the port; NULL with errno EINVAL (name), ENXIO (no such port),
 *	EBUSY (held by another), or what open(2), mmap(2) and the engine gave.
 */
struct nmport_d *nmport_open(const char *portspec);

/**
 * nmport_close - undo whatever was done with a port, and free it
 * @d: a port in any state, or NULL
 */
void nmport_close(struct nmport_d *d);

/**
 * nmport_inject - copy one packet into a tx ring
 * @d: a mapped port
 * @buf: the packet
 * @size: its bytes; more than a buffer holds goes into several slots
 *
 * Tries each bound tx ring once, beginning with cur_tx_ring.  Nothing is sent
 * before the next sync.
 *
 * Return: @size; 0 when nothing was queued, with errno EAGAIN (no ring has
 *	room now), EMSGSIZE (no ring is long enough ever) or EINVAL (@size 0,
 *	or no tx ring bound).
 */
int nmport_inject(struct nmport_d *d, const void *buf, size_t size);

/**
 * nmport_new - create a port in the default context, without a name
 * Return: the port; NULL with errno ENOMEM.
 */
struct nmport_d *nmport_new(void);

/**
 * nmport_delete - free a port and nothing else; reverse of nmport_new()
 * @d: a port that is not parsed, bound or mapped
 */
void nmport_delete(struct nmport_d *d);

/**
 * nmport_parse - fill the request from a name
 * @d: a new port
 * @portspec: port name, see the top of this header
 *
 * Can map a file (extmem) and ask the engine about another port (share).  On
 * failure the port is as it was.
 *
 * Return: 0; -1 with errno EINVAL (malformed), EOPNOTSUPP (disabled option),
 *	or what opening the file gave.
 */
int nmport_parse(struct nmport_d *d, const char *portspec);

/**
 * nmport_undo_parse - forget the name; the port is as new
 * @d: a parsed port
 */
void nmport_undo_parse(struct nmport_d *d);

/**
 * nmport_register - open a descriptor and bind it
 * @d: a parsed port
 *
 * Return: 0; -1 with errno EINVAL when bound already, else that of the engine
 *	or of opening the descriptor.  Options that were refused are named one
 *	by one.
 */
int nmport_register(struct nmport_d *d);

/**
 * nmport_undo_register - close the descriptor, which unbinds the port
 * @d: a port; nothing happens unless it is bound
 */
void nmport_undo_register(struct nmport_d *d);

/**
 * nmport_mmap - map the region and find the rings
 * @d: a bound port; the program may have bound d->fd itself and set
 *	register_done
 *
 * A region that this context has mapped already is shared.
 *
 * Return: 0; -1 with errno EINVAL (not bound, mapped already, or the region
 *	does not make sense), ENOMEM, or that of mmap(2).
 */
int nmport_mmap(struct nmport_d *d);

/**
 * nmport_undo_mmap - let go of the region
 * @d: a port; nothing happens unless it is mapped
 *
 * The last port of a region unmaps it.
 */
void nmport_undo_mmap(struct nmport_d *d);

/**
 * nmport_prepare - nmport_new() and nmport_parse()
 * @portspec: port name, see the top of this header
 */
struct nmport_d *nmport_prepare(const char *portspec);

/**
 * nmport_undo_prepare - nmport_undo_parse() and nmport_delete()
 * @d: a parsed port, or NULL
 */
void nmport_undo_prepare(struct nmport_d *d);

/**
 * nmport_open_desc - nmport_register() and nmport_mmap()
 * @d: a parsed port; it is still parsed when this fails
 */
int nmport_open_desc(struct nmport_d *d);

/**
 * nmport_undo_open_desc - nmport_undo_mmap() and nmport_undo_register()
 * @d: a port in any state
 */
void nmport_undo_open_desc(struct nmport_d *d);

/**
 * nmport_clone - a parsed port with the same request
 * @d: parsed or bound; must be bound if it has external memory
 *
 * Options are not copied.  Answers of the engine in @d->reg are, so a clone
 * asks for the same region and as many extra buffers.
 *
 * Return: the new port; NULL with errno EINVAL or ENOMEM.
 */
struct nmport_d *nmport_clone(struct nmport_d *d);

/**
 * nmport_extmem - use memory of the program as region
 * @d: a parsed port, not yet bound
 * @base: start, page aligned; stays the program's and must outlive the port
 * @size: bytes
 *
 * Return: 0; -1 with errno EINVAL (bound already, or has such memory) or
 *	ENOMEM.
 */
int nmport_extmem(struct nmport_d *d, void *base, size_t size);

/**
 * nmport_extmem_from_file - the same with a file, mapped until the close
 * @d: a parsed port, not yet bound
 * @fname: file to map whole, shared, read and write
 */
int nmport_extmem_from_file(struct nmport_d *d, const char *fname);

/**
 * nmport_extmem_getinfo - geometry of the external memory
 * @d: a port
 *
 * Return: to be changed before binding and read after it; NULL when the port
 *	has no external memory.
 */
struct nmreq_pools_info *nmport_extmem_getinfo(struct nmport_d *d);

/**
 * nmport_offset - let packets start inside their buffers
 * @d: a parsed port, not yet bound
 * @initial: offset written into all slots, bytes
 * @maxoff: largest offset the program will use, bytes
 * @bits: width of the offset in netmap_slot.ptr; 0: all 64
 * @mingap: smallest distance of two packets in one buffer, bytes; 0 when
 *	buffers are not shared
 *
 * Return: 0; -1 with errno ENOMEM.
 */
int nmport_offset(struct nmport_d *d, uint64_t initial, uint64_t maxoff,
		uint64_t bits, uint64_t mingap);

/**
 * nmport_disable_option - refuse an option in port names from now on
 * @opt: "share", "extmem", "conf" or "offset"; others are ignored
 *
 * For the whole process, and not safe while other threads parse.
 */
void nmport_disable_option(const char *opt);

/**
 * nmport_enable_option - accept it again; "offset" is off at first
 * @opt: its name
 *
 * Return: 0; -1 with errno EOPNOTSUPP when there is no such option.
 */
int nmport_enable_option(const char *opt);

/*
 * Ports: additions of this implementation
 */

/**
 * nmport_poll - poll(2) over ports of either home and any other descriptor
 * @fds: as for poll(2); netmap descriptors (d->fd) and others, mixed
 * @nfds: number of them
 * @timeout: milliseconds; -1: no limit, 0: do not wait
 *
 * Syncs the rings as poll(2) on a netmap descriptor does.
 *
 * Return: number of descriptors with events, 0 on timeout, -1 with errno.
 */
int nmport_poll(struct pollfd *fds, nfds_t nfds, int timeout);

/**
 * nmport_sync_tx - send what was put before head, get free slots back
 * @d: a bound port
 * Return: 0; -1 with errno.
 */
int nmport_sync_tx(struct nmport_d *d);

/**
 * nmport_sync_rx - give back what is before head, receive what has come
 * @d: a bound port
 * Return: 0; -1 with errno.
 */
int nmport_sync_rx(struct nmport_d *d);

/**
 * nmport_version - LIBNETMAP_VERSION of the library that is running
 */
int nmport_version(void);

/**
 * nmport_tx_rings - number of tx rings from first_tx_ring to last_tx_ring
 * @d: a port; one that is not mapped has none
 */
unsigned int nmport_tx_rings(const struct nmport_d *d);

/**
 * nmport_rx_rings - number of rx rings from first_rx_ring to last_rx_ring
 * @d: a port; one that is not mapped has none
 */
unsigned int nmport_rx_rings(const struct nmport_d *d);

/**
 * nmport_extra_take - take one of the extra buffers
 * @d: a mapped port that asked for some in reg.nr_extra_bufs
 *
 * Return: number of the buffer; 0 when none is left.
 */
uint32_t nmport_extra_take(struct nmport_d *d);

/**
 * nmport_extra_give - put a buffer on the list of the extra ones
 * @d: a mapped port
 * @idx: a buffer of its region that is in no slot; 0 and 1 are ignored
 *
 * Before the close as many must be there as were received; any will do.
 */
void nmport_extra_give(struct nmport_d *d, uint32_t idx);

/**
 * nmport_counters - what has gone through a ring, and what was lost
 * @d: a bound port
 * @dir: 0 rx, 1 tx
 * @ring: number of the ring in that direction
 * @c: filled in
 *
 * Return: 0; -1 with errno EINVAL (no such ring), EOPNOTSUPP (the engine does
 *	not count).
 */
int nmport_counters(struct nmport_d *d, int dir, int ring,
		struct nmreq_counters *c);

/**
 * nmport_status - what the port is and who holds it
 * @d: a bound port
 * @st: filled in
 *
 * Return: 0; -1 with errno EOPNOTSUPP (the engine cannot tell).
 */
int nmport_status(struct nmport_d *d, struct nmreq_port_status *st);

/**
 * nmport_home - where the engine of this port runs
 * @d: a bound port
 * Return: "kernel" or "user"; NULL with errno EINVAL when not bound.
 */
const char *nmport_home(struct nmport_d *d);

/**
 * nmport_last_error - the sentence of the last failure in this thread
 * Return: never NULL; empty when nothing has failed.
 */
const char *nmport_last_error(void);

/**
 * nmreq_ctrl - issue one control request on a descriptor of its own
 * @hdr: the request
 *
 * For requests that need no bound descriptor: about ports and switches.
 *
 * Return: 0; -1 with errno of the engine.
 */
int nmreq_ctrl(struct nmreq_header *hdr);

/*
 * Requests
 */

/**
 * nmreq_header_init - zero a header, then set version, type and body
 * @hdr: the header
 * @reqtype: NETMAP_REQ_*
 * @body: the body that belongs to it, or NULL
 */
void nmreq_header_init(struct nmreq_header *hdr, uint16_t reqtype, void *body);

/**
 * nmreq_header_decode - parse the part of a port name up to the rings
 * @ppspec: in/out: moved to the first character not used
 * @hdr: gets the name; the rest is left alone
 * @ctx: for messages
 *
 * Return: 0; -1 with errno EINVAL, and nothing changed.
 */
int nmreq_header_decode(const char **ppspec, struct nmreq_header *hdr,
		struct nmctx *ctx);

/**
 * nmreq_register_decode - parse rings, flags and region of a port name
 * @pmode: in/out: moved to the options or the end
 * @reg: gets nr_mode, nr_ringid, nr_flags, nr_mem_id; a region that is set
 *	already must not be contradicted
 * @ctx: for messages
 *
 * Return: 0; -1 with errno EINVAL, and nothing changed.
 */
int nmreq_register_decode(const char **pmode, struct nmreq_register *reg,
		struct nmctx *ctx);

struct nmreq_parse_ctx;
typedef int (*nmreq_opt_parser_cb)(struct nmreq_parse_ctx *);

#define NMREQ_OPT_MAXKEYS	16

/* nmreq_opt_key.flags */
#define NMREQ_OPTK_ALLOWEMPTY	1	/* value optional: the key stands in */
#define NMREQ_OPTK_MUSTSET	2	/* must be given */
#define NMREQ_OPTK_DEFAULT	4	/* meant by OPTION=VALUE */

/* nmreq_opt_parser.flags */
#define NMREQ_OPTF_DISABLED	1	/* refuse with EOPNOTSUPP */
#define NMREQ_OPTF_ALLOWEMPTY	2	/* OPTION alone is fine */

/**
 * struct nmreq_opt_key - a key of an option of port names
 * @key: its name; NULL ends the list
 * @id: index of its value in nmreq_parse_ctx.keys
 * @flags: NMREQ_OPTK_*
 */
struct nmreq_opt_key {
	const char *key;
	int id;
	unsigned int flags;
};

/**
 * struct nmreq_opt_parser - an option of port names
 * @prefix: its name
 * @parse: called with the values; returns 0, or -1 with errno
 * @default_key: id of the key meant by OPTION=VALUE, -1 for none
 * @nr_keys: number of keys
 * @flags: NMREQ_OPTF_*
 * @next: the next option known
 * @keys: the keys
 */
struct nmreq_opt_parser {
	const char *prefix;
	nmreq_opt_parser_cb parse;
	int default_key;
	int nr_keys;
	unsigned int flags;
	struct nmreq_opt_parser *next;
	struct nmreq_opt_key keys[NMREQ_OPT_MAXKEYS];
} __attribute__((__aligned__(16)));

/**
 * struct nmreq_parse_ctx - what a parser callback gets
 * @ctx: for messages and memory
 * @token: as given to nmreq_options_decode()
 * @keys: values by key id, NULL for those not given; gone after the callback
 */
struct nmreq_parse_ctx {
	struct nmctx *ctx;
	void *token;
	const char *keys[NMREQ_OPT_MAXKEYS];
};

/**
 * nmreq_options_decode - parse the options of a port name
 * @opt: from the first '@' on, or empty
 * @parsers: list of the options known
 * @token: for the callbacks
 * @ctx: for messages and memory
 *
 * Options are taken from left to right.
 *
 * Return: 0; -1 with errno EINVAL (malformed, unknown, missing), EOPNOTSUPP
 *	(disabled), ENOMEM, or that of a callback.
 */
int nmreq_options_decode(const char *opt, struct nmreq_opt_parser *parsers,
		void *token, struct nmctx *ctx);

/**
 * nmreq_get_mem_id - the region of another port
 * @portname: in/out: port name, moved past the part used
 * @ctx: for messages
 *
 * Return: 0 to 65535; -1 with errno.
 */
int32_t nmreq_get_mem_id(const char **portname, struct nmctx *ctx);

/**
 * nmreq_push_option - put an option before the others of a request
 * @hdr: the request
 * @opt: stays the caller's
 */
void nmreq_push_option(struct nmreq_header *hdr, struct nmreq_option *opt);

/**
 * nmreq_remove_option - take an option out, if it is there
 * @hdr: the request
 * @opt: the option
 */
void nmreq_remove_option(struct nmreq_header *hdr, struct nmreq_option *opt);

/**
 * nmreq_find_option - first option of a type
 * @hdr: the request
 * @reqtype: NETMAP_REQ_OPT_*
 * Return: the option or NULL.
 */
struct nmreq_option *nmreq_find_option(struct nmreq_header *hdr,
		uint32_t reqtype);

/**
 * nmreq_free_options - take out every option and free() it
 * @hdr: the request
 */
void nmreq_free_options(struct nmreq_header *hdr);

/**
 * nmreq_option_name - name of an option type, for messages
 * @reqtype: NETMAP_REQ_OPT_*
 * Return: a constant string, "unknown" when it is.
 */
const char *nmreq_option_name(uint32_t reqtype);

/* Loop over the options of @hdr; the body must not take @var out. */
#define nmreq_foreach_option(hdr, var)					\
	for ((var) = (struct nmreq_option *)(uintptr_t)(hdr)->nr_options; \
	     (var) != NULL;						\
	     (var) = (struct nmreq_option *)(uintptr_t)(var)->nro_next)

/*
 * Contexts: messages, memory, and the regions this process has mapped
 */

typedef void (*nmctx_error_cb)(struct nmctx *, const char *);
typedef void *(*nmctx_malloc_cb)(struct nmctx *, size_t);
typedef void (*nmctx_free_cb)(struct nmctx *, void *);
typedef void (*nmctx_lock_cb)(struct nmctx *, int);

/**
 * struct nmctx - a context; may be the first member of something larger
 * @verbose: 0 silences the error callback
 * @error: takes a sentence, without newline; any thread may call it
 * @malloc: memory, or NULL
 * @free: and back
 * @lock: 1 locks the list of regions, 0 unlocks it; NULL in programs of one
 *	thread
 * @mem_descs: list of regions mapped
 */
struct nmctx {
	int verbose;
	nmctx_error_cb error;
	nmctx_malloc_cb malloc;
	nmctx_free_cb free;
	nmctx_lock_cb lock;
	struct nmem_d *mem_descs;
};

/**
 * struct nmem_d - a mapped region
 * @mem_id: its number
 * @refcount: ports that use it
 * @mem: its address
 * @size: its bytes
 * @is_extmem: memory of the program, not unmapped at the end
 * @next: next in the list of the context
 * @prev: the one before
 */
struct nmem_d {
	uint16_t mem_id;
	int refcount;
	void *mem;
	size_t size;
	int is_extmem;
	struct nmem_d *next;
	struct nmem_d *prev;
};

/**
 * nmctx_get - the context new ports are created in
 */
struct nmctx *nmctx_get(void);

/**
 * nmctx_set_default - create new ports in another context
 * @ctx: complete, and kept by the caller as long as ports live in it
 * Return: the former one.
 */
struct nmctx *nmctx_set_default(struct nmctx *ctx);

/**
 * nmctx_set_threadsafe - give the default context a lock
 *
 * Runs before main() unless the program defines LIBNETMAP_NOTHREADSAFE in all
 * units that include this header.  Twice is as good as once.
 */
void nmctx_set_threadsafe(void);

/**
 * nmctx_ferror - give a sentence to the error callback, unless silenced
 * @ctx: the context
 * @fmt: as for printf(), without newline; more than 1000 bytes are replaced
 *	by a notice
 */
void nmctx_ferror(struct nmctx *ctx, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));

/**
 * nmctx_malloc - memory from the allocator of a context
 * @ctx: the context
 * @size: bytes
 */
void *nmctx_malloc(struct nmctx *ctx, size_t size);

/**
 * nmctx_free - give it back
 * @ctx: the context
 * @mem: from nmctx_malloc(), or NULL
 */
void nmctx_free(struct nmctx *ctx, void *mem);

/**
 * nmctx_lock - lock the list of regions, if the context has a lock
 * @ctx: the context
 */
void nmctx_lock(struct nmctx *ctx);

/**
 * nmctx_unlock - unlock it
 * @ctx: the context
 */
void nmctx_unlock(struct nmctx *ctx);

#ifndef LIBNETMAP_NOTHREADSAFE
/*
 * Naming this variable makes the linker take the archive member that defines
 * it, and with it the constructor that sets up the lock.  Programs that do
 * not name it stay free of thread functions.
 */
extern int nmctx_threadsafe;

__attribute__((__used__))
static void libnetmap_init(void)
{
	nmctx_threadsafe = 1;
}
#endif /* !LIBNETMAP_NOTHREADSAFE */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif /* LIBNETMAP_H_ */
