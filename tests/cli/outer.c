/*
 * outer CALL[:FIRST] ERROR UID COMMAND ARG...: runs COMMAND as the user UID under
 * a filter that answers the system call CALL with errno ERROR; 0 is success that
 * is not true. With :FIRST only if that is its first argument.
 * outer inside DIRECTORY, outer stay DIRECTORY, outer stop DIRECTORY: the program that
 * COMMAND starts. Whatever it can, it leaves behind that it ran, and whether under the
 * policy: one that answers personality(2) with E2BIG. Told to stay, it does; told to
 * stop, it stops until another process continues it. It is to be linked static, so that
 * it needs few calls.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static const struct {
	const char *name;
	long nr;
} calls[] = {
#define CALL(name)                \
	{                         \
#name, SYS_##name \
	}
	CALL(read),
	CALL(write),
	CALL(openat),
	CALL(close),
	CALL(mmap),
	CALL(munmap),
	CALL(mprotect),
	CALL(brk),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigtimedwait),
	CALL(clone),
	CALL(wait4),
	CALL(waitid),
	CALL(ptrace),
	CALL(prctl),
	CALL(seccomp),
	CALL(execve),
	CALL(exit_group),
	CALL(kill),
	CALL(tgkill),
	CALL(getpid),
	CALL(gettid),
	CALL(getppid),
	CALL(pipe2),
	CALL(fcntl),
	CALL(faccessat),
	CALL(getrandom),
	CALL(prlimit64),
	CALL(set_tid_address),
	CALL(set_robust_list),
	CALL(pread64),
	CALL(lseek),
	CALL(getuid),
	CALL(geteuid),
	CALL(getdents64),
	CALL(readlinkat),
	CALL(unshare),
	CALL(mount),
	CALL(mkdirat),
	CALL(chdir),
	CALL(getcwd),
	CALL(capget),
	CALL(capset),
	CALL(socket),
	CALL(bind),
	CALL(connect),
	CALL(getsockname),
	CALL(ioctl),
	CALL(statfs),
#ifdef SYS_stat
	CALL(stat),
	CALL(lstat),
	CALL(open),
#endif
#ifdef SYS_statx
	CALL(statx),
#endif
#ifdef SYS_close_range
	CALL(close_range),
#endif
#ifdef SYS_mount_setattr
	CALL(open_tree),
	CALL(move_mount),
	CALL(mount_setattr),
#endif
#ifdef SYS_landlock_create_ruleset
	CALL(landlock_create_ruleset),
	CALL(landlock_add_rule),
	CALL(landlock_restrict_self),
#endif
#ifdef SYS_newfstatat
	CALL(newfstatat),
	CALL(fstat),
#endif
#ifdef SYS_access
	CALL(access),
#endif
#ifdef SYS_faccessat2
	CALL(faccessat2),
#endif
#ifdef SYS_rseq
	CALL(rseq),
#endif
#ifdef SYS_pidfd_open
	CALL(pidfd_open),
	CALL(pidfd_send_signal),
#endif
#ifdef SYS_clone3
	CALL(clone3),
#endif
#ifdef SYS_arch_prctl
	CALL(arch_prctl),
#endif
};

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(99);
}

/* --- inside ------------------------------------------------------------------------ */

/* Stop, until a process that is born for that sends SIGCONT. */
static void stop(void)
{
	if (fork() == 0) {
		usleep(200 * 1000);
		kill(getppid(), SIGCONT);
		_exit(0);
	}
	raise(SIGSTOP);
}

/* Mark what is not in force of a box with --net none and --rw of DIRECTORY. */
static void look_at_box(const char *directory)
{
	static char path[4096];
	struct stat st = { 0 };
	unsigned long outside = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/boxed", directory);
	f = fopen(path, "r");
	if (!f)
		return;
	if (fscanf(f, "%lu", &outside) != 1 || stat("/proc/self/ns/net", &st) < 0 ||
	    (st.st_ino == outside && socket(AF_INET, SOCK_STREAM, 0) >= 0)) {
		snprintf(path, sizeof path, "%s/networked", directory);
		mkdir(path, 0777);
	}
	fclose(f);
	snprintf(path, sizeof path, "%s/../outside", directory);
	if (open(path, O_WRONLY) >= 0 || chmod(path, 0666) == 0) {
		snprintf(path, sizeof path, "%s/writing", directory);
		mkdir(path, 0777);
	}
	if (kill(getppid(), 0) == 0) {
		snprintf(path, sizeof path, "%s/signalling", directory);
		mkdir(path, 0777);
	}
	if (fcntl(9, F_GETFD) >= 0) {
		snprintf(path, sizeof path, "%s/inheriting", directory);
		mkdir(path, 0777);
	}
}

static int inside(const char *directory, const char *what)
{
	static char confined[4096], privileged[4096], ran[4096];
	long old = syscall(SYS_personality, 0xffffffffL);

	snprintf(ran, sizeof ran, "%s/ran", directory);
	snprintf(confined, sizeof confined, "%s/unconfined", directory);
	snprintf(privileged, sizeof privileged, "%s/privileged", directory);
	if (old != -1 || errno != E2BIG)
		mkdir(confined, 0777);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0)
		mkdir(privileged, 0777);
	look_at_box(directory);
	mkdir(ran, 0777);
	while (!strcmp(what, "stay"))
		pause();
	if (!strcmp(what, "stop"))
		stop();
	return 42;
}

/* --- outside ------------------------------------------------------------------------ */

static long number_of(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (strlen(calls[i].name) == len && !memcmp(calls[i].name, name, len))
			return calls[i].nr;
	fprintf(stderr, "no call '%s'\n", name);
	exit(98);
}

static void put_filter(const char *call, const char *error)
{
	size_t len = strcspn(call, ":");
	uint32_t nr = (uint32_t)number_of(call, len);
	uint32_t first = call[len] ? (uint32_t)strtoul(call + len + 1, NULL, 0) : 0;
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, call[len] ? 3 : 1),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)atoi(error)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof insns / sizeof *insns, insns };

	if (!call[len]) {
		insns[2] = insns[4];
		insns[3] = insns[5];
	}
	if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die("no_new_privs");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		die("seccomp");
}

int main(int argc, char **argv)
{
	uid_t uid;
	int fd;

	if (argc == 3)
		return inside(argv[2], argv[1]);
	if (argc < 5) {
		for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
			puts(calls[i].name);
		return 0;
	}
	uid = (uid_t)atoi(argv[3]);
	fd = open(argv[4], O_PATH | O_CLOEXEC);
	if (fd < 0)
		die(argv[4]);
	dup2(fd, 9); /* for a box not to pass on */
	put_filter(argv[1], argv[2]);
	if (uid && (syscall(SYS_setgid, uid) < 0 || syscall(SYS_setuid, uid) < 0))
		die("setuid");
	syscall(SYS_execveat, fd, "", argv + 4, environ, AT_EMPTY_PATH);
	die(argv[4]);
}
