/*
 * What the policies that come with weir compile to on this machine, so that
 * `weir run curl -- ...` need not compile each time. A program is handed out only for
 * the very texts that it was made of: a policy that was changed is compiled.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

/* Row TEXT as a program, and the bits of the rows that it includes. */
struct precompiled {
	uint32_t text;
	uint64_t includes;
	const struct sock_filter *insns;
	size_t n;
};

/* Arrays of instructions, and the rows PRECOMPILED; nothing in a cross build. */
#include "cli/shipped_programs.h"

static bool is_text(uint32_t row, const char *text, size_t len)
{
	const char *built_in = shipped_text(shipped_name(row));

	return strlen(built_in) == len && !memcmp(built_in, text, len);
}

/* Tell whether the name of row ROW still leads to the text that is built in. */
static bool is_unchanged(uint32_t row)
{
	char *text, *path;
	size_t len;
	bool same;

	if (input_installed(shipped_name(row), &text, &len, &path) != 0)
		return false;
	same = is_text(row, text, len);
	free(text);
	free(path);
	return same;
}

static bool are_unchanged(uint64_t rows)
{
	for (uint32_t i = 0; i < 64; i++)
		if (rows & UINT64_C(1) << i && !is_unchanged(i))
			return false;
	return true;
}

int shipped_program(const char *text, size_t len, struct weir_program **program)
{
	for (size_t i = 0; i < ARRAY_LEN(precompiled); i++) {
		const struct precompiled *p = &precompiled[i];

		if (p->n && is_text(p->text, text, len) && are_unchanged(p->includes))
			return weir_program_new(program, WEIR_SECCOMP, p->insns, p->n);
	}
	return -ENOENT;
}
