/*
 * weir with wrong programs: of those that gen_program makes to be written, the first
 * WEIR_PLANT have the sides of their first test swapped. The linker puts this before
 * the real one, so that what weir says of its own mistakes can be seen.
 */
#include <stdlib.h>

#include "gen/gen.h"

bool __real_gen_program(struct ir_graph *g, const struct gen_options *options,
                        struct arena *tmp, struct gen_code *out);
bool __wrap_gen_program(struct ir_graph *g, const struct gen_options *options,
                        struct arena *tmp, struct gen_code *out);

static void swap_sides(struct gen_code *code)
{
	for (uint32_t i = 0; i < code->n; i++) {
		struct sock_filter *f = &code->insns[i];
		uint8_t jt = f->jt;

		if (BPF_CLASS(f->code) != BPF_JMP || f->jt == f->jf)
			continue;
		f->jt = f->jf;
		f->jf = jt;
		return;
	}
}

bool __wrap_gen_program(struct ir_graph *g, const struct gen_options *options,
                        struct arena *tmp, struct gen_code *out)
{
	static int planted;
	const char *wanted = getenv("WEIR_PLANT");

	if (!__real_gen_program(g, options, tmp, out))
		return false;
	/* What the optimizer tries has room without end. */
	if (options->room && wanted && planted < atoi(wanted)) {
		planted++;
		swap_sides(out);
	}
	return true;
}
