/* Processes and programs: to start them. */
#include "attack.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool forks(void)
{
	int pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static bool forks_old(void)
{
#ifdef SYS_fork
	long pid = syscall(SYS_fork);

	if (pid == 0)
		_exit(0);
	return pid > 0 && waitpid((pid_t)pid, NULL, 0) == pid;
#else
	return false;
#endif
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

bool cloned(unsigned long flags)
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

static bool sibling(void) { return cloned(CLONE_PARENT | SIGCHLD); }
static bool traced(void) { return cloned(CLONE_PTRACE | SIGCHLD); }
static bool untraced(void) { return cloned(CLONE_UNTRACED | SIGCHLD); }
static bool shares_io(void) { return cloned(CLONE_IO | SIGCHLD); }
static bool clones_3(void) { return passed(CALL(NR_clone3, NULL, 0)); }

/* --- programs ------------------------------------------------------------------- */

static char *none[] = { NULL };

static bool executes(void) { return passed(execve("none", none, none)); }

static bool executes_6(void)
{
	return passed(CALL(SYS_execve, "none", none, none, 0L, 0L, 0L)) ||
	       passed(CALL(SYS_execve, "none", none, none, -1L, -1L, -1L));
}

static bool executes_at(void)
{
	return passed(CALL(SYS_execveat, AT_FDCWD, "none", none, none, 0));
}

static bool executes_fd(void)
{
	return passed(CALL(SYS_execveat, -1, "", none, none, AT_EMPTY_PATH));
}

/* A program that is in memory alone; /bin/true, if there is a child to run it. */
static bool executes_memory(void)
{
	int fd = memfd_create("x", 0), from = open("/bin/true", O_RDONLY), pid, status = 1;
	char buf[1 << 16];
	ssize_t n;

	while (fd >= 0 && from >= 0 && (n = read(from, buf, sizeof buf)) > 0)
		if (write(fd, buf, (size_t)n) != n)
			break;
	opened(from);
	pid = fd < 0 ? -1 : fork();
	if (pid == 0) {
		fexecve(fd, none, none);
		_exit(1);
	}
	opened(fd);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

ATTEMPTS(programs) = {
	{ "fork", forks, false },
	{ "fork-old", forks_old, false },
	{ "thread", thread, false },
	{ "clone-parent", sibling, false },
	{ "clone-ptrace", traced, false },
	{ "clone-untraced", untraced, false },
	{ "clone-io", shares_io, false },
	{ "clone3", clones_3, false },
	{ "exec", executes, false },
	{ "exec-arguments", executes_6, false },
	{ "execveat", executes_at, false },
	{ "execveat-descriptor", executes_fd, false },
	{ "exec-memory", executes_memory, false },
	{ NULL, NULL, false },
};
