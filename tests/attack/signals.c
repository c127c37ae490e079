/* Signals to others, and what decides how much time and memory they have. */
#include "attack.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef FIOSETOWN
#define FIOSETOWN 0x8901
#endif
#ifndef SIOCSPGRP
#define SIOCSPGRP 0x8902
#endif

/* Process groups and users of nobody, so that it does no harm when it is let through. */
enum {
	NO_USER = 42424242
};

static bool kills(void) { return kill(world.victim, SIGUSR1) == 0; }
static bool kills_hard(void) { return kill(world.spare, SIGSTOP) == 0; }
static bool kills_group(void) { return kill(-world.victim, SIGUSR1) == 0; }
static bool kills_all(void) { return kill(-1, 0) == 0; }
static bool kills_above(void) { return CALL(SYS_kill, ABOVE(world.victim), ABOVE(SIGUSR1)) == 0; }
static bool kills_thread(void) { return CALL(SYS_tkill, world.victim, SIGUSR1) == 0; }
static bool kills_2(void) { return CALL(SYS_tgkill, world.victim, world.victim, SIGUSR1) == 0; }
static bool aborts(void) { return CALL(SYS_tkill, world.victim, SIGABRT) == 0; }
static bool aborts_2(void) { return CALL(SYS_tgkill, world.victim, world.victim, 34) == 0; }

static bool queues(void)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };

	return CALL(SYS_rt_sigqueueinfo, world.victim, SIGUSR1, &info) == 0;
}

static bool queues_2(void)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };

	return CALL(SYS_rt_tgsigqueueinfo, world.victim, world.victim, SIGUSR1, &info) == 0;
}

static bool kills_by_fd(void)
{
	long fd = CALL(NR_pidfd_open, world.victim, 0);
	bool through = fd >= 0 && CALL(NR_pidfd_send_signal, fd, SIGUSR1, NULL, 0) == 0;

	opened(fd);
	return through;
}

/* The directory of a process in /proc is a descriptor for it, too. */
static bool kills_by_proc(void)
{
	char path[64];
	bool through;
	int fd;

	snprintf(path, sizeof path, "/proc/%d", world.victim);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	through = CALL(NR_pidfd_send_signal, fd, SIGUSR1, NULL, 0) == 0;
	opened(fd);
	return through;
}

/* --- by descriptors that become ready ---------------------------------------------- */

static bool owner(void) { return fcntl(INHERITED_PAIR, F_SETOWN, world.victim) == 0; }

static bool owner_above(void)
{
	return CALL(SYS_fcntl, INHERITED_PAIR, ABOVE(F_SETOWN), world.victim) == 0;
}

static bool owner_ex(void)
{
	struct f_owner_ex who = { F_OWNER_PID, world.victim };

	return fcntl(INHERITED_PAIR, F_SETOWN_EX, &who) == 0;
}

static bool owner_ioctl(void) { return ioctl(INHERITED_PAIR, FIOSETOWN, &world.victim) == 0; }
static bool owner_group(void) { return ioctl(INHERITED_PAIR, SIOCSPGRP, &world.victim) == 0; }
static bool which(void) { return fcntl(INHERITED_PAIR, F_SETSIG, 0) == 0; }

/* --- limits and priorities -------------------------------------------------------------- */

static bool limits(long pid)
{
	struct {
		uint64_t now, most;
	} core = { 0, 0 };

	return CALL(SYS_prlimit64, pid, RLIMIT_CORE, &core, NULL) == 0;
}

static bool limit(void) { return limits(world.victim); }
static bool limit_above(void) { return limits(ABOVE(world.victim)); }

static bool limit_read(void)
{
	struct {
		uint64_t now, most;
	} core;

	return CALL(SYS_prlimit64, world.victim, RLIMIT_CORE, NULL, &core) == 0;
}

static bool nice_(void) { return CALL(SYS_setpriority, PRIO_PROCESS, world.victim, 1) == 0; }
static bool nice_group(void) { return CALL(SYS_setpriority, PRIO_PGRP, world.victim, 1) == 0; }
static bool nice_user(void) { return passed(CALL(SYS_setpriority, PRIO_USER, NO_USER, 1)); }

static bool nice_above(void)
{
	return passed(CALL(SYS_setpriority, ABOVE(PRIO_USER), ABOVE(NO_USER), 1));
}

static bool io(void) { return CALL(SYS_ioprio_set, 1, world.victim, 3 << 13) == 0; }
static bool io_group(void) { return CALL(SYS_ioprio_set, 2, world.victim, 3 << 13) == 0; }
static bool io_user(void) { return passed(CALL(SYS_ioprio_set, 3, NO_USER, 3 << 13)); }

static bool affinity(void)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof all);
	return sched_setaffinity(world.victim, sizeof all, &all) == 0;
}

static bool scheduler(void)
{
	struct sched_param zero = { 0 };

	return sched_setscheduler(world.victim, SCHED_IDLE, &zero) == 0;
}

static bool schedule_2(void)
{
	uint32_t attr[14] = { sizeof attr, SCHED_IDLE };

	return CALL(SYS_sched_setattr, world.victim, attr, 0) == 0;
}

ATTEMPTS(signals) = {
	{ "kill", kills, false },
	{ "kill-stop", kills_hard, false },
	{ "kill-group", kills_group, false },
	{ "kill-all", kills_all, false },
	{ "kill-above", kills_above, false },
	{ "tkill", kills_thread, false },
	{ "tgkill", kills_2, false },
	{ "tkill-abort", aborts, false },
	{ "tgkill-34", aborts_2, false },
	{ "rt_sigqueueinfo", queues, false },
	{ "rt_tgsigqueueinfo", queues_2, false },
	{ "pidfd_send_signal", kills_by_fd, false },
	{ "pidfd-of-proc", kills_by_proc, false },
	{ "setown", owner, false },
	{ "setown-above", owner_above, false },
	{ "setown-ex", owner_ex, false },
	{ "fiosetown", owner_ioctl, false },
	{ "siocspgrp", owner_group, false },
	{ "setsig", which, false },
	{ "prlimit", limit, false },
	{ "prlimit-above", limit_above, false },
	{ "prlimit-read", limit_read, false },
	{ "priority", nice_, false },
	{ "priority-group", nice_group, false },
	{ "priority-user", nice_user, false },
	{ "priority-above", nice_above, false },
	{ "ioprio", io, false },
	{ "ioprio-group", io_group, false },
	{ "ioprio-user", io_user, false },
	{ "affinity", affinity, false },
	{ "scheduler", scheduler, false },
	{ "sched_setattr", schedule_2, false },
	{ NULL, NULL, false },
};
