/* Namespaces of the box's own: user, mounts, network. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "box/box.h"

static const struct {
	const char *link;
	int flag;
} spaces[] = {
	{ "/proc/self/ns/user", CLONE_NEWUSER },
	{ "/proc/self/ns/mnt", CLONE_NEWNS },
	{ "/proc/self/ns/net", CLONE_NEWNET },
};

/* Return the namespaces that S has of its own, as flags of unshare(2). */
static int flags_of(const struct box_setup *s)
{
	bool mounts = s->mounts || s->as_root;
	int flags = (mounts ? CLONE_NEWNS : 0) | (s->network ? CLONE_NEWNET : 0);

	return flags && !s->as_root ? flags | CLONE_NEWUSER : flags;
}

static ino_t inode_of(const char *link)
{
	struct stat st = { 0 };

	return stat(link, &st) == 0 ? st.st_ino : 0;
}

/* Write TEXT to a file that takes it whole or not; 0 or -errno. */
static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	if (n < 0)
		err = -errno;
	else if ((size_t)n != strlen(text))
		err = -BOX_FAKED;
	close(fd);
	return err;
}

/* Give the user and group of the caller the same numbers inside. */
static int write_maps(uid_t uid, gid_t gid)
{
	char text[64];
	int err = write_file("/proc/self/setgroups", "deny");

	if (err && err != -ENOENT) /* before 3.19 */
		return err;
	snprintf(text, sizeof text, "%u %u 1", (unsigned)uid, (unsigned)uid);
	err = write_file("/proc/self/uid_map", text);
	if (err)
		return err;
	snprintf(text, sizeof text, "%u %u 1", (unsigned)gid, (unsigned)gid);
	return write_file("/proc/self/gid_map", text);
}

/* Bring up the loopback, which is down in a new network namespace. */
static int start_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		err = -errno;
	request.ifr_flags |= IFF_UP;
	if (!err && ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		err = -errno;
	close(fd);
	return err;
}

int box_enter_spaces(struct box_setup *s)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int flags = flags_of(s), err = 0;

	for (size_t i = 0; i < ARRAY_LEN(spaces); i++)
		s->space[i] = inode_of(spaces[i].link);
	if (unshare(flags) < 0)
		return -errno;
	if (flags & CLONE_NEWUSER)
		err = write_maps(uid, gid);
	/* What is mounted outside from now on, writable maybe, does not come in. */
	if (!err && (flags & CLONE_NEWNS) &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		err = -errno;
	if (!err && s->network)
		err = start_loopback();
	return err;
}

bool box_spaces_are_own(struct box_setup *s)
{
	int flags = flags_of(s);

	for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
		ino_t now = inode_of(spaces[i].link);

		if ((flags & spaces[i].flag) && (!s->space[i] || !now || now == s->space[i]))
			return false;
	}
	return true;
}

bool box_spaces_work(const struct box_setup *s, bool mounts, bool network)
{
	struct box_setup trial = { .mounts = mounts, .network = network, .as_root = s->as_root };
	int status = 0;
	pid_t parent = getpid(), pid;

	if (!mounts && !network)
		return false;
	pid = fork();
	/* There is no child if an outer filter answers for Linux. */
	if (pid < 0 || (pid == 0 && getpid() == parent))
		return false;
	if (pid == 0)
		_exit(box_enter_spaces(&trial) == 0 && box_spaces_are_own(&trial) ? 0 : 1);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
