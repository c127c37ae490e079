/*
 * How often programs make which call: a text with a call, by name or number, and
 * a count on each line. What follows a # is a comment. A colon after the call
 * is all right, as minijail's frequency files have it.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"

struct reader {
	struct arena *arena;
	struct diags *diags;
	const struct rules_tree *tree;
	struct rules_profile *out;
	const char *text;
	uint32_t source, at, end; /* of the line that is read */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span next_word(struct reader *r)
{
	struct span word = { .source = r->source };

	while (r->at < r->end && is_blank(r->text[r->at]))
		r->at++;
	word.start = r->at;
	while (r->at < r->end && !is_blank(r->text[r->at]))
		r->at++;
	word.end = r->at;
	return word;
}

/* Read WORD as a decimal number; false if it is not one, or too large for a count. */
static bool read_number(const struct reader *r, struct span word, uint64_t *out)
{
	*out = 0;
	for (uint32_t i = word.start; i < word.end; i++) {
		if (!isdigit((unsigned char)r->text[i]) || *out > UINT64_C(1) << 48)
			return false;
		*out = *out * 10 + (uint64_t)(r->text[i] - '0');
	}
	return word.start < word.end && *out <= RULES_MOST_COUNT;
}

static void warn_unknown(struct reader *r, struct span word)
{
	const char *name = r->text + word.start, *near;
	size_t len = word.end - word.start;
	struct sys_call call;
	struct suggest s;

	for (int i = 0; i < SYS_NABIS; i++)
		if (sys_call_by_name(&sys_abis[i], name, len, &call))
			return;
	suggest_start(&s, name, len);
	for (uint32_t i = 0; (near = sys_call_name(r->tree->abi[0], i)); i++)
		suggest_offer(&s, near);
	diag_warning(r->diags, DIAG_W_UNKNOWN_CALL, word, "unknown system call '%.*s'%s",
	             (int)len, name, suggest_text(r->arena, &s));
}

static void add(struct reader *r, enum sys_abi_id abi, uint32_t nr, uint64_t count)
{
	struct rules_count one = { abi, nr, count };

	array_push(r->arena, &r->out->count, one);
}

/* Count a call, by name on every ABI of the policy or by number on the first. */
static void add_call(struct reader *r, struct span word, uint64_t count)
{
	const char *name = r->text + word.start;
	struct sys_call call;
	uint64_t number;
	bool known = false;

	if (read_number(r, word, &number) && number <= UINT32_MAX) {
		add(r, r->tree->abi[0]->id, (uint32_t)number, count);
		return;
	}
	for (uint32_t i = 0; i < r->tree->nabi; i++) {
		const struct sys_abi *abi = r->tree->abi[i];

		if (!sys_call_by_name(abi, name, word.end - word.start, &call))
			continue;
		add(r, abi->id, call.nr, count);
		known = true;
	}
	if (!known)
		warn_unknown(r, word);
}

static bool read_line(struct reader *r)
{
	struct span call = next_word(r), count = next_word(r), more = next_word(r);
	uint64_t n;

	if (call.start == call.end)
		return true;
	call.end -= r->text[call.end - 1] == ':';
	if (count.start == count.end) {
		diag_error(r->diags, call, E_SYNTAX "expected a count after the call");
		return false;
	}
	if (!read_number(r, count, &n)) {
		diag_error(r->diags, count, E_SYNTAX "expected a count, 0 to %" PRIu64 ", found '%.*s'",
		           RULES_MOST_COUNT, (int)(count.end - count.start),
		           r->text + count.start);
		return false;
	}
	if (more.start != more.end) {
		diag_error(r->diags, more, E_SYNTAX "expected the end of the line after "
		                                    "the count");
		return false;
	}
	add_call(r, call, n);
	return true;
}

/* --- what was read ---------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const struct rules_count *x = a, *y = b;

	if (x->abi != y->abi)
		return x->abi < y->abi ? -1 : 1;
	return (x->nr > y->nr) - (x->nr < y->nr);
}

/* Sort the counts and add up those of the same call. */
static void sort(struct rules_profile *p)
{
	uint32_t kept = 0;

	if (p->count.n)
		qsort(p->count.v, p->count.n, sizeof *p->count.v, compare);
	for (uint32_t i = 0; i < p->count.n; i++) {
		struct rules_count *last = kept ? &p->count.v[kept - 1] : NULL;

		if (!last || compare(last, &p->count.v[i]))
			p->count.v[kept++] = p->count.v[i];
		else if (last->count < RULES_MOST_COUNT)
			last->count += p->count.v[i].count;
	}
	p->count.n = kept;
}

uint64_t rules_count(const struct rules_profile *p, const struct sys_abi *abi,
                     uint32_t nr)
{
	struct rules_count key = { .abi = abi->id, .nr = nr };
	const struct rules_count *found = NULL;

	if (p->count.n)
		found = bsearch(&key, p->count.v, p->count.n, sizeof key, compare);
	return found ? found->count : 0;
}

const struct rules_profile *rules_profile(struct arena *arena, struct diags *d,
                                          uint32_t source, const struct rules_tree *t)
{
	const struct source *src = &d->sources.v[source];
	struct reader r = { .arena = arena, .diags = d, .tree = t, .source = source };
	uint32_t len = (uint32_t)src->len;
	bool good = true;

	r.text = src->text;
	r.out = arena_new(arena, struct rules_profile);
	while (r.at < len) {
		const char *newline = memchr(r.text + r.at, '\n', len - r.at);
		uint32_t next = newline ? (uint32_t)(newline - r.text) + 1 : len;
		const char *hash = memchr(r.text + r.at, '#', next - r.at);

		r.end = hash ? (uint32_t)(hash - r.text) : next - (newline != NULL);
		good &= read_line(&r);
		r.at = next;
	}
	sort(r.out);
	return good ? r.out : NULL;
}
