/* What seccomp(2) and Landlock can do here, asked without changing this process. */
#include "config.h"

#include "kernel/features.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What headers of 2021 lack. */
#ifndef SECCOMP_FILTER_FLAG_TSYNC_ESRCH
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH (1ul << 4)
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1ul << 5)
#endif
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1ul << 1)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#define SYNC_WAKE_UP 1ul
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

/* --- seccomp --------------------------------------------------------------------------- */

static const struct {
	uint32_t action;
	const char *name;
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill" },
	{ SECCOMP_RET_KILL_THREAD, "kill_thread" },
	{ SECCOMP_RET_TRAP, "trap" },
	{ SECCOMP_RET_ERRNO, "errno" },
	{ SECCOMP_RET_USER_NOTIF, "notify" },
	{ SECCOMP_RET_TRACE, "trace" },
	{ SECCOMP_RET_LOG, "log" },
	{ SECCOMP_RET_ALLOW, "allow" },
};

static const struct {
	unsigned long flag;
	const char *name;
} flags[] = {
	{ SECCOMP_FILTER_FLAG_TSYNC, "tsync" },
	{ SECCOMP_FILTER_FLAG_LOG, "log" },
	{ SECCOMP_FILTER_FLAG_SPEC_ALLOW, "spec_allow" },
	{ SECCOMP_FILTER_FLAG_NEW_LISTENER, "new_listener" },
	{ SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC |
	          SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
	  "tsync_esrch" },
	{ SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	  "wait_killable_recv" },
};

static bool has_action(uint32_t action)
{
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/*
 * Tell whether Linux knows FLAG: it checks flags first, so without a filter a
 * known one gives EFAULT.
 */
static bool has_flag(unsigned long flag)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, NULL) < 0 &&
	       errno == EFAULT;
}

/* What a listener can do, in the order in which Linux learnt it. */
enum listener {
	LISTENS = 1,
	ADDS_FD = 2,
	ADDS_FD_AND_SENDS = 4,
	WAKES_UP = 8,
	ASKED = 16 /* a listener was there to ask */
};

static const struct {
	enum listener bit;
	const char *name;
} listener_features[] = {
	{ LISTENS, "listener" },
	{ ADDS_FD, "addfd" },
	{ ADDS_FD_AND_SENDS, "addfd_send" },
	{ WAKES_UP, "sync_wake_up" },
};

/* Put a filter with a listener on this process and ask it; enum listener. */
static int ask_listener(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };
	struct seccomp_notif_addfd add = { .flags = SECCOMP_ADDFD_FLAG_SEND };
	int fd, is = ASKED;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 0;
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	                  SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (fd < 0) /* EBUSY: a listener of an outer filter */
		return errno == EINVAL ? ASKED : 0;
	is |= LISTENS;
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, NULL) < 0 && errno == EFAULT)
		is |= ADDS_FD;
	add.srcfd = (uint32_t)fd;
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0 && errno == ENOENT)
		is |= ADDS_FD_AND_SENDS;
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP) == 0)
		is |= WAKES_UP;
	return is;
}

/* Do the same in a child, since a filter cannot be removed. */
static int ask_listener_of_child(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(ask_listener());
	if (child < 0)
		return 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

void kernel_seccomp(kernel_feature_fn *each, void *ctx)
{
	int listener = ask_listener_of_child();

	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		each(ctx, "seccomp actions", actions[i].name,
		     has_action(actions[i].action) ? KERNEL_YES : KERNEL_NO);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		each(ctx, "seccomp flags", flags[i].name,
		     has_flag(flags[i].flag) ? KERNEL_YES : KERNEL_NO);
	for (size_t i = 0; i < ARRAY_LEN(listener_features); i++)
		each(ctx, "seccomp listener", listener_features[i].name,
		     !(listener & ASKED)                        ? KERNEL_UNKNOWN
		     : listener & (int)listener_features[i].bit ? KERNEL_YES
		                                                : KERNEL_NO);
}

/* --- Landlock ------------------------------------------------------------------------------ */

static const struct {
	int abi;
	const char *name;
} landlock_features[] = {
	{ 1, "files" },
	{ 2, "refer" },
	{ 3, "truncate" },
	{ 4, "tcp" },
	{ 5, "ioctl_dev" },
	{ 6, "scope_abstract_unix_socket" },
	{ 6, "scope_signal" },
	{ 7, "restrict_self_log" },
};

int kernel_landlock(kernel_feature_fn *each, void *ctx)
{
	enum {
		ASK_VERSION = 1
	};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	abi = abi < 0 ? 0 : abi;
	for (size_t i = 0; i < ARRAY_LEN(landlock_features); i++)
		each(ctx, "landlock", landlock_features[i].name,
		     abi >= landlock_features[i].abi ? KERNEL_YES : KERNEL_NO);
	return (int)abi;
}
