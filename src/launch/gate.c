/*
 * The gate: a policy that answers execve with an error means the program's own
 * calls, not the one that starts it. That one carries a secret in the words that
 * execve does not read, and a few instructions in front of the filter let it
 * pass. The child makes the secret for itself, after the fork, and exec clears the
 * registers and the memory that held it: nobody can make such a call again.
 */
#include "config.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "base/base.h"
#include "launch/launch.h"

enum {
	GATE_WORDS = 2 * LAUNCH_SECRETS, /* of 32 bits */
	GATE_INSNS = 4 + 2 * GATE_WORDS + 1,
};

/* Writes what stands before a filter; all ways but one lead to what follows it. */
static void write_gate(struct sock_filter gate[GATE_INSNS], uint32_t arch,
                       const uint64_t args[6])
{
	struct seccomp_data call = { 0 };
	struct sock_filter *at = gate;

	memcpy(call.args, args, sizeof call.args);
#define TO_FILTER ((uint8_t)(gate + GATE_INSNS - at - 1))
	*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                     offsetof(struct seccomp_data, arch));
	*at = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 0, TO_FILTER);
	at++;
	*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                     offsetof(struct seccomp_data, nr));
	*at = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0,
	                                   TO_FILTER);
	at++;
	for (int i = 0; i < GATE_WORDS; i++) {
		uint32_t offset = offsetof(struct seccomp_data, args[LAUNCH_SECRET_ARG]) +
		                  4 * (uint32_t)i, word;

		memcpy(&word, (const char *)&call + offset, sizeof word);
		*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset);
		*at = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word, 0,
		                                   TO_FILTER);
		at++;
	}
	*at = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
#undef TO_FILTER
}

int launch_gate(const struct weir_program *filter, struct launch_gate *g)
{
	size_t n;
	const struct sock_filter *insns = weir_program_insns(filter, &n);
	uint64_t args[6] = { 0 };

	if (n + GATE_INSNS > BPF_MAXINSNS)
		return -E2BIG;
	if (getrandom(g->secret, sizeof g->secret, 0) != sizeof g->secret)
		return -errno;
	g->insns = malloc((n + GATE_INSNS) * sizeof *g->insns);
	if (!g->insns)
		return -ENOMEM;
	for (int i = 0; i < LAUNCH_SECRETS; i++)
		args[LAUNCH_SECRET_ARG + i] = g->secret[i];
	write_gate(g->insns, launch_native_arch(), args);
	memcpy(g->insns + GATE_INSNS, insns, n * sizeof *insns);
	g->n = n + GATE_INSNS;
	return 0;
}
