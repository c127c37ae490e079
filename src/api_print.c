/* The public library: programs and policies as text. */
#include <errno.h>

#include "api.h"
#include "rules/terms.h"

/* --- programs --------------------------------------------------------------------- */

/* A job that prints PROGRAM or POLICY. */
struct printing {
	struct job job; /* first */
	const struct api_format *format;
	const struct weir_program *program;
	const struct weir_policy *policy;
	struct rules_options options; /* of POLICY */
	char **text;
	size_t *len;
};

static int print_program(struct job *j)
{
	const struct printing *x = (struct printing *)j;
	struct buf out = { .arena = &j->arena };

	if (!x->format->put_program(&out, x->format->name, x->program))
		return -EINVAL;
	return api_hand_text(&out, x->text, x->len);
}

int weir_program_print(const struct weir_program *p, const char *format,
                       char **text, size_t *len)
{
	struct printing x = {
		.job = { .body = print_program },
		.format = api_format_named(WEIR_PROGRAM_FORMAT, format),
		.program = p,
		.text = text,
		.len = len,
	};

	*text = NULL;
	*len = 0;
	return x.format ? api_run(&x.job) : -EINVAL;
}

/* --- policies --------------------------------------------------------------------- */

static int print_policy(struct job *j)
{
	const struct printing *x = (struct printing *)j;
	struct buf out = { .arena = &j->arena };
	int err = x->format->put_policy(j, x->policy, &x->options, &out);

	return err ? err : api_hand_text(&out, x->text, x->len);
}

int weir_policy_print(struct weir_policy *p, const char *format,
                      const struct weir_container_options *container, char **out,
                      size_t *out_len)
{
	struct weir_container_options c;
	struct printing x = {
		.job = { .body = print_policy },
		.format = api_format_named(WEIR_POLICY_FORMAT, format ? format : "policy"),
		.policy = p,
		.options = *p->options,
		.text = out,
		.len = out_len,
	};
	int err = api_take(&c, sizeof c, container);

	*out = NULL;
	*out_len = 0;
	if (err)
		return err;
	if (!x.format || !x.format->put_policy)
		return -EINVAL;
	if (container) {
		x.options.runtime = c.runtime;
		x.options.kernel = c.kernel;
		x.options.cap = c.cap;
		x.options.ncap = c.ncap;
		x.options.typed = c.typed;
	}
	api_ask(&x.job, &p->noun);
	return api_run(&x.job);
}
