/* Trees of mounts: cloned, made read-only, attached, looked at. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "box/box.h"

/* Of linux/mount.h; the same numbers on every architecture but alpha. */
enum {
	OPEN_TREE = 428,
	MOVE_MOUNT = 429,
	MOUNT_SETATTR = 442,
	TREE_CLONE = 1,        /* OPEN_TREE_CLONE */
	FROM_EMPTY_PATH = 0x4, /* MOVE_MOUNT_F_EMPTY_PATH */
	EMPTY_PATH = 0x1000,   /* AT_EMPTY_PATH */
	RECURSIVE = 0x8000,    /* AT_RECURSIVE */
	READ_ONLY = 0x1        /* MOUNT_ATTR_RDONLY */
};

/* struct mount_attr. */
struct attributes {
	uint64_t set, clear, propagation, userns_fd;
};

int box_clone_tree(const char *path)
{
	int fd = (int)syscall(OPEN_TREE, AT_FDCWD, path, TREE_CLONE | O_CLOEXEC | RECURSIVE);

	if (fd < 0)
		return -errno;
	return fd > STDERR_FILENO ? fd : -BOX_FAKED;
}

int box_make_read_only(int dirfd, const char *path)
{
	const struct attributes attr = { .set = READ_ONLY };
	unsigned flags = *path ? 0 : EMPTY_PATH;

	return syscall(MOUNT_SETATTR, dirfd, path, flags | RECURSIVE, &attr, sizeof attr) < 0
	               ? -errno
	               : 0;
}

int box_attach_tree(int tree, const char *path)
{
	return syscall(MOVE_MOUNT, tree, "", AT_FDCWD, path, FROM_EMPTY_PATH) < 0 ? -errno : 0;
}

/* Return the number of the mount that PATH is on; 0: that is not known. */
static uint64_t mount_of(const char *path)
{
	enum {
		MOUNT_ID = 0x1000, /* STATX_MNT_ID, since 5.8; headers may lack it */
		MASK_AT = 0,
		ID_AT = 144 /* of stx_mnt_id in struct statx */
	};
	unsigned char buf[512] = { 0 };
	uint64_t id = 0;
	uint32_t mask = 0;

	if (syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, MOUNT_ID, buf) < 0)
		return 0;
	memcpy(&mask, buf + MASK_AT, sizeof mask);
	memcpy(&id, buf + ID_AT, sizeof id);
	return mask & MOUNT_ID ? id : 0;
}

bool box_is_mount(const char *path)
{
	char parent[PATH_MAX];
	char *slash;
	uint64_t here = mount_of(path), above;

	snprintf(parent, sizeof parent, "%s", path);
	slash = strrchr(parent, '/');
	if (!slash || strcmp(path, "/") == 0)
		return here != 0;
	slash[slash == parent] = '\0';
	above = mount_of(parent);
	return here && above && here != above;
}

bool box_is_read_only(const char *path)
{
	struct statvfs fs = { 0 };

	return statvfs(path, &fs) == 0 && fs.f_flag & ST_RDONLY;
}
