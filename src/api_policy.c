/* The public library, syscall policies: joins the frontend to the pipeline. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "oci/oci.h"
#include "policy/policy.h"
#include "rules/ask.h"

/* --- reading ------------------------------------------------------------------ */

/* Copy what the caller's options say into P's own, in the arena of J. */
static int keep_options(struct job *j, struct rules_options *p,
                        const struct weir_policy_options *o)
{
	struct rules_define *define =
		arena_array(&j->arena, struct rules_define, o->ndefine);
	struct weir_container_options c;
	const char **cap;
	int err = api_take(&c, sizeof c, o->container);

	if (err)
		return err;
	for (size_t i = 0; i < o->ndefine; i++)
		/* What has the top bit was a number below zero, or a mask. */
		define[i] = (struct rules_define){
			api_copy_text(&j->arena, o->define[i].name),
			{ o->define[i].value, o->define[i].value >> 63 }
		};
	cap = arena_array(&j->arena, const char *, c.ncap);
	for (size_t i = 0; i < c.ncap; i++)
		cap[i] = api_copy_text(&j->arena, c.cap[i]);
	*p = (struct rules_options){
		.abis = api_copy_text(&j->arena, o->abis),
		.define = define,
		.ndefine = o->ndefine,
		.from = api_copy_text(&j->arena, o->form),
		.runtime = api_copy_text(&j->arena, c.runtime),
		.kernel = api_copy_text(&j->arena, c.kernel),
		.cap = cap,
		.ncap = c.ncap,
		.typed = c.typed,
	};
	return 0;
}

/* A job that reads a policy. */
struct reading {
	struct job job; /* first */
	const struct weir_policy_options *options;
	const struct weir_policy *before; /* what P was, if it is read again */
};

/* Open a file that the policy had before, else ask the caller. */
static int open_known(void *ctx, const char *name, const char *from, const char **text,
                      size_t *len)
{
	const struct reading *r = ctx;
	struct job *j = ctx;
	const struct diags *d = r->before ? &r->before->noun.diags : NULL;

	for (uint32_t i = 1; d && i < d->sources.n; i++) {
		const struct source *src = &d->sources.v[i];

		if (strcmp(src->name, name) != 0)
			continue;
		*text = arena_strndup(&j->arena, src->text, src->len);
		*len = src->len;
		return 0;
	}
	if (!j->noun->read.open_file)
		return -ENOENT;
	return api_open_file(j, name, from, text, len);
}

static int read_policy(struct job *j)
{
	const struct reading *r = (struct reading *)j;
	struct weir_policy *p = (struct weir_policy *)j->noun;
	struct rules_options *o = arena_new(&j->arena, struct rules_options);
	const char *name = p->noun.read.name ? p->noun.read.name : "policy";
	const char *text = arena_strndup(&j->arena, j->text, j->len);
	uint32_t source = diag_source(&j->diags, api_copy_text(&j->arena, name), text,
	                              j->len);
	int err = keep_options(j, o, r->options);

	if (err)
		return err;
	if (o->runtime && !oci_runtime(&j->diags, o->runtime))
		return -EINVAL;
	p->noun.read.name = j->diags.sources.v[source].name;
	p->options = o;
	p->lint = r->options->lint;
	o->verbose = p->noun.read.verbose;
	o->open_file = p->noun.read.open_file || r->before ? open_known : NULL;
	o->open_ctx = j;
	arena_doing(&j->arena, "reading the policy", NULL);
	p->tree = api_policy_read(&j->arena, &j->diags, source, o);
	if (!p->tree)
		return -EINVAL;
	p->form = api_policy_form_of(&j->diags.sources.v[source], o->from);
	arena_doing(&j->arena, "looking for rules that say nothing", NULL);
	rules_lint(&j->tmp, &j->diags, p->tree, policy_question);
	p->refuses = rules_refuses(&j->tmp, p->tree);
	if (!p->refuses && !r->before) /* what is added to may come to refuse */
		rules_warn_of_no_refusal(&j->diags, p->tree);
	return p->lint && j->diags.warnings ? -EINVAL : 0;
}

int weir_policy_read(struct weir_policy **out, const char *text, size_t len,
                     const struct weir_policy_options *options)
{
	struct weir_policy_options o;
	struct reading r = { .job = { .text = text, .len = len }, .options = &o };
	struct weir_policy *p;
	int err = api_take(&o, sizeof o, options);

	*out = NULL;
	if (err)
		return err;
	p = calloc(1, sizeof *p);
	if (!p)
		return -ENOMEM;
	err = api_read(&r.job, &p->noun, o.read, read_policy);
	if (!err)
		*out = p;
	return err;
}

int api_policy_again(struct weir_policy *p, const char *text, size_t len)
{
	const struct rules_options *was = p->options;
	struct weir_define *define = calloc(was->ndefine + 1, sizeof *define);
	struct weir_container_options container = {
		.size = sizeof container,
		.runtime = was->runtime,
		.kernel = was->kernel,
		.cap = was->cap,
		.ncap = was->ncap,
		.typed = was->typed,
	};
	struct weir_policy_options o = {
		.size = sizeof o,
		.abis = was->abis,
		.define = define,
		.ndefine = was->ndefine,
		.form = p->form,
		.lint = p->lint,
		.container = &container,
	};
	struct reading r = {
		.job = { .text = text, .len = len },
		.options = &o,
		.before = p,
	};
	struct weir_policy *next = calloc(1, sizeof *next), old = *p;
	int err = -ENOMEM;

	if (define && next) {
		for (size_t i = 0; i < was->ndefine; i++)
			define[i] = (struct weir_define){ was->define[i].name,
				                          was->define[i].value.bits };
		err = api_read(&r.job, &next->noun, &old.noun.read, read_policy);
	} else {
		free(next);
	}
	free(define);
	if (err)
		return err;
	*p = *next;
	p->made = true;
	free(next);
	arena_free(&old.noun.arena);
	return 0;
}

void weir_policy_free(struct weir_policy *p)
{
	if (p)
		api_noun_free(&p->noun);
}

/* --- what it is --------------------------------------------------------------- */

const char *weir_policy_form_of(const struct weir_policy *p)
{
	return p->form;
}

bool weir_policy_refuses(const struct weir_policy *p)
{
	return p->refuses;
}

int weir_policy_source(const struct weir_policy *p, unsigned i, struct weir_source *out)
{
	return api_source(&p->noun, i, out);
}

/* --- compiling ---------------------------------------------------------------- */

/* Read what the options say of how often calls are made; false after an error. */
static bool read_profile(struct job *j, const struct rules_tree *tree,
                         const struct rules_profile **out)
{
	const struct weir_compile_options *o = &j->compile;
	uint32_t source;

	*out = NULL;
	if (!o->profile)
		return true;
	source = diag_source(&j->diags, o->profile_name ? o->profile_name : "profile",
	                     o->profile, o->profile_len);
	*out = rules_profile(&j->arena, &j->diags, source, tree);
	return *out;
}

/* A job that compiles a policy. */
struct compiling {
	struct job job; /* first */
	const struct weir_policy *policy;
};

static int compile(struct job *j)
{
	const struct rules_tree *tree = j->frontend;
	const struct rules_profile *profile;

	if (!api_is_exact(j, ((struct compiling *)j)->policy))
		return -EINVAL;
	if (!read_profile(j, tree, &profile))
		return -EINVAL;
	j->graph = ir_graph(&j->arena, rules_input(tree));
	arena_doing(&j->arena, "the graph of the policy", NULL);
	j->graph->root = rules_graph(j->graph, tree);
	rules_weigh(j->graph, tree, profile);
	return api_finish(j);
}

int weir_policy_compile(struct weir_program **out, struct weir_policy *p,
                        const struct weir_compile_options *o)
{
	struct compiling c = {
		.job = { .body = compile, .frontend = p->tree },
		.policy = p,
	};
	int err;

	*out = NULL;
	api_ask(&c.job, &p->noun);
	err = api_compile_options(&c.job, WEIR_SECCOMP, o);
	return err ? err : api_give(&c.job, api_run(&c.job), out);
}
