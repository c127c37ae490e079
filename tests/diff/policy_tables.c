/* Numbers of calls: our tables and libseccomp's agree on what both know. */
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

static const struct {
	enum sys_abi_id abi;
	uint32_t scmp;
} abis[] = {
	{ SYS_ABI_X86_64, SCMP_ARCH_X86_64 },
	{ SYS_ABI_I386, SCMP_ARCH_X86 },
	{ SYS_ABI_X32, SCMP_ARCH_X32 },
	{ SYS_ABI_ARM, SCMP_ARCH_ARM },
	{ SYS_ABI_AARCH64, SCMP_ARCH_AARCH64 },
	{ SYS_ABI_RISCV64, SCMP_ARCH_RISCV64 },
#ifdef SCMP_ARCH_LOONGARCH64
	{ SYS_ABI_LOONGARCH64, SCMP_ARCH_LOONGARCH64 },
#endif
	{ SYS_ABI_PPC64LE, SCMP_ARCH_PPC64LE },
	{ SYS_ABI_PPC64, SCMP_ARCH_PPC64 },
	{ SYS_ABI_PPC, SCMP_ARCH_PPC },
	{ SYS_ABI_S390X, SCMP_ARCH_S390X },
	{ SYS_ABI_S390, SCMP_ARCH_S390 },
	{ SYS_ABI_MIPS, SCMP_ARCH_MIPS },
	{ SYS_ABI_MIPSEL, SCMP_ARCH_MIPSEL },
	{ SYS_ABI_MIPS64, SCMP_ARCH_MIPS64 },
	{ SYS_ABI_MIPSEL64, SCMP_ARCH_MIPSEL64 },
	{ SYS_ABI_MIPS64N32, SCMP_ARCH_MIPS64N32 },
	{ SYS_ABI_MIPSEL64N32, SCMP_ARCH_MIPSEL64N32 },
#ifdef SCMP_ARCH_M68K
	{ SYS_ABI_M68K, SCMP_ARCH_M68K },
#endif
	{ SYS_ABI_PARISC, SCMP_ARCH_PARISC },
	{ SYS_ABI_PARISC64, SCMP_ARCH_PARISC64 },
#ifdef SCMP_ARCH_SH
	{ SYS_ABI_SH, SCMP_ARCH_SH },
	{ SYS_ABI_SHEB, SCMP_ARCH_SHEB },
#endif
};

/* Ours to theirs: the name gives the same number, if they know it at all. */
static unsigned check_call(uint32_t scmp, const struct sys_abi *abi,
                           const struct sys_call *call, unsigned *unknown)
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

/* The difference is listed in policy_tables.txt, with the reason. */
static bool explained(const struct sys_abi *abi, uint32_t nr, const char *name)
{
	const char *dir = getenv("srcdir");
	char path[4096], line[200], at[40], call[80];
	bool found = false;
	unsigned number;
	FILE *f;

	snprintf(path, sizeof path, "%s/tests/diff/policy_tables.txt",
	         dir ? dir : ".");
	f = fopen(path, "r");
	while (f && !found && fgets(line, sizeof line, f))
		found = sscanf(line, "%39s %u %79s", at, &number, call) == 3 &&
		        !strcmp(at, abi->name) && number == nr &&
		        !strcmp(call, name);
	if (f)
		fclose(f);
	return found;
}

/* Theirs to ours: a number that has a name there has the same one here. */
static unsigned check_number(uint32_t scmp, const struct sys_abi *abi,
                             uint32_t nr)
{
	char *name = seccomp_syscall_resolve_num_arch(scmp, (int)nr);
	struct sys_call call;
	unsigned wrong = 0;

	if (name && !sys_call_by_name(abi, name, strlen(name), &call) &&
	    !explained(abi, nr, name)) {
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
		const struct sys_abi *abi = &sys_abis[abis[i].abi];
		struct sys_call call;

		for (uint32_t k = 0; sys_call_at(abi, k, &call); k++, same++)
			wrong += check_call(abis[i].scmp, abi, &call, &unknown);
		for (uint32_t nr = 0; nr < 6600; nr++)
			wrong += check_number(abis[i].scmp, abi,
			                      abi->nr_bit | nr);
		for (uint32_t nr = 0xf0000; nr < 0xf0010; nr++)
			wrong += check_number(abis[i].scmp, abi, nr);
	}
	printf("%u calls, %u of them unknown to libseccomp, %u differences\n",
	       same, unknown, wrong);
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
