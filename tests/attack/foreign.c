/* Calls of other ABIs than the machine's own. */
#include "attack.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
/* By the old gate, whose arguments have 32 bits. */
static long int_80(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80"
	                 : "=a"(result)
	                 : "a"(nr), "b"(a), "c"(b), "d"(c)
	                 : "memory");
	return result;
}

#define X32 0x40000000L

static bool i386(void)
{
	return int_80(20, 0, 0, 0) > 0;
}
static bool i386_socket(void) { return int_80(359, 2, 1, 0) >= 0; }
static bool i386_multiplex(void) { return int_80(102, 1, 0, 0) != -38; }
static bool i386_open(void) { return int_80(5, 0, O_RDWR, 0) == -14; }
static bool i386_exec(void) { return int_80(11, 0, 0, 0) == -14; }
static bool i386_ptrace(void) { return int_80(26, 16, world.spare, 0) == 0; }
static bool i386_mount(void) { return int_80(21, 0, 0, 0) == -14; }
static bool i386_none(void) { return int_80(9999, 0, 0, 0) != -38; }
static bool x32(void) { return syscall(X32 | SYS_getpid) > 0; }
static bool x32_socket(void) { return syscall(X32 | SYS_socket, 2, 1, 0) >= 0; }
static bool x32_open(void) { return syscall(X32 | SYS_openat, -100, FILE_OURS, O_RDWR) >= 0; }
static bool x32_ptrace(void) { return syscall(X32 | 521, 16, world.spare, 0, 0) == 0; }
static bool x32_exec(void) { return syscall(X32 | 520, NULL, NULL, NULL) == -1 && errno == EFAULT; }
static bool x32_old(void) { return syscall(520, NULL, NULL, NULL) == -1 && errno == EFAULT; }
static bool x32_first(void) { return syscall(512, 0, NULL, NULL, 8) == 0; }
static bool x32_last(void) { return syscall(547, -1, NULL, 0, 0, 0) == -1 && errno == EBADF; }
static bool x32_above(void) { return syscall(0x1000000000L | X32 | SYS_getpid) > 0; }
#endif

ATTEMPTS(foreign) = {
#ifdef __x86_64__
	{ "i386", i386, true },
	{ "i386-socket", i386_socket, true },
	{ "i386-socketcall", i386_multiplex, true },
	{ "i386-open", i386_open, true },
	{ "i386-exec", i386_exec, true },
	{ "i386-ptrace", i386_ptrace, true },
	{ "i386-mount", i386_mount, true },
	{ "i386-no-call", i386_none, true },
	{ "x32", x32, true },
	{ "x32-socket", x32_socket, true },
	{ "x32-open", x32_open, true },
	{ "x32-ptrace", x32_ptrace, true },
	{ "x32-exec", x32_exec, true },
	{ "x32-old", x32_old, true },
	{ "x32-first", x32_first, true },
	{ "x32-last", x32_last, true },
	{ "x32-above", x32_above, true },
#endif
	{ NULL, NULL, false },
};
