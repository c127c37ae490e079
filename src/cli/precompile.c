/*
 * Run while weir is built: the policies that come with it as programs, in rows of
 * C for precompiled.c. Texts that are only there to be included are left out.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/building.h"
#include "cli/cli.h"

static struct weir_program *compile(const char *name, uint64_t *includes)
{
	const struct weir_compile_options checked = {
		.size = sizeof checked,
		.diag = building_complain,
		.check = true,
	};
	struct weir_policy *policy =
		building_policy(name, shipped_text(name), NULL, NULL, includes);
	struct weir_program *program;

	building_must(weir_policy_compile(&program, policy, &checked), name);
	weir_policy_free(policy);
	return program;
}

static void print_insns(unsigned row, const struct weir_program *program)
{
	size_t n;
	const struct sock_filter *insns = weir_program_insns(program, &n);

	printf("static const struct sock_filter program_%u[] = {\n", row);
	for (size_t i = 0; i < n; i++)
		printf("{ %u, %u, %u, %u },\n", insns[i].code, insns[i].jt,
		       insns[i].jf, insns[i].k);
	printf("};\n");
}

int main(void)
{
	uint64_t includes[64], made = 0;

	for (unsigned i = 0; shipped_name(i); i++) {
		struct weir_program *program;

		if (!building_is_whole(shipped_text(shipped_name(i))))
			continue;
		program = compile(shipped_name(i), &includes[i]);
		print_insns(i, program);
		weir_program_free(program);
		made |= UINT64_C(1) << i;
	}
	printf("static const struct precompiled precompiled[] = {\n");
	for (unsigned i = 0; shipped_name(i); i++)
		if (made & UINT64_C(1) << i)
			printf("{ %u, UINT64_C(0x%" PRIx64 "), program_%u, "
			       "ARRAY_LEN(program_%u) },\n",
			       i, includes[i], i, i);
	printf("};\n");
	return building_end();
}
