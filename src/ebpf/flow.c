/*
 * What the direct forms must know of a classic program: how far it reads on every way
 * on, and on any; what X can be; which loads may leave the byte order as it is.
 */
#include <assert.h>

#include "ebpf/direct.h"

enum {
	UNKNOWN = UINT32_MAX, /* as a limit: all ways on return 0 */
};

/* Return the bytes that F loads. */
uint32_t ebpf_load_size(const struct sock_filter *f)
{
	if (cbpf_insn(f->code)->operand == CBPF_OPERAND_MSH)
		return 1;
	return BPF_SIZE(f->code) == BPF_W ? 4 : BPF_SIZE(f->code) == BPF_H ? 2
	                                                                   : 1;
}

enum ebpf_access ebpf_access(const struct sock_filter *f)
{
	enum cbpf_operand operand = cbpf_insn(f->code)->operand;
	bool fixed = operand == CBPF_OPERAND_ABS || operand == CBPF_OPERAND_MSH;

	if (operand == CBPF_OPERAND_ABS && f->k >= CBPF_ANCILLARY)
		return EBPF_NO_LOAD;
	if (!fixed && operand != CBPF_OPERAND_IND)
		return EBPF_NO_LOAD;
	if (f->k > EBPF_REACH - ebpf_load_size(f))
		return EBPF_FAR;
	return fixed ? EBPF_FIXED : EBPF_INDEXED;
}

/* --- how far it reads, from the end ------------------------------------------------- */

/*
 * Return what counts as tested at ret F: on ways that return 0, a needless test
 * loses nothing.
 */
static uint32_t all_at_ret(const struct sock_filter *f)
{
	return f->code == CBPF_RET_K && !f->k ? UNKNOWN : 0;
}

/* Let R say what is read from AT on, as what is read after it is known. */
static void read_from(const struct cbpf_program *p, struct ebpf_flow *flow, uint32_t at)
{
	const struct sock_filter *f = &p->insns[at];
	struct ebpf_read *r = &flow->read[at];
	enum ebpf_access access = ebpf_access(f);
	uint32_t to[2], end = access == EBPF_NO_LOAD ? 0 : f->k + ebpf_load_size(f);
	unsigned ways = gen_targets(p->insns, at, to);

	*r = (struct ebpf_read){ .fixed_all = UNKNOWN, .indexed_all = UNKNOWN };
	if (!ways)
		r->fixed_all = r->indexed_all = all_at_ret(f);
	while (ways-- > 0) {
		const struct ebpf_read *next = &flow->read[to[ways]];

		r->fixed_all = min_u32(r->fixed_all, next->fixed_all);
		r->fixed_any = max_u32(r->fixed_any, next->fixed_any);
		r->indexed_all = min_u32(r->indexed_all, next->indexed_all);
		r->indexed_any = max_u32(r->indexed_any, next->indexed_any);
	}
	if (cbpf_insn(f->code)->writes & CBPF_X) /* what comes is about another X */
		r->indexed_all = r->indexed_any = 0;
	if (access == EBPF_FIXED) {
		r->fixed_all = max_u32(r->fixed_all, end);
		r->fixed_any = max_u32(r->fixed_any, end);
	} else if (access == EBPF_INDEXED) {
		r->indexed_all = max_u32(r->indexed_all, end);
		r->indexed_any = max_u32(r->indexed_any, end);
	}
}

/*
 * Return how far to test where bytes up to END are wanted: as far as every way on reads
 * that returns more than 0; and as far as any does, up to USUAL, which nearly all packets
 * have, or a little after END: a packet does not often end just there.
 */
static uint32_t widened(uint32_t end, uint32_t all, uint32_t any, uint32_t usual)
{
	enum {
		LITTLE = 16, /* an IPv6 address */
	};

	if (all != UNKNOWN)
		end = max_u32(end, all);
	return max_u32(end, min_u32(any, max_u32(usual, end + LITTLE)));
}

uint32_t ebpf_test_fixed(const struct ebpf_flow *flow, uint32_t at, uint32_t end)
{
	enum {
		SHORT_PACKET = 42, /* Ethernet, IPv4 and UDP headers */
	};
	const struct ebpf_read *r = &flow->read[at];

	return widened(end, r->fixed_all, r->fixed_any, SHORT_PACKET);
}

uint32_t ebpf_test_indexed(const struct ebpf_flow *flow, uint32_t at, uint32_t end)
{
	enum {
		SHORT_REST = 22, /* an Ethernet header, which X does not count, and UDP's */
	};
	const struct ebpf_read *r = &flow->read[at];

	return widened(end, r->indexed_all, r->indexed_any, SHORT_REST);
}

/* --- what A and X can be, from the start ---------------------------------------------- */

static uint32_t sum(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* Return the most that A can be after arithmetic F, where it was at most A. */
static uint32_t most_after(const struct sock_filter *f, uint32_t a)
{
	switch (f->code) {
	case CBPF_AND_K:
		return min_u32(a, f->k);
	case CBPF_ADD_K:
		return sum(a, f->k);
	case CBPF_RSH_K:
		return a >> f->k;
	case CBPF_LSH_K:
		return a > UINT32_MAX >> f->k ? UINT32_MAX : a << f->k;
	default:
		return UINT32_MAX;
	}
}

/* What A and X can be at most. */
struct most {
	uint32_t a, x;
};

static struct most most_past(const struct sock_filter *f, struct most m)
{
	const struct cbpf_insn *row = cbpf_insn(f->code);

	if (f->code == CBPF_LDX_MSH) {
		m.x = 60;
	} else if (f->code == CBPF_LDX_IMM) {
		m.x = f->k;
	} else if (f->code == CBPF_LD_IMM) {
		m.a = f->k;
	} else if (f->code == CBPF_TAX) {
		m.x = m.a;
	} else if (f->code == CBPF_TXA) {
		m.a = m.x;
	} else if (BPF_CLASS(f->code) == BPF_ALU) {
		m.a = most_after(f, m.a);
	} else if (ebpf_access(f) != EBPF_NO_LOAD) {
		m.a = UINT32_MAX >> (32 - 8 * ebpf_load_size(f));
	} else {
		m.a = row->writes & CBPF_A ? UINT32_MAX : m.a;
		m.x = row->writes & CBPF_X ? UINT32_MAX : m.x;
	}
	return m;
}

static void find_most(struct arena *tmp, const struct cbpf_program *p, struct ebpf_flow *flow)
{
	struct most *most = arena_array(tmp, struct most, p->n);
	uint32_t to[2];

	flow->x_most = arena_array(tmp, uint32_t, p->n);
	for (uint32_t i = 0; i < p->n; i++) {
		struct most after = most_past(&p->insns[i], most[i]);

		flow->x_most[i] = most[i].x;
		for (unsigned ways = gen_targets(p->insns, i, to); ways-- > 0;) {
			most[to[ways]].a = max_u32(most[to[ways]].a, after.a);
			most[to[ways]].x = max_u32(most[to[ways]].x, after.x);
		}
	}
}

/* --- loads whose bytes stay as they are ------------------------------------------------ */

/*
 * Instructions that give A its value, in classes: those of a class meet at an
 * instruction that reads A. N means the 0 at the start.
 */
struct classes {
	const struct cbpf_program *p;
	uint32_t *parent;
	uint8_t *bad; /* by class: its value must be a number */
};

static uint32_t class_of(const struct classes *c, uint32_t def)
{
	while (c->parent[def] != def)
		def = c->parent[def] = c->parent[c->parent[def]];
	return def;
}

static uint32_t size_of(const struct classes *c, uint32_t def)
{
	const struct sock_filter *f = &c->p->insns[def];

	if (def == c->p->n || BPF_CLASS(f->code) != BPF_LD || ebpf_access(f) == EBPF_NO_LOAD)
		return 0;
	return ebpf_load_size(f);
}

static uint32_t join(const struct classes *c, uint32_t a, uint32_t b)
{
	uint32_t x = class_of(c, a), y = class_of(c, b);

	if (x == y)
		return a;
	c->bad[x] |= c->bad[y] || size_of(c, x) != size_of(c, y);
	c->parent[y] = x;
	return x;
}

static bool is_bitwise(const struct sock_filter *f)
{
	return f->code == CBPF_AND_K || f->code == CBPF_OR_K || f->code == CBPF_XOR_K;
}

/* Tell whether F does the same to SIZE bytes in another order, if its constant has it, too. */
static bool is_about_bytes(const struct sock_filter *f, uint32_t size)
{
	bool any_order = f->code == CBPF_JEQ_K || f->code == CBPF_JSET_K || is_bitwise(f);

	return any_order && f->k <= UINT32_MAX >> (32 - 8 * size);
}

static bool reads_a(const struct sock_filter *f)
{
	bool is_word = BPF_CLASS(f->code) == BPF_LD && BPF_MODE(f->code) == BPF_ABS &&
	               f->k >= CBPF_ANCILLARY;

	return cbpf_insn(f->code)->reads & CBPF_A ||
	       (is_word && cbpf_ancillary(f->k - CBPF_ANCILLARY)->reads & CBPF_A);
}

static void find_raw(struct arena *tmp, const struct cbpf_program *p, struct ebpf_flow *flow)
{
	struct classes c = {
		.p = p,
		.parent = arena_array(tmp, uint32_t, p->n + 1),
		.bad = arena_array(tmp, uint8_t, p->n + 1),
	};
	uint32_t *def = arena_array(tmp, uint32_t, p->n), to[2]; /* UNKNOWN: not met yet */

	for (uint32_t i = 0; i <= p->n; i++) {
		c.parent[i] = i;
		c.bad[i] = size_of(&c, i) < 2; /* a byte is in order */
		if (i < p->n)
			def[i] = UNKNOWN;
	}
	def[0] = p->n;
	for (uint32_t i = 0; i < p->n; i++) {
		const struct sock_filter *f = &p->insns[i];
		uint32_t after = cbpf_insn(f->code)->writes & CBPF_A ? i : def[i];

		if (def[i] == UNKNOWN)
			continue;
		if (is_bitwise(f)) /* the same bytes, changed in place */
			c.parent[i] = class_of(&c, def[i]);
		if (reads_a(f)) {
			uint32_t of = class_of(&c, def[i]);

			c.bad[of] |= c.bad[of] || !is_about_bytes(f, size_of(&c, of));
		}
		for (unsigned ways = gen_targets(p->insns, i, to); ways-- > 0;) {
			uint32_t *met = &def[to[ways]];

			if (!(flow->live[to[ways]] & 1u << GEN_A) && *met != UNKNOWN)
				continue; /* it does not matter which of them it is */
			*met = *met == UNKNOWN ? after : join(&c, *met, after);
		}
	}
	flow->raw = arena_array(tmp, uint8_t, p->n);
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t of = cbpf_is_test(&p->insns[i]) ? def[i] : i;

		if (of == UNKNOWN || of == p->n || c.bad[class_of(&c, of)])
			continue;
		flow->raw[i] = (uint8_t)size_of(&c, class_of(&c, of));
	}
}

static void count_ways(struct arena *tmp, const struct cbpf_program *p, struct ebpf_flow *flow)
{
	uint32_t to[2];

	flow->ways_in = arena_array(tmp, uint32_t, p->n);
	for (uint32_t i = 0; i < p->n; i++)
		for (unsigned ways = gen_targets(p->insns, i, to); ways-- > 0;)
			flow->ways_in[to[ways]]++;
}

void ebpf_flow(struct arena *tmp, const struct cbpf_program *p, struct ebpf_flow *flow)
{
	flow->live = arena_array(tmp, uint32_t, p->n);
	gen_live(p->insns, p->n, flow->live);
	flow->read = arena_array(tmp, struct ebpf_read, p->n);
	for (uint32_t i = p->n; i-- > 0;)
		read_from(p, flow, i);
	count_ways(tmp, p, flow);
	find_most(tmp, p, flow);
	find_raw(tmp, p, flow);
}
