/* Calls that Linux answers from its action cache, for weir check. */
#include "config.h"

#include <stdio.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"

enum {
	INDENT = 15,
	WIDTH = 79
};

/* The calls of an ABI, in the order of their numbers. */
struct calls {
	struct arena *arena;
	ARRAY(const char *) cached;
	ARRAY(const char *) others;
};

static void find(struct calls *c, const struct weir_program *p, const char *abi)
{
	struct weir_syscall call = { .size = sizeof call };

	c->cached.n = c->others.n = 0;
	for (unsigned i = 0; weir_syscall(abi, i, &call) == 0; i++)
		if (weir_program_caches(p, abi, call.nr))
			array_push(c->arena, &c->cached, call.name);
		else
			array_push(c->arena, &c->others, call.name);
}

/* Write N names from column *AT on, and go on in further lines. */
static void put_names(struct buf *out, size_t at, const char *const *name, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		size_t len = strlen(name[i]) + (i + 1 < n);

		if (at + 1 + len > WIDTH) {
			buf_printf(out, "\n%*s", INDENT - 1, "");
			at = INDENT - 1;
		}
		buf_printf(out, " %s%s", name[i], i + 1 < n ? "," : "");
		at += 1 + len;
	}
	buf_putc(out, '\n');
}

/* Write the calls of ABI: those that are cached, or, if these are fewer, the others. */
static void put_abi(struct buf *out, const char *abi, const struct calls *c)
{
	size_t start = out->len;

	buf_printf(out, "  %-12s %u of %u calls", abi, c->cached.n, c->cached.n + c->others.n);
	if (!c->others.n) {
		buf_putc(out, '\n');
	} else if (c->others.n < c->cached.n) {
		buf_puts(out, "; not");
		put_names(out, out->len - start, c->others.v, c->others.n);
	} else {
		buf_putc(out, ':');
		put_names(out, out->len - start, c->cached.v, c->cached.n);
	}
}

void cached_put_text(struct buf *out, const struct weir_program *p)
{
	struct calls c = { .arena = out->arena };
	const char *abi;

	for (unsigned i = 0; (abi = weir_abi_name(i)); i++) {
		find(&c, p, abi);
		if (c.cached.n)
			put_abi(out, abi, &c);
	}
}

void cached_put_json(struct json_writer *w, const struct weir_program *p)
{
	struct calls c = { .arena = w->out->arena };
	const char *abi;

	json_begin_array(w, "cached", JSON_PACKED);
	for (unsigned i = 0; (abi = weir_abi_name(i)); i++) {
		find(&c, p, abi);
		if (!c.cached.n)
			continue;
		json_begin_object(w, NULL, JSON_PACKED);
		json_put_string(w, "abi", abi);
		json_begin_array(w, "calls", JSON_PACKED);
		array_each(name, &c.cached)
			json_put_string(w, NULL, *name);
		json_end(w);
		json_end(w);
	}
	json_end(w);
}
