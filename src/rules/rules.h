/*
 * rules: what a syscall policy is, whatever text it came from: a tree with every
 * name resolved. say.c puts calls and actions into words, graph.c makes the decision
 * graph, profile.c and weigh.c tell which calls are made most, and eval.c decides one
 * call (it shares nothing with graph.c and space.c).
 *
 * make.h makes trees by calls, ask.h asks a tree and warns about it; terms.h and
 * resolve.h are the way from what is written to a tree, for the rooms that read texts.
 */
#ifndef WEIR_RULES_H
#define WEIR_RULES_H

#include "ir/ir.h"
#include "sys/sys.h"

/* --- actions and comparisons ----------------------------------------------- */

enum rules_verb {
	RULES_ALLOW,
	RULES_LOG,
	RULES_KILL, /* the process */
	RULES_KILL_THREAD,
	RULES_NOTIFY,
	RULES_ERRNO,
	RULES_TRAP,
	RULES_TRACE,
	RULES_NVERBS
};

enum rules_cmp {
	RULES_EQ,
	RULES_NE,
	RULES_LT,
	RULES_LE,
	RULES_GT,
	RULES_GE,
	RULES_ANY,    /* (lhs & rhs) != 0 */
	RULES_WITHIN, /* (lhs & ~rhs) == 0 */
};

/* --- the tree ------------------------------------------------------------- */

/*
 * What a policy says, with every name resolved. The parser has done:
 *   - includes: their rules are in the list where the include was;
 *   - `on` blocks, action blocks, groups and removals: a rule is a flat list of
 *     cases, each about one number of one ABI;
 *   - constants, lets, -D: values are numbers, per ABI;
 *   - argument names: operands say which words of seccomp_data they read;
 *   - types: every comparison carries the width and sign it is made at, and
 *     constants were checked against them and cut to that width;
 *   - positional patterns: `socket(AF_UNIX, _, _) if c` has the condition
 *     `family == AF_UNIX and c`;
 *   - socketcall and ipc: a rule for `socket` on i386 has further cases for
 *     socketcall, with the condition that its first argument is SYS_SOCKET.
 * What is left to the readers of the tree is design section 5: which ABI a call is
 * of, first match in order, `kernel`, `foreign`, `default`, and the arithmetic
 * of conditions.
 */

/* An action. Its data may differ by ABI (errno names do). */
struct rules_action {
	enum rules_verb verb;
	struct span at;
	uint32_t ret[SYS_NABIS]; /* SECCOMP_RET_* with data; set for the tree's ABIs */
};

/*
 * One side of a comparison. Its value is computed so:
 *   constant: BITS (already cut to the comparison's width).
 *   argument: the low 32 bits of word LO; above them, if the width is 64, the
 *     high 32 bits of word LO (HI == LO), the low 32 bits of word HI (another
 *     word), or zero (HI < 0: the ABI has no more). Then & MASK, cut to the width.
 * On a 32-bit ABI the upper halves of the words in seccomp_data may hold
 * garbage and are never read.
 */
struct rules_operand {
	bool is_arg;
	int8_t lo, hi;   /* arguments: words; HI == LO: one 64-bit word */
	bool is_pointer; /* for warnings */
	uint64_t bits;   /* constants */
	uint64_t mask;   /* arguments; all ones of the width if there is no mask */
	struct span at;
};

/* LO .. HI, both included, in the order of the comparison's type; LO <= HI. */
struct rules_range {
	uint64_t lo, hi; /* cut to the width */
	struct span at;
};

enum rules_cond_kind {
	RULES_COND_AND,  /* every KID holds; without kids: true */
	RULES_COND_OR,   /* one of KID holds; without kids: false */
	RULES_COND_NOT,  /* KID[0] does not hold */
	RULES_COND_TEST, /* LHS CMP RHS */
	RULES_COND_IN,   /* LHS lies in one of RANGE; rhs is not used */
};

/*
 * A condition, typed for one call on one ABI. WIDTH and IS_SIGNED are those of
 * TEST and IN: both sides are numbers of WIDTH bits, and < <= > >= and ranges
 * order them as signed or unsigned ones. Lists of kids and of ranges may be
 * long, and nesting deep: no code recurses over it, and UP leads up again. Code that
 * makes a list gives it kids with rules_adopt.
 */
struct rules_cond {
	enum rules_cond_kind kind;
	enum rules_cmp cmp;
	uint8_t width; /* 16, 32 or 64 */
	bool is_signed;
	struct rules_operand lhs, rhs;
	const struct rules_cond **kid;
	const struct rules_range *range;
	uint32_t n; /* kids or ranges */
	struct span at;
	const struct rules_cond *up; /* the list that it is a kid of, */
	uint32_t place;              /* as this one */
};

/* Return a new condition of KIND without members, asked for at AT. */
static inline struct rules_cond *rules_new_cond(struct arena *arena, enum rules_cond_kind kind,
                                                struct span at)
{
	struct rules_cond *c = arena_new(arena, struct rules_cond);

	c->kind = kind;
	c->at = at;
	return c;
}

/* One call that a rule is about. */
struct rules_case {
	const struct sys_abi *abi;
	uint32_t nr;                   /* exactly seccomp_data.nr, with nr_bit */
	const struct rules_cond *cond; /* NULL: always */
	struct span at;                /* the item that named it */
	bool named;                    /* by the rule itself, not through a group */
};

/* Several of them, made of one list. */
struct rules_cases {
	const struct rules_case *v;
	uint32_t n;
};

struct rules_rule {
	const struct rules_action *action;
	const struct rules_case *cases; /* in the order of the text */
	uint32_t n;
	struct span at; /* from the action's word to the end of the rule */
	bool included;  /* it is in an included text */
};

/* Return what R answers on ABI: SECCOMP_RET_* with data. */
static inline uint32_t rules_rule_ret(const struct rules_rule *r, const struct sys_abi *abi)
{
	return r->action->ret[abi->id];
}

/* What numbers LO .. HI of ABI get where no rule matches, before `kernel`. */
struct rules_numbers {
	const struct sys_abi *abi;
	uint32_t lo, hi;
	uint32_t ret;
};

/*
 * A number of seccomp_data.arch x86_64 belongs to x32 if it has bit 30, except
 * 0xffffffff; and so do 512..547, which mean the x32 calls of these
 * numbers with bit 30. All else is x86_64's. ABIs that the policy does not
 * name are foreign.
 */
struct rules_tree {
	const struct sys_abi *abi[SYS_NABIS]; /* that the policy names, in order */
	uint32_t nabi;
	uint32_t fallback_ret[SYS_NABIS]; /* `default`, by enum sys_abi_id */
	uint32_t foreign_ret;
	const struct rules_action *fallback, *foreign; /* FOREIGN: NULL if not written */
	bool has_kernel;
	uint32_t kernel; /* SYS_KERNEL; a number that is not a call known to be that
	                    old gets ENOSYS if no rule matches */
	struct span kernel_at;
	const struct rules_rule *rule; /* in the order that decides */
	uint32_t nrule;
	const struct rules_syntax *syntax;  /* that it was made of; NULL: of none */
	const struct rules_resolver *names; /* groups and lets, which questions may
	                                        use; NULL: not from the language */
	const struct rules_numbers *numbers;
	uint32_t nnumbers;
	bool x32_marked; /* 512..547 without bit 30 are x86_64's after all, */
	bool x32_above;  /* and numbers with bit 31 are not, but for 0xffffffff */
};

/* --- make.c: trees that are not written in the language ------------------- */

/* Give C the N kids at KID; none may be a list that already has a parent. */
void rules_adopt(struct arena *arena, struct rules_cond *c,
                 const struct rules_cond *const *kid, uint32_t n);
/* Return the condition after C in ROOT, where a list comes before its kids; or NULL. */
const struct rules_cond *rules_cond_next(const struct rules_cond *root,
                                         const struct rules_cond *c);
/* Return all of the N conditions at KID. */
const struct rules_cond *rules_all(struct arena *arena,
                                   const struct rules_cond *const *kid, uint32_t n,
                                   struct span at);

/* Return what a filter returns for an action: SECCOMP_RET_* with DATA. */
uint32_t rules_ret(enum rules_verb verb, uint32_t data);

/* Return the range of numbers that NR of ABI is in, NULL if none. */
const struct rules_numbers *rules_numbers_of(const struct rules_tree *t,
                                             const struct sys_abi *abi, uint32_t nr);

/* --- multiplex.c ----------------------------------------------------------------- */

/* How a call is reached through socketcall or ipc. */
struct rules_multiplex {
	bool there;
	uint32_t nr;   /* of socketcall or ipc */
	uint64_t mask; /* of its first argument, */
	uint64_t call; /* which is this */
};

/*
 * Look up how NAME is reached on ABI; .there is false if only directly, or not
 * at all.
 */
struct rules_multiplex rules_multiplex(const struct sys_abi *abi,
                                       const char *name, size_t len);

/* --- say.c: calls and actions as text -------------------------------------- */

/* Tell whether RET (SECCOMP_RET_*) lets the call happen. */
bool rules_permits(uint32_t ret);
/* Warn of errno 0, which is given at AT. */
void rules_warn_errno_0(struct diags *d, struct span at);
/*
 * Write the action, such as "errno EPERM"; without ABI, errnos are written as
 * numbers.
 */
void rules_put_action(struct buf *out, const struct sys_abi *abi, uint32_t ret);
/*
 * Write a call, such as "openat(-100, 0, 1, 0)"; ARGS are the words of
 * seccomp_data.
 */
void rules_put_call(struct buf *out, const struct sys_abi *abi, uint32_t nr,
                    const uint64_t args[SYS_ARGS]);
/* Write the name of a call, "openat", or its number, "nr(999)". */
void rules_put_name(struct buf *out, const struct sys_abi *abi, uint32_t nr);
/*
 * Write C's condition on one line: as its source text in D has it if WRITTEN,
 * else in weir's language. Write nothing if there is none.
 */
void rules_put_condition(struct buf *out, const struct diags *d,
                         const struct rules_case *c, bool written);
/* Write the text at AT on one line, without comments. */
void rules_put_text(struct buf *out, const struct diags *d, struct span at);

/* --- graph.c -------------------------------------------------------------- */

/*
 * Return what a graph of policy T runs on: the order of bytes is that of its first ABI.
 */
const struct ir_input *rules_input(const struct rules_tree *t);
/* Return the node that decides as T does; G was made for rules_input(T). */
const struct ir_node *rules_graph(struct ir_graph *g, const struct rules_tree *t);

/* --- profile.c: how often which call is made ---------------------------------- */

#define RULES_MOST_COUNT (UINT64_C(1) << 40)

struct rules_count {
	enum sys_abi_id abi;
	uint32_t nr;
	uint64_t count;
};

struct rules_profile {
	ARRAY(struct rules_count) count; /* by ABI and number */
};

/* Read the profile in source SOURCE of D for the ABIs of T; NULL after an error. */
const struct rules_profile *rules_profile(struct arena *arena, struct diags *d,
                                          uint32_t source, const struct rules_tree *t);
/* Return how often call NR of ABI was counted. */
uint64_t rules_count(const struct rules_profile *p, const struct sys_abi *abi,
                     uint32_t nr);

/* --- weigh.c ------------------------------------------------------------------ */

/*
 * Tell G, made of T by rules_graph, which calls its program will meet how
 * often. Without a PROFILE (NULL), guess.
 */
void rules_weigh(struct ir_graph *g, const struct rules_tree *t,
                 const struct rules_profile *profile);

/* --- eval.c: the tests' referee ------------------------------------------- */

/*
 * Return T's ABI that the call belongs to, NULL if it names none; set x32's bit
 * in *NR where it is missing.
 */
const struct sys_abi *rules_abi_of_call(const struct rules_tree *t, uint32_t arch,
                                        uint32_t *nr);
/* Return what T answers to a call: SECCOMP_RET_* with data. */
uint32_t rules_eval(const struct rules_tree *t, uint32_t arch, uint32_t nr,
                    const uint64_t args[SYS_ARGS]);
/* Tell whether C (NULL: always) holds for ARGS. */
bool rules_holds(const struct rules_cond *c, const uint64_t args[SYS_ARGS]);

#endif
