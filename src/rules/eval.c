/*
 * What a policy answers to one call, worked out rule by rule as the language
 * is defined. It is slow and plain, shares nothing with graph.c, and is what
 * compiled programs are compared with.
 */
#include <assert.h>
#include <linux/seccomp.h>
#include <string.h>

#include "rules/rules.h"

/* One call, under the ABI that it belongs to. */
struct call {
	const struct sys_abi *abi;
	uint32_t nr; /* with the ABI's bit, also where an old kernel takes it without */
	const uint64_t *args;
};

/* --- conditions ----------------------------------------------------------- */

static uint64_t cut(uint64_t v, unsigned width)
{
	return width < 64 ? v & ((UINT64_C(1) << width) - 1) : v;
}

static uint64_t value(const struct rules_operand *o, unsigned width,
                      const struct call *call)
{
	uint64_t v;

	if (!o->is_arg)
		return cut(o->bits, width);
	assert(o->lo >= 0 && o->lo < SYS_ARGS && o->hi < SYS_ARGS);
	v = (uint32_t)call->args[o->lo];
	if (width == 64 && o->hi == o->lo)
		v = call->args[o->lo];
	else if (width == 64 && o->hi >= 0)
		v |= (uint64_t)(uint32_t)call->args[o->hi] << 32;
	return cut(v & o->mask, width);
}

/*
 * Map V to an unsigned number that orders as C's type does: flip the sign bit
 * if signed.
 */
static uint64_t rank(const struct rules_cond *c, uint64_t v)
{
	return c->is_signed ? v ^ UINT64_C(1) << (c->width - 1) : v;
}

static bool test(const struct rules_cond *c, const struct call *call)
{
	uint64_t l = value(&c->lhs, c->width, call);
	uint64_t r = value(&c->rhs, c->width, call);

	switch (c->cmp) {
	case RULES_EQ:
		return l == r;
	case RULES_NE:
		return l != r;
	case RULES_LT:
		return rank(c, l) < rank(c, r);
	case RULES_LE:
		return rank(c, l) <= rank(c, r);
	case RULES_GT:
		return rank(c, l) > rank(c, r);
	case RULES_GE:
		return rank(c, l) >= rank(c, r);
	case RULES_ANY:
		return l & r;
	case RULES_WITHIN:
		return !(l & ~r);
	}
	return false;
}

static bool lies_in(const struct rules_cond *c, const struct call *call)
{
	uint64_t v = rank(c, value(&c->lhs, c->width, call));

	for (uint32_t i = 0; i < c->n; i++)
		if (rank(c, c->range[i].lo) <= v && v <= rank(c, c->range[i].hi))
			return true;
	return false;
}

/* Evaluate C, which has no kids. */
static bool holds_alone(const struct rules_cond *c, const struct call *call)
{
	switch (c->kind) {
	case RULES_COND_AND:
		return true;
	case RULES_COND_OR:
	case RULES_COND_NOT:
		return false;
	case RULES_COND_TEST:
		return test(c, call);
	case RULES_COND_IN:
		return lies_in(c, call);
	}
	return false;
}

static bool has_kids(const struct rules_cond *c)
{
	return c->kind != RULES_COND_TEST && c->kind != RULES_COND_IN && c->n;
}

/*
 * Evaluate ROOT: descend to a leaf, then climb as far as its value settles the
 * parents.
 */
static bool holds(const struct rules_cond *root, const struct call *call)
{
	const struct rules_cond *c = root;

	for (;;) {
		bool v;

		while (has_kids(c))
			c = c->kid[0];
		v = holds_alone(c, call);
		while (c != root) {
			const struct rules_cond *up = c->up;
			uint32_t next = c->place + 1;

			assert(up->kid[c->place] == c);
			c = up;
			if (up->kind == RULES_COND_NOT) {
				v = !v;
			} else if (v == (up->kind == RULES_COND_AND) &&
			           next < up->n) {
				c = up->kid[next];
				break;
			}
		}
		if (c == root)
			return v;
	}
}

bool rules_holds(const struct rules_cond *c, const uint64_t args[SYS_ARGS])
{
	return !c || holds(c, &(struct call){ .args = args });
}

/* --- rules ---------------------------------------------------------------- */

static bool matches(const struct rules_rule *rule, const struct call *call)
{
	for (uint32_t i = 0; i < rule->n; i++) {
		const struct rules_case *c = &rule->cases[i];

		if (c->abi == call->abi && c->nr == call->nr &&
		    (!c->cond || holds(c->cond, call)))
			return true;
	}
	return false;
}

/* Tell whether number NR of ARCH belongs to x32 rather than x86_64. */
static bool is_x32(const struct rules_tree *t, uint32_t arch, uint32_t nr)
{
	const struct sys_abi *x32 = &sys_abis[SYS_ABI_X32];

	if (arch != x32->arch || nr == UINT32_MAX)
		return false;
	return nr & x32->nr_bit || (t->x32_above && nr > INT32_MAX) ||
	       (!t->x32_marked && nr >= 512 && nr <= 547);
}

/* Return the ABI of a call, NULL if T does not name it. */
static const struct sys_abi *abi_of(const struct rules_tree *t, uint32_t arch,
                                    uint32_t nr)
{
	for (uint32_t i = 0; i < t->nabi; i++) {
		const struct sys_abi *abi = t->abi[i];

		if (abi->arch == arch &&
		    is_x32(t, arch, nr) == (abi->id == SYS_ABI_X32))
			return abi;
	}
	return NULL;
}

const struct sys_abi *rules_abi_of_call(const struct rules_tree *t, uint32_t arch,
                                        uint32_t *nr)
{
	const struct sys_abi *abi = abi_of(t, arch, *nr);

	if (abi && *nr <= 547 && is_x32(t, arch, *nr))
		*nr |= abi->nr_bit;
	return abi;
}

/* Tell whether the number is a call of the kernel that T says. */
static bool is_known(const struct rules_tree *t, const struct call *call)
{
	struct sys_call known;

	return sys_call_by_nr(call->abi, call->nr, &known) &&
	       known.since <= t->kernel;
}

uint32_t rules_eval(const struct rules_tree *t, uint32_t arch, uint32_t nr,
                    const uint64_t args[SYS_ARGS])
{
	struct call call = { .nr = nr, .args = args };

	call.abi = rules_abi_of_call(t, arch, &call.nr);
	if (!call.abi)
		return t->foreign_ret;
	for (uint32_t i = 0; i < t->nrule; i++)
		if (matches(&t->rule[i], &call))
			return rules_rule_ret(&t->rule[i], call.abi);
	for (uint32_t i = 0; i < t->nnumbers; i++)
		if (t->numbers[i].abi == call.abi && t->numbers[i].lo <= call.nr &&
		    call.nr <= t->numbers[i].hi)
			return t->numbers[i].ret;
	if (t->has_kernel && !is_known(t, &call))
		return SECCOMP_RET_ERRNO |
		       sys_errno(call.abi, "ENOSYS", strlen("ENOSYS"));
	return t->fallback_ret[call.abi->id];
}
