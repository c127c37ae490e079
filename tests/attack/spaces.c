/* Namespaces and mounts. */
#include "attack.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static bool space(unsigned long kinds)
{
	return cloned(kinds | SIGCHLD);
}

static bool user(void) { return space(CLONE_NEWUSER); }
static bool mnt(void) { return space(CLONE_NEWNS); }
static bool pid(void) { return space(CLONE_NEWPID); }
static bool net(void) { return space(CLONE_NEWNET); }
static bool ipc(void) { return space(CLONE_NEWIPC); }
static bool uts(void) { return space(CLONE_NEWUTS); }
static bool cgroup(void) { return space(CLONE_NEWCGROUP); }
static bool user_mnt(void) { return space(CLONE_NEWUSER | CLONE_NEWNS); }

static bool user_above(void)
{
	return sizeof(long) == 8 &&
	       cloned((unsigned long)((UINT64_C(1) << 35) | CLONE_NEWUSER | SIGCHLD));
}

static bool user_thread(void)
{
	return cloned(CLONE_NEWUSER | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM);
}

/* To leave the program as it is, with a flag that the kernel does not know. */
static bool unshared(long kinds)
{
	return passed(CALL(SYS_unshare, kinds | 1));
}

static bool un_user(void) { return unshared(CLONE_NEWUSER); }
static bool un_mnt(void) { return unshared(CLONE_NEWNS); }
static bool un_net(void) { return unshared(CLONE_NEWNET); }
static bool un_time(void) { return unshared(CLONE_NEWTIME); }
static bool un_above(void) { return passed(CALL(SYS_unshare, ABOVE(0x1))); }

static bool enters(void)
{
	char path[64];
	bool through;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/ns/uts", world.victim);
	fd = open(path, O_RDONLY);
	through = passed(CALL(SYS_setns, fd, 0));
	opened(fd);
	return through;
}

static bool enters_all(void)
{
	long fd = CALL(NR_pidfd_open, world.victim, 0);
	bool through = passed(CALL(SYS_setns, fd, CLONE_NEWUTS | CLONE_NEWIPC));

	opened(fd);
	return through;
}

/* --- mounts ------------------------------------------------------------------------- */

static bool mounts(void) { return passed(mount("none", ".", "none", 0, NULL)); }
static bool remounts(void) { return passed(mount(NULL, "none", NULL, MS_REMOUNT | MS_BIND, NULL)); }
static bool binds(void) { return passed(mount("none", "none", NULL, MS_BIND, NULL)); }
static bool unmounts(void) { return passed(umount2("none", MNT_DETACH)); }
static bool pivots(void) { return passed(CALL(SYS_pivot_root, "none", "none")); }
static bool opens_fs(void) { return opened(CALL(NR_fsopen, "tmpfs", 0)); }
static bool configures(void) { return passed(CALL(NR_fsconfig, -1, 0, "x", NULL, 0)); }
static bool makes(void) { return passed(CALL(NR_fsmount, -1, 0, 0)); }
static bool picks(void) { return opened(CALL(NR_fspick, AT_FDCWD, "/", 0)); }
static bool opens_tree(void) { return opened(CALL(NR_open_tree, AT_FDCWD, ".", 1 /* CLONE */)); }
static bool moves(void) { return passed(CALL(NR_move_mount, -1, "none", -1, "none", 0)); }

static bool attributes(void)
{
	struct {
		uint64_t set, clear, propagation, ns;
	} attr = { 0 };

	return passed(CALL(NR_mount_setattr, AT_FDCWD, "none", 0, &attr, sizeof attr));
}

static bool tree_attributes(void)
{
	return passed(CALL(NR_open_tree_attr, -1, "none", 0, NULL, 0));
}

ATTEMPTS(spaces) = {
	{ "clone-user", user, false },
	{ "clone-mount", mnt, false },
	{ "clone-pid", pid, false },
	{ "clone-net", net, false },
	{ "clone-ipc", ipc, false },
	{ "clone-uts", uts, false },
	{ "clone-cgroup", cgroup, false },
	{ "clone-user-mount", user_mnt, false },
	{ "clone-user-above", user_above, false },
	{ "clone-user-thread", user_thread, false },
	{ "unshare-user", un_user, false },
	{ "unshare-mount", un_mnt, false },
	{ "unshare-net", un_net, false },
	{ "unshare-time", un_time, false },
	{ "unshare-above", un_above, false },
	{ "setns", enters, false },
	{ "setns-process", enters_all, false },
	{ "mount", mounts, false },
	{ "remount", remounts, false },
	{ "bind-mount", binds, false },
	{ "umount", unmounts, false },
	{ "pivot_root", pivots, false },
	{ "fsopen", opens_fs, false },
	{ "fsconfig", configures, false },
	{ "fsmount", makes, false },
	{ "fspick", picks, false },
	{ "open_tree", opens_tree, false },
	{ "move_mount", moves, false },
	{ "mount_setattr", attributes, false },
	{ "open_tree_attr", tree_attributes, false },
	{ NULL, NULL, false },
};
