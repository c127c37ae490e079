/*
 * What the options of weir run say about the box: paths, network, limits, time; and the
 * policies that weir adds for it.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/base.h"
#include "cli/abis.h"
#include "cli/box.h"

/* --- numbers ----------------------------------------------------------------------- */

/* Read "10" or "10s"; EXIT_DONE, or EXIT_USAGE after a message. */
static int read_seconds(const char *option, const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	if (text && isdigit((unsigned char)*text)) {
		*out = strtoull(text, &end, 10);
		if (!errno && *out && *out <= INT32_MAX && (!*end || strcmp(end, "s") == 0))
			return EXIT_DONE;
	}
	cli_error("%s takes seconds, such as 10, not '%s'", option, text);
	return EXIT_USAGE;
}

/* --- options ------------------------------------------------------------------------- */

static void add_paths(struct cli_box *b, enum box_access access, const struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		b->path[b->box.npaths++] = (struct box_path){ access, t->v[i] };
}

static int set_paths(struct cli_box *b, const struct options *o)
{
	b->path = calloc(o->rw.n + o->ro.n + o->hide.n + 1, sizeof *b->path);
	if (!b->path) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	b->box.path = b->path;
	add_paths(b, BOX_RW, &o->rw);
	add_paths(b, BOX_RO, &o->ro);
	add_paths(b, BOX_HIDE, &o->hide);
	b->box.shown = o->show.v;
	b->box.nshown = o->show.n;
	return EXIT_DONE;
}

static int set_net(struct cli_box *b, const struct options *o)
{
	if (!o->net || strcmp(o->net, "all") == 0)
		return EXIT_DONE;
	if (strcmp(o->net, "none") == 0) {
		b->box.net = BOX_NET_NONE;
		return EXIT_DONE;
	}
	cli_error("--net takes 'none' or 'all', not '%s'", o->net);
	return EXIT_USAGE;
}

static int set_tmp(struct cli_box *b, const struct options *o)
{
	if (!o->tmp || strcmp(o->tmp, "private") == 0)
		return EXIT_DONE;
	if (strcmp(o->tmp, "shared") == 0) {
		b->box.shared_tmp = true;
		return EXIT_DONE;
	}
	cli_error("--tmp takes 'private' or 'shared', not '%s'", o->tmp);
	return EXIT_USAGE;
}

/* Read "cpu=10"; EXIT_DONE, or EXIT_USAGE after a message. */
static int add_limit(struct cli_box *b, const char *text)
{
	static const struct {
		const char *name;
		int resource;
	} limits[] = {
		{ "cpu", RLIMIT_CPU },
		{ "files", RLIMIT_NOFILE },
		{ "fsize", RLIMIT_FSIZE },
	};
	const char *equals = strchr(text, '=');
	size_t n = equals ? (size_t)(equals - text) : 0;
	uint64_t value;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		if (n != strlen(limits[i].name) || strncmp(text, limits[i].name, n) != 0)
			continue;
		if (!options_size(equals + 1, 10, &value))
			break;
		b->limit[b->box.nlimits++] = (struct box_limit){ limits[i].resource, value };
		return EXIT_DONE;
	}
	cli_error("--limit takes cpu=SECONDS, files=N or fsize=SIZE, such as fsize=64M, not '%s'",
	          text);
	return EXIT_USAGE;
}

static int set_limits(struct cli_box *b, const struct options *o)
{
	int status = EXIT_DONE;

	b->limit = calloc(o->limit.n + 1, sizeof *b->limit);
	if (!b->limit) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	b->box.limit = b->limit;
	for (size_t i = 0; status == EXIT_DONE && i < o->limit.n; i++)
		status = add_limit(b, o->limit.v[i]);
	return status;
}

/* --- rules -------------------------------------------------------------------------------- */

/* Read and compile the shipped policy NAME for all ABIs of the machine. */
static int compile_rule(const struct cli *c, const char *name, struct weir_program **program)
{
	struct weir_read_options read = { .size = sizeof read, .name = name, .open_file = c->o.reading.open_file, .ctx = c->o.reading.ctx };
	struct weir_policy_options o = { .size = sizeof o, .read = &read, .abis = cli_machine_abis() };
	const char *text = shipped_text(name);
	struct weir_policy *policy;
	int err = shipped_program(text, strlen(text), program);

	if (err != -ENOENT)
		return err;
	err = weir_policy_read(&policy, text, strlen(text), &o);
	if (err)
		return err;
	err = weir_policy_compile(program, policy, NULL);
	weir_policy_free(policy);
	return err;
}

static int add_rule(const struct cli *c, struct cli_box *b, const char *name)
{
	int err = compile_rule(c, name, &b->rules[b->nrules]);

	if (err) {
		cli_error("policy '%s', which weir adds: %s", name, strerror(-err));
		return EXIT_USAGE;
	}
	b->nrules++;
	return EXIT_DONE;
}

static int set_rules(const struct cli *c, struct cli_box *b)
{
	const struct {
		const char *name;
		bool wanted;
	} rules[] = {
		{ "box", true },
		{ "box-sockets", b->box.npaths || b->box.net == BOX_NET_NONE },
		{ "box-metadata", b->setup.means[BOX_METADATA] == BOX_BY_FILTER },
		{ "box-network", b->setup.means[BOX_NETWORK] == BOX_BY_FILTER },
	};
	int status = EXIT_DONE;

	for (size_t i = 0; status == EXIT_DONE && i < ARRAY_LEN(rules); i++)
		if (rules[i].wanted)
			status = add_rule(c, b, rules[i].name);
	return status;
}

/* --- all of it ----------------------------------------------------------------------------------- */

static int read_options(struct cli *c, struct cli_box *b)
{
	const struct options *o = &c->o;
	int status = set_paths(b, o);

	b->box.abstract = o->abstract;
	b->box.best_effort = o->best_effort;
	b->patience = 5;
	if (status == EXIT_DONE)
		status = set_net(b, o);
	if (status == EXIT_DONE)
		status = set_tmp(b, o);
	if (status == EXIT_DONE)
		status = set_limits(b, o);
	if (status == EXIT_DONE)
		status = box_set_powers(b, o);
	if (status == EXIT_DONE)
		status = box_set_kept(b, o, c->rest);
	if (status == EXIT_DONE && o->run_timeout)
		status = read_seconds("--timeout", o->run_timeout, &b->timeout);
	if (status == EXIT_DONE && o->kill_after)
		status = read_seconds("--kill-after", o->kill_after, &b->patience);
	return status;
}

int cli_box_open(struct cli *c, struct cli_box *b, const char *program)
{
	int status, err;

	*b = (struct cli_box){ .patience = 0 };
	status = read_options(c, b);
	if (status != EXIT_DONE)
		return status;
	b->box.program = program;
	err = box_prepare(&b->setup, &b->box);
	if (err) {
		cli_error("%s%s%s", b->setup.at, b->setup.at[0] ? ": " : "",
		          err == -EEXIST ? "named twice, in different ways" : strerror(-err));
		return EXIT_USAGE;
	}
	status = box_check_missing(c, b);
	if (status == EXIT_DONE)
		status = set_rules(c, b);
	if (status != EXIT_DONE)
		return status;
	box_clean_environment(c, b->box.npaths || b->box.net == BOX_NET_NONE);
	box_warn_of_unseen(c, b, c->rest);
	if (b->setup.unsearched)
		cli_warning(c, "too many directories to find every .git: deeper ones are not "
		               "protected");
	return EXIT_DONE;
}

void cli_box_close(struct cli_box *b)
{
	for (size_t i = 0; i < b->nrules; i++)
		weir_program_free(b->rules[i]);
	box_free(&b->setup);
	free(b->path);
	free(b->limit);
	free(b->kept);
}
