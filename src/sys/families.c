/* Numbers of arguments back to the constants that programmers write. */
#include <inttypes.h>

#include "sys/sys.h"

enum family {
#define FAMILY(name, flags) FAMILY_##name,
#define MEMBER(family, constant)
#define ARGUMENT(call, argument, family)
#include "sys/tables/families.def"
	NFAMILIES
};

static const bool is_flags[NFAMILIES] = {
#define FAMILY(name, flags) [FAMILY_##name] = flags,
#define MEMBER(family, constant)
#define ARGUMENT(call, argument, family)
#include "sys/tables/families.def"
};

static const struct {
	enum family family;
	const char *constant;
} members[] = {
#define FAMILY(name, flags)
#define MEMBER(family, constant) { FAMILY_##family, constant },
#define ARGUMENT(call, argument, family)
#include "sys/tables/families.def"
};

static const struct {
	const char *call, *argument;
	enum family family;
} arguments[] = {
#define FAMILY(name, flags)
#define MEMBER(family, constant)
#define ARGUMENT(call, argument, family) { call, argument, FAMILY_##family },
#include "sys/tables/families.def"
};

/* Return the family of an argument, NFAMILIES if none is known. */
static enum family family_of(const char *call, const char *argument)
{
	for (unsigned i = 0; i < ARRAY_LEN(arguments); i++)
		if (!strcmp(arguments[i].call, call) &&
		    !strcmp(arguments[i].argument, argument))
			return arguments[i].family;
	return NFAMILIES;
}

/* Get the value of member I on ABI, in WIDTH bits; false if ABI lacks it. */
static bool value_of(const struct sys_abi *abi, unsigned i, unsigned width, uint64_t *value)
{
	struct sys_number n;

	if (!sys_constant(abi, members[i].constant, strlen(members[i].constant), &n))
		return false;
	*value = n.bits & sys_ones(width);
	return true;
}

static const char *exactly(const struct sys_abi *abi, enum family family, unsigned width,
                           uint64_t value)
{
	uint64_t one;

	for (unsigned i = 0; i < ARRAY_LEN(members); i++)
		if (members[i].family == family && value_of(abi, i, width, &one) &&
		    one == value)
			return members[i].constant;
	return NULL;
}

/* Write VALUE as members of one bit each, and what is left in hexadecimal: "(A|B)". */
static void put_bits(struct buf *out, const struct sys_abi *abi, enum family family,
                     unsigned width, uint64_t value)
{
	const char *join = "(";
	uint64_t one;

	for (unsigned i = 0; i < ARRAY_LEN(members); i++) {
		if (members[i].family != family || !value_of(abi, i, width, &one) ||
		    !one || one & (one - 1) || !(value & one))
			continue;
		buf_printf(out, "%s%s", join, members[i].constant);
		value &= ~one;
		join = "|";
	}
	if (value)
		buf_printf(out, "%s0x%" PRIx64, join, value);
	buf_putc(out, ')');
}

bool sys_has_constants(const struct sys_call *call, const struct sys_arg *arg)
{
	return family_of(call->name, arg->name) != NFAMILIES;
}

bool sys_put_constant(struct buf *out, const struct sys_abi *abi, const struct sys_call *call,
                      const struct sys_arg *arg, uint64_t value)
{
	enum family family = family_of(call->name, arg->name);
	unsigned width = arg->type.width;
	const char *name;

	if (family == NFAMILIES || value & ~sys_ones(width))
		return false;
	name = exactly(abi, family, width, value);
	if (!name && (!is_flags[family] || !value))
		return false;
	if (name)
		buf_puts(out, name);
	else
		put_bits(out, abi, family, width, value);
	return true;
}
