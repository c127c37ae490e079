/*
 * Which numbers a policy's program meets, so that it decides them sooner: calls
 * that are decided by their arguments, which programs mean to make, before those
 * that are refused. Linux answers from its action cache what is allowed whatever
 * the arguments, so such calls hardly count.
 */
#include <linux/seccomp.h>

#include "rules/rules.h"

/* How often a call is met, without counts. */
enum {
	CONDITIONAL = 10000,
	REFUSED = 20,
	CACHED = 2
};
/* How much likelier calls of the first ABI are than those of the others. */
enum {
	FIRST_ABI = 10
};
/* Counted: that a call runs the program counts more than that it is made. */
enum {
	RUNS = 2000
};

struct weigher {
	struct ir_graph *g;
	const struct rules_tree *tree;
	const struct rules_profile *profile; /* or NULL */
	uint64_t hardly;                     /* a call that runs the program and was not counted */
};

static bool is_cached(const struct ir_node *to)
{
	return to->kind == IR_RET && to->lhs->imm == SECCOMP_RET_ALLOW;
}

/* Return how often call NR of ABI, which leads to TO, is met. */
static uint64_t weight_of(const struct weigher *w, const struct sys_abi *abi,
                          uint32_t nr, const struct ir_node *to)
{
	uint64_t less = abi == w->tree->abi[0] ? 1 : FIRST_ABI, count;

	if (!w->profile)
		return (to->kind != IR_RET ? CONDITIONAL
		        : is_cached(to)    ? CACHED
		                           : REFUSED) /
		       less;
	count = rules_count(w->profile, abi, nr) / less;
	if (is_cached(to))
		return count;
	return count ? count * RUNS : w->hardly / less;
}

typedef ARRAY(struct ir_weight) weights_t;

/* Weigh the calls of ABI that SET decides. */
static void add_calls(struct weigher *w, const struct sys_abi *abi,
                      const struct ir_node *set, weights_t *out)
{
	struct sys_call call;

	for (uint32_t i = 0; sys_call_at(abi, i, &call); i++) {
		struct ir_weight one = { call.nr, weight_of(w, abi, call.nr,
			                                    ir_set_target(set, call.nr)) };

		if (!out->n || out->v[out->n - 1].number < call.nr)
			array_push(w->g->arena, out, one);
	}
}

static void weigh(struct weigher *w, const struct ir_node *n, weights_t *list)
{
	struct ir_weights *all = arena_new(w->g->arena, struct ir_weights);

	*all = (struct ir_weights){ n->lhs, list->v, list->n };
	ir_weigh(w->g, n, all);
}

/* Weigh SET, which decides the numbers of architecture ARCH. */
static void weigh_calls(struct weigher *w, const struct ir_node *set, uint32_t arch)
{
	const struct rules_tree *t = w->tree;
	weights_t calls = { 0 };

	/* x32's numbers are above those of x86_64. */
	for (uint32_t k = 0; k < 2 * t->nabi; k++) {
		const struct sys_abi *abi = t->abi[k % t->nabi];
		bool marked = abi->nr_bit;

		if (abi->arch == arch && marked == (k >= t->nabi))
			add_calls(w, abi, set, &calls);
	}
	weigh(w, set, &calls);
}

static void sum_up(struct weigher *w)
{
	uint64_t all = 0;

	array_each(c, &w->profile->count)
		if (c->abi == w->tree->abi[0]->id)
			all += c->count;
	w->hardly = all / 1000 + 1;
}

/* --- arguments -------------------------------------------------------------- */

/* Where the arguments begin in struct seccomp_data, and what they often are. */
enum {
	ARGS_AT = 16,
	SMALL = 4
};

/* Weigh small numbers higher in arguments: most are flags, sizes and kinds. */
static void weigh_arguments(struct weigher *w)
{
	struct ir_order order = ir_postorder(w->g->arena, w->g, w->g->root);
	struct ir_weight *v = arena_array(w->g->arena, struct ir_weight, SMALL);

	for (uint32_t i = 0; i < SMALL; i++)
		v[i] = (struct ir_weight){ i, CONDITIONAL };
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];
		const struct ir_value *low = ir_word(n->lhs, ir_words(n->lhs) - 1);
		struct ir_weights *all;

		if (n->kind != IR_SET || low->op != IR_LOAD || low->imm < ARGS_AT)
			continue;
		all = arena_new(w->g->arena, struct ir_weights);
		*all = (struct ir_weights){ low, v, SMALL };
		ir_weigh(w->g, n, all);
	}
}

void rules_weigh(struct ir_graph *g, const struct rules_tree *t,
                 const struct rules_profile *profile)
{
	struct weigher w = { .g = g, .tree = t, .profile = profile };
	const struct ir_node *root = g->root;
	weights_t archs = { 0 };

	if (root->kind != IR_SET)
		return;
	if (profile)
		sum_up(&w);
	for (uint32_t i = 0; i < root->n; i++) {
		uint32_t arch = root->set[i].lo[0];
		struct ir_weight one = { arch, 1 };

		if (arch == t->abi[0]->arch)
			one.weight = FIRST_ABI;
		array_push(g->arena, &archs, one);
		if (root->set[i].to->kind == IR_SET)
			weigh_calls(&w, root->set[i].to, arch);
	}
	weigh(&w, root, &archs);
	weigh_arguments(&w);
}
