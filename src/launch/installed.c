/*
 * The seccomp filters of a process that runs: by the kernel's iterator, which stops
 * no process; or, where there is none, by ptrace(2). Then the process is stopped for
 * as long as it takes, and goes on as it was.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "launch/launch.h"

/* linux/ptrace.h has it since 4.4; it does not go together with sys/ptrace.h. */
#define GET_FILTER 0x420c

/* --- by the iterator ------------------------------------------------------------------- */

static const struct kernel_task *find_thread(const struct kernel_filters *f, int tid)
{
	for (size_t i = 0; i < f->ntasks; i++)
		if (f->task[i].tid == tid)
			return &f->task[i];
	return NULL;
}

/* Copy the filters of T; false if one of them could not be read, or without memory. */
static bool copy_filters(const struct kernel_task *t, struct launch_installed *out)
{
	out->v = calloc(t->n + 1, sizeof *out->v);
	if (!out->v || t->n != t->count)
		return false;
	for (uint32_t i = t->n; i-- > 0; out->n++) { /* the newest is the first there */
		struct launch_filter *copy = &out->v[out->n];

		copy->n = t->filter[i]->len;
		copy->insns = t->filter[i]->insns ? calloc(copy->n, sizeof *copy->insns) : NULL;
		if (!copy->insns)
			return false;
		memcpy(copy->insns, t->filter[i]->insns, copy->n * sizeof *copy->insns);
	}
	return true;
}

/* Read the filters of process PID without stopping it; false if that cannot be. */
static bool read_quietly(int pid, struct launch_installed *out)
{
	struct kernel_filters *f;
	struct kernel_error e;
	const struct kernel_task *t;
	bool done;

	if (kernel_filters_read(&f, pid, &e))
		return false;
	t = find_thread(f, pid);
	done = t && copy_filters(t, out);
	if (!done)
		launch_installed_free(out);
	kernel_filters_free(f);
	return done;
}

/* --- by ptrace ---------------------------------------------------------------------------- */

/* Stop thread TID; 0 or -errno. *SIG is what it was about to get, or 0. */
static int stop_thread(int tid, int *sig)
{
	int status;

	*sig = 0;
	if (ptrace(PTRACE_SEIZE, tid, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, tid, 0, 0) < 0)
		return -errno;
	while (waitpid(tid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFSTOPPED(status))
		return -ESRCH;
	if (status >> 16 != PTRACE_EVENT_STOP)
		*sig = WSTOPSIG(status);
	return 0;
}

/* Read filter I of the stopped thread TID, from 0; -ENOENT after the last. */
static int read_filter(int tid, size_t i, struct launch_filter *out)
{
	/* Libraries have requests as an enum, or as numbers, and not this one. */
	long n = syscall(SYS_ptrace, GET_FILTER, tid, i, NULL);

	if (n < 0)
		return -errno;
	out->n = (size_t)n;
	out->insns = malloc(out->n * sizeof *out->insns);
	if (!out->insns)
		return -ENOMEM;
	n = syscall(SYS_ptrace, GET_FILTER, tid, i, out->insns);
	return n < 0 ? -errno : 0;
}

static int read_filters(int tid, struct launch_installed *out)
{
	for (;;) {
		struct launch_filter *more = reallocarray(out->v, out->n + 1, sizeof *more);
		int err;

		if (!more)
			return -ENOMEM;
		out->v = more;
		out->v[out->n] = (struct launch_filter){ 0 };
		err = read_filter(tid, out->n, &out->v[out->n]);
		if (err)
			free(out->v[out->n].insns);
		if (err == -ENOENT || (err == -EINVAL && !out->n)) /* the mode is none */
			return 0;
		if (err)
			return err;
		out->n++;
	}
}

/* --- either ------------------------------------------------------------------------------- */

int launch_installed(int pid, struct launch_installed *out)
{
	int sig, err;

	*out = (struct launch_installed){ 0 };
	if (read_quietly(pid, out))
		return 0;
	err = stop_thread(pid, &sig);
	if (err)
		return err;
	out->stopped = true;
	err = read_filters(pid, out);
	ptrace(PTRACE_DETACH, pid, 0, sig);
	if (err)
		launch_installed_free(out);
	out->stopped = true;
	return err;
}

void launch_installed_free(struct launch_installed *installed)
{
	for (size_t i = 0; i < installed->n; i++)
		free(installed->v[i].insns);
	free(installed->v);
	*installed = (struct launch_installed){ 0 };
}
