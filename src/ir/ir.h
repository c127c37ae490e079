/*
 * ir: the decision graph. Values are pure expressions, nodes are decisions;
 * both are hash-consed, so equal ones are one object and compare by address.
 * docs/design/ir.md says what each of them means.
 */
#ifndef WEIR_IR_H
#define WEIR_IR_H

#include "base/base.h"

enum {
	IR_WORDS = 4
}; /* the widest key: an IPv6 address */

/*
 * Ancillary words from here on tell whether what A and X say is in an open set, as 1 or
 * 0. docs/design/sets.md.
 */
enum {
	IR_ANC_SETS = 256,
	IR_NSETS = 16
};

/* --- what a program runs on ------------------------------------------------ */

enum {
	IR_FIELDS = 4,
	IR_HEADER_MAX = 32
};

/* Bytes AT .. AT + WIDTH - 1. */
struct ir_field {
	uint8_t at, width;
};

/* What passes and the generator must know of the input; data, not a switch. */
struct ir_input {
	const char *name;    /* "packet", "seccomp" */
	bool little_endian;  /* loads of 2 and 4 bytes; packets are big endian */
	uint8_t load_widths; /* the sum of the widths that loads may have */
	bool aligned;        /* a load's offset must be a multiple of its width */
	bool loads_indexed;  /* LOADX and MSH exist */
	uint32_t size;       /* bytes that are always there: loads below never fault */
	bool exact_faults;   /* a load may neither vanish nor move: lift, seccomp */
	uint32_t len;        /* LEN if it is constant, else 0 */
	/*
	 * The first HEADER bytes, at most IR_HEADER_MAX, can only be loaded as these
	 * whole fields at constant offsets; a WIDTH of 0 ends the table. Whoever
	 * installs the program replaces such loads by others, which he recognizes by
	 * the constant in the instruction alone. HEADER is 0 where all bytes are alike.
	 */
	uint8_t header;
	struct ir_field field[IR_FIELDS];
};

extern const struct ir_input ir_input_packet;     /* what libpcap's programs run on */
extern const struct ir_input ir_input_seccomp_le; /* struct seccomp_data */
extern const struct ir_input ir_input_seccomp_be;

/*
 * Tell whether the input has a load of WIDTH bytes at OFFSET, or, if INDEXED, at a value
 * plus OFFSET. Passes ask before they make a load that was not there.
 */
bool ir_loads(const struct ir_input *in, bool indexed, unsigned width, uint32_t offset);

/* --- values ---------------------------------------------------------------- */

enum ir_op {
#define OP(name, text, nargs, flags) IR_##name,
#include "ir/ops.def"
	IR_NOPS
};

/*
 * For `case` where a switch treats many operations alike: those between their operands,
 * and those that get a value from elsewhere. tests/unit/test_ir.c compares with ops.def.
 */
#define IR_INFIX_OPS \
IR_ADD:              \
	case IR_SUB: \
	case IR_MUL: \
	case IR_DIV: \
	case IR_MOD: \
	case IR_AND: \
	case IR_OR:  \
	case IR_XOR: \
	case IR_LSH: \
	case IR_RSH
#define IR_SOURCE_OPS  \
IR_CONST:              \
	case IR_LOAD:  \
	case IR_LOADX: \
	case IR_MSH:   \
	case IR_LEN:   \
	case IR_ANC:   \
	case IR_ANCX:  \
	case IR_PARAM: \
	case IR_KEY

enum {
	IR_FAULTS = 1,
	IR_DIVIDES = 2,
	IR_COMMUTES = 4,
	IR_INFIX = 8
};

/* One row of ops.def. */
struct ir_op_info {
	const char *name; /* "LOADX" */
	const char *text; /* "load" */
	uint8_t nargs;
	uint8_t flags;
};
extern const struct ir_op_info ir_ops[IR_NOPS];

/* One value: what it is, not where it is kept. Equal values are one object. */
struct ir_value {
	enum ir_op op;
	uint8_t width;   /* LOAD, LOADX: bytes read: 1, 2, 4; KEY: words, 2 to 4 */
	bool may_fault;  /* it or an operand may read past the input */
	bool may_divide; /* it or an operand may divide by zero */
	uint32_t id;     /* dense: passes keep their facts in arrays; operands
	                       have smaller ids than what uses them */
	uint32_t imm;    /* CONST: the value; LOAD, LOADX, MSH: the offset;
	                       ANC, ANCX: which; PARAM: its number */
	uint32_t params; /* bit (n mod 32) is set if it depends on parameter n */
	const struct ir_value *arg[IR_WORDS];
};

/* --- nodes ----------------------------------------------------------------- */

enum ir_kind {
	IR_RET,  /* the program returns lhs */
	IR_TEST, /* lhs CMP rhs ? yes : no */
	IR_SET,  /* lhs in one of the intervals ? its node : no */
	IR_BIND, /* parameter lhs is rhs from here on; then yes */
	IR_NEED, /* lhs is evaluated for its fault only; then yes */
};

/* Unsigned; on keys lexicographic, SET: in any word. NE, LT, LE swap the exits. */
enum ir_cmp {
	IR_EQ,
	IR_GT,
	IR_GE,
	IR_ANY, /* lhs & rhs != 0 */
};

/* LO .. HI, both included, compared word by word; unused words are 0. */
struct ir_interval {
	uint32_t lo[IR_WORDS], hi[IR_WORDS];
	const struct ir_node *to;
	struct span at; /* the source text that asked for it */
	bool placed;    /* AT is set */
};

/* One decision. Equal nodes are one object; successors have smaller ids. */
struct ir_node {
	enum ir_kind kind;
	enum ir_cmp cmp; /* TEST */
	uint32_t id;     /* dense */
	uint32_t n;      /* SET: intervals */
	const struct ir_value *lhs, *rhs;
	const struct ir_node *yes, *no;
	const struct ir_interval *set; /* SET: sorted, disjoint, .to never == no */
};

/* --- value.c, node.c, places.c, order.c: building ---------------------------- */

/* Side table entry: the source texts that asked for a node. */
struct ir_place {
	struct span at;
	struct ir_place *next;
};

/* Side table entry: how often a value is NUMBER, in any unit. */
struct ir_weight {
	uint32_t number;
	uint64_t weight;
};

/* What OF is where a node asks about it; what is not listed is hardly met. */
struct ir_weights {
	const struct ir_value *of;
	const struct ir_weight *v; /* sorted by number */
	uint32_t n;
};

enum {
	IR_MARK_PAIRS = 1
}; /* one of a list of pairs of conditions begins here */

struct ir_graph {
	struct arena *arena;
	struct ir_input input;
	const struct ir_node *root;
	ARRAY(const struct ir_value *) values; /* by id */
	ARRAY(const struct ir_node *) nodes;   /* by id; also those not reachable */
	uint32_t params;                       /* numbers given out */
	/* The rest belongs to value.c, node.c and places.c. */
	ARRAY(struct ir_place *) places;
	ARRAY(uint8_t) marks;
	ARRAY(const struct ir_weights *) weights;
	uint32_t written[2][3]; /* what ir_written allowed: bits by offset, of loads
	                           indexed or not, of 1, 2 or 4 bytes */
	uint32_t *value_slots, *node_slots;
	uint32_t value_cap, node_cap;
	bool drafting; /* between ir_draft and ir_undraft */
};

struct ir_graph *ir_graph(struct arena *arena, const struct ir_input *input);
/*
 * Make a graph in ARENA that has the values and nodes of G under the same numbers.
 * What is added to it, said of its nodes, or set as its root does not change G,
 * which must outlive it.
 */
struct ir_graph *ir_share(struct arena *arena, const struct ir_graph *g);

const struct ir_value *ir_const(struct ir_graph *g, uint32_t imm);
/* Make a load; WIDTH is 1, 2 or 4. */
const struct ir_value *ir_load(struct ir_graph *g, unsigned width, uint32_t offset);
const struct ir_value *ir_loadx(struct ir_graph *g, unsigned width,
                                const struct ir_value *base, uint32_t offset);
const struct ir_value *ir_msh(struct ir_graph *g, uint32_t offset);
const struct ir_value *ir_len(struct ir_graph *g);
/*
 * Make an ancillary word; WHICH is SKF_AD_* of <linux/filter.h>, without
 * SKF_AD_OFF.
 */
const struct ir_value *ir_anc(struct ir_graph *g, uint32_t which);
const struct ir_value *ir_ancx(struct ir_graph *g, uint32_t which,
                               const struct ir_value *a, const struct ir_value *x);
/*
 * Note that the source itself has load or MSH V, so that it may be in G even if
 * it does not read a whole field of the input's header.
 */
void ir_written(struct ir_graph *g, const struct ir_value *v);
/* Do the same for all that is in G by now. */
void ir_all_written(struct ir_graph *g);
/* Tell whether V reads no part of the header but whole fields, or is written. */
bool ir_keeps_header(const struct ir_graph *g, const struct ir_value *v);
/* Return a fresh parameter. */
const struct ir_value *ir_param(struct ir_graph *g);
/* Return parameter N, and make it known if it was not. */
const struct ir_value *ir_param_n(struct ir_graph *g, uint32_t n);
/*
 * Make a key of 1 to 4 words, the most significant first; one word is itself. A
 * word is only evaluated if those before it have not decided, so only the first
 * may divide, or fault where faults are exact.
 */
const struct ir_value *ir_key(struct ir_graph *g, const struct ir_value *const *word,
                              unsigned n);
const struct ir_value *ir_key_const(struct ir_graph *g, const uint32_t *word, unsigned n);
/* Make an operation, ADD .. RSH, of two operands; nothing is folded here. */
const struct ir_value *ir_op2(struct ir_graph *g, enum ir_op op,
                              const struct ir_value *a, const struct ir_value *b);
const struct ir_value *ir_neg(struct ir_graph *g, const struct ir_value *a);

static inline bool ir_is_const(const struct ir_value *v)
{
	return v->op == IR_CONST;
}

static inline bool ir_is_load(const struct ir_value *v)
{
	return v->op == IR_LOAD || v->op == IR_LOADX;
}

/* Return what the offset of load V counts from; NULL: the start of the input. */
static inline const struct ir_value *ir_base(const struct ir_value *v)
{
	return v->op == IR_LOADX ? v->arg[0] : NULL;
}

/* Return all the bits that load V can have. */
static inline uint32_t ir_load_bits(const struct ir_value *v)
{
	return v->width == 4 ? UINT32_MAX : (1u << 8 * v->width) - 1;
}

/* Return the number of operands of V; a key has as many as words. */
static inline unsigned ir_nargs(const struct ir_value *v)
{
	return v->op == IR_KEY ? v->width : ir_ops[v->op].nargs;
}

/* Return the number of words of V: 1, or a key's. */
static inline unsigned ir_words(const struct ir_value *v)
{
	return v->op == IR_KEY ? v->width : 1;
}

/* Return word I of V, the most significant first. */
static inline const struct ir_value *ir_word(const struct ir_value *v, unsigned i)
{
	return v->op == IR_KEY ? v->arg[i] : v;
}

/* Tell whether V may change when PARAM is bound anew; may err on the side of true. */
static inline bool ir_uses_param(const struct ir_value *v, const struct ir_value *param)
{
	return v->params & param->params;
}

const struct ir_node *ir_ret(struct ir_graph *g, const struct ir_value *v);
const struct ir_node *ir_ret_const(struct ir_graph *g, uint32_t result);
/*
 * Return a test, or, if its exits are equal, YES. YES comes after a need if the evaluation
 * itself could end the program and that must be kept.
 */
const struct ir_node *ir_test(struct ir_graph *g, enum ir_cmp cmp,
                              const struct ir_value *lhs, const struct ir_value *rhs,
                              const struct ir_node *yes, const struct ir_node *no);
/*
 * Make a node that leads to .to of the interval that V is in, else to NO. The N
 * intervals are copied, in any order; where two overlap, the earlier in the
 * array wins. Neighbours with equal targets are merged. If none is left, the
 * result is as for a test with equal exits.
 */
const struct ir_node *ir_set(struct ir_graph *g, const struct ir_value *v,
                             const struct ir_interval *interval, uint32_t n,
                             const struct ir_node *no);
/* Return SET, of G, about V instead, whose intervals the two share. */
const struct ir_node *ir_set_of(struct ir_graph *g, const struct ir_value *v,
                                const struct ir_node *set);
const struct ir_node *ir_bind(struct ir_graph *g, const struct ir_value *param,
                              const struct ir_value *v, const struct ir_node *next);
const struct ir_node *ir_need(struct ir_graph *g, const struct ir_value *v,
                              const struct ir_node *next);
/* Return lhs CMP rhs ? (param = a; next) : (param = b; next). */
const struct ir_node *ir_choose(struct ir_graph *g, enum ir_cmp cmp,
                                const struct ir_value *lhs, const struct ir_value *rhs,
                                const struct ir_value *param, const struct ir_value *a,
                                const struct ir_value *b, const struct ir_node *next);

/* Note that the source text at AT asked for N, too. */
void ir_at(struct ir_graph *g, const struct ir_node *n, struct span at);
/* Give TO, which replaces FROM, the places, marks and weights of FROM. */
void ir_inherit(struct ir_graph *g, const struct ir_node *to, const struct ir_node *from);
/* Give G, which shares its places with another graph, copies of its own. */
void ir_own_places(struct ir_graph *g);
/* Return the texts that asked for N, in the order of the source; NULL if none did. */
const struct ir_place *ir_places(const struct ir_graph *g, const struct ir_node *n);
void ir_mark(struct ir_graph *g, const struct ir_node *n, uint8_t marks);
uint8_t ir_marks(const struct ir_graph *g, const struct ir_node *n);
/* Note how often what N asks about is met, as W says; NULL: nothing is known. */
void ir_weigh(struct ir_graph *g, const struct ir_node *n, const struct ir_weights *w);
const struct ir_weights *ir_weights(const struct ir_graph *g, const struct ir_node *n);

/*
 * Return the number of successors of N: 0 for a result; for a set the intervals' in
 * order, then no.
 */
static inline uint32_t ir_nsucc(const struct ir_node *n)
{
	switch (n->kind) {
	case IR_RET:
		return 0;
	case IR_TEST:
		return 2;
	case IR_SET:
		return n->n + 1;
	case IR_BIND:
	case IR_NEED:
		break;
	}
	return 1;
}

static inline const struct ir_node *ir_succ(const struct ir_node *n, uint32_t i)
{
	if (n->kind == IR_SET)
		return i < n->n ? n->set[i].to : n->no;
	return i ? n->no : n->yes;
}

/*
 * Return the first interval of SET that does not end before KEY, of IR_WORDS words; or
 * SET->n.
 */
uint32_t ir_set_find(const struct ir_node *set, const uint32_t *key);
/* Return the exit, as ir_succ counts them, by which KEY leaves SET. */
uint32_t ir_set_exit(const struct ir_node *set, const uint32_t *key);
/* Return where the one-word SET leads for NUMBER. */
static inline const struct ir_node *ir_set_target(const struct ir_node *set,
                                                  uint32_t number)
{
	return ir_succ(set, ir_set_exit(set, (uint32_t[IR_WORDS]){ number }));
}

/*
 * The nodes reachable from ROOT, every node after its successors (so ROOT is
 * last); of two exits the no side comes first. In memory of ARENA.
 */
struct ir_order {
	const struct ir_node **v;
	uint32_t n;
};
struct ir_order ir_postorder(struct arena *arena, const struct ir_graph *g,
                             const struct ir_node *root);

/*
 * Return where ID is, or would be, in a table of CAP slots that hold ids plus 1, or 0; CAP
 * is a power of two.
 */
static inline uint32_t ir_slot(const uint32_t *slots, uint32_t cap, uint32_t hash, uint32_t id)
{
	uint32_t at = hash & (cap - 1);

	while (slots[at] && slots[at] != id + 1)
		at = (at + 1) & (cap - 1);
	return at;
}

/* Take the values, the nodes that WAS has not out of its tables. For draft.c alone. */
void ir_forget_values(const struct ir_graph *g, struct ir_graph *was);
void ir_forget_nodes(const struct ir_graph *g, struct ir_graph *was);

/* --- draft.c: what is added for a moment ----------------------------------- */

/* What a graph was when a draft began. */
struct ir_draft {
	struct ir_graph was;
	struct arena_mark mark;
};

/*
 * Begin a draft in D. Values and nodes that are added to G from here on are for a
 * moment only, so nothing is noted beside the graph, neither texts nor marks nor weights.
 */
void ir_draft(struct ir_graph *g, struct ir_draft *d);
/*
 * End draft D: take back all that was added to G, and all that was taken from its arena.
 */
void ir_undraft(struct ir_graph *g, const struct ir_draft *d);

/* --- fold.c: what is known when operands are ------------------------------- */

/* Compute A OP B for constants; false if that divides by zero. */
bool ir_fold2(enum ir_op op, uint32_t a, uint32_t b, uint32_t *result);
bool ir_compare(enum ir_cmp cmp, const uint32_t *a, const uint32_t *b, unsigned words);

/* --- print.c, read.c: text and back ---------------------------------------- */

void ir_print_value(struct buf *out, const struct ir_value *v);
/* Print the graph below G->root, a line a node, the root first. */
void ir_print(struct buf *out, const struct ir_graph *g);
/* Read what ir_print wrote (source SOURCE of D); NULL after an error. */
struct ir_graph *ir_read(struct arena *arena, struct diags *d, uint32_t source);

/* --- verify.c -------------------------------------------------------------- */

/*
 * Return NULL if the graph below G->root keeps every rule of docs/design/ir.md
 * (operand counts, widths that the input allows, sorted sets, parameters bound
 * on every path), else what is wrong.
 */
const char *ir_verify(const struct ir_graph *g, struct arena *tmp);

/* --- eval.c: the referee --------------------------------------------------- */

/* What a graph is evaluated on. */
struct ir_data {
	const uint8_t *bytes;
	uint32_t captured, wire; /* bytes there; length that LEN gives */
	uint32_t network;        /* offset of the network header (SKF_NET_OFF) */
	/* Ancillary word WHICH; NULL: all are 0. A, X as for ir_ancx. */
	uint32_t (*ancillary)(void *ctx, uint32_t which, uint32_t a, uint32_t x);
	void *ctx;
};

enum ir_end {
	IR_END_RET,
	IR_END_LOAD,   /* a load past the captured bytes: result 0 */
	IR_END_DIVIDE, /* a division by zero: result 0 */
	IR_END_STEPS,  /* it was stopped: no result */
};

/* A node that was run, and where it led; NULL: nowhere. */
struct ir_step {
	const struct ir_node *node, *to;
	uint32_t bound; /* BIND: what was bound */
};

/* Runs graphs without beginning anew each time. */
struct ir_eval {
	/* The caller's, to be set at any time. */
	uint64_t steps;       /* nodes and values that may still be evaluated */
	struct ir_step *path; /* gets the way, as far as there is room */
	uint32_t path_room;
	/* Of the last run. */
	uint32_t npath;
	uint32_t reach;   /* the end of the bytes that were read */
	uint32_t missing; /* IR_END_LOAD: the byte that is not there; UINT32_MAX: none such */
	/* The rest is eval.c's own. */
	const struct ir_graph *g;
	const struct ir_data *in;
	struct arena *tmp;
	enum ir_end end;
	uint32_t *param; /* by number: what the path has bound */
	uint32_t *known; /* by value id: its number, if stamp says now */
	uint32_t *stamp;
	uint32_t now;
	ARRAY(const struct ir_value *) todo;
};

/* Prepare to run graphs of what G contains by now; take memory from TMP. */
void ir_eval_start(struct ir_eval *e, const struct ir_graph *g, struct arena *tmp);
/* Run the graph below ROOT; *RESULT is 0 unless IR_END_RET. */
enum ir_end ir_eval_run(struct ir_eval *e, const struct ir_node *root,
                        const struct ir_data *data, uint32_t *result);

/* Run the graph below G->root; *RESULT is 0 unless IR_END_RET. */
enum ir_end ir_eval(const struct ir_graph *g, const struct ir_data *data,
                    struct arena *tmp, uint32_t *result);

#endif
