/*
 * launch: puts a policy on a process, starts it, and says how it ended. Linux
 * and libc only. docs/design/launcher.md gives the reasons.
 */
#ifndef WEIR_LAUNCH_H
#define WEIR_LAUNCH_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "box/box.h"
#include "weir.h"

/* The exit statuses of `weir run` that are not the program's own. */
enum {
	LAUNCH_TIMED_OUT = 124, /* the timeout came, and all was ended */
	LAUNCH_LOST = 123,      /* weir does not know whether the program ran */
	LAUNCH_FAILED = 125,    /* weir could not do its part: it did not run */
	LAUNCH_NOT_EXECUTABLE = 126,
	LAUNCH_NOT_FOUND = 127,
	LAUNCH_SIGNALED = 128, /* plus the signal */
};

/*
 * Used as an errno: a call reported success but had no effect, since an outer filter
 * answered it in place of Linux.
 */
enum {
	LAUNCH_FAKED = BOX_FAKED
};

/* A call that the policy answered with a signal. */
struct launch_refusal {
	pid_t pid;       /* of the thread that made the call */
	char name[32];   /* and what /proc/PID/comm calls it, or "" */
	uint32_t action; /* the filter's result, SECCOMP_RET_KILL_PROCESS, ... */
	uint32_t arch;   /* AUDIT_ARCH_ value of the call's ABI */
	uint32_t nr;
	uint64_t args[6];
};

/* What to start, and under what. */
struct launch {
	const struct weir_program *filter;
	struct box_setup *box;                                      /* prepared */
	struct weir_program *const *rules;                          /* the box's filters, below; ends with NULL */
	uint64_t timeout;                                           /* seconds until it is ended; 0: never */
	uint64_t patience;                                          /* seconds between SIGTERM and SIGKILL */
	char **argv;                                                /* ends with NULL; argv[0] is searched in PATH */
	bool trace;                                                 /* may be its tracer, which tells what was refused */
	bool log;                                                   /* Linux logs what is refused */
	void (*refused)(void *ctx, const struct launch_refusal *r); /* as it happens */
	void *ctx;
};

/* How it ended. */
struct launch_end {
	bool started;          /* the program ran; else nothing of it did, or it is */
	bool lost;             /* not known, and what there was has been killed */
	int status;            /* what weir exits with */
	int signal;            /* the program died of it, or 0 */
	bool explained;        /* what the policy had to do with its death is known: */
	bool refused;          /* a call was answered with it, and reported */
	bool timed_out;        /* the timeout ended it */
	size_t left;           /* processes that could not be ended */
	const char *abi;       /* not started since this call would get no answer: its ABI, */
	uint32_t nr;           /* and number */
	const char *step;      /* not started: what failed, */
	int error;             /* the errno of that, or LAUNCH_FAKED, or 0, */
	char detail[PATH_MAX]; /* and more in words, or the program, or "" */
};

/* --- launch.c: from the program's name to its end ---------------------------------- */

/* Find NAME as execvp(3) does, into OUT; 0 or an errno. */
int launch_find(const char *name, char out[PATH_MAX]);
/* Start the program and wait for its end. */
void launch_run(const struct launch *l, struct launch_end *end);

/* --- proc.c: what /proc says ------------------------------------------------- */

/* Read /proc/PID/FILE into TEXT of SIZE bytes; its length, 0 if there is none. */
size_t launch_read_proc(const char *pid, const char *file, char *text, size_t size);

/* --- watch.c: from fork to the end ---------------------------------------------- */

/*
 * How far the child has come, in memory that both share; exec takes it from the
 * program.
 */
struct launch_progress {
	_Atomic uint32_t step; /* a row of the steps, plus 1; 0: none was begun */
	_Atomic int32_t error; /* why it failed, an errno or LAUNCH_FAKED, or 0 */
	char at[PATH_MAX];     /* and at which path, or "" */
};

/* A child between fork and its end, and what is known of it. */
struct watch {
	const struct launch *launch;
	pid_t pid;
	bool traced;    /* we are its tracer */
	bool stay;      /* and remain it after exec */
	bool started;   /* exec happened, */
	bool unstarted; /* or certainly did not; neither: it is not known */
	bool ended;
	bool timed_out;   /* that was the end */
	bool lost;        /* it could not be watched to its end, and was killed */
	bool explained;   /* every death by SIGSYS has been looked at, */
	bool refused;     /* and one was the filter's doing */
	int wait_status;  /* when ended */
	pid_t *strangers; /* children that weir had before, */
	size_t nstrangers;
	size_t left; /* processes that outlived their end */
};

/* Set *SET to the signals that a waiting weir takes instead of dying of them. */
void watch_signals(void *set);
/*
 * Check that Linux itself answers the calls that wait; call it before the fork,
 * signals held.
 */
int watch_check_waiting(void);
/* Check the same for those about W->pid, which has not run exec. */
int watch_check_child(struct watch *w);
/* Become the tracer of W->pid, which has not run exec; 0 or -errno. */
int watch_attach(struct watch *w);
/*
 * Return 1 if process PID, alive or a zombie, has not run exec, 0 if it has, or
 * -errno.
 */
int watch_has_no_exec(const char *pid);
/*
 * Pass signals on and wait until the child has ended or, if it was told to end,
 * all processes below weir.
 */
void watch_wait(struct watch *w);

/* --- end.c: the processes below weir ---------------------------------------------- */

/* Make orphans below weir its own children; call it before the fork. */
int launch_adopt(struct watch *w);
/*
 * Send SIG, or nothing if it is 0, to all live processes below weir; return how
 * many there are.
 */
size_t launch_signal_all(const struct watch *w, int sig);

/* --- prefix.c: what comes before the policy, for weir's own calls ----------------- */

enum {
	LAUNCH_PROBES = 2,     /* calls of prctl that only our filter answers, */
	LAUNCH_PROBE_ARG = 4,  /* with a word in args[4] */
	LAUNCH_SECRETS = 2,    /* words of secret, */
	LAUNCH_SECRET_ARG = 4, /* in args[4] and args[5], which execve does not read */
};

/* A policy's filter with the prefix in front of it. */
struct launch_prefix {
	struct sock_filter *insns; /* the caller frees them */
	size_t n;
	struct {
		unsigned long word;
		int error; /* the errno that it is answered with */
	} probe[LAUNCH_PROBES];
	unsigned long secret[LAUNCH_SECRETS];
};

/* Return the number of instructions of a prefix, with a gate for exec or without one. */
size_t launch_prefix_length(bool gated);
/*
 * Make a filter that does what FILTER does, but answers the probes and, if
 * GATED, lets an execve with P->secret pass. Call it only in a process that
 * runs exec or ends: wiping is not enough, since the compiler and the dynamic
 * linker keep copies on the stack.
 */
int launch_prefix(const struct weir_program *filter, bool gated,
                  struct launch_prefix *p);
/* Return how many instructions of a process's filter are such a prefix; 0: none. */
size_t launch_prefix_of(const struct sock_filter *insns, size_t n);

/* --- steps.c: the child, up to exec ------------------------------------------------- */

/* All that the steps need; the child works on the parent's copy of it. */
struct launch_start {
	const struct launch *launch;
	struct watch watch;
	char path[PATH_MAX];         /* the program */
	bool gated;                  /* the policy permits no exec */
	struct launch_prefix prefix; /* the child's own: no one else knows the secret */
	struct launch_progress *progress;
	int go[2];     /* the parent says that it is attached */
	sigset_t mask; /* as weir found them */
	struct sigaction on_child;
};

/* Run the steps in the child; the last is exec. */
_Noreturn void launch_steps(struct launch_start *s);
/* Return the name of a step, as in launch_progress; NULL: there is none. */
const char *launch_step_name(uint32_t step);
/* Tell whether that step is exec, after which the program runs. */
bool launch_step_is_exec(uint32_t step);
/*
 * Tell whether the signal mask is MASK, or the action of SIG the one given; an
 * outer filter cannot fake the answer.
 */
bool launch_mask_is(const sigset_t *mask);
bool launch_action_is(int sig, const struct sigaction *action);

/* --- calls.c: what the filter does to calls ----------------------------------------- */

/* Return the AUDIT_ARCH_ value of weir's own calls; 0 if the library does not know it. */
uint32_t launch_native_arch(void);
/* Return what the filter says to a call, as Linux reads it. */
uint32_t launch_verdict(const struct weir_program *filter, uint32_t arch,
                        uint32_t nr, const uint64_t args[6]);
/* Write the action of a result as policies do: "kill", "errno EPERM", ... */
const char *launch_action(uint32_t verdict, char *buf, size_t size);
bool launch_action_passes(uint32_t verdict); /* the call is carried out */
bool launch_action_dies(uint32_t verdict);   /* or answered with a signal */
bool launch_action_fails(uint32_t verdict);  /* or with an error, by the filter alone */
/*
 * Tell whether a native call with a number from LO to HI may be answered with a signal;
 * in doubt it may. One look at each instruction.
 */
bool launch_may_die(const struct weir_program *filter, uint32_t lo, uint32_t hi);
/* Tell whether any call with a number of the native ABI's own may be so answered. */
bool launch_may_kill(const struct weir_program *filter);
/*
 * Return the ABI, and in *NR the number, of a call that the filter leaves to a
 * listener or a tracer; NULL if there is none. A result that the filter
 * computes is not seen.
 */
const char *launch_unheard(const struct weir_program *filter, uint32_t *nr);
/*
 * Tell whether FILTER may refuse any call of the ABIs that it is about: the native one
 * and those that it compares with. False is certain.
 */
bool launch_may_refuse(const struct weir_program *filter);

/* --- installed.c: the filters of a process that runs ------------------------------ */

struct launch_filter {
	struct sock_filter *insns;
	size_t n;
};

/* All filters of a process, the one that was installed first at V[0]. */
struct launch_installed {
	struct launch_filter *v;
	size_t n;
	bool stopped; /* the process could be stopped; what failed after that is the reading */
};

/*
 * Read the filters of thread PID, by kernel/ or, where that cannot be, by ptrace(2), which
 * stops it meanwhile. 0 or -errno: -EACCES without CAP_SYS_ADMIN, or where the caller is
 * under a filter itself.
 */
int launch_installed(int pid, struct launch_installed *out);
void launch_installed_free(struct launch_installed *installed);

#endif
