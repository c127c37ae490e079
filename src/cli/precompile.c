/*
 * Run while weir is built: policies/default as a program, in rows of C, so that
 * `weir run` without a policy need not compile one each time.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "weir.h"

static const char text[] =
#include "cli/default_policy.h"
	;

static void complain(void *ctx, const struct weir_diag *diag)
{
	fputs(diag->rendered, stderr);
}

int main(void)
{
	struct weir_common_options common = { .size = sizeof common, .diag = complain };
	struct weir_policy_options o = {
		.size = sizeof o, .common = &common, .name = "policies/default",
	};
	struct weir_program *program;
	const struct sock_filter *insns;
	size_t n;
	int err = weir_compile_policy(&program, text, sizeof text - 1, &o);

	if (err) {
		fprintf(stderr, "policies/default: %s\n", strerror(-err));
		return 1;
	}
	insns = weir_program_insns(program, &n);
	for (size_t i = 0; i < n; i++)
		printf("{ %u, %u, %u, %u },\n", insns[i].code, insns[i].jt,
		       insns[i].jf, insns[i].k);
	weir_program_free(program);
	return fflush(stdout) || ferror(stdout);
}
