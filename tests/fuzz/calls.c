/*
 * Calls that are worth a try: at and around the constants that a policy compares
 * with, asked of its tree, its graph and its program.
 */
#include "calls.h"

#include <linux/seccomp.h>
#include <stdlib.h>

#include "back.h"
#include "rules/ask.h"

enum {
	MOST_CASES = 64,
	MOST_CALLS = 12
};

void fuzz_must(bool holds)
{
	if (!holds)
		abort();
}

static void add_value(struct fuzz_values *to, uint64_t v)
{
	to->v[to->n++ % FUZZ_VALUES] = v;
}

static void collect_one(const struct rules_cond *c, struct fuzz_values *to)
{
	if (c->kind == RULES_COND_TEST) {
		add_value(to, c->rhs.bits);
		add_value(to, c->lhs.mask);
	} else if (c->kind == RULES_COND_IN) {
		for (uint32_t i = 0; i < c->n && i < FUZZ_VALUES; i++) {
			add_value(to, c->range[i].lo);
			add_value(to, c->range[i].hi);
		}
	}
}

void fuzz_collect(const struct rules_cond *root, struct fuzz_values *to)
{
	unsigned n = 0;

	for (const struct rules_cond *c = root; c && n < 1000;
	     c = rules_cond_next(root, c), n++)
		collect_one(c, to);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static uint64_t pick(const struct fuzz_values *from, uint32_t *state)
{
	unsigned n = from->n < FUZZ_VALUES ? from->n : FUZZ_VALUES;
	uint64_t v = n ? from->v[next_random(state) % n] : 0;

	switch (next_random(state) % 7) {
	case 0:
		return v + 1;
	case 1:
		return v - 1;
	case 2:
		return ~v;
	case 3:
		return v ^ (uint64_t)next_random(state) << 32;
	case 4:
		return v | (n ? from->v[next_random(state) % n] : 0);
	default:
		return v;
	}
}

void fuzz_pick(const struct fuzz_values *from, uint32_t *state, uint64_t *args)
{
	for (unsigned k = 0; k < SYS_ARGS; k++)
		args[k] = pick(from, state);
}

/* Who is asked: a graph, and once there is one, its program. */
struct party {
	struct ir_graph *graph;
	const struct gen_code *code; /* or NULL */
};

static void try_call(const struct rules_tree *t, const struct party *g,
                     struct arena *tmp, uint32_t arch, uint32_t nr,
                     const uint64_t *args)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };
	struct ir_data in = { .bytes = (const uint8_t *)&data,
		              .captured = sizeof data,
		              .wire = sizeof data };
	uint32_t result;

	for (int i = 0; i < SYS_ARGS; i++)
		data.args[i] = args[i];
	if (g->code)
		result = cbpf_run_seccomp(g->code->insns, &data);
	else
		fuzz_must(ir_eval(g->graph, &in, tmp, &result) == IR_END_RET);
	fuzz_must(result == rules_eval(t, arch, nr, args));
}

static void try_case(const struct rules_tree *t, const struct party *g,
                     struct arena *tmp, const struct rules_case *c,
                     uint32_t *state)
{
	struct fuzz_values values = { 0 };
	uint64_t args[SYS_ARGS];

	fuzz_collect(c->cond, &values);
	for (unsigned i = 0; i < MOST_CALLS; i++) {
		fuzz_pick(&values, state, args);
		try_call(t, g, tmp, c->abi->arch, c->nr, args);
	}
	for (uint32_t nr = c->nr - 1; nr != c->nr + 2; nr++)
		try_call(t, g, tmp, c->abi->arch, nr, args);
	try_call(t, g, tmp, c->abi->arch, c->nr ^ 0x40000000, args);
}

void fuzz_calls(const struct rules_tree *t, struct ir_graph *graph,
                const struct gen_code *code, struct arena *tmp)
{
	const struct party party = { graph, code }, *g = &party;
	static const uint32_t numbers[] = {
		0, 511, 512, 547, 548,
		0x3fffffff, 0x40000000, 0x80000000, 0xfffffffe, 0xffffffff
	};
	uint64_t none[SYS_ARGS] = { 0 };
	uint32_t state = 1, cases = 0;

	for (unsigned a = 0; a < SYS_NABIS; a++)
		for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
			try_call(t, g, tmp, sys_abis[a].arch, numbers[i],
			         none);
	for (uint32_t i = 0; i < t->nrule; i++)
		for (uint32_t k = 0; k < t->rule[i].n && cases < MOST_CASES;
		     k++, cases++)
			try_case(t, g, tmp, &t->rule[i].cases[k], &state);
}

void fuzz_answers(const struct rules_tree *t, const struct diags *d,
                  struct arena *a)
{
	struct rules_asker *asker = rules_asker(a, t);
	uint32_t cases = 0;

	for (uint32_t i = 0; i < t->nrule; i++)
		for (uint32_t k = 0; k < t->rule[i].n && cases < MOST_CASES;
		     k++, cases++) {
			const struct rules_case *c = &t->rule[i].cases[k];
			struct rules_answers all = rules_ask(asker, c);
			struct buf text = { .arena = a };

			rules_put_condition(&text, d, c, true);
			rules_put_condition(&text, d, c, false);
			array_each(it, &all.v)
				if (it->exact)
					fuzz_must(rules_eval(t, c->abi->arch, c->nr,
					                     it->args) == it->ret);
		}
}

void fuzz_tree(const struct rules_tree *t, struct diags *d, struct arena *a,
               uint32_t hash)
{
	struct ir_graph *g = ir_graph(a, rules_input(t));
	struct gen_code code;

	rules_lint(a, d, t, policy_question);
	rules_graph(g, t);
	fuzz_must(!ir_verify(g, a));
	fuzz_answers(t, d, a);
	fuzz_calls(t, g, NULL, a);
	if (fuzz_back(g, a, hash, CBPF_SECCOMP, &code))
		fuzz_calls(t, g, &code, a);
}
