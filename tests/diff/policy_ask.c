/*
 * What policies answer to questions against the direct evaluator: a question
 * about everything has the answer that each call gets, and by the same rule;
 * each example gets the answer it is one of; a question that says all has one
 * answer. And what is warned of is so: a rule that no call reaches has no answer.
 */
#include "policy/policy.h"
#include "tests/diff/diff.h"
#include "tests/diff/policies.h"
#include "rules/ask.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CALLS = 60,
	MOST_RULES = 1000
};

struct run {
	uint64_t calls, answers, questions, unreached, lost;
	unsigned failures;
};

/* One policy under test. */
struct subject {
	struct run *run;
	struct arena *arena;
	struct diags diags;
	const struct rules_tree *tree;
	struct rules_asker *asker;
	struct rng rng;
	uint64_t seed;
	const char *text;
	bool quiet, failed;
	struct span unreached[MOST_RULES]; /* rules that were warned of */
	uint32_t n;
};

static void fail(struct subject *s, const char *what, const struct sys_abi *abi,
                 uint32_t nr, const uint64_t *args)
{
	struct buf call = { .arena = s->arena };

	if (s->failed)
		return;
	s->failed = true;
	s->run->failures++;
	rules_put_call(&call, abi, nr, args);
	printf("rules_ask --seed %" PRIu64 " --count 1: %s: %s on %s\n%s", s->seed,
	       what, buf_str(&call), abi->name, s->text);
}

/* --- the direct way ------------------------------------------------------------- */

/* The rule that decides, 1 + its number; 0: none. */
static uint32_t deciding_rule(const struct rules_tree *t,
                              const struct sys_abi *abi, uint32_t nr,
                              const uint64_t *args)
{
	for (uint32_t i = 0; i < t->nrule; i++)
		for (uint32_t k = 0; k < t->rule[i].n; k++) {
			const struct rules_case *c = &t->rule[i].cases[k];

			if (c->abi == abi && c->nr == nr &&
			    rules_holds(c->cond, args))
				return 1 + i;
		}
	return 0;
}

/* --- answers ---------------------------------------------------------------------- */

/* Every answer that says it is exact is what its example gets. */
static void check_examples(struct subject *s, const struct rules_answers *answers)
{
	array_each(it, &answers->v) {
		uint32_t rule = deciding_rule(s->tree, it->abi, it->nr, it->args);

		s->run->answers++;
		s->run->lost += !it->exact;
		if (!it->exact)
			continue;
		if (rules_eval(s->tree, it->abi->arch, it->nr, it->args) != it->ret)
			fail(s, "the example gets another answer", it->abi, it->nr,
			     it->args);
		if (rule != (it->why == RULES_WHY_RULE ? 1 + it->rule : 0))
			fail(s, "the example is another rule's", it->abi, it->nr,
			     it->args);
	}
}

/* The answer to this call is among ANSWERS. */
static void check_answered(struct subject *s, const struct rules_answers *answers,
                           const struct sys_abi *abi, uint32_t nr,
                           const uint64_t *args)
{
	uint32_t ret = rules_eval(s->tree, abi->arch, nr, args);
	uint32_t rule = deciding_rule(s->tree, abi, nr, args);

	array_each(it, &answers->v)
		if (it->ret == ret &&
		    rule == (it->why == RULES_WHY_RULE ? 1 + it->rule : 0))
			return;
	fail(s, "an answer is missing", abi, nr, args);
}

/* A question that says MASK's words of ARGS, in the words of the language. */
static char *write_question(struct subject *s, const struct sys_abi *abi,
                            uint32_t nr, const uint64_t *args, unsigned mask)
{
	struct buf out = { .arena = s->arena };
	const char *join = "if";

	if (nr == UINT32_MAX)
		buf_puts(&out, "nr(-1)");
	else
		buf_printf(&out, "nr(%u)", nr & ~abi->nr_bit);
	for (int i = 0; i < SYS_ARGS; i++) {
		uint64_t v = abi->word == 64 ? args[i] : (uint32_t)args[i];

		if (!(mask >> i & 1))
			continue;
		buf_printf(&out, " %s args[%d] == 0x%" PRIx64, join, i, v);
		join = "and";
	}
	return buf_str(&out);
}

static void ask_about(struct subject *s, const struct sys_abi *abi, uint32_t nr,
                      const uint64_t *args, unsigned mask)
{
	const char *text = write_question(s, abi, nr, args, mask);
	uint32_t source = diag_source(&s->diags, "question", text, strlen(text));
	struct rules_answers answers;
	struct rules_cases cases;

	s->run->questions++;
	if (!policy_question(s->arena, &s->diags, source, s->tree, 1u << abi->id,
	                     &cases) ||
	    cases.n != 1) {
		fail(s, "the question is not understood", abi, nr, args);
		return;
	}
	answers = rules_ask(s->asker, &cases.v[0]);
	check_examples(s, &answers);
	check_answered(s, &answers, abi, nr, args);
	if (mask == 63 && answers.v.n != 1 && answers.v.v[0].exact)
		fail(s, "more than one answer to one call", abi, nr, args);
}

static const struct sys_abi *abi_of(const struct rules_tree *t, uint32_t arch,
                                    uint32_t nr)
{
	const struct sys_abi *x32 = &sys_abis[SYS_ABI_X32];

	for (uint32_t i = 0; i < t->nabi; i++)
		if (t->abi[i]->arch == arch &&
		    (t->abi[i] == x32) == (arch == x32->arch && nr & x32->nr_bit &&
		                           nr != UINT32_MAX))
			return t->abi[i];
	return NULL;
}

static void check_call(struct subject *s)
{
	struct seccomp_data d;
	uint64_t args[SYS_ARGS];
	const struct sys_abi *abi;
	struct rules_case any = { 0 };
	struct rules_answers answers;

	policy_draw(&d, s->tree, &s->rng);
	abi = abi_of(s->tree, d.arch, (uint32_t)d.nr);
	/* What old kernels take for x32 calls is asked about by its own number, and what
	   only 'x32 above' takes for them has none. */
	if (!abi || (abi->id == SYS_ABI_X86_64 &&
	             ((d.nr >= 512 && d.nr <= 547) || (s->tree->x32_above && d.nr < -1))))
		return;
	for (int i = 0; i < SYS_ARGS; i++)
		args[i] = d.args[i];
	any.abi = abi;
	any.nr = (uint32_t)d.nr;
	answers = rules_ask(s->asker, &any);
	s->run->calls++;
	check_examples(s, &answers);
	check_answered(s, &answers, abi, any.nr, args);
	ask_about(s, abi, any.nr, args, rng_below(&s->rng, 64));
	ask_about(s, abi, any.nr, args, 63);
}

/* --- warnings ---------------------------------------------------------------------- */

static void keep(void *ctx, const struct diags *d, const struct diag *one)
{
	struct subject *s = ctx;

	if (!s->quiet && !strncmp(one->text, "no call reaches", 15) &&
	    s->n < MOST_RULES)
		s->unreached[s->n++] = one->at;
}

static bool is_warned_of(const struct subject *s, struct span at)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->unreached[i].source == at.source &&
		    s->unreached[i].start == at.start)
			return true;
	return false;
}

/* Rules that no call reaches are not among the answers to any. */
static void check_unreached(struct subject *s)
{
	for (uint32_t i = 0; i < s->tree->nrule; i++) {
		const struct rules_rule *rule = &s->tree->rule[i];

		if (!is_warned_of(s, rule->at))
			continue;
		s->run->unreached++;
		for (uint32_t k = 0; k < rule->n; k++) {
			struct rules_case any = { .abi = rule->cases[k].abi,
				                  .nr = rule->cases[k].nr };
			struct rules_answers all = rules_ask(s->asker, &any);

			array_each(it, &all.v)
				if (it->why == RULES_WHY_RULE && it->rule == i &&
				    it->exact)
					fail(s, "a rule is reached after all",
					     any.abi, any.nr, it->args);
		}
	}
}

/* --- policies ------------------------------------------------------------------------ */

static void one_policy(struct run *run, uint64_t seed)
{
	struct arena a;
	struct subject s = {
		.run = run,
		.arena = &a,
		.seed = seed,
		.rng = rng_seed(seed),
	};
	uint32_t source;

	test_arena(&a);
	s.diags = (struct diags){ .arena = &a, .emit = keep, .ctx = &s };
	s.text = policy_random(&a, &s.rng);
	source = diag_source(&s.diags, "policy", s.text, strlen(s.text));
	s.tree = policy_parse(&a, &s.diags, source, NULL);
	if (s.tree) {
		rules_lint(&a, &s.diags, s.tree, policy_question);
		s.quiet = true;
		s.asker = rules_asker(&a, s.tree);
		for (int i = 0; i < CALLS && !s.failed; i++)
			check_call(&s);
		check_unreached(&s);
	}
	arena_free(&a);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t seed = 1, count = 400;
	struct run run = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 's' && c != 'c') {
			fputs("usage: rules_ask [--seed N] [--count N]\n", stderr);
			return 2;
		}
		*(c == 's' ? &seed : &count) = strtoull(optarg, NULL, 0);
	}
	if (setjmp(test_oom)) {
		fputs("rules_ask: out of memory\n", stderr);
		return 99;
	}
	for (uint64_t i = 0; i < count && run.failures < 5; i++)
		one_policy(&run, seed + i);
	printf("%" PRIu64 " policies from seed %" PRIu64 " on: %" PRIu64 " calls, %" PRIu64
	       " questions, %" PRIu64 " answers (%" PRIu64 " not exact), %" PRIu64
	       " rules not reached\n",
	       count, seed, run.calls, run.questions, run.answers, run.lost,
	       run.unreached);
	return run.failures ? 1 : 0;
}
