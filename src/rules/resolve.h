/*
 * From what is written to a tree: value.c (expressions), cond.c (conditions, typed for
 * one call), settings.c, lists.c (lists of calls as sets), resolve.c (statements).
 */
#ifndef WEIR_RULES_RESOLVE_H
#define WEIR_RULES_RESOLVE_H

#include "rules/terms.h"

/* --- value.c, cond.c: expressions ----------------------------------------- */

/* A name for a value, from `let` or from outside. */
struct rules_let {
	const char *name;
	uint32_t len;
	struct span at;
	bool outside, broken, used;
	uint32_t abis; /* 1 << enum sys_abi_id: where VALUE is set */
	struct sys_number value[SYS_NABIS];
	struct rules_let *next;
};

/* One side of a comparison. */
struct rules_side {
	bool is_arg;
	struct sys_number number;     /* a constant */
	struct rules_operand operand; /* an argument */
	struct sys_type type;         /* its */
	bool masked;
	struct span at;
};

/* An expression of which the kids before NEXT are valued: so far SIDE, if OK. */
struct rules_side_step {
	const struct rules_expr *e;
	uint32_t next;
	bool ok;
	struct rules_side side;
};

/* A condition of which the kids before NEXT are typed; they lie from FIRST on. */
struct rules_cond_step {
	const struct rules_expr *e;
	uint32_t next, first;
};

/* What expressions are resolved with. */
struct rules_context {
	struct arena *arena;
	struct diags *diags;
	const struct sys_abi *abi;
	const struct sys_call *call;            /* NULL: only constants have a meaning */
	bool permits;                           /* the rule allows or logs */
	bool quiet;                             /* warnings are not wanted */
	bool incomplete;                        /* names that are missing may be in a text that
	                                   could not be read */
	struct rules_let *let[256];             /* by hash of the name */
	ARRAY(struct rules_side_step) sides;    /* value.c: expressions being valued */
	ARRAY(struct rules_cond_step) lists;    /* cond.c: conditions being typed, */
	ARRAY(const struct rules_cond *) conds; /* and what they have got */
	ARRAY(struct span) reported;            /* places that were complained of */
};

/*
 * Tell whether this is the first complaint about the place; false if it was
 * complained of before, for another call say.
 */
bool rules_first(struct rules_context *c, struct span at);

#define rules_complain(c, at, ...)                               \
	do {                                                     \
		if (rules_first(c, at))                          \
			diag_error((c)->diags, at, __VA_ARGS__); \
	} while (0)

#define rules_warn(c, code, at, ...)                                     \
	do {                                                             \
		if (!(c)->quiet && rules_first(c, at))                   \
			diag_warning((c)->diags, code, at, __VA_ARGS__); \
	} while (0)

struct rules_let **rules_let_slot(struct rules_context *c, const char *name,
                                  uint32_t len);

/* Evaluate E into *OUT; false after an error was reported. */
bool rules_side(struct rules_context *c, const struct rules_expr *e,
                struct rules_side *out);
/* Evaluate E, which must be constant; false after an error was reported. */
bool rules_value(struct rules_context *c, const struct rules_expr *e,
                 struct sys_number *out);

/* Tell whether NUMBER can select bits of WIDTH, perhaps as a complement. */
bool rules_fits_mask(struct sys_number number, unsigned width);
/* Return the whole of argument I of C->call. */
struct rules_side rules_arg_side(const struct rules_context *c, unsigned i,
                                 struct span at);
/* Type condition E for C->call; NULL after an error. */
const struct rules_cond *rules_condition(struct rules_context *c,
                                         const struct rules_expr *e);
/* Make the condition SIDE == E; NULL after an error. */
const struct rules_cond *rules_equal(struct rules_context *c,
                                     const struct rules_side *side,
                                     const struct rules_expr *e);

/* --- settings.c, lists.c, resolve.c: syntax to tree ----------------------- */

/*
 * Convert the names in LIST ("x86_64,i386") to bits 1 << enum sys_abi_id; false
 * after an error.
 */
bool rules_abis_of(struct arena *arena, struct diags *d, const char *list,
                   uint32_t *mask);

/* One call of one ABI in lists: that of ITEM, in all groups that ITEM got into. */
struct rules_member {
	const struct sys_abi *abi;
	const struct rules_item *item;
	bool direct; /* CALL is set: it has a number of its own */
	struct sys_call call;
	struct rules_multiplex mux;
	struct span at;
};

struct rules_members {
	const struct rules_member **v;
	uint32_t n;
};

/* What the list that is being made knows of a call, or of a member with patterns. */
struct rules_listed {
	uint32_t list;     /* the list that this is about; that of another: it is free */
	bool there, whole; /* calls: a member has it; one without patterns has */
	uint32_t removed;  /* calls: how often it was; patterns: that, when they came */
	const struct rules_member *member;
};

/* Finds what a list knows, by hash; empty between lists. */
struct rules_index {
	struct rules_listed *slot;
	uint32_t size, used;
};

/* A member, and how often its call had been removed before. */
struct rules_taken {
	const struct rules_member *member;
	uint32_t removed;
};

/* The list that is being made, of which there is one at a time. */
struct rules_list {
	uint32_t number;
	const struct rules_members *first; /* it begins with all of these */
	bool removing;                     /* members are taken out, */
	uint32_t met, out;                 /* so many, of which so many were in it */
	bool in_group;                     /* members come from one */
	struct rules_index call, pattern;
	ARRAY(struct rules_taken) taken;
};

struct rules_group {
	const struct rules_statement *statement;
	struct rules_members members;
	struct rules_group *next;
};

struct rules_resolver {
	struct rules_context c;
	const struct rules_options *options;
	const struct rules_syntax *syntax;
	struct rules_tree *tree;
	uint32_t abis; /* 1 << enum sys_abi_id: that the tree has */
	bool in_group; /* a list that may be for any ABI is resolved */
	bool question; /* patterns need not be complete */
	struct rules_group *group[256];
	struct rules_list list;
	ARRAY(struct rules_rule) rules;
};

/* Settle which ABIs the policy is for; false after an error. */
bool rules_resolve_abis(struct rules_resolver *r);
void rules_resolve_default(struct rules_resolver *r, uint32_t source);
void rules_resolve_foreign(struct rules_resolver *r);
void rules_resolve_kernel(struct rules_resolver *r);
void rules_resolve_x32(struct rules_resolver *r);
const struct rules_action *
rules_resolve_action(struct rules_resolver *r, const struct rules_written *w);

/*
 * Collect the calls that S's items name, in their order. A group's call is left
 * out if an earlier item has it for all arguments, so lists are sets.
 */
void rules_collect(struct rules_resolver *r, const struct rules_statement *s,
                   struct rules_members *out);
/* Tell whether A and B are one place of one text that was included twice. */
bool rules_same_place(const struct diags *d, struct span a, struct span b);
void rules_resolve_group(struct rules_resolver *r,
                         const struct rules_statement *s);

/*
 * Resolve SYNTAX, whose main text is SOURCE, to a tree; NULL after errors. O
 * may be NULL.
 */
const struct rules_tree *rules_resolve(struct arena *arena, struct diags *d,
                                       uint32_t source,
                                       const struct rules_syntax *syntax,
                                       const struct rules_options *o);
/* Return the cases of rule S, which is taken for one that refuses. */
struct rules_cases rules_resolve_cases(struct rules_resolver *r,
                                       const struct rules_statement *s);

#endif
