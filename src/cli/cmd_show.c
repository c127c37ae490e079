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

/* Write the expression of P, and how it is understood; the ways through it if none. */
static int explain_packets(struct cli *c, const struct cli_program *p)
{
	struct weir_expression_options e;
	struct weir_expression *found;
	int err, status;

	if (p->expression)
		return explained_write(c, p->expression, weir_program_linktype(p->program),
		                       false);
	if (!packets_of(c, p, &e))
		return EXIT_USAGE;
	err = weir_expression_lift(&found, p->program, &e);
	if (err == -ENOENT)
		return explained_write_ways(c, p->program, e.linktype);
	if (err)
		return cli_compile_failed(err);
	status = explained_write(c, found, e.linktype, true);
	weir_expression_free(found);
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

/* Tell whether what is shown of a program is JSON. */
static bool is_json(const struct cli *c, const struct weir_format *format)
{
	bool asks = c->o.explain || c->o.ask.n;

	return asks ? c->o.json : strcmp(format->name, "json") == 0;
}

/*
 * Write the filters of a process, one after the other; a listing and JSON can be of
 * several.
 */
static int write_all_programs(struct cli *c, const struct cli_programs *all,
                              const struct weir_format *format)
{
	bool json = is_json(c, format);
	int status = EXIT_DONE;

	if (all->n > 1 && ((strcmp(format->name, "listing") != 0 && !json) || c->o.output)) {
		cli_error("the process has %zu filters, but only a listing or JSON without -o can "
		          "show more than one; name one, as in --pid N#1",
		          all->n);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < all->n && status != EXIT_USAGE; i++) {
		int one;

		if (all->n > 1 && json)
			puts(i ? "," : "[");
		else if (all->n > 1)
			printf("%s%s:\n", i ? "\n" : "", all->v[i].name);
		fflush(stdout);
		one = show(c, &all->v[i], format->kind == WEIR_POLICY_FORMAT);
		status = one == EXIT_DONE ? status : one;
	}
	if (all->n > 1 && json)
		puts("]");
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
