/*
 * Which files this run of weir reads, so that no result overwrites one of them,
 * whatever it is called there: a file is known by its device and inode.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"

static struct taken {
	struct file {
		uint64_t device, inode;
	} * v;
	size_t n;
} taken;

int taken_add(uint64_t device, uint64_t inode)
{
	struct file *more = reallocarray(taken.v, taken.n + 1, sizeof *more);

	if (!more)
		return -ENOMEM;
	taken.v = more;
	taken.v[taken.n++] = (struct file){ device, inode };
	return 0;
}

int taken_add_fd(int fd)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return 0;
	return taken_add(st.st_dev, st.st_ino);
}

static bool is_taken(const struct stat *st)
{
	for (size_t i = 0; S_ISREG(st->st_mode) && i < taken.n; i++)
		if (taken.v[i].device == st->st_dev && taken.v[i].inode == st->st_ino)
			return true;
	return false;
}

bool taken_allows(const char *path)
{
	bool named = path && strcmp(path, "-") != 0;
	struct stat st;

	if ((named ? stat(path, &st) : fstat(STDOUT_FILENO, &st)) || !is_taken(&st))
		return true;
	if (named)
		cli_error("'%s' is also an input, and would be overwritten", path);
	else
		cli_error("standard output is a file that is also an input");
	return false;
}

void taken_free(void)
{
	free(taken.v);
	taken = (struct taken){ 0 };
}
