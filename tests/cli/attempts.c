/*
 * attempts [NAME]: tries what a confined program might try, and prints the names
 * of what the filter lets through, if only one way of doing it is. Calls are made such that, if they
 * reach the kernel, they work or fail with another error than a policy's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The result of a call: whether a policy may have been what refused it. */
static bool passed(long result)
{
	return result >= 0 || (errno != EPERM && errno != EACCES && errno != EROFS &&
	                       errno != ENOSYS && errno != ENOTTY);
}

/* What has no number in the headers, or on this machine, does not exist. */
#define CALL(nr, ...) ((nr) < 0 ? (errno = ENOSYS, -1) : syscall(nr, __VA_ARGS__))
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif

/* --- files ------------------------------------------------------------------------ */

static bool make_file(int flags, mode_t mode)
{
	int fd = open("attempt", flags, mode);
	bool through = passed(fd);

	if (fd >= 0)
		close(fd);
	return through;
}

/* An int, with something above it that the kernel does not look at. */
#define ABOVE(n) (sizeof(long) == 8 ? (long)((UINT64_C(1) << 32) | (uint32_t)(n)) : (long)(n))

/* The same by every call there is for it. */
static bool opens_raw(void)
{
	long fd[] = {
		CALL(SYS_openat, AT_FDCWD, "attempt", ABOVE(O_WRONLY), 0),
		CALL(SYS_openat, AT_FDCWD, "attempt", ABOVE(O_RDONLY | O_APPEND), 0),
		CALL(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_WRONLY, 0600),
#ifdef SYS_open
		CALL(SYS_open, "attempt", O_WRONLY | O_TRUNC, 0),
		CALL(SYS_open, "attempt", O_RDWR, 0),
		CALL(SYS_creat, "attempt", 0600),
#endif
	};
	bool through = false;

	for (size_t i = 0; i < sizeof fd / sizeof *fd; i++) {
		through |= fd[i] >= 0;
		if (fd[i] >= 0)
			close((int)fd[i]);
	}
	return through;
}

static bool create(void)   { return make_file(O_CREAT | O_RDONLY, 0600); }
static bool overwrite(void){ return make_file(O_WRONLY, 0); }
static bool truncates(void){ return make_file(O_RDONLY | O_TRUNC, 0); }
static bool opens_2(void)  { return passed(CALL(SYS_openat2, -1, "x", NULL, 0)); }
static bool removes(void)  { return passed(unlink("attempt-none")); }
static bool renames(void)  { return passed(rename("attempt-none", "attempt-no")); }
static bool makes_dir(void){ return passed(mkdir("/", 0700)); }
static bool owns(void)     { return passed(chown("attempt-none", 0, 0)); }
static bool by_handle(void){ return passed(CALL(SYS_open_by_handle_at, -1, NULL, 0)); }

static bool setid(void)
{
	bool through = passed(chmod("attempt-none", 04755)) ||
	               passed(fchmod(-1, 02755)) || passed(mkdir("/", 02755));
	int fd = open("attempt-setid", O_CREAT | O_WRONLY, 04755);

	if (fd < 0)
		return through;
	unlink("attempt-setid");
	return true;
}

/* What has no name yet, and a file that is made as a node. */
static bool setid_otherwise(void)
{
	struct stat st = { 0 };
	int fd = open(".", O_TMPFILE | O_WRONLY, 04755);
	bool through = fd >= 0 && fstat(fd, &st) == 0 && st.st_mode & S_ISUID;

	if (fd >= 0)
		close(fd);
	if (mknod("attempt-setid", S_IFREG | 04755, 0) != 0)
		return through;
	unlink("attempt-setid");
	return true;
}

/* umode_t has 16 bits: what stands above them does not make this another mode. */
static bool setid_above(void)
{
	return passed(CALL(SYS_fchmod, -1, 0x7f0000 | 04755));
}

static bool device(void)
{
	return passed(mknod("attempt-none/x", S_IFCHR | 0600, 0)) ||
	       passed(mknod("attempt-none/x", S_IFBLK | 0600, 0));
}

static bool fifo(void)     { return passed(mknod("attempt-none/x", S_IFIFO | 0600, 0)); }

/* --- processes ------------------------------------------------------------------------ */

static bool forks(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return passed(pid) && waitpid(pid, NULL, 0) == pid;
}

static void *nothing(void *p)
{
	return p;
}

static bool thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0;
}

static bool executes(void)
{
	char *none[] = { NULL };

	return passed(execve("attempt-none", none, none)) ||
	       passed(CALL(SYS_execveat, AT_FDCWD, "attempt-none", none, none, 0));
}

/* With what weir itself might have passed. */
static bool executes_6(void)
{
	char *none[] = { NULL };

	return passed(CALL(SYS_execve, "attempt-none", none, none, 0L, 0L, 0L)) ||
	       passed(CALL(SYS_execve, "attempt-none", none, none, -1L, -1L, -1L));
}

static bool clone_with(unsigned long flags)
{
#ifdef __s390x__
	long pid = syscall(SYS_clone, 0L, flags, 0L, 0L, 0L);
#else
	long pid = syscall(SYS_clone, flags, 0L, 0L, 0L, 0L);
#endif
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, __WALL);
	return passed(pid);
}

static bool namespaces(void)
{
	static const unsigned long kinds[] = {
		CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC,
		CLONE_NEWUTS, CLONE_NEWCGROUP,
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (clone_with(kinds[i] | SIGCHLD) || passed(unshare((int)kinds[i])))
			return true;
	return passed(setns(-1, 0));
}

/* The flags of clone have 32 bits, whatever stands above them. */
static bool namespaces_above(void)
{
	return sizeof(long) == 8 &&
	       clone_with((unsigned long)((UINT64_C(1) << 35) | CLONE_NEWUSER | SIGCHLD));
}

/* As a thread, or as another's child, or to trace it. */
static bool clones_oddly(void)
{
	static const unsigned long flags[] = {
		CLONE_NEWUSER | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
		CLONE_PARENT | SIGCHLD, CLONE_PTRACE | SIGCHLD, CLONE_UNTRACED | SIGCHLD,
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (clone_with(flags[i]))
			return true;
	return false;
}

static bool clones_3(void) { return passed(CALL(SYS_clone3, NULL, 0)); }
static bool kills(void)    { return passed(kill(getppid(), 0)); }

static bool sigio(void)
{
	return passed(fcntl(0, F_SETOWN, getppid())) ||
	       passed(CALL(SYS_fcntl, 0, ABOVE(F_SETSIG), SIGIO));
}

static bool setsid_(void)  { return passed(setuid(getuid())); }

static bool limits_others(void)
{
	struct rlimit64 core = { RLIM64_INFINITY, RLIM64_INFINITY };

	return passed(CALL(SYS_prlimit64, getppid(), RLIMIT_CORE, &core, NULL));
}

static bool slows_others(void)
{
	return passed(setpriority(PRIO_USER, getuid(), 0)) ||
	       passed(setpriority(PRIO_PGRP, 0, 0)) ||
	       passed(CALL(SYS_ioprio_set, 3 /* IOPRIO_WHO_USER */, getuid(), 0));
}

static bool traces(void)
{
	return passed(ptrace(PTRACE_SEIZE, 0, 0, 0)) ||
	       passed(CALL(SYS_process_vm_readv, 0, NULL, 1, NULL, 1, 0)) ||
	       passed(CALL(SYS_process_vm_writev, 0, NULL, 1, NULL, 1, 0)) ||
	       passed(CALL(SYS_pidfd_getfd, -1, 0, 0)) ||
	       passed(CALL(SYS_kcmp, 0, 0, 0, 0, 0));
}

/* --- memory ------------------------------------------------------------------------- */

static bool code(void)
{
	size_t size = 65536;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC,
	               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		return true;
	p = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED)
		return true;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED || mprotect(p, size, PROT_READ | PROT_EXEC) == 0;
}

static bool code_by_key(void)
{
	size_t size = 65536;
	void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ||
	       CALL(SYS_pkey_mprotect, p, size, PROT_READ | PROT_EXEC, -1) == 0 ||
	       syscall(SYS_mprotect, p, size, PROT_READ | PROT_WRITE | PROT_EXEC) == 0;
}

static bool shared_code(void)
{
	int id = shmget(IPC_PRIVATE, 4096, 0700);
	void *p = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_EXEC);

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	return p != (void *)-1;
}

static bool memfd(void)    { return passed(memfd_create("x", 0)); }
static bool persona(void)  { return passed(CALL(SYS_personality, 0x0400000 /* READ_IMPLIES_EXEC */)); }
static bool shm(void)      { return passed(CALL(SYS_shmget, 0, 4096, 0600)); }

/* --- sockets -------------------------------------------------------------------------- */

static bool opens_socket(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);
	bool through = passed(fd);

	if (fd >= 0)
		close(fd);
	return through;
}

static bool inet(void)     { return opens_socket(AF_INET, SOCK_STREAM, 0); }
static bool unix_(void)    { return opens_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

static bool pair(void)
{
	int fd[2];

	return passed(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
}

/* FD looks for a local socket by its name. A connected one sends to its other end. */
static bool sends_to(int fd)
{
	struct sockaddr_un none = { AF_UNIX, "\0none of weir's attempts" };

	return sendto(fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&none, sizeof none) < 0 &&
	       errno == ECONNREFUSED;
}

/* A pair that sends elsewhere, of any type, whatever stands beside and above it. */
static bool addresses(void)
{
	static const int flags[] = { 0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_CLOEXEC | SOCK_NONBLOCK };
	bool through = false;

	for (int i = 0; i < 16 * 4 * 4; i++) {
		int type = i % 16 | flags[i / 16 % 4], fd[2];

		if (CALL(SYS_socketpair, i / 64 & 1 ? ABOVE(AF_UNIX) : AF_UNIX,
		         i / 128 ? ABOVE(type) : type, 0, fd) != 0)
			continue;
		through |= sends_to(fd[0]);
		close(fd[0]);
		close(fd[1]);
	}
	return through;
}

static bool other_pair(void)
{
	int fd[2];

	return passed(socketpair(30 /* AF_TIPC */, SOCK_STREAM, 0, fd)) ||
	       passed(CALL(SYS_socketpair, ABOVE(30), SOCK_STREAM, 0, fd));
}

/* Any other family or protocol; on some, half of a socket() is in the upper word. */
static bool other_sockets(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };

	for (int family = 0; family < 64; family++)
		for (size_t i = 0; i < sizeof types / sizeof *types; i++)
			if (family != AF_UNIX && family != AF_INET &&
			    family != AF_INET6 && opens_socket(family, types[i], 0))
				return true;
	return opens_socket(AF_INET, SOCK_RAW, 1) || opens_socket(AF_INET6, SOCK_RAW, 58) ||
	       opens_socket(AF_INET, SOCK_DGRAM, 1) || opens_socket(AF_INET, SOCK_STREAM, 132) ||
	       opens_socket(AF_INET, SOCK_STREAM, 262) ||
	       opens_socket(AF_INET, SOCK_STREAM | SOCK_DGRAM, 0);
}

/* vsock = 40, with something above what an int has. */
static bool vsock(void)
{
	return opens_socket(40, SOCK_STREAM, 0) ||
	       (sizeof(long) == 8 &&
	        passed(CALL(SYS_socket, (long)((UINT64_C(1) << 32) | 40), SOCK_STREAM, 0)));
}

static bool listens(void)  { return passed(listen(-1, 1)); }

static bool attaches(void)
{
	struct sock_fprog none = { 0 };

	return passed(setsockopt(-1, SOL_SOCKET, SO_ATTACH_FILTER, &none, sizeof none)) ||
	       passed(setsockopt(-1, SOL_SOCKET, SO_ATTACH_BPF, &none, sizeof none)) ||
	       passed(setsockopt(-1, IPPROTO_IP, 64 /* IPT_SO_SET_REPLACE */, "", 0)) ||
	       passed(setsockopt(-1, IPPROTO_IPV6, 64, "", 0)) ||
	       passed(setsockopt(-1, IPPROTO_TCP, 31 /* TCP_ULP */, "tls", 3));
}

/* --- the system ------------------------------------------------------------------------- */

/* A terminal on standard input is asked; else this cannot be known. */
static bool types_(void)
{
	return passed(ioctl(0, TIOCSTI, "x")) ||
	       (sizeof(long) == 8 &&
	        passed(CALL(SYS_ioctl, 0, (long)((UINT64_C(1) << 32) | TIOCSTI), "x")));
}

static bool linux_console(void)
{
	char ask = 2;

	return passed(ioctl(0, 0x541c /* TIOCLINUX */, &ask)) && errno != EINVAL;
}

static bool uring(void)    { return passed(CALL(SYS_io_uring_setup, 1, NULL)); }
static bool bpf(void)      { return passed(CALL(SYS_bpf, 9999, NULL, 0)); }
static bool perf(void)     { return passed(CALL(SYS_perf_event_open, NULL, 0, 0, -1, 0)); }
static bool ufault(void)   { return passed(CALL(SYS_userfaultfd, 0x40000000)); }

static bool keys(void)
{
	return passed(CALL(SYS_keyctl, 9999, 0, 0, 0, 0)) ||
	       passed(CALL(SYS_add_key, NULL, NULL, NULL, 0, 0)) ||
	       passed(CALL(SYS_request_key, NULL, NULL, NULL, 0));
}

static bool mounts(void)
{
	return passed(CALL(SYS_mount, NULL, NULL, NULL, 0, NULL)) ||
	       passed(CALL(SYS_umount2, NULL, 0)) || passed(CALL(SYS_fsopen, NULL, 0)) ||
	       passed(CALL(428 /* open_tree */, -1, NULL, ~0u)) ||
	       passed(CALL(429 /* move_mount */, -1, NULL, -1, NULL, ~0u)) ||
	       passed(CALL(442 /* mount_setattr */, -1, NULL, ~0u, NULL, 0)) ||
	       passed(CALL(SYS_pivot_root, NULL, NULL)) ||
	       passed(CALL(SYS_swapon, NULL, 0));
}

static bool administers(void)
{
	return passed(CALL(SYS_init_module, NULL, 0, NULL)) ||
	       passed(CALL(SYS_kexec_load, 0, 1, NULL, ~0L)) ||
	       passed(CALL(SYS_sethostname, NULL, -1)) ||
	       passed(CALL(SYS_syslog, 9999, NULL, 0)) ||
	       passed(CALL(SYS_clock_settime, 9999, NULL)) ||
	       passed(CALL(SYS_quotactl, 0, NULL, 0, NULL)) ||
	       passed(CALL(SYS_acct, ""));
}

static bool roots(void)    { return passed(chroot("attempt-none")); }

/* Calls of other ABIs, for which one dies: only if asked for by name. */
#ifdef __x86_64__
static bool i386(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
	return result > 0;
}

static bool x32(void)      { return passed(syscall(0x40000000 | SYS_getpid)); }
static bool x32_old(void)  { return passed(syscall(520, NULL, NULL, NULL)); }
#endif

static const struct {
	const char *name;
	bool (*permitted)(void);
	bool only_by_name;
} attempts[] = {
	{ "create", create, false },
	{ "overwrite", overwrite, false },
	{ "overwrite", opens_raw, false },
	{ "truncate", truncates, false },
	{ "openat2", opens_2, false },
	{ "remove", removes, false },
	{ "rename", renames, false },
	{ "mkdir", makes_dir, false },
	{ "chown", owns, false },
	{ "handle", by_handle, false },
	{ "setid", setid, false },
	{ "setid", setid_above, false },
	{ "setid", setid_otherwise, false },
	{ "device", device, false },
	{ "fifo", fifo, false },
	{ "fork", forks, false },
	{ "thread", thread, false },
	{ "exec", executes, false },
	{ "exec", executes_6, false },
	{ "namespace", namespaces, false },
	{ "namespace", namespaces_above, false },
	{ "clone", clones_oddly, false },
	{ "clone3", clones_3, false },
	{ "kill", kills, false },
	{ "sigio", sigio, false },
	{ "setuid", setsid_, false },
	{ "prlimit", limits_others, false },
	{ "priority", slows_others, false },
	{ "trace", traces, false },
	{ "code", code, false },
	{ "code", code_by_key, false },
	{ "code", shared_code, false },
	{ "memfd", memfd, false },
	{ "personality", persona, false },
	{ "shm", shm, false },
	{ "inet", inet, false },
	{ "unix", unix_, false },
	{ "pair", pair, false },
	{ "pair", other_pair, false },
	{ "address", addresses, false },
	{ "socket", other_sockets, false },
	{ "vsock", vsock, false },
	{ "listen", listens, false },
	{ "attach", attaches, false },
	{ "tiocsti", types_, false },
	{ "tioclinux", linux_console, false },
	{ "io_uring", uring, false },
	{ "bpf", bpf, false },
	{ "perf", perf, false },
	{ "userfaultfd", ufault, false },
	{ "keys", keys, false },
	{ "mount", mounts, false },
	{ "administer", administers, false },
	{ "chroot", roots, false },
#ifdef __x86_64__
	{ "i386", i386, true },
	{ "x32", x32, true },
	{ "x32-old", x32_old, true },
#endif
};

int main(int argc, char **argv)
{
	const char *last = "";

	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
		if (argc > 1 ? strcmp(attempts[i].name, argv[1]) != 0
		             : attempts[i].only_by_name)
			continue;
		if (strcmp(attempts[i].name, last) == 0 || !attempts[i].permitted())
			continue;
		last = attempts[i].name;
		printf("%s ", last);
		fflush(stdout);
	}
	putchar('\n');
	return 0;
}
