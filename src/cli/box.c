/*
 * What the options of weir run say about the box: paths, network, limits, descriptors,
 * environment; and the plan in words.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/abis.h"
#include "cli/box.h"

extern char **environ;

/* --- numbers ----------------------------------------------------------------------- */

/* Read "10", "64K", "1M", "2G" from TEXT. */
static bool read_size(const char *text, uint64_t *out)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	int shift = 0;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (*end && (unit = strchr(units, toupper((unsigned char)*end)))) {
		shift = 10 * (int)(unit - units + 1);
		end++;
	}
	if (*end || errno || *out > UINT64_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

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

static int add_paths(struct cli_box *b, enum box_access access, const struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		b->path[b->box.npaths++] = (struct box_path){ access, t->v[i] };
	return EXIT_DONE;
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
		if (!read_size(equals + 1, &value))
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

/* --- descriptors ------------------------------------------------------------------------ */

static bool is_fifo(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

static bool keep(struct cli_box *b, int fd)
{
	int *more = reallocarray(b->kept, b->box.nkept + 1, sizeof *more);

	if (!more)
		return false;
	b->kept = more;
	b->kept[b->box.nkept++] = fd;
	b->box.kept = b->kept;
	return true;
}

/* Return N of "/dev/fd/N" or "/proc/self/fd/N", -1 for anything else. */
static int descriptor_of(const char *text)
{
	static const char *const ways[] = { "/dev/fd/", "/proc/self/fd/" };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		size_t n = strlen(ways[i]);
		char *end;
		long fd;

		if (strncmp(text, ways[i], n) != 0 || !isdigit((unsigned char)text[n]))
			continue;
		fd = strtol(text + n, &end, 10);
		return *end || fd <= STDERR_FILENO || fd > INT32_MAX ? -1 : (int)fd;
	}
	return -1;
}

/* Keep the FIFOs that a shell made for `<(...)` in the arguments. */
static bool keep_named(struct cli_box *b, char *const *argv)
{
	for (size_t i = 0; argv[i]; i++) {
		const char *equals = strchr(argv[i], '=');
		int fd = descriptor_of(argv[i]);

		if (fd < 0 && equals)
			fd = descriptor_of(equals + 1);
		if (fd >= 0 && is_fifo(fd) && !keep(b, fd))
			return false;
	}
	return true;
}

/* Keep both ends of the job server of a make that started weir. */
static bool keep_jobserver(struct cli_box *b)
{
	const char *flags = getenv("MAKEFLAGS"), *at;
	int in, out;

	at = flags ? strstr(flags, "--jobserver-auth=") : NULL;
	if (!at)
		at = flags ? strstr(flags, "--jobserver-fds=") : NULL;
	if (!at || sscanf(strchr(at, '='), "=%d,%d", &in, &out) != 2 || in <= STDERR_FILENO ||
	    out <= STDERR_FILENO || !is_fifo(in) || !is_fifo(out))
		return true;
	return keep(b, in) && keep(b, out);
}

static int set_kept(struct cli_box *b, const struct options *o, char *const *argv)
{
	for (size_t i = 0; i < o->keep_fd.n; i++) {
		char *end;
		long fd = strtol(o->keep_fd.v[i], &end, 10);

		if (*end || end == o->keep_fd.v[i] || fd < 0 || fd > INT32_MAX ||
		    fcntl((int)fd, F_GETFD) < 0) {
			cli_error("--keep-fd takes an open descriptor, not '%s'",
			          o->keep_fd.v[i]);
			return EXIT_USAGE;
		}
		if (fd > STDERR_FILENO && !keep(b, (int)fd))
			return cli_compile_failed(-ENOMEM);
	}
	if (!keep_named(b, argv) || !keep_jobserver(b))
		return cli_compile_failed(-ENOMEM);
	return EXIT_DONE;
}

/* --- environment --------------------------------------------------------------------------- */

static bool matches(const char *name, size_t len, const char *pattern)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return len >= n - 1 && strncmp(name, pattern, n - 1) == 0;
	return len == n && strncmp(name, pattern, n) == 0;
}

static bool is_among(const char *name, size_t len, const char *const *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (matches(name, len, patterns[i]))
			return true;
	return false;
}

static bool holds(const char *name, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= len; i++)
		if (strncmp(name + i, word, n) == 0)
			return true;
	return false;
}

/* Tell whether a variable's name says that it holds, or leads to, a secret. */
static bool is_secret(const char *name, size_t len)
{
	static const char *const words[] = { "TOKEN", "SECRET", "PASSWORD", "_KEY" };
	static const char *const ways[] = { "SSH_AUTH_SOCK", "DBUS_*" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (holds(name, len, words[i]))
			return true;
	return is_among(name, len, ways, ARRAY_LEN(ways));
}

/* Tell whether a program in a box for paths or without a network gets a variable. */
static bool is_plain(const char *name, size_t len)
{
	static const char *const plain[] = {
		"PATH",
		"PWD",
		"HOME",
		"USER",
		"LOGNAME",
		"SHELL",
		"TERM",
		"LANG",
		"LC_*",
		"TZ",
		"TMPDIR",
		"COLUMNS",
		"XDG_*",
		"MAKEFLAGS",
		"LISTEN_*",
	};

	return is_among(name, len, plain, ARRAY_LEN(plain));
}

static bool is_passed_on(const struct cli *c, const char *variable, bool strict)
{
	size_t len = strcspn(variable, "=");

	return is_among(variable, len, c->o.keep_env.v, c->o.keep_env.n) ||
	       (strict ? is_plain(variable, len) : !is_secret(variable, len));
}

/* Take out of the environment what the program is not to get, and say so under -v. */
static void clean_environment(const struct cli *c, bool strict)
{
	char gone[1024] = "";
	size_t kept = 0, len = 0;

	for (size_t i = 0; environ[i]; i++) {
		if (is_passed_on(c, environ[i], strict))
			environ[kept++] = environ[i];
		else if (c->o.verbose && len < sizeof gone)
			len += (size_t)snprintf(gone + len, sizeof gone - len, " %.*s",
			                        (int)strcspn(environ[i], "="), environ[i]);
	}
	environ[kept] = NULL;
	if (gone[0])
		cli_note(c, "not passed on from the environment (--keep-env):%s", gone);
}

/* --- capabilities ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int cap;
	bool kept; /* root keeps it in a box */
} powers[] = {
	{ "CAP_CHOWN", CAP_CHOWN, true },
	{ "CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE, true },
	{ "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH, false },
	{ "CAP_FOWNER", CAP_FOWNER, true },
	{ "CAP_FSETID", CAP_FSETID, true },
	{ "CAP_KILL", CAP_KILL, true },
	{ "CAP_SETGID", CAP_SETGID, true },
	{ "CAP_SETUID", CAP_SETUID, true },
	{ "CAP_SETPCAP", CAP_SETPCAP, false },
	{ "CAP_LINUX_IMMUTABLE", CAP_LINUX_IMMUTABLE, false },
	{ "CAP_NET_BIND_SERVICE", CAP_NET_BIND_SERVICE, true },
	{ "CAP_NET_BROADCAST", CAP_NET_BROADCAST, false },
	{ "CAP_NET_ADMIN", CAP_NET_ADMIN, false },
	{ "CAP_NET_RAW", CAP_NET_RAW, false },
	{ "CAP_IPC_LOCK", CAP_IPC_LOCK, false },
	{ "CAP_IPC_OWNER", CAP_IPC_OWNER, false },
	{ "CAP_SYS_MODULE", CAP_SYS_MODULE, false },
	{ "CAP_SYS_RAWIO", CAP_SYS_RAWIO, false },
	{ "CAP_SYS_CHROOT", CAP_SYS_CHROOT, false },
	{ "CAP_SYS_PACCT", CAP_SYS_PACCT, false },
	{ "CAP_SYS_BOOT", CAP_SYS_BOOT, false },
	{ "CAP_SYS_NICE", CAP_SYS_NICE, false },
	{ "CAP_SYS_RESOURCE", CAP_SYS_RESOURCE, false },
	{ "CAP_SYS_TIME", CAP_SYS_TIME, false },
	{ "CAP_SYS_TTY_CONFIG", CAP_SYS_TTY_CONFIG, false },
	{ "CAP_MKNOD", CAP_MKNOD, false },
	{ "CAP_LEASE", CAP_LEASE, false },
	{ "CAP_AUDIT_WRITE", CAP_AUDIT_WRITE, false },
	{ "CAP_AUDIT_CONTROL", CAP_AUDIT_CONTROL, false },
	{ "CAP_SETFCAP", CAP_SETFCAP, false },
	{ "CAP_SYSLOG", CAP_SYSLOG, false },
	{ "CAP_WAKE_ALARM", CAP_WAKE_ALARM, false },
	{ "CAP_BLOCK_SUSPEND", CAP_BLOCK_SUSPEND, false },
	{ "CAP_AUDIT_READ", CAP_AUDIT_READ, false },
};

/* Tell whether a capability leads out of a box: to mount, to trace, to write kernel memory. */
static bool is_way_out(const char *name)
{
	static const char *const ways[] = {
		"CAP_SYS_ADMIN",
		"CAP_SYS_PTRACE",
		"CAP_PERFMON",
		"CAP_BPF",
		"CAP_MAC_ADMIN",
		"CAP_MAC_OVERRIDE",
		"CAP_CHECKPOINT_RESTORE",
	};

	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (strcmp(ways[i], name) == 0 || strcmp(ways[i] + 4, name) == 0)
			return true;
	return false;
}

static int add_power(struct cli_box *b, const char *name)
{
	struct suggest s;
	const char *near;

	if (is_way_out(name)) {
		cli_error("'%s' leads out of the box and cannot be kept", name);
		return EXIT_USAGE;
	}
	suggest_start(&s, name, strlen(name));
	for (size_t i = 0; i < ARRAY_LEN(powers); i++) {
		if (strcmp(powers[i].name, name) == 0 || strcmp(powers[i].name + 4, name) == 0) {
			b->box.powers |= UINT64_C(1) << powers[i].cap;
			return EXIT_DONE;
		}
		suggest_offer(&s, powers[i].name);
	}
	near = suggest_best(&s);
	cli_error("--keep-cap does not take '%s'%s%s%s", name, near ? "; did you mean '" : "",
	          near ? near : "", near ? "'?" : "");
	return EXIT_USAGE;
}

static int set_powers(struct cli_box *b, const struct options *o)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < ARRAY_LEN(powers); i++)
		if (powers[i].kept)
			b->box.powers |= UINT64_C(1) << powers[i].cap;
	for (size_t i = 0; status == EXIT_DONE && i < o->keep_cap.n; i++)
		status = add_power(b, o->keep_cap.v[i]);
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
	int err = compile_rule(c, name, &b->rule[b->nrules]);

	if (err) {
		cli_error("policy '%s', which weir adds: %s", name, strerror(-err));
		return EXIT_USAGE;
	}
	b->rules[b->nrules] = b->rule[b->nrules];
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

/* --- what is missing, and the plan ------------------------------------------------------------ */

/* Tell whether PART is always on: it may be missing without keeping a program from starting. */
static bool is_always_on(enum box_part part)
{
	return part == BOX_SCOPES || part == BOX_ABSTRACT || part == BOX_GUARDED;
}

static int check_missing(const struct cli *c, struct cli_box *b)
{
	bool refused = false;

	for (int part = 0; part < BOX_PARTS; part++) {
		if (!box_lacks(&b->setup, part))
			continue;
		if (is_always_on(part)) {
			if (c->o.verbose)
				cli_note(c, "not confined here: %s", box_part_name(part));
		} else if (c->o.best_effort) {
			cli_warning(c, "not confined here: %s", box_part_name(part));
		} else {
			cli_error("there is no means here to confine %s", box_part_name(part));
			refused = true;
		}
	}
	if (refused)
		cli_hint("it takes a mount namespace, as root or in a user namespace; "
		         "--best-effort starts the program without");
	return refused ? EXIT_USAGE : EXIT_DONE;
}

/* Tell of arguments that exist outside, and not in the private directories. */
static void warn_of_unseen(const struct cli *c, const struct cli_box *b, char *const *argv)
{
	if (b->setup.means[BOX_PRIVATE] != BOX_BY_MOUNTS)
		return;
	for (size_t i = 1; argv[i]; i++) {
		char *real = argv[i][0] == '/' ? realpath(argv[i], NULL) : NULL;

		if (real && !box_sees(&b->setup, real))
			cli_warning(c, "'%s' is not visible in the box, which has its own %s; "
			               "--ro %s shows it",
			            argv[i], strncmp(real, "/dev", 4) == 0 ? "/dev/shm" : "/tmp",
			            argv[i]);
		free(real);
	}
}

static void print_means(FILE *out, const struct cli_box *b)
{
	for (int part = 0; part < BOX_PARTS; part++)
		if (b->setup.means[part] != BOX_UNWANTED)
			fprintf(out, "%-44s %s\n", box_part_name(part),
			        box_means_name(b->setup.means[part]));
}

void cli_box_print(FILE *out, const struct cli_box *b)
{
	static const char *const access[] = { "read only", "writable", "hidden" };

	if (b->box.npaths)
		fprintf(out, "%-44s %s\n", "/", "read only");
	for (size_t i = 0; i < b->setup.nplaces; i++) {
		const struct box_place *p = &b->setup.place[i];

		fprintf(out, "%-44s %s%s%s\n", p->path, access[p->access], p->why ? ", " : "",
		        p->why ? p->why : "");
	}
	print_means(out, b);
	for (size_t i = 0; i < b->box.nkept; i++)
		fprintf(out, "descriptor %-33d kept\n", b->box.kept[i]);
	if (!b->box.npaths)
		fprintf(out, "%-44s %s\n", "files", "not confined (--rw, --ro, --hide)");
	if (b->box.net == BOX_NET_ALL)
		fprintf(out, "%-44s %s\n", "the network", "as the policy says (--net none)");
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
		status = set_powers(b, o);
	if (status == EXIT_DONE)
		status = set_kept(b, o, c->rest);
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
	status = check_missing(c, b);
	if (status == EXIT_DONE)
		status = set_rules(c, b);
	if (status != EXIT_DONE)
		return status;
	clean_environment(c, b->box.npaths || b->box.net == BOX_NET_NONE);
	warn_of_unseen(c, b, c->rest);
	if (b->setup.unsearched)
		cli_warning(c, "too many directories to find every .git: deeper ones are not "
		               "protected");
	return EXIT_DONE;
}

void cli_box_report(const struct cli_box *b)
{
	const char *path;

	for (size_t i = 0; (path = box_came(&b->setup, &i));)
		fprintf(stderr, "weir: '%s' is new and may be run outside: look at it\n", path);
}

void cli_box_close(struct cli_box *b)
{
	for (size_t i = 0; i < b->nrules; i++)
		weir_program_free(b->rule[i]);
	box_free(&b->setup);
	free(b->path);
	free(b->limit);
	free(b->kept);
}
