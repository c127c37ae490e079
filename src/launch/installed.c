/*
 * The seccomp filters of a process that runs, as ptrace(2) tells them. The process is
 * stopped for as long as that takes, and goes on as it was.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "launch/launch.h"

/* linux/ptrace.h has it since 4.4; it does not go together with sys/ptrace.h. */
#define GET_FILTER 0x420c

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
	long n = ptrace((enum __ptrace_request)GET_FILTER, tid, i, NULL);

	if (n < 0)
		return -errno;
	out->n = (size_t)n;
	out->insns = malloc(out->n * sizeof *out->insns);
	if (!out->insns)
		return -ENOMEM;
	n = ptrace((enum __ptrace_request)GET_FILTER, tid, i, out->insns);
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

int launch_installed(int pid, struct launch_installed *out)
{
	int sig, err;

	*out = (struct launch_installed){ 0 };
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
