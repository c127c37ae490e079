/*
 * The policies that come with weir, built in: their texts, so that a name works
 * without an installation, and what they compile to on this machine, so that
 * `weir run curl -- ...` need not do it each time. A program is only handed out for
 * the very texts that it was made of; who changes an installed policy has it
 * compiled.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

/* Rows of { name, text }. */
static const struct shipped {
	const char *name, *text;
} shipped[] = {
#include "cli/shipped_texts.h"
};

/* Row TEXT as a program, and the bits of the rows that it includes. */
struct precompiled {
	uint32_t text;
	uint64_t includes;
	const struct sock_filter *insns;
	size_t n;
};

/* Arrays of instructions, and the rows PRECOMPILED; nothing in a cross build. */
#include "cli/shipped_programs.h"

_Static_assert(ARRAY_LEN(shipped) <= 64, "struct precompiled has a bit for each");

const char *shipped_name(unsigned i)
{
	return i < ARRAY_LEN(shipped) ? shipped[i].name : NULL;
}

const char *shipped_text(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(shipped); i++)
		if (strcmp(shipped[i].name, name) == 0)
			return shipped[i].text;
	return NULL;
}

static bool is_text(uint32_t row, const char *text, size_t len)
{
	return strlen(shipped[row].text) == len && !memcmp(shipped[row].text, text, len);
}

/* What the name of row ROW leads to now is the text that is built in. */
static bool is_unchanged(uint32_t row)
{
	char *text, *path;
	size_t len;
	bool same;

	if (input_installed(shipped[row].name, &text, &len, &path) != 0)
		return false;
	same = is_text(row, text, len);
	free(text);
	free(path);
	return same;
}

static bool are_unchanged(uint64_t rows)
{
	for (uint32_t i = 0; i < ARRAY_LEN(shipped); i++)
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
