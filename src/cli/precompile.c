/*
 * Run while weir is built: the policies that come with it as programs, in rows of
 * C for precompiled.c. Texts that are only there to be included are left out.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weir.h"

static const struct {
	const char *name, *text;
} shipped[] = {
#include "cli/shipped_texts.h"
};
enum {
	SHIPPED = sizeof shipped / sizeof *shipped
};

static void complain(void *ctx, const struct weir_diag *diag)
{
	if (diag->severity == WEIR_ERROR)
		fputs(diag->rendered, stderr);
}

/* The row that is included; its bit is set in *CTX. */
static int open_row(void *ctx, const char *name, const char *from, char **text,
                    size_t *len)
{
	for (int i = 0; i < SHIPPED; i++) {
		if (strcmp(shipped[i].name, name) != 0)
			continue;
		*(uint64_t *)ctx |= UINT64_C(1) << i;
		*text = strdup(shipped[i].text);
		*len = strlen(shipped[i].text);
		return *text ? 0 : -ENOMEM;
	}
	return -ENOENT;
}

/* A policy says what its default is, in a line of its own. */
static bool is_whole(const char *text)
{
	return strncmp(text, "default ", 8) == 0 || strstr(text, "\ndefault ");
}

static int compile(int row, struct weir_program **program, uint64_t *includes)
{
	struct weir_read_options read = {
		.size = sizeof read,
		.name = shipped[row].name,
		.diag = complain,
		.open_file = open_row,
		.ctx = includes,
	};
	struct weir_policy_options o = { .size = sizeof o, .read = &read };
	const char *text = shipped[row].text;
	const struct weir_compile_options checked = {
		.size = sizeof checked,
		.diag = complain,
		.check = true,
	};
	struct weir_policy *policy;
	int err;

	*includes = 0;
	err = weir_policy_read(&policy, text, strlen(text), &o);
	if (err)
		return err;
	err = weir_policy_compile(program, policy, &checked);
	weir_policy_free(policy);
	return err;
}

static void print_insns(int row, const struct weir_program *program)
{
	size_t n;
	const struct sock_filter *insns = weir_program_insns(program, &n);

	printf("static const struct sock_filter program_%d[] = {\n", row);
	for (size_t i = 0; i < n; i++)
		printf("{ %u, %u, %u, %u },\n", insns[i].code, insns[i].jt,
		       insns[i].jf, insns[i].k);
	printf("};\n");
}

int main(void)
{
	static uint64_t includes[SHIPPED];
	static bool made[SHIPPED];

	for (int i = 0; i < SHIPPED; i++) {
		struct weir_program *program;
		int err;

		if (!is_whole(shipped[i].text))
			continue;
		err = compile(i, &program, &includes[i]);
		if (err) {
			fprintf(stderr, "policies/%s: %s\n", shipped[i].name,
			        strerror(-err));
			return 1;
		}
		print_insns(i, program);
		weir_program_free(program);
		made[i] = true;
	}
	printf("static const struct precompiled precompiled[] = {\n");
	for (int i = 0; i < SHIPPED; i++)
		if (made[i])
			printf("{ %d, UINT64_C(0x%" PRIx64 "), program_%d, "
			       "ARRAY_LEN(program_%d) },\n",
			       i, includes[i], i, i);
	printf("};\n");
	return fflush(stdout) || ferror(stdout);
}
