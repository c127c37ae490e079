/*
 * Packets that match, as XDP sees them: a program at the interface puts a copy of each into
 * a ring buffer, and passes or drops it. bpf(2) and Documentation/bpf/ringbuf.rst in Linux
 * describe the buffer.
 */
#include "config.h"

#include "net/net.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "kernel/kernel.h"
#include "kernel/ops.h"

enum {
	RING_SIZE = 16 << 20,
	POLL_MS = 250, /* how late a signal is seen at most */
	HEAD = 16,     /* bytes of a record before the packet's */
	SMALL = 256,
	MIDDLE = 2048,
	LARGE = 65536 + HEAD, /* records come in these sizes */
	MOST = LARGE - HEAD
};

/* What precedes the bytes of a packet. */
struct record {
	uint32_t captured, wire;
	uint64_t time; /* ns of CLOCK_MONOTONIC */
};

/* What the program counts. */
struct counts {
	uint64_t seen, matched, lost;
};

struct ring_source {
	struct net_source s;
	int ring, counts, link;
	size_t page;
	volatile uint64_t *consumer;       /* how far we have read */
	const volatile uint64_t *producer; /* how far the kernel has written */
	const uint8_t *data;               /* RING_SIZE bytes, twice */
	int64_t boot;                      /* ns since 1970 when CLOCK_MONOTONIC was 0 */
};

/* --- the program ------------------------------------------------------------------------ */

enum {
	RING_MAP,
	COUNTS_MAP
};

enum {
	SNAPLEN_VALUE,
	MATCH_VALUE
};

/* Labels. */
enum {
	NOT,
	CUT,
	CUT_TO_RESULT,
	OF_MIDDLE,
	OF_LARGE,
	LOST,
	ANSWER,
	EMPTY_SMALL,
	EMPTY_MIDDLE,
	EMPTY_LARGE
};

/* r1 = the address of what is counted. */
#define COUNTS OP(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_VALUE, 0, 0, KERNEL_MAP, COUNTS_MAP)
/* Add 1 to member M of the counts. */
#define COUNT(m)           \
	COUNTS, SET(2, 1), \
		OP(BPF_STX | BPF_DW | BPF_ATOMIC, 1, 2, offsetof(struct counts, m), BPF_ADD, 0, 0)
/* Write a record of SIZE with the r9 bytes of the packet; EMPTY: if these are none. */
#define PUT(size, empty)                                                             \
	MAP(1, RING_MAP), SET(2, size), SET(3, 0), CALL(BPF_FUNC_ringbuf_reserve),   \
		IF(BPF_JEQ, 0, 0, LOST), MOV(7, 0), STORE(BPF_W, 7, 0, 9),           \
		STORE(BPF_W, 7, 4, 8), CALL(BPF_FUNC_ktime_get_ns),                  \
		STORE(BPF_DW, 7, 8, 0), IF(BPF_JEQ, 9, 0, empty), MOV(1, 6),         \
		SET(2, 0), MOV(3, 7), ADD(3, HEAD), MOV(4, 9), CALL(XDP_LOAD_BYTES), \
		LABEL(empty), MOV(1, 7), SET(2, 0), CALL(BPF_FUNC_ringbuf_submit)

/* Helpers that headers before 5.18 lack. */
enum {
	XDP_GET_BUFF_LEN = 188,
	XDP_LOAD_BYTES = 189
};

/*
 * r6 is the context, r7 the filter's result and then the record, r8 the packet's length, r9
 * what is kept of it. The call of the filter is patched: it comes after all this.
 */
static const struct kernel_op ops[] = {
	MOV(6, 1),
	OP(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 0, 0, 0),
	OP(BPF_ALU | BPF_MOV | BPF_X, 7, 0, 0, 0, 0, 0),
	COUNT(seen),
	IF(BPF_JEQ, 7, 0, NOT),
	COUNT(matched),
	MOV(1, 6),
	CALL(XDP_GET_BUFF_LEN),
	OP(BPF_ALU | BPF_MOV | BPF_X, 8, 0, 0, 0, 0, 0),
	MOV(9, 8),
	SET_VALUE(1, SNAPLEN_VALUE),
	IF_REG(BPF_JLE, 9, 1, CUT),
	MOV(9, 1),
	LABEL(CUT),
	IF_REG(BPF_JLE, 9, 7, CUT_TO_RESULT),
	MOV(9, 7),
	LABEL(CUT_TO_RESULT),
	IF(BPF_JGT, 9, SMALL - HEAD, OF_MIDDLE),
	PUT(SMALL, EMPTY_SMALL),
	GOTO(ANSWER),
	LABEL(OF_MIDDLE),
	IF(BPF_JGT, 9, MIDDLE - HEAD, OF_LARGE),
	PUT(MIDDLE, EMPTY_MIDDLE),
	GOTO(ANSWER),
	LABEL(OF_LARGE),
	IF(BPF_JGT, 9, MOST, LOST),
	PUT(LARGE, EMPTY_LARGE),
	GOTO(ANSWER),
	LABEL(LOST),
	COUNT(lost),
	LABEL(ANSWER),
	SET_VALUE(0, MATCH_VALUE),
	EXIT,
	LABEL(NOT),
	SET(0, XDP_PASS),
	EXIT,
};

/* Load FILTER with what calls it; a descriptor or -errno. */
static int load(const struct ring_source *r, const struct weir_ebpf *filter, bool drops,
                struct net_error *e)
{
	static char log[1 << 14];
	const int32_t values[] = {
		[SNAPLEN_VALUE] = (int32_t)min_u32(r->s.snaplen, MOST),
		[MATCH_VALUE] = drops ? XDP_DROP : XDP_PASS,
	};
	const int maps[] = { [RING_MAP] = r->ring, [COUNTS_MAP] = r->counts };
	const struct kernel_code code = { .ops = ops, .n = ARRAY_LEN(ops), .values = values, .maps = maps };
	size_t n;
	const struct weir_ebpf_insn *from = weir_ebpf_insns(filter, &n);
	struct bpf_insn *insns = calloc(KERNEL_CODE_MAX + n, sizeof *insns);
	struct kernel_error unused;
	struct kernel_program p = {
		.type = BPF_PROG_TYPE_XDP,
		.attach = BPF_XDP,
		.flags = BPF_F_XDP_HAS_FRAGS,
		.name = "weir_filter",
		.insns = insns,
		.log = log,
		.log_size = sizeof log,
	};
	int fd, head;

	if (!insns)
		return net_fail(e, -ENOMEM, "out of memory");
	head = kernel_code_link(&code, NULL, insns, &unused);
	assert(head > 2);
	insns[1].imm = head - 2;
	for (size_t i = 0; i < n; i++)
		insns[(size_t)head + i] = (struct bpf_insn){
			.code = from[i].code,
			.dst_reg = from[i].dst & 15,
			.src_reg = from[i].src & 15,
			.off = from[i].off,
			.imm = from[i].imm,
		};
	p.n = (size_t)head + n;
	fd = kernel_program_load(&p);
	free(insns);
	return fd >= 0 ? fd : net_fail(e, fd, "the kernel refuses the program: %s: %.200s", strerror(-fd), log);
}

/* --- the buffer --------------------------------------------------------------------------- */

static int make_maps(struct ring_source *r, struct net_error *e)
{
	const struct kernel_map ring = { .type = BPF_MAP_TYPE_RINGBUF, .name = "weir_packets", .entries = RING_SIZE };
	const struct kernel_map counts = {
		.type = BPF_MAP_TYPE_ARRAY,
		.name = "weir_counts",
		.key_size = 4,
		.value_size = sizeof(struct counts),
		.entries = 1,
	};
	int err;

	r->ring = kernel_map_create(&ring);
	r->counts = r->ring < 0 ? r->ring : kernel_map_create(&counts);
	err = r->counts < 0 ? r->counts : 0;
	if (err == -EPERM)
		return net_fail(e, err, "--xdp needs CAP_BPF and CAP_NET_ADMIN: run it as root");
	return err ? net_fail(e, err, "creating a map: %s", strerror(-err)) : 0;
}

static int map_ring(struct ring_source *r, struct net_error *e)
{
	void *own, *kernels;

	r->page = (size_t)sysconf(_SC_PAGESIZE);
	own = mmap(NULL, r->page, PROT_READ | PROT_WRITE, MAP_SHARED, r->ring, 0);
	kernels = mmap(NULL, r->page + 2 * (size_t)RING_SIZE, PROT_READ, MAP_SHARED, r->ring,
	               (off_t)r->page);
	r->consumer = own == MAP_FAILED ? NULL : own;
	r->producer = kernels == MAP_FAILED ? NULL : kernels;
	if (!r->consumer || !r->producer)
		return net_fail(e, -errno, "mapping the ring buffer: %s", strerror(errno));
	r->data = (const uint8_t *)kernels + r->page;
	return 0;
}

/* Hand the packet of record RECORD to EACH. */
static bool hand_on(const struct ring_source *r, const uint8_t *record, net_packet_fn *each, void *ctx)
{
	struct net_packet p = { .bytes = record + HEAD };
	struct record head;
	int64_t time;

	memcpy(&head, record, sizeof head);
	time = r->boot + (int64_t)head.time;
	p.captured = head.captured;
	p.wire = head.wire;
	p.seconds = time / 1000000000;
	p.nanoseconds = (uint32_t)(time % 1000000000);
	return each(ctx, &p);
}

/* Hand on what is in the buffer; false if EACH wants no more. */
static bool drain(struct ring_source *r, net_packet_fn *each, void *ctx)
{
	uint64_t at = *r->consumer;
	bool more = true;

	while (more && at < __atomic_load_n(r->producer, __ATOMIC_ACQUIRE)) {
		const uint8_t *record = r->data + (at & (RING_SIZE - 1));
		uint32_t len = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);

		if (len & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(len & BPF_RINGBUF_DISCARD_BIT))
			more = hand_on(r, record + BPF_RINGBUF_HDR_SZ, each, ctx);
		at += ((len & ~BPF_RINGBUF_DISCARD_BIT) + BPF_RINGBUF_HDR_SZ + 7) & ~7u;
		__atomic_store_n(r->consumer, at, __ATOMIC_RELEASE);
	}
	return more;
}

static int ring_read(struct net_source *s, net_packet_fn *each, void *ctx, struct net_error *e)
{
	struct ring_source *r = (struct ring_source *)s;
	struct pollfd ready = { .fd = r->ring, .events = POLLIN };
	struct kernel_link link;

	while (drain(r, each, ctx) && !(s->stop && *s->stop)) {
		if (s->pause)
			s->pause(ctx);
		if (poll(&ready, 1, POLL_MS) < 0 && errno != EINTR)
			return net_fail(e, -errno, "poll: %s", strerror(errno));
		if (!kernel_link_info(r->link, &link) && !link.target)
			return net_fail(e, -ENODEV, "interface '%s' is gone, or the program was taken off",
			                s->name);
	}
	return 0;
}

static void ring_close(struct net_source *s)
{
	struct ring_source *r = (struct ring_source *)s;
	const int fds[] = { r->link, r->counts, r->ring };

	if (r->link >= 0) /* closing alone takes effect some time later */
		kernel_link_detach(r->link);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (r->consumer)
		munmap((void *)r->consumer, r->page);
	if (r->producer)
		munmap((void *)r->producer, r->page + 2 * (size_t)RING_SIZE);
	free(r);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int64_t since_boot(void)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &boot);
	return ((int64_t)real.tv_sec - (int64_t)boot.tv_sec) * 1000000000 + real.tv_nsec - boot.tv_nsec;
}

/* Attach FILTER to the interface of R. */
static int attach(struct ring_source *r, const struct weir_ebpf *filter, bool drops,
                  struct net_error *e)
{
	int program = load(r, filter, drops, e);

	if (program < 0)
		return program;
	r->link = kernel_link_create(program, if_nametoindex(r->s.name), BPF_XDP);
	close(program);
	if (r->link == -EBUSY)
		return net_fail(e, r->link, "%s: another program is attached to xdp", r->s.name);
	return r->link >= 0 ? 0 : net_fail(e, r->link, "%s: attaching to xdp: %s", r->s.name, strerror(-r->link));
}

int net_open_ring(struct net_source **out, const struct net_source *like,
                  const struct weir_ebpf *filter, bool drops, struct net_error *e)
{
	struct ring_source *r = calloc(1, sizeof *r);
	int err;

	if (!r)
		return net_fail(e, -ENOMEM, "out of memory");
	r->s = *like;
	r->s.read = ring_read;
	r->s.close = ring_close;
	r->ring = r->counts = r->link = -1;
	r->boot = since_boot();
	err = make_maps(r, e);
	if (!err)
		err = map_ring(r, e);
	if (!err)
		err = attach(r, filter, drops, e);
	if (err)
		ring_close(&r->s);
	else
		*out = &r->s;
	return err;
}

uint64_t net_ring_lost(const struct net_source *s)
{
	const struct ring_source *r = (const struct ring_source *)s;
	struct counts c = { 0 };
	uint32_t first = 0;

	return kernel_map_get(r->counts, &first, &c) ? 0 : c.lost;
}
