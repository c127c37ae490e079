/*
 * weir whose calls of the system fail: failing.ld has the linker put these before the
 * real ones. WEIR_FAIL=CALL:N:ERROR lets the Nth CALL fail with that errno, a number;
 * "slow" in its place lets it wait a moment and then do its work. The calls that are
 * made become lines of the file WEIR_CALLED.
 */
#include "config.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

int __real_open(const char *p, int f, mode_t m);
int __real_close(int fd);
ssize_t __real_write(int fd, const void *b, size_t n);

static void append(const char *path, const char *line)
{
	int fd = path ? __real_open(path, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;

	if (fd < 0)
		return;
	if (__real_write(fd, line, strlen(line)) < 0 || __real_write(fd, "\n", 1) < 0)
		abort();
	__real_close(fd);
}

/* Whether this call of NAME is the one that is to fail; COUNT is of its calls. */
static int fails(const char *name, int *count)
{
	const char *wanted = getenv("WEIR_FAIL"), *list = getenv("WEIR_CALLED");
	size_t len = strlen(name);
	int error = errno;
	char *end;

	append(list, name);
	errno = error;
	if (!wanted || strncmp(wanted, name, len) != 0 || wanted[len] != ':' ||
	    ++*count != strtol(wanted + len + 1, &end, 10))
		return 0;
	if (!strcmp(end, ":slow")) {
		usleep(300 * 1000);
		errno = error;
		return 0;
	}
	errno = atoi(end + 1);
	return 1;
}

/*
 * TYPE NAME PARAMETERS; BAD is what it returns when it fails. The counts are kept where
 * tests/counts.c does not share them: a child has its own.
 */
#define CALLS(CALL)                                                                         \
	CALL(int, open, -1, (const char *p, int f, mode_t m), (p, f, m))                    \
	CALL(int, close, -1, (int fd), (fd))                                                \
	CALL(ssize_t, read, -1, (int fd, void *b, size_t n), (fd, b, n))                    \
	CALL(ssize_t, write, -1, (int fd, const void *b, size_t n), (fd, b, n))             \
	CALL(ssize_t, writev, -1, (int fd, const struct iovec *v, int n), (fd, v, n))       \
	CALL(int, fstat, -1, (int fd, struct stat *s), (fd, s))                             \
	CALL(int, stat, -1, (const char *p, struct stat *s), (p, s))                        \
	CALL(int, lstat, -1, (const char *p, struct stat *s), (p, s))                       \
	CALL(off_t, lseek, -1, (int fd, off_t at, int how), (fd, at, how))                  \
	CALL(int, ftruncate, -1, (int fd, off_t n), (fd, n))                                \
	CALL(int, fsync, -1, (int fd), (fd))                                                \
	CALL(int, fchmod, -1, (int fd, mode_t m), (fd, m))                                  \
	CALL(int, fchown, -1, (int fd, uid_t u, gid_t g), (fd, u, g))                       \
	CALL(int, mkostemp, -1, (char *p, int f), (p, f))                                   \
	CALL(int, rename, -1, (const char *a, const char *b), (a, b))                       \
	CALL(int, dup, -1, (int fd), (fd))                                                  \
	CALL(char *, realpath, NULL, (const char *p, char *b), (p, b))                      \
	CALL(DIR *, opendir, NULL, (const char *p), (p))                                    \
	CALL(FILE *, fopen, NULL, (const char *p, const char *m), (p, m))                   \
	CALL(FILE *, fdopen, NULL, (int fd, const char *m), (fd, m))                        \
	CALL(FILE *, open_memstream, NULL, (char **p, size_t *n), (p, n))                   \
	CALL(size_t, fread, 0, (void *b, size_t s, size_t n, FILE *f), (b, s, n, f))        \
	CALL(size_t, fwrite, 0, (const void *b, size_t s, size_t n, FILE *f), (b, s, n, f)) \
	CALL(int, fflush, EOF, (FILE * f), (f))                                             \
	CALL(int, fclose, EOF, (FILE * f), (f))                                             \
	CALL(void *, malloc, NULL, (size_t n), (n))                                         \
	CALL(void *, calloc, NULL, (size_t n, size_t s), (n, s))                            \
	CALL(void *, aligned_alloc, NULL, (size_t a, size_t n), (a, n))                     \
	CALL(void *, realloc, NULL, (void *p, size_t n), (p, n))                            \
	CALL(char *, strdup, NULL, (const char *s), (s))                                    \
	CALL(void *, mmap, MAP_FAILED, (void *p, size_t n, int r, int f, int fd, off_t o),  \
	     (p, n, r, f, fd, o))                                                           \
	CALL(int, pipe2, -1, (int *fds, int f), (fds, f))                                   \
	CALL(pid_t, fork, -1, (void), ())                                                   \
	CALL(int, waitid, -1, (idtype_t t, id_t id, siginfo_t * i, int o), (t, id, i, o))   \
	CALL(pid_t, waitpid, -1, (pid_t p, int *s, int o), (p, s, o))                       \
	CALL(int, kill, -1, (pid_t p, int sig), (p, sig))                                   \
	CALL(int, prctl, -1, (int o, long a, long b, long c, long d), (o, a, b, c, d))      \
	CALL(long, ptrace, -1, (long r, pid_t p, void *a, void *d), (r, p, a, d))           \
	CALL(long, syscall, -1, (long n, long a, long b, long c, long d, long e, long f),   \
	     (n, a, b, c, d, e, f))                                                         \
	CALL(ssize_t, getrandom, -1, (void *b, size_t n, unsigned f), (b, n, f))            \
	CALL(int, sigaction, -1, (int sig, const struct sigaction *a, struct sigaction *o), \
	     (sig, a, o))                                                                   \
	CALL(int, sigprocmask, -1, (int how, const sigset_t *s, sigset_t *o), (how, s, o))  \
	CALL(int, sigtimedwait, -1,                                                         \
	     (const sigset_t *s, siginfo_t *i, const struct timespec *t), (s, i, t))        \
	CALL(int, clock_gettime, -1, (clockid_t c, struct timespec * t), (c, t))            \
	CALL(int, poll, -1, (struct pollfd * p, nfds_t n, int t), (p, n, t))                \
	CALL(int, socket, -1, (int d, int t, int p), (d, t, p))                             \
	CALL(int, bind, -1, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))    \
	CALL(int, setsockopt, -1, (int fd, int l, int o, const void *v, socklen_t n),       \
	     (fd, l, o, v, n))                                                              \
	CALL(int, getsockopt, -1, (int fd, int l, int o, void *v, socklen_t *n),            \
	     (fd, l, o, v, n))                                                              \
	CALL(int, ioctl, -1, (int fd, unsigned long r, void *p), (fd, r, p))                \
	CALL(ssize_t, recvmsg, -1, (int fd, struct msghdr *m, int f), (fd, m, f))           \
	CALL(ssize_t, send, -1, (int fd, const void *b, size_t n, int f), (fd, b, n, f))    \
	CALL(ssize_t, recv, -1, (int fd, void *b, size_t n, int f), (fd, b, n, f))          \
	CALL(int, setns, -1, (int fd, int t), (fd, t))                                      \
	CALL(ssize_t, readlink, -1, (const char *p, char *b, size_t n), (p, b, n))          \
	CALL(int, memfd_create, -1, (const char *s, unsigned f), (s, f))                    \
	CALL(int, dup2, -1, (int a, int b), (a, b))                                         \
	CALL(int, statfs, -1, (const char *p, struct statfs *s), (p, s))                    \
	CALL(int, mkdir, -1, (const char *p, mode_t m), (p, m))                             \
	CALL(int, unlink, -1, (const char *p), (p))                                         \
	CALL(int, faccessat, -1, (int d, const char *p, int m, int f), (d, p, m, f))        \
	CALL(ssize_t, listxattr, -1, (const char *p, char *b, size_t n), (p, b, n))         \
	CALL(int, getaddrinfo, EAI_SYSTEM,                                                  \
	     (const char *n, const char *s, const struct addrinfo *h, struct addrinfo **a), \
	     (n, s, h, a))                                                                  \
	CALL(unsigned, if_nametoindex, 0, (const char *s), (s))                             \
	CALL(char *, if_indextoname, NULL, (unsigned i, char *s), (i, s))                   \
	CALL(struct if_nameindex *, if_nameindex, NULL, (void), ())                         \
	CALL(struct passwd *, getpwuid, NULL, (uid_t u), (u))                               \
	CALL(int, access, -1, (const char *p, int m), (p, m))                               \
	CALL(ssize_t, readlinkat, -1, (int d, const char *p, char *b, size_t n),            \
	     (d, p, b, n))                                                                  \
	CALL(int, uname, -1, (struct utsname * u), (u))                                     \
	CALL(int, sigqueue, -1, (pid_t p, int sig, const union sigval v), (p, sig, v))      \
	CALL(void *, reallocarray, NULL, (void *p, size_t n, size_t s), (p, n, s))          \
	CALL(char *, fgets, NULL, (char *b, int n, FILE *f), (b, n, f))                     \
	CALL(int, ungetc, EOF, (int c, FILE *f), (c, f))                                    \
	CALL(off_t, ftello, -1, (FILE * f), (f))                                            \
	CALL(struct tm *, localtime_r, NULL, (const time_t *t, struct tm *tm), (t, tm))     \
	CALL(void *, dlopen, NULL, (const char *s, int f), (s, f))                          \
	CALL(void *, dlsym, NULL, (void *l, const char *s), (l, s))

#define WRAP(type, name, bad, parameters, arguments)                           \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		static _Thread_local int count;                                \
                                                                               \
		return fails(#name, &count) ? (bad) : __real_##name arguments; \
	}
CALLS(WRAP)
