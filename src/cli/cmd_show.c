/* weir show: a program in any format in, the same program in another one out. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

/* Tell whether FORMAT has words about packets in it, or the link type itself. */
static bool has_words(const char *format)
{
	static const char *const with[] = { "listing", "asm", "json", "dot", "savefile" };

	for (size_t i = 0; i < ARRAY_LEN(with); i++)
		if (strcmp(format, with[i]) == 0)
			return true;
	return false;
}

/* Tell whether P does not know the link type of its packets. */
static bool needs_linktype(const struct cli_program *p)
{
	return weir_program_linktype(p->program) < 0 &&
	       weir_program_kind(p->program) == WEIR_PACKET;
}

/* Set E to what C says of packets; a link type that P does not know is assumed aloud. */
static bool packets_of(struct cli *c, const struct cli_program *p,
                       struct weir_expression_options *e)
{
	int linktype = weir_program_linktype(p->program);

	if (!packet_options(c, e))
		return false;
	if (linktype >= 0) {
		e->linktype = linktype;
		e->have_linktype = true;
	} else if (needs_linktype(p) && !c->o.linktype) {
		cli_note(c, "fields are named for link type %s; -t sets another",
		         weir_linktype_name(e->linktype));
	}
	return true;
}

static int write_program(struct cli *c, const struct cli_program *p)
{
	struct weir_expression_options e;

	if (!needs_linktype(p) || !has_words(cli_library_format(c)))
		return cli_write_program(c, p->program, NULL);
	if (!packets_of(c, p, &e))
		return EXIT_USAGE;
	return cli_write_program(c, p->program, &e.linktype);
}

/* --- what a packet program asks ---------------------------------------------------------- */

/* An expression, and how it is understood. */
struct explained {
	struct weir_expression *expression;
	bool found; /* it was found, so its text is news */
};

static int put_explained(struct cli *c, struct buf *out, void *ctx)
{
	const struct explained *x = ctx;
	struct weir_source text = { .size = sizeof text };
	char *lines = NULL;
	size_t len;
	int err = weir_expression_explain(x->expression, &lines, &len);

	if (!err && x->found)
		err = weir_expression_source(x->expression, 0, &text);
	if (err)
		return cli_compile_failed(err);
	if (x->found) {
		buf_write(out, text.text, text.len);
		buf_puts(out, "\n\n");
	}
	buf_write(out, lines, len);
	free(lines);
	return EXIT_DONE;
}

static void put_way(void *ctx, const struct weir_way *way)
{
	struct buf *out = ctx;

	buf_printf(out, "%s: %s\n", way->result, *way->condition ? way->condition : "every packet");
	if (way->last)
		buf_puts(out, "...\n");
}

static int put_ways(struct cli *c, struct buf *out, void *ctx)
{
	const struct cli_program *p = ctx;
	int err = weir_program_ways(p->program, put_way, out);

	return err ? cli_compile_failed(err) : EXIT_DONE;
}

static void skip_way(void *ctx, const struct weir_way *way)
{
}

/* Write the ways through P, which has no expression; if they are too many, list it. */
static int explain_ways(struct cli *c, const struct cli_program *p,
                        const struct weir_expression_options *e)
{
	if (weir_program_ways(p->program, skip_way, NULL) == 0) {
		cli_note(c, "no expression is known to match the same packets; here is what "
		            "leads to each result");
		return cli_report(c, put_ways, (void *)p);
	}
	cli_note(c, "no expression is known to match the same packets; here is what "
	            "the program asks");
	return cli_write_program(c, p->program, &e->linktype);
}

/* Write the expression of P, and how it is understood; the ways through it if none. */
static int explain_packets(struct cli *c, const struct cli_program *p)
{
	struct weir_expression_options e;
	struct explained x = { .expression = p->expression };
	int err, status;

	if (x.expression)
		return cli_report(c, put_explained, &x);
	if (!packets_of(c, p, &e))
		return EXIT_USAGE;
	err = weir_expression_lift(&x.expression, p->program, &e);
	if (err == -ENOENT)
		return explain_ways(c, p, &e);
	if (err)
		return cli_compile_failed(err);
	x.found = true;
	status = cli_report(c, put_explained, &x);
	weir_expression_free(x.expression);
	return status;
}

/* Show P, of a format that is one of programs or, if POLICY, of policies. */
static int show(struct cli *c, const struct cli_program *p, bool policy)
{
	bool packets = weir_program_kind(p->program) == WEIR_PACKET;

	if (packets && (policy || c->o.ask.n)) {
		cli_error("'%s' is a packet program; %s is for seccomp programs", p->name,
		          policy ? c->o.format : "--ask");
		return EXIT_USAGE;
	}
	if (c->o.explain || c->o.ask.n)
		return packets ? explain_packets(c, p) : lifted_answers(c, p);
	if (policy || (!packets && strcmp(cli_library_format(c), "dot") == 0))
		return lifted_write(c, p);
	return write_program(c, p);
}

/* Write the filters of a process, one after the other; only a listing can be of several. */
static int write_all_programs(struct cli *c, const struct cli_programs *all,
                              const struct weir_format *format)
{
	int status = EXIT_DONE;

	if (all->n > 1 && (strcmp(format->name, "listing") != 0 || c->o.output)) {
		cli_error("the process has %zu filters, but only a listing without -o can show "
		          "more than one; name one, as in --pid N#1",
		          all->n);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < all->n && status == EXIT_DONE; i++) {
		if (all->n > 1) {
			printf("%s%s:\n", i ? "\n" : "", all->v[i].name);
			fflush(stdout);
		}
		status = show(c, &all->v[i], format->kind == WEIR_POLICY_FORMAT);
	}
	return status;
}

int cmd_show(struct cli *c)
{
	struct weir_format format;
	struct cli_programs all;
	int status = cli_find_format(c, true, &format);

	if (status != EXIT_DONE)
		return status;
	if (!cli_program_given(c))
		return EXIT_USAGE;
	if (c->o.explain && c->o.ask.n) {
		cli_error("--explain and --ask are mutually exclusive");
		return EXIT_USAGE;
	}
	status = cli_programs_open(c, 0, &all);
	if (status == EXIT_DONE)
		status = write_all_programs(c, &all, &format);
	cli_programs_close(&all);
	return status;
}
