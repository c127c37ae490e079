/*
 * What a set of values of one argument is in the words of the language: of several
 * texts that say it, the shortest. Each is tried on the argument as it is declared, and
 * on its word as 32 or 64 bits without a sign.
 */
#include <assert.h>
#include <inttypes.h>

#include "rules/lift.h"

enum {
	MOST_PARTS = LIMIT(256, 4), /* intervals of a list, or values */
	MOST_BLOCKS = LIMIT(24, 3), /* masks that are joined by `or` */
	LARGE = 0xffff              /* above it numbers are hexadecimal */
};

static const struct lift_piece too_large = { .kind = LIFT_TOO_LARGE };

/* --- pieces ---------------------------------------------------------------------- */

static struct lift_piece piece(enum lift_kind kind, struct buf *text)
{
	struct lift_piece p = { .kind = kind };

	p.text = buf_str(text);
	p.len = text->len;
	return p;
}

static void put_piece(struct buf *out, const struct lift_piece *p, bool brackets)
{
	buf_puts(out, brackets ? "(" : "");
	buf_write(out, p->text, p->len);
	buf_puts(out, brackets ? ")" : "");
}

struct lift_piece lift_join(struct arena *arena, enum lift_kind kind, struct lift_piece a,
                            struct lift_piece b)
{
	struct buf out = { .arena = arena };

	if (a.kind == LIFT_TOO_LARGE || b.kind == LIFT_TOO_LARGE)
		return too_large;
	put_piece(&out, &a, a.kind != kind && a.kind != LIFT_ATOM);
	buf_puts(&out, kind == LIFT_AND ? " and " : " or ");
	put_piece(&out, &b, b.kind != kind && b.kind != LIFT_ATOM);
	return piece(kind, &out);
}

struct lift_piece lift_shorter(struct lift_piece a, struct lift_piece b)
{
	if (a.kind == LIFT_TOO_LARGE || (b.kind != LIFT_TOO_LARGE && b.len < a.len))
		return b;
	return a;
}

static struct lift_piece negated(struct arena *arena, struct lift_piece a)
{
	struct buf out = { .arena = arena };

	if (a.kind == LIFT_TOO_LARGE)
		return a;
	buf_puts(&out, "not ");
	put_piece(&out, &a, true);
	return piece(LIFT_ATOM, &out);
}

/* --- operands ---------------------------------------------------------------------- */

/* An argument as it is compared. */
struct operand {
	const char *text;
	unsigned width;
	bool is_signed;
};

static void put_number(struct buf *out, const struct operand *o, uint64_t v)
{
	uint64_t sign = UINT64_C(1) << (o->width - 1);
	bool negative = o->is_signed && v & sign;

	if (negative)
		v = -(v | ~sys_ones(o->width));
	buf_printf(out, v > LARGE ? "%s0x%" PRIx64 : "%s%" PRIu64, negative ? "-" : "", v);
}

/* Return the argument whose only word is I; NULL if that has no name. */
static const struct sys_arg *arg_of(const struct lift_call *c, unsigned i)
{
	for (unsigned k = 0; k < c->call.nargs; k++)
		if (c->call.arg[k].lo == (int)i || c->call.arg[k].hi == (int)i)
			return c->call.arg[k].hi < 0 ? &c->call.arg[k] : NULL;
	return NULL;
}

static struct operand operand(const struct lift_call *c, unsigned i, const char *cast,
                              unsigned width)
{
	const struct sys_arg *arg = arg_of(c, i);
	struct buf text = { .arena = c->arena };

	buf_printf(&text, *cast ? "%s(" : "%s", cast);
	if (arg)
		buf_puts(&text, arg->name);
	else
		buf_printf(&text, "args[%u]", i);
	buf_puts(&text, *cast ? ")" : "");
	return (struct operand){ buf_str(&text), width, false };
}

/*
 * List the ways to read word I in a comparison, its own type first; return
 * their number.
 */
static unsigned operands(const struct lift_call *c, unsigned i, struct operand out[3])
{
	const struct sys_arg *arg = arg_of(c, i);
	unsigned own = arg ? arg->type.width : c->abi->word, n = 0;

	out[n] = operand(c, i, "", own);
	out[n++].is_signed = arg && arg->type.is_signed;
	if (own != 32)
		out[n++] = operand(c, i, "u32", 32);
	if (own == 32 && out[0].is_signed)
		out[n++] = operand(c, i, "u32", 32);
	if (own != 64 && c->abi->word == 64)
		out[n++] = operand(c, i, "u64", 64);
	return n;
}

/* --- the values of a set ---------------------------------------------------------- */

struct interval {
	uint64_t lo, hi;
};

/* Values in their order, those that touch in one. */
struct values {
	struct arena *arena;
	struct diagrams *d;
	uint64_t mask, ones; /* bits that count; all of the width */
	unsigned first;      /* bit of the diagrams */
	ARRAY(struct interval) v;
	bool too_many;
};

static void push(struct values *v, uint64_t lo, uint64_t hi)
{
	struct interval one = { lo, hi };

	if (v->v.n && ((v->v.v[v->v.n - 1].hi + 1) & v->ones) == lo)
		v->v.v[v->v.n - 1].hi = hi;
	else if (v->v.n >= MOST_PARTS)
		v->too_many = true;
	else
		array_push(v->arena, &v->v, one);
}

static bool is_ones(uint64_t mask)
{
	return !(mask & (mask + 1));
}

/* Collect the values of SET that begin with BASE, above bit K. */
static void find_values(struct values *v, uint32_t set, unsigned k, uint64_t base)
{
	struct diagram_decision at;
	uint64_t below = k ? sys_ones(k) & v->mask : 0;
	bool here = diagram_decision(v->d, set, &at) && k && at.bit == v->first + k - 1;

	arena_work(v->arena, 1);
	if (set == DIAGRAM_NONE || v->too_many)
		return;
	if (set == DIAGRAM_ALL && is_ones(below)) {
		push(v, base, base | below);
		return;
	}
	assert(k);
	k--;
	find_values(v, here ? at.clear : set, k, base);
	if (v->mask >> k & 1)
		find_values(v, here ? at.set : set, k, base | UINT64_C(1) << k);
}

static struct values values_of(const struct lift_call *c, unsigned i, uint32_t set,
                               uint64_t mask, unsigned width)
{
	struct values v = {
		.arena = c->arena,
		.d = c->d,
		.mask = mask,
		.ones = sys_ones(width),
		.first = OUTCOME_ARGS + 64 * i,
	};

	find_values(&v, set, 64, 0);
	return v;
}

/* Sort the values as signed numbers: those below zero come first. */
static void turn(struct values *v, unsigned width)
{
	uint64_t sign = UINT64_C(1) << (width - 1);
	struct values old = *v;

	v->v.v = NULL;
	v->v.n = v->v.cap = 0;
	array_each(it, &old.v)
		if (it->hi >= sign)
			push(v, it->lo < sign ? sign : it->lo, it->hi);
	array_each(it, &old.v)
		if (it->lo < sign)
			push(v, it->lo, it->hi < sign ? it->hi : sign - 1);
}

/* --- comparisons ------------------------------------------------------------------- */

static void put_list(struct buf *out, const struct operand *o, const struct values *v)
{
	buf_puts(out, " in (");
	for (uint32_t i = 0; i < v->v.n; i++) {
		buf_puts(out, i ? ", " : "");
		put_number(out, o, v->v.v[i].lo);
		if (v->v.v[i].lo == v->v.v[i].hi)
			continue;
		buf_puts(out, "..");
		put_number(out, o, v->v.v[i].hi);
	}
	buf_puts(out, ")");
}

/* Write that O is in V, which has at least one interval. */
static struct lift_piece in_values(const struct lift_call *c, const struct operand *o,
                                   const struct values *v)
{
	uint64_t least = o->is_signed ? UINT64_C(1) << (o->width - 1) : 0;
	const struct interval *one = v->v.v;
	struct buf out = { .arena = c->arena };

	buf_puts(&out, o->text);
	if (v->v.n > 1 || (one->lo != one->hi && one->lo != least &&
	                   one->hi != (sys_ones(o->width) ^ least))) {
		put_list(&out, o, v);
		return piece(LIFT_ATOM, &out);
	}
	buf_puts(&out, one->lo == one->hi ? " == "
	               : one->lo == least ? " <= "
	                                  : " >= ");
	put_number(&out, o, one->lo == least ? one->hi : one->lo);
	return piece(LIFT_ATOM, &out);
}

/* Write that O is in SET, which tests only bits of O, as a list of ranges. */
static struct lift_piece ranges(const struct lift_call *c, unsigned i,
                                const struct operand *o, uint32_t set)
{
	struct values v = values_of(c, i, set, sys_ones(o->width), o->width);

	if (v.too_many)
		return too_large;
	if (o->is_signed)
		turn(&v, o->width);
	return v.too_many || !v.v.n ? too_large : in_values(c, o, &v);
}

/*
 * Write that O differs from the single value in OTHERS; too_large if there are
 * more.
 */
static struct lift_piece unequal(const struct lift_call *c, unsigned i,
                                 const struct operand *o, uint32_t others)
{
	struct values v = values_of(c, i, others, sys_ones(o->width), o->width);
	struct buf out = { .arena = c->arena };

	if (v.too_many || v.v.n != 1 || v.v.v->lo != v.v.v->hi)
		return too_large;
	buf_printf(&out, "%s != ", o->text);
	put_number(&out, o, v.v.v->lo);
	return piece(LIFT_ATOM, &out);
}

/* --- masks -------------------------------------------------------------------------- */

struct block {
	uint64_t mask, value;
};

struct blocks {
	struct arena *arena;
	unsigned i;
	ARRAY(struct block) v;
};

static bool take_block(void *ctx, const uint64_t *mask, const uint64_t *value)
{
	struct blocks *b = ctx;
	unsigned word = OUTCOME_ARGS / 64 + b->i;
	struct block one = { mask[word], value[word] };

	array_push(b->arena, &b->v, one);
	return b->v.n <= MOST_BLOCKS;
}

/*
 * Write that O's bits under B's mask equal B's value or, with NOT, differ from
 * it.
 */
static struct lift_piece masked(const struct lift_call *c, const struct operand *o,
                                const struct block *b, bool not )
{
	uint64_t rest = sys_ones(o->width) & ~b->mask;
	struct buf out = { .arena = c->arena }, other = out;
	struct lift_piece p;

	buf_printf(&out, "%s & 0x%" PRIx64, o->text, b->mask);
	if (!not || b->value)
		buf_printf(&out, b->value > 9 ? " %s 0x%" PRIx64 : " %s %" PRIu64,
		           not ? "!=" : "==", b->value);
	p = piece(LIFT_ATOM, &out);
	if (b->value || not || rest == 0)
		return p;
	buf_printf(&other, "%s within 0x%" PRIx64, o->text, rest);
	return lift_shorter(p, piece(LIFT_ATOM, &other));
}

/* Write that O is in SET or, with NOT, outside it, as blocks of values. */
static struct lift_piece by_blocks(const struct lift_call *c, unsigned i,
                                   const struct operand *o, uint32_t set, bool not )
{
	struct blocks b = { .arena = c->arena, .i = i };
	struct lift_piece all;

	if (!diagram_blocks(c->d, set, take_block, &b) || !b.v.n)
		return too_large;
	if (b.v.n == 1)
		return masked(c, o, b.v.v, not );
	all = masked(c, o, b.v.v, false);
	for (uint32_t k = 1; k < b.v.n; k++)
		all = lift_join(c->arena, LIFT_OR, all, masked(c, o, &b.v.v[k], false));
	return not ? negated(c->arena, all) : all;
}

/* Write that O under MASK has one of the values of SET. */
static struct lift_piece masked_list(const struct lift_call *c, unsigned i,
                                     const struct operand *o, uint32_t set, uint64_t mask)
{
	struct values v = values_of(c, i, set, mask, o->width);
	struct operand as = { .width = o->width };
	struct buf out = { .arena = c->arena };

	if (v.too_many || !v.v.n)
		return too_large;
	buf_printf(&out, "%s & 0x%" PRIx64, o->text, mask);
	put_list(&out, &as, &v);
	return piece(LIFT_ATOM, &out);
}

/* --- all of them --------------------------------------------------------------------- */

struct support {
	unsigned first;
	uint64_t bits;
};

static enum lift_way note_bit(void *ctx, unsigned *bit)
{
	struct support *s = ctx;

	s->bits |= UINT64_C(1) << (*bit - s->first);
	return LIFT_KEEP;
}

static uint32_t same(void *ctx, uint32_t set)
{
	return set;
}

/* Return the bits of argument I that SET depends on. */
static uint64_t support(const struct lift_call *c, unsigned i, uint32_t set)
{
	struct support s = { .first = OUTCOME_ARGS + 64 * i };
	struct lift_map m = {
		.arena = c->arena,
		.d = c->d,
		.way = note_bit,
		.leaf = same,
		.ctx = &s,
	};

	lift_rebuild(&m, set);
	return s.bits;
}

/* Return the shortest way to say that O is in SET, which tests only bits of O. */
static struct lift_piece with_operand(const struct lift_call *c, unsigned i,
                                      const struct operand *o, uint32_t set, uint64_t bits)
{
	uint32_t others = diagram_not(c->d, set);
	struct lift_piece best = ranges(c, i, o, set);

	best = lift_shorter(best, unequal(c, i, o, others));
	best = lift_shorter(best, by_blocks(c, i, o, set, false));
	best = lift_shorter(best, by_blocks(c, i, o, others, true));
	best = lift_shorter(best, negated(c->arena, ranges(c, i, o, others)));
	best = lift_shorter(best, masked_list(c, i, o, set, bits));
	return lift_shorter(best,
	                    negated(c->arena, masked_list(c, i, o, others, bits)));
}

struct lift_piece lift_word(const struct lift_call *c, unsigned i, uint32_t set)
{
	struct operand o[3];
	unsigned n = operands(c, i, o);
	uint64_t bits = support(c, i, set);
	struct lift_piece best = too_large;

	assert((set > DIAGRAM_ALL && bits) || diagrams_lost(c->d));
	for (unsigned k = 0; k < n && !diagrams_lost(c->d); k++)
		if (!(bits & ~sys_ones(o[k].width)))
			best = lift_shorter(best, with_operand(c, i, &o[k], set, bits));
	return diagrams_lost(c->d) ? too_large : best;
}

/* --- pairs --------------------------------------------------------------------------- */

/*
 * Return where argument I, of WIDTH bits, is below K, or at most K where EQUAL is _ALL.
 */
static uint32_t below(const struct lift_call *c, unsigned i, unsigned k, unsigned width,
                      bool is_signed, uint32_t equal)
{
	for (unsigned bit = 0; bit < width; bit++) {
		bool swap = is_signed && bit + 1 == width;
		uint32_t l = diagram_bit(c->d, OUTCOME_ARGS + 64 * (swap ? k : i) + bit);
		uint32_t r = diagram_bit(c->d, OUTCOME_ARGS + 64 * (swap ? i : k) + bit);
		uint32_t less = diagram_ite(c->d, r, DIAGRAM_ALL, equal);
		uint32_t more = diagram_ite(c->d, r, equal, DIAGRAM_NONE);

		equal = diagram_ite(c->d, l, more, less);
	}
	return equal;
}

/* Return the comparison of I with K at WIDTH and sign that SET is; NULL: none. */
static const char *relation(const struct lift_call *c, unsigned i, unsigned k,
                            unsigned width, bool is_signed, uint32_t set)
{
	uint32_t less = below(c, i, k, width, is_signed, DIAGRAM_NONE);
	uint32_t most = below(c, i, k, width, is_signed, DIAGRAM_ALL);
	uint32_t equals = diagram_less(c->d, most, less);

	if (set == less)
		return "<";
	if (set == most)
		return "<=";
	if (set == equals)
		return "==";
	if (set == diagram_not(c->d, less))
		return ">=";
	if (set == diagram_not(c->d, most))
		return ">";
	return set == diagram_not(c->d, equals) ? "!=" : NULL;
}

struct lift_piece lift_pair(const struct lift_call *c, unsigned i, unsigned k, uint32_t set)
{
	static const struct {
		const char *cast;
		unsigned width;
		bool is_signed;
	} casts[] = {
		{ "u32", 32, false },
		{ "i32", 32, true },
		{ "u64", 64, false },
		{ "i64", 64, true },
	};

	for (size_t n = 0; n < ARRAY_LEN(casts); n++) {
		struct buf out = { .arena = c->arena };
		const char *text;

		if (casts[n].width > c->abi->word)
			break;
		text = relation(c, i, k, casts[n].width, casts[n].is_signed, set);
		if (!text)
			continue;
		buf_printf(&out, "%s %s %s",
		           operand(c, i, casts[n].cast, casts[n].width).text, text,
		           operand(c, k, casts[n].cast, casts[n].width).text);
		return piece(LIFT_ATOM, &out);
	}
	return too_large;
}
