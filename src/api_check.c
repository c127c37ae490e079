/*
 * The public library checks itself: what it made is held against the graph that the
 * frontend made, on inputs that src/prove directs at the ways of both. Where they
 * differ other levels are tried. docs/design/selfcheck.md says what that finds.
 */
#include <errno.h>

#include "api.h"
#include "prove/prove.h"

enum {
	LONGEST = 200
}; /* bytes of the text that a report shows */

static const char *const names[] = {
	[WEIR_O_DEFAULT] = "-O2",
	[WEIR_O0] = "-O0",
	[WEIR_O1] = "-O1",
	[WEIR_O2] = "-O2",
	[WEIR_O3] = "-O3",
	[WEIR_OS] = "-Os",
};

/* Show what proves the program of LEVEL wrong. */
static void tell_difference(struct job *j, enum weir_level level,
                            const struct prove_found *found)
{
	struct buf input = { .arena = &j->arena };
	struct input in = *found->in;

	in.captured = found->cut;
	input_print(&input, &in);
	diag_plain(&j->diags, DIAG_NOTE, "at %s it returns %#x, not %#x, for: %s",
	           names[level], found->written, found->meant, buf_str(&input));
}

/*
 * Tell whether J->code does what the graph below MEANT says, as far as can be
 * seen.
 */
static bool is_right(struct job *j, const struct ir_node *meant, struct prove_found *found)
{
	struct prove_case check = {
		.graph = j->graph,
		.root = meant,
		.program = { j->code.insns, j->code.n },
	};

	arena_doing(&j->arena, "checking the program", NULL);
	prove_budget(&check);
	return prove_check(&check, &j->tmp, found);
}

/* Note the text, or its beginning, on one line. */
static void tell_text(struct job *j)
{
	const struct source *src = &j->diags.sources.v[0];
	uint32_t n = src->len < LONGEST ? (uint32_t)src->len : LONGEST;
	struct buf text = { .arena = &j->arena };

	for (uint32_t i = 0; i < n; i++)
		buf_putc(&text, src->text[i] == '\n' ? ' ' : src->text[i]);
	diag_plain(&j->diags, DIAG_NOTE, "the text%s: %s",
	           n < src->len ? " begins" : "", buf_str(&text));
}

int api_check(struct job *j, const struct ir_node *meant, enum weir_level made)
{
	static const enum weir_level others[] = { WEIR_O3, WEIR_O1, WEIR_O0 };
	struct prove_found first, found;

	if (is_right(j, meant, &first))
		return 0;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (others[i] == made || !api_emit(j, meant, others[i]) ||
		    !is_right(j, meant, &found))
			continue;
		diag_plain_warning(&j->diags, DIAG_W_UNCHECKED,
		                   "the program made at %s is wrong, and that of %s is used "
		                   "instead; please report this with your options and these notes",
		                   names[made], names[others[i]]);
		tell_difference(j, made, &first);
		tell_text(j);
		return 0;
	}
	diag_plain(&j->diags, DIAG_ERROR,
	           E_WRONG "the programs made at all levels are wrong, so none is used; please "
	                   "report this with your options and these notes");
	tell_difference(j, made, &first);
	tell_text(j);
	return -EBADMSG;
}
