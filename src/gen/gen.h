/*
 * gen: the decision graph to classic BPF, and back (lift).
 * docs/design/gen.md says how.
 */
#ifndef WEIR_GEN_H
#define WEIR_GEN_H

#include "cbpf/cbpf.h"
#include "ir/ir.h"

/* How sets become tests. */
struct gen_options {
	bool linear;   /* as few tests as can be, whatever runs */
	uint32_t leaf; /* else: numbers that are asked for in a line; 0: a default */
	uint32_t room; /* lines get longer where the program would be; 0: no matter */
	bool no_entry; /* do not use that A and X are 0 when the program starts */
};

struct gen_code {
	struct sock_filter *insns;
	/* For each instruction the node that asked for it; NULL for a jump between. */
	const struct ir_node **origin;
	uint32_t n;
	const struct ir_node *root; /* of the lowered graph that ORIGIN is about */
};

/*
 * Make the program for the graph below G->root, which may grow: sets and wide
 * tests are split on the way. False if it needs more than 16 scratch cells at
 * once. OUT is in memory of G->arena; what is taken from TMP meanwhile goes back, if
 * that is another arena. It may have any length; the checker decides whether a
 * kernel takes it.
 */
bool gen_program(struct ir_graph *g, const struct gen_options *options,
                 struct arena *tmp, struct gen_code *out);
/* Give back what was taken from TMP since MARK, unless nodes of G may be in it. */
static inline void gen_back(const struct ir_graph *g, struct arena *tmp, struct arena_mark mark)
{
	if (tmp != g->arena)
		arena_back(tmp, mark);
}

/* --- step.c: what instructions make of the registers ------------------------------- */

/* A, X and the cells, by these numbers. */
enum {
	GEN_A,
	GEN_X,
	GEN_M,
	GEN_REGS = GEN_M + BPF_MEMWORDS
};

struct gen_regs {
	const struct ir_value *reg[GEN_REGS];
};

/* Return what programs of USE run on, where loads may neither vanish nor move. */
struct ir_input gen_input(enum cbpf_use use);
/* Make of REGS, before instruction F of a checked program, what they are after it. */
void gen_step(struct ir_graph *g, const struct sock_filter *f, struct gen_regs *regs);
/* Return what test F compares A with, and how. */
const struct ir_value *gen_right_side(struct ir_graph *g, const struct sock_filter *f,
                                      const struct gen_regs *regs);
enum ir_cmp gen_compares(const struct sock_filter *f);
/* Find where instruction AT goes: up to two places, the first if it is true; how many. */
unsigned gen_targets(const struct sock_filter *insns, uint32_t at, uint32_t to[2]);
/* Set LIVE, by instruction, to the registers (as bits) that are read there or later. */
void gen_live(const struct sock_filter *insns, uint32_t n, uint32_t *live);

/* --- ways.c: what is known on the ways to each instruction -------------------------- */

enum {
	GEN_WAYS = 6,      /* that are kept apart where they join */
	GEN_TOLD_WORDS = 6 /* of 64 bits for what tests have told */
};

/* What is known before an instruction if it is reached by some ways. */
struct gen_way {
	struct gen_regs regs; /* NULL: not read later; else perhaps a fresh parameter */
	uint64_t told[GEN_TOLD_WORDS];
};

/* What follows a program, and what TOLD means to it. */
struct gen_follower {
	/* Learn that LHS CMP RHS is YES; false if that cannot be. */
	bool (*test)(void *ctx, uint64_t *told, enum ir_cmp cmp,
	             const struct ir_value *lhs, const struct ir_value *rhs, bool yes);
	/* Let TOLD be true also where OTHER is. */
	void (*join)(void *ctx, uint64_t *told, const uint64_t *other);
	/* See instruction AT, which is reached in N ways, at least 1 and at most GEN_WAYS. */
	void (*see)(void *ctx, uint32_t at, const struct gen_way *way, unsigned n);
	void *ctx;
	uint64_t start[GEN_TOLD_WORDS]; /* what is told at the start of the program */
};

/*
 * Follow the N instructions at INSNS, which cbpf_check accepts, from the first to the
 * last, and show F each that is reached. Values are in G.
 */
void gen_follow(struct ir_graph *g, const struct sock_filter *insns, uint32_t n,
                struct arena *tmp, const struct gen_follower *f);

/* --- lift.c: a classic program to a graph --------------------------------------- */

/* What A and X hold before an instruction; NULL: nothing that is read later. */
struct gen_held {
	const struct ir_value *a, *x;
};

/*
 * Set G->root to a graph that does what the N instructions at INSNS do, which
 * cbpf_check accepts (cells that are read before they are written are 0). With
 * G->input.exact_faults it also faults where they do; else as the rule of
 * equivalence allows. False if paths join with so many different values that it
 * would take more than 4 binds an instruction. HELD, by instruction, or NULL:
 * see above.
 */
bool gen_lift(struct ir_graph *g, const struct sock_filter *insns, uint32_t n,
              struct arena *tmp, struct gen_held *held);

/* --- lower.c: sets and keys become tests of one word ----------------------- */

/* Return the graph below G->root with only results, one-word tests, binds and needs. */
const struct ir_node *gen_lower(struct ir_graph *g, const struct gen_options *options,
                                struct arena *tmp);

/* --- shape.c, search.c: sets of one word become search trees ---------------- */

/* LO .. HI of a word lead to TO. */
struct gen_piece {
	uint32_t lo, hi;
	const struct ir_node *to;
	const struct ir_interval *why; /* the interval that asked for it, or NULL */
	uint64_t weight;               /* how often it is met, beside the others */
};

/*
 * Make the tests of V for SET. The N pieces at C, which change, cover in order
 * all that V can be; neighbours lead to different nodes.
 */
const struct ir_node *gen_search(struct ir_graph *g, const struct gen_options *o,
                                 struct arena *tmp, const struct ir_node *set,
                                 const struct ir_value *v, struct gen_piece *c,
                                 uint32_t n);

/* A search that is being made. */
struct gen_search {
	struct ir_graph *g;
	struct arena *tmp;
	const struct ir_node *set; /* what the tests are made for */
	const struct ir_value *v;  /* its low SHIFT bits are masked off */
	unsigned shift;            /* pieces are about V >> SHIFT */
	bool fewest;               /* tests, whatever runs */
	uint32_t leaf;             /* numbers in a line, about */
	uint64_t price;            /* of a test, in the weights' unit */
};

/* Return what the best tests for N pieces cost; UINT64_MAX: that is not found out. */
uint64_t gen_search_cost(const struct gen_search *s, const struct gen_piece *c,
                         uint32_t n);
/* Make these tests, good ones for any number of pieces. */
const struct ir_node *gen_search_tests(const struct gen_search *s,
                                       const struct gen_piece *c, uint32_t n);
/* Make the test V >> SHIFT CMP K ? YES : NO, for piece C if that is not NULL. */
const struct ir_node *gen_search_test(const struct gen_search *s,
                                      const struct gen_piece *c, enum ir_cmp cmp,
                                      uint32_t k, const struct ir_node *yes,
                                      const struct ir_node *no);

/* --- order.c: where each node's code goes ------------------------------------- */

/*
 * Return the nodes below ROOT, every node after its successors, as gen_emit places them.
 */
struct ir_order gen_order(struct arena *tmp, const struct ir_graph *g,
                          const struct ir_node *root);

/* --- cells.c: where parameters live ---------------------------------------- */

enum {
	GEN_NO_CELL = 0xff
};

/*
 * Scratch cells, given to parameters for the stretch of the order they live.
 * Places in the order count in the direction of execution: the root is 0.
 */
struct gen_cells {
	uint8_t *of;    /* by parameter: its cell, GEN_NO_CELL if nothing reads it */
	bool *indexes;  /* by parameter: something wants it in X */
	uint32_t *last; /* by parameter: the last place that reads it + 1, 0: none */
	uint16_t *busy; /* by place in the order: bit C is set if cell C is taken */
};

/* Assign cells; false if more than 16 are needed at once. ORDER is a postorder. */
bool gen_cells(struct arena *tmp, const struct ir_graph *g, struct ir_order order,
               struct gen_cells *out);

/* --- setter.c: binds that are done before a jump ------------------------------ */

/* Return, by place, a bind that the test there does, too; NULL for most. */
const struct ir_node **gen_setters(struct arena *tmp, const struct ir_graph *g,
                                   struct ir_order order, const uint32_t *index,
                                   const struct gen_cells *cells);

/* --- code.c: a node's own instructions -------------------------------------- */

/* One instruction and what the registers hold after it (NULL: nothing of use). */
struct gen_step {
	struct sock_filter insn;
	const struct ir_value *a, *x;
	const struct ir_value *stores, *reloads; /* the parameter, if that is its job */
};

/*
 * Code may be entered in its middle on ways that already hold what the rest needs.
 * NEED[i] belongs to the place before step i, NEED[n] to the jump after the last.
 */
struct gen_need {
	const struct ir_value *a, *x; /* must be held here; NULL: anything */
	bool closed;                  /* no entry: a cell was stored before */
};

struct gen_body {
	const struct gen_step *step;
	const struct gen_need *need; /* n + 1 of them */
	uint32_t n;
	struct sock_filter last;      /* the jump or ret after the steps, without distances */
	bool falls;                   /* there is none: control goes on to n->yes */
	const struct ir_value *binds; /* the parameter that changes here */
};

/* Return the registers that S changes: CBPF_A, CBPF_X. */
unsigned gen_writes(const struct gen_step *s);

struct gen_coder;
struct gen_coder *gen_coder(struct arena *tmp, const struct ir_graph *g,
                            const struct gen_cells *cells);
/*
 * Write the code of N, at place AT of the order. SETTER, or NULL, is a bind
 * after one of its exits that it does before it jumps. False if it needs more
 * scratch cells than are free.
 */
bool gen_code_node(struct gen_coder *c, const struct ir_node *n,
                   const struct ir_node *setter, uint32_t at, struct gen_body *out);
/* Write the code of a bind that another node does: none. */
void gen_code_nothing(struct gen_coder *c, struct gen_body *out);

/* --- flow.c: what registers hold on the edges ------------------------------- */

/* Where in the successor's code each exit of a node enters. */
struct gen_exits {
	uint32_t entry[2]; /* for yes and for no */
};

struct gen_flow {
	struct gen_exits *exits; /* by place in the order */
	uint32_t *first;         /* by place: the earliest step that anything enters */
	uint8_t *reloaded;       /* by parameter: its cell is read back somewhere */
};

/*
 * Find where to enter each node's code. INDEX is the place in the order of each
 * node, by id.
 */
struct gen_flow gen_flow(struct arena *tmp, struct ir_graph *g, struct ir_order order,
                         const uint32_t *index, const struct gen_body *body,
                         const struct gen_options *options);

/* --- emit.c: layout, backward ------------------------------------------------ */

/* How many instructions a conditional jump may skip: its distances have 8 bits. */
enum {
	GEN_FAR = LIMIT(255, 7)
};

void gen_emit(struct arena *keep, struct arena *tmp, struct ir_order order,
              const uint32_t *index, const struct gen_body *body,
              const struct gen_flow *flow, struct gen_code *out);

#endif
