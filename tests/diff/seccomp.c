/*
 * Runs a program of random verdicts in the kernel without executing a call:
 * each different result becomes an errno. The child needs no system call
 * after that: it answers in shared memory, then spins until it is killed.
 */
#include "tests/diff/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)

enum {
	BASE = 100,
	RESULTS = 1000,
	SECONDS = 10
};

/* What parent and child share. */
struct shared {
	atomic_int state; /* 0: busy, 1: done, 2: no filter */
	int64_t got[];    /* what each call returned */
};

bool seccomp_can_call(const struct seccomp_data *d)
{
	/* uretprobe and uprobe are let past filters since Linux 6.14. */
	if (d->arch == AUDIT_ARCH_X86_64)
		return d->nr != 335 && d->nr != 336;
	/* The upper halves are not the caller's there. */
	if (d->arch != AUDIT_ARCH_I386)
		return false;
	for (int i = 0; i < 6; i++)
		if (d->args[i] >> 32)
			return false;
	return true;
}

static int64_t call64(const struct seccomp_data *d)
{
	register uint64_t r10 __asm__("r10") = d->args[3];
	register uint64_t r8 __asm__("r8") = d->args[4];
	register uint64_t r9 __asm__("r9") = d->args[5];
	int64_t ret;

	__asm__ volatile("syscall"
	                 : "=a"(ret)
	                 : "a"((int64_t)d->nr), "D"(d->args[0]), "S"(d->args[1]),
	                   "d"(d->args[2]), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return ret;
}

/* As a 32-bit program calls; the kernel leaves nothing in r8 to r11. */
static int64_t call32(const struct seccomp_data *d)
{
	register uint64_t r8 __asm__("r8") = d->args[0];
	register uint64_t r9 __asm__("r9") = d->args[5];
	int64_t ret;

	__asm__ volatile("sub $128, %%rsp\n\t"
	                 "push %%rbp\n\t"
	                 "push %%rbx\n\t"
	                 "mov %%r8, %%rbx\n\t"
	                 "mov %%r9, %%rbp\n\t"
	                 "int $0x80\n\t"
	                 "pop %%rbx\n\t"
	                 "pop %%rbp\n\t"
	                 "add $128, %%rsp"
	                 : "=a"(ret), "+r"(r8), "+r"(r9)
	                 : "a"((uint64_t)(uint32_t)d->nr), "c"(d->args[1]),
	                   "d"(d->args[2]), "S"(d->args[3]), "D"(d->args[4])
	                 : "r10", "r11", "memory", "cc");
	return (int32_t)ret;
}

static void answer(struct shared *s, const struct sock_fprog *filter,
                   const struct seccomp_case *cases, uint32_t n)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter)) {
		atomic_store(&s->state, 2);
		_exit(1);
	}
	for (uint32_t i = 0; i < n; i++)
		s->got[i] = cases[i].data.arch == AUDIT_ARCH_I386
		                    ? call32(&cases[i].data)
		                    : call64(&cases[i].data);
	atomic_store(&s->state, 1);
	for (;;)
		__builtin_ia32_pause();
}

/* The index of RESULT among the N at KNOWN, to which it may be added. */
static uint32_t index_of(uint32_t *known, uint32_t *n, uint32_t result)
{
	uint32_t i = 0;

	while (i < *n && known[i] != result)
		i++;
	if (i == *n && i < RESULTS)
		known[(*n)++] = result;
	return i;
}

/* P with errnos for results; KNOWN are the results in their order. */
static bool map_results(const struct program *p, struct sock_filter *out,
                        uint32_t *known, uint32_t *n)
{
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t at;

		out[i] = p->insns[i];
		if (BPF_CLASS(out[i].code) != BPF_RET)
			continue;
		if (BPF_RVAL(out[i].code) != BPF_K)
			return false;
		at = index_of(known, n, out[i].k);
		if (at == RESULTS)
			return false;
		out[i].k = SECCOMP_RET_ERRNO | (BASE + at);
	}
	return true;
}

/* The child's state; 0 if it died, or takes too long. */
static int wait_for(const struct shared *s, pid_t child)
{
	struct timespec tick = { .tv_nsec = 50000 };

	for (int i = 0; i < SECONDS * 10000; i++) {
		int state = atomic_load(&s->state);
		siginfo_t ended = { .si_pid = 0 };

		/* It is left to be waited for, so its number stays its own. */
		waitid(P_PID, child, &ended, WEXITED | WNOHANG | WNOWAIT);
		if (state || ended.si_pid)
			return state;
		nanosleep(&tick, NULL);
	}
	return 0;
}

static bool run_child(struct shared *s, const struct sock_fprog *filter,
                      const struct seccomp_case *cases, uint32_t n)
{
	siginfo_t ended;
	pid_t child = fork();
	int state;

	if (!child)
		answer(s, filter, cases, n);
	if (child < 0)
		return false;
	state = wait_for(s, child);
	kill(child, SIGKILL);
	waitid(P_PID, child, &ended, WEXITED);
	return state == 1;
}

bool seccomp_ask_kernel(const struct program *p, struct seccomp_case *cases,
                        uint32_t n)
{
	size_t size = sizeof(struct shared) + n * sizeof(int64_t);
	struct sock_filter *insns = calloc(p->n, sizeof(*insns));
	struct sock_fprog filter = { .len = p->n, .filter = insns };
	struct shared *s = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t known[RESULTS], nknown = 0;
	bool ok;

	ok = insns && s != MAP_FAILED && p->n <= BPF_MAXINSNS &&
	     map_results(p, insns, known, &nknown) &&
	     run_child(s, &filter, cases, n);
	for (uint32_t i = 0; ok && i < n; i++) {
		uint64_t at = -s->got[i] - BASE;

		/* No errno of ours: then nothing that SHOULD can be. */
		cases[i].is = at < nknown ? known[at] : ~cases[i].should;
	}
	if (s != MAP_FAILED)
		munmap(s, size);
	free(insns);
	return ok;
}

#else

bool seccomp_can_call(const struct seccomp_data *d)
{
	return false;
}

bool seccomp_ask_kernel(const struct program *p, struct seccomp_case *cases,
                        uint32_t n)
{
	return false;
}

#endif
