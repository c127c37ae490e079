/*
 * Lists of calls, as SystemCallFilter= and SystemCallLog= make them: systemd's
 * groups, and the names that the words of a list add and remove.
 */
#include <assert.h>
#include <string.h>

#include "import/systemd.h"

/* --- groups --------------------------------------------------------------- */

static const struct systemd_group groups[] = {
#define SYSTEMD_GROUP(name, calls) { name, calls },
#include "import/tables/systemd.inc"
};

const struct systemd_group *systemd_group_at(int g)
{
	assert(g >= 0 && (size_t)g < ARRAY_LEN(groups));
	return &groups[g];
}

bool systemd_is_text(const char *text, const struct systemd_word *w)
{
	return strlen(text) == w->len && !memcmp(text, w->text, w->len);
}

int systemd_find_group(const char *name, size_t len)
{
	struct systemd_word w = { .text = name, .len = len };

	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (systemd_is_text(groups[i].name, &w))
			return (int)i;
	return -1;
}

bool systemd_next_name(const char **p, const char **name, size_t *len)
{
	*p += strspn(*p, " ");
	*name = *p;
	*len = strcspn(*p, " ");
	*p += *len;
	return *len > 0;
}

int systemd_group_of(const struct systemd_word *w)
{
	return w->len && w->text[0] == '@' ? systemd_find_group(w->text + 1, w->len - 1)
	                                   : -1;
}

/* --- lists ---------------------------------------------------------------- */

struct systemd_member *systemd_find_member(struct systemd_list *l,
                                           const char *name, size_t len)
{
	struct systemd_member *m = l->slot[hash_bytes(name, len, 0) % ARRAY_LEN(l->slot)];

	while (m && (m->len != len || memcmp(m->name, name, len)))
		m = m->next;
	return m;
}

static void set_member(struct systemd_unit *u, struct systemd_list *l,
                       const struct systemd_step *s,
                       const char *name, size_t len)
{
	struct systemd_member *m = systemd_find_member(l, name, len), **slot;

	if (!m) {
		slot = &l->slot[hash_bytes(name, len, 0) % ARRAY_LEN(l->slot)];
		m = arena_new(u->im->arena, struct systemd_member);
		*m = (struct systemd_member){ .name = name, .len = len, .next = *slot };
		*slot = m;
		array_push(u->im->arena, &l->member, m);
	}
	m->in = !s->removes;
	m->action = s->action;
	m->at = s->word.at;
}

void systemd_set_group(struct systemd_unit *u, struct systemd_list *l,
                       const struct systemd_step *s, int g)
{
	ARRAY(const char *) stack = { 0 };
	const char *rest = groups[g].calls, *name;
	size_t len;

	for (;;) {
		if (!systemd_next_name(&rest, &name, &len)) {
			if (!stack.n)
				return;
			rest = stack.v[--stack.n];
		} else if (*name == '@') {
			array_push(u->im->arena, &stack, rest);
			rest = groups[systemd_find_group(name + 1, len - 1)].calls;
		} else {
			set_member(u, l, s, name, len);
		}
	}
}

static void unknown_group(struct systemd_unit *u, const struct systemd_word *w)
{
	struct suggest s;

	suggest_start(&s, w->text, w->len);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		struct buf name = { .arena = u->im->arena };

		buf_printf(&name, "@%s", groups[i].name);
		suggest_offer(&s, buf_str(&name));
	}
	diag_error(u->im->diags, w->at, E_UNKNOWN "unknown group '%.*s'%s", (int)w->len,
	           w->text, suggest_text(u->im->arena, &s));
}

void systemd_add_step(struct systemd_unit *u, struct systemd_list *l,
                      struct systemd_step s)
{
	int g = systemd_group_of(&s.word);

	if (s.word.text[0] == '@' && g < 0) {
		unknown_group(u, &s.word);
		return;
	}
	l->plain &= !s.action;
	array_push(u->im->arena, &l->step, s);
	if (g >= 0)
		systemd_set_group(u, l, &s, g);
	else
		set_member(u, l, &s, s.word.text, s.word.len);
}
