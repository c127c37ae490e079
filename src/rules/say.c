/*
 * Calls, actions and conditions in the words of the language, for messages and
 * tables.
 */
#include <assert.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "rules/rules.h"

/* --- actions -------------------------------------------------------------- */

bool rules_permits(uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

void rules_warn_errno_0(struct diags *d, struct span at)
{
	diag_warning(d, DIAG_W_ERRNO_0, at,
	             "errno 0 makes the call look successful though nothing was done");
}

static const struct {
	uint32_t action;
	const char *name;
	bool data;
} actions[] = {
	{ SECCOMP_RET_ALLOW, "allow", false },
	{ SECCOMP_RET_LOG, "log", false },
	{ SECCOMP_RET_KILL_PROCESS, "kill", false },
	{ SECCOMP_RET_KILL_THREAD, "kill_thread", false },
	{ SECCOMP_RET_TRAP, "trap", true },
	{ SECCOMP_RET_ERRNO, "errno", true },
	{ SECCOMP_RET_TRACE, "trace", true },
	{ SECCOMP_RET_USER_NOTIF, "notify", false },
};

void rules_put_action(struct buf *out, const struct sys_abi *abi,
                      uint32_t ret)
{
	uint32_t data = ret & SECCOMP_RET_DATA, i = 0;
	const char *name = NULL;

	while (i < ARRAY_LEN(actions) &&
	       (ret & SECCOMP_RET_ACTION_FULL) != actions[i].action)
		i++;
	if (i == ARRAY_LEN(actions)) {
		buf_puts(out, "kill, as for every unknown action");
		return;
	}
	buf_puts(out, actions[i].name);
	if (abi && actions[i].action == SECCOMP_RET_ERRNO)
		name = sys_errno_name(abi, data);
	if (name)
		buf_printf(out, " %s", name);
	else if (actions[i].data)
		buf_printf(out, " %u", data);
}

/* --- calls ---------------------------------------------------------------- */

enum {
	LARGE = 0xffff
}; /* above it numbers are hexadecimal */

static void put_number(struct buf *out, uint64_t v)
{
	buf_printf(out, v > LARGE ? "0x%" PRIx64 : "%" PRIu64, v);
}

/* Write V, a signed number of WIDTH bits. */
static void put_signed(struct buf *out, uint64_t v, unsigned width)
{
	uint64_t sign = UINT64_C(1) << (width - 1);

	if (!(v & sign)) {
		put_number(out, v);
		return;
	}
	buf_puts(out, "-");
	put_number(out, -(v | ~sys_ones(width)));
}

static void put_arg(struct buf *out, const struct sys_abi *abi,
                    const struct sys_arg *arg, const uint64_t *args)
{
	uint64_t ones = sys_ones(arg->type.width), v = args[arg->lo];

	if (abi->word == 32)
		v = (uint32_t)v;
	if (arg->hi >= 0)
		v |= (uint64_t)(uint32_t)args[arg->hi] << 32;
	/* Bits that the kernel does not look at, but a rule may. */
	if (v & ~ones || !arg->type.is_signed)
		put_number(out, v);
	else
		put_signed(out, v, arg->type.width);
}

void rules_put_call(struct buf *out, const struct sys_abi *abi, uint32_t nr,
                    const uint64_t args[SYS_ARGS])
{
	struct sys_call call;
	unsigned n = SYS_ARGS;

	if (sys_call_by_nr(abi, nr, &call) && call.known) {
		buf_printf(out, "%s(", call.name);
		for (unsigned i = 0; i < call.nargs; i++) {
			buf_puts(out, i ? ", " : "");
			put_arg(out, abi, &call.arg[i], args);
		}
		buf_puts(out, ")");
		return;
	}
	rules_put_name(out, abi, nr);
	while (n && !args[n - 1])
		n--;
	for (unsigned i = 0; i < n; i++) {
		buf_puts(out, i ? ", " : "(");
		put_number(out, args[i]);
	}
	buf_puts(out, n ? ")" : "");
}

void rules_put_name(struct buf *out, const struct sys_abi *abi, uint32_t nr)
{
	struct sys_call call;

	if (sys_call_by_nr(abi, nr, &call))
		buf_puts(out, call.name);
	else if (nr > INT32_MAX)
		buf_printf(out, "nr(0x%x)", nr);
	else
		buf_printf(out, "nr(%u)", nr & ~abi->nr_bit);
}

/* --- conditions ----------------------------------------------------------- */

enum {
	LONGEST = 2000,
	DEEPEST = 40
};

/* Copy the text, with one space in place of any white space between words. */
void rules_put_text(struct buf *out, const struct diags *d, struct span at)
{
	const struct source *src = &d->sources.v[at.source];
	const char *s = src->text + at.start, *end = src->text + at.end;
	bool space = false, quoted = false;
	size_t most = out->len + LONGEST;

	assert(at.start <= at.end && at.end <= src->len);

	for (; s < end && out->len < most; s++) {
		if (*s == '#' && !quoted) {
			while (s < end && *s != '\n')
				s++;
			s--;
			space = true;
			continue;
		}
		if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r') {
			space = true;
			continue;
		}
		quoted ^= *s == '"';
		buf_puts(out, space ? " " : "");
		buf_putc(out, *s);
		space = false;
	}
	if (s < end)
		buf_puts(out, " ...");
}

/* Return the argument of C's call that lies where O reads, NULL if it has no name. */
static const struct sys_arg *find_arg(const struct rules_case *c,
                                      const struct rules_operand *o,
                                      struct sys_call *call)
{
	if (!sys_call_by_nr(c->abi, c->nr, call))
		return NULL;
	for (unsigned i = 0; i < call->nargs; i++)
		if (call->arg[i].lo == o->lo)
			return &call->arg[i];
	return NULL;
}

static void put_operand(struct buf *out, const struct rules_case *c,
                        const struct rules_cond *cond,
                        const struct rules_operand *o)
{
	struct sys_call call;
	const struct sys_arg *arg = find_arg(c, o, &call);

	if (!o->is_arg && cond->is_signed)
		put_signed(out, o->bits, cond->width);
	else if (!o->is_arg)
		put_number(out, o->bits);
	else if (arg && arg->type.width == cond->width &&
	         arg->type.is_signed == cond->is_signed)
		buf_puts(out, arg->name);
	else if (arg)
		buf_printf(out, "%c%u(%s)", cond->is_signed ? 'i' : 'u',
		           cond->width, arg->name);
	else if (cond->width == c->abi->word && !cond->is_signed)
		buf_printf(out, "args[%d]", o->lo);
	else
		buf_printf(out, "%c%u(args[%d])", cond->is_signed ? 'i' : 'u',
		           cond->width, o->lo);
	if (o->is_arg && o->mask != sys_ones(cond->width))
		buf_printf(out, " & 0x%" PRIx64, o->mask);
}

static const char *const comparisons[] = {
	[RULES_EQ] = "==",
	[RULES_NE] = "!=",
	[RULES_LT] = "<",
	[RULES_LE] = "<=",
	[RULES_GT] = ">",
	[RULES_GE] = ">=",
	[RULES_ANY] = "&",
	[RULES_WITHIN] = "within",
};

static void put_bound(struct buf *out, const struct rules_cond *c, uint64_t v)
{
	if (c->is_signed)
		put_signed(out, v, c->width);
	else
		put_number(out, v);
}

static void put_leaf(struct buf *out, const struct rules_case *c,
                     const struct rules_cond *cond)
{
	put_operand(out, c, cond, &cond->lhs);
	if (cond->kind == RULES_COND_TEST) {
		buf_printf(out, " %s ", comparisons[cond->cmp]);
		put_operand(out, c, cond, &cond->rhs);
		return;
	}
	buf_puts(out, " in (");
	for (uint32_t i = 0; i < cond->n; i++) {
		if (i && i == 20 && cond->n > 24) {
			buf_printf(out, ", ... %u more", cond->n - i);
			break;
		}
		buf_puts(out, i ? ", " : "");
		put_bound(out, cond, cond->range[i].lo);
		if (cond->range[i].lo == cond->range[i].hi)
			continue;
		buf_puts(out, "..");
		put_bound(out, cond, cond->range[i].hi);
	}
	buf_puts(out, ")");
}

/* Write COND down to LEFT more levels; deeper trees are cut off with "...". */
static void put_tree(struct buf *out, const struct rules_case *c,
                     const struct rules_cond *cond, unsigned left)
{
	bool all = cond->kind == RULES_COND_AND;

	if (cond->kind == RULES_COND_TEST || cond->kind == RULES_COND_IN) {
		put_leaf(out, c, cond);
		return;
	}
	if (!cond->n)
		buf_puts(out, all ? "0 == 0" : "0 != 0");
	buf_puts(out, cond->kind == RULES_COND_NOT ? "not (" : "");
	for (uint32_t i = 0; i < cond->n; i++) {
		const struct rules_cond *kid = cond->kid[i];
		bool list = (kid->kind == RULES_COND_AND ||
		             kid->kind == RULES_COND_OR) &&
		            cond->kind != RULES_COND_NOT;

		if (!left || out->len > LONGEST) {
			buf_puts(out, "...");
			break;
		}
		buf_puts(out, i ? (all ? " and " : " or ") : "");
		buf_puts(out, list ? "(" : "");
		put_tree(out, c, kid, left - 1);
		buf_puts(out, list ? ")" : "");
	}
	buf_puts(out, cond->kind == RULES_COND_NOT ? ")" : "");
}

/* Put a value in the place of an argument: the item is around it. */
static bool is_pattern(const struct rules_cond *c)
{
	return c->kind == RULES_COND_TEST && c->cmp == RULES_EQ &&
	       c->lhs.is_arg && c->lhs.at.source == c->at.source &&
	       c->lhs.at.start < c->at.start && c->lhs.at.end > c->at.end;
}

static void put_pattern(struct buf *out, const struct diags *d,
                        const struct rules_case *c,
                        const struct rules_cond *cond)
{
	put_operand(out, c, cond, &cond->lhs);
	buf_puts(out, " == ");
	rules_put_text(out, d, cond->at);
}

/* Write COND as the rule has it after `if`. */
static void put_written(struct buf *out, const struct diags *d,
                        const struct rules_case *c,
                        const struct rules_cond *cond)
{
	bool made = cond->kind == RULES_COND_TEST &&
	            cond->lhs.at.start == cond->rhs.at.start;

	if (is_pattern(cond))
		put_pattern(out, d, c, cond);
	else if (made) /* what reaches socket through socketcall */
		put_leaf(out, c, cond);
	else
		rules_put_text(out, d, cond->at);
}

void rules_put_condition(struct buf *out, const struct diags *d,
                         const struct rules_case *c, bool written)
{
	const struct rules_cond *cond = c->cond;

	if (!cond)
		return;
	if (!written) {
		put_tree(out, c, cond, DEEPEST);
		return;
	}
	if (cond->kind != RULES_COND_AND || !cond->n ||
	    !is_pattern(cond->kid[0])) {
		put_written(out, d, c, cond);
		return;
	}
	for (uint32_t i = 0; i < cond->n; i++) {
		bool list = cond->kid[i]->kind == RULES_COND_OR;

		buf_puts(out, i ? " and " : "");
		buf_puts(out, list ? "(" : "");
		put_written(out, d, c, cond->kid[i]);
		buf_puts(out, list ? ")" : "");
	}
}
