/*
 * Words, and labels as the assemblers of all dialects have them: names of
 * instructions, and jumps whose distance is not known before all names are.
 */
#include <assert.h>
#include <string.h>

#include "cbpf/cbpf.h"

struct cbpf_label {
	struct cbpf_word name; /* .len 0: a free slot */
	uint32_t target;
};

/* --- words ------------------------------------------------------------------------ */

bool cbpf_in_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '_' || c == '.';
}

struct cbpf_word cbpf_take_word(struct cbpf_reader *r)
{
	uint32_t start;

	cbpf_skip_blanks(r);
	start = r->at;
	if (is_letter(cbpf_peek(r)) || cbpf_peek(r) == '_' || cbpf_peek(r) == '.')
		while (cbpf_in_word(cbpf_peek(r)))
			r->at++;
	return (struct cbpf_word){ r->text + start, r->at - start,
		                   cbpf_span(r, start, r->at) };
}

bool cbpf_word_is(struct cbpf_word w, const char *text)
{
	return w.len == strlen(text) && !memcmp(w.s, text, w.len);
}

/* --- labels ------------------------------------------------------------------------- */

static struct cbpf_label *find_label(const struct cbpf_labels *all, struct cbpf_word name)
{
	uint32_t i = hash_bytes(name.s, name.len, 0);

	for (;; i++) {
		struct cbpf_label *l = &all->slots[i & (all->nslots - 1)];

		if (!l->name.len || (l->name.len == name.len &&
		                     !memcmp(l->name.s, name.s, name.len)))
			return l;
	}
}

static void grow_labels(struct cbpf_reader *r, struct cbpf_labels *all)
{
	struct cbpf_label *old = all->slots;
	uint32_t n = all->nslots;

	all->nslots = n ? n * 2 : 64;
	all->slots = arena_array(r->arena, struct cbpf_label, all->nslots);
	for (uint32_t i = 0; i < n; i++)
		if (old[i].name.len)
			*find_label(all, old[i].name) = old[i];
}

void cbpf_define_label(struct cbpf_reader *r, struct cbpf_labels *all,
                       struct cbpf_word name)
{
	struct cbpf_label *l;

	if (all->n * 2 >= all->nslots)
		grow_labels(r, all);
	l = find_label(all, name);
	if (l->name.len) {
		diag_error(r->diags, name.at, E_DUPLICATE "duplicate label '%.*s'",
		           (int)name.len, name.s);
		diag_note(r->diags, l->name.at, "first defined here");
		return;
	}
	l->name = name;
	l->target = r->out.n;
	all->n++;
}

static void unknown_label(struct cbpf_reader *r, const struct cbpf_labels *all,
                          struct cbpf_word name)
{
	struct suggest s;

	suggest_start(&s, name.s, name.len);
	for (uint32_t i = 0; i < all->nslots && all->n <= 1000; i++)
		if (all->slots[i].name.len)
			suggest_offer(&s, arena_strndup(r->arena, all->slots[i].name.s,
			                                all->slots[i].name.len));
	diag_error(r->diags, name.at, E_UNKNOWN "unknown label '%.*s'%s",
	           (int)name.len, name.s, suggest_text(r->arena, &s));
}

/* Write the distance of jump J, of which TARGET is known, into its instruction. */
static void set_distance(struct cbpf_reader *r, const struct cbpf_labels *all,
                         const struct cbpf_jump *j)
{
	struct sock_filter *f = &r->out.v[j->insn];
	uint32_t skip = j->target - j->insn - 1;

	assert(j->insn < r->out.n);
	if (j->target >= r->out.n)
		diag_error(r->diags, j->label.at,
		           "a jump to %u, but the program has %u instructions",
		           j->target, r->out.n);
	else if (j->field == CBPF_TO_ALWAYS)
		f->k = skip;
	else if (j->target <= j->insn)
		diag_error(r->diags, j->label.at,
		           "a test cannot jump backward, from %u to %u", j->insn,
		           j->target);
	else if (skip > UINT8_MAX)
		diag_error(r->diags, j->label.at,
		           E_RANGE "a test cannot jump over %u instructions, at most 255; use %s",
		           skip, all->far ? all->far : "ja");
	else if (j->field == CBPF_TO_YES)
		f->jt = (uint8_t)skip;
	else
		f->jf = (uint8_t)skip;
}

/* Find where jump J goes; false after an error. */
static bool find_target(struct cbpf_reader *r, const struct cbpf_labels *all,
                        struct cbpf_jump *j)
{
	struct cbpf_label *l = all->nslots && j->label.len ? find_label(all, j->label) : NULL;

	if (l && l->name.len)
		j->target = l->target;
	else if (j->label.len && !j->has_target)
		unknown_label(r, all, j->label);
	else
		return true;
	return l && l->name.len;
}

bool cbpf_resolve_jumps(struct cbpf_reader *r, struct cbpf_labels *all)
{
	unsigned errors = r->diags->errors;

	array_each(j, &all->jumps) {
		if (find_target(r, all, j))
			set_distance(r, all, j);
		if (r->diags->errors - errors >= CBPF_ERRORS)
			break;
	}
	return r->diags->errors == errors;
}
