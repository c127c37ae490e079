/* Reading the reference vectors: JSON lines below the directory $WEIR_VECTORS. */
#ifndef VECTORS_H
#define VECTORS_H

#include <linux/filter.h>

#include <jansson.h>

#include "base/base.h"

enum {
	SKIPPED = 77
};

/*
 * Calls ONE with each object of FILE. The number of objects, or -1 (and says
 * so) if the directory or the file is missing.
 */
int vectors_each(const char *file, void (*one)(void *ctx, json_t *entry), void *ctx);

/* The program of an entry, from "cbpf" or "cbpf_rle". */
struct sock_filter *vectors_program(struct arena *a, json_t *entry, size_t *n);
/* The bytes of a hexadecimal string. */
uint8_t *vectors_hex(struct arena *a, const char *hex, size_t *len);
/* Member KEY of OBJECT as a number, OTHERWISE if there is none. */
int64_t vectors_number(json_t *object, const char *key, int64_t otherwise);
const char *vectors_name(json_t *entry);

#endif
