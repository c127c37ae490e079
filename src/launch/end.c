/*
 * The end of all that was started: which processes are below weir, and a signal
 * to each. Orphans among them are weir's own children, since it adopts them.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "launch/launch.h"

struct process {
	pid_t pid, parent;
	bool zombie;
	bool below; /* weir */
};

struct table {
	struct process *at;
	size_t n, room;
};

/* --- which processes there are ---------------------------------------------------- */

static bool read_process(const char *pid, struct process *p)
{
	char text[512], state;
	const char *at;
	int parent;

	if (!launch_read_proc(pid, "stat", text, sizeof text))
		return false;
	/* The second field, a name in parentheses, may itself hold any of them. */
	at = strrchr(text, ')');
	if (!at || sscanf(at, ") %c %d", &state, &parent) != 2)
		return false;
	*p = (struct process){
		.pid = (pid_t)strtol(pid, NULL, 10),
		.parent = parent,
		.zombie = state == 'Z' || state == 'X',
	};
	return true;
}

static bool add(struct table *t, const struct process *p)
{
	struct process *more;

	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 256;
		more = realloc(t->at, t->room * sizeof *more);
		if (!more)
			return false;
		t->at = more;
	}
	t->at[t->n++] = *p;
	return true;
}

static int by_pid(const void *a, const void *b)
{
	const struct process *p = a, *q = b;

	return (p->pid > q->pid) - (p->pid < q->pid);
}

/* List all processes by number; leave out what cannot be read. */
static void list_processes(struct table *t)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	struct process p;

	while (proc && (e = readdir(proc)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    read_process(e->d_name, &p) && !add(t, &p))
			break;
	if (proc)
		closedir(proc);
	if (t->n)
		qsort(t->at, t->n, sizeof *t->at, by_pid);
}

static bool is_stranger(const struct watch *w, pid_t pid)
{
	for (size_t i = 0; i < w->nstrangers; i++)
		if (w->strangers[i] == pid)
			return true;
	return false;
}

/* Mark weir's children, but for strangers, and all processes below them. */
static void mark_below(const struct watch *w, struct table *t)
{
	pid_t self = getpid();
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < t->n; i++) {
			struct process *p = &t->at[i], key = { .pid = p->parent };
			const struct process *up;

			if (p->below || is_stranger(w, p->pid))
				continue;
			up = bsearch(&key, t->at, t->n, sizeof key, by_pid);
			p->below = p->parent == self || (up && up->below);
			more |= p->below;
		}
	}
}

/* --- signals ------------------------------------------------------------------------ */

/*
 * Signal P by a descriptor, which stays with the process. Its number may belong
 * to another process by now, which then has another parent, and not weir. False
 * if that did not work.
 */
static bool signal_by_descriptor(const struct process *p, int sig)
{
#if defined SYS_pidfd_open && defined SYS_pidfd_send_signal
	int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	struct process now;
	char pid[16];
	long done = 0;

	if (fd <= STDERR_FILENO)
		return false;
	snprintf(pid, sizeof pid, "%d", (int)p->pid);
	if (read_process(pid, &now) &&
	    (now.parent == p->parent || now.parent == getpid()))
		done = syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
	close(fd);
	return done == 0 || errno == ESRCH;
#else
	return false;
#endif
}

size_t launch_signal_all(const struct watch *w, int sig)
{
	struct table t = { 0 };
	size_t alive = 0;

	list_processes(&t);
	mark_below(w, &t);
	for (size_t i = 0; i < t.n; i++) {
		if (!t.at[i].below || t.at[i].zombie)
			continue;
		alive++;
		if (sig && !signal_by_descriptor(&t.at[i], sig))
			kill(t.at[i].pid, sig);
	}
	free(t.at);
	return alive;
}

/* --- adoption -------------------------------------------------------------------------- */

/*
 * Adopt orphans, unless weir was started by an exec in a process that had
 * children: these are not its own, and their orphans could not be told from
 * weir's.
 */
int launch_adopt(struct watch *w)
{
	struct table t = { 0 };
	siginfo_t any;

	if (waitid(P_ALL, 0, &any, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0) {
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
		return 0;
	}
	list_processes(&t);
	w->strangers = calloc(t.n + 1, sizeof *w->strangers);
	for (size_t i = 0; i < t.n && w->strangers; i++)
		if (t.at[i].parent == getpid())
			w->strangers[w->nstrangers++] = t.at[i].pid;
	free(t.at);
	return w->strangers ? 0 : -ENOMEM;
}
