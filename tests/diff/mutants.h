/* mutants: programs that are wrong at one point. */
#ifndef MUTANTS_H
#define MUTANTS_H

#include "tests/diff/diff.h"

/*
 * Changes P, of which there are N instructions, at one: a constant, an offset, a
 * condition, a side, a width, a bit of a mask, a result, an operation. Returns what
 * was done, NULL if the draw suits no instruction there. *AT is where. The result may
 * be no valid program.
 */
const char *mutate(struct sock_filter *p, uint32_t n, uint32_t *at, struct rng *r);

#endif
