/* decide: programs whose constant conditions are decided. */
#ifndef DECIDE_H
#define DECIDE_H

#include "tests/diff/diff.h"

/*
 * P without the conditions that are constants (ld #1; jeq #0), and without those that
 * lead to one place whatever they find, with all that is computed for them: what
 * libpcap makes of an expression since 1.11, where earlier ones compute first and
 * decide then. As long as P, in A.
 */
struct program decided(struct arena *a, const struct program *p);

#endif
