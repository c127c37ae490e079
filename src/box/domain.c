/*
 * The Landlock domain: scopes for everybody, rights on files where paths were named.
 * Sources: linux/landlock.h, Documentation/userspace-api/landlock.rst of Linux 6.18.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/base.h"
#include "box/box.h"

/* The same numbers on every architecture but alpha; older headers lack them. */
enum {
	CREATE_RULESET = 444,
	ADD_RULE = 445,
	RESTRICT_SELF = 446,
	VERSION_FLAG = 1,
	PATH_BENEATH = 1
};

/* struct landlock_ruleset_attr. An older Linux takes it if what it does not know is 0. */
struct ruleset {
	uint64_t files, network, scopes;
};

/* struct landlock_path_beneath_attr. */
struct rule {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* Rights on files, LANDLOCK_ACCESS_FS_*. */
enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	REFER = 1 << 13,
	TRUNCATE = 1 << 14,
	IOCTL_DEV = 1 << 15,
	LOOK = EXECUTE | READ_FILE | READ_DIR,
	/* Those that a rule about a file, not a directory, may have. */
	OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
};

/* LANDLOCK_SCOPE_*. */
enum {
	ABSTRACT_SOCKETS = 1 << 0,
	SIGNALS = 1 << 1
};

int box_landlock_abi(void)
{
	long abi = syscall(CREATE_RULESET, NULL, 0, VERSION_FLAG);

	return abi > 0 ? (int)abi : 0;
}

/* Return all rights on files that ABI knows. */
static uint64_t rights_of(int abi)
{
	if (abi >= 5)
		return IOCTL_DEV * 2 - 1;
	if (abi >= 3)
		return TRUNCATE * 2 - 1;
	return abi >= 2 ? REFER * 2 - 1 : REFER - 1;
}

static struct ruleset ruleset_of(const struct box_setup *s)
{
	struct ruleset r = { 0 };

	if (s->box->npaths)
		r.files = rights_of(s->landlock);
	if (s->means[BOX_SCOPES] == BOX_BY_LANDLOCK)
		r.scopes |= SIGNALS;
	if (s->means[BOX_ABSTRACT] == BOX_BY_LANDLOCK)
		r.scopes |= ABSTRACT_SOCKETS;
	return r;
}

/* --- rules ---------------------------------------------------------------------------- */

/* Allow RIGHTS on PATH and below it; what is not there needs no rule. */
static int allow(const struct ruleset *r, int ruleset, const char *path, uint64_t rights)
{
	struct rule rule = { .fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat st;
	int err = 0;

	if (rule.fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(rule.fd, &st) < 0)
		err = -errno;
	rule.allowed = rights & r->files & (S_ISDIR(st.st_mode) ? ~UINT64_C(0) : OF_FILES);
	if (!err && syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0) < 0)
		err = -errno;
	close(rule.fd);
	return err;
}

/* Allow the devices that programs write to: no data stays there. */
static int allow_devices(const struct ruleset *r, int ruleset)
{
	static const char *const devices[] = {
		"/dev/null",
		"/dev/zero",
		"/dev/full",
		"/dev/random",
		"/dev/urandom",
		"/dev/tty",
		"/dev/ptmx",
		"/dev/pts",
	};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_LEN(devices); i++)
		err = allow(r, ruleset, devices[i], LOOK | WRITE_FILE | IOCTL_DEV);
	return err;
}

static int allow_private(const struct box_setup *s, const struct ruleset *r, int ruleset)
{
	const char *path;
	int err = 0;

	if (s->means[BOX_PRIVATE] != BOX_BY_MOUNTS)
		return 0;
	for (unsigned i = 0; !err && (path = box_private(i)); i++)
		err = allow(r, ruleset, path, r->files);
	return err;
}

/* Allow descriptors 0 to 2 if they are files, for programs that open /dev/stdout. */
static int allow_standard(const struct ruleset *r, int ruleset)
{
	static const char *const links[] = {
		"/proc/self/fd/0",
		"/proc/self/fd/1",
		"/proc/self/fd/2",
	};

	for (int fd = 0; fd < (int)ARRAY_LEN(links); fd++) {
		struct stat st;
		int flags = fcntl(fd, F_GETFL), err;

		if (flags < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !st.st_nlink ||
		    (flags & O_ACCMODE) == O_RDONLY)
			continue;
		err = allow(r, ruleset, links[fd], READ_FILE | WRITE_FILE | TRUNCATE);
		if (err)
			return err;
	}
	return 0;
}

static int add_rules(struct box_setup *s, const struct ruleset *r, int ruleset)
{
	int err = allow(r, ruleset, "/", LOOK);

	if (!err)
		err = allow_devices(r, ruleset);
	if (!err)
		err = allow_private(s, r, ruleset);
	if (!err)
		err = allow_standard(r, ruleset);
	for (size_t i = 0; !err && i < s->nplaces; i++)
		if (s->place[i].access == BOX_RW)
			err = allow(r, ruleset, s->place[i].path, r->files);
	return err;
}

/* --- what shows that it is on ------------------------------------------------------------- */

/*
 * Connect to what SERVER, an abstract socket, is bound to. It was made before the
 * domain, which counts as outside.
 */
static bool can_connect(int server)
{
	struct sockaddr_un name = { 0 };
	socklen_t len = sizeof name;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done = fd >= 0 && getsockname(server, (struct sockaddr *)&name, &len) == 0 &&
	            connect(fd, (struct sockaddr *)&name, len) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

/* Return an abstract socket that can be connected to; -1: that is not to be had here. */
static int make_outside(void)
{
	struct sockaddr_un any = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof any.sun_family) == 0 &&
	    can_connect(fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool is_refused(bool done, int error)
{
	return !done && error == EPERM;
}

static int restrict_self(struct box_setup *s, const struct ruleset *r)
{
	int fd = (int)syscall(CREATE_RULESET, r, sizeof *r, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (fd <= STDERR_FILENO)
		return -BOX_FAKED;
	if (r->files)
		err = add_rules(s, r, fd);
	if (!err && syscall(RESTRICT_SELF, fd, 0) < 0)
		err = -errno;
	close(fd);
	return err;
}

int box_enter_domain(struct box_setup *s)
{
	const struct ruleset r = ruleset_of(s);

	s->outside = r.scopes & ABSTRACT_SOCKETS ? make_outside() : -1;
	s->could_signal = r.scopes & SIGNALS && kill(getppid(), 0) == 0;
	if (!r.files && !r.scopes)
		return 0;
	return restrict_self(s, &r);
}

/* Tell whether a path is writable that FILE is, or is below. */
static bool is_named(const struct box_setup *s, const char *file)
{
	for (size_t i = 0; i < s->nplaces; i++)
		if (s->place[i].access == BOX_RW && box_is_below(file, s->place[i].path))
			return true;
	return false;
}

/* Tell whether a file of this process can be opened for writing, though no path names it. */
static bool can_write_outside(void)
{
	int fd = open("/proc/self/comm", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool box_domain_holds(struct box_setup *s)
{
	const struct ruleset r = ruleset_of(s);
	bool done;

	if (r.files && !is_named(s, "/proc/self/comm") && can_write_outside())
		return false;
	if (s->could_signal) {
		done = kill(getppid(), 0) == 0;
		return is_refused(done, errno);
	}
	if (s->outside >= 0) {
		done = can_connect(s->outside);
		return is_refused(done, errno);
	}
	return !r.scopes;
}
