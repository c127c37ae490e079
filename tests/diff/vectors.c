/* Reading the reference vectors. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

int vectors_each(const char *file, void (*one)(void *ctx, json_t *entry), void *ctx)
{
	const char *dir = getenv("WEIR_VECTORS");
	char path[PATH_MAX], *line = NULL;
	size_t cap = 0;
	int count = 0;
	FILE *f;

	if (!dir) {
		printf("%s: skipped, WEIR_VECTORS is not set\n", file);
		return -1;
	}
	snprintf(path, sizeof path, "%s/%s", dir, file);
	f = fopen(path, "r");
	if (!f) {
		printf("%s: skipped, %s\n", path, strerror(errno));
		return -1;
	}
	while (getline(&line, &cap, f) > 0) {
		json_error_t error;
		json_t *entry = json_loads(line, 0, &error);

		if (!entry) {
			fprintf(stderr, "%s, line %d: %s\n", path, count + 1, error.text);
			exit(1);
		}
		one(ctx, entry);
		json_decref(entry);
		count++;
	}
	free(line);
	fclose(f);
	return count;
}

static struct sock_filter insn(json_t *four)
{
	return (struct sock_filter){
		.code = (uint16_t)json_integer_value(json_array_get(four, 0)),
		.jt = (uint8_t)json_integer_value(json_array_get(four, 1)),
		.jf = (uint8_t)json_integer_value(json_array_get(four, 2)),
		.k = (uint32_t)json_integer_value(json_array_get(four, 3)),
	};
}

struct sock_filter *vectors_program(struct arena *a, json_t *entry, size_t *n)
{
	json_t *list = json_object_get(entry, "cbpf"), *one;
	ARRAY(struct sock_filter) p = { 0 };
	size_t i;

	json_array_foreach(list, i, one)
		array_push(a, &p, insn(one));
	list = json_object_get(entry, "cbpf_rle");
	json_array_foreach(list, i, one) {
		json_int_t times = json_integer_value(json_array_get(one, 0));

		while (times-- > 0)
			array_push(a, &p, insn(json_array_get(one, 1)));
	}
	*n = p.n;
	return p.v;
}

static unsigned digit(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

uint8_t *vectors_hex(struct arena *a, const char *hex, size_t *len)
{
	uint8_t *bytes = arena_alloc(a, strlen(hex) / 2 + 1);

	*len = strlen(hex) / 2;
	for (size_t i = 0; i < *len; i++)
		bytes[i] = digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]);
	return bytes;
}

int64_t vectors_number(json_t *object, const char *key, int64_t otherwise)
{
	json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

const char *vectors_name(json_t *entry)
{
	const char *name = json_string_value(json_object_get(entry, "name"));

	return name ? name : "(no name)";
}
