/*
 * A result into a file, whole or not at all: it is written beside the old one,
 * which then gives way to it. Where there is none to be replaced so (a pipe, a
 * device, a file with several names, one in a directory where nothing can be made),
 * it is written in place.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"

int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* --- in place ------------------------------------------------------------------ */

/*
 * Write TEXT over the file. An error of close counts: some file systems report
 * theirs only then.
 */
static int write_in_place(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	if (close(fd) < 0 && !err)
		err = -errno;
	return err;
}

/* --- beside it ------------------------------------------------------------------- */

/* A file that becomes another one's successor. */
struct successor {
	const char *path;       /* what it shall be called: no symbolic link */
	const struct stat *old; /* NULL: there is none */
	char name[PATH_MAX];    /* as long as it is beside it */
	int fd;
};

static mode_t mask_of_process(void)
{
	mode_t mask = umask(077);

	umask(mask);
	return mask;
}

/* Create the successor; -EXDEV if there is no room beside PATH. */
static int make(struct successor *s)
{
	const char *slash = strrchr(s->path, '/');
	int len = slash ? (int)(slash + 1 - s->path) : 0;

	if ((size_t)snprintf(s->name, sizeof s->name, "%.*s.weir-XXXXXX", len, s->path) >=
	    sizeof s->name)
		return -EXDEV;
	s->fd = mkostemp(s->name, O_CLOEXEC);
	if (s->fd >= 0)
		return 0;
	return errno == ENOSPC || errno == EDQUOT ? -errno : -EXDEV;
}

/*
 * Give the successor the owner and mode of the old file; -EXDEV if that is not
 * possible.
 */
static int dress(const struct successor *s)
{
	const struct stat *old = s->old;

	if (!old)
		return fchmod(s->fd, 0666 & ~mask_of_process()) ? -EXDEV : 0;
	if (fchown(s->fd, old->st_uid, old->st_gid) || fchmod(s->fd, old->st_mode & 07777))
		return -EXDEV;
	return 0;
}

/*
 * Sync the successor, so that errors a file system delays appear before the old
 * file goes.
 */
static int settle(const struct successor *s)
{
	if (!s->old || !fsync(s->fd) || errno == EINVAL || errno == EROFS)
		return 0;
	return -errno;
}

/*
 * Rename it to its place; -EXDEV where that is forbidden (mount points, others'
 * files in /tmp).
 */
static int take_place(const struct successor *s)
{
	if (!rename(s->name, s->path))
		return 0;
	return errno == EBUSY || errno == EPERM || errno == EACCES ? -EXDEV : -errno;
}

static int succeed(struct successor *s, const char *text, size_t len)
{
	int err = make(s);

	if (err)
		return err;
	err = write_all(s->fd, text, len);
	if (!err)
		err = dress(s);
	if (!err)
		err = settle(s);
	if (close(s->fd) && !err)
		err = -errno;
	if (!err)
		err = take_place(s);
	if (err)
		unlink(s->name);
	return err;
}

/* --- which of the two ------------------------------------------------------------- */

/*
 * Tell whether the file has attributes, such as an access control list, that a
 * successor would lack.
 */
static bool has_attributes(const char *path)
{
	static const char label[] = "security.selinux"; /* the directory gives a new one */
	char list[sizeof label + 1];
	ssize_t n = listxattr(path, list, sizeof list);

	if (n < 0)
		return errno == ERANGE;
	return n && strcmp(list, label);
}

/* Tell whether PATH leads there by a name that no directory has. */
static bool is_magic(const char *path)
{
	return !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6);
}

/*
 * Tell whether the file at PATH can be replaced; *REAL, which the caller frees,
 * is its real name.
 */
static bool can_replace(const char *path, const struct stat *st, char **real)
{
	struct stat again;

	if (!S_ISREG(st->st_mode) || st->st_nlink != 1 || is_magic(path))
		return false;
	*real = realpath(path, NULL);
	if (*real && !stat(*real, &again) && again.st_dev == st->st_dev &&
	    again.st_ino == st->st_ino && !has_attributes(*real))
		return true;
	free(*real);
	return false;
}

static int replace(const char *path, const char *text, size_t len)
{
	struct successor s = { .path = path };
	char *real = NULL;
	struct stat st;
	int err;

	if (stat(path, &st)) {
		/* A symbolic link may lead nowhere. */
		if (errno != ENOENT || !lstat(path, &st))
			return -EXDEV;
	} else {
		if (!can_replace(path, &st, &real))
			return -EXDEV;
		s.path = real;
		s.old = &st;
		if (faccessat(AT_FDCWD, real, W_OK, AT_EACCESS)) {
			free(real);
			return -EACCES;
		}
	}
	err = succeed(&s, text, len);
	free(real);
	return err;
}

/*
 * Tell whether PATH is the file that standard output is: to replace that would part
 * them.
 */
static bool is_standard_output(const char *path)
{
	struct stat st, out;

	return !stat(path, &st) && !fstat(STDOUT_FILENO, &out) && S_ISREG(st.st_mode) &&
	       st.st_dev == out.st_dev && st.st_ino == out.st_ino;
}

int replace_file(const char *path, const char *text, size_t len)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t hold, old;
	int err;

	if (is_standard_output(path))
		return write_all(STDOUT_FILENO, text, len);
	sigemptyset(&hold);
	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		sigaddset(&hold, held[i]);
	/* No signal leaves half a file beside the old one. */
	sigprocmask(SIG_BLOCK, &hold, &old);
	err = replace(path, text, len);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err == -EXDEV ? write_in_place(path, text, len) : err;
}
