/*
 * The texts of the policies that come with weir, built in, so that a name works
 * without an installation.
 */
#include "config.h"

#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

/* Rows of { name, text }. */
static const struct shipped {
	const char *name, *text;
} shipped[] = {
#include "cli/shipped_texts.h"
};

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
