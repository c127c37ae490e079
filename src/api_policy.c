/* The public library, syscall policies: joins the frontend to the pipeline. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "policy/oci.h"

/* The only ABI of the policy, or the one whose calls K can be among all of them. */
static const char *call_name(const struct policy_tree *t, uint32_t nr)
{
	struct policy_call call;

	for (uint32_t i = 0; i < t->nabi; i++)
		if ((t->nabi == 1 || t->abi[i]->nr_bit) &&
		    policy_call_by_nr(t->abi[i], nr, &call))
			return call.name;
	return NULL;
}

static const char *arch_name(const struct policy_tree *t, uint32_t arch)
{
	for (uint32_t i = 0; i < t->nabi; i++)
		if (t->abi[i]->arch == arch)
			return t->abi[i]->name;
	return NULL;
}

static const char *constant(const struct job *j, const struct ir_node *n)
{
	const struct ir_value *v = n->lhs;

	if (n->cmp != IR_EQ || v->op != IR_LOAD)
		return NULL;
	if (v->imm == offsetof(struct seccomp_data, nr))
		return call_name(j->frontend, n->rhs->imm);
	if (v->imm == offsetof(struct seccomp_data, arch))
		return arch_name(j->frontend, n->rhs->imm);
	return NULL;
}

static void result(const struct job *j, struct buf *out, uint32_t ret)
{
	policy_put_action(out, policy_abi_native(), ret);
}

static const struct api_names names = { constant, result };

/* The text of J as a tree, with what is odd about it said; NULL: it has errors. */
static const struct policy_tree *read_tree(struct job *j, struct policy_options *p)
{
	const struct weir_policy_options *o = j->options;
	struct policy_define *define =
		arena_array(&j->arena, struct policy_define, o->ndefine);
	uint32_t source = diag_source(&j->diags, o->name ? o->name : "policy",
	                              j->text, j->len);
	const struct policy_tree *tree;

	for (size_t i = 0; i < o->ndefine; i++)
		/* What has the top bit was a number below zero, or a mask. */
		define[i] = (struct policy_define){
			o->define[i].name,
			{ o->define[i].value, o->define[i].value >> 63 }
		};
	*p = (struct policy_options){
		.abis = o->abis,
		.define = define,
		.ndefine = o->ndefine,
		.open_file = j->common->open_file ? api_open_file : NULL,
		.open_ctx = j,
		.from = o->from,
		.verbose = j->common->verbose,
		.runtime = o->runtime,
		.kernel = o->kernel,
		.cap = o->cap,
		.ncap = o->ncap,
		.typed = o->typed,
	};
	tree = policy_read(&j->arena, &j->diags, source, p);
	if (!tree)
		return NULL;
	policy_lint(&j->tmp, &j->diags, tree);
	return o->lint && j->diags.warnings ? NULL : tree;
}

/* What the options say of how often calls are made; false after an error. */
static bool read_profile(struct job *j, const struct policy_tree *tree,
                         const struct policy_profile **out)
{
	const struct weir_policy_options *o = j->options;
	uint32_t source;

	*out = NULL;
	if (!o->profile)
		return true;
	source = diag_source(&j->diags, o->profile_name ? o->profile_name : "profile",
	                     o->profile, o->profile_len);
	*out = policy_profile(&j->arena, &j->diags, source, tree);
	return *out;
}

static int compile(struct job *j)
{
	const struct weir_policy_options *o = j->options;
	struct policy_options p;
	const struct policy_tree *tree = read_tree(j, &p);
	const struct policy_profile *profile;
	int err;

	if (!tree || !read_profile(j, tree, &profile))
		return -EINVAL;
	j->frontend = tree;
	j->names = &names;
	j->graph = ir_graph(&j->arena, policy_input(tree));
	j->graph->root = policy_graph(j->graph, tree);
	policy_weigh(j->graph, tree, profile);
	err = api_finish(j);
	return err || !o->answer ? err : api_answer(j, tree, o);
}

int weir_compile_policy(struct weir_program **out, const char *text, size_t len,
                        const struct weir_policy_options *o)
{
	static const struct weir_policy_options none = { .size = sizeof none };
	struct job j = { .body = compile, .text = text, .len = len };

	*out = NULL;
	if (len > INT32_MAX || (o && o->profile && o->profile_len > INT32_MAX))
		return -E2BIG;
	j.kind = WEIR_SECCOMP;
	j.options = o ? o : &none;
	api_listen(&j, o ? o->common : NULL);
	return api_give(&j, api_run(&j), out);
}

const char *weir_policy_form(unsigned i)
{
	return policy_form_name(i);
}

const char *weir_policy_looks_like(const char *text, size_t len)
{
	return policy_looks_like(text, len);
}

/* --- policies as text -------------------------------------------------------- */

struct translation {
	struct job job; /* first */
	char **text;
	size_t *len;
};

static int translate(struct job *j)
{
	struct translation *t = (struct translation *)j;
	const struct weir_policy_options *o = j->options;
	struct buf out = { .arena = &j->arena };
	struct policy_options p;
	const struct policy_tree *tree = read_tree(j, &p);
	char *text;

	if (!tree)
		return -EINVAL;
	if (o->to && !strcmp(o->to, "oci")) {
		if (!policy_write_oci(&j->arena, &j->diags, tree, &p, &out))
			return -EINVAL;
	} else if (!tree->syntax) {
		return -ENOTSUP;
	} else {
		policy_print(&out, tree, &p);
	}
	text = buf_str(&out);
	*t->text = malloc(out.len + 1);
	if (!*t->text)
		return -ENOMEM;
	memcpy(*t->text, text, out.len + 1);
	*t->len = out.len;
	return 0;
}

int weir_policy_print(const char *text, size_t len, const struct weir_policy_options *o,
                      char **out, size_t *out_len)
{
	static const struct weir_policy_options none = { .size = sizeof none };
	struct translation t = {
		.job = { .body = translate, .text = text, .len = len },
		.text = out,
		.len = out_len,
	};

	*out = NULL;
	*out_len = 0;
	if (len > INT32_MAX)
		return -E2BIG;
	t.job.options = o ? o : &none;
	api_listen(&t.job, o ? o->common : NULL);
	return api_run(&t.job);
}
