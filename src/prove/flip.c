/*
 * Patches inputs so that a branch goes the other way: the value that was
 * compared is traced back through invertible arithmetic to the bytes, length
 * or ancillary word that it came from.
 */
#include "cbpf/cbpf.h"
#include "prove/prove.h"

static bool give(const struct trace *t, uint16_t origin, uint32_t want,
                 struct input *in, struct rng *r, unsigned depth);

/* --- the ends of the way back ------------------------------------------------ */

static uint8_t byte_of(const struct input *in, uint32_t want, unsigned width, unsigned i)
{
	return (uint8_t)(want >> (in->little_endian ? 8 * i : 8 * (width - 1 - i)));
}

bool give_load(struct input *in, uint32_t at, unsigned width, uint32_t want)
{
	struct input copy;

	if (width < 4 && want >> 8 * width)
		return false;
	if (!in->extended && at >= in->pinned && at < in->captured &&
	    width <= in->captured - at) {
		for (unsigned i = 0; i < width; i++)
			in->bytes[at + i] = byte_of(in, want, width, i);
		return true;
	}
	copy = *in;
	for (unsigned i = 0; i < width; i++)
		if (!input_patch(&copy, at + i, byte_of(in, want, width, i)))
			return false;
	*in = copy;
	return true;
}

bool give_msh(struct input *in, uint32_t at, uint32_t want)
{
	uint8_t byte;

	if (want & 3 || want > 60)
		return false;
	byte = (input_byte(in, at) & 0xf0) | want / 4;
	return input_patch(in, at, byte);
}

bool give_len(struct input *in, uint32_t want)
{
	if (in->extended || in->sized)
		return false;
	in->wire = want;
	if (in->captured > want)
		in->captured = want;
	return true;
}

bool give_anc(struct input *in, uint32_t which, uint32_t want)
{
	if (in->extended)
		return false;
	if (cbpf_is_set(which)) /* 0 or 1, by A and X as well */
		in->anc[which % ARRAY_LEN(in->anc)] ^= 1;
	else
		in->anc[which] = want;
	return true;
}

/* --- inverses --------------------------------------------------------------------- */

/* Return the inverse of odd C modulo 2^32. */
static uint32_t inverse(uint32_t c)
{
	uint32_t x = c;

	for (int i = 0; i < 5; i++)
		x *= 2 - c * x;
	return x;
}

static bool undo_mul(uint32_t c, uint32_t want, uint32_t *arg)
{
	unsigned zeros = c ? __builtin_ctz(c) : 32;

	if (!c || want & ((1ull << zeros) - 1))
		return false;
	*arg = (want >> zeros) * inverse(c >> zeros);
	return true;
}

static bool undo_div(uint32_t c, uint32_t want, uint32_t *arg, struct rng *r)
{
	uint64_t v = (uint64_t)want * c + rng_below(r, c);

	*arg = v;
	return v <= UINT32_MAX;
}

static bool undo_mod(uint32_t c, uint32_t now, uint32_t want, uint32_t *arg)
{
	if (!c || want >= c)
		return false;
	*arg = now - now % c + want;
	return *arg % c == want;
}

static bool undo_lsh(uint32_t by, uint32_t now, uint32_t want, uint32_t *arg)
{
	uint32_t lost = by ? ~(UINT32_MAX >> by) : 0;

	*arg = want >> by | (now & lost);
	return *arg << by == want;
}

static bool undo_rsh(uint32_t by, uint32_t now, uint32_t want, uint32_t *arg)
{
	*arg = want << by | (now & ((1u << by) - 1));
	return *arg >> by == want;
}

bool undo_left(unsigned op, uint32_t c, uint32_t now, uint32_t want,
               uint32_t *arg, struct rng *r)
{
	switch (op) {
	case BPF_ADD:
		*arg = want - c;
		return true;
	case BPF_SUB:
		*arg = want + c;
		return true;
	case BPF_MUL:
		return undo_mul(c, want, arg);
	case BPF_DIV:
		return undo_div(c, want, arg, r);
	case BPF_MOD:
		return undo_mod(c, now, want, arg);
	case BPF_AND:
		*arg = (now & ~c) | want;
		return !(want & ~c);
	case BPF_OR:
		*arg = (now & c) | (want & ~c);
		return (want & c) == c;
	case BPF_XOR:
		*arg = want ^ c;
		return true;
	case BPF_LSH:
		return undo_lsh(c & 31, now, want, arg);
	case BPF_RSH:
		return undo_rsh(c & 31, now, want, arg);
	default: /* BPF_NEG */
		*arg = -want;
		return true;
	}
}

bool undo_right(unsigned op, uint32_t c, uint32_t now, uint32_t want,
                uint32_t *arg, struct rng *r)
{
	switch (op) {
	case BPF_SUB:
		*arg = c - want;
		return true;
	case BPF_DIV:
		*arg = want ? c / want : c + 1;
		return *arg && c / *arg == want;
	case BPF_MOD:
		*arg = c - want;
		return *arg && c % *arg == want;
	case BPF_LSH:
	case BPF_RSH:
		for (*arg = 0; *arg < 32; ++*arg)
			if (want == (op == BPF_LSH ? c << *arg : c >> *arg))
				return true;
		return false;
	case BPF_NEG:
		return false;
	default: /* those that commute */
		return undo_left(op, c, now, want, arg, r);
	}
}

static bool give_alu(const struct trace *t, const struct origin *o, uint32_t want,
                     struct input *in, struct rng *r, unsigned depth)
{
	uint32_t a = t->origin[o->a].value, b = t->origin[o->b].value, arg;
	bool right_first = rng_one_in(r, 4);

	for (int side = 0; side < 2; side++) {
		bool right = right_first ^ side;

		if (right ? undo_right(o->imm, a, b, want, &arg, r) &&
		                    give(t, o->b, arg, in, r, depth + 1)
		          : undo_left(o->imm, b, a, want, &arg, r) &&
		                    give(t, o->a, arg, in, r, depth + 1))
			return true;
	}
	return false;
}

/*
 * Patch IN so that ORIGIN would have the value WANT; false if that is not
 * possible.
 */
static bool give(const struct trace *t, uint16_t origin, uint32_t want,
                 struct input *in, struct rng *r, unsigned depth)
{
	const struct origin *o = &t->origin[origin];

	if (o->value == want)
		return true;
	if (depth > 24)
		return false;
	switch (o->op) {
	case FROM_CONST:
		return false;
	case FROM_LOAD:
		return give_load(in, o->imm, o->width, want);
	case FROM_MSH:
		return give_msh(in, o->imm, want);
	case FROM_LEN:
		return give_len(in, want);
	case FROM_ANC:
		return give_anc(in, o->imm, want);
	case FROM_ALU:
		return give_alu(t, o, want, in, r, depth);
	}
	return false;
}

/* --- what to ask for -------------------------------------------------------------------- */

uint32_t flip_value(unsigned op, bool yes, uint32_t now, uint32_t c,
                    struct rng *r)
{
	uint32_t far = rng_one_in(r, 3) ? rng_below(r, 256) : 0;

	switch (op) {
	case BPF_JEQ:
		if (!yes)
			return c;
		return rng_one_in(r, 2) ? c ^ 1u << rng_below(r, 32)
		                        : c + 1 - 2 * rng_below(r, 2);
	case BPF_JGT:
		return yes ? c - (far < c ? far : c) : c + 1 + far;
	case BPF_JGE:
		return yes ? c - 1 - (far < c ? far : 0) : c + far;
	default: /* BPF_JSET */
		if (yes)
			return now & ~c;
		for (int i = 0; i < 64; i++) {
			uint32_t bit = 1u << rng_below(r, 32);

			if (bit & c)
				return now | bit;
		}
		return now | c;
	}
}

/* Do the same for the right operand: C OP V. */
static uint32_t wanted_right(unsigned op, bool yes, uint32_t now, uint32_t c,
                             struct rng *r)
{
	switch (op) {
	case BPF_JGT: /* c > v */
		return yes ? c + rng_below(r, 2) : c - 1;
	case BPF_JGE:
		return yes ? c + 1 : c - rng_below(r, 2);
	default:
		return flip_value(op, yes, now, c, r);
	}
}

/* --- what the rest of the path asks of the same value ------------------------------------ */

static bool same_origin(const struct trace *t, uint16_t a, uint16_t b, unsigned depth)
{
	const struct origin *p = &t->origin[a], *q = &t->origin[b];

	if (a == b)
		return true;
	if (p->op != q->op || p->imm != q->imm || p->width != q->width || depth > 8)
		return false;
	return p->op != FROM_ALU || (same_origin(t, p->a, q->a, depth + 1) &&
	                             same_origin(t, p->b, q->b, depth + 1));
}

struct range {
	uint32_t lo, hi;
};

/* Return the range of values that leave test OP C by side YES. */
static struct range side_range(unsigned op, bool yes, uint32_t c)
{
	struct range all = { 0, UINT32_MAX };

	if (op == BPF_JEQ && yes)
		return (struct range){ c, c };
	if (op == BPF_JGT && yes)
		all.lo = c + (c != UINT32_MAX);
	else if (op == BPF_JGE && yes)
		all.lo = c;
	else if (op == BPF_JGT)
		all.hi = c;
	else if (op == BPF_JGE)
		all.hi = c - (c != 0);
	return all;
}

/*
 * Return what the forks before F, which must stay as they are, leave for its
 * left side.
 */
static struct range range_before(const struct trace *t, const struct fork *f)
{
	struct range r = { 0, UINT32_MAX };

	for (const struct fork *g = t->fork; g < f; g++) {
		struct range one;

		if (BPF_SRC(g->code) == BPF_X || !same_origin(t, g->lhs, f->lhs, 0))
			continue;
		one = side_range(BPF_OP(g->code), g->yes, t->origin[g->rhs].value);
		r.lo = max_u32(r.lo, one.lo);
		r.hi = min_u32(r.hi, one.hi);
	}
	return r;
}

/*
 * Pick a value for F's other side that the forks before it allow; false if
 * there is none.
 */
static bool wanted_within(const struct trace *t, const struct fork *f, uint32_t *want,
                          struct rng *r)
{
	struct range before = range_before(t, f), side;
	unsigned op = BPF_OP(f->code);

	if (op == BPF_JSET || (op == BPF_JEQ && f->yes))
		return false;
	side = side_range(op, !f->yes, t->origin[f->rhs].value);
	side.lo = max_u32(side.lo, before.lo);
	side.hi = min_u32(side.hi, before.hi);
	if (side.lo > side.hi)
		return false;
	switch (rng_below(r, 3)) {
	case 0:
		*want = side.lo;
		break;
	case 1:
		*want = side.hi;
		break;
	default:
		*want = side.lo + rng_below(r, side.hi - side.lo + (side.hi - side.lo != UINT32_MAX));
	}
	return true;
}

bool machine_flip(const struct trace *t, const struct fork *f, struct input *in,
                  struct rng *r)
{
	uint32_t lhs = t->origin[f->lhs].value, rhs = t->origin[f->rhs].value;
	unsigned op = BPF_OP(f->code);
	uint32_t want;

	if (BPF_SRC(f->code) == BPF_K && !rng_one_in(r, 4) &&
	    wanted_within(t, f, &want, r) && give(t, f->lhs, want, in, r, 0))
		return true;
	for (int attempt = 0; attempt < 6; attempt++) {
		bool right = BPF_SRC(f->code) == BPF_X && rng_one_in(r, 3);

		if (right ? give(t, f->rhs,
		                 wanted_right(op, f->yes, rhs, lhs, r), in, r, 0)
		          : give(t, f->lhs, flip_value(op, f->yes, lhs, rhs, r), in,
		                 r, 0))
			return true;
	}
	return false;
}

/* Pick one bit of MASK; 0 if it has none. */
static uint32_t bit_of(uint32_t mask, struct rng *r)
{
	for (unsigned n = rng_below(r, (uint32_t)__builtin_popcount(mask)); n; n--)
		mask &= mask - 1;
	return mask & -mask;
}

uint32_t near_to(unsigned op, uint32_t now, uint32_t c, uint32_t turn, struct rng *r)
{
	if (op != BPF_JSET && turn < 3)
		return turn == 2 ? c - 1 : c + turn;
	if (op == BPF_JSET && !rng_one_in(r, 4))
		return rng_one_in(r, 2) ? (now & ~c) | bit_of(c, r) : now ^ bit_of(c, r);
	switch (rng_below(r, 4)) {
	case 0:
		return c;
	case 1:
		return c + 1 - 2 * rng_below(r, 2);
	case 2:
		return now ^ 1u << rng_below(r, 32);
	default:
		return c ^ 1u << rng_below(r, 32);
	}
}

bool machine_probe(const struct trace *t, const struct fork *f, uint32_t turn,
                   struct input *in, struct rng *r)
{
	uint32_t lhs = t->origin[f->lhs].value, rhs = t->origin[f->rhs].value;

	for (int attempt = 0; attempt < 12; attempt++, turn++)
		if (BPF_SRC(f->code) == BPF_X && rng_one_in(r, 3)
		            ? give(t, f->rhs, near_to(BPF_OP(f->code), rhs, lhs, turn, r), in, r, 0)
		            : give(t, f->lhs, near_to(BPF_OP(f->code), lhs, rhs, turn, r), in, r, 0))
			return true;
	return false;
}

bool machine_move(const struct trace *t, struct input *in, struct rng *r)
{
	uint16_t base;

	if (!t->nbases)
		return false;
	base = t->base[rng_below(r, t->nbases)];
	for (int attempt = 0; attempt < 12; attempt++) {
		uint32_t by = 1u << rng_below(r, 11), now = t->origin[base].value;

		if (give(t, base, rng_one_in(r, 2) ? now + by : now ^ by, in, r, 0))
			return true;
	}
	return false;
}
