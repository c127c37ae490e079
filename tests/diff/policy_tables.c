/* Numbers of calls: our tables and libseccomp's agree on what both know. */
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

static const struct {
	enum policy_abi_id abi;
	uint32_t scmp;
} abis[] = {
	{POLICY_ABI_X86_64, SCMP_ARCH_X86_64},
	{POLICY_ABI_I386, SCMP_ARCH_X86},
	{POLICY_ABI_X32, SCMP_ARCH_X32},
};

/* Ours to theirs: the name gives the same number, if they know it at all. */
static unsigned check_call(uint32_t scmp, const struct policy_abi *abi,
                           const struct policy_call *call, unsigned *unknown)
{
	int nr = seccomp_syscall_resolve_name_arch(scmp, call->name);

	/* Below zero: not known, or not by this ABI. */
	if (nr < 0) {
		++*unknown;
		return 0;
	}
	if ((uint32_t)nr == call->nr)
		return 0;
	printf("%s: %s is %u, libseccomp says %d\n", abi->name, call->name,
	       call->nr, nr);
	return 1;
}

/* Theirs to ours: a number that has a name there has the same one here. */
static unsigned check_number(uint32_t scmp, const struct policy_abi *abi,
                             uint32_t nr)
{
	char *name = seccomp_syscall_resolve_num_arch(scmp, (int)nr);
	struct policy_call call;
	unsigned wrong = 0;

	if (name && !policy_call_by_name(abi, name, strlen(name), &call)) {
		printf("%s: %u is '%s' for libseccomp, and unknown here\n",
		       abi->name, nr, name);
		wrong = 1;
	}
	free(name);
	return wrong;
}

int main(void)
{
	unsigned wrong = 0, same = 0, unknown = 0;

	for (size_t i = 0; i < ARRAY_LEN(abis); i++) {
		const struct policy_abi *abi = &policy_abis[abis[i].abi];
		struct policy_call call;

		for (uint32_t k = 0; policy_call_at(abi, k, &call); k++, same++)
			wrong += check_call(abis[i].scmp, abi, &call, &unknown);
		for (uint32_t nr = 0; nr < 600; nr++)
			wrong += check_number(abis[i].scmp, abi,
			                      abi->nr_bit | nr);
	}
	printf("%u calls, %u of them unknown to libseccomp, %u differences\n",
	       same, unknown, wrong);
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
