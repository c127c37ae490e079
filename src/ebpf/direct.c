/*
 * The direct form: XDP and tc programs that read the packet by pointers. The first copy
 * of the program tests now and then whether the packet's linear part is long enough for
 * what follows; where it is not, the second copy (slow.c) goes on at that instruction. So
 * a test decides nothing but speed, and tests may be few and far-reaching.
 *
 * The pointer to the packet and X, once made and tested, serves until X changes: the
 * verifier knows what was tested of a pointer and its copies alone.
 */
#include <assert.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>

#include "ebpf/direct.h"

enum {
	EBPF_AT_X = 3,   /* the packet's start plus X */
	EBPF_TESTED = 4, /* a register for tests */
};

static const struct ebpf_hook hooks[] = {
	[EBPF_XDP] = {
		.name = "XDP",
		.data = offsetof(struct xdp_md, data),
		.data_end = offsetof(struct xdp_md, data_end),
		.length = -1,
		.load_bytes = BPF_FUNC_xdp_load_bytes,
		.is_xdp = true,
	},
	[EBPF_TC] = {
		.name = "tc",
		.data = offsetof(struct __sk_buff, data),
		.data_end = offsetof(struct __sk_buff, data_end),
		.length = offsetof(struct __sk_buff, len),
		.load_bytes = BPF_FUNC_skb_load_bytes,
		.is_tc = true,
	},
	[EBPF_REUSEPORT] = {
		.name = "reuseport",
		.data = offsetof(struct sk_reuseport_md, data),
		.data_end = offsetof(struct sk_reuseport_md, data_end),
		.wide = true,
		.length = offsetof(struct sk_reuseport_md, len),
		.load_bytes = BPF_FUNC_skb_load_bytes,
	},
};

/* --- the first copy ------------------------------------------------------------------------- */

/* What was tested on every path to an instruction. */
struct tested {
	bool reached;
	bool at_x;      /* EBPF_AT_X is the packet's start plus X */
	uint32_t fixed; /* bytes from the packet's start */
	uint32_t after_x;
};

static void meet(struct tested *t, const struct tested *from)
{
	if (!t->reached) {
		*t = *from;
		return;
	}
	t->at_x &= from->at_x;
	t->fixed = min_u32(t->fixed, from->fixed);
	t->after_x = min_u32(t->after_x, from->after_x);
}

/* Return the label by which the first copy goes on at AT in the second. */
static uint32_t enter_slow(struct ebpf_direct *d, uint32_t at)
{
	d->enters[at] = EBPF_FROM_FAST;
	return d->entry[at];
}

/* Go on at AT in the second copy unless LENGTH bytes from POINTER on are there. */
static void test_length(struct ebpf_direct *d, uint32_t at, uint8_t pointer, uint32_t length)
{
	struct ebpf_code *out = d->fast.out;

	ebpf_mov64(out, EBPF_TESTED, pointer);
	ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_K, EBPF_TESTED, 0, 0, (int32_t)length);
	ebpf_goto(out, BPF_JMP | BPF_JGT | BPF_X, EBPF_TESTED, EBPF_END, 0, enter_slow(d, at));
}

/* Make the pointer to what comes after X, if there is none. */
static void point_at_x(struct ebpf_direct *d, uint32_t at, struct tested *t)
{
	struct ebpf_code *out = d->fast.out;

	if (t->at_x)
		return;
	if (d->flow.x_most[at] > EBPF_REACH) /* no pointer reaches further */
		ebpf_goto(out, BPF_JMP | BPF_JGT | BPF_K, EBPF_X, 0, EBPF_REACH,
		          enter_slow(d, at));
	ebpf_mov64(out, EBPF_AT_X, EBPF_DATA);
	ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_X, EBPF_AT_X, EBPF_X, 0, 0);
	t->at_x = true;
	t->after_x = 0;
}

/*
 * See to it that the bytes up to END that the load at AT needs may be loaded; return the
 * register that points to where they are counted from.
 */
static uint8_t reach(struct ebpf_direct *d, uint32_t at, uint32_t end, struct tested *t)
{
	bool indexed = ebpf_access(&d->fast.program->insns[at]) == EBPF_INDEXED;

	if (indexed)
		point_at_x(d, at, t);
	if (indexed && t->after_x < end) {
		t->after_x = ebpf_test_indexed(&d->flow, at, end);
		test_length(d, at, EBPF_AT_X, t->after_x);
	} else if (!indexed && t->fixed < end) {
		t->fixed = ebpf_test_fixed(&d->flow, at, end);
		test_length(d, at, EBPF_DATA, t->fixed);
	}
	return indexed ? EBPF_AT_X : EBPF_DATA;
}

/* Load what AT loads by a pointer; false if none reaches it. */
static bool fast_load(struct ebpf_direct *d, uint32_t at, struct tested *t)
{
	const struct sock_filter *f = &d->fast.program->insns[at];
	struct ebpf_code *out = d->fast.out;
	uint32_t size = ebpf_load_size(f);
	uint8_t pointer;

	if (ebpf_access(f) == EBPF_FAR) {
		ebpf_goto(out, BPF_JMP | BPF_JA, 0, 0, 0, enter_slow(d, at));
		return false;
	}
	pointer = reach(d, at, f->k + size, t);
	if (f->code == CBPF_LDX_MSH) {
		ebpf_load(out, BPF_B, EBPF_X, pointer, (int16_t)f->k);
		ebpf_put(out, BPF_ALU64 | BPF_AND | BPF_K, EBPF_X, 0, 0, 0xf);
		ebpf_put(out, BPF_ALU64 | BPF_LSH | BPF_K, EBPF_X, 0, 0, 2);
		return true;
	}
	ebpf_load(out, BPF_SIZE(f->code), EBPF_A, pointer, (int16_t)f->k);
	if (size > 1 && !d->flow.raw[at])
		ebpf_swap(out, EBPF_A, 8 * size);
	return true;
}

/* Go to TO if the bytes of PART, from POINTER on, are what it says, or, if not EQUAL, not. */
static void test_part(struct ebpf_code *out, const struct ebpf_part *part, uint8_t pointer,
                      bool equal, uint32_t to)
{
	static const uint8_t sizes[] = { [1] = BPF_B, [2] = BPF_H, [4] = BPF_W, [8] = BPF_DW };
	uint8_t op = equal ? BPF_JEQ : BPF_JNE;

	ebpf_load(out, sizes[part->size], EBPF_A, pointer, (int16_t)part->at);
	if (ebpf_is_imm(part->value)) {
		ebpf_goto(out, BPF_JMP | op | BPF_K, EBPF_A, 0, (int32_t)part->value, to);
	} else if (part->size < 8) {
		ebpf_goto(out, BPF_JMP32 | op | BPF_K, EBPF_A, 0, (int32_t)part->value, to);
	} else {
		ebpf_set64(out, EBPF_TMP, part->value);
		ebpf_goto(out, BPF_JMP | op | BPF_X, EBPF_A, EBPF_TMP, 0, to);
	}
}

/* Write the row of tests W, which begins at AT. What is next is fallen into. */
static void fast_row(struct ebpf_direct *d, uint32_t at, const struct ebpf_wide *w,
                     struct tested *t)
{
	const struct sock_filter *last = &d->fast.program->insns[w->last];
	uint32_t next = w->last + 1, yes = d->fast.labels[next + last->jt];
	uint32_t no = d->fast.labels[next + last->jf];
	uint8_t pointer = reach(d, at, w->end, t);
	bool no_is_next = !last->jf && last->jt;

	for (unsigned i = 0; i + no_is_next < w->n; i++)
		test_part(d->fast.out, &w->part[i], pointer, false, no);
	if (no_is_next)
		test_part(d->fast.out, &w->part[w->n - 1], pointer, true, yes);
	else if (last->jt)
		ebpf_goto(d->fast.out, BPF_JMP | BPF_JA, 0, 0, 0, yes);
}

/*
 * Tell whether AT is a call, which changes the registers that hold no value of
 * the program's.
 */
static bool calls(const struct ebpf_direct *d, uint32_t at)
{
	const struct sock_filter *f = &d->fast.program->insns[at];
	enum cbpf_operand operand = cbpf_insn(f->code)->operand;

	if (operand == CBPF_OPERAND_LEN)
		return d->hook->length < 0;
	return operand == CBPF_OPERAND_ABS && f->k >= CBPF_ANCILLARY &&
	       (cbpf_is_set(f->k - CBPF_ANCILLARY) || ebpf_word(f->k - CBPF_ANCILLARY)->helper);
}

/* Write the first copy, and note where it goes on in the second. */
static bool fast(struct ebpf_direct *d)
{
	const struct cbpf_program *p = d->fast.program;
	struct ebpf_code *out = d->fast.out;
	struct tested *tested = arena_array(out->arena, struct tested, p->n);
	uint32_t to[2];

	tested[0].reached = true;
	for (uint32_t i = 0; i < p->n; i++) {
		struct tested t = tested[i];
		struct ebpf_wide w;

		if (!t.reached)
			continue;
		ebpf_here(out, d->fast.labels[i]);
		out->from = i;
		if (ebpf_wide(p, &d->flow, i, d->big_endian, &w)) {
			fast_row(d, i, &w, &t);
			i = w.last; /* whose ways out are the row's */
		} else if (ebpf_access(&p->insns[i]) != EBPF_NO_LOAD) {
			if (!fast_load(d, i, &t))
				continue;
		} else if (!ebpf_direct_other(d, d->fast.labels, i)) {
			return false;
		}
		if (cbpf_insn(p->insns[i].code)->writes & CBPF_X || calls(d, i))
			t.at_x = false;
		for (unsigned ways = gen_targets(p->insns, i, to); ways-- > 0;)
			meet(&tested[to[ways]], &t);
	}
	return true;
}

/* --- programs -------------------------------------------------------------------------------- */

/* Refuse a load that the hook has no means for. */
static bool is_possible(struct ebpf_direct *d)
{
	const struct cbpf_program *p = d->fast.program;
	const uint8_t *reached = ebpf_reached(d->fast.out->arena, p);

	for (uint32_t i = 0; i < p->n; i++) {
		const struct sock_filter *f = &p->insns[i];

		if (!reached[i] || d->hook->is_tc || ebpf_access(f) != EBPF_FAR ||
		    f->k <= INT32_MAX || cbpf_insn(f->code)->operand == CBPF_OPERAND_IND)
			continue;
		d->error->at = i;
		snprintf(d->error->reason, sizeof d->error->reason,
		         "%s programs cannot load at the negative offset %d", d->hook->name,
		         (int)f->k);
		return false;
	}
	return true;
}

static bool reads_packet(const struct cbpf_program *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (ebpf_access(&p->insns[i]) != EBPF_NO_LOAD)
			return true;
	return false;
}

/*
 * Return the register that has the context in the first copy: the one that it comes in,
 * if nothing is called.
 */
static uint8_t first_context(const struct ebpf_direct *d)
{
	for (uint32_t i = 0; i < d->fast.program->n; i++)
		if (calls(d, i))
			return EBPF_CONTEXT;
	return BPF_REG_1;
}

/*
 * Write the prologue: load where the packet is, and clear what is read before it is set.
 */
static void prologue(struct ebpf_direct *d)
{
	const struct cbpf_program *p = d->fast.program;
	struct ebpf_code *out = d->fast.out;
	uint32_t live = d->flow.live[0];

	if (d->context != BPF_REG_1)
		ebpf_mov64(out, d->context, BPF_REG_1);
	ebpf_sets_start(d);
	if (reads_packet(p)) {
		uint8_t size = d->hook->wide ? BPF_DW : BPF_W;

		ebpf_load(out, size, EBPF_DATA, BPF_REG_1, d->hook->data);
		ebpf_load(out, size, EBPF_END, BPF_REG_1, d->hook->data_end);
	}
	if (live & 1u << GEN_A)
		ebpf_set(out, EBPF_A, 0);
	if (live & 1u << GEN_X)
		ebpf_set(out, EBPF_X, 0);
}

bool ebpf_direct(const struct cbpf_program *p, enum ebpf_hook_type type, bool big_endian,
                 struct ebpf_code *out, struct ebpf_error *error)
{
	struct ebpf_direct d = {
		.fast = { p, out, arena_array(out->arena, uint32_t, p->n) },
		.slow = arena_array(out->arena, uint32_t, p->n),
		.enters = arena_array(out->arena, uint8_t, p->n),
		.entry = arena_array(out->arena, uint32_t, p->n),
		.fails = ebpf_label(out),
		.hook = &hooks[type],
		.big_endian = big_endian,
		.error = error,
	};

	d.context = first_context(&d);
	for (uint32_t i = 0; i < p->n; i++) {
		d.fast.labels[i] = ebpf_label(out);
		d.slow[i] = ebpf_label(out);
		d.entry[i] = d.context == EBPF_CONTEXT ? d.slow[i] : ebpf_label(out);
	}
	ebpf_flow(out->arena, p, &d.flow);
	out->stack = EBPF_DIRECT_STACK;
	prologue(&d);
	if (!is_possible(&d) || !fast(&d) || !ebpf_slow(&d))
		return false;
	ebpf_link(out);
	return true;
}
