/*
 * Patches inputs so that a node of a graph leads elsewhere: like flip.c, which does it
 * for the branches of a program, but along the values of the graph. What an operand is
 * now is computed again, as nothing was kept of the run but its way.
 */
#include "prove/prove.h"

#include <string.h>

enum {
	DEPTH = 24,
	VALUES = 256,
	ATTEMPTS = 4
};

/* One attempt to give a value a number. */
struct give {
	const struct ir_step *way; /* of the run that IN was before it is patched */
	struct input *in;
	struct rng *rng;
	unsigned values; /* that may still be computed */
};

/* --- what a value is ----------------------------------------------------------- */

static bool number_of(struct give *g, const struct ir_value *v, uint32_t upto,
                      unsigned depth, uint32_t *out);

/* Return the step before UPTO that bound PARAM; UPTO if none is known. */
static uint32_t bound_at(const struct give *g, const struct ir_value *param, uint32_t upto)
{
	for (uint32_t i = upto; i-- > 0;)
		if (g->way[i].node->kind == IR_BIND && g->way[i].node->lhs == param)
			return i;
	return upto;
}

/* Return the place of what load V reads; -1: nowhere, or not known. */
static int64_t place_of(struct give *g, const struct ir_value *v, uint32_t upto,
                        unsigned depth)
{
	uint32_t base = 0;

	if (v->op == IR_LOADX && !number_of(g, v->arg[0], upto, depth + 1, &base))
		return -1;
	return input_place(g->in, base + v->imm);
}

static bool load(const struct input *in, int64_t at, unsigned width, uint32_t *out)
{
	*out = 0;
	if (at < 0 || at + width > in->captured)
		return false;
	for (unsigned i = 0; i < width; i++)
		*out |= (uint32_t)in->bytes[at + i]
		        << (in->little_endian ? 8 * i : 8 * (width - 1 - i));
	return true;
}

static bool msh(const struct input *in, int64_t at, uint32_t *out)
{
	bool there = load(in, at, 1, out);

	*out = 4 * (*out & 15);
	return there;
}

static bool number_of(struct give *g, const struct ir_value *v, uint32_t upto,
                      unsigned depth, uint32_t *out)
{
	uint32_t a = 0, b = 0, at;

	if (depth > DEPTH || !g->values)
		return false;
	g->values--;
	switch (v->op) {
	case IR_CONST:
		*out = v->imm;
		return true;
	case IR_LOAD:
	case IR_LOADX:
		return load(g->in, place_of(g, v, upto, depth), v->width, out);
	case IR_MSH:
		return msh(g->in, place_of(g, v, upto, depth), out);
	case IR_LEN:
		*out = g->in->wire;
		return true;
	case IR_PARAM:
		at = bound_at(g, v, upto);
		*out = at < upto ? g->way[at].bound : 0;
		return at < upto;
	case IR_KEY:
	case IR_NOPS:
		return false;
	default:
		break;
	}
	if ((v->arg[0] && !number_of(g, v->arg[0], upto, depth + 1, &a)) ||
	    (v->arg[1] && !number_of(g, v->arg[1], upto, depth + 1, &b)))
		return false;
	if (v->op != IR_ANC && v->op != IR_ANCX)
		return ir_fold2(v->op, a, b, out);
	*out = input_ancillary(g->in, v->imm, a, b);
	return true;
}

/* --- and how it becomes another -------------------------------------------------- */

static bool give(struct give *g, const struct ir_value *v, uint32_t upto, unsigned depth,
                 uint32_t want);

/* Operations of the graph as instructions name them. */
static const uint16_t alu[IR_NOPS] = {
	[IR_ADD] = BPF_ADD,
	[IR_SUB] = BPF_SUB,
	[IR_MUL] = BPF_MUL,
	[IR_DIV] = BPF_DIV,
	[IR_MOD] = BPF_MOD,
	[IR_AND] = BPF_AND,
	[IR_OR] = BPF_OR,
	[IR_XOR] = BPF_XOR,
	[IR_LSH] = BPF_LSH,
	[IR_RSH] = BPF_RSH,
	[IR_NEG] = BPF_NEG,
};

static bool give_alu(struct give *g, const struct ir_value *v, uint32_t upto,
                     unsigned depth, uint32_t want)
{
	uint32_t a = 0, b = 0, arg;
	bool right_first = v->arg[1] && rng_one_in(g->rng, 4);

	if (!number_of(g, v->arg[0], upto, depth + 1, &a) ||
	    (v->arg[1] && !number_of(g, v->arg[1], upto, depth + 1, &b)))
		return false;
	for (int side = 0; side < (v->arg[1] ? 2 : 1); side++) {
		bool right = right_first ^ side;

		if (right ? undo_right(alu[v->op], a, b, want, &arg, g->rng) &&
		                    give(g, v->arg[1], upto, depth + 1, arg)
		          : undo_left(alu[v->op], b, a, want, &arg, g->rng) &&
		                    give(g, v->arg[0], upto, depth + 1, arg))
			return true;
	}
	return false;
}

/* Patch the input so that V is WANT. */
static bool give(struct give *g, const struct ir_value *v, uint32_t upto, unsigned depth,
                 uint32_t want)
{
	int64_t at;
	uint32_t bind;

	if (depth > DEPTH || !g->values)
		return false;
	g->values--;
	switch (v->op) {
	case IR_CONST:
		return v->imm == want;
	case IR_LOAD:
	case IR_LOADX:
		at = place_of(g, v, upto, depth);
		return at >= 0 && at < PACKET_MAX && give_load(g->in, (uint32_t)at, v->width, want);
	case IR_MSH:
		at = place_of(g, v, upto, depth);
		return at >= 0 && at < g->in->captured && give_msh(g->in, (uint32_t)at, want);
	case IR_LEN:
		return give_len(g->in, want);
	case IR_ANC:
		return give_anc(g->in, v->imm, want);
	case IR_PARAM:
		bind = bound_at(g, v, upto);
		return bind < upto && give(g, g->way[bind].node->rhs, bind, depth + 1, want);
	case IR_ANCX:
	case IR_KEY:
	case IR_NOPS:
		return false;
	default:
		return give_alu(g, v, upto, depth, want);
	}
}

/* --- what to ask for -------------------------------------------------------------- */

static const uint16_t conditions[] = {
	[IR_EQ] = BPF_JEQ,
	[IR_GT] = BPF_JGT,
	[IR_GE] = BPF_JGE,
	[IR_ANY] = BPF_JSET,
};

/*
 * Change the left side of the one-word test at step K; if PROBE, to a near
 * number.
 */
static bool give_word(struct give *g, uint32_t k, uint32_t turn, bool probe)
{
	const struct ir_node *n = g->way[k].node;
	unsigned op = conditions[n->cmp];
	bool yes = g->way[k].to == n->yes;
	uint32_t lhs, rhs;

	if (!number_of(g, n->lhs, k, 0, &lhs) || !number_of(g, n->rhs, k, 0, &rhs))
		return false;
	/* Most right sides are constant; of the others, one in two is changed. */
	if (n->rhs->op != IR_CONST && rng_one_in(g->rng, 2))
		return give(g, n->rhs, k, 0, probe || op != BPF_JEQ || yes ? near_to(op, rhs, lhs, turn, g->rng) : lhs);
	return give(g, n->lhs, k, 0, probe ? near_to(op, lhs, rhs, turn, g->rng) : flip_value(op, yes, lhs, rhs, g->rng));
}

static bool give_key(struct give *g, const struct ir_value *v, uint32_t k,
                     const uint32_t *word)
{
	for (unsigned i = 0; i < ir_words(v); i++)
		if (!give(g, ir_word(v, i), k, 0, word[i]))
			return false;
	return true;
}

/*
 * Change the test at step K of several words: make all of them the right
 * side's, or nearly.
 */
static bool give_words(struct give *g, uint32_t k, bool probe)
{
	const struct ir_node *n = g->way[k].node;
	unsigned words = ir_words(n->lhs), other = rng_below(g->rng, words);
	bool yes = g->way[k].to == n->yes;
	uint32_t word[IR_WORDS];

	for (unsigned i = 0; i < words; i++)
		if (!number_of(g, ir_word(n->rhs, i), k, 0, &word[i]))
			return false;
	if (yes || probe || n->cmp != IR_EQ)
		word[other] = near_to(conditions[n->cmp], word[other], word[other],
		                      UINT32_MAX, g->rng);
	return give_key(g, n->lhs, k, word);
}

/* Add 1 to KEY, or subtract 1 if BACK, over its WORDS words. */
static void next_to(uint32_t *key, unsigned words, bool back)
{
	for (unsigned i = words; i-- > 0;)
		if (back ? key[i]-- : ++key[i])
			return;
}

/* Draw a number of interval R, of WORDS words: one of its ends or one between. */
static void draw_key(struct give *g, const struct ir_interval *r, unsigned words, uint32_t *key)
{
	unsigned i = 0;

	memcpy(key, rng_one_in(g->rng, 2) ? r->lo : r->hi, IR_WORDS * sizeof *key);
	while (i < words && r->lo[i] == r->hi[i])
		i++;
	if (i == words || !rng_one_in(g->rng, 3) || r->hi[i] - r->lo[i] < 2)
		return;
	key[i] = r->lo[i] + 1 + rng_below(g->rng, r->hi[i] - r->lo[i] - 1);
	while (++i < words)
		key[i] = rng_next(g->rng);
}

/* Draw one of the four numbers at the ends of interval R, inside and outside. */
static void draw_end(const struct ir_interval *r, unsigned words, uint32_t which, uint32_t *key)
{
	bool low = which & 2, outside = which & 1;

	memcpy(key, low ? r->lo : r->hi, IR_WORDS * sizeof *key);
	if (outside)
		next_to(key, words, low);
}

/*
 * Move the key of the set at step K into an interval or out of them or, if
 * PROBE, to an end of one.
 */
static bool give_set(struct give *g, uint32_t k, uint32_t turn, bool probe)
{
	const struct ir_node *n = g->way[k].node;
	unsigned words = ir_words(n->lhs);
	uint32_t key[IR_WORDS];

	if (probe && rng_one_in(g->rng, 4)) {
		draw_key(g, &n->set[rng_below(g->rng, n->n)], words, key);
		key[words - 1] ^= 1u << rng_below(g->rng, 32);
	} else if (probe) {
		draw_end(&n->set[rng_below(g->rng, n->n)], words, turn, key);
	} else if (g->way[k].to != n->no && rng_one_in(g->rng, n->n)) {
		draw_end(&n->set[turn % n->n], words, 1 | turn << 1, key);
	} else {
		draw_key(g, &n->set[turn % n->n], words, key);
	}
	return give_key(g, n->lhs, k, key);
}

bool graph_flip(const struct ir_step *way, uint32_t k, uint32_t turn, bool probe,
                struct input *in, struct rng *r)
{
	const struct ir_node *n = way[k].node;

	for (uint32_t i = 0; i < ATTEMPTS; i++) {
		struct give g = { .way = way, .in = in, .rng = r, .values = VALUES };

		if (n->kind == IR_SET      ? give_set(&g, k, turn + i, probe)
		    : n->kind != IR_TEST   ? false
		    : ir_words(n->lhs) > 1 ? give_words(&g, k, probe)
		                           : give_word(&g, k, turn + i, probe))
			return true;
	}
	return false;
}
