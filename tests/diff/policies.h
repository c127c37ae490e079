/* policies: random syscall policies as text, and calls that suit them. */
#ifndef POLICIES_H
#define POLICIES_H

#include "policy/policy.h"
#include "tests/diff/diff.h"

#include <linux/seccomp.h>

/* A policy, in A; most of them are right. */
char *policy_random(struct arena *a, struct rng *r);
/* A call, most often one that T has a rule about, near what that compares with. */
void policy_draw(struct seccomp_data *d, const struct rules_tree *t, struct rng *r);

#endif
