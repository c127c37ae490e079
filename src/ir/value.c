/* Values: made once each, found again by what they are. */
#include <assert.h>
#include <string.h>

#include "ir/ir.h"

#define FAULTS   IR_FAULTS
#define DIVIDES  IR_DIVIDES
#define COMMUTES IR_COMMUTES
#define INFIX    IR_INFIX
const struct ir_op_info ir_ops[IR_NOPS] = {
#define OP(name, text, nargs, flags) [IR_##name] = { #name, text, nargs, flags },
#include "ir/ops.def"
};
#undef FAULTS
#undef DIVIDES
#undef COMMUTES
#undef INFIX

/* libpcap's and the kernel's packet: any length, network order. */
const struct ir_input ir_input_packet = {
	.name = "packet",
	.load_widths = 1 | 2 | 4,
	.loads_indexed = true,
};

/* struct seccomp_data; seccomp_check_filter() takes aligned words alone. */
const struct ir_input ir_input_seccomp_le = {
	.name = "seccomp",
	.little_endian = true,
	.load_widths = 4,
	.aligned = true,
	.size = 64,
	.exact_faults = true,
	.len = 64,
};

const struct ir_input ir_input_seccomp_be = {
	.name = "seccomp-be",
	.load_widths = 4,
	.aligned = true,
	.size = 64,
	.exact_faults = true,
	.len = 64,
};

bool ir_loads(const struct ir_input *in, bool indexed, unsigned width, uint32_t offset)
{
	const struct ir_field *f = in->field;

	if (!(width & in->load_widths) || (in->aligned && offset % width) ||
	    (indexed && !in->loads_indexed))
		return false;
	if (offset >= in->header)
		return true;
	for (unsigned i = 0; !indexed && i < IR_FIELDS && f[i].width; i++)
		if (f[i].at == offset && f[i].width == width)
			return true;
	return false;
}

static uint32_t hash_value(const struct ir_value *v)
{
	uint32_t w[3 + IR_WORDS] = { v->op, v->width, v->imm };
	unsigned n = ir_nargs(v);

	for (unsigned i = 0; i < n; i++)
		w[3 + i] = v->arg[i]->id;
	return hash_words(w, 3 + n, 0);
}

static bool same_value(const struct ir_value *a, const struct ir_value *b)
{
	return a->op == b->op && a->width == b->width && a->imm == b->imm &&
	       a->arg[0] == b->arg[0] && a->arg[1] == b->arg[1] &&
	       a->arg[2] == b->arg[2] && a->arg[3] == b->arg[3];
}

static void rehash(struct ir_graph *g)
{
	uint32_t cap = g->value_cap ? g->value_cap * 2 : LIMIT(256, 2);

	g->value_slots = arena_array(g->arena, uint32_t, cap);
	g->value_cap = cap;
	for (uint32_t id = 0; id < g->values.n; id++) {
		uint32_t hash = hash_value(g->values.v[id]);

		g->value_slots[ir_slot(g->value_slots, cap, hash, id)] = id + 1;
	}
}

/*
 * Tell whether load or MSH V can fail; offsets below the input's size are
 * always there.
 */
static bool load_faults(const struct ir_graph *g, const struct ir_value *v)
{
	uint32_t width = v->op == IR_MSH ? 1 : v->width;

	return v->op == IR_LOADX || v->imm > UINT32_MAX - width ||
	       v->imm + width > g->input.size;
}

static void derive(const struct ir_graph *g, struct ir_value *v)
{
	const struct ir_op_info *info = &ir_ops[v->op];

	if (v->op == IR_PARAM)
		v->params = 1u << v->imm % 32;
	v->may_fault = info->flags & IR_FAULTS && load_faults(g, v);
	v->may_divide = info->flags & IR_DIVIDES &&
	                (!ir_is_const(v->arg[1]) || !v->arg[1]->imm);
	for (unsigned i = 0; i < ir_nargs(v); i++) {
		v->may_fault |= v->arg[i]->may_fault;
		v->may_divide |= v->arg[i]->may_divide;
		v->params |= v->arg[i]->params;
	}
}

/*
 * Tell whether V is of graph G. Ids are dense, operands' smaller than those of what has
 * them.
 */
static bool is_ours(const struct ir_graph *g, const struct ir_value *v)
{
	return v->id < g->values.n && g->values.v[v->id] == v;
}

/* Return the one object that equals V. */
static const struct ir_value *intern(struct ir_graph *g, struct ir_value v)
{
	struct ir_value *made;
	uint32_t at;

	arena_work(g->arena, 1);
	if (g->values.n * 2 >= g->value_cap)
		rehash(g);
	at = hash_value(&v) & (g->value_cap - 1);
	for (; g->value_slots[at]; at = (at + 1) & (g->value_cap - 1)) {
		const struct ir_value *old = g->values.v[g->value_slots[at] - 1];

		if (same_value(old, &v))
			return old;
	}

	made = arena_memdup(g->arena, &v, sizeof v);
	made->id = g->values.n;
	for (unsigned i = 0; i < ir_nargs(made); i++)
		assert(is_ours(g, made->arg[i]));
	derive(g, made);
	array_push(g->arena, &g->values, made);
	g->value_slots[at] = made->id + 1;
	return made;
}

void ir_forget_values(const struct ir_graph *g, struct ir_graph *was)
{
	/* The newest first: what is older was there when its place was found. */
	for (uint32_t id = g->values.n; was->value_cap && id-- > was->values.n;) {
		uint32_t hash = hash_value(g->values.v[id]);

		was->value_slots[ir_slot(was->value_slots, was->value_cap, hash, id)] = 0;
	}
}

struct ir_graph *ir_graph(struct arena *arena, const struct ir_input *input)
{
	struct ir_graph *g = arena_new(arena, struct ir_graph);

	g->arena = arena;
	g->input = *input;
	return g;
}

/* Give array A, whose elements belong to another arena, a copy of its own. */
#define OWN(arena, a)                                                           \
	((a)->v = (a)->n ? arena_memdup(arena, (a)->v, (a)->n * sizeof *(a)->v) \
	                 : NULL,                                                \
	 (a)->cap = (a)->n)

struct ir_graph *ir_share(struct arena *arena, const struct ir_graph *g)
{
	struct ir_graph *copy = arena_memdup(arena, g, sizeof *g);

	copy->arena = arena;
	OWN(arena, &copy->values);
	OWN(arena, &copy->nodes);
	OWN(arena, &copy->marks);
	OWN(arena, &copy->weights);
	if (g->value_slots)
		copy->value_slots = arena_memdup(arena, g->value_slots,
		                                 g->value_cap * sizeof(uint32_t));
	if (g->node_slots)
		copy->node_slots = arena_memdup(arena, g->node_slots,
		                                g->node_cap * sizeof(uint32_t));
	ir_own_places(copy);
	return copy;
}

const struct ir_value *ir_const(struct ir_graph *g, uint32_t imm)
{
	return intern(g, (struct ir_value){ .op = IR_CONST, .imm = imm });
}

const struct ir_value *ir_load(struct ir_graph *g, unsigned width,
                               uint32_t offset)
{
	return intern(g, (struct ir_value){ .op = IR_LOAD,
	                                    .width = (uint8_t)width,
	                                    .imm = offset });
}

const struct ir_value *ir_loadx(struct ir_graph *g, unsigned width,
                                const struct ir_value *base, uint32_t offset)
{
	return intern(g, (struct ir_value){ .op = IR_LOADX,
	                                    .width = (uint8_t)width,
	                                    .imm = offset,
	                                    .arg = { base } });
}

const struct ir_value *ir_msh(struct ir_graph *g, uint32_t offset)
{
	return intern(g, (struct ir_value){ .op = IR_MSH, .imm = offset });
}

/* Return how many bytes load or MSH V reads. */
static unsigned bytes_read(const struct ir_value *v)
{
	return v->op == IR_MSH ? 1 : v->width;
}

static bool reads_header(const struct ir_graph *g, const struct ir_value *v)
{
	return ir_ops[v->op].flags & IR_FAULTS && v->imm < g->input.header;
}

bool ir_keeps_header(const struct ir_graph *g, const struct ir_value *v)
{
	bool indexed = v->op != IR_LOAD;
	unsigned width = bytes_read(v);

	return !reads_header(g, v) || ir_loads(&g->input, indexed, width, v->imm) ||
	       g->written[indexed][width / 2] >> v->imm & 1;
}

void ir_written(struct ir_graph *g, const struct ir_value *v)
{
	assert(g->input.header <= IR_HEADER_MAX);
	if (!ir_keeps_header(g, v))
		g->written[v->op != IR_LOAD][bytes_read(v) / 2] |= 1u << v->imm;
}

void ir_all_written(struct ir_graph *g)
{
	array_each(v, &g->values)
		ir_written(g, *v);
}

const struct ir_value *ir_len(struct ir_graph *g)
{
	return intern(g, (struct ir_value){ .op = IR_LEN });
}

const struct ir_value *ir_anc(struct ir_graph *g, uint32_t which)
{
	return intern(g, (struct ir_value){ .op = IR_ANC, .imm = which });
}

const struct ir_value *ir_ancx(struct ir_graph *g, uint32_t which,
                               const struct ir_value *a,
                               const struct ir_value *x)
{
	return intern(g, (struct ir_value){ .op = IR_ANCX,
	                                    .imm = which,
	                                    .arg = { a, x } });
}

const struct ir_value *ir_param_n(struct ir_graph *g, uint32_t n)
{
	if (g->params <= n)
		g->params = n + 1;
	return intern(g, (struct ir_value){ .op = IR_PARAM, .imm = n });
}

const struct ir_value *ir_param(struct ir_graph *g)
{
	return ir_param_n(g, g->params);
}

const struct ir_value *ir_key(struct ir_graph *g,
                              const struct ir_value *const *word, unsigned n)
{
	struct ir_value v = { .op = IR_KEY, .width = (uint8_t)n };

	assert(n && n <= IR_WORDS);
	if (n == 1)
		return word[0];
	memcpy(v.arg, word, n * sizeof *word);
	return intern(g, v);
}

const struct ir_value *ir_key_const(struct ir_graph *g, const uint32_t *word,
                                    unsigned n)
{
	const struct ir_value *v[IR_WORDS];

	for (unsigned i = 0; i < n; i++)
		v[i] = ir_const(g, word[i]);
	return ir_key(g, v, n);
}

const struct ir_value *ir_op2(struct ir_graph *g, enum ir_op op,
                              const struct ir_value *a,
                              const struct ir_value *b)
{
	return intern(g, (struct ir_value){ .op = op, .arg = { a, b } });
}

const struct ir_value *ir_neg(struct ir_graph *g, const struct ir_value *a)
{
	return intern(g, (struct ir_value){ .op = IR_NEG, .arg = { a } });
}
