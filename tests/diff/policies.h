/* policies: random syscall policies as text. */
#ifndef POLICIES_H
#define POLICIES_H

#include "tests/diff/diff.h"

/* A policy, in A; most of them are right. */
char *policy_random(struct arena *a, struct rng *r);

#endif
