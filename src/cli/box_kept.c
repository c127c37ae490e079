/*
 * What a program in a box gets from outside: descriptors, variables of the environment,
 * and root's capabilities.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/box.h"

extern char **environ;

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

int box_set_kept(struct cli_box *b, const struct options *o, char *const *argv)
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

void box_clean_environment(const struct cli *c, bool strict)
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

int box_set_powers(struct cli_box *b, const struct options *o)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < ARRAY_LEN(powers); i++)
		if (powers[i].kept)
			b->box.powers |= UINT64_C(1) << powers[i].cap;
	for (size_t i = 0; status == EXIT_DONE && i < o->keep_cap.n; i++)
		status = add_power(b, o->keep_cap.v[i]);
	return status;
}
