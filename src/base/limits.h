/*
 * Limits: how much something holds at first or at most, and how far a search goes.
 * `./configure --enable-stress` makes them small, so that tests often see what is rare
 * with the usual limits: a jump that does not reach, a table that grows, a full list, a
 * search that gives up. Whatever the limits, programs decide the same; they may be longer.
 */
#ifndef WEIR_LIMITS_H
#define WEIR_LIMITS_H

#ifdef WEIR_STRESS
#define LIMIT(usual, small) (small)
#else
#define LIMIT(usual, small) (usual)
#endif

#endif
