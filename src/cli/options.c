/*
 * The options that commands share: reading them off the command line by the
 * table in options.def, and showing them for --help.
 */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

enum kind {
	KIND_FLAG,   /* bool */
	KIND_COUNT,  /* unsigned, one more each time */
	KIND_TEXT,   /* const char * */
	KIND_LIST,   /* struct texts: one more each time */
	KIND_NUMBER, /* uint64_t */
	KIND_SIZE,   /* uint64_t, in bytes */
	KIND_LEVEL,
	KIND_COLOR,
	KIND_DEFINE,
	KIND_PASS,
	KIND_PROGRAM, /* struct program_names: one more each time */
};

struct option {
	char letter;
	const char *word, *argument;
	enum kind kind;
	size_t field; /* where in struct options */
	const char *help;
};

static const struct option options[NOPTIONS] = {
#define OPTION(id, letter, word, argument, kind, field, help)                   \
	{ letter, word, argument, KIND_##kind, offsetof(struct options, field), \
	  help },
#include "cli/options.def"
};

/* --- values ------------------------------------------------------------------ */

/* Return how messages call option O: "-f" or "--netmask". */
static const char *option_name(const struct option *o)
{
	static char name[32];

	if (o->letter)
		snprintf(name, sizeof name, "-%c", o->letter);
	else
		snprintf(name, sizeof name, "--%s", o->word);
	return name;
}

/* Read a whole number: decimal, 0x or 0, with a sign only if SIGNED_TOO. */
static bool read_number(const char *text, bool signed_too, uint64_t *out)
{
	bool minus = signed_too && *text == '-';
	char *end;

	if (!isdigit((unsigned char)text[minus]))
		return false;
	errno = 0;
	*out = strtoull(text + minus, &end, 0);
	if (*end || errno)
		return false;
	if (minus)
		*out = -*out;
	return true;
}

bool options_size(const char *text, int base, uint64_t *out)
{
	static const char units[] = "KMG";
	const char *unit;
	unsigned shift = 0;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*out = strtoull(text, &end, base);
	if (*end && (unit = strchr(units, toupper((unsigned char)*end)))) {
		shift = 10 * (unsigned)(unit - units + 1);
		end++;
	}
	if (*end || errno || *out > UINT64_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

static bool set_level(enum weir_level *out, const char *value)
{
	static const struct {
		const char *text;
		enum weir_level level;
	} levels[] = {
		{ "0", WEIR_O0 },
		{ "1", WEIR_O1 },
		{ "2", WEIR_O2 },
		{ "3", WEIR_O3 },
		{ "s", WEIR_OS },
	};

	for (size_t i = 0; value && i < ARRAY_LEN(levels); i++)
		if (strcmp(value, levels[i].text) == 0) {
			*out = levels[i].level;
			return true;
		}
	if (!value)
		cli_error("-O needs a level: -O0, -O1, -O2, -O3 or -Os");
	else
		cli_error("unknown level '-O%s'; expected -O0, -O1, -O2, -O3 or -Os", value);
	if (!value)
		cli_hint("tcpdump's -O, \"do not optimize\", is -O0 here");
	return false;
}

static bool set_color(enum color *out, const char *value)
{
	static const struct {
		const char *text;
		enum color color;
	} when[] = {
		{ "always", COLOR_ALWAYS },
		{ "never", COLOR_NEVER },
		{ "auto", COLOR_AUTO },
	};

	*out = COLOR_ALWAYS;
	if (!value)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(when); i++)
		if (strcmp(value, when[i].text) == 0) {
			*out = when[i].color;
			return true;
		}
	cli_error("--color takes always, never or auto, not '%s'", value);
	return false;
}

static bool set_pass(const char **out, const char *value)
{
	struct suggest s;
	const char *name, *near;

	*out = value;
	if (strcmp(value, "all") == 0)
		return true;
	suggest_start(&s, value, strlen(value));
	for (unsigned i = 0; (name = weir_pass_name(i)); i++) {
		if (strcmp(name, value) == 0)
			return true;
		suggest_offer(&s, name);
	}
	near = suggest_best(&s);
	cli_error("unknown pass '%s'%s%s%s", value,
	          near ? "; did you mean '" : "", near ? near : "",
	          near ? "'?" : "");
	return false;
}

/* Read NAME=VALUE; cut the name off in place. False after a message. */
static bool add_define(struct weir_policy_options *o, char *text)
{
	char *equals = strchr(text, '=');
	struct weir_define one = { .name = text }, *more;

	if (!equals || equals == text || !read_number(equals + 1, true, &one.value)) {
		cli_error("-D takes NAME=NUMBER, not '%s'", text);
		return false;
	}
	more = reallocarray((void *)o->define, o->ndefine + 1, sizeof *more);
	if (!more) {
		cli_error("out of memory");
		return false;
	}
	*equals = '\0';
	more[o->ndefine++] = one;
	o->define = more;
	return true;
}

static bool add_text(struct texts *list, const char *value)
{
	const char **more = reallocarray(list->v, list->n + 1, sizeof *more);

	if (!more) {
		cli_error("out of memory");
		return false;
	}
	list->v = more;
	list->v[list->n++] = value;
	return true;
}

static bool add_program(struct program_names *list, enum program_by by, const char *text)
{
	struct program_name *more = reallocarray(list->v, list->n + 1, sizeof *more);

	if (!more) {
		cli_error("out of memory");
		return false;
	}
	list->v = more;
	list->v[list->n++] = (struct program_name){ by, text };
	return true;
}

/* Return how option O names a PROGRAM. */
static enum program_by program_by(const struct option *o)
{
	static const enum program_by by[NOPTIONS] = {
		[OPT_EXPR] = BY_EXPR,
		[OPT_POLICY] = BY_POLICY,
		[OPT_PID] = BY_PID,
		[OPT_FD] = BY_FD,
	};

	assert(by[o - options] != BY_FILE);
	return by[o - options];
}

static bool set_number(uint64_t *out, const struct option *o, const char *value)
{
	if (read_number(value, false, out))
		return true;
	cli_error("%s takes a number, not '%s'", option_name(o), value);
	return false;
}

/* Read a size, such as 4096, 64K, 512M or 2G; false after a message. */
static bool set_size(uint64_t *out, const struct option *o, const char *value)
{
	if (options_size(value, 0, out) && *out)
		return true;
	cli_error("%s takes a size such as 512M or 2G, not '%s'", option_name(o), value);
	return false;
}

/* Put VALUE (NULL: none) where option O belongs; false after a message. */
static bool option_set(struct options *out, const struct option *o, char *value)
{
	void *field = (char *)out + o->field;

	out->given.has[o - options] = true;
	switch (o->kind) {
	case KIND_FLAG:
		*(bool *)field = true;
		return true;
	case KIND_COUNT:
		++*(unsigned *)field;
		return true;
	case KIND_TEXT:
		*(const char **)field = value;
		return true;
	case KIND_LIST:
		return add_text(field, value);
	case KIND_NUMBER:
		return set_number(field, o, value);
	case KIND_SIZE:
		return set_size(field, o, value);
	case KIND_LEVEL:
		return set_level(field, value);
	case KIND_COLOR:
		return set_color(field, value);
	case KIND_DEFINE:
		return add_define(field, value);
	case KIND_PASS:
		return set_pass(field, value);
	case KIND_PROGRAM:
		return add_program(field, program_by(o), value);
	}
	return false;
}

/* --- the command line --------------------------------------------------------- */

static bool takes(const struct cli *c, const struct option *o)
{
	return c->command->options.has[o - options] || c->command->others.has[o - options];
}

/* Tell whether C's words are PROGRAMs. */
static bool takes_programs(const struct cli *c)
{
	return takes(c, &options[OPT_EXPR]);
}

static void unknown_word(const struct cli *c, const char *word, size_t len)
{
	struct suggest s;
	const char *near;

	suggest_start(&s, word, len);
	for (size_t i = 0; i < NOPTIONS; i++)
		if (options[i].word && takes(c, &options[i]))
			suggest_offer(&s, options[i].word);
	near = suggest_best(&s);
	cli_error("'%s' has no option '--%.*s'%s%s%s", c->command->name,
	          (int)len, word, near ? "; did you mean '--" : "",
	          near ? near : "", near ? "'?" : "");
	if (!near)
		cli_hint("'%s --help' lists the options", c->command->name);
}

static void unknown_letter(const struct cli *c, char letter)
{
	cli_error("'%s' has no option '-%c'", c->command->name, letter);
	cli_hint("'%s --help' lists the options%s", c->command->name,
	         c->nwords && c->command->options.has[OPT_FILE]
	                 ? "; quote an expression that has words like this one"
	                 : "");
}

static bool needs_argument(const struct option *o)
{
	return o->argument && o->argument[0] != '[';
}

/*
 * Read "--word", "--word=value" or "--word value" at (*ARGV)[0]; false after a
 * message.
 */
static bool parse_word(struct cli *c, char ***argv)
{
	char *word = **argv + 2, *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : strlen(word);
	const struct option *o;

	for (o = options; o < options + NOPTIONS; o++)
		if (o->word && takes(c, o) && strlen(o->word) == len &&
		    strncmp(o->word, word, len) == 0)
			break;
	if (o == options + NOPTIONS) {
		unknown_word(c, word, len);
		return false;
	}
	if (value && !o->argument) {
		cli_error("--%s takes no value", o->word);
		return false;
	}
	if (value)
		value++;
	else if (needs_argument(o) && !(value = *++*argv)) {
		cli_error("--%s needs a value: --%s %s", o->word, o->word,
		          o->argument);
		return false;
	}
	return option_set(&c->o, o, value);
}

/* Read "-nq", "-O2", "-fasm" or "-f asm" at (*ARGV)[0]; false after a message. */
static bool parse_letters(struct cli *c, char ***argv)
{
	for (char *at = **argv + 1; *at; at++) {
		const struct option *o = options;
		char *value = NULL;

		while (o < options + NOPTIONS && !(o->letter == *at && takes(c, o)))
			o++;
		if (o == options + NOPTIONS) {
			unknown_letter(c, *at);
			return false;
		}
		if (!o->argument) {
			option_set(&c->o, o, NULL);
			continue;
		}
		if (at[1])
			value = at + 1;
		else if (needs_argument(o) && !(value = *++*argv)) {
			cli_error("-%c needs a value: -%c %s", o->letter,
			          o->letter, o->argument);
			return false;
		}
		return option_set(&c->o, o, value);
	}
	return true;
}

static size_t count_words(char **argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	return n;
}

static void dump_text(void *ctx, const char *text, size_t len)
{
	fwrite(text, 1, len, stderr);
}

/* Tell the library what will run the program, by --for or by the form of eBPF. */
static bool set_destination(struct options *o)
{
	static const struct {
		const char *text;
		enum weir_destination destination;
	} destinations[] = {
		{ "socket", WEIR_FOR_SOCKET },
		{ "interpreter", WEIR_FOR_INTERPRETER },
		{ "xdp", WEIR_FOR_EBPF },
		{ "tc", WEIR_FOR_EBPF },
	};
	enum weir_ebpf_form form;

	if (!o->purpose) {
		if (o->format && !weir_ebpf_form(o->format, &form) &&
		    (form == WEIR_EBPF_XDP || form == WEIR_EBPF_TC))
			o->compile.destination = WEIR_FOR_EBPF;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(destinations); i++)
		if (strcmp(o->purpose, destinations[i].text) == 0) {
			o->compile.destination = destinations[i].destination;
			return true;
		}
	cli_error("--for takes socket, interpreter, xdp or tc, not '%s'", o->purpose);
	return false;
}

/* Complete what goes to the library. */
static void finish(struct cli *c)
{
	struct options *o = &c->o;

	o->reading = (struct weir_read_options){
		.size = sizeof o->reading,
		.diag = cli_diag,
		.diag_ctx = c,
		.verbose = o->verbose > 0,
		.open_file = files_open,
		.resolve = o->no_names ? NULL : resolve_name,
		.max_memory = o->reading.max_memory,
		.max_work = o->reading.max_work,
		.used = o->verbose > 1 ? cli_print_used : NULL,
	};
	o->container.size = sizeof o->container;
	o->container.cap = o->cap.v;
	o->container.ncap = o->cap.n;
	o->policy.size = sizeof o->policy;
	o->policy.read = &o->reading;
	o->policy.container = &o->container;
	o->compile.size = sizeof o->compile;
	o->compile.diag = cli_diag;
	o->compile.diag_ctx = c;
	o->compile.verbose = o->verbose > 0;
	o->compile.dump_text = dump_text;
	o->compile.used = o->reading.used;
	o->compile.have_fuel = o->given.has[OPT_FUEL];
	o->compile.check = !o->no_check;
}

int options_parse(struct cli *c, char **argv)
{
	c->words = calloc(count_words(argv) + 1, sizeof *c->words);
	if (!c->words) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	for (; *argv; argv++) {
		if (strcmp(*argv, "--") == 0) {
			c->rest = argv + 1;
			break;
		}
		if ((*argv)[0] != '-' || !(*argv)[1]) {
			c->words[c->nwords++] = *argv;
			if (takes_programs(c) &&
			    !add_program(&c->o.programs, BY_FILE, *argv))
				return EXIT_USAGE;
		} else if ((*argv)[1] == '-' ? !parse_word(c, &argv)
		                             : !parse_letters(c, &argv)) {
			return EXIT_USAGE;
		}
	}
	for (char **w = c->rest; w && *w && takes_programs(c); w++)
		if (!add_program(&c->o.programs, BY_FILE, *w))
			return EXIT_USAGE;
	finish(c);
	return set_destination(&c->o) ? EXIT_DONE : EXIT_USAGE;
}

void options_free(struct cli *c)
{
	free((void *)c->o.policy.define);
	free(c->o.ask.v);
	free(c->o.cap.v);
	free(c->o.set.v);
	sets_free(c);
	free(c->o.sets.v);
	free(c->o.programs.v);
	free(c->words);
}

/* --- what commands make of them -------------------------------------------------- */

/* Return the words before and after "--", with spaces between, as tcpdump does it. */
static char *join_words(const struct cli *c, size_t *len)
{
	size_t room = 1;
	char *text, *at;

	for (size_t i = 0; i < c->nwords; i++)
		room += strlen(c->words[i]) + 1;
	for (char **w = c->rest; w && *w; w++)
		room += strlen(*w) + 1;
	text = at = malloc(room);
	if (!text)
		return NULL;
	for (size_t i = 0; i < c->nwords; i++)
		at = stpcpy(stpcpy(at, at > text ? " " : ""), c->words[i]);
	for (char **w = c->rest; w && *w; w++)
		at = stpcpy(stpcpy(at, at > text ? " " : ""), *w);
	*at = '\0';
	*len = (size_t)(at - text);
	return text;
}

char *options_expression(struct cli *c, const char **name, size_t *len)
{
	bool words = c->nwords || (c->rest && *c->rest);
	char *text;
	int err;

	*name = "expression";
	if (!c->o.file) {
		text = join_words(c, len);
		if (!text)
			cli_error("out of memory");
		return text;
	}
	if (words) {
		cli_error("-F %s and an expression are mutually exclusive",
		          c->o.file);
		return NULL;
	}
	*name = strcmp(c->o.file, "-") == 0 ? "stdin" : c->o.file;
	err = input_read(c->o.file, &text, len);
	if (!err)
		return text;
	cli_error("%s: %s", *name, strerror(-err));
	return NULL;
}

/* --- help -------------------------------------------------------------------------- */

enum {
	HELP_COLUMN = 26
};

void options_help(FILE *out, const struct command *command)
{
	const struct option_set *set = &command->options;

	for (size_t i = 0; i < NOPTIONS; i++) {
		const struct option *o = &options[i];
		char left[64] = "  ";
		size_t len;

		if (!set->has[i] || !o->help)
			continue;
		if (i == OPT_JSON && set->has[OPT_FORMAT]) /* which says it, too */
			continue;
		if (o->letter)
			snprintf(left, sizeof left, "  -%c%s%s", o->letter,
			         o->word ? ", --" : "", o->word ? o->word : "");
		else
			snprintf(left, sizeof left, "      --%s", o->word);
		len = strlen(left);
		if (o->argument)
			snprintf(left + len, sizeof left - len, "%s%s",
			         needs_argument(o) ? " "
			         : o->word         ? "[="
			                           : "",
			         o->argument + (o->word && o->argument[0] == '['));
		fprintf(out, "%-*s %s\n", HELP_COLUMN, left, o->help);
	}
	if (command->described)
		fprintf(out, "And the options of %s.\n", command->described);
}
