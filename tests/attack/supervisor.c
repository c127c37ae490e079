/* The process that started this one: weir, where it has stayed. */
#include "attack.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Not the world, which is what there is where weir is gone. */
static bool stays(void)
{
	return getppid() != world.outside;
}

static bool signals(void) { return kill(getppid(), 0) == 0; }

static bool traces(void)
{
	return CALL(SYS_ptrace, PTRACE_SEIZE, getppid(), 0, 0) == 0;
}

/* Wherever its stack is, this is one of the readable mappings. */
static bool mem(int flags)
{
	unsigned long lo = 0, hi = 0;
	char path[64], text[4096], byte = 0;
	ssize_t n;
	bool through;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/maps", getppid());
	fd = open(path, O_RDONLY);
	n = read(fd, text, sizeof text - 1);
	opened(fd);
	text[n < 0 ? 0 : n] = 0;
	if (sscanf(text, "%lx-%lx", &lo, &hi) != 2)
		return false;
	snprintf(path, sizeof path, "/proc/%d/mem", getppid());
	fd = open(path, flags);
	through = fd >= 0 && pread(fd, &byte, 1, (off_t)lo) == 1;
	opened(fd);
	return through;
}

static bool reads(void) { return stays() && mem(O_RDONLY); }
static bool writes(void) { return stays() && mem(O_RDWR); }

static bool shows(const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", getppid(), name);
	return stays() && opened(open(path, flags));
}

static bool environment(void) { return shows("environ", O_RDONLY); }
static bool descriptor(void) { return shows("fd/1", O_RDONLY | O_NONBLOCK); }
static bool root(void) { return shows("root/etc/passwd", O_RDONLY); }
static bool maps(void) { return shows("maps", O_RDONLY); }
static bool oom(void) { return shows("oom_score_adj", O_WRONLY); }
static bool clears(void) { return shows("clear_refs", O_WRONLY); }

static bool takes(void)
{
	long fd = CALL(NR_pidfd_open, getppid(), 0);
	bool through = opened(CALL(NR_pidfd_getfd, fd, 0, 0));

	opened(fd);
	return through;
}

static bool copies(void)
{
	char byte = 0;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	return passed(CALL(SYS_process_vm_readv, getppid(), &here, 1, &there, 1, 0));
}

static bool limits(void)
{
	struct {
		uint64_t now, most;
	} core = { 0, 0 };

	return CALL(SYS_prlimit64, getppid(), 4 /* RLIMIT_CORE */, &core, NULL) == 0;
}

ATTEMPTS(supervisor) = {
	{ "supervisor-signal", signals, false },
	{ "supervisor-trace", traces, false },
	{ "supervisor-memory", reads, false },
	{ "supervisor-memory-write", writes, false },
	{ "supervisor-environ", environment, false },
	{ "supervisor-maps", maps, false },
	{ "supervisor-root", root, false },
	{ "supervisor-open", descriptor, false },
	{ "supervisor-oom-score", oom, false },
	{ "supervisor-clear-refs", clears, false },
	{ "supervisor-descriptor", takes, false },
	{ "supervisor-copy", copies, false },
	{ "supervisor-limits", limits, false },
	{ NULL, NULL, false },
};
