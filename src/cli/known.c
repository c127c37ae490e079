/*
 * Names for what a filter does, whatever instructions it has: programs that answer all
 * calls alike have the same fingerprint.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "cli/ps.h"
#include "launch/launch.h"

/* What is known when weir is built; in a cross build known.def alone. */
static const struct known table[] = {
#define KNOWN(name, sample, print) { name, sample, { print } },
#include "cli/known.def"
#include "cli/known_table.h"
#undef KNOWN
};

static bool is_row(const struct known *row, uint64_t sample, const struct known_print *print)
{
	return row->sample == sample && !strcmp(row->print.text, print->text);
}

/* Tell whether a program with this sample may be one of the rows. */
static bool may_be_known(struct ps *ps, uint64_t sample)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].sample == sample)
			return true;
	array_each(row, &ps->asked)
		if (row->sample == sample)
			return true;
	return false;
}

static const char *find_name(struct ps *ps, uint64_t sample, const struct known_print *print)
{
	array_each(row, &ps->asked)
		if (is_row(row, sample, print))
			return row->name;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (is_row(&table[i], sample, print))
			return table[i].name;
	return NULL;
}

const char *known_program(struct ps *ps, const struct sock_filter *insns, size_t n)
{
	size_t before = launch_prefix_of(insns, n);
	uint64_t sample = known_sample(insns + before, n - before);
	struct known_print print;
	struct weir_program *p = NULL;
	int err;

	/* A fingerprint may take long, and most programs are like none that is known. */
	if (sample && !may_be_known(ps, sample))
		return NULL;
	err = sample ? 0 : -ENOMEM;
	if (!err)
		err = weir_program_new(&p, WEIR_SECCOMP, insns + before, n - before);
	if (!err)
		err = weir_program_fingerprint(p, print.text);
	weir_program_free(p);
	if (err == -ENOMEM)
		ps_unseen(ps, "a profile: %s", strerror(ENOMEM));
	return err ? NULL : find_name(ps, sample, &print);
}

bool known_ask(struct ps *ps, const char *name)
{
	struct cli_policy *policy = cli_policy_open(ps->cli, name);
	struct weir_program *program = NULL;
	struct known row = { .name = name };
	const struct sock_filter *insns;
	size_t n;
	bool done = policy && cli_policy_program(policy, &program) == EXIT_DONE;

	if (done && weir_program_fingerprint(program, row.print.text)) {
		cli_error("out of memory");
		done = false;
	}
	if (done) {
		insns = weir_program_insns(program, &n);
		row.sample = known_sample(insns, n);
		array_push(ps->arena, &ps->asked, row);
	}
	weir_program_free(program);
	cli_policy_close(policy);
	return done;
}
