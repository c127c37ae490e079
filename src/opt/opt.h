/*
 * opt: passes over the graph. opt.c is the table that runs them, one file a
 * pass; docs/design/pipeline.md says what they owe and in which order they run.
 */
#ifndef WEIR_OPT_H
#define WEIR_OPT_H

#include "gen/gen.h"
#include "ir/ir.h"

enum opt_level {
	OPT_0,
	OPT_1,
	OPT_2,
	OPT_3,
	OPT_SIZE
};

/* What will run the program; rows of weights in cost.c. */
enum opt_destination {
	OPT_SOCKET, /* Linux's JIT, for filters of sockets */
	OPT_INTERPRETER,
	OPT_EBPF,
	OPT_SECCOMP,
};

/* What a program costs: instructions; on average, times OPT_SURE: those that run, time. */
struct opt_price {
	uint32_t n; /* UINT32_MAX: there is no program */
	uint64_t executed, time;
};

/* --- opt.c: the table that runs them ---------------------------------------- */

/* One run of the optimizer. */
struct opt {
	struct ir_graph *graph;
	struct arena tmp; /* reset after each pass; same oom as the graph's arena */
	enum opt_level level;
	enum opt_destination destination;
	bool both;        /* at -O2, length counts as much as what runs */
	uint64_t fuel;    /* rewrites still allowed; UINT64_MAX: no limit */
	const char *dump; /* the pass after which the graph is printed, or "all" */
	struct buf *dumped;
	bool verify; /* run ir_verify after each pass */
	/* Told what opt_measure says, after the frontend and each pass that changed that. */
	void (*gained)(void *ctx, const char *pass, size_t insns, uint64_t executed);
	void *gained_ctx;
	struct opt_price told;
	struct gen_options gen;          /* how programs are made of the graph; passes may refine it */
	const struct cbpf_input *sample; /* packets like those to come; NULL: none */
	uint32_t samples;
	void *state;                   /* of the pass that runs */
	bool bold;                     /* a pass did what may prove not to pay in the end */
	bool careful;                  /* no pass may */
	bool grown;                    /* a pass made a longer program for less time */
	bool plain;                    /* no pass may */
	bool huge;                     /* a list is so long that programs are not tried */
	const struct ir_node *ordered; /* the root that ORDER is of; walk.c's own */
	struct ir_order order;
	const struct ir_node *costed; /* the root that COST is about; cost.c's own */
	struct opt_price price;
	uint32_t shortest;          /* program that was measured; 0: none was */
	const struct ir_node *best; /* root that was accepted at -O2 and -O3 */
	struct opt_price best_price;
	uint64_t emitted; /* instructions, to find costs */
	unsigned kinds;   /* of packets, 0: not yet known; likely.c's own */
	uint32_t network; /* where the IP header is */
};

/* Run the passes that O->level asks for; O->graph->root is the result. */
void opt_run(struct opt *o);
/* Return the name of pass I, NULL after the last. For --dump, --help and messages. */
const char *opt_pass_name(unsigned i);

/* --- program.c: programs from elsewhere --------------------------------------- */

enum opt_outcome {
	OPT_BETTER,    /* OUT is set */
	OPT_NO_BETTER, /* what came out costs more in some way, or less in none */
	OPT_TOO_LARGE, /* above 65,535 instructions, or gen_lift refused */
	OPT_INEXACT,   /* it asks for words that a graph cannot stand for */
};

/*
 * Optimize P, which cbpf_check accepts, as O->level says, into OUT; O->graph must be
 * empty and have exact faults. OUT is never longer, nor longer on its longest path, nor
 * expected to execute more; and it needs no more memory in the kernel, unless that is
 * little.
 */
enum opt_outcome opt_program(struct opt *o, const struct cbpf_program *p,
                             struct gen_code *out);

enum {
	OPT_UNIT_PS = 150 /* picoseconds that an instruction without a load takes on a socket */
};

/* What a packet, or a call, is expected to cost. */
struct opt_expected {
	double insns, ns; /* instructions that run; nanoseconds on a socket */
};

/* Find out what P costs; false if it cannot be lifted to O's graph, which is empty. */
bool opt_expect(struct opt *o, const struct cbpf_program *p, struct opt_expected *out);

/* --- walk.c: rebuilding ------------------------------------------------------ */

/* Tell whether one more rewrite is allowed; counts it. */
bool opt_rewrite(struct opt *o);
/*
 * Rebuild the graph from its results up: FN gets each node with its new
 * successors and returns its replacement. True if anything changed.
 */
bool opt_each_node(struct opt *o,
                   const struct ir_node *(*fn)(struct opt *o, const struct ir_node *n));
/* Return the nodes of O->graph, as ir_postorder has them; found once for each root. */
struct ir_order opt_order(struct opt *o);
/* Return N with TO[i] in place of successor i. */
const struct ir_node *opt_with_succ(struct opt *o, const struct ir_node *n,
                                    const struct ir_node *const *to);
/* Return the same with what MAP, by id, says of each successor. */
const struct ir_node *opt_mapped_succ(struct opt *o, const struct ir_node *n,
                                      const struct ir_node *const *map);
/* Return the graph of ORDER with NEW in the place of OLD. */
const struct ir_node *opt_replaced(struct opt *o, struct ir_order order,
                                   const struct ir_node *old,
                                   const struct ir_node *new);
/* Return, by id, how many nodes lead to a node; 1 for ROOT. */
uint32_t *opt_preds(struct opt *o, struct ir_order order, const struct ir_node *root);
/* Return N with other values in place of its own, and as many words. */
const struct ir_node *opt_with_values(struct opt *o, const struct ir_node *n,
                                      const struct ir_value *lhs,
                                      const struct ir_value *rhs);

/* Return V with other operands. */
const struct ir_value *opt_with_args(struct opt *o, const struct ir_value *v,
                                     const struct ir_value *const *arg);

/*
 * Return, by value id, each value with TO in place of FROM; loads at an offset
 * that becomes constant become plain loads.
 */
const struct ir_value **opt_substitute(struct opt *o, const struct ir_value *from,
                                       const struct ir_value *to);
/* Return N with the successors and values that MAP and VALUE have for its own, by id. */
const struct ir_node *opt_rebuilt(struct opt *o, const struct ir_node *n,
                                  const struct ir_node *const *map,
                                  const struct ir_value *const *value);

/* Return a load with the base of load LIKE, of bytes that the input has. */
const struct ir_value *opt_load_at(struct opt *o, const struct ir_value *like,
                                   unsigned width, uint32_t offset);

/* --- cost.c: what a graph costs as a program --------------------------------- */

/* Measure what the program for ROOT costs; false: there is none. */
bool opt_measure(struct opt *o, const struct ir_node *root, struct opt_price *out);
/* A program that packets are followed through. */
struct opt_followed {
	const struct sock_filter *insns;
	uint32_t n;
	/* How many of OPT_SURE packets of KIND find that the test at AT holds. */
	uint32_t (*likely)(void *ctx, const struct opt *o, uint32_t at, unsigned kind);
	void *ctx;
};

enum {
	OPT_PACKETS = 1000 /* that are followed, times OPT_SURE */
};

/* Add to OUT what all that are followed execute, and the time that it takes. */
void opt_follow(struct opt *o, const struct opt_followed *p, struct opt_price *out);
/* Return the same of the graph's root, which is remembered. */
const struct opt_price *opt_price_now(struct opt *o);
/*
 * Make ROOT the graph's root if its program is better: faster, at -O2 among
 * those that are not much longer than the shortest found; at -Os shorter. Use
 * up one of *TRIES, of which there must be one.
 */
bool opt_try(struct opt *o, const struct ir_node *root, unsigned *tries);
/*
 * Do the same if ROOT is faster, whatever its length: later passes may shorten
 * it.
 */
bool opt_try_longer(struct opt *o, const struct ir_node *root, unsigned *tries);
/*
 * Let ONE change the graph by opt_try until it does not, or TRIES are used up,
 * but no graph of more than LARGEST nodes. True if anything changed.
 */
bool opt_trials(struct opt *o, bool (*one)(struct opt *o, unsigned *tries),
                uint32_t largest, unsigned tries);

/* Make the best graph accepted since the start the current one. */
void opt_take_best(struct opt *o);

/* Tell whether O looks for the program that takes the least time. */
bool opt_counts_time(const struct opt *o);
/* Tell whether a load at [x + k] then costs several times what one at [k] does. */
bool opt_indexed_is_dear(const struct opt *o);
/* Tell whether the program is longer than -O2 allows. */
bool opt_too_long(struct opt *o);
/*
 * Tell whether a rewrite that saves no time, but SAVED instructions at most, could be
 * for the better.
 */
bool opt_may_matter(struct opt *o, uint32_t saved);

/* Return what evaluating LOAD, LOADX or MSH costs beside another instruction. */
uint32_t opt_load_weight(const struct opt *o, enum ir_op op);

/* --- likely.c: how often tests hold ------------------------------------------ */

enum {
	OPT_SURE = 1000
};

/*
 * Return how many kinds of packets there are (IPv4, IPv6, others), which answer
 * tests differently; with a sample, each of its packets is one. The second
 * function returns how many of OPT_SURE packets are of KIND.
 */
unsigned opt_kinds(struct opt *o);
uint32_t opt_share(const struct opt *o, unsigned kind);
/* Return how many of OPT_SURE packets of KIND leave N, a test or a set, by exit I. */
uint32_t opt_likely(const struct opt *o, const struct ir_node *n, uint32_t i,
                    unsigned kind);

/* --- sample.c: what packets of a sample answer -------------------------------- */

#define OPT_UNKNOWN (UINT32_MAX - 1)
#define OPT_ENDS    UINT32_MAX

/*
 * Return the exit by which packet IN leaves N, a test or a set; OPT_ENDS if the
 * program ends there, OPT_UNKNOWN if that depends on the way to N.
 */
uint32_t opt_sample_exit(const struct ir_node *n, const struct cbpf_input *in);

/* --- bits.c: what is known of a value by itself ------------------------------- */

/* Return the bits that V can have at all; the rest is 0 whatever the input. */
uint32_t opt_possible_bits(const struct ir_value *v);
/*
 * Return X and set *MASK if V is x & mask; else return V itself, with all bits
 * in *MASK.
 */
const struct ir_value *opt_unmasked(const struct ir_value *v, uint32_t *mask);
/* Tell whether evaluating V is certain to divide by zero. */
bool opt_surely_divides(const struct ir_value *v);
/* Tell whether V need not be evaluated where its result does not matter. */
bool opt_may_drop(const struct opt *o, const struct ir_value *v);
/* Tell whether N is "return 0", which is also what a fault does. */
bool opt_is_reject(const struct ir_node *n);

/* --- facts.c: what a path knows ------------------------------------------------ */

/*
 * Of one value: LO <= v <= HI, the bits of MASK are BITS, not all bits of SOME
 * are 0 (unless SOME is 0), it is none of NOT, and one of IS if there are any.
 */
enum {
	OPT_NOTS = LIMIT(4, 1),
	OPT_ISES = LIMIT(4, 1)
};

struct opt_fact {
	const struct ir_value *v;
	uint32_t lo, hi;
	uint32_t mask, bits;
	uint32_t some;
	uint32_t not [OPT_NOTS];
	uint32_t is[OPT_ISES];
	uint8_t nots, ises;
};

/* Facts of one place, the newest last; at most OPT_FACTS, older ones are forgotten. */
enum {
	OPT_FACTS = LIMIT(16, 2)
};

struct opt_facts {
	uint32_t n;
	struct opt_fact fact[OPT_FACTS];
};

enum opt_answer {
	OPT_NO,
	OPT_YES,
	OPT_OPEN
};

/* Return what FACTS say about test N. */
enum opt_answer opt_facts_answer(const struct opt *o, const struct opt_facts *f,
                                 const struct ir_node *n);
/* Add what is known once N, a test or a set, is left by its exit I. */
void opt_facts_learn(struct opt_facts *f, const struct ir_node *n, uint32_t i);
/* Return where set N leads with these FACTS, NULL if that is open. */
const struct ir_node *opt_facts_look_up(const struct opt *o, const struct opt_facts *f,
                                        const struct ir_node *n);
/* Note that PARAM is V from here on. */
void opt_facts_bind(struct opt_facts *f, const struct ir_value *param,
                    const struct ir_value *v);
/* Keep in INTO what holds on both ways. */
void opt_facts_meet(struct opt_facts *into, const struct opt_facts *f);

/* Tell whether FACTS say that V is within LO .. HI. */
bool opt_facts_range(const struct opt_facts *f, const struct ir_value *v, uint32_t *lo,
                     uint32_t *hi);

/* --- chains.c: questions about one value, one after the other ---------------------- */

struct opt_chains;

/* Return the chains of the nodes of ORDER, which is O's; NULL if none is long. */
struct opt_chains *opt_chains(struct opt *o, struct ir_order order);
/*
 * Return where N leads that says no to LO .. HI, but past the questions of its chain that
 * say no as well. C may be NULL.
 */
const struct ir_node *opt_chain_next(const struct opt_chains *c, const struct ir_node *n,
                                     uint32_t lo, uint32_t hi);
/*
 * Return how many questions come after N in its chain to which nothing leads but the one
 * before, by PREDS; 0 if all of them are about few numbers.
 */
uint32_t opt_chain_owned(const struct opt_chains *c, const struct ir_node *n,
                         const uint32_t *preds);

/* --- numbers.c: what a parameter can be ------------------------------------------ */

enum {
	OPT_NUMBERS = LIMIT(4, 2)
};

struct opt_numbers {
	uint32_t k[OPT_NUMBERS];
	uint8_t n;
	bool others; /* it may be something else, too */
};

/*
 * Return what PARAM can be at each node of ORDER that reads it, by id, and in ALL what
 * it can be anywhere. NULL if it is not bound.
 */
struct opt_numbers *opt_numbers(struct opt *o, struct ir_order order,
                                const struct ir_value *param, struct opt_numbers *all);

/* --- split.c ----------------------------------------------------------------------- */

/*
 * Return the root of the graph in which loads do not depend on PARAM; NULL if none does.
 */
const struct ir_node *opt_split_by(struct opt *o, const struct ir_value *param);

/* --- the passes --------------------------------------------------------------- */

/* Change the graph of O in one way; tell whether anything changed. */
#define PASS(name, from) bool opt_##name(struct opt *o);
#include "opt/passes.def"

#endif
