/* Asking a tree: what calls get, whether any is refused, and what is odd about it. */
#ifndef WEIR_RULES_ASK_H
#define WEIR_RULES_ASK_H

#include "rules/rules.h"
#include "rules/space.h"

/* --- ask.c: what is answered to calls ---------------------------------------- */

/* A case, its rule, and its place in the order of all. */
struct rules_entry {
	const struct rules_case *c;
	uint32_t rule, order;
};

/* Return what E's rule in T answers on the ABI of its case. */
static inline uint32_t rules_entry_ret(const struct rules_tree *t,
                                       const struct rules_entry *e)
{
	return rules_rule_ret(&t->rule[e->rule], e->c->abi);
}

/* All cases by ABI, number and order. */
struct rules_entries {
	ARRAY(struct rules_entry) v;
};
struct rules_entries rules_entries(struct arena *arena, const struct rules_tree *t);

enum rules_why {
	RULES_WHY_RULE,
	RULES_WHY_KERNEL,
	RULES_WHY_DEFAULT,
	RULES_WHY_FOREIGN,
	RULES_WHY_NUMBERS, /* struct rules_numbers: what runs the filter adds it */
};

/* One thing that is answered to a call. */
struct rules_answer {
	const struct sys_abi *abi;
	uint32_t nr;
	uint32_t ret;
	enum rules_why why;
	uint32_t rule; /* WHY_RULE: its number, and its case */
	const struct rules_case *c;
	bool placed; /* it is written, at AT */
	struct span at;
	bool exact; /* it is given, to ARGS for instance; else it
	                                may be given (the conditions are too large) */
	uint64_t args[SYS_ARGS];
};

struct rules_answers {
	ARRAY(struct rules_answer) v;
};

struct rules_asker {
	struct arena *arena;
	const struct rules_tree *tree;
	struct rules_entries entries;
	struct rules_space *space;
	struct rules_answers answers;
};

struct rules_asker *rules_asker(struct arena *arena, const struct rules_tree *t);
/*
 * Return the answers, in the order of the rules, to calls of Q's number whose
 * arguments meet Q's condition (NULL: always). Q's ABI need not be one that the
 * policy names. The next call overwrites the answers.
 */
struct rules_answers rules_ask(struct rules_asker *a, const struct rules_case *q);
/* Return the one answer to a call with these words, of ARCH and NR as in seccomp_data. */
struct rules_answer rules_answer_to(struct rules_asker *a, uint32_t arch, uint32_t nr,
                                    const uint64_t args[SYS_ARGS]);
/* Tell whether every call of the number is allowed, whatever its arguments. */
bool rules_always_allows(struct rules_asker *a, const struct sys_abi *abi, uint32_t nr);

/* --- refuse.c ------------------------------------------------------------- */

/* Tell whether T refuses some call of the ABIs that it names; true in doubt. */
bool rules_refuses(struct arena *tmp, const struct rules_tree *t);
void rules_warn_of_no_refusal(struct diags *d, const struct rules_tree *t);

/* Read a question about calls as the cases of ABIS: see policy_question. */
typedef bool rules_question_fn(struct arena *arena, struct diags *d, uint32_t source,
                               const struct rules_tree *t, uint32_t abis,
                               struct rules_cases *out);

/* --- audit.c: what a hostile program can still do ----------------------------- */

enum rules_severity {
	RULES_LOW,
	RULES_MEDIUM,
	RULES_HIGH
};

struct rules_finding {
	const char *class;
	enum rules_severity severity;
	const char *text;           /* what it can do */
	struct rules_answer answer; /* to the call that gets through */
};

typedef void rules_finding_fn(void *ctx, const struct rules_finding *f);

/* Tell FOUND all findings about T; QUESTION reads the questions of audit.def. */
void rules_audit(struct arena *arena, const struct rules_tree *t, rules_question_fn *question,
                 rules_finding_fn *found, void *ctx);

/* --- reach.c, lint.c: warnings about the whole ----------------------------- */

/*
 * Warn of rules that no call reaches or that contradict each other, and of
 * conditions that decide nothing.
 */
void rules_lint_rules(struct arena *tmp, struct diags *d, const struct rules_tree *t);
/* Warn of what is odd about T; QUESTION reads the lints' questions: policy_question. */
void rules_lint(struct arena *tmp, struct diags *d, const struct rules_tree *t,
                rules_question_fn *question);

#endif
