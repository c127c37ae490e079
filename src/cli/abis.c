/* The ABIs that one kernel answers for, which weir's own rules are about. */
#include "config.h"

#include <string.h>

#include "base/base.h"
#include "cli/abis.h"
#include "weir.h"

/* Source: the compat entries of arch/ of Linux 6.18. */
static const struct {
	const char *native, *all;
} machines[] = {
	{ "x86_64", "x86_64,i386,x32" },
	{ "x32", "x86_64,i386,x32" },
	{ "i386", "x86_64,i386,x32" },
	{ "aarch64", "aarch64,arm" },
	{ "arm", "aarch64,arm" },
	{ "s390x", "s390x,s390" },
	{ "ppc64", "ppc64,ppc" },
	{ "mips64", "mips64,mips64n32,mips" },
	{ "mips64n32", "mips64,mips64n32,mips" },
	{ "mips", "mips64,mips64n32,mips" },
	{ "mipsel64", "mipsel64,mipsel64n32,mipsel" },
	{ "mipsel64n32", "mipsel64,mipsel64n32,mipsel" },
	{ "mipsel", "mipsel64,mipsel64n32,mipsel" },
	{ "parisc64", "parisc64,parisc" },
};

const char *cli_machine_abis(void)
{
	const char *native = weir_native_abi();

	for (size_t i = 0; native && i < ARRAY_LEN(machines); i++)
		if (strcmp(machines[i].native, native) == 0)
			return machines[i].all;
	return native;
}

bool cli_is_box_rule(const char *policy)
{
	return strcmp(policy, "box") == 0 || strncmp(policy, "box-", 4) == 0;
}
