/*
 * A condition in libpcap's unoptimized programs is a block: what it computes, and a
 * test at its end; nothing jumps into its middle. Blocks are looked at from the last
 * one back, so where each leads is known; one that need not run becomes a jump.
 */
#include "tests/diff/decide.h"

static bool is_jump(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_JMP;
}

static bool is_always(const struct sock_filter *f)
{
	return is_jump(f) && BPF_OP(f->code) == BPF_JA;
}

static bool ends_block(const struct sock_filter *f)
{
	return is_jump(f) || BPF_CLASS(f->code) == BPF_RET;
}

/* Whether the test at the end of two instructions is of a constant; then its answer. */
static bool is_constant(const struct sock_filter *f, bool *yes)
{
	if (f[0].code != (BPF_LD | BPF_IMM) || BPF_SRC(f[1].code) != BPF_K)
		return false;
	switch (BPF_OP(f[1].code)) {
	case BPF_JEQ:
		*yes = f[0].k == f[1].k;
		return true;
	case BPF_JGT:
		*yes = f[0].k > f[1].k;
		return true;
	case BPF_JGE:
		*yes = f[0].k >= f[1].k;
		return true;
	}
	return false;
}

/* Where the block from START to its last instruction END leads; START: it has to run. */
static uint32_t leads_to(const struct program *p, const uint32_t *dest, uint32_t start,
                         uint32_t end)
{
	const struct sock_filter *f = &p->insns[end];
	uint64_t next = (uint64_t)end + 1;
	bool yes;

	if (is_always(f))
		return start == end && next + f->k < p->n ? dest[next + f->k] : start;
	if (!is_jump(f))
		return start;
	if (end == start + 1 && is_constant(&p->insns[start], &yes))
		return dest[next + (yes ? f->jt : f->jf)];
	return dest[next + f->jt] == dest[next + f->jf] ? dest[next + f->jt] : start;
}

struct program decided(struct arena *a, const struct program *p)
{
	struct sock_filter *insns = arena_memdup(a, p->insns, p->n * sizeof(*insns));
	uint32_t *dest = arena_array(a, uint32_t, p->n + 1), end = p->n;

	for (uint32_t i = p->n; i-- > 0;) {
		if (ends_block(&p->insns[i]))
			end = i;
		dest[i] = i;
		if (end == p->n || (i && !ends_block(&p->insns[i - 1])))
			continue;
		dest[i] = leads_to(p, dest, i, end);
		if (dest[i] != i)
			insns[i] = (struct sock_filter){ .code = BPF_JMP | BPF_JA,
				                         .k = dest[i] - i - 1 };
	}
	return (struct program){ insns, p->n };
}
