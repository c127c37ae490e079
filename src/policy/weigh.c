/*
 * Which numbers a policy's program meets, so that it decides them sooner: calls
 * that are decided by their arguments, which somebody means to make, before those
 * that are refused. Linux answers from its action cache what is allowed whatever
 * the arguments, so such calls hardly count.
 */
#include <linux/seccomp.h>

#include "policy/policy.h"

/* How often a call is met, if nobody has counted. */
enum { CONDITIONAL = 10000, REFUSED = 100, CACHED = 10 };
/* How much likelier calls of the first ABI are than those of the others. */
enum { FIRST_ABI = 10 };

/* Where SET leads for NUMBER. */
static const struct ir_node *look_up(const struct ir_node *set, uint32_t number)
{
	uint32_t from = 0, to = set->n;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (number > set->set[mid].hi[0])
			from = mid + 1;
		else
			to = mid;
	}
	if (from == set->n || number < set->set[from].lo[0])
		return set->no;
	return set->set[from].to;
}

static uint64_t weight_of(const struct ir_node *to)
{
	if (to->kind != IR_RET)
		return CONDITIONAL;
	return to->lhs->imm == SECCOMP_RET_ALLOW ? CACHED : REFUSED;
}

typedef ARRAY(struct ir_weight) weights_t;

/* The calls of ABI that SET decides, each LESS times less likely. */
static void add_calls(struct ir_graph *g, const struct policy_abi *abi,
                      const struct ir_node *set, uint64_t less, weights_t *out)
{
	struct policy_call call;

	for (uint32_t i = 0; policy_call_at(abi, i, &call); i++) {
		struct ir_weight w = { call.nr,
			               weight_of(look_up(set, call.nr)) / less };

		if (!out->n || out->v[out->n - 1].number < call.nr)
			array_push(g->arena, out, w);
	}
}

static void weigh(struct ir_graph *g, const struct ir_node *n, weights_t *list)
{
	struct ir_weights *w = arena_new(g->arena, struct ir_weights);

	*w = (struct ir_weights){ n->lhs, list->v, list->n };
	ir_weigh(g, n, w);
}

void policy_weigh(struct ir_graph *g, const struct policy_tree *t)
{
	const struct ir_node *arch = g->root;
	weights_t archs = { 0 };

	if (arch->kind != IR_SET)
		return;
	for (uint32_t i = 0; i < arch->n; i++) {
		const struct ir_node *set = arch->set[i].to;
		uint32_t number = arch->set[i].lo[0];
		struct ir_weight w = { number, 1 };
		weights_t calls = { 0 };

		if (t->abi[0]->arch == number)
			w.weight = FIRST_ABI;
		array_push(g->arena, &archs, w);
		if (set->kind != IR_SET)
			continue;
		/* x32's numbers are above those of x86_64. */
		for (uint32_t k = 0; k < 2 * t->nabi; k++) {
			const struct policy_abi *abi = t->abi[k % t->nabi];
			bool marked = abi->nr_bit;

			if (abi->arch == number && marked == (k >= t->nabi))
				add_calls(g, abi, set, marked ? FIRST_ABI : 1,
				          &calls);
		}
		weigh(g, set, &calls);
	}
	weigh(g, arch, &archs);
}
