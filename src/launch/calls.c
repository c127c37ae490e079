/*
 * What a filter does to calls: to weir's own, which it has to survive until
 * exec, and to the program's, for the report.
 */
#include "config.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "launch/launch.h"

static const struct {
	uint32_t action;
	const char *name;
	bool passes, dies;
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill", false, true },
	{ SECCOMP_RET_KILL_THREAD, "kill_thread", false, true },
	{ SECCOMP_RET_TRAP, "trap", false, true },
	{ SECCOMP_RET_ERRNO, "errno", false, false },
	{ SECCOMP_RET_USER_NOTIF, "notify", false, false },
	{ SECCOMP_RET_TRACE, "trace", false, false },
	{ SECCOMP_RET_LOG, "log", true, false },
	{ SECCOMP_RET_ALLOW, "allow", true, false },
};

/* Return the row of a result; what Linux does not know it treats as kill. */
static size_t action_of(uint32_t verdict)
{
	size_t i = 0;

	while (i < ARRAY_LEN(actions) &&
	       actions[i].action != (verdict & SECCOMP_RET_ACTION_FULL))
		i++;
	return i < ARRAY_LEN(actions) ? i : 0;
}

bool launch_action_passes(uint32_t verdict)
{
	return actions[action_of(verdict)].passes;
}

bool launch_action_dies(uint32_t verdict)
{
	return actions[action_of(verdict)].dies;
}

/* Tell whether only a listener or a tracer would answer this verdict. */
static bool asks(uint32_t verdict)
{
	uint32_t action = actions[action_of(verdict)].action;

	return action == SECCOMP_RET_USER_NOTIF || action == SECCOMP_RET_TRACE;
}

bool launch_action_fails(uint32_t verdict)
{
	return actions[action_of(verdict)].action == SECCOMP_RET_ERRNO;
}

const char *launch_action(uint32_t verdict, char *buf, size_t size)
{
	size_t row = action_of(verdict);
	unsigned data = verdict & SECCOMP_RET_DATA;
	const char *abi = weir_native_abi(), *name;

	switch (actions[row].action) {
	case SECCOMP_RET_ERRNO:
		name = abi ? weir_errno_name(abi, data) : NULL;
		if (name)
			snprintf(buf, size, "errno %s", name);
		else
			snprintf(buf, size, "errno %u", data);
		break;
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_TRACE:
		snprintf(buf, size, "%s %u", actions[row].name, data);
		break;
	default:
		snprintf(buf, size, "%s", actions[row].name);
	}
	return buf;
}

uint32_t launch_native_arch(void)
{
	const char *abi = weir_native_abi();

	return abi ? weir_abi_arch(abi) : 0;
}

uint32_t launch_verdict(const struct weir_program *filter, uint32_t arch,
                        uint32_t nr, const uint64_t args[6])
{
	struct seccomp_data call = { .nr = (int)nr, .arch = arch };
	struct weir_data data = {
		.size = sizeof data,
		.bytes = &call,
		.captured = sizeof call,
	};
	uint32_t result;

	memcpy(call.args, args, sizeof call.args);
	/* A filter that cannot be run says the worst. */
	if (weir_program_run(filter, &data, &result) != 0)
		return SECCOMP_RET_KILL_PROCESS;
	return result;
}

/* --- which calls may get a result ------------------------------------------------------------- */

/* What A holds when an instruction is reached: a number from LO to HI. */
struct range {
	bool reached;
	uint32_t lo, hi;
};

static const struct range anything = { true, 0, UINT32_MAX };

/* Join paths that meet: A may hold what it holds on either. */
static void flow(struct range *to, struct range from)
{
	if (!to->reached) {
		*to = from;
		return;
	}
	to->lo = min_u32(to->lo, from.lo);
	to->hi = max_u32(to->hi, from.hi);
}

/* Follow both ways on from a jump; leave NO or YES unreached if A excludes it. */
static void flow_jump(const struct sock_filter *insn, struct range a,
                      struct range *no, struct range *yes)
{
	uint32_t k = insn->k;
	bool fixed = a.lo == a.hi;

	if (BPF_SRC(insn->code) == BPF_X) {
		flow(no, a);
		flow(yes, a);
		return;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		if (k >= a.lo && k <= a.hi)
			flow(yes, (struct range){ true, k, k });
		if (!fixed || k != a.lo)
			flow(no, a);
		return;
	case BPF_JGT:
		if (a.hi > k)
			flow(yes, (struct range){ true, max_u32(a.lo, k + 1), a.hi });
		if (a.lo <= k)
			flow(no, (struct range){ true, a.lo, min_u32(a.hi, k) });
		return;
	case BPF_JGE:
		if (a.hi >= k)
			flow(yes, (struct range){ true, max_u32(a.lo, k), a.hi });
		if (a.lo < k)
			flow(no, (struct range){ true, a.lo, min_u32(a.hi, k - 1) });
		return;
	case BPF_JSET:
		/* What is less than the lowest bit of K has none of them. */
		if (fixed ? a.lo & k : a.hi >= (k & -k) && k)
			flow(yes, a);
		if (!fixed || !(a.lo & k))
			flow(no, a);
		return;
	default:
		flow(no, a);
		flow(yes, a);
	}
}

/* What is looked for among the results. */
struct search {
	bool (*wanted)(uint32_t result);
	bool computed; /* a result that is computed counts, too */
	uint32_t arch;
};

static bool is_found(const struct search *s, const struct sock_filter *insn)
{
	return BPF_RVAL(insn->code) == BPF_K ? s->wanted(insn->k) : s->computed;
}

/* Return what A holds after a load. */
static struct range loaded(const struct sock_filter *insn, uint32_t arch,
                           struct range nr)
{
	if (insn->code != (BPF_LD | BPF_W | BPF_ABS))
		return anything;
	if (insn->k == offsetof(struct seccomp_data, arch))
		return (struct range){ true, arch, arch };
	return insn->k == offsetof(struct seccomp_data, nr) ? nr : anything;
}

/*
 * Tell whether a call with a number from LO to HI may get what S looks for; in doubt it
 * may. One look at each instruction.
 */
static bool may_get(const struct weir_program *filter, const struct search *s,
                    uint32_t lo, uint32_t hi)
{
	const struct range nr = { true, lo, hi };
	size_t n;
	const struct sock_filter *insns = weir_program_insns(filter, &n);
	struct range *at = calloc(n + 1, sizeof *at);
	bool found = false;

	if (!at)
		return true;
	at[0] = (struct range){ true, 0, 0 };
	for (size_t i = 0; i < n && !found; i++) {
		const struct sock_filter *insn = &insns[i];

		if (!at[i].reached)
			continue;
		switch (BPF_CLASS(insn->code)) {
		case BPF_RET:
			found = is_found(s, insn);
			break;
		case BPF_JMP:
			if (insn->code == (BPF_JMP | BPF_JA))
				flow(&at[i + 1 + insn->k], at[i]);
			else
				flow_jump(insn, at[i], &at[i + 1 + insn->jf],
				          &at[i + 1 + insn->jt]);
			break;
		case BPF_LD:
			flow(&at[i + 1], loaded(insn, s->arch, nr));
			break;
		case BPF_ALU:
		case BPF_MISC:
			flow(&at[i + 1], anything);
			break;
		default: /* stores, and loads of X: A stays */
			flow(&at[i + 1], at[i]);
		}
	}
	free(at);
	return found;
}

/*
 * Tell whether a call with a number of its own ABI may get it. On x86_64 those of x32,
 * which has the same arch, do not count: bit 30, and 512 to 547 without it, which are
 * x32's as well.
 */
static bool may_get_own(const struct weir_program *filter, const struct search *s)
{
	enum {
		X32_FROM = 512,
		X32_TO = 547,
		X32_BIT = 0x40000000
	};

	if (s->arch != weir_abi_arch("x32"))
		return may_get(filter, s, 0, UINT32_MAX);
	return may_get(filter, s, 0, X32_FROM - 1) ||
	       may_get(filter, s, X32_TO + 1, X32_BIT - 1);
}

static struct search for_death(void)
{
	return (struct search){ launch_action_dies, true, launch_native_arch() };
}

bool launch_may_die(const struct weir_program *filter, uint32_t lo, uint32_t hi)
{
	const struct search s = for_death();

	return may_get(filter, &s, lo, hi);
}

bool launch_may_kill(const struct weir_program *filter)
{
	const struct search s = for_death();

	return may_get_own(filter, &s);
}

/*
 * Find the lowest number from LO to HI that may get it, by halving, in *NR;
 * false if none may.
 */
static bool lowest(const struct weir_program *filter, const struct search *s,
                   uint32_t lo, uint32_t hi, uint32_t *nr)
{
	if (!may_get(filter, s, lo, hi))
		return false;
	while (lo < hi) {
		uint32_t middle = lo + (hi - lo) / 2;

		if (may_get(filter, s, lo, middle))
			hi = middle;
		else
			lo = middle + 1;
	}
	*nr = lo;
	return true;
}

/* Tell whether any instruction has a result that S looks for, reached or not. */
static bool has(const struct weir_program *filter, const struct search *s)
{
	size_t n;
	const struct sock_filter *insns = weir_program_insns(filter, &n);

	for (size_t i = 0; i < n; i++)
		if (BPF_CLASS(insns[i].code) == BPF_RET && is_found(s, &insns[i]))
			return true;
	return false;
}

const char *launch_unheard(const struct weir_program *filter, uint32_t *nr)
{
	const char *abi = weir_native_abi();
	struct search s = { .wanted = asks };

	if (!has(filter, &s))
		return NULL;
	for (unsigned i = 0; abi; abi = weir_abi_name(i++)) {
		s.arch = weir_abi_arch(abi);
		if (lowest(filter, &s, 0, UINT32_MAX, nr))
			return abi;
	}
	return NULL;
}

/* --- whether anything is refused ---------------------------------------------------------- */

static bool refuses(uint32_t verdict)
{
	return !launch_action_passes(verdict);
}

/*
 * Tell whether FILTER compares something with ARCH; one that names no ABI is
 * about the native one.
 */
static bool is_about(const struct weir_program *filter, uint32_t arch)
{
	size_t n;
	const struct sock_filter *insns = weir_program_insns(filter, &n);

	if (arch == launch_native_arch())
		return true;
	for (size_t i = 0; i < n; i++)
		if (insns[i].code == (BPF_JMP | BPF_JEQ | BPF_K) && insns[i].k == arch)
			return true;
	return false;
}

bool launch_may_refuse(const struct weir_program *filter)
{
	const char *abi;

	for (unsigned i = 0; (abi = weir_abi_name(i)); i++) {
		const struct search s = { refuses, true, weir_abi_arch(abi) };

		if (is_about(filter, s.arch) && may_get_own(filter, &s))
			return true;
	}
	return !launch_native_arch();
}
