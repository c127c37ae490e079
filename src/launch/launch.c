/*
 * Starting a program under a policy: weir's own calls are tried on the filter
 * first, then a child goes through the steps up to exec. Whatever fails on the
 * way, the program does not run.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <paths.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "launch/launch.h"

extern char **environ;

/* The calls of this machine's own ABI; x86_64 leaves 512 and up to x32. */
enum { CALLS_MAX = 511 };

/* What the child tells the parent when a step failed. */
struct report {
	uint32_t step; /* index into steps, plus 1 */
	int32_t error;
};

/* All that the steps need; the child works on the parent's copy of it. */
struct start {
	const struct launch *launch;
	struct watch watch;
	char path[PATH_MAX];      /* the program */
	struct sock_fprog fprog;
	bool gated;               /* the policy permits no exec */
	struct launch_prefix prefix; /* the child's own: no one else knows the secret */
	struct report report;
	int go[2];                /* the parent says that it is attached */
	int failed[2];            /* the child says which step failed */
	sigset_t mask;            /* as weir found them */
	struct sigaction on_child;
};

/* --- the steps, in the child ------------------------------------------------------ */

/*
 * Until the parent is attached, or knows that it cannot be: it says which. End
 * of file means that it is gone, and with it who would report.
 */
static int wait_for_parent(struct start *s)
{
	char traced;
	ssize_t n;

	close(s->go[1]);
	s->go[1] = -1;
	do
		n = read(s->go[0], &traced, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		s->watch.traced = traced;
	return n == 1 ? 0 : n < 0 ? -errno : -ECANCELED;
}

static bool is_untraced(const struct start *s)
{
	return !s->watch.traced;
}

/* Without a tracer exec is known from a mark in /proc: it has to work here. */
static int check_exec_mark(struct start *s)
{
	int mark = watch_has_no_exec(getpid());

	return mark < 0 ? mark : mark ? 0 : -ENOTSUP;
}

static int restore_signals(struct start *s)
{
	if (sigaction(SIGCHLD, &s->on_child, NULL) < 0 ||
	    sigprocmask(SIG_SETMASK, &s->mask, NULL) < 0)
		return -errno;
	return 0;
}

static int forbid_privileges(struct start *s)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : -LAUNCH_FAKED;
}

/* Made here, so that exec drops the memory of the only process that knows it. */
static int make_prefix(struct start *s)
{
	int err = launch_prefix(s->launch->filter, s->gated, &s->prefix);

	if (!err)
		s->fprog = (struct sock_fprog){ (unsigned short)s->prefix.n,
		                                s->prefix.insns };
	return err;
}

/* From here on the child makes the calls of own_calls[] and no other. */
static int put_filter(struct start *s)
{
	unsigned long flags = s->launch->log ? SECCOMP_FILTER_FLAG_LOG : 0;

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &s->fprog) < 0)
		return -errno;
	return 0;
}

/*
 * Whether it is on: only this filter gives these answers. Without it Linux would
 * say EINVAL, since the question takes no further arguments.
 */
static int probe_filter(struct start *s)
{
	for (size_t i = 0; i < LAUNCH_PROBES; i++)
		if (syscall(SYS_prctl, (long)PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L,
		            s->prefix.probe[i].word) != -1 ||
		    errno != s->prefix.probe[i].error)
			return -LAUNCH_FAKED;
	return 0;
}

static int exec_program(struct start *s)
{
	syscall(SYS_execve, s->path, s->launch->argv, environ, 0L,
	        s->prefix.secret[0], s->prefix.secret[1]);
	return -errno;
}

static const struct step {
	const char *name;
	bool (*wanted)(const struct start *s); /* NULL: always */
	int (*run)(struct start *s);
} steps[] = {
	{ "waiting for weir", NULL, wait_for_parent },
	{ "looking for exec in /proc", is_untraced, check_exec_mark },
	{ "restoring signals", NULL, restore_signals },
	{ "no_new_privs", NULL, forbid_privileges },
	{ "preparing the seccomp filter", NULL, make_prefix },
	{ "seccomp filter", NULL, put_filter },
	{ "seccomp filter", NULL, probe_filter },
	{ "exec", NULL, exec_program },
};
enum { STEP_EXEC = ARRAY_LEN(steps) - 1 };

static _Noreturn void run_steps(struct start *s)
{
	for (uint32_t i = 0; i < ARRAY_LEN(steps); i++) {
		int err = 0;

		if (!steps[i].wanted || steps[i].wanted(s))
			err = steps[i].run(s);
		if (!err)
			continue;
		s->report = (struct report){ i + 1, -err };
		break;
	}
	syscall(SYS_write, s->failed[1], &s->report, sizeof s->report);
	syscall(SYS_exit_group, LAUNCH_FAILED);
	/* The policy does not let it: a fault ends the process all the same. */
	for (;;)
		__builtin_trap();
}

/* --- before the fork ---------------------------------------------------------------- */

static void fail(struct launch_end *end, const char *step, int error)
{
	end->step = step;
	end->error = error;
	end->status = LAUNCH_FAILED;
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* The next directory of a search path, "" meaning here, with NAME, into OUT. */
static bool next_candidate(const char **at, const char *name, char out[PATH_MAX])
{
	size_t len = strcspn(*at, ":");
	int n = snprintf(out, PATH_MAX, "%.*s%s%s", (int)len, *at,
	                 len ? "/" : "", name);

	*at += len;
	return n < PATH_MAX;
}

/*
 * Where exec will find NAME, as execvp(3) searches; what is there but cannot
 * be executed is only taken when nothing better follows.
 */
static int find_program(const char *name, char out[PATH_MAX])
{
	const char *at = getenv("PATH");
	char candidate[PATH_MAX];
	int err = ENOENT;

	if (!*name)
		return ENOENT;
	if (strchr(name, '/')) {
		if (strlen(name) >= PATH_MAX)
			return ENAMETOOLONG;
		strcpy(out, name);
		return 0;
	}
	for (at = at ? at : _PATH_DEFPATH;; at++) {
		if (next_candidate(&at, name, candidate)) {
			if (is_program(candidate)) {
				strcpy(out, candidate);
				return 0;
			}
			if (access(candidate, F_OK) == 0)
				err = EACCES;
		}
		if (!*at)
			return err;
	}
}

static int exec_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return LAUNCH_NOT_FOUND;
	case ENOMEM:
	case EAGAIN:
	case EMFILE:
	case ENFILE:
	case E2BIG:
		return LAUNCH_FAILED;
	default:
		return LAUNCH_NOT_EXECUTABLE;
	}
}

/*
 * The calls that the child makes under the filter, tried on it with the very
 * arguments that they will have: fork keeps the addresses.
 */
static bool own_calls_survive(const struct start *s, struct launch_end *end)
{
	const struct {
		const char *name;
		uint32_t nr;
		bool must_pass; /* else it is enough that it does not kill */
		uint64_t args[6];
	} calls[] = {
		{ "execve", SYS_execve, true,
		  { (uintptr_t)s->path, (uintptr_t)s->launch->argv,
		    (uintptr_t)environ } },
		{ "write", SYS_write, false,
		  { (uint64_t)s->failed[1], (uintptr_t)&s->report,
		    sizeof s->report } },
		{ "exit_group", SYS_exit_group, false, { LAUNCH_FAILED } },
	};
	uint32_t arch = launch_native_arch();
	char action[64];

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		uint32_t v = launch_verdict(s->launch->filter, arch,
		                            calls[i].nr, calls[i].args);

		if (launch_action_passes(v) ||
		    (!calls[i].must_pass && !launch_action_dies(v)) ||
		    (calls[i].nr == SYS_execve && s->gated))
			continue;
		fail(end, "policy", 0);
		snprintf(end->detail, sizeof end->detail,
		         "it answers '%s', which weir itself calls to start the "
		         "program, with '%s'%s", calls[i].name,
		         launch_action(v, action, sizeof action),
		         calls[i].nr != SYS_execve ? ""
		         : "; 'errno EPERM execve' would be about what the program "
		           "starts");
		return false;
	}
	return true;
}

static bool filter_is_good(struct start *s, struct launch_end *end)
{
	struct weir_verdict v = { .size = sizeof v };
	int err = weir_program_check(s->launch->filter, &v);

	if (!err && !v.ok) {
		fail(end, "policy", 0);
		snprintf(end->detail, sizeof end->detail,
		         "Linux would refuse the filter at instruction %zu: %s",
		         v.at, v.reason);
		return false;
	}
	if (err)
		fail(end, "policy", -err);
	return !err;
}

/* Linux takes so many instructions, and some are weir's. */
static bool filter_fits(struct start *s, struct launch_end *end)
{
	size_t n, before = launch_prefix_length(s->gated);

	weir_program_insns(s->launch->filter, &n);
	if (before + n <= BPF_MAXINSNS)
		return true;
	fail(end, "policy", 0);
	snprintf(end->detail, sizeof end->detail,
	         "the filter has %zu instructions; at most %zu can be run: Linux takes "
	         "%d, and weir puts %zu before them", n, BPF_MAXINSNS - before,
	         BPF_MAXINSNS, before);
	return false;
}

/*
 * A policy may answer execve with an error: then the program starts none. What
 * would kill it, or ask somebody, could not be told from a mistake.
 */
static bool answers_exec_with_error(const struct start *s)
{
	const uint64_t args[6] = { (uintptr_t)s->path, (uintptr_t)s->launch->argv,
	                           (uintptr_t)environ };

	return launch_action_fails(launch_verdict(s->launch->filter,
	                                          launch_native_arch(), SYS_execve,
	                                          args));
}

/* --- fork, and what comes of it ----------------------------------------------------- */

static int open_pipes(struct start *s)
{
	if (pipe2(s->go, O_CLOEXEC) < 0 ||
	    pipe2(s->failed, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

static void close_pipes(struct start *s)
{
	for (int i = 0; i < 2; i++) {
		if (s->go[i] >= 0)
			close(s->go[i]);
		if (s->failed[i] >= 0)
			close(s->failed[i]);
	}
}

/* Weir must not die of a signal that is meant for the program, and wants its end. */
static int hold_signals(struct start *s)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t held;

	watch_signals(&held);
	if (sigaction(SIGCHLD, &plain, &s->on_child) < 0 ||
	    sigprocmask(SIG_BLOCK, &held, &s->mask) < 0)
		return -errno;
	return 0;
}

/*
 * Nobody without rights of root's looks into weir from now on. A child that is
 * forked after this could not be traced by an ordinary user.
 */
static int hide_memory(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -ENOSYS;
}

static int release_child(struct start *s)
{
	char traced = s->watch.traced;

	return write(s->go[1], &traced, 1) == 1 ? 0 : -errno;
}

/* The child ended without exec: by its own report if there is one, else by status. */
static void explain_failure(struct start *s, struct launch_end *end)
{
	struct report r;
	int status = s->watch.wait_status;

	if (read(s->failed[0], &r, sizeof r) == sizeof r && r.step >= 1 &&
	    r.step <= ARRAY_LEN(steps)) {
		fail(end, steps[r.step - 1].name, r.error);
		if (r.step - 1 == STEP_EXEC)
			end->status = exec_status(r.error);
		snprintf(end->detail, sizeof end->detail, "%s",
		         r.step - 1 == STEP_EXEC ? s->path : "");
		return;
	}
	fail(end, "exec", 0);
	if (WIFSIGNALED(status))
		snprintf(end->detail, sizeof end->detail,
		         "the new process died of signal %d (%s) before the "
		         "program began", WTERMSIG(status),
		         strsignal(WTERMSIG(status)));
	else
		snprintf(end->detail, sizeof end->detail,
		         "the new process ended before the program began, and the "
		         "policy did not let it say why");
}

static void explain_end(struct start *s, struct launch_end *end)
{
	int status = s->watch.wait_status;

	end->started = s->watch.started;
	end->explained = s->watch.explained;
	end->refused = s->watch.refused;
	if (!end->started) {
		explain_failure(s, end);
	} else if (WIFSIGNALED(status)) {
		end->signal = WTERMSIG(status);
		end->status = LAUNCH_SIGNALED + end->signal;
	} else {
		end->status = WEXITSTATUS(status);
	}
}

static void start_and_wait(struct start *s, struct launch_end *end)
{
	struct watch *w = &s->watch;
	const char *step = "signals";
	int err = hold_signals(s);

	if (!err) {
		step = "fork";
		w->pid = fork();
		if (w->pid == 0)
			run_steps(s);
		err = w->pid < 0 ? -errno : 0;
	}
	if (err) {
		fail(end, step, -err);
		return;
	}
	w->traced = s->launch->trace && watch_attach(w) == 0;
	step = "hiding weir's memory";
	err = hide_memory();
	if (!err) {
		step = "letting the new process go on";
		err = release_child(s);
	}
	if (err)
		kill(w->pid, SIGKILL);
	watch_wait(w);
	explain_end(s, end);
	if (err)
		fail(end, step, -err);
}

void launch_run(const struct launch *l, struct launch_end *end)
{
	struct start s = {
		.launch = l,
		.watch = { .launch = l },
		.go = { -1, -1 },
		.failed = { -1, -1 },
	};
	int err;

	*end = (struct launch_end){ .status = LAUNCH_FAILED };
	if (!filter_is_good(&s, end))
		return;
	s.watch.stay = l->trace && launch_may_die(l->filter, 0, CALLS_MAX);
	err = find_program(l->argv[0], s.path);
	if (err) {
		fail(end, "exec", err);
		end->status = exec_status(err);
		snprintf(end->detail, sizeof end->detail, "%s", l->argv[0]);
		return;
	}
	err = open_pipes(&s);
	s.gated = answers_exec_with_error(&s);
	if (err)
		fail(end, "pipe", -err);
	else if (filter_fits(&s, end) && own_calls_survive(&s, end))
		start_and_wait(&s, end);
	close_pipes(&s);
}
