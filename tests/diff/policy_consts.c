/* Prints every constant of every ABI, for policy_consts.py: "ABI NAME VALUE". */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"

int main(void)
{
	struct policy_number value;
	const char *name;

	for (unsigned i = 0; i < POLICY_NABIS; i++)
		for (uint32_t k = 0; (name = policy_constant_name(k)); k++) {
			if (!policy_constant(&policy_abis[i], name, strlen(name), &value))
				continue;
			printf(value.negative ? "%s %s %" PRId64 "\n" : "%s %s %" PRIu64 "\n",
			       policy_abis[i].name, name, value.bits);
		}
	return 0;
}
