/* Names of files: to give, to change, to take away; nodes. */
#include "attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool unlinks(void) { return passed(unlink("none")); }
static bool unlinks_at(void) { return passed(unlinkat(AT_FDCWD, "none", AT_REMOVEDIR)); }
static bool rmdirs(void) { return passed(rmdir("none")); }
static bool renames(void) { return rename(FILE_OURS, FILE_OURS) == 0; }
static bool renames_at(void) { return renameat(AT_FDCWD, FILE_OURS, AT_FDCWD, FILE_OURS) == 0; }

static bool exchanges(void)
{
	return passed(CALL(SYS_renameat2, AT_FDCWD, "none", AT_FDCWD, FILE_OURS, 2L));
}

/* Leaves a node behind, though one that is no device. */
static bool whiteout(void)
{
	return passed(CALL(SYS_renameat2, AT_FDCWD, "none", AT_FDCWD, "none-2", 4L));
}

/* Names that are there already: what is permitted to be made says EEXIST. */
static bool links(void) { return passed(link(FILE_OURS, FILE_FIFO)); }
static bool links_at(void) { return passed(linkat(AT_FDCWD, FILE_OURS, AT_FDCWD, FILE_FIFO, 0)); }
static bool symlinks(void) { return passed(symlink("x", FILE_OURS)); }
static bool symlinks_at(void) { return passed(symlinkat("x", AT_FDCWD, FILE_OURS)); }
static bool mkdirs(void) { return passed(mkdir(FILE_OURS, 0700)); }
static bool mkdirs_at(void) { return passed(mkdirat(AT_FDCWD, FILE_OURS, 0700)); }

static bool node(mode_t mode, dev_t dev)
{
	bool through = mknod("node", mode, dev) == 0;

	unlink("node");
	return through;
}

static bool fifo(void) { return node(S_IFIFO | 0600, 0); }
static bool plain(void) { return node(S_IFREG | 0600, 0); }
static bool sock(void) { return node(S_IFSOCK | 0600, 0); }
/* The null device: of those that do no harm. */
static bool character(void) { return node(S_IFCHR | 0600, makedev(1, 3)); }

/* As root it would be there; where it is refused by a policy, no name is looked at. */
static bool block(void)
{
	return passed(mknod("none/x", S_IFBLK | 0600, makedev(7, 0)));
}

static bool character_at(void)
{
	return passed(CALL(SYS_mknodat, AT_FDCWD, "none/x",
	                   ABOVE(S_IFCHR | 0600), makedev(1, 3)));
}

static bool moves_root(void) { return passed(chroot("none")); }

ATTEMPTS(names) = {
	{ "unlink", unlinks, false },
	{ "unlinkat", unlinks_at, false },
	{ "rmdir", rmdirs, false },
	{ "rename", renames, false },
	{ "renameat", renames_at, false },
	{ "rename-exchange", exchanges, false },
	{ "rename-whiteout", whiteout, false },
	{ "link", links, false },
	{ "linkat", links_at, false },
	{ "symlink", symlinks, false },
	{ "symlinkat", symlinks_at, false },
	{ "mkdir", mkdirs, false },
	{ "mkdirat", mkdirs_at, false },
	{ "mknod-fifo", fifo, false },
	{ "mknod-file", plain, false },
	{ "mknod-socket", sock, false },
	{ "mknod-character", character, false },
	{ "mknod-block", block, false },
	{ "mknodat-above", character_at, false },
	{ "chroot", moves_root, false },
	{ NULL, NULL, false },
};
