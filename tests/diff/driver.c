/* Runs a differential test: reads its options by a table, then what it does. */
#include "tests/diff/diff.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_option(const struct driver_option *o)
{
	char left[40];

	snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "",
	         o->value ? o->value : "");
	fprintf(stderr, "  %-20s %s\n", left, o->help);
}

/* Say what is wrong, and what there is. */
static _Noreturn void misused(const struct driver *d, const char *why, const char *word)
{
	fprintf(stderr, "%s: %s '%s'\noptions of %s:\n", d->name, why, word, d->name);
	for (const struct driver_option *o = d->options; o->name; o++)
		print_option(o);
	exit(2);
}

static void set_number(const struct driver *d, const struct driver_option *o,
                       const char *value)
{
	char *end;

	errno = 0;
	*(uint64_t *)o->to = strtoull(value, &end, 0);
	if (!isdigit((unsigned char)*value) || *end || errno)
		misused(d, "expected a number, found", value);
}

static void set(const struct driver *d, const struct driver_option *o, const char *value)
{
	switch (o->kind) {
	case DRIVER_NUMBER:
		set_number(d, o, value);
		break;
	case DRIVER_TEXT:
		*(const char **)o->to = value;
		break;
	case DRIVER_SET:
		*(bool *)o->to = true;
		break;
	case DRIVER_CLEAR:
		*(bool *)o->to = false;
		break;
	}
}

static void read_options(const struct driver *d, char **argv)
{
	while (*++argv) {
		const struct driver_option *o = d->options;

		while (o->name && (strncmp(*argv, "--", 2) || strcmp(*argv + 2, o->name)))
			o++;
		if (!o->name)
			misused(d, "unknown option", *argv);
		if (o->value && !argv[1])
			misused(d, "expected a value after", *argv);
		set(d, o, o->value ? *++argv : NULL);
	}
}

int driver_main(const struct driver *d, char **argv)
{
	read_options(d, argv);
	if (setjmp(test_oom)) {
		fprintf(stderr, "%s: out of memory\n", d->name);
		return 99;
	}
	return d->run(d->ctx);
}
