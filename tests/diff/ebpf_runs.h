/* ebpf_runs: a classic program on our machine, and eBPF of it in the kernel, on the same inputs. */
#ifndef EBPF_RUNS_H
#define EBPF_RUNS_H

#include "ebpf/ebpf.h"
#include "prove/prove.h"

enum ebpf_party {
	PARTY_XDP, /* on packets whose linear part ends anywhere */
	PARTY_TC,
	PARTY_LOADABLE, /* a socket filter */
	PARTY_PEER,     /* XDP of somebody else, for packets in one piece */
};
extern const char *const ebpf_parties[];

/* What was run, and came of it. */
struct ebpf_runs {
	struct arena *arena; /* for messages */
	struct rng *rng;
	struct trace trace;
	uint64_t programs, refused, runs, pieces, not_run;
	uint64_t stop_after; /* so many failures */
	unsigned failures;
	bool no_bpf; /* the kernel loads no programs for us */
};

/*
 * Convert P for PARTY, which is one of us, into CODE, and load it. Return the descriptor; -1
 * where there is none, which R counts, and, if it should not be, reports with WHAT.
 */
int ebpf_runs_load(struct ebpf_runs *r, enum ebpf_party party, const char *what,
                   const struct program *p, struct ebpf_code *code);
/* Run FD, PARTY's program made of P, on SET, and report what differs with WHAT. */
void ebpf_runs(struct ebpf_runs *r, enum ebpf_party party, const char *what, int fd,
               const struct program *p, const struct inputs *set);

/* Print what R counted; the status of the test. */
int ebpf_runs_report(const struct ebpf_runs *r);

#endif
