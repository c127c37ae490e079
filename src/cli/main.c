/*
 * weir: the table of commands, and what is common to all of them.
 */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"
#include "launch/launch.h"

/* Members of a struct option_set: an option, and those that come together. */
#define OPT(id) [OPT_##id] = true
/* Every command takes these, and every one that compiles the next. */
#define OPTS_ALL OPT(QUIET), OPT(COLOR), OPT(HELP)
#define OPTS_COMPILE                                              \
	OPTS_ALL, OPT(LEVEL), OPT(VERBOSE), OPT(DUMP), OPT(FUEL), \
		OPT(NO_CHECK), OPT(MAX_MEMORY), OPT(MAX_WORK)
#define OPTS_OUTPUT                                                     \
	OPT(FORMAT), OPT(OUTPUT), OPT(JSON), OPT(LISTING), OPT(TARGET), \
		OPT(RAW), OPT(FOR), OPT(LINK), OPT(SECTION), OPT(VERDICT)
#define OPTS_EXPR                                                          \
	OPT(INTERFACE), OPT(READ), OPT(SNAPLEN), OPT(NETMASK), OPT(DEPTH), \
		OPT(FILE), OPT(PROFILE), OPT(NO_NAMES)
#define OPTS_POLICY                                                  \
	OPT(ABI), OPT(DEFINE), OPT(FROM), OPT(RUNTIME), OPT(KERNEL), \
		OPT(CAP), OPT(TYPED), OPT(LINT), OPT(PROFILE)
#define OPTS_SETS OPT(SETS), OPT(CAPACITY), OPT(COUNTERS)
#define OPTS_LINK OPT(LINKTYPE), OPT(LINKTYPE_Y)
/* Ways to name a PROGRAM; and how one that is compiled is compiled. */
#define OPTS_PROGRAM OPT(EXPR), OPT(POLICY), OPT(PID), OPT(FD), OPT(KIND), OPT(EARLY_FAULTS)
#define OPTS_COMPILED                                                        \
	OPT(DUMP), OPT(FUEL), OPT(NO_CHECK), OPT(MAX_MEMORY), OPT(MAX_WORK), \
		OPTS_POLICY, OPTS_LINK, OPT(SNAPLEN), OPT(NETMASK),          \
		OPT(DEPTH), OPT(NO_NAMES), OPT(LIVE), OPT(SAVEFILE)
#define DESCRIBED "'weir packet' (--expr) and 'weir policy' (--policy)"
#define NO_OTHERS { { false } }, NULL

static const struct command commands[] = {
	{
		"weir packet",
		"[EXPR...]",
		"compile a packet expression (none: everything matches)",
		cmd_packet,
		EXIT_USAGE,
		{ { OPTS_COMPILE, OPTS_OUTPUT, OPTS_EXPR, OPTS_SETS, OPTS_LINK, OPT(EXPLAIN), OPT(LIVE), OPT(SAVEFILE) } },
		NO_OTHERS,
	},
	{
		"weir policy",
		"FILE",
		"compile a syscall policy",
		cmd_policy,
		EXIT_USAGE,
		{ { OPTS_COMPILE, OPTS_OUTPUT, OPTS_POLICY, OPT(EXPLAIN), OPT(ASK) } },
		NO_OTHERS,
	},
	{
		"weir filter",
		"[EXPR...]",
		"pick packets out of a capture file or off an interface",
		cmd_filter,
		EXIT_USAGE,
		{ { OPTS_COMPILE, OPTS_EXPR, OPT(SETS), OPT(WRITE), OPT(COUNT), OPT(UNBUFFERED), OPT(XDP), OPT(DROP) } },
		NO_OTHERS,
	},
	{
		"weir attach",
		"xdp IFACE | tc IFACE WAY | cgroup DIR WAY | socket PID:FD  drop|pass EXPR...",
		"put a filter on an interface, a cgroup, a socket; --list, ...",
		cmd_attach,
		EXIT_USAGE,
		{ { OPTS_COMPILE, OPTS_LINK, OPT(NETMASK), OPT(DEPTH), OPT(FILE), OPT(NO_NAMES), OPT(KEEP),
	            OPTS_SETS, OPT(AT), OPT(TIMEOUT), OPT(YES), OPT(LOCK), OPT(LIST), OPT(STATS), OPT(INTERVAL), OPT(PRINT), OPT(CLSACT), OPT(DETACH), OPT(JSON), OPT(OUTPUT) } },
		NO_OTHERS,
	},
	{
		"weir show",
		"PROGRAM",
		"what a program in any format does: list, explain, draw, convert",
		cmd_show,
		EXIT_USAGE,
		{ { OPTS_ALL, OPT(LEVEL), OPT(VERBOSE), OPTS_OUTPUT, OPTS_PROGRAM, OPT(EXPLAIN), OPT(ASK) } },
		{ { OPTS_COMPILED } },
		DESCRIBED,
	},
	{
		"weir check",
		"PROGRAM",
		"whether the kernel would take a program, and its cost",
		cmd_check,
		EXIT_USAGE,
		{ { OPTS_ALL, OPT(LEVEL), OPT(VERBOSE), OPT(OUTPUT), OPT(JSON), OPT(HERE), OPT(FAIL_ON), OPTS_PROGRAM } },
		{ { OPTS_COMPILED } },
		DESCRIBED,
	},
	{
		"weir eval",
		"PROGRAM",
		"run a program on a packet or a call",
		cmd_eval,
		EXIT_USAGE,
		{ { OPTS_ALL, OPT(LEVEL), OPT(VERBOSE), OPT(OUTPUT), OPT(JSON), OPTS_PROGRAM, OPT(PACKET), OPT(READ), OPT(WIRE), OPT(SET), OPT(CALL), OPT(DATA), OPT(TRACE), OPT(COVERAGE) } },
		{ { OPTS_COMPILED } },
		DESCRIBED,
	},
	{
		"weir run",
		"[POLICY] -- COMMAND [ARGUMENT...]",
		"run a program under a policy",
		cmd_run,
		LAUNCH_FAILED,
		{ { OPTS_ALL, OPT(VERBOSE), OPT(ABI), OPT(DEFINE), OPT(LOG), OPT(NO_TRACE), OPT(RW), OPT(RO), OPT(HIDE), OPT(SHOW),
	            OPT(TMP), OPT(NET), OPT(LIMIT), OPT(RUN_TIMEOUT), OPT(KILL_AFTER), OPT(KEEP_FD),
	            OPT(KEEP_ENV), OPT(KEEP_CAP), OPT(ABSTRACT), OPT(BEST_EFFORT), OPT(PRINT_PLAN) } },
		{ { OPTS_COMPILE, OPTS_POLICY } },
		"'weir policy' (for POLICY)",
	},
	{
		"weir ps",
		"",
		"list processes under seccomp filters, and sockets with filters",
		cmd_ps,
		EXIT_USAGE,
		{ { OPTS_ALL, OPT(COLUMNS), OPT(JSON), OPT(ONLY_PID), OPT(FDS), OPT(NO_NAMES), OPT(POLICY) } },
		{ { OPTS_POLICY } },
		"'weir policy' (for --policy)",
	},
	{
		"weir syscalls",
		"[NAME|NUMBER...]",
		"look up system calls, their arguments, and constants",
		cmd_syscalls,
		EXIT_USAGE,
		{ { OPTS_ALL, OPT(LIST), OPT(ABI), OPT(OUTPUT), OPT(JSON) } },
		NO_OTHERS,
	},
};

/* weir itself, for the options that come before a command. */
static const struct command weir_itself = {
	"weir",
	"COMMAND ...",
	NULL,
	NULL,
	EXIT_USAGE,
	{ { OPT(HELP), OPT(VERSION) } },
	NO_OTHERS,
};

static void print_help(void)
{
	printf("usage: weir COMMAND [OPTION...] ...\n"
	       "weir decides what passes: packets, and the system calls of a program.\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		printf("  %-13s %s\n", commands[i].name, commands[i].summary);
	printf("\n'weir COMMAND --help' lists what a command takes, weir(1) says more.\n");
}

static void print_command_help(const struct command *command)
{
	printf("usage: %s [OPTION...] %s\n%s\n\n", command->name,
	       command->words, command->summary);
	options_help(stdout, command);
}

static void print_version(void)
{
	static const struct {
		const char *what;
		bool here;
	} features[] = {
#ifdef HAVE_ZLIB
		{ "captures compressed with gzip (zlib)", true },
#else
		{ "captures compressed with gzip (zlib)", false },
#endif
#ifdef HAVE_ZSTD
		{ "captures compressed with zstd (libzstd)", true },
#else
		{ "captures compressed with zstd (libzstd)", false },
#endif
#ifdef HAVE_PCAP
		{ "rare forms of captures (libpcap)", true },
#else
		{ "rare forms of captures (libpcap)", false },
#endif
	};

	const char *abi = weir_native_abi();

	printf("weir %s, libweir %s\n", PACKAGE_VERSION, weir_version());
	for (size_t i = 0; i < ARRAY_LEN(features); i++)
		printf("  %c %s\n", features[i].here ? '+' : '-', features[i].what);
	printf("  native ABI: %s; policies: %s\n", abi ? abi : "unknown", POLICYDIR);
}

/* Find the word that names the command: "packet". */
static const char *word_of(const struct command *command)
{
	return command->name + strlen("weir ");
}

/* Return the row of a command, or NULL. */
static const struct command *command_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(word_of(&commands[i]), name) == 0)
			return &commands[i];
	return NULL;
}

/* Do the same, but complain if there is none. */
static const struct command *find_command(const char *name)
{
	const struct command *command = command_named(name);
	struct suggest s;
	const char *near;

	if (command)
		return command;
	suggest_start(&s, name, strlen(name));
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		suggest_offer(&s, word_of(&commands[i]));
	near = suggest_best(&s);
	cli_error("unknown command '%s'%s%s%s", name,
	          near ? "; did you mean '" : "", near ? near : "",
	          near ? "'?" : "");
	cli_hint("'weir --help' lists the commands");
	return NULL;
}

/*
 * Make descriptors 0, 1 and 2 exist, so that no file that weir opens becomes
 * standard output by accident. Such a descriptor fails reads and writes as a
 * closed one does, and a program that weir starts finds it closed, as weir did.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/", O_PATH | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/*
 * End if an outer filter answers write(2) for Linux: then nothing can be
 * printed, and stdio would retry for ever, also on exit. No descriptor takes
 * this byte.
 */
static void check_writing(const char *name)
{
	const struct command *command = name ? command_named(name) : NULL;

	if (write(-1, "", 1) == 0)
		_exit(command ? command->misused : EXIT_USAGE);
}

static int run_command(const struct command *command, char **argv)
{
	struct cli c = { .command = command };
	int status = options_parse(&c, argv);

	if (status != EXIT_DONE)
		status = command->misused;
	else if (c.o.help)
		print_command_help(command);
	else
		status = command->run(&c);
	taken_free();
	options_free(&c);
	return status;
}

/* Run `weir --help`, `weir --version` and whatever else begins with a dash. */
static int run_itself(char **argv)
{
	struct cli c = { .command = &weir_itself };
	int status = options_parse(&c, argv);

	if (status == EXIT_DONE && c.o.version)
		print_version();
	else if (status == EXIT_DONE && c.o.help)
		print_help();
	options_free(&c);
	return status;
}

/* Run `weir help`, `weir help COMMAND` and `weir help formats`. */
static int run_help(char **argv)
{
	const struct command *command;

	if (!*argv) {
		print_help();
		return EXIT_DONE;
	}
	if (strcmp(*argv, "formats") == 0) {
		cli_list_formats(stdout);
		return EXIT_DONE;
	}
	command = find_command(*argv);
	if (command)
		print_command_help(command);
	return command ? EXIT_DONE : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct command *command;

	fill_standard_descriptors();
	check_writing(argc > 1 ? argv[1] : NULL);
	if (argc < 2) {
		cli_error("expected a command");
		cli_hint("'weir --help' lists the commands");
		return EXIT_USAGE;
	}
	if (argv[1][0] == '-')
		return cli_finish(run_itself(argv + 1));
	if (strcmp(argv[1], "help") == 0)
		return cli_finish(run_help(argv + 2));
	command = find_command(argv[1]);
	return command ? cli_finish(run_command(command, argv + 2)) : EXIT_USAGE;
}
