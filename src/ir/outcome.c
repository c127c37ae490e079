/*
 * Graphs of programs on struct seccomp_data as diagrams. Each value is 32 sets, one a
 * bit: the inputs in which it is set. Nodes are met from the results back, so a test is
 * one choice between two outcomes. What parameters are is worked out before that, from
 * the root on, with the inputs that get to each bind.
 */
#include <assert.h>
#include <linux/seccomp.h>

#include "ir/outcome.h"

enum {
	WIDTH = 32,
	HALVES = 16, /* 32-bit words of struct seccomp_data */
};

_Static_assert((int)OUTCOME_BITS <= (int)DIAGRAM_MOST_BITS, "each has a bit");

const struct outcome_families outcome_alone = { { 0, 1, 2, 3, 4, 5 } };

/* A value: by bit, the inputs in which it is set; FAULT: in which it cannot be had. */
struct vec {
	uint32_t bit[WIDTH];
	uint32_t fault;
};

struct builder {
	struct arena *tmp;
	struct diagrams *d;
	const struct ir_graph *g;
	struct vec **value; /* by value id; NULL: not worked out yet */
	struct vec **param; /* by number; NULL: not bound yet */
	bool *used;         /* by number: a value was made of it */
};

/* --- words that are mixed --------------------------------------------------- */

static void unite(struct outcome_families *f, unsigned args)
{
	unsigned least = OUTCOME_NARGS;

	for (unsigned i = 0; i < OUTCOME_NARGS; i++)
		if (args >> i & 1 && f->of[i] < least)
			least = f->of[i];
	for (unsigned i = 0; i < OUTCOME_NARGS; i++)
		for (unsigned k = 0; k < OUTCOME_NARGS; k++)
			if (args >> i & 1 && f->of[k] == f->of[i] && k != i)
				args |= 1u << k;
	for (unsigned i = 0; i < OUTCOME_NARGS; i++)
		if (args >> i & 1)
			f->of[i] = (uint8_t)least;
}

/* Return the arguments that V is made of, as bits, by those of what is before it. */
static uint8_t args_of(const struct ir_value *v, const uint8_t *args,
                       const uint8_t *params)
{
	uint8_t all = 0;

	if (v->op == IR_PARAM)
		return params[v->imm];
	if (v->op == IR_LOAD)
		return v->imm < OUTCOME_ARGS / 8 ? 0
		                                 : (uint8_t)(1u << (v->imm / 8 - 2));
	for (unsigned i = 0; i < ir_nargs(v); i++)
		all |= args[v->arg[i]->id];
	return all;
}

/* Unite the families of A and B if both words are made of arguments. */
static void meet(struct outcome_families *f, uint8_t a, uint8_t b)
{
	if (a && b)
		unite(f, a | b);
}

void outcome_unite(struct arena *tmp, const struct ir_graph *g, struct outcome_families *f)
{
	uint8_t *args = arena_array(tmp, uint8_t, g->values.n);
	uint8_t *params = arena_array(tmp, uint8_t, g->params);
	bool more = true;

	while (more) {
		more = false;
		for (uint32_t i = 0; i < g->values.n; i++)
			args[i] = args_of(g->values.v[i], args, params);
		array_each(it, &g->nodes) {
			const struct ir_node *n = *it;
			uint8_t of = n->kind == IR_BIND ? args[n->rhs->id] : 0;

			if (n->kind != IR_BIND || !(of & ~params[n->lhs->imm]))
				continue;
			params[n->lhs->imm] |= of;
			more = true;
		}
	}
	array_each(it, &g->values)
		if ((*it)->op != IR_KEY && ir_nargs(*it) == 2)
			meet(f, args[(*it)->arg[0]->id], args[(*it)->arg[1]->id]);
	array_each(it, &g->nodes)
		if ((*it)->kind == IR_TEST)
			meet(f, args[(*it)->lhs->id], args[(*it)->rhs->id]);
}

/* --- the order of bits -------------------------------------------------------- */

static unsigned push_bits(uint16_t *order, unsigned n, unsigned first)
{
	for (unsigned k = WIDTH; k-- > 0;)
		order[n++] = (uint16_t)(first + k);
	return n;
}

/* Push the bits of the family of argument FIRST, by turns from the highest. */
static unsigned push_family(uint16_t *order, unsigned n, const struct outcome_families *f,
                            unsigned first)
{
	for (unsigned k = 64; k-- > 0;)
		for (unsigned i = first; i < OUTCOME_NARGS; i++)
			if (f->of[i] == first)
				order[n++] = (uint16_t)(OUTCOME_ARGS + 64 * i + k);
	return n;
}

struct diagrams *outcome_diagrams(struct arena *arena, const struct outcome_families *f,
                                  uint64_t steps)
{
	struct diagrams *d = diagrams(arena, OUTCOME_BITS, steps);
	uint16_t order[OUTCOME_BITS];
	unsigned n = 0;

	n = push_bits(order, n, OUTCOME_ARCH);
	n = push_bits(order, n, OUTCOME_NR);
	for (unsigned i = 0; i < OUTCOME_NARGS; i++)
		n = push_family(order, n, f, i);
	n = push_bits(order, n, OUTCOME_POINTER + WIDTH);
	n = push_bits(order, n, OUTCOME_POINTER);
	n = push_bits(order, n, OUTCOME_RESULT);
	assert(n == OUTCOME_BITS);
	diagrams_order(d, order);
	return d;
}

/* --- arithmetic ------------------------------------------------------------------ */

static struct vec constant(uint32_t number)
{
	struct vec v = { .fault = DIAGRAM_NONE };

	for (unsigned k = 0; k < WIDTH; k++)
		v.bit[k] = number >> k & 1 ? DIAGRAM_ALL : DIAGRAM_NONE;
	return v;
}

/* Tell whether V has a single value; set *NUMBER to it. */
static bool is_constant(const struct vec *v, uint32_t *number)
{
	*number = 0;
	for (unsigned k = 0; k < WIDTH; k++) {
		if (v->bit[k] > DIAGRAM_ALL)
			return false;
		*number |= (uint32_t)(v->bit[k] == DIAGRAM_ALL) << k;
	}
	return true;
}

static uint32_t exclusive(struct diagrams *d, uint32_t a, uint32_t b)
{
	return diagram_ite(d, a, diagram_not(d, b), b);
}

/* Return A + B + CARRY. */
static struct vec sum(struct diagrams *d, const struct vec *a, const struct vec *b,
                      uint32_t carry)
{
	struct vec v = { .fault = DIAGRAM_NONE };

	for (unsigned k = 0; k < WIDTH; k++) {
		uint32_t both = diagram_and(d, a->bit[k], b->bit[k]);
		uint32_t one = exclusive(d, a->bit[k], b->bit[k]);

		v.bit[k] = exclusive(d, one, carry);
		carry = diagram_or(d, both, diagram_and(d, one, carry));
	}
	return v;
}

static struct vec inverse(struct diagrams *d, const struct vec *a)
{
	struct vec v = *a;

	for (unsigned k = 0; k < WIDTH; k++)
		v.bit[k] = diagram_not(d, a->bit[k]);
	return v;
}

static struct vec difference(struct diagrams *d, const struct vec *a, const struct vec *b)
{
	struct vec not_b = inverse(d, b);

	return sum(d, a, &not_b, DIAGRAM_ALL);
}

/* Return A where SET, else B. */
static struct vec choose(struct diagrams *d, uint32_t set, const struct vec *a,
                         const struct vec *b)
{
	struct vec v = { .fault = diagram_ite(d, set, a->fault, b->fault) };

	for (unsigned k = 0; k < WIDTH; k++)
		v.bit[k] = diagram_ite(d, set, a->bit[k], b->bit[k]);
	return v;
}

/* Return A shifted left by N bits, or right by -N. */
static struct vec moved(const struct vec *a, int n)
{
	struct vec v = constant(0);

	for (int k = 0; k < WIDTH; k++)
		if (k - n >= 0 && k - n < WIDTH)
			v.bit[k] = a->bit[k - n];
	return v;
}

/* Return A shifted by the low 5 bits of B. */
static struct vec shift(struct diagrams *d, const struct vec *a, const struct vec *b,
                        bool left)
{
	struct vec v = *a;

	for (int k = 0; k < 5; k++) {
		struct vec far = moved(&v, left ? 1 << k : -(1 << k));

		v = choose(d, b->bit[k], &far, &v);
	}
	return v;
}

static struct vec product(struct diagrams *d, const struct vec *a, const struct vec *b)
{
	struct vec v = constant(0);

	for (int k = 0; k < WIDTH; k++) {
		struct vec part = moved(a, k), more = sum(d, &v, &part, DIAGRAM_NONE);

		v = choose(d, b->bit[k], &more, &v);
	}
	return v;
}

/* Return A >= B, or A > B where EQUAL is DIAGRAM_NONE. */
static uint32_t at_least(struct diagrams *d, const struct vec *a, const struct vec *b,
                         uint32_t equal)
{
	uint32_t set = equal;

	for (unsigned k = 0; k < WIDTH; k++) {
		uint32_t set_a = diagram_ite(d, b->bit[k], set, DIAGRAM_ALL);
		uint32_t clear_a = diagram_ite(d, b->bit[k], DIAGRAM_NONE, set);

		set = diagram_ite(d, a->bit[k], set_a, clear_a);
	}
	return set;
}

static uint32_t equal(struct diagrams *d, const struct vec *a, const struct vec *b)
{
	uint32_t set = DIAGRAM_ALL;

	for (unsigned k = 0; k < WIDTH; k++) {
		uint32_t set_a = diagram_ite(d, b->bit[k], set, DIAGRAM_NONE);
		uint32_t clear_a = diagram_ite(d, b->bit[k], DIAGRAM_NONE, set);

		set = diagram_ite(d, a->bit[k], set_a, clear_a);
	}
	return set;
}

/* Return where some bit is set in both. */
static uint32_t any(struct diagrams *d, const struct vec *a, const struct vec *b)
{
	uint32_t set = DIAGRAM_NONE;

	for (unsigned k = 0; k < WIDTH; k++)
		set = diagram_or(d, set, diagram_and(d, a->bit[k], b->bit[k]));
	return set;
}

/*
 * Divide A by B by long division, with the remainder in *REST; B is not zero,
 * or a fault.
 */
static struct vec quotient(struct diagrams *d, const struct vec *a, const struct vec *b,
                           struct vec *rest)
{
	struct vec v = constant(0);

	*rest = constant(0);
	for (unsigned k = WIDTH; k-- > 0 && !diagrams_lost(d);) {
		uint32_t top = rest->bit[WIDTH - 1], fits;
		struct vec less;

		*rest = moved(rest, 1);
		rest->bit[0] = a->bit[k];
		fits = diagram_or(d, top, at_least(d, rest, b, DIAGRAM_ALL));
		less = difference(d, rest, b);
		*rest = choose(d, fits, &less, rest);
		v.bit[k] = fits;
	}
	return v;
}

static struct vec divide(struct diagrams *d, const struct vec *a, const struct vec *b,
                         bool wants_rest)
{
	struct vec zero = constant(0), rest, v;
	uint32_t number;

	if (!wants_rest && is_constant(b, &number) && number && !(number & (number - 1)))
		return moved(a, -__builtin_ctz(number));
	v = quotient(d, a, b, &rest);
	if (wants_rest)
		v = rest;
	v.fault = equal(d, b, &zero);
	return v;
}

static struct vec bitwise(struct diagrams *d, enum ir_op op, const struct vec *a,
                          const struct vec *b)
{
	struct vec v = constant(0);

	for (unsigned k = 0; k < WIDTH; k++)
		v.bit[k] = op == IR_AND  ? diagram_and(d, a->bit[k], b->bit[k])
		           : op == IR_OR ? diagram_or(d, a->bit[k], b->bit[k])
		                         : exclusive(d, a->bit[k], b->bit[k]);
	return v;
}

/* --- values ----------------------------------------------------------------------- */

static struct vec apply(struct builder *b, enum ir_op op, const struct vec *x,
                        const struct vec *y)
{
	struct vec zero = constant(0);

	switch (op) {
	case IR_ADD:
		return sum(b->d, x, y, DIAGRAM_NONE);
	case IR_SUB:
		return difference(b->d, x, y);
	case IR_MUL:
		return product(b->d, x, y);
	case IR_DIV:
	case IR_MOD:
		return divide(b->d, x, y, op == IR_MOD);
	case IR_AND:
	case IR_OR:
	case IR_XOR:
		return bitwise(b->d, op, x, y);
	case IR_LSH:
	case IR_RSH:
		return shift(b->d, x, y, op == IR_LSH);
	case IR_NEG:
		return difference(b->d, &zero, x);
	case IR_SOURCE_OPS:
	case IR_NOPS:
		break;
	}
	diagrams_lose(b->d);
	return zero;
}

static struct vec load(struct builder *b, const struct ir_value *v)
{
	struct vec out = constant(0);

	if (v->width != 4 || v->imm % 4 || v->imm / 4 >= HALVES) {
		diagrams_lose(b->d);
		return out;
	}
	for (unsigned k = 0; k < WIDTH; k++)
		out.bit[k] = diagram_bit(b->d, 8 * v->imm + k);
	return out;
}

/* Return what V is, which is not made of others. */
static struct vec source(struct builder *b, const struct ir_value *v)
{
	if (v->op == IR_CONST)
		return constant(v->imm);
	if (v->op == IR_LOAD)
		return load(b, v);
	if (v->op == IR_LEN)
		return constant(sizeof(struct seccomp_data));
	if (v->op == IR_PARAM && v->imm < b->g->params && b->param[v->imm]) {
		b->used[v->imm] = true;
		return *b->param[v->imm];
	}
	diagrams_lose(b->d);
	return constant(0);
}

static struct vec *work_out(struct builder *b, const struct ir_value *v)
{
	struct vec *out = arena_new(b->tmp, struct vec);
	const struct vec *x, *y;

	if (!ir_ops[v->op].nargs) {
		*out = source(b, v);
		return out;
	}
	if (v->op == IR_LOADX || v->op == IR_ANCX) {
		diagrams_lose(b->d);
		return out;
	}
	x = b->value[v->arg[0]->id];
	y = ir_ops[v->op].nargs > 1 ? b->value[v->arg[1]->id] : x;
	*out = apply(b, v->op, x, y);
	out->fault = diagram_or(b->d, out->fault, diagram_or(b->d, x->fault, y->fault));
	return out;
}

/* Return the value of V, which is not a key; operands come first. */
static const struct vec *value(struct builder *b, const struct ir_value *v)
{
	ARRAY(const struct ir_value *) todo = { 0 };

	array_push(b->tmp, &todo, v);
	while (todo.n) {
		const struct ir_value *next = todo.v[todo.n - 1];
		uint32_t before = todo.n;

		if (b->value[next->id]) {
			todo.n--;
			continue;
		}
		for (unsigned i = 0; i < ir_ops[next->op].nargs; i++)
			if (!b->value[next->arg[i]->id])
				array_push(b->tmp, &todo, next->arg[i]);
		if (todo.n == before)
			b->value[next->id] = work_out(b, next);
	}
	return b->value[v->id];
}

/* --- tests --------------------------------------------------------------------------- */

/* Return A CMP B for words, of which the first decides. */
static uint32_t compare(struct diagrams *d, enum ir_cmp cmp, const struct vec *const *a,
                        const struct vec *const *b, unsigned words)
{
	uint32_t set = cmp == IR_EQ || cmp == IR_GE ? DIAGRAM_ALL : DIAGRAM_NONE;

	for (unsigned i = words; i-- > 0;) {
		uint32_t same;

		if (cmp == IR_ANY) {
			set = diagram_or(d, set, any(d, a[i], b[i]));
			continue;
		}
		same = diagram_and(d, set, equal(d, a[i], b[i]));
		set = cmp == IR_EQ ? same
		                   : diagram_or(d, same,
		                                at_least(d, a[i], b[i], DIAGRAM_NONE));
	}
	return set;
}

struct key {
	const struct vec *word[IR_WORDS];
	uint32_t fault;
};

static struct key key(struct builder *b, const struct ir_value *v)
{
	struct key k = { .fault = DIAGRAM_NONE };

	for (unsigned i = 0; i < ir_words(v); i++) {
		k.word[i] = value(b, ir_word(v, i));
		k.fault = diagram_or(b->d, k.fault, k.word[i]->fault);
	}
	return k;
}

/* Return the inputs for which V lies in IN. */
static uint32_t lies_in(struct builder *b, const struct ir_value *v, const struct key *k,
                        const struct ir_interval *in)
{
	struct vec lo[IR_WORDS], hi[IR_WORDS];
	const struct vec *from[IR_WORDS], *to[IR_WORDS];
	unsigned n = ir_words(v);
	uint32_t above;

	for (unsigned i = 0; i < n; i++) {
		lo[i] = constant(in->lo[i]);
		hi[i] = constant(in->hi[i]);
		from[i] = &lo[i];
		to[i] = &hi[i];
	}
	above = compare(b->d, IR_GE, k->word, from, n);
	return diagram_and(b->d, above, compare(b->d, IR_GE, to, k->word, n));
}

static uint32_t test(struct builder *b, const struct ir_node *n, uint32_t *fault)
{
	struct key l = key(b, n->lhs), r = key(b, n->rhs);

	*fault = diagram_or(b->d, l.fault, r.fault);
	return compare(b->d, n->cmp, l.word, r.word, ir_words(n->lhs));
}

/* --- what parameters are ---------------------------------------------------------- */

/* Bind N's parameter for the inputs SET, which get to N. */
static void bind(struct builder *b, const struct ir_node *n, uint32_t set)
{
	uint32_t number = n->lhs->imm;
	const struct vec *v = value(b, n->rhs);

	if (b->used[number]) { /* bound anew below a use: not what lift makes */
		diagrams_lose(b->d);
		return;
	}
	if (!b->param[number]) {
		b->param[number] = arena_memdup(b->tmp, v, sizeof *v);
		return;
	}
	*b->param[number] = choose(b->d, set, v, b->param[number]);
}

static void reach(struct builder *b, uint32_t *in, const struct ir_node *n, uint32_t set)
{
	in[n->id] = diagram_or(b->d, in[n->id], set);
}

/* Lead the inputs IN[N->id] on from N. */
static void go_on(struct builder *b, uint32_t *in, const struct ir_node *n)
{
	uint32_t left = in[n->id], set, fault;
	struct key k;

	switch (n->kind) {
	case IR_RET:
		return;
	case IR_TEST:
		set = test(b, n, &fault);
		reach(b, in, n->yes, diagram_and(b->d, left, set));
		reach(b, in, n->no, diagram_less(b->d, left, set));
		return;
	case IR_SET:
		k = key(b, n->lhs);
		for (uint32_t i = 0; i < n->n; i++) {
			set = diagram_and(b->d, left, lies_in(b, n->lhs, &k, &n->set[i]));
			reach(b, in, n->set[i].to, set);
			left = diagram_less(b->d, left, set);
		}
		reach(b, in, n->no, left);
		return;
	case IR_BIND:
		bind(b, n, left);
		break;
	case IR_NEED:
		break;
	}
	reach(b, in, n->yes, left);
}

static void find_params(struct builder *b, const struct ir_order *order)
{
	uint32_t *in = arena_array(b->tmp, uint32_t, b->g->nodes.n);

	in[b->g->root->id] = DIAGRAM_ALL;
	for (uint32_t i = order->n; i-- > 0 && !diagrams_lost(b->d);)
		go_on(b, in, order->v[i]);
}

/* --- results ------------------------------------------------------------------------ */

/* Return all pairs of an input and the value that V has for it. */
static uint32_t result(struct diagrams *d, const struct vec *v)
{
	uint32_t set = DIAGRAM_ALL;

	for (unsigned k = 0; k < WIDTH; k++) {
		uint32_t bit = diagram_bit(d, OUTCOME_RESULT + k);
		uint32_t high = diagram_ite(d, bit, set, DIAGRAM_NONE);
		uint32_t low = diagram_ite(d, bit, DIAGRAM_NONE, set);

		set = diagram_ite(d, v->bit[k], high, low);
	}
	return set;
}

static uint32_t set_outcome(struct builder *b, const struct ir_node *n,
                            const uint32_t *out, uint32_t *fault)
{
	struct key k = key(b, n->lhs);
	uint32_t set = out[n->no->id];

	*fault = k.fault;
	for (uint32_t i = 0; i < n->n; i++)
		set = diagram_ite(b->d, lies_in(b, n->lhs, &k, &n->set[i]),
		                  out[n->set[i].to->id], set);
	return set;
}

/* Return the outcome of the graph below N, by OUT of those before it. */
static uint32_t node_outcome(struct builder *b, const struct ir_node *n,
                             const uint32_t *out)
{
	uint32_t fault = DIAGRAM_NONE, set = DIAGRAM_NONE;
	const struct vec zero = constant(0);

	switch (n->kind) {
	case IR_RET:
		fault = value(b, n->lhs)->fault;
		set = result(b->d, value(b, n->lhs));
		break;
	case IR_TEST:
		set = test(b, n, &fault);
		set = diagram_ite(b->d, set, out[n->yes->id], out[n->no->id]);
		break;
	case IR_SET:
		set = set_outcome(b, n, out, &fault);
		break;
	case IR_BIND:
		fault = value(b, n->rhs)->fault;
		set = out[n->yes->id];
		break;
	case IR_NEED:
		fault = value(b, n->lhs)->fault;
		set = out[n->yes->id];
		break;
	}
	return fault == DIAGRAM_NONE ? set
	                             : diagram_ite(b->d, fault, result(b->d, &zero), set);
}

uint32_t outcome_of(struct arena *tmp, struct diagrams *d, const struct ir_graph *g)
{
	struct builder b = {
		.tmp = tmp,
		.d = d,
		.g = g,
		.value = arena_array(tmp, struct vec *, g->values.n),
		.param = arena_array(tmp, struct vec *, g->params),
		.used = arena_array(tmp, bool, g->params),
	};
	struct ir_order order = ir_postorder(tmp, g, g->root);
	uint32_t *out = arena_array(tmp, uint32_t, g->nodes.n);

	if (g->params)
		find_params(&b, &order);
	for (uint32_t i = 0; i < order.n && !diagrams_lost(d); i++)
		out[order.v[i]->id] = node_outcome(&b, order.v[i], out);
	return diagrams_lost(d) ? DIAGRAM_NONE : out[g->root->id];
}

/* --- reading them --------------------------------------------------------------------- */

uint32_t outcome_given(const struct diagrams *d, uint32_t set, unsigned first,
                       uint32_t value)
{
	struct diagram_decision at;

	while (diagram_decision(d, set, &at) && at.bit >= first && at.bit < first + WIDTH)
		set = value >> (at.bit - first) & 1 ? at.set : at.clear;
	return set;
}

bool outcome_result(const struct diagrams *d, uint32_t set, uint32_t *result)
{
	struct diagram_decision at;

	*result = 0;
	for (; diagram_decision(d, set, &at); set = at.set ? at.set : at.clear) {
		if (at.bit < OUTCOME_RESULT)
			return false;
		*result |= (uint32_t)(at.set != DIAGRAM_NONE) << (at.bit - OUTCOME_RESULT);
	}
	return set == DIAGRAM_ALL;
}

/* --- as bytes ------------------------------------------------------------------------- */

enum {
	FIRST_SLOTS = 256
};

/* Sets in the order in which they were met, and where each of them is. */
struct listing {
	struct arena *arena;
	ARRAY(uint32_t) set;
	uint32_t *slot, slots; /* by hash: 1 + its place in SET; 0: free */
};

static uint32_t *find_slot(const struct listing *l, uint32_t set)
{
	uint32_t i = hash_words(&set, 1, 0);

	while (l->slot[i & (l->slots - 1)] &&
	       l->set.v[l->slot[i & (l->slots - 1)] - 1] != set)
		i++;
	return &l->slot[i & (l->slots - 1)];
}

static void more_slots(struct listing *l)
{
	l->slots = l->slots ? 2 * l->slots : FIRST_SLOTS;
	l->slot = arena_array(l->arena, uint32_t, l->slots);
	for (uint32_t i = 0; i < l->set.n; i++)
		*find_slot(l, l->set.v[i]) = i + 1;
}

/* Return the place of SET among those that were met, DIAGRAM_NONE and _ALL first. */
static uint32_t place_of(struct listing *l, uint32_t set)
{
	uint32_t *slot;

	if (l->set.n >= l->slots / 2)
		more_slots(l);
	slot = find_slot(l, set);
	if (*slot)
		return *slot - 1;
	array_push(l->arena, &l->set, set);
	*slot = l->set.n;
	return l->set.n - 1;
}

static void put_word(struct buf *out, uint32_t word)
{
	for (unsigned i = 0; i < 32; i += 8)
		buf_putc(out, (char)(word >> i));
}

void outcome_put(struct buf *out, const struct diagrams *d, uint32_t set)
{
	struct listing l = { .arena = out->arena };
	struct diagram_decision at;

	place_of(&l, DIAGRAM_NONE);
	place_of(&l, DIAGRAM_ALL);
	place_of(&l, set);
	for (uint32_t i = 2; i < l.set.n; i++) {
		diagram_decision(d, l.set.v[i], &at);
		put_word(out, at.bit);
		put_word(out, place_of(&l, at.clear));
		put_word(out, place_of(&l, at.set));
	}
}
