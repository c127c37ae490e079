/*
 * The child between fork and exec. Steps are rows of a table; each has a check of
 * what it did, since an outer filter may report a success that is not true, or says
 * why it needs none. The first that fails is the last, and the program does not run.
 */
#include "config.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "launch/launch.h"

extern char **environ;

/*
 * Wait until the parent is attached, or knows that it cannot be; it says which.
 * End of file means that the parent is gone, and no one is left to report.
 */
static int wait_for_parent(struct launch_start *s)
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
	return n == 1 ? 0 : n < 0 ? -errno
	                          : -ECANCELED;
}

static bool is_untraced(const struct launch_start *s)
{
	return !s->watch.traced;
}

/*
 * Check that the mark in /proc works here, by which exec is seen without a
 * tracer.
 */
static int check_exec_mark(struct launch_start *s)
{
	int mark = watch_has_no_exec("self");

	return mark < 0 ? mark : mark ? 0
	                              : -ENOTSUP;
}

static int restore_signals(struct launch_start *s)
{
	if (sigaction(SIGCHLD, &s->on_child, NULL) < 0 ||
	    sigprocmask(SIG_SETMASK, &s->mask, NULL) < 0)
		return -errno;
	return 0;
}

bool launch_mask_is(const sigset_t *mask)
{
	sigset_t now;

	/* If nothing is written here, all signals differ. */
	sigemptyset(&now);
	for (int sig = 1; sig < NSIG; sig++)
		(sigismember(mask, sig) ? sigdelset : sigaddset)(&now, sig);
	if (sigprocmask(SIG_BLOCK, NULL, &now) < 0)
		return false;
	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(mask, sig) != sigismember(&now, sig))
			return false;
	return true;
}

bool launch_action_is(int sig, const struct sigaction *action)
{
	struct sigaction now;

	return sigaction(sig, NULL, &now) == 0 &&
	       now.sa_handler == action->sa_handler &&
	       (now.sa_flags & SA_RESTART) == (action->sa_flags & SA_RESTART);
}

static bool signals_are_restored(struct launch_start *s)
{
	return launch_mask_is(&s->mask) && launch_action_is(SIGCHLD, &s->on_child);
}

/* --- the box ------------------------------------------------------------------------- */

static bool wants_spaces(const struct launch_start *s)
{
	return s->launch->box->mounts || s->launch->box->network || s->launch->box->as_root;
}

static bool wants_mounts(const struct launch_start *s)
{
	return s->launch->box->mounts;
}

static bool is_root(const struct launch_start *s)
{
	return s->launch->box->as_root;
}

static bool wants_domain(const struct launch_start *s)
{
	return s->launch->box->landlock > 0;
}

/* --- filters ---------------------------------------------------------------------------- */

static int forbid_privileges(struct launch_start *s)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static bool privileges_are_forbidden(struct launch_start *s)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

/*
 * Make the filter here, so that exec drops the memory of the only process that
 * knows it.
 */
static int make_prefix(struct launch_start *s)
{
	return launch_prefix(s->launch->filter, s->gated, &s->prefix);
}

/* Install the filter that P holds; 0 or -errno. */
static int put(const struct launch_prefix *p, bool log)
{
	unsigned long flags = log ? SECCOMP_FILTER_FLAG_LOG : 0;
	struct sock_fprog fprog = { (unsigned short)p->n, p->insns };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog) < 0)
		return -errno;
	return 0;
}

/*
 * Tell whether a filter is on: only P gives these answers. Without it Linux would
 * say EINVAL, since the question takes no further arguments.
 */
static bool answers(const struct launch_prefix *p)
{
	for (size_t i = 0; i < LAUNCH_PROBES; i++)
		if (syscall(SYS_prctl, (long)PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L,
		            p->probe[i].word) != -1 ||
		    errno != p->probe[i].error)
			return false;
	return true;
}

/*
 * Install the box's own filters, below the policy's: they permit what the child still
 * has to do.
 */
static int put_rules(struct launch_start *s)
{
	int err = 0;

	for (size_t i = 0; !err && s->launch->rules[i]; i++) {
		struct launch_prefix p;

		err = launch_prefix(s->launch->rules[i], false, &p);
		if (!err)
			err = put(&p, s->launch->log);
		if (!err && !answers(&p))
			err = -LAUNCH_FAKED;
	}
	return err;
}

/*
 * Install the filter. From here on the child makes the probes, exec, and exit_group
 * if exec fails.
 */
static int put_filter(struct launch_start *s)
{
	return put(&s->prefix, s->launch->log);
}

static bool filter_answers(struct launch_start *s)
{
	return answers(&s->prefix);
}

static int exec_program(struct launch_start *s)
{
	if (syscall(SYS_execve, s->path, s->launch->argv, environ, 0L,
	            s->prefix.secret[0], s->prefix.secret[1]) < 0)
		return -errno;
	return -LAUNCH_FAKED;
}

/* A step is launch's own, or the box's. */
static const struct step {
	const char *name;
	bool (*wanted)(const struct launch_start *s); /* NULL: always */
	int (*run)(struct launch_start *s);
	bool (*check)(struct launch_start *s); /* that it is done */
	int (*box)(struct box_setup *b);       /* the same for the box's */
	bool (*box_check)(struct box_setup *b);
} steps[] = {
#define OWN(run, check) run, check, NULL, NULL
#define BOX(run, check) NULL, NULL, run, check
	/* The byte that comes is its proof. */
	{ "waiting for weir", NULL, OWN(wait_for_parent, NULL) },
	/* It is itself a check. */
	{ "looking for exec in /proc", is_untraced, OWN(check_exec_mark, NULL) },
	{ "restoring signals", NULL, OWN(restore_signals, signals_are_restored) },
	{ "own namespaces", wants_spaces, BOX(box_enter_spaces, box_spaces_are_own) },
	{ "masking files of the kernel", is_root, BOX(box_mask, box_masks_hold) },
	{ "mounts", wants_mounts, BOX(box_mount, box_mounts_hold) },
	{ "limits", NULL, BOX(box_limit, box_limits_hold) },
	{ "capabilities", NULL, BOX(box_drop_powers, box_powers_are_dropped) },
	{ "no_new_privs", NULL, OWN(forbid_privileges, privileges_are_forbidden) },
	{ "Landlock", wants_domain, BOX(box_enter_domain, box_domain_holds) },
	{ "closing descriptors", NULL, BOX(box_close_others, box_others_are_closed) },
	/* What it draws at random it counts; the rest is memory. */
	{ "preparing the seccomp filter", NULL, OWN(make_prefix, NULL) },
	/* Each is checked when it is on. */
	{ "seccomp filters of the box", NULL, OWN(put_rules, NULL) },
	{ "seccomp filter", NULL, OWN(put_filter, filter_answers) },
	/* It does not come back. */
	{ "exec", NULL, OWN(exec_program, NULL) },
#undef OWN
#undef BOX
};

const char *launch_step_name(uint32_t step)
{
	return step >= 1 && step <= ARRAY_LEN(steps) ? steps[step - 1].name : NULL;
}

bool launch_step_is_exec(uint32_t step)
{
	return step == ARRAY_LEN(steps);
}

/* Tell whether what STEP did shows; true where nothing could show it. */
static bool is_done(const struct step *step, struct launch_start *s)
{
	if (step->box)
		return step->box_check(s->launch->box);
	return !step->check || step->check(s);
}

_Noreturn void launch_steps(struct launch_start *s)
{
	for (uint32_t i = 0; i < ARRAY_LEN(steps); i++) {
		const struct step *step = &steps[i];
		int err;

		if (step->wanted && !step->wanted(s))
			continue;
		s->progress->step = i + 1;
		err = step->box ? step->box(s->launch->box) : step->run(s);
		if (!err && !is_done(step, s))
			err = -LAUNCH_FAKED;
		if (err) {
			memcpy(s->progress->at, s->launch->box->at, sizeof s->progress->at);
			s->progress->error = -err;
			break;
		}
	}
	syscall(SYS_exit_group, LAUNCH_FAILED);
	/* The policy does not let it: a fault ends the process all the same. */
	for (;;)
		__builtin_trap();
}
