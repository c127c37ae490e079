/*
 * JSON: read as a tree of values with their places, and written value by value. The
 * reader is strict: what two programs could read differently is an error.
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

/* Read all of source SOURCE as JSON; NULL after the first error. */
const struct json *json_read(struct arena *arena, struct diags *d, uint32_t source);
/* Return what it is, with its article: "a string". */
const char *json_kind_name(const struct json *j);
/* Return the value of NAME in object J; NULL if there is none, or it is null. */
const struct json *json_get(const struct json *j, const char *name);
bool json_is(const struct json *j, const char *text);

/* --- json_write.c --------------------------------------------------------- */

/* How the members of an object or an array are laid out. */
enum json_layout {
	JSON_PACKED,   /* {"a":1,"b":2} */
	JSON_SPACED,   /* {"a": 1, "b": 2} */
	JSON_LINES,    /* like JSON_PACKED, but each member on its own line */
	JSON_INDENTED, /* like JSON_SPACED, but each member on its own line, indented */
	JSON_FILLED    /* the same, with as many members on a line as fit */
};

enum {
	JSON_WRITTEN_DEPTH = 16
};

/*
 * Zero-initialize it and set OUT. The functions below write one value each. KEY is its
 * key in an object, NULL in an array and for the outermost value.
 */
struct json_writer {
	struct buf *out;
	struct json_open {
		enum json_layout layout;
		char close;
		size_t column;           /* after the last member; 0: there is none yet */
	} open[JSON_WRITTEN_DEPTH], *at; /* AT: the innermost; NULL if nothing is open */
	unsigned indent;
};

/* Write the opening bracket; what follows are members until json_end(). */
void json_begin_object(struct json_writer *w, const char *key, enum json_layout layout);
void json_begin_array(struct json_writer *w, const char *key, enum json_layout layout);
/* Close the innermost object or array. */
void json_end(struct json_writer *w);
/* Write TEXT with its escapes, or null for NULL; what is not UTF-8 becomes U+FFFD. */
void json_put_string(struct json_writer *w, const char *key, const char *text);
void json_put_bytes(struct json_writer *w, const char *key, const char *text, size_t len);
void json_put_unsigned(struct json_writer *w, const char *key, uint64_t value);
void json_put_signed(struct json_writer *w, const char *key, int64_t value);
void json_put_bool(struct json_writer *w, const char *key, bool value);
void json_put_null(struct json_writer *w, const char *key);
/* Write only what precedes a value, which the caller adds to the buffer returned. */
struct buf *json_begin_value(struct json_writer *w, const char *key);

#endif
