/*
 * The way back: what a program answers (ir/outcome.h) as the text of a policy.
 * lift_map.c rebuilds diagrams, lift_word.c says what one argument may be, lift_cond.c
 * when a call gets an answer, lift_call.c what calls get, lift.c is the whole.
 */
#ifndef WEIR_RULES_LIFT_H
#define WEIR_RULES_LIFT_H

#include "ir/outcome.h"
#include "rules/rules.h"

/* --- lift.c: the whole ---------------------------------------------------------- */

/* A text in the policy language. */
struct rules_lifted {
	struct buf text;
	const char *reason; /* why the text is not exact, in words that follow "it"; or NULL */
};

/* Return SET, an outcome in D, with each result as the kernel takes it. */
uint32_t rules_normal(struct arena *arena, struct diagrams *d, uint32_t set);
/*
 * Write what SET, a normal outcome in D, answers as a policy. False if no policy comes near;
 * REASON says why. F is what D was made with.
 */
bool rules_lift(struct arena *arena, struct diagrams *d, const struct outcome_families *f,
                uint32_t set, struct rules_lifted *out);

/* --- lift_map.c: diagrams rebuilt -------------------------------------------------- */

enum lift_way {
	LIFT_KEEP,  /* decide the bit as before, or another one */
	LIFT_CLEAR, /* take the side where it is clear */
	LIFT_LEAF,  /* nothing here is kept: what the set is put in place of */
};

/* How a diagram is rebuilt. */
struct lift_map {
	struct arena *arena;
	struct diagrams *d;
	struct diagrams *to; /* where it is rebuilt; NULL: in D */
	/* What becomes of a decision on *BIT, which may be replaced. */
	enum lift_way (*way)(void *ctx, unsigned *bit);
	/* What SET, a leaf or DIAGRAM_NONE or _ALL, becomes. */
	uint32_t (*leaf)(void *ctx, uint32_t set);
	void *ctx;
	struct lift_slot {
		uint32_t set, to;
	} * slot; /* by hash: what sets became; SET 0: free */
	uint32_t slots, used;
};

uint32_t lift_rebuild(struct lift_map *m, uint32_t set);

/* --- lift_word.c: one argument -------------------------------------------------------- */

/* A piece of a condition. */
struct lift_piece {
	enum lift_kind {
		LIFT_ATOM,
		LIFT_AND,
		LIFT_OR,
		LIFT_TOO_LARGE, /* there is no text */
	} kind;
	const char *text;
	size_t len;
};

/* The call that conditions are about. */
struct lift_call {
	struct arena *arena;
	struct diagrams *d;
	const struct outcome_families *families;
	struct diagrams *plain; /* the same with outcome_alone */
	const struct sys_abi *abi;
	struct sys_call call; /* NARGS is 0 if it is not known */
};

/* Return the pieces A and B joined by KIND. */
struct lift_piece lift_join(struct arena *arena, enum lift_kind kind, struct lift_piece a,
                            struct lift_piece b);
/* Return the shorter of two texts for one set; A if they are as long. */
struct lift_piece lift_shorter(struct lift_piece a, struct lift_piece b);
/* Write when argument I lies in SET, which decides its bits only and is not trivial. */
struct lift_piece lift_word(const struct lift_call *c, unsigned i, uint32_t set);
/* Write how arguments I and K compare where SET, which decides only theirs, holds. */
struct lift_piece lift_pair(const struct lift_call *c, unsigned i, unsigned k,
                            uint32_t set);

/* --- lift_cond.c: all arguments ------------------------------------------------------- */

/* Write when the arguments lie in SET, which is not trivial. */
struct lift_piece lift_condition(const struct lift_call *c, uint32_t set);

/* --- lift_call.c: what a call gets ---------------------------------------------------- */

/* An answer, and when it is given, if no answer before it is. */
struct lift_answer {
	uint32_t ret;
	const char *condition; /* NULL: always */
};

struct lift_answers {
	ARRAY(struct lift_answer) v;
	const char *reason; /* why they are not exact; or NULL */
	bool too_large;     /* there are none */
};

/*
 * Return the answers to a call that gets SET, which decides arguments and what
 * follows them. Only the last has no condition; it gets DFLT where possible.
 */
struct lift_answers lift_call(const struct lift_call *c, uint32_t set, uint32_t dflt);

#endif
