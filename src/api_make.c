/*
 * The public library, policies that are made: a statement or another policy's rules
 * go to the end of the text, and that is read again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "policy/policy.h"

/* A job that makes P's next text. */
struct making {
	struct job job; /* first */
	struct weir_policy *policy;
	const struct weir_policy *from;
	const char *statement, *evidence;
	char *text;
	size_t len;
};

/* Begin the text with the one that P has, ended by a newline. */
static struct buf old_text(struct job *j, const struct weir_policy *p)
{
	const struct source *src = &p->noun.diags.sources.v[0];
	struct buf out = { .arena = &j->arena };

	buf_write(&out, src->text, src->len);
	if (src->len && src->text[src->len - 1] != '\n')
		buf_putc(&out, '\n');
	return out;
}

/* Write EVIDENCE, a line or more, as comments. */
static void put_evidence(struct buf *out, const char *evidence)
{
	while (evidence && *evidence) {
		size_t len = strcspn(evidence, "\n");

		buf_puts(out, "# ");
		buf_write(out, evidence, len);
		buf_putc(out, '\n');
		evidence += len + (evidence[len] == '\n');
	}
}

static int add(struct job *j)
{
	struct making *m = (struct making *)j;
	struct buf out = old_text(j, m->policy);

	put_evidence(&out, m->evidence);
	buf_puts(&out, m->statement);
	buf_putc(&out, '\n');
	return api_hand_text(&out, &m->text, &m->len);
}

/* Make M's next text by BODY and read it. */
static int make(struct making *m, int (*body)(struct job *j))
{
	int err;

	if (!m->policy->tree->syntax || m->policy->inexact || (m->from && !m->from->tree->syntax))
		return -ENOTSUP;
	m->job.body = body;
	api_ask(&m->job, &m->policy->noun);
	err = api_run(&m->job);
	if (!err)
		err = api_policy_again(m->policy, m->text, m->len);
	free(m->text);
	return err;
}

int weir_policy_new(struct weir_policy **out, const char *settings,
                    const struct weir_policy_options *o)
{
	int err = weir_policy_read(out, settings, strlen(settings), o);

	if (!err)
		(*out)->made = true;
	return err;
}

int weir_policy_add(struct weir_policy *p, const char *statement, const char *evidence)
{
	struct making m = {
		.policy = p,
		.statement = statement,
		.evidence = evidence,
	};

	return make(&m, add);
}

/* --- merging -------------------------------------------------------------------- */

/*
 * Return the setting that differs between A and B, in the language's word; NULL
 * if none does.
 */
static const char *different_setting(const struct rules_tree *a,
                                     const struct rules_tree *b)
{
	if (a->nabi != b->nabi)
		return "abi";
	for (uint32_t i = 0; i < a->nabi; i++) {
		const struct sys_abi *abi = a->abi[i];
		uint32_t k = 0;

		while (k < b->nabi && b->abi[k] != abi)
			k++;
		if (k == b->nabi)
			return "abi";
		if (a->fallback_ret[abi->id] != b->fallback_ret[abi->id])
			return "default";
	}
	if (a->foreign_ret != b->foreign_ret)
		return "foreign";
	if (a->x32_marked != b->x32_marked || a->x32_above != b->x32_above)
		return "x32";
	if (a->has_kernel != b->has_kernel || (a->has_kernel && a->kernel != b->kernel))
		return "kernel";
	return NULL;
}

static bool has_text(const struct policy_texts *all, const char *text)
{
	array_each(it, &all->v)
		if (!strcmp(*it, text))
			return true;
	return false;
}

static int merge(struct job *j)
{
	struct making *m = (struct making *)j;
	const struct weir_policy *p = m->policy, *from = m->from;
	const char *setting = different_setting(p->tree, from->tree);
	struct policy_texts ours, theirs;
	struct buf out = old_text(j, p);

	if (setting) {
		diag_plain(&j->diags, DIAG_ERROR,
		           "'%s' and '%s' have different '%s' settings",
		           p->noun.read.name, from->noun.read.name, setting);
		return -EINVAL;
	}
	ours = policy_statements(&j->arena, p->tree, p->options);
	theirs = policy_statements(&j->arena, from->tree, from->options);
	array_each(it, &theirs.v)
		if (!has_text(&ours, *it))
			buf_puts(&out, *it);
	return api_hand_text(&out, &m->text, &m->len);
}

int weir_policy_merge(struct weir_policy *p, const struct weir_policy *from)
{
	struct making m = { .policy = p, .from = from };

	return make(&m, merge);
}
