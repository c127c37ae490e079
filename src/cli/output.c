/*
 * Results: their formats, and writing them to stdout or -o FILE. A result that could
 * not be written is never taken for written.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"

int cli_write(const struct cli *c, const char *text, size_t len)
{
	const char *where = c->o.output;
	int err;

	if (!taken_allows(where))
		return EXIT_USAGE;
	/* What does not fit is an error, not the end; weir starts nothing after this. */
	signal(SIGXFSZ, SIG_IGN);
	if (where && strcmp(where, "-") != 0)
		err = replace_file(where, text, len);
	else if (fflush(stdout) != 0)
		err = -errno;
	else
		err = write_all(STDOUT_FILENO, text, len);
	if (!err)
		return EXIT_DONE;
	cli_error("%s: %s", where ? where : "standard output", strerror(-err));
	return EXIT_USAGE;
}

int cli_finish(int status)
{
	int err = 0;

	if (fflush(stdout) != 0)
		err = errno;
	else if (ferror(stdout) && status == EXIT_DONE) /* else it has been said */
		err = EIO;
	/* EBADF: stdout was closed from the start, and nothing went there. */
	if (close(STDOUT_FILENO) < 0 && errno != EBADF && !err)
		err = errno;
	if (!err)
		return status;
	cli_error("standard output: %s", strerror(err));
	return status == EXIT_DONE ? EXIT_USAGE : status;
}

/* What Graphviz makes of "dot". */
static const struct weir_format svg = {
	.size = sizeof svg,
	.name = "svg",
	.summary = "the drawing itself, by Graphviz",
	.kind = WEIR_PROGRAM_FORMAT,
	.writes = true,
};

/*
 * Return the format that -f, --json or tcpdump's -d asks for; the default is
 * for people.
 */
const char *cli_format_wanted(const struct cli *c)
{
	static const char *const tcpdump[] = { "listing", "c", "decimal" };

	if (c->o.format)
		return c->o.format;
	if (c->o.json)
		return "json";
	if (c->o.listing)
		return tcpdump[min_u32(c->o.listing, ARRAY_LEN(tcpdump)) - 1];
	return "listing";
}

const char *cli_library_format(const struct cli *c)
{
	const char *format = cli_format_wanted(c);

	return strcmp(format, svg.name) ? format : "dot";
}

/* Give format I of the library, with "svg" after "dot"; false after the last. */
static bool get_format(unsigned i, struct weir_format *out)
{
	unsigned dot = 0;

	out->size = sizeof *out;
	while (weir_format(dot, out) == 0 && strcmp(out->name, "dot") != 0)
		dot++;
	if (i == dot + 1) {
		*out = svg;
		return true;
	}
	return weir_format(i > dot ? i - 1 : i, out) == 0;
}

/*
 * Tell whether F shares its name with a format of programs: a drawing of a
 * policy does.
 */
static bool is_twice(const struct weir_format *f)
{
	return f->kind == WEIR_POLICY_FORMAT && strcmp(f->name, "dot") == 0;
}

static bool is_listed(const struct weir_format *f, bool policies)
{
	return f->writes && !is_twice(f) && (policies || f->kind == WEIR_PROGRAM_FORMAT);
}

/* Give the first format from *I on that is written, also of a policy if POLICIES. */
static bool next_format(unsigned *i, bool policies, struct weir_format *out)
{
	while (get_format((*i)++, out))
		if (is_listed(out, policies))
			return true;
	return false;
}

static void unknown_format(const char *format, bool policies)
{
	struct weir_format f;
	struct suggest s;
	const char *near, *join = " ";

	suggest_start(&s, format, strlen(format));
	for (unsigned i = 0; next_format(&i, policies, &f);)
		suggest_offer(&s, f.name);
	near = suggest_best(&s);
	cli_error("unknown format '%s'%s%s%s", format,
	          near ? "; did you mean '" : "", near ? near : "",
	          near ? "'?" : "");
	fprintf(stderr, "weir: formats are");
	for (unsigned i = 0; next_format(&i, policies, &f); join = ", ")
		fprintf(stderr, "%s%s", join, f.name);
	fputc('\n', stderr);
}

int cli_find_format(const struct cli *c, bool policies, struct weir_format *out)
{
	const char *format = cli_format_wanted(c);

	for (unsigned i = 0; next_format(&i, policies, out);)
		if (strcmp(out->name, format) == 0)
			return EXIT_DONE;
	unknown_format(format, policies);
	return EXIT_USAGE;
}

void cli_list_formats(FILE *out)
{
	static const char *const kinds[] = {
		[WEIR_PROGRAM_FORMAT] = "program",
		[WEIR_POLICY_FORMAT] = "policy",
	};
	struct weir_format f = { .size = sizeof f };

	for (unsigned i = 0; get_format(i, &f); i++)
		if (!is_twice(&f))
			fprintf(out, "%-16s %-8s %-6s %-5s %s\n", f.name, kinds[f.kind],
			        f.writes ? "writes" : "-", f.reads ? "reads" : "-", f.summary);
}

void cli_print_used(void *ctx, uint64_t memory, uint64_t work)
{
	fprintf(stderr, "it took %" PRIu64 " KiB of memory and %" PRIu64 " steps of work\n",
	        memory >> 10, work);
}

void cli_print_gain(void *ctx, const char *pass, size_t insns, uint64_t cost)
{
	fprintf(stderr, "%-8s %5zu instructions, %" PRIu64 ".%02" PRIu64 " run on average\n",
	        pass, insns, cost / 1000, cost % 1000 / 10);
}

int cli_report(struct cli *c, int (*body)(struct cli *c, struct buf *out, void *ctx),
               void *ctx)
{
	struct arena arena = { 0 };
	struct buf out = { .arena = &arena };
	jmp_buf oom;
	int status;

	arena.oom = &oom;
	if (setjmp(oom)) {
		cli_error("out of memory");
		status = EXIT_USAGE;
	} else {
		status = body(c, &out, ctx);
		/* The answer may be no. */
		if (status != EXIT_USAGE) {
			const char *text = buf_str(&out);
			int written = cli_write(c, text, out.len);

			status = written == EXIT_DONE ? status : written;
		}
	}
	arena_free(&arena);
	return status;
}

int cli_write_format(const struct cli *c, const char *text, size_t len)
{
	char *drawn;
	int status;

	if (strcmp(cli_format_wanted(c), svg.name) != 0)
		return cli_write(c, text, len);
	status = svg_draw(text, len, &drawn, &len);
	if (status == EXIT_DONE)
		status = cli_write(c, drawn, len);
	free(drawn);
	return status;
}
