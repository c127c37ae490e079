/* The public library: programs and policies as text. */
#include <errno.h>

#include "api.h"
#include "rules/terms.h"

/* --- programs --------------------------------------------------------------------- */

/* A job that prints PROGRAM or POLICY. */
struct printing {
	struct job job;                /* first */
	struct weir_show_options show; /* PROGRAM */
	const struct api_format *format;
	const struct weir_program *program;
	struct weir_policy *policy;
	struct rules_options options; /* of POLICY */
	char **text;
	size_t *len;
};

static int print_program(struct job *j)
{
	const struct printing *x = (struct printing *)j;
	struct buf out = { .arena = &j->arena };

	if (!x->format->put_program(&out, x->format->name, x->program, &x->show))
		return -EINVAL;
	return api_hand_text(&out, x->text, x->len);
}

int weir_program_show(const struct weir_program *p, const char *format,
                      const struct weir_show_options *o, char **text, size_t *len)
{
	struct printing x = {
		.job = { .body = print_program },
		.format = api_format_named(WEIR_PROGRAM_FORMAT, format),
		.program = p,
		.text = text,
		.len = len,
	};

	int err = api_take(&x.show, sizeof x.show, o);

	*text = NULL;
	*len = 0;
	if (err)
		return err;
	return x.format ? api_run(&x.job) : -EINVAL;
}

int weir_program_print(const struct weir_program *p, const char *format, char **text,
                       size_t *len)
{
	return weir_program_show(p, format, NULL, text, len);
}

/* --- words ------------------------------------------------------------------------ */

/* A job that puts a program into words. */
struct wording {
	struct job job; /* first */
	const struct weir_program *program;
	struct weir_show_options show;
	weir_words_fn *words;
	void *ctx;
};

static int word_program(struct job *j)
{
	const struct wording *x = (struct wording *)j;
	struct cbpf_program code = api_code(x->program);
	const char *const *word =
		api_words(&j->arena, &code, api_linktype_of(x->program, &x->show));

	for (uint32_t i = 0; i < code.n; i++)
		if (word[i])
			x->words(x->ctx, i, word[i]);
	return 0;
}

int weir_program_words(const struct weir_program *p, const struct weir_show_options *o,
                       weir_words_fn *words, void *ctx)
{
	struct wording x = {
		.job = { .body = word_program },
		.program = p,
		.words = words,
		.ctx = ctx,
	};
	int err = api_take(&x.show, sizeof x.show, o);

	return err ? err : api_run(&x.job);
}

/* --- policies --------------------------------------------------------------------- */

static int print_policy(struct job *j)
{
	const struct printing *x = (struct printing *)j;
	struct buf out = { .arena = &j->arena };
	int err;

	if (!api_is_exact(j, x->policy))
		return -EINVAL;
	err = x->format->put_policy(j, x->policy, &x->options, &out);
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
