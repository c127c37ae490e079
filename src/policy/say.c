/* Calls and actions in the words of the language, for messages and tables. */
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "policy/policy.h"

/* --- actions -------------------------------------------------------------- */

bool policy_permits(uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static const struct {
	uint32_t action;
	const char *name;
	bool data;
} actions[] = {
	{SECCOMP_RET_ALLOW, "allow", false},
	{SECCOMP_RET_LOG, "log", false},
	{SECCOMP_RET_KILL_PROCESS, "kill", false},
	{SECCOMP_RET_KILL_THREAD, "kill_thread", false},
	{SECCOMP_RET_TRAP, "trap", true},
	{SECCOMP_RET_ERRNO, "errno", true},
	{SECCOMP_RET_TRACE, "trace", true},
	{SECCOMP_RET_USER_NOTIF, "notify", false},
};

void policy_put_action(struct buf *out, const struct policy_abi *abi,
                       uint32_t ret)
{
	uint32_t data = ret & SECCOMP_RET_DATA, i = 0;
	const char *name = NULL;

	while (i < ARRAY_LEN(actions) &&
	       (ret & SECCOMP_RET_ACTION_FULL) != actions[i].action)
		i++;
	if (i == ARRAY_LEN(actions)) {
		buf_puts(out, "kill, as for every action not known");
		return;
	}
	buf_puts(out, actions[i].name);
	if (abi && actions[i].action == SECCOMP_RET_ERRNO)
		name = policy_errno_name(abi, data);
	if (name)
		buf_printf(out, " %s", name);
	else if (actions[i].data)
		buf_printf(out, " %u", data);
}

/* --- calls ---------------------------------------------------------------- */

enum { LARGE = 0xffff }; /* above it numbers are hexadecimal */

static void put_number(struct buf *out, uint64_t v)
{
	buf_printf(out, v > LARGE ? "0x%" PRIx64 : "%" PRIu64, v);
}

/* V, a number of WIDTH bits, signed. */
static void put_signed(struct buf *out, uint64_t v, unsigned width)
{
	uint64_t sign = UINT64_C(1) << (width - 1);

	if (!(v & sign)) {
		put_number(out, v);
		return;
	}
	buf_puts(out, "-");
	put_number(out, -(v | ~policy_ones(width)));
}

static void put_arg(struct buf *out, const struct policy_abi *abi,
                    const struct policy_arg *arg, const uint64_t *args)
{
	uint64_t ones = policy_ones(arg->type.width), v = args[arg->lo];

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

void policy_put_call(struct buf *out, const struct policy_abi *abi, uint32_t nr,
                     const uint64_t args[POLICY_ARGS])
{
	struct policy_call call;
	unsigned n = POLICY_ARGS;

	if (policy_call_by_nr(abi, nr, &call) && call.known) {
		buf_printf(out, "%s(", call.name);
		for (unsigned i = 0; i < call.nargs; i++) {
			buf_puts(out, i ? ", " : "");
			put_arg(out, abi, &call.arg[i], args);
		}
		buf_puts(out, ")");
		return;
	}
	policy_put_name(out, abi, nr);
	while (n && !args[n - 1])
		n--;
	for (unsigned i = 0; i < n; i++) {
		buf_puts(out, i ? ", " : "(");
		put_number(out, args[i]);
	}
	buf_puts(out, n ? ")" : "");
}

void policy_put_name(struct buf *out, const struct policy_abi *abi, uint32_t nr)
{
	struct policy_call call;

	if (policy_call_by_nr(abi, nr, &call))
		buf_puts(out, call.name);
	else if (nr > INT32_MAX)
		buf_printf(out, "nr(0x%x)", nr);
	else
		buf_printf(out, "nr(%u)", nr & ~abi->nr_bit);
}
