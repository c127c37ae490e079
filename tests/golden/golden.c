/*
 * Runs golden files: input and expected output side by side.
 *
 *     golden [-u] FILE...        -u writes what came out into the files
 *
 * A file is a list of cases. A line "== TITLE" begins one, a line "--" ends its
 * input, and what follows up to the next case is what has to come out. What is
 * done with the input depends on the directory of the file: a row of kinds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "policy/policy.h"

/* --- kinds ------------------------------------------------------------------------ */

static void keep_message(void *ctx, const struct diags *d, const struct diag *one)
{
	diag_render(ctx, d, one);
}

/* The files that policies may include. */
static int open_file(void *ctx, const char *name, const char *from, const char **text,
                     size_t *len)
{
	if (!strcmp(name, "./kill")) {
		*text = "default kill\n";
		*len = strlen(*text);
		return 0;
	}
	if (!strcmp(name, "./wrong")) {
		*text = "group @files = open, openta\n";
		*len = strlen(*text);
		return 0;
	}
	return -ENOENT;
}

/* The messages about a policy, and if it is right, how many rules it has. */
static void run_policy(struct arena *arena, const char *text, size_t len, struct buf *out)
{
	struct diags d = { .arena = arena, .emit = keep_message, .ctx = out };
	struct policy_options options = { .open_file = open_file, .abis = "x86_64" };
	const struct policy_tree *tree;

	tree = policy_parse(arena, &d, diag_source(&d, "policy", text, len), &options);
	if (!tree)
		return;
	policy_lint(arena, &d, tree);
	buf_printf(out, "%u rule%s\n", tree->nrule, tree->nrule == 1 ? "" : "s");
}

static const struct {
	const char *directory;
	void (*run)(struct arena *arena, const char *text, size_t len, struct buf *out);
} kinds[] = {
	{ "/policy/", run_policy },
};

/* --- files ------------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(1 << 20);

	if (!f || !text) {
		perror(path);
		exit(2);
	}
	*len = fread(text, 1, (1 << 20) - 1, f);
	text[*len] = 0;
	fclose(f);
	return text;
}

static void write_file(const char *path, const struct buf *text)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(text->s, 1, text->len, f) != text->len || fclose(f)) {
		perror(path);
		exit(2);
	}
}

/* Where the first line at or after P begins with WORD; END if none does. */
static const char *find_line(const char *p, const char *end, const char *word)
{
	while (p < end && strncmp(p, word, strlen(word)) != 0) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		p = nl ? nl + 1 : end;
	}
	return p;
}

static const char *next_line(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl ? nl + 1 : end;
}

/* --- running -------------------------------------------------------------------------- */

/* Runs the case at P, adds it to NEW with what came out; false if that differs. */
static bool run_case(const char *path, unsigned kind, const char *p, const char *end,
                     struct buf *new)
{
	jmp_buf oom;
	struct arena arena = { .oom = &oom };
	struct buf out = { .arena = &arena };
	const char *input = next_line(p, end);
	const char *cut = find_line(input, end, "--\n"), *want = next_line(cut, end);
	bool same;

	if (setjmp(oom)) {
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	kinds[kind].run(&arena, input, (size_t)(cut - input), &out);
	buf_putc(&out, '\n');
	same = out.len == (size_t)(end - want) && !memcmp(out.s, want, out.len);
	if (!same)
		printf("%s: %.*s--- expected\n%.*s--- came out\n%.*s", path,
		       (int)(input - p), p, (int)(end - want), want, (int)out.len, out.s);
	buf_write(new, p, (size_t)(cut - p));
	buf_puts(new, "--\n");
	buf_write(new, out.s, out.len);
	arena_free(&arena);
	return same;
}

static unsigned kind_of(const char *path)
{
	for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
		if (strstr(path, kinds[i].directory))
			return i;
	fprintf(stderr, "%s: no kind has this directory\n", path);
	exit(2);
}

static bool run_file(const char *path, bool update)
{
	jmp_buf oom;
	struct arena arena = { .oom = &oom };
	struct buf new = { .arena = &arena };
	size_t len;
	char *text = read_file(path, &len);
	const char *end = text + len, *p = find_line(text, end, "== "), *next;
	bool ok = true;

	if (setjmp(oom))
		exit(2);
	buf_write(&new, text, (size_t)(p - text));
	for (; p < end; p = next) {
		next = find_line(next_line(p, end), end, "== ");
		ok &= run_case(path, kind_of(path), p, next, &new);
	}
	if (update && !ok)
		write_file(path, &new);
	arena_free(&arena);
	free(text);
	return ok || update;
}

int main(int argc, char **argv)
{
	bool ok = true, update = argc > 1 && !strcmp(argv[1], "-u");

	for (int i = 1 + update; i < argc; i++)
		ok &= run_file(argv[i], update);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
