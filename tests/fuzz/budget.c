/*
 * Shapes that are hard on memory and work for their size: one thing repeated,
 * numbered, or nested, in each language. Twice as much text may take three times
 * as much and a little, so that nothing is quadratic that is not known to be; and
 * within the budget for 64 KiB, 256 MiB and 200,000,000 steps, each shape is done
 * with: it compiles, it has an error of its own, or, where the row says so, it is
 * refused as too large. Nothing is timed. --long: at 64 KiB instead of 16.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weir.h"

enum {
	SMALL = 16 << 10,
	LARGE = 64 << 10
};
enum {
	MEMORY_SLACK = 2 << 20,
	WORK_SLACK = 300000
};

enum kind {
	REPEAT, /* HEAD, then UNIT with %u its number and SEP between, then TAIL */
	NEST,   /* HEAD, UNIT again and again, MID, SEP as often, TAIL */
};

/* What is known of a shape. */
enum {
	STEEP = 1,
	LARGE_ENDS = 2
}; /* grows faster; may be too large */

static const struct shape {
	const char *language; /* a link type, or a form of policies, or "program" */
	enum kind kind;
	const char *head, *unit, *sep, *tail, *mid;
	unsigned flags;
} shapes[] = {
#define SHAPE(...) { __VA_ARGS__ },
#include "shapes.def"
};

/* --- the text -------------------------------------------------------------- */

static size_t put(char *to, size_t at, const char *format, unsigned n)
{
	const char *s = format ? format : "";

	for (; *s; s++) {
		if (s[0] == '%' && s[1] == 'u') {
			at += (size_t)sprintf(to + at, "%u", n);
			s++;
		} else {
			to[at++] = *s;
		}
	}
	return at;
}

/* About SIZE bytes of shape S, to be freed. */
static char *make_text(const struct shape *s, size_t size, size_t *len)
{
	char *text = malloc(size + 4096);
	size_t at, rest = s->kind == NEST ? strlen(s->sep) : 0;
	unsigned n = 0;

	if (!text)
		exit(99);
	at = put(text, 0, s->head, 0);
	while (at + (size_t)n * rest < size) {
		if (n && s->kind == REPEAT)
			at = put(text, at, s->sep, n);
		at = put(text, at, s->unit, n++);
	}
	at = put(text, at, s->mid, n);
	while (s->kind == NEST && n)
		at = put(text, at, s->sep, n--);
	*len = put(text, at, s->tail, 0);
	return text;
}

/* --- what it takes ----------------------------------------------------------- */

struct used {
	uint64_t memory, work; /* by one call, at most */
};

static void note(void *ctx, uint64_t memory, uint64_t work)
{
	struct used *u = ctx;

	u->memory = memory > u->memory ? memory : u->memory;
	u->work = work > u->work ? work : u->work;
}

static int compile_expression(struct weir_program **p, const char *text, size_t len,
                              int linktype, const struct weir_read_options *read,
                              const struct weir_compile_options *how)
{
	struct weir_expression_options o = {
		.size = sizeof o,
		.read = read,
		.linktype = linktype,
		.have_linktype = true,
	};
	struct weir_expression *e;
	int err = weir_expression_read(&e, text, len, &o);

	if (!err)
		err = weir_expression_compile(p, e, how);
	weir_expression_free(e);
	return err;
}

static int compile_policy(struct weir_program **p, const char *text, size_t len,
                          const char *form, const struct weir_read_options *read,
                          const struct weir_compile_options *how)
{
	struct weir_policy_options o = {
		.size = sizeof o,
		.read = read,
		.abis = "x86_64",
		.form = form,
	};
	struct weir_policy *policy;
	int err = weir_policy_read(&policy, text, len, &o);

	if (!err)
		err = weir_policy_compile(p, policy, how);
	weir_policy_free(policy);
	return err;
}

static int optimize(struct weir_program **p, const char *text, size_t len,
                    const struct weir_read_options *read,
                    const struct weir_compile_options *how)
{
	struct weir_program *was;
	int err = weir_program_read(&was, WEIR_PACKET, text, len, read);

	if (!err)
		err = weir_program_optimize(p, was, how);
	weir_program_free(was);
	return err;
}

/* Compiles SIZE bytes of S and says what that took. */
static int measure(const struct shape *s, size_t size, struct used *u)
{
	const struct weir_read_options read = {
		.size = sizeof read,
		.used = note,
		.ctx = u,
	};
	const struct weir_compile_options how = {
		.size = sizeof how,
		.used = note,
		.ctx = u,
	};
	int linktype = weir_linktype_by_name(s->language), err;
	struct weir_program *p = NULL;
	size_t len;
	char *text = make_text(s, size, &len);

	*u = (struct used){ 0 };
	if (!strcmp(s->language, "program"))
		err = optimize(&p, text, len, &read, &how);
	else if (linktype >= 0)
		err = compile_expression(&p, text, len, linktype, &read, &how);
	else
		err = compile_policy(&p, text, len, s->language, &read, &how);
	weir_program_free(p);
	free(text);
	return err;
}

static bool judge(const struct shape *s, size_t size)
{
	struct used half, all;
	int err = measure(s, size / 2, &half);
	bool steep, ok;

	err = measure(s, size, &all);
	steep = all.memory > 3 * half.memory + MEMORY_SLACK ||
	        all.work > 3 * half.work + WORK_SLACK;
	ok = (!steep || s->flags & STEEP || err == -EDQUOT) &&
	     (!err || err == -EINVAL || (err == -EDQUOT && s->flags & LARGE_ENDS)) &&
	     all.memory <= UINT64_C(256) << 20 && all.work <= 200000001;
	if (ok && !getenv("VERBOSE"))
		return true;
	printf("%s: %s '%s%s': %d; %llu KiB and %llu steps, of half of it %llu and %llu\n",
	       ok ? "ok" : "FAIL", s->language, s->head ? s->head : "", s->unit, err,
	       (unsigned long long)all.memory >> 10, (unsigned long long)all.work,
	       (unsigned long long)half.memory >> 10, (unsigned long long)half.work);
	return ok;
}

int main(int argc, char **argv)
{
	size_t size = argc > 1 && !strcmp(argv[1], "--long") ? LARGE : SMALL;
	unsigned failed = 0;

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		failed += !judge(&shapes[i], size);
	return failed ? 1 : 0;
}
