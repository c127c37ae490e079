/*
 * What classic BPF asks by several loads and eBPF by fewer: a row of tests that all must
 * find a constant, and that all go the same way if they do not, is one question about
 * bytes of the packet. Where these are next to each other, loads of up to 8 bytes ask it.
 *
 *     ld [22]; jeq #0x20010db8, -, NO; ld [26]; jeq #0, -, NO;       u64 [22] == ...
 *     ld [30]; jeq #0x11223344, -, NO; ld [34]; jeq #1, YES, NO      u64 [30] == ...
 */
#include <assert.h>

#include "ebpf/direct.h"

/* A byte that is asked about, and which test of the row asks. */
struct wanted {
	uint32_t at;
	uint8_t value, test;
};

/* A row of tests, and the bytes that they want, by offset. */
struct row {
	const struct cbpf_program *p;
	const struct ebpf_flow *flow;
	uint32_t first, last; /* instructions: a load, a test */
	uint8_t tests;
	unsigned n;
	struct wanted bytes[EBPF_WIDE_BYTES];
};

/* --- rows --------------------------------------------------------------------------- */

/* Tell whether F loads to A, from where packet pointers reach. */
static bool is_load(const struct sock_filter *f)
{
	enum ebpf_access access = ebpf_access(f);

	return (access == EBPF_FIXED || access == EBPF_INDEXED) && f->code != CBPF_LDX_MSH;
}

/* Return where the test at AT goes if it is not true. */
static uint32_t way_out(const struct row *r, uint32_t at)
{
	return at + 1 + r->p->insns[at].jf;
}

static bool wants(const struct row *r, uint32_t at, uint32_t size)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->bytes[i].at >= at && r->bytes[i].at < at + size)
			return true;
	return false;
}

static void add_byte(struct row *r, uint32_t at, uint8_t value)
{
	unsigned i = r->n++;

	for (; i > 0 && r->bytes[i - 1].at > at; i--)
		r->bytes[i] = r->bytes[i - 1];
	r->bytes[i] = (struct wanted){ at, value, r->tests };
}

/* Add the load at AT and the test after it to R; false if they do not belong to it. */
static bool add_test(struct row *r, uint32_t at)
{
	const struct sock_filter *load = &r->p->insns[at], *test = load + 1;
	uint32_t size;

	if (ebpf_access(load) != ebpf_access(&r->p->insns[r->first]) ||
	    test->code != CBPF_JEQ_K || r->flow->ways_in[at + 1] != 1)
		return false;
	size = ebpf_load_size(load);
	if (test->k > UINT32_MAX >> (32 - 8 * size) || wants(r, load->k, size) ||
	    r->n + size > EBPF_WIDE_BYTES)
		return false;
	for (uint32_t i = 0; i < size; i++)
		add_byte(r, load->k + i, (uint8_t)(test->k >> 8 * (size - 1 - i)));
	r->last = at + 1;
	r->tests++;
	return true;
}

/* Tell whether what comes after the last test of R is reached from there alone. */
static bool goes_on(const struct row *r)
{
	uint32_t next = r->last + 1;

	return !r->p->insns[r->last].jt && r->flow->ways_in[next] == 1 &&
	       is_load(&r->p->insns[next]) &&
	       cbpf_is_test(&r->p->insns[next + 1]) &&
	       way_out(r, next + 1) == way_out(r, r->last);
}

/* Collect the row that begins at R's first instruction; false if there is none. */
static bool collect(struct row *r)
{
	const uint32_t *live = r->flow->live;
	uint32_t yes;

	if (!is_load(&r->p->insns[r->first]) || !add_test(r, r->first))
		return false;
	while (goes_on(r) && add_test(r, r->last + 1))
		;
	yes = r->last + 1 + r->p->insns[r->last].jt;
	return r->tests > 1 && !((live[yes] | live[way_out(r, r->last)]) & 1u << GEN_A);
}

/* --- parts ---------------------------------------------------------------------------- */

/* What it takes to ask for the bytes from one on: instructions first, then loads. */
struct plan {
	uint32_t cost;
	uint8_t size; /* of the first load */
};

enum {
	INSN = 64,                     /* more than there can be loads */
	NARROW = 2 * INSN + 1,         /* a load and a test */
	WITH_WORD = NARROW + 2 * INSN, /* and a constant of 64 bits, which is two */
};

/* Return the SIZE bytes of R from number I on as they are loaded. */
static uint64_t value(const struct row *r, unsigned i, unsigned size, bool big_endian)
{
	uint64_t v = 0;

	for (unsigned b = 0; b < size; b++)
		v |= (uint64_t)r->bytes[i + b].value << 8 * (big_endian ? size - 1 - b : b);
	return v;
}

/* Return what it takes to ask for SIZE bytes of R from number I on; 0: it cannot be done. */
static uint32_t cost(const struct row *r, unsigned i, unsigned size, bool big_endian)
{
	if (i + size > r->n || r->bytes[i + size - 1].at - r->bytes[i].at != size - 1)
		return 0;
	if (size == 8 && !ebpf_is_imm(value(r, i, size, big_endian)))
		return WITH_WORD;
	return NARROW;
}

static void make_plan(const struct row *r, struct plan *plan, bool big_endian)
{
	plan[r->n] = (struct plan){ 0 };
	for (unsigned i = r->n; i-- > 0;) {
		plan[i].cost = UINT32_MAX;
		for (uint8_t size = 8; size > 0; size /= 2) {
			uint32_t c = cost(r, i, size, big_endian);

			if (c && c + plan[i + size].cost < plan[i].cost)
				plan[i] = (struct plan){ c + plan[i + size].cost, size };
		}
	}
}

/* Return the first test of those that ask about SIZE bytes of R from number I on. */
static uint8_t first_test(const struct row *r, unsigned i, unsigned size)
{
	uint8_t test = r->tests;

	while (size-- > 0)
		test = r->bytes[i + size].test < test ? r->bytes[i + size].test : test;
	return test;
}

/* Make the parts of W, in the order of the tests that they replace. */
static void make_parts(const struct row *r, const struct plan *plan, bool big_endian,
                       struct ebpf_wide *w)
{
	uint8_t order[EBPF_WIDE_BYTES];

	for (unsigned i = 0; i < r->n; i += plan[i].size) {
		uint8_t size = plan[i].size, test = first_test(r, i, size);
		unsigned to = w->n++;

		for (; to > 0 && order[to - 1] > test; to--) {
			order[to] = order[to - 1];
			w->part[to] = w->part[to - 1];
		}
		order[to] = test;
		w->part[to] = (struct ebpf_part){ r->bytes[i].at, size,
			                          value(r, i, size, big_endian) };
	}
}

bool ebpf_wide(const struct cbpf_program *p, const struct ebpf_flow *flow, uint32_t at,
               bool big_endian, struct ebpf_wide *w)
{
	struct row r = { .p = p, .flow = flow, .first = at };
	struct plan plan[EBPF_WIDE_BYTES + 1];

	if (!collect(&r))
		return false;
	make_plan(&r, plan, big_endian);
	if (plan[0].cost >= (uint32_t)r.tests * NARROW)
		return false;
	*w = (struct ebpf_wide){ .last = r.last, .end = r.bytes[r.n - 1].at + 1 };
	make_parts(&r, plan, big_endian, w);
	return true;
}
