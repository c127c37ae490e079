/* Find what a word of another tool is called here: hints.def. */
#include <string.h>
#include <strings.h>

#include "rules/terms.h"

static const struct {
	enum rules_hint kind;
	const char *word, *meant;
} hints[] = {
#define HINT(kind, word, meant) { RULES_HINT_##kind, word, meant },
#include "rules/hints.def"
};

const char *rules_hint(enum rules_hint kind, const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(hints); i++)
		if (hints[i].kind == kind && strlen(hints[i].word) == len &&
		    !strncasecmp(hints[i].word, word, len))
			return hints[i].meant;
	return NULL;
}
