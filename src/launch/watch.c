/*
 * Waiting for the program: signals go on to it, stops of a terminal's job are
 * taken along, exec is seen, and a call that the filter answers with a signal
 * is read off the thread that made it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "launch/launch.h"

/* --- signals --------------------------------------------------------------------- */

/* Left alone: a fault of weir's own, and what cannot be held. */
static const int never_held[] = {
	SIGSEGV,
	SIGBUS,
	SIGFPE,
	SIGILL,
	SIGTRAP,
	SIGSYS,
	SIGABRT,
	SIGKILL,
	SIGSTOP,
	SIGXCPU,
	SIGXFSZ,
};

/* From a terminal these reach the whole foreground job, the program too. */
static const int of_terminal[] = {
	SIGINT,
	SIGQUIT,
	SIGTSTP,
	SIGTTIN,
	SIGTTOU,
	SIGHUP,
	SIGWINCH,
};

static bool is_among(int sig, const int *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == sig)
			return true;
	return false;
}

void watch_signals(void *set)
{
	sigfillset(set);
	for (size_t i = 0; i < ARRAY_LEN(never_held); i++)
		sigdelset(set, never_held[i]);
}

static void pass_on(const struct watch *w, const siginfo_t *info)
{
	int sig = info->si_signo;

	if (info->si_code == SI_KERNEL &&
	    is_among(sig, of_terminal, ARRAY_LEN(of_terminal)))
		return;
	if (info->si_code == SI_QUEUE)
		sigqueue(w->pid, sig, info->si_value);
	else
		kill(w->pid, sig);
}

/*
 * Stop weir, too, when the program has stopped, if the user did that at a
 * terminal: otherwise the shell would not notice. SIGCONT then reaches both.
 */
static void stop_too(int sig)
{
	int tty;

	if (sig == SIGSTOP) {
		tty = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (tty < 0)
			return;
		close(tty);
	}
	raise(SIGSTOP);
}

/* --- what a refused call was -------------------------------------------------------- */

/* Tell whether the call that stopped thread TID is in, or was in when the signal came. */
static bool read_call(pid_t tid, struct launch_refusal *r)
{
	struct __ptrace_syscall_info info = { 0 };
	unsigned long long a[6];
	char text[256], name[16];
	long long nr;

	snprintf(name, sizeof name, "%d", (int)tid);
	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info) < 0 ||
	    !launch_read_proc(name, "syscall", text, sizeof text) ||
	    sscanf(text, "%lld %llx %llx %llx %llx %llx %llx", &nr, &a[0], &a[1],
	           &a[2], &a[3], &a[4], &a[5]) != 7)
		return false;
	r->pid = tid;
	r->arch = info.arch;
	r->nr = (uint32_t)nr;
	for (int i = 0; i < 6; i++)
		r->args[i] = a[i];
	launch_read_proc(name, "comm", r->name, sizeof r->name);
	r->name[strcspn(r->name, "\n")] = '\0';
	return true;
}

/*
 * Look at a thread that is about to die of SIGSYS. Threads that only die along
 * with another are in a call that the filter does not kill, or in none.
 */
static void look_at_death(struct watch *w, pid_t tid)
{
	struct launch_refusal r = { 0 };
	unsigned long status;

	if (ptrace(PTRACE_GETEVENTMSG, tid, 0, &status) < 0) {
		w->explained = false;
		return;
	}
	if (!WIFSIGNALED((int)status) || WTERMSIG((int)status) != SIGSYS)
		return;
	if (!read_call(tid, &r)) {
		w->explained = false;
		return;
	}
	r.action = launch_verdict(w->launch->filter, r.arch, r.nr, r.args);
	if (!w->started || !launch_action_dies(r.action))
		return;
	w->refused = true;
	w->launch->refused(w->launch->ctx, &r);
}

/* --- stops of a traced thread --------------------------------------------------------- */

/* Kill all processes: the program could not be watched to its end. */
static void lose(struct watch *w)
{
	kill(w->pid, SIGKILL);
	launch_signal_all(w, SIGKILL);
	w->lost = true;
	w->ended = true;
}

/* Let stopped thread TID go on, with signal SIG or none; it may be gone. */
static void go_on(struct watch *w, pid_t tid, int sig)
{
	if (ptrace(PTRACE_CONT, tid, 0, sig) < 0 && errno != ESRCH)
		lose(w);
}

/*
 * Tell whether thread TID, just let go on, has stopped again or ended; if not,
 * it runs.
 */
static bool is_past_stop(pid_t tid)
{
	siginfo_t next = { 0 };
	unsigned long message;

	if (ptrace(PTRACE_GETEVENTMSG, tid, 0, &message) < 0)
		return errno == ESRCH;
	return waitid(P_PID, (id_t)tid, &next,
	              WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
	       next.si_pid == tid;
}

/*
 * Let the program go on, which is in memory and stopped before its first
 * instruction. If that fails it stays there; asking again tells what was not
 * carried out.
 */
static void after_exec(struct watch *w, pid_t tid)
{
	enum {
		TRIES = 3
	};
	bool gone = false;

	for (int i = 0; i < TRIES && !gone; i++) {
		if (w->stay) {
			ptrace(PTRACE_CONT, tid, 0, 0);
			gone = is_past_stop(tid);
		} else {
			gone = ptrace(PTRACE_DETACH, tid, 0, 0) < 0 && errno == ESRCH;
		}
	}
	if (!gone) {
		lose(w);
		return;
	}
	w->started = true;
	w->traced = w->stay;
}

/*
 * Keep the thread in a group stop, which lasts until SIGCONT; other stops of
 * this kind mean nothing here. If the thread cannot be left in it, so that
 * SIGCONT would not be seen, let it go on.
 */
static void after_event_stop(struct watch *w, pid_t tid, int sig)
{
	static const int stops[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

	if (!is_among(sig, stops, ARRAY_LEN(stops)) ||
	    ptrace(PTRACE_LISTEN, tid, 0, 0) < 0 || !is_past_stop(tid)) {
		go_on(w, tid, 0);
		return;
	}
	if (tid == w->pid)
		stop_too(sig);
}

static void on_stop(struct watch *w, pid_t tid, int status)
{
	int sig = WSTOPSIG(status);

	switch (status >> 16) {
	case 0: /* a signal that is about to be delivered */
		go_on(w, tid, sig);
		break;
	case PTRACE_EVENT_EXEC:
		after_exec(w, tid);
		break;
	case PTRACE_EVENT_STOP:
		after_event_stop(w, tid, sig);
		break;
	case PTRACE_EVENT_EXIT:
		look_at_death(w, tid);
		go_on(w, tid, 0);
		break;
	default:
		go_on(w, tid, 0);
	}
}

/*
 * Attach again and again: a process has one tracer, so Linux answers the second
 * time with EPERM. Success after success comes from an outer filter that
 * answers for Linux.
 */
int watch_attach(struct watch *w)
{
	enum {
		TRIES = 3
	};
	long options = PTRACE_O_TRACEEXEC;
	int n = 0;

	if (w->stay)
		options |= PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE;
	while (n < TRIES && ptrace(PTRACE_SEIZE, w->pid, 0, options) == 0)
		n++;
	if (n == 0)
		return -errno;
	if (n == TRIES || errno != EPERM)
		return -LAUNCH_FAKED;
	w->explained = w->stay;
	return 0;
}

/* --- exec, seen without a tracer ------------------------------------------------------- */

/* PF_FORKNOEXEC of linux/sched.h, which acct(2) shows to users as AFORK. */
enum {
	FORKED_NO_EXEC = 0x40
};

int watch_has_no_exec(const char *pid)
{
	char text[512];
	const char *at;
	unsigned flags;

	if (!launch_read_proc(pid, "stat", text, sizeof text))
		return -ENOTSUP;
	/* The second field, a name in parentheses, may itself hold any of them. */
	at = strrchr(text, ')');
	if (!at || sscanf(at, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		return -EINVAL;
	return (flags & FORKED_NO_EXEC) != 0;
}

/* --- what changes ------------------------------------------------------------------------ */

static void on_end(struct watch *w, int status)
{
	w->ended = true;
	w->wait_status = status;
}

/* Read the mark of the child, a zombie. A tracer may have missed exec. */
static void look_at_zombie(struct watch *w)
{
	char pid[16];
	int mark;

	if (w->started || w->unstarted)
		return;
	snprintf(pid, sizeof pid, "%d", (int)w->pid);
	mark = watch_has_no_exec(pid);
	w->started = mark == 0;
	w->unstarted = mark == 1;
}

static bool is_end(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED || info->si_code == CLD_KILLED ||
	       info->si_code == CLD_DUMPED;
}

/* Convert what waitid found to a status as of waitpid. */
static int wait_status(const siginfo_t *info)
{
	switch (info->si_code) {
	case CLD_EXITED:
		return (info->si_status & 0xff) << 8;
	case CLD_KILLED:
		return info->si_status;
	case CLD_DUMPED:
		return info->si_status | 0x80;
	default:
		return info->si_status << 8 | 0x7f;
	}
}

/*
 * Take the next change of the child, a thread of it, or what is adopted; false: there
 * is none for now. It is taken only after it has been seen: a child that ends in
 * between stays a zombie, whose mark can be read.
 */
static bool next_change(struct watch *w)
{
	siginfo_t info = { 0 };
	int status;
	pid_t tid;

	if (waitid(P_ALL, 0, &info,
	           WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) < 0) {
		if (errno != EINTR && !w->ended)
			lose(w);
		return false;
	}
	tid = info.si_pid;
	if (tid == 0)
		return false;
	if (is_end(&info) && tid == w->pid)
		look_at_zombie(w);
	if (waitid(P_PID, (id_t)tid, &info,
	           (is_end(&info) ? WEXITED : WSTOPPED) | WNOHANG | __WALL) < 0 ||
	    info.si_pid != tid)
		return true; /* it has changed again: look again */
	status = wait_status(&info);
	if (WIFSTOPPED(status) && (w->traced || status >> 16))
		on_stop(w, tid, status);
	else if (WIFSTOPPED(status) && tid == w->pid)
		stop_too(WSTOPSIG(status));
	else if (!WIFSTOPPED(status) && tid == w->pid)
		on_end(w, status);
	return true;
}

/* --- an end on request ----------------------------------------------------------------- */

/*
 * SIGTERM or SIGHUP to weir: first the program has it, when that has ended or after
 * a while the rest gets SIGTERM, and after a while SIGKILL.
 */
struct ending {
	enum {
		NOT_ASKED,
		ASKED,
		TERMINATING,
		KILLING
	} stage;
	struct timespec until;    /* the stage lasts */
	struct timespec deadline; /* when weir asks itself, if there is a timeout */
	struct timespec left;     /* until then */
};

static bool is_past(const struct timespec *until)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > until->tv_sec ||
	       (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec);
}

static bool is_over(const struct ending *e)
{
	return is_past(&e->until);
}

/* Return the moment that is SECONDS from now, or as far away as can be said. */
static struct timespec after(uint64_t seconds)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(seconds < INT_MAX ? seconds : INT_MAX / 2);
	return t;
}

static void begin_stage(const struct watch *w, struct ending *e, int stage)
{
	e->stage = stage;
	e->until = after(w->launch->patience);
}

/* End everything once the timeout is over, as SIGTERM to weir would. */
static void look_at_clock(struct watch *w, struct ending *e)
{
	if (!w->launch->timeout || e->stage != NOT_ASKED || w->ended || !is_past(&e->deadline))
		return;
	w->timed_out = true;
	kill(w->pid, SIGTERM);
	kill(w->pid, SIGCONT);
	begin_stage(w, e, ASKED);
}

/*
 * Tell whether a signal that weir got must end all; not if it was ignored, as
 * under nohup.
 */
static bool ends(const siginfo_t *info)
{
	struct sigaction now = { .sa_handler = SIG_DFL };

	return (info->si_signo == SIGTERM || info->si_signo == SIGHUP) &&
	       info->si_code != SI_KERNEL &&
	       sigaction(info->si_signo, NULL, &now) == 0 && now.sa_handler != SIG_IGN;
}

static void on_signal(struct watch *w, struct ending *e, const siginfo_t *info)
{
	if (!w->ended)
		pass_on(w, info);
	if (e->stage == NOT_ASKED && ends(info))
		begin_stage(w, e, ASKED);
}

/* Advance the end by what time and deaths have done; true once it has come. */
static bool has_come(struct watch *w, struct ending *e)
{
	switch (e->stage) {
	case NOT_ASKED:
		return w->ended;
	case ASKED:
		if (!w->ended && !is_over(e))
			return false;
		begin_stage(w, e, TERMINATING);
		/* A process that is stopped does not hear the first before the second. */
		launch_signal_all(w, SIGTERM);
		return launch_signal_all(w, SIGCONT) == 0 && w->ended;
	case TERMINATING:
		if (is_over(e))
			begin_stage(w, e, KILLING);
		return launch_signal_all(w, 0) == 0 && w->ended;
	case KILLING:
		w->left = launch_signal_all(w, SIGKILL);
		if (!w->ended && is_over(e))
			lose(w);
		return (w->left == 0 && w->ended) || is_over(e);
	}
	return true;
}

/* --- the loop --------------------------------------------------------------------- */

/* Return how long there is until the timeout; at least a moment. */
static const struct timespec *until_deadline(struct ending *e)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	e->left = (struct timespec){ .tv_nsec = 1000 * 1000 };
	if (!is_past(&e->deadline)) {
		e->left.tv_sec = e->deadline.tv_sec - now.tv_sec;
		e->left.tv_nsec += e->deadline.tv_nsec - now.tv_nsec;
	}
	if (e->left.tv_nsec < 0) {
		e->left.tv_sec--;
		e->left.tv_nsec += 1000 * 1000 * 1000;
	} else if (e->left.tv_nsec >= 1000 * 1000 * 1000) {
		e->left.tv_sec++;
		e->left.tv_nsec -= 1000 * 1000 * 1000;
	}
	return &e->left;
}

/* Return how long to sleep: for ever only where nothing can have been missed. */
static const struct timespec *patience(struct watch *w, struct ending *e, bool missed)
{
	static const struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };
	char pid[16];

	if (!w->started && !w->traced && !w->ended) {
		snprintf(pid, sizeof pid, "%d", (int)w->pid);
		w->started = watch_has_no_exec(pid) == 0;
	}
	if (!w->started || missed)
		return &moment;
	return w->launch->timeout ? until_deadline(e) : NULL;
}

void watch_wait(struct watch *w)
{
	enum {
		REFUSALS = 100
	};
	struct ending e = { .stage = NOT_ASKED, .deadline = after(w->launch->timeout) };
	bool missed = false, changed;
	int refused = 0;
	siginfo_t info;
	sigset_t held;

	watch_signals(&held);
	for (;;) {
		for (changed = false; !w->lost && next_change(w);)
			changed = true;
		look_at_clock(w, &e);
		if (w->lost || has_come(w, &e))
			return;
		missed = (missed && !changed) || e.stage != NOT_ASKED;
		info.si_signo = 0;
		if (sigtimedwait(&held, &info, patience(w, &e, missed)) > 0) {
			missed = info.si_signo == SIGCHLD;
			if (!missed)
				on_signal(w, &e, &info);
			refused = 0;
			continue;
		}
		missed = false;
		if (info.si_signo == 0 && errno != EAGAIN && errno != EINTR &&
		    ++refused > REFUSALS)
			lose(w);
	}
}

/* --- whether waiting works at all ----------------------------------------------------- */

/*
 * Check each call by a question that only Linux answers in this way: a process
 * is not its own child, and a signal that was sent is there.
 */
int watch_check_waiting(void)
{
	static const struct timespec none = { 0 };
	sigset_t child;
	siginfo_t info;
	bool sent;

	if (waitpid(getpid(), NULL, WNOHANG | __WALL) != -1 || errno != ECHILD)
		return -LAUNCH_FAKED;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sent = raise(SIGCHLD) == 0;
	errno = 0;
	if (sigtimedwait(&child, &info, &none) != (sent ? SIGCHLD : -1))
		return errno == EAGAIN || errno == 0 ? -LAUNCH_FAKED : -errno;
	return 0;
}

/*
 * Check that the child exists and has not changed: Linux says so by a 0 that it
 * writes.
 */
int watch_check_child(struct watch *w)
{
	siginfo_t info = { .si_pid = -1 };

	if (waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return -errno;
	if (info.si_pid == -1)
		return -LAUNCH_FAKED;
	if (waitpid(w->pid, NULL, WNOHANG | __WALL) < 0)
		return -errno;
	return 0;
}
