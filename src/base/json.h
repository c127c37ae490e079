/*
 * JSON as a tree of values with their places. The reader is strict: what two
 * programs could read differently is an error.
 */
#ifndef WEIR_JSON_H
#define WEIR_JSON_H

#include "base/base.h"

/* --- json.c --------------------------------------------------------------- */

enum json_kind {
	JSON_IS_NULL,
	JSON_IS_BOOL,
	JSON_IS_NUMBER,
	JSON_IS_STRING,
	JSON_IS_ARRAY,
	JSON_IS_OBJECT,
};

struct json {
	enum json_kind kind;
	bool truth; /* BOOL */
	bool whole; /* NUMBER: an integer of 0 to 2^64-1, NUMBER holds it */
	uint64_t number;
	const char *text; /* STRING: without quotes and escapes, a NUL after it */
	uint32_t len;     /* STRING: of TEXT */
	uint32_t n;       /* ARRAY, OBJECT: values in it */
	const char *name; /* in an object: the key, a NUL after it */
	uint32_t name_len;
	struct span at, name_at;
	struct json *up, *first, *last, *next;
};

/* Nesting that is read, and how many values. */
enum {
	JSON_DEPTH = 1000,
	JSON_VALUES = 1 << 20
};

/* Source SOURCE as JSON, all of it; NULL after the first error. */
const struct json *json_read(struct arena *arena, struct diags *d, uint32_t source);
/* What it is, with its article: "a string". */
const char *json_kind_name(const struct json *j);
/* The value of NAME in object J; NULL if there is none, or it is null. */
const struct json *json_get(const struct json *j, const char *name);
bool json_is(const struct json *j, const char *text);

#endif
