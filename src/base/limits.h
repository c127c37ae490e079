/*
 * Limits: how much something holds at first or at most, and how far a search goes.
 * `./configure --enable-stress` makes them small, so that what is rare with the usual
 * ones (a jump that does not reach, a table that grows, a list that is full, a search
 * that gives up) is what tests see all the time. Whatever the limits, programs decide
 * the same; they may be longer.
 */
#ifndef WEIR_LIMITS_H
#define WEIR_LIMITS_H

#ifdef WEIR_STRESS
#define LIMIT(usual, small) (small)
#else
#define LIMIT(usual, small) (usual)
#endif

#endif
