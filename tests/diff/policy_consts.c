/* Prints every constant of every ABI, for policy_consts.py: "ABI NAME VALUE". */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"

int main(void)
{
	struct sys_number value;
	const char *name;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		for (uint32_t k = 0; (name = sys_constant_name(k)); k++) {
			if (!sys_constant(&sys_abis[i], name, strlen(name), &value))
				continue;
			printf(value.negative ? "%s %s %" PRId64 "\n" : "%s %s %" PRIu64 "\n",
			       sys_abis[i].name, name, value.bits);
		}
	return 0;
}
