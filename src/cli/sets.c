/* Sets on the command line: --set NAME=FILE, and how large open ones are. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

enum {
	MOST = 1 << 24, /* items of a set */
};

/* Put "NAME=FILE" into OUT; false after a message. */
static bool read_given(const char *text, struct weir_set_given *out)
{
	const char *equals = strchr(text, '=');
	char *name;

	if (*text == '@')
		text++;
	if (!equals || equals <= text || !equals[1]) {
		cli_error("--set takes NAME=FILE, not '%s'", text);
		return false;
	}
	name = strndup(text, (size_t)(equals - text));
	if (!name) {
		cli_error("out of memory");
		return false;
	}
	if (strcmp(equals + 1, "-") == 0) {
		cli_error("--set %s reads a file, not standard input", text);
		free(name);
		return false;
	}
	*out = (struct weir_set_given){ .name = name, .file = equals + 1 };
	return true;
}

bool sets_given(struct cli *c, struct weir_expression_options *p)
{
	struct options *o = &c->o;

	if (o->capacity > MOST) {
		cli_error("--capacity takes at most %d items", MOST);
		return false;
	}
	p->capacity = (uint32_t)o->capacity;
	sets_free(c);
	o->given_sets = calloc(o->sets.n + 1, sizeof *o->given_sets);
	if (!o->given_sets) {
		cli_error("out of memory");
		return false;
	}
	for (; o->ngiven_sets < o->sets.n; o->ngiven_sets++)
		if (!read_given(o->sets.v[o->ngiven_sets], &o->given_sets[o->ngiven_sets]))
			return false;
	p->sets = o->given_sets;
	p->nsets = o->ngiven_sets;
	return true;
}

void sets_free(struct cli *c)
{
	for (size_t i = 0; i < c->o.ngiven_sets; i++)
		free((char *)c->o.given_sets[i].name);
	free(c->o.given_sets);
	c->o.given_sets = NULL;
	c->o.ngiven_sets = 0;
}
