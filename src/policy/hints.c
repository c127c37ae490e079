/* What people mean who write what other tools have: tables/hints.def. */
#include <string.h>
#include <strings.h>

#include "policy/policy.h"

static const struct {
	enum policy_hint kind;
	const char *word, *meant;
} hints[] = {
#define HINT(kind, word, meant) {POLICY_HINT_##kind, word, meant},
#include "policy/tables/hints.def"
};

const char *policy_hint(enum policy_hint kind, const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(hints); i++)
		if (hints[i].kind == kind && strlen(hints[i].word) == len &&
		    !strncasecmp(hints[i].word, word, len))
			return hints[i].meant;
	return NULL;
}
