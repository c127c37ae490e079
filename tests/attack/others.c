/* The memory and the descriptors of other processes of the user. */
#include "attack.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_kcmp
#define SYS_kcmp (-1)
#endif

static long traces(long request)
{
	long result = CALL(SYS_ptrace, request, world.spare, 0, 0);

	if (result == 0)
		CALL(SYS_ptrace, PTRACE_DETACH, world.spare, 0, 0);
	return result;
}

static bool attaches(void) { return traces(PTRACE_ATTACH) == 0; }
static bool seizes(void) { return traces(PTRACE_SEIZE) == 0; }

static bool copies(long nr, unsigned long value)
{
	struct iovec here = { &value, sizeof value };
	struct iovec there = { (void *)(uintptr_t)world.word, sizeof value };

	return CALL(nr, world.victim, &here, 1, &there, 1, 0) > 0;
}

static bool reads(void) { return copies(SYS_process_vm_readv, 0); }
static bool writes(void) { return copies(SYS_process_vm_writev, 2); }

static long process(int pid)
{
	return CALL(NR_pidfd_open, pid, 0);
}

static bool takes(void)
{
	long fd = process(world.victim);
	bool through = opened(CALL(NR_pidfd_getfd, fd, 0, 0));

	opened(fd);
	return through;
}

static bool advises(void)
{
	struct iovec there = { (void *)(uintptr_t)(world.word & ~4095UL), 4096 };
	long fd = process(world.victim);
	bool through = passed(CALL(NR_process_madvise, fd, &there, 1, 20 /* MADV_COLD */, 0));

	opened(fd);
	return through;
}

static bool reaps(void)
{
	long fd = process(world.victim);
	bool through = passed(CALL(NR_process_mrelease, fd, 0));

	opened(fd);
	return through;
}

static bool compares(void)
{
	return CALL(SYS_kcmp, world.victim, world.victim, 0, 0, 0) == 0;
}

static bool moves(void)
{
	return passed(CALL(SYS_move_pages, world.victim, 0, NULL, NULL, NULL, 0));
}

static bool migrates(void)
{
	unsigned long all = 1;

	return passed(CALL(SYS_migrate_pages, world.victim, 2, &all, &all));
}

/* --- by /proc, whose files no filter tells from others ------------------------------- */

static int proc(const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", world.victim, name);
	return open(path, flags);
}

static bool mem_reads(void)
{
	int fd = proc("mem", O_RDONLY);
	long word;
	bool through = pread(fd, &word, sizeof word, (off_t)world.word) == sizeof word;

	opened(fd);
	return through;
}

static bool mem_writes(void)
{
	int fd = proc("mem", O_WRONLY);
	long word = 2;
	bool through = pwrite(fd, &word, sizeof word, (off_t)world.word) == sizeof word;

	opened(fd);
	return through;
}

static bool writes_proc(const char *name, const char *text, size_t len)
{
	int fd = proc(name, O_WRONLY);
	bool through = write(fd, text, len) == (ssize_t)len;

	opened(fd);
	return through;
}

static bool environment(void) { return opened(proc("environ", O_RDONLY)); }
static bool maps(void) { return opened(proc("maps", O_RDONLY)); }
static bool root(void) { return opened(proc("root/etc/passwd", O_RDONLY)); }
static bool descriptor(void) { return opened(proc("fd/20", O_RDONLY)); }
static bool descriptor_writes(void) { return opened(proc("fd/20", O_RDWR)); }
static bool oom(void) { return writes_proc("oom_score_adj", "1000", 4); }
static bool timerslack(void) { return writes_proc("timerslack_ns", "50000", 5); }
static bool clears(void) { return writes_proc("clear_refs", "1", 1); }
static bool nice_(void) { return writes_proc("autogroup", "0", 1); }
static bool dumps(void) { return writes_proc("coredump_filter", "0x33", 4); }

ATTEMPTS(others) = {
	{ "ptrace-attach", attaches, false },
	{ "ptrace-seize", seizes, false },
	{ "process_vm_readv", reads, false },
	{ "process_vm_writev", writes, false },
	{ "pidfd_getfd", takes, false },
	{ "process_madvise", advises, false },
	{ "process_mrelease", reaps, false },
	{ "kcmp", compares, false },
	{ "move_pages", moves, false },
	{ "migrate_pages", migrates, false },
	{ "proc-mem-read", mem_reads, false },
	{ "proc-mem-write", mem_writes, false },
	{ "proc-environ", environment, false },
	{ "proc-maps", maps, false },
	{ "proc-root", root, false },
	{ "proc-descriptor", descriptor, false },
	{ "proc-descriptor-write", descriptor_writes, false },
	{ "proc-oom-score", oom, false },
	{ "proc-timerslack", timerslack, false },
	{ "proc-clear-refs", clears, false },
	{ "proc-autogroup", nice_, false },
	{ "proc-coredump-filter", dumps, false },
	{ NULL, NULL, false },
};
