/*
 * Starting a program under a policy: weir's own calls are tried on the filter
 * first, then a child goes through the steps up to exec. Whatever fails on the
 * way, the program does not run; and weir says so only if it knows.
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
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "launch/launch.h"

extern char **environ;

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

/* Write the next directory of a search path ("" means here) with NAME into OUT. */
static bool next_candidate(const char **at, const char *name, char out[PATH_MAX])
{
	size_t len = strcspn(*at, ":");
	int n = snprintf(out, PATH_MAX, "%.*s%s%s", (int)len, *at,
	                 len ? "/" : "", name);

	*at += len;
	return n < PATH_MAX;
}

/* Take a file that cannot be executed only if nothing better follows. */
int launch_find(const char *name, char out[PATH_MAX])
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
		return LAUNCH_NOT_FOUND;
	case EACCES:
	case ENOEXEC:
	case EISDIR:
	case ENOTDIR:
		return LAUNCH_NOT_EXECUTABLE;
	default:
		return LAUNCH_FAILED;
	}
}

static uint32_t verdict_on_exec(const struct launch_start *s)
{
	const uint64_t args[6] = { (uintptr_t)s->path, (uintptr_t)s->launch->argv,
		                   (uintptr_t)environ };

	return launch_verdict(s->launch->filter, launch_native_arch(), SYS_execve, args);
}

/*
 * Check that the one call that the child makes under the policy is allowed,
 * with the very arguments that it will have: fork keeps the addresses.
 */
static bool exec_survives(const struct launch_start *s, struct launch_end *end)
{
	uint32_t v = verdict_on_exec(s);
	char action[64];

	if (launch_action_passes(v) || s->gated)
		return true;
	fail(end, "policy", 0);
	snprintf(end->detail, sizeof end->detail,
	         "it answers 'execve', which weir itself calls to start the program, "
	         "with '%s'; 'errno EPERM execve' would be about what the program "
	         "starts",
	         launch_action(v, action, sizeof action));
	return false;
}

static bool filter_is_good(struct launch_start *s, struct launch_end *end)
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

/*
 * Check that the policy leaves no call to a listener or a tracer: there is none
 * here, so such a call would only fail, with ENOSYS.
 */
static bool is_answered(const struct launch_start *s, struct launch_end *end)
{
	const char *name;
	char number[32];

	end->abi = launch_unheard(s->launch->filter, &end->nr);
	if (!end->abi)
		return true;
	name = weir_syscall_name(end->abi, end->nr);
	snprintf(number, sizeof number, "nr(%u)", end->nr);
	fail(end, "policy", 0);
	snprintf(end->detail, sizeof end->detail,
	         "it leaves '%s' (%s) to a listener or a tracer, and under weir run "
	         "there is none",
	         name ? name : number, end->abi);
	return false;
}

/*
 * Check that the filter is no longer than Linux allows, with weir's own
 * instructions.
 */
static bool filter_fits(struct launch_start *s, struct launch_end *end)
{
	size_t n, before = launch_prefix_length(s->gated);

	weir_program_insns(s->launch->filter, &n);
	if (before + n <= BPF_MAXINSNS)
		return true;
	fail(end, "policy", 0);
	snprintf(end->detail, sizeof end->detail,
	         "the filter has %zu instructions; at most %zu can be run: Linux takes "
	         "%d, and weir puts %zu before them",
	         n, BPF_MAXINSNS - before,
	         BPF_MAXINSNS, before);
	return false;
}

/*
 * Tell whether the policy answers execve with an error: then the program starts
 * none. A policy that would kill it, or ask another process, cannot be told
 * from a mistake.
 */
static bool answers_exec_with_error(const struct launch_start *s)
{
	return launch_action_fails(verdict_on_exec(s));
}

/* --- fork, and what comes of it ----------------------------------------------------- */

/* Open what parent and child share; 0 or -errno. */
static int open_channels(struct launch_start *s)
{
	void *p = mmap(NULL, sizeof *s->progress, PROT_READ | PROT_WRITE,
	               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	if (!p)
		return -LAUNCH_FAKED;
	s->progress = p;
	if (pipe2(s->go, O_CLOEXEC) < 0)
		return -errno;
	return s->go[0] > STDERR_FILENO ? 0 : -LAUNCH_FAKED;
}

static void close_pipe(struct launch_start *s)
{
	for (int i = 0; i < 2; i++) {
		if (s->go[i] >= 0)
			close(s->go[i]);
		s->go[i] = -1;
	}
}

static void close_channels(struct launch_start *s)
{
	close_pipe(s);
	if (s->progress)
		munmap(s->progress, sizeof *s->progress);
}

/*
 * Hold the signals that are meant for the program and would end weir, which
 * must survive them.
 */
static int hold_signals(struct launch_start *s)
{
	/* The flag does nothing here, and tells this action from others. */
	struct sigaction plain = { .sa_handler = SIG_DFL, .sa_flags = SA_RESTART };
	sigset_t held, want;

	watch_signals(&held);
	if (sigaction(SIGCHLD, &plain, &s->on_child) < 0 ||
	    sigprocmask(SIG_BLOCK, &held, &s->mask) < 0)
		return -errno;
	sigorset(&want, &held, &s->mask);
	return launch_mask_is(&want) && launch_action_is(SIGCHLD, &plain)
	               ? 0
	               : -LAUNCH_FAKED;
}

/*
 * Drop what came for a program that has ended. From now on these signals end
 * weir, which may still have to write to a pipe that has no reader.
 */
static void release_signals(const struct launch_start *s)
{
	static const int ends[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	static const struct timespec none = { 0 };
	sigset_t free;

	sigemptyset(&free);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (!sigismember(&s->mask, ends[i]))
			sigaddset(&free, ends[i]);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		sigtimedwait(&free, NULL, &none);
	sigprocmask(SIG_UNBLOCK, &free, NULL);
}

/*
 * Hide weir's memory from all but root. Do so only now: a child forked after
 * this could not be traced by an ordinary user.
 */
static int hide_memory(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -LAUNCH_FAKED;
}

/* Fork the child: two processes come of it, or none. */
static int fork_child(struct launch_start *s)
{
	pid_t parent = getpid();

	if (parent <= 0)
		return -LAUNCH_FAKED;
	s->watch.pid = fork();
	if (s->watch.pid < 0)
		return -errno;
	if (s->watch.pid == 0 && getpid() == parent)
		return -LAUNCH_FAKED;
	if (s->watch.pid == 0)
		launch_steps(s);
	return 0;
}

/* Adopt orphans, so that the end of all reaches farther. */
static int adopt(struct launch_start *s)
{
	return launch_adopt(&s->watch);
}

static int check_waiting(struct launch_start *s)
{
	return watch_check_waiting();
}

/* Attach as tracer. This may fail: then exec is seen in another way. */
static int attach(struct launch_start *s)
{
	s->watch.traced = s->launch->trace && watch_attach(&s->watch) == 0;
	return 0;
}

static int check_child(struct launch_start *s)
{
	return watch_check_child(&s->watch);
}

static int close_memory(struct launch_start *s)
{
	return hide_memory();
}

static int release_child(struct launch_start *s)
{
	char traced = s->watch.traced;
	ssize_t n = write(s->go[1], &traced, 1);

	return n == 1 ? 0 : n < 0 ? -errno
	                          : -LAUNCH_FAKED;
}

/* The parent's side: until the last of them the child waits. */
static const struct {
	const char *name;
	int (*run)(struct launch_start *s);
} preparations[] = {
	{ "memory and a pipe for two", open_channels },
	{ "holding signals", hold_signals },
	{ "waiting for processes and signals", check_waiting },
	{ "adopting orphans", adopt },
	{ "fork", fork_child },
	{ "tracing", attach },
	{ "waiting for the new process", check_child },
	{ "closing weir's memory to others", close_memory },
	{ "letting the new process go on", release_child },
};

/*
 * Kill the child, which still waits for the byte that releases it. Wait for its
 * end a moment, no more: what failed may have been waiting itself.
 */
static void abandon_child(struct launch_start *s)
{
	static const struct timespec moment = { .tv_nsec = 1000 * 1000 };

	close_pipe(s);
	if (s->watch.pid <= 0)
		return;
	kill(s->watch.pid, SIGKILL);
	for (int i = 0; i < 200; i++) {
		if (waitpid(s->watch.pid, NULL, WNOHANG | __WALL) != 0)
			return;
		nanosleep(&moment, NULL);
	}
}

/*
 * Explain why the child ended without exec: by its own report if there is one,
 * else by status.
 */
static void explain_failure(struct launch_start *s, struct launch_end *end)
{
	uint32_t step = s->progress->step;
	int status = s->watch.wait_status, error = s->progress->error;
	const char *name = launch_step_name(step);

	fail(end, name ? name : "fork", error);
	snprintf(end->detail, sizeof end->detail, "%s", s->progress->at);
	if (launch_step_is_exec(step)) {
		end->status = exec_status(error);
		snprintf(end->detail, sizeof end->detail, "%s", s->path);
	}
	if (error)
		return;
	if (WIFSIGNALED(status))
		snprintf(end->detail, sizeof end->detail,
		         "the new process died of signal %d (%s) before the "
		         "program began",
		         WTERMSIG(status),
		         strsignal(WTERMSIG(status)));
	else
		snprintf(end->detail, sizeof end->detail,
		         "the new process ended before the program began");
}

static void explain_loss(const struct launch_start *s, struct launch_end *end)
{
	fail(end, "waiting", 0);
	end->status = LAUNCH_LOST;
	end->lost = true;
	snprintf(end->detail, sizeof end->detail,
	         "weir lost track of the program: it %s, under the policy, and was sent "
	         "SIGKILL",
	         s->watch.started ? "ran" : "may have run");
}

/*
 * Tell whether nothing of the program ran: the child did not reach exec, or
 * came back from it.
 */
static bool is_certainly_unstarted(const struct launch_start *s)
{
	return s->watch.unstarted || s->progress->error ||
	       !launch_step_is_exec(s->progress->step);
}

static void explain_end(struct launch_start *s, struct launch_end *end)
{
	int status = s->watch.wait_status;

	end->explained = s->watch.explained;
	end->refused = s->watch.refused;
	end->left = s->watch.left;
	if (!s->watch.started && is_certainly_unstarted(s)) {
		explain_failure(s, end);
	} else if (s->watch.lost || !s->watch.started) {
		explain_loss(s, end);
	} else if (s->watch.timed_out) {
		end->started = true;
		end->timed_out = true;
		end->status = LAUNCH_TIMED_OUT;
	} else if (WIFSIGNALED(status)) {
		end->started = true;
		end->signal = WTERMSIG(status);
		end->status = LAUNCH_SIGNALED + end->signal;
	} else {
		end->started = true;
		end->status = WEXITSTATUS(status);
	}
}

static void start_and_wait(struct launch_start *s, struct launch_end *end)
{
	for (size_t i = 0; i < ARRAY_LEN(preparations); i++) {
		int err = preparations[i].run(s);

		if (!err)
			continue;
		abandon_child(s);
		fail(end, preparations[i].name, -err);
		return;
	}
	watch_wait(&s->watch);
	explain_end(s, end);
}

void launch_run(const struct launch *l, struct launch_end *end)
{
	struct launch_start s = {
		.launch = l,
		.watch = { .launch = l },
		.go = { -1, -1 },
	};
	int err;

	sigprocmask(SIG_BLOCK, NULL, &s.mask);

	*end = (struct launch_end){ .status = LAUNCH_FAILED };
	if (!filter_is_good(&s, end) || !is_answered(&s, end))
		return;
	s.watch.stay = l->trace && launch_may_kill(l->filter);
	err = launch_find(l->argv[0], s.path);
	if (err) {
		fail(end, "exec", err);
		end->status = exec_status(err);
		snprintf(end->detail, sizeof end->detail, "%s", l->argv[0]);
		return;
	}
	s.gated = answers_exec_with_error(&s);
	if (filter_fits(&s, end) && exec_survives(&s, end))
		start_and_wait(&s, end);
	release_signals(&s);
	free(s.watch.strangers);
	close_channels(&s);
}
