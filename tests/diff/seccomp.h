/* seccomp: what the running kernel says of a seccomp program. */
#ifndef SECCOMP_H
#define SECCOMP_H

#include "tests/diff/diff.h"

#include <linux/seccomp.h>

/* A call, and what is and should be answered: SECCOMP_RET_* with data. */
struct seccomp_case {
	struct seccomp_data data;
	uint32_t should, is;
};

/* Whether this machine can make the call that D describes. */
bool seccomp_can_call(const struct seccomp_data *d);
/*
 * Makes the N calls in a child under P, in which each result is an errno of its
 * own, so that none is executed. False if that is not possible here.
 */
bool seccomp_ask_kernel(const struct program *p, struct seccomp_case *cases,
                        uint32_t n);

#endif
