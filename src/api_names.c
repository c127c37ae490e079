/*
 * The public library, what it knows by name: ABIs, system calls and their
 * arguments, constants.
 */
#include <errno.h>
#include <linux/elf-em.h>
#include <string.h>

#include "api.h"
#include "policy/policy.h"

static const struct sys_abi *find_abi(const char *abi)
{
	return sys_abi(abi, strlen(abi));
}

bool api_has_cache(const struct sys_abi *abi)
{
	/* Their system calls never look for an answer in a bitmap. */
	static const uint16_t without[] = { EM_MIPS, EM_68K, EM_SPARC, EM_SPARCV9 };

	for (size_t i = 0; i < ARRAY_LEN(without); i++)
		if ((uint16_t)abi->arch == without[i])
			return false;
	/* Calls with a bit of their own, x32's, lie beyond it. */
	return !abi->nr_bit;
}

const char *weir_abi_name(unsigned i)
{
	return i < SYS_NABIS ? sys_abis[i].name : NULL;
}

const char *weir_native_abi(void)
{
	return sys_abi_native() ? sys_abi_native()->name : NULL;
}

const char *weir_abi_near(const char *name)
{
	return sys_abi_near(name, strlen(name));
}

uint32_t weir_abi_arch(const char *abi)
{
	const struct sys_abi *a = find_abi(abi);

	return a ? a->arch : 0;
}

/* --- system calls ------------------------------------------------------------ */

const char *weir_syscall_name(const char *abi, uint32_t nr)
{
	const struct sys_abi *a = find_abi(abi);
	struct sys_call call;

	return a && sys_call_by_nr(a, nr, &call) ? call.name : NULL;
}

int64_t weir_syscall_number(const char *abi, const char *name)
{
	const struct sys_abi *a = find_abi(abi);
	struct sys_call call;

	if (!a || !sys_call_by_name(a, name, strlen(name), &call))
		return -1;
	return call.nr;
}

static int hand_call(struct weir_syscall *out, const struct sys_call *call)
{
	struct weir_syscall one = {
		.size = sizeof one,
		.name = call->name,
		.nr = call->nr,
		.major = call->since >> 16,
		.minor = call->since & 0xffff,
		.known = call->known,
		.nargs = call->nargs,
	};

	return api_hand(out, &one, sizeof one);
}

int weir_syscall_arg(const char *abi, uint32_t nr, unsigned i, struct weir_syscall_arg *out)
{
	const struct sys_abi *a = find_abi(abi);
	struct weir_syscall_arg one = { .size = sizeof one };
	const struct sys_arg *arg;
	struct sys_call call;

	if (!a)
		return -EINVAL;
	if (!sys_call_by_nr(a, nr | a->nr_bit, &call) || i >= call.nargs)
		return -ENOENT;
	arg = &call.arg[i];
	one.name = arg->name;
	one.other_name = arg->alias;
	one.type = arg->ctype;
	one.bits = arg->type.width;
	one.is_signed = arg->type.is_signed;
	one.is_pointer = arg->type.is_pointer;
	one.word = arg->lo;
	one.high_word = arg->hi;
	return api_hand(out, &one, sizeof one);
}

int weir_syscall(const char *abi, unsigned i, struct weir_syscall *out)
{
	const struct sys_abi *a = find_abi(abi);
	struct sys_call call;

	if (!a)
		return -EINVAL;
	return sys_call_at(a, i, &call) ? hand_call(out, &call) : -ENOENT;
}

int weir_syscall_by_name(const char *abi, const char *name, struct weir_syscall *out)
{
	const struct sys_abi *a = find_abi(abi);
	struct sys_call call;

	if (!a)
		return -EINVAL;
	if (!sys_call_by_name(a, name, strlen(name), &call))
		return -ENOENT;
	return hand_call(out, &call);
}

int weir_syscall_by_nr(const char *abi, uint32_t nr, struct weir_syscall *out)
{
	const struct sys_abi *a = find_abi(abi);
	struct sys_call call;

	if (!a)
		return -EINVAL;
	if (!sys_call_by_nr(a, nr | a->nr_bit, &call))
		return -ENOENT;
	return hand_call(out, &call);
}

/* --- constants --------------------------------------------------------------- */

int weir_constant(const char *abi, const char *name, uint64_t *value, bool *negative)
{
	const struct sys_abi *a = find_abi(abi);
	struct sys_number number;

	if (!a)
		return -EINVAL;
	if (!sys_constant(a, name, strlen(name), &number))
		return -ENOENT;
	*value = number.bits;
	*negative = number.negative;
	return 0;
}

const char *weir_constant_name(unsigned i)
{
	return sys_constant_name(i);
}

const char *weir_errno_name(const char *abi, uint32_t number)
{
	const struct sys_abi *a = find_abi(abi);

	return a ? sys_errno_name(a, number) : NULL;
}
