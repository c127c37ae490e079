/*
 * Programs that are wrong at one point: what the tests must find. A row for each
 * kind of change; those that suit the instruction are drawn from.
 */
#include "tests/diff/mutants.h"

#include "cbpf/cbpf.h"

static bool is_alu(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_ALU && BPF_OP(f->code) != BPF_NEG;
}

static bool has_constant(const struct sock_filter *f)
{
	return (cbpf_is_test(f) || is_alu(f)) && BPF_SRC(f->code) == BPF_K;
}

static bool is_load(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_LD &&
	       (BPF_MODE(f->code) == BPF_ABS || BPF_MODE(f->code) == BPF_IND);
}

static bool has_offset(const struct sock_filter *f)
{
	return is_load(f) ||
	       (BPF_CLASS(f->code) == BPF_LDX && BPF_MODE(f->code) == BPF_MSH);
}

static bool is_immediate(const struct sock_filter *f)
{
	return (BPF_CLASS(f->code) == BPF_LD || BPF_CLASS(f->code) == BPF_LDX) &&
	       BPF_MODE(f->code) == BPF_IMM;
}

static bool has_mask(const struct sock_filter *f)
{
	return has_constant(f) &&
	       (is_alu(f) ? BPF_OP(f->code) == BPF_AND : BPF_OP(f->code) == BPF_JSET);
}

static bool is_ret(const struct sock_filter *f)
{
	return cbpf_is_ret(f) && BPF_RVAL(f->code) == BPF_K;
}

static bool is_transfer(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_MISC || BPF_CLASS(f->code) == BPF_ST ||
	       BPF_CLASS(f->code) == BPF_STX || is_load(f) || is_alu(f);
}

static void step(struct sock_filter *f, struct rng *r)
{
	f->k += rng_one_in(r, 2) ? 1 : UINT32_MAX;
}

static void flip_bit(struct sock_filter *f, struct rng *r)
{
	f->k ^= 1u << rng_below(r, 32);
}

static void other_condition(struct sock_filter *f, struct rng *r)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };

	f->code = (uint16_t)((f->code & ~0xf0) | ops[rng_below(r, 4)]);
}

static void swap_sides(struct sock_filter *f, struct rng *r)
{
	uint8_t jt = f->jt;

	f->jt = f->jf;
	f->jf = jt;
}

static void move_side(struct sock_filter *f, struct rng *r)
{
	uint8_t by = rng_one_in(r, 2) ? 1 : UINT8_MAX;

	if (rng_one_in(r, 2))
		f->jt = (uint8_t)(f->jt + by);
	else
		f->jf = (uint8_t)(f->jf + by);
}

static void other_width(struct sock_filter *f, struct rng *r)
{
	static const uint16_t sizes[] = { BPF_W, BPF_H, BPF_B };

	f->code = (uint16_t)((f->code & ~0x18) | sizes[rng_below(r, 3)]);
}

static void other_result(struct sock_filter *f, struct rng *r)
{
	f->k = f->k ? 0 : 1;
}

static void other_operation(struct sock_filter *f, struct rng *r)
{
	static const uint16_t ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_AND, BPF_OR,
		                        BPF_XOR, BPF_LSH, BPF_RSH };

	f->code = (uint16_t)((f->code & ~0xf0) | ops[rng_below(r, ARRAY_LEN(ops))]);
}

/* The jump that only goes on. */
static void nothing(struct sock_filter *f, struct rng *r)
{
	*f = (struct sock_filter){ .code = BPF_JMP | BPF_JA };
}

static const struct {
	const char *name;
	bool (*suits)(const struct sock_filter *f);
	void (*change)(struct sock_filter *f, struct rng *r);
} kinds[] = {
	{ "constant +-1", has_constant, step },
	{ "constant's bit", has_constant, flip_bit },
	{ "immediate +-1", is_immediate, step },
	{ "offset +-1", has_offset, step },
	{ "mask's bit", has_mask, flip_bit },
	{ "condition", cbpf_is_test, other_condition },
	{ "sides swapped", cbpf_is_test, swap_sides },
	{ "side moved", cbpf_is_test, move_side },
	{ "width", is_load, other_width },
	{ "result", is_ret, other_result },
	{ "operation", is_alu, other_operation },
	{ "left out", is_transfer, nothing },
};

const char *mutate(struct sock_filter *p, uint32_t n, uint32_t *at, struct rng *r)
{
	uint32_t kind = rng_below(r, ARRAY_LEN(kinds));

	*at = rng_below(r, n);
	if (!kinds[kind].suits(&p[*at]))
		return NULL;
	kinds[kind].change(&p[*at], r);
	return kinds[kind].name;
}
