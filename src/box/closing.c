/*
 * Descriptors that the program is not to get. They are marked close-on-exec, and not
 * closed: weir's own between fork and exec are among them.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "box/box.h"

#define CLOSE_ON_EXEC (1U << 2) /* CLOSE_RANGE_CLOEXEC of linux/close_range.h, Linux 5.11 */

static bool is_kept(const struct box *box, int fd)
{
	for (size_t i = 0; i < box->nkept; i++)
		if (box->kept[i] == fd)
			return true;
	return fd <= STDERR_FILENO;
}

/* Call VISIT for every open descriptor; false: /proc does not tell. */
static bool each_descriptor(bool (*visit)(const struct box *box, int fd), const struct box *box,
                            bool *all)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *e;

	*all = true;
	if (!dir)
		return false;
	while ((e = readdir(dir))) {
		int fd = atoi(e->d_name);

		if (e->d_name[0] != '.' && fd != dirfd(dir))
			*all &= visit(box, fd);
	}
	closedir(dir);
	return true;
}

static bool mark(const struct box *box, int fd)
{
	return is_kept(box, fd) || fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool is_marked(const struct box *box, int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return is_kept(box, fd) || (flags >= 0 && flags & FD_CLOEXEC);
}

int box_close_others(struct box_setup *s)
{
	bool all = false;

#ifdef SYS_close_range
	all = syscall(SYS_close_range, STDERR_FILENO + 1U, ~0U, CLOSE_ON_EXEC) == 0;
#endif
	if (!all && (!each_descriptor(mark, s->box, &all) || !all))
		return -ENOTSUP;
	for (size_t i = 0; i < s->box->nkept; i++)
		if (fcntl(s->box->kept[i], F_SETFD, 0) < 0)
			return -errno;
	return 0;
}

/*
 * Check by /proc or, without it, by looking at the first numbers one by one:
 * close_range(2) leaves out none, and an outer filter that fakes it leaves out all.
 */
bool box_others_are_closed(struct box_setup *s)
{
	enum {
		LOOKED_AT = 256
	};
	bool all;

	if (each_descriptor(is_marked, s->box, &all))
		return all;
	for (int fd = STDERR_FILENO + 1; fd < LOOKED_AT; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && !is_marked(s->box, fd))
			return false;
	return true;
}
