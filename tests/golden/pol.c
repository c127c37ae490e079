/*
 * pol [-a ABIS] [-f FORM] [-g] [-n] [FILE]: for golden tests, what the policy
 * compiler says of a policy, and with -g its graph; -n: where no files are read. Without FILE it reads standard input; what
 * is included lies in the current directory.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "policy/policy.h"
#include "rules/ask.h"

static jmp_buf oom;
static bool no_files; /* includes are errors */
static const char *form;

static void print(void *ctx, const struct diags *d, const struct diag *one)
{
	struct buf out = { .arena = d->arena };

	diag_render(&out, d, one);
	fputs(buf_str(&out), stdout);
}

/* The policy and what it includes. */
static struct arena texts = { .oom = &oom };

static int read_all(FILE *f, const char **text, size_t *len)
{
	char *bytes;

	if (!f)
		return -ENOENT;
	bytes = arena_alloc(&texts, 1 << 20);
	*len = fread(bytes, 1, 1 << 20, f);
	*text = bytes;
	fclose(f);
	return 0;
}

static int open_file(void *ctx, const char *name, const char *from,
                     const char **text, size_t *len)
{
	return read_all(fopen(name, "r"), text, len);
}

/* What is said of TEXT goes to stdout; 0, or the status to exit with. */
static int compile(const char *name, const char *text, size_t len,
                   const char *abis, bool graph)
{
	struct rules_options options = {
		.abis = abis, .open_file = no_files ? NULL : open_file, .from = form
	};
	struct arena arena = { .oom = &oom };
	struct diags d = { .arena = &arena, .emit = print };
	struct buf out = { .arena = &arena };
	const struct rules_tree *tree;
	struct ir_graph *g;

	tree = api_policy_read(&arena, &d, diag_source(&d, name, text, len),
	                       &options);
	if (!tree) {
		arena_free(&arena);
		return 2;
	}
	rules_lint(&arena, &d, tree, policy_question);
	if (graph) {
		g = ir_graph(&arena, rules_input(tree));
		rules_graph(g, tree);
		ir_print(&out, g);
		fputs(buf_str(&out), stdout);
	}
	arena_free(&arena);
	return 0;
}

static int run(int argc, char **argv)
{
	const char *text, *abis = "x86_64", *name;
	bool graph = false;
	size_t len;
	int c;

	while ((c = getopt(argc, argv, "a:f:gn")) != -1) {
		if (c == 'a')
			abis = optarg;
		else if (c == 'n')
			no_files = true;
		else if (c == 'f')
			form = optarg;
		else if (c == 'g')
			graph = true;
		else
			return 2;
	}
	name = argv[optind];
	if (read_all(name ? fopen(name, "r") : stdin, &text, &len) != 0)
		return 3;
	return compile(name ? name : "policy", text, len, abis, graph);
}

int main(int argc, char **argv)
{
	int status = setjmp(oom) ? 3 : run(argc, argv);

	arena_free(&texts);
	return status;
}
