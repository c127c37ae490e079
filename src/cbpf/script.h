/*
 * script: what the files share that read the statements of seccomp-tools and ceccomp.
 */
#ifndef WEIR_CBPF_SCRIPT_H
#define WEIR_CBPF_SCRIPT_H

#include "cbpf/cbpf.h"

/* An instruction in numbers, which its statement must not contradict. */
struct script_numbers {
	uint32_t insn;
	struct sock_filter f;
	struct span at;
};

/* A text as it is read. */
struct script {
	struct cbpf_reader *r;
	bool dollar; /* ceccomp's: registers have one */
	struct cbpf_labels labels;
	unsigned depth;
	const struct script_numbers *numbered; /* the numbers before the statement, or NULL */
	bool has_numbers;                      /* some statement had them */
	/* Where the text names a call or a half of a word without an ABI; and an ABI. */
	struct span call, half, arch;
	bool has_call, has_half, other_arch, other_order;
};

/* What is on one side of an assignment or a comparison. */
struct script_value {
	enum {
		SCRIPT_A,
		SCRIPT_X,
		SCRIPT_CELL,
		SCRIPT_DATA,
		SCRIPT_LENGTH,
		SCRIPT_CONSTANT,
		SCRIPT_NEGATED /* -A */
	} is;
	uint32_t k;
	struct span at;
};

/* --- script_value.c: words, constants, and what is on one side of a statement --------- */

/* Skip white space, comments, and the colors of a terminal. */
void script_skip(struct cbpf_reader *r);
/* Step over TEXT if it comes next. */
bool script_accept(struct script *s, const char *text);
/* Report what was EXPECTED here; return false. */
bool script_fail_here(struct script *s, const char *expected);
/* Step over TEXT, or report that it was expected. */
bool script_expect(struct script *s, const char *text);
/* Return the next word of letters, digits and '_', with its '$' where it has one. */
struct cbpf_word script_take(struct script *s);
/* Tell whether W is TEXT in whatever letters. */
bool script_same(struct cbpf_word w, const char *text);
/* Take the word TEXT if it comes next. */
bool script_accept_word(struct script *s, const char *text);
/* Take register NAME, A or X, if it comes next. */
bool script_accept_register(struct script *s, char name);
/* Read a number, or the name of a call or an architecture. */
bool script_read_constant(struct script *s, uint32_t *value);
/* Read [k] with K of at most MAX. */
bool script_read_index(struct script *s, uint32_t max, uint32_t *k);
bool script_read_value(struct script *s, struct script_value *out);
/* Read a value that is X or a constant. */
bool script_read_operand(struct script *s, struct script_value *out);

#endif
