/* Libraries that are opened when they are needed. */
#ifndef WEIR_NET_LIBRARY_H
#define WEIR_NET_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* A function, and where in a struct of pointers it goes. */
struct library_function {
	const char *name;
	size_t at;
};

/*
 * Open the first of NAMES, which end with NULL, that is there, for good, and fill
 * STRUCTURE with its N functions. False if there is none, or one lacks a function:
 * *MISSING says which, or is NULL.
 */
bool library_load(const char *const *names, const struct library_function *functions,
                  size_t n, void *structure, const char **missing);

#endif
