/*
 * Lists of calls: names and numbers, groups, what is taken out again, and calls
 * that go through socketcall or ipc.
 */
#include <string.h>

#include "rules/resolve.h"

/* --- the list that is being made ------------------------------------------ */

enum {
	FIRST_SLOTS = 64
};

static bool same_call(const struct rules_member *a, const struct rules_member *b)
{
	if (a->abi != b->abi || a->direct != b->direct)
		return false;
	if (a->direct)
		return a->call.nr == b->call.nr;
	return a->mux.nr == b->mux.nr && a->mux.call == b->mux.call;
}

static uint32_t call_hash(const struct rules_member *m)
{
	uint32_t key[] = { m->abi->id, m->direct,
		           m->direct ? m->call.nr : m->mux.nr,
		           m->direct ? 0 : (uint32_t)m->mux.call };

	return hash_words(key, ARRAY_LEN(key), 0);
}

/*
 * Return the slot of a member that hashes to HASH and is M, or has its CALL; or a free
 * one.
 */
static struct rules_listed *find_slot(const struct rules_index *index, uint32_t list,
                                      const struct rules_member *m, bool call,
                                      uint32_t hash)
{
	struct rules_listed *s;

	for (uint32_t i = hash;; i++) {
		s = &index->slot[i & (index->size - 1)];
		if (s->list != list || s->member == m ||
		    (call && same_call(s->member, m)))
			return s;
	}
}

static uint32_t listed_hash(const struct rules_member *m, bool call)
{
	return call ? call_hash(m) : hash_bytes(&m, sizeof m, 0);
}

static void grow_index(struct arena *arena, struct rules_index *index, uint32_t list,
                       bool call)
{
	struct rules_index old = *index;

	index->size = old.size ? old.size * 2 : FIRST_SLOTS;
	index->slot = arena_array(arena, struct rules_listed, index->size);
	for (uint32_t i = 0; i < old.size; i++) {
		struct rules_listed *s = &old.slot[i];

		if (s->list == list)
			*find_slot(index, list, s->member, call,
			           listed_hash(s->member, call)) = *s;
	}
}

/* Return what R's list knows of M's CALL, or of M itself; made if it is new. */
static struct rules_listed *listed(struct rules_resolver *r,
                                   const struct rules_member *m, bool call)
{
	struct rules_index *index = call ? &r->list.call : &r->list.pattern;
	struct rules_listed *s;

	if (index->used >= index->size / 2)
		grow_index(r->c.arena, index, r->list.number, call);
	s = find_slot(index, r->list.number, m, call, listed_hash(m, call));
	if (s->list != r->list.number) {
		*s = (struct rules_listed){ .list = r->list.number, .member = m };
		index->used++;
	}
	return s;
}

/* Tell whether R's list has all that M, which comes from a group, is about. */
static bool is_repeated(struct rules_resolver *r, const struct rules_member *m,
                        const struct rules_listed *call)
{
	struct rules_listed *same;
	bool there;

	if (!r->list.in_group || call->whole || !m->item->patterns)
		return r->list.in_group && call->whole;
	same = listed(r, m, false);
	there = same->there && same->removed == call->removed;
	same->there = true;
	same->removed = call->removed;
	return there;
}

/* Add M to R's list, or remove its call from it. */
static void put_member(struct rules_resolver *r, const struct rules_member *m)
{
	struct rules_listed *call;

	arena_work(r->c.arena, 1);
	call = listed(r, m, true);
	if (r->list.removing) {
		r->list.met++;
		r->list.out += call->there;
		call->removed += call->there;
		call->there = call->whole = false;
		return;
	}
	if (is_repeated(r, m, call))
		return;
	call->there = true;
	call->whole |= !m->item->patterns;
	array_push(r->c.arena, &r->list.taken,
	           ((struct rules_taken){ m, call->removed }));
}

static void start_list(struct rules_resolver *r)
{
	r->list.number++;
	r->list.first = NULL;
	r->list.call.used = r->list.pattern.used = 0;
	r->list.taken.n = 0;
}

/* Tell whether the N members that R took are those of M. */
static bool is_all_of(const struct rules_resolver *r, uint32_t n,
                      const struct rules_members *m)
{
	if (n != m->n)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (r->list.taken.v[i].member != m->v[i])
			return false;
	return true;
}

/* Return the members of R's list that were not removed again. */
static struct rules_members end_list(struct rules_resolver *r)
{
	const struct rules_members *first = r->list.first;
	struct rules_members out = { 0 };
	uint32_t n = 0;

	array_each(it, &r->list.taken)
		if (listed(r, it->member, true)->removed == it->removed)
			r->list.taken.v[n++] = *it;
	if (first && is_all_of(r, n, first))
		return *first;
	out.v = arena_array(r->c.arena, const struct rules_member *, n);
	for (; out.n < n; out.n++)
		out.v[out.n] = r->list.taken.v[out.n].member;
	return out;
}

/* --- members of lists ----------------------------------------------------- */

/* Find the call that ITEM names, on ABI; false if there is none. */
static bool find_member(const struct sys_abi *abi,
                        const struct rules_item *item,
                        struct rules_member *out)
{
	*out = (struct rules_member){ .abi = abi, .item = item, .at = item->at };
	out->direct =
		sys_call_by_name(abi, item->name, item->len, &out->call);
	out->mux = rules_multiplex(abi, item->name, item->len);
	return out->direct || out->mux.there;
}

/* Return the name without a prefix that C code gives it: SYS_, __NR_, sys_. */
static const char *bare_name(const struct rules_item *item)
{
	static const char *const before[] = { "SYS_", "__NR_", "NR_", "sys_",
		                              "__x64_sys_" };

	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		size_t len = strlen(before[i]);

		if (item->len > len && !memcmp(item->name, before[i], len))
			return item->name + len;
	}
	return item->name;
}

/* Tell whether ITEM is a call elsewhere, but not on the ABIs that it is about. */
static bool foreign_call(struct rules_resolver *r, const struct rules_item *item,
                         const char *meant)
{
	struct rules_member m;

	for (unsigned i = 0; i < SYS_NABIS; i++) {
		if (!find_member(&sys_abis[i], item, &m))
			continue;
		if (r->in_group)
			return true;
		if (meant)
			rules_warn(&r->c, DIAG_W_OTHER_ABI, item->at,
			           "'%.*s' is a system call of %s, but of "
			           "none of the ABIs here; libc calls '%s' "
			           "instead",
			           (int)item->len, item->name,
			           sys_abis[i].name, meant);
		rules_warn(&r->c, DIAG_W_OTHER_ABI, item->at,
		           "'%.*s' is a system call of %s, but of none of the "
		           "ABIs here",
		           (int)item->len, item->name, sys_abis[i].name);
		return true;
	}
	return false;
}

/* Tell whether ITEM is a word that means every call elsewhere. */
static bool means_all(const struct rules_item *item)
{
	static const char *const words[] = { "all", "any", "every", "everything" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (item->len == strlen(words[i]) &&
		    !memcmp(item->name, words[i], item->len))
			return true;
	return false;
}

static void unknown_call(struct rules_resolver *r,
                         const struct rules_item *item, uint32_t abis)
{
	const char *bare = bare_name(item), *name;
	const char *meant = rules_hint(RULES_HINT_CALL, item->name, item->len);
	struct suggest s;

	if (foreign_call(r, item, meant))
		return;
	if (meant)
		rules_complain(&r->c, item->at,
		               "'%.*s' is not a system call; the kernel gets "
		               "'%s'",
		               (int)item->len, item->name, meant);
	if (sys_known_errno(item->name, item->len))
		rules_complain(&r->c, item->at,
		               "'%.*s' is an error, which goes after 'errno': "
		               "'errno %.*s ...'",
		               (int)item->len, item->name, (int)item->len,
		               item->name);
	if (means_all(item))
		rules_complain(&r->c, item->at,
		               "'%.*s' is not a system call; 'default' decides all "
		               "calls that no rule matches",
		               (int)item->len, item->name);
	suggest_start(&s, bare, item->len - (uint32_t)(bare - item->name));
	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (abis & 1u << i)
			for (uint32_t k = 0;
			     (name = sys_call_name(&sys_abis[i], k)); k++)
				suggest_offer(&s, name);
	rules_complain(&r->c, item->at, E_UNKNOWN "unknown system call '%.*s'%s",
	               (int)item->len, item->name, suggest_text(r->c.arena, &s));
}

static void put_copy(struct rules_resolver *r, const struct rules_member *m)
{
	put_member(r, arena_memdup(r->c.arena, m, sizeof *m));
}

static void collect_call(struct rules_resolver *r,
                         const struct rules_item *item, uint32_t abis)
{
	const struct sys_abi *missing = NULL;
	unsigned found = 0;
	struct rules_member m;

	/* In an `on` block for other ABIs than the policy's, names are still
	 * checked. */
	for (unsigned i = 0; i < SYS_NABIS; i++) {
		const struct sys_abi *abi = &sys_abis[i];

		if (!(abis & 1u << i) ||
		    (!(r->abis & 1u << i) && abis & r->abis))
			continue;
		if (!find_member(abi, item, &m)) {
			missing = abi;
			continue;
		}
		found++;
		if (r->abis & 1u << i)
			put_copy(r, &m);
	}
	if (!found)
		unknown_call(r, item, abis);
	else if (missing && !r->in_group)
		rules_warn(&r->c, DIAG_W_OTHER_ABI, item->at,
		           "'%.*s' is not a system call of %s; 'on ABI { }' "
		           "limits a rule to the ABIs that have it",
		           (int)item->len, item->name, missing->name);
}

/* Convert N of nr(N) to ABI's seccomp_data.nr; false after an error. */
static bool check_nr(struct rules_resolver *r, const struct rules_expr *e,
                     struct sys_number n, uint32_t *nr)
{
	const struct sys_abi *abi = r->c.abi;
	bool all_ones =
		n.negative ? n.bits == UINT64_MAX : n.bits == UINT32_MAX;

	*nr = (uint32_t)n.bits;
	if (!all_ones && (n.negative || n.bits > UINT32_MAX)) {
		rules_complain(&r->c, e->at,
		               "the number of a system call has 32 bits");
		return false;
	}
	if (abi->id == SYS_ABI_X86_64 && !all_ones &&
	    (*nr & sys_abis[SYS_ABI_X32].nr_bit ||
	     (r->tree->x32_above && *nr > INT32_MAX) ||
	     (!r->tree->x32_marked && *nr >= 512 && *nr <= 547))) {
		rules_complain(
			&r->c, e->at,
			"this number belongs to x32, not to x86_64");
		return false;
	}
	if (abi->nr_bit && all_ones) {
		rules_complain(&r->c, e->at,
		               "-1 is a number of x86_64, not of %s",
		               abi->name);
		return false;
	}
	*nr |= abi->nr_bit;
	return true;
}

static void collect_nr(struct rules_resolver *r,
                       const struct rules_item *item, uint32_t abis)
{
	for (unsigned i = 0; i < r->tree->nabi; i++) {
		struct rules_member m = { .abi = r->tree->abi[i],
			                  .item = item,
			                  .at = item->at,
			                  .direct = true };
		struct sys_number n;
		uint32_t nr;

		r->c.abi = m.abi;
		if (!(abis & 1u << m.abi->id) ||
		    !rules_value(&r->c, item->nr, &n) ||
		    !check_nr(r, item->nr, n, &nr))
			continue;
		if (!sys_call_by_nr(m.abi, nr, &m.call))
			m.call = (struct sys_call){
				.nr = nr,
				.name = arena_strndup(r->c.arena, item->name,
				                      item->at.end -
				                              item->at.start)
			};
		put_copy(r, &m);
	}
}

/* --- groups --------------------------------------------------------------- */

static struct rules_group **group_slot(struct rules_resolver *r,
                                       const char *name, uint32_t len)
{
	return &r->group[hash_bytes(name, len, 0) % ARRAY_LEN(r->group)];
}

static bool is_group(const struct rules_statement *s, const char *name,
                     uint32_t len)
{
	return s->kind == STATEMENT_GROUP && s->len == len &&
	       !memcmp(s->name, name, len);
}

/*
 * Tell whether a minus follows without spaces, as part of a name such as
 * "@system-service".
 */
static bool joined_by_minus(const struct rules_resolver *r,
                            const struct rules_item *item)
{
	const struct source *src = &r->c.diags->sources.v[item->at.source];

	return item->at.end + 1 < src->len && src->text[item->at.end] == '-' &&
	       src->text[item->at.end + 1] != ' ';
}

static void unknown_group(struct rules_resolver *r,
                          const struct rules_item *item)
{
	struct suggest s;

	if (r->c.incomplete)
		return;
	array_each(it, &r->syntax->statement)
		if (is_group(*it, item->name, item->len)) {
			rules_complain(
				&r->c, item->at,
				"group '@%.*s' is used before it is defined",
				(int)item->len, item->name);
			diag_note(r->c.diags, (*it)->name_at,
			          "it is defined here");
			return;
		}
	if (joined_by_minus(r, item))
		rules_complain(&r->c, item->at,
		               E_UNKNOWN "unknown group '@%.*s'; a '-' is not part of a "
		                         "name, it removes what follows",
		               (int)item->len, item->name);
	suggest_start(&s, item->name, item->len);
	for (size_t i = 0; i < ARRAY_LEN(r->group); i++)
		for (const struct rules_group *g = r->group[i]; g; g = g->next)
			suggest_offer(&s, arena_strndup(r->c.arena,
			                                g->statement->name,
			                                g->statement->len));
	if (suggest_best(&s))
		rules_complain(
			&r->c, item->at,
			E_UNKNOWN "unknown group '@%.*s'; did you mean '@%s'?",
			(int)item->len, item->name, suggest_best(&s));
	rules_complain(&r->c, item->at,
	               E_UNKNOWN "unknown group '@%.*s'; define it above with 'group "
	                         "@%.*s = ...', or include a policy that does",
	               (int)item->len, item->name, (int)item->len, item->name);
}

static void put_group(struct rules_resolver *r, const struct rules_group *g,
                      uint32_t abis)
{
	bool first = !r->list.taken.n && !r->list.removing;

	for (uint32_t i = 0; i < g->members.n; i++)
		if (abis & 1u << g->members.v[i]->abi->id)
			put_member(r, g->members.v[i]);
	if (first && r->list.taken.n == g->members.n)
		r->list.first = &g->members;
}

static void collect_group(struct rules_resolver *r,
                          const struct rules_item *item, uint32_t abis)
{
	const struct rules_group *g = *group_slot(r, item->name, item->len);
	bool found = false;

	r->list.in_group = true;
	for (; g; g = g->next) {
		if (!is_group(g->statement, item->name, item->len))
			continue;
		found = true;
		put_group(r, g, abis);
	}
	r->list.in_group = r->in_group;
	if (!found)
		unknown_group(r, item);
}

/* --- items ---------------------------------------------------------------- */

static void collect_one(struct rules_resolver *r,
                        const struct rules_item *item, uint32_t abis)
{
	switch (item->kind) {
	case ITEM_CALL:
		collect_call(r, item, abis);
		break;
	case ITEM_GROUP:
		collect_group(r, item, abis);
		break;
	case ITEM_NR:
		collect_nr(r, item, abis);
		break;
	}
}

static void remove_one(struct rules_resolver *r, const struct rules_item *item,
                       uint32_t abis)
{
	if (item->patterns) {
		rules_complain(&r->c, item->at,
		               "only whole calls can be removed from a list");
		return;
	}
	r->list.removing = true;
	r->list.met = r->list.out = 0;
	collect_one(r, item, abis);
	r->list.removing = false;
	if (r->list.met && !r->list.out)
		rules_warn(
			&r->c, DIAG_W_REMOVES_NOTHING, item->at,
			"this removes nothing: the list before it contains "
			"none of it");
}

void rules_collect(struct rules_resolver *r, const struct rules_statement *s,
                   struct rules_members *out)
{
	start_list(r);
	r->list.in_group = r->in_group;
	array_each(item, &s->item) {
		if (item->minus)
			remove_one(r, item, s->abis);
		else
			collect_one(r, item, s->abis);
	}
	*out = end_list(r);
}

void rules_resolve_group(struct rules_resolver *r,
                         const struct rules_statement *s)
{
	struct rules_group **slot = group_slot(r, s->name, s->len), *g;

	for (g = *slot; g; g = g->next)
		if (is_group(g->statement, s->name, s->len) &&
		    g->statement->abis & s->abis) {
			if (rules_same_place(r->c.diags, s->name_at,
			                     g->statement->name_at))
				return;
			rules_complain(&r->c, s->name_at,
			               E_DUPLICATE "duplicate group '@%.*s'",
			               (int)s->len, s->name);
			diag_note(r->c.diags, g->statement->name_at,
			          "the first definition is here");
			return;
		}
	g = arena_new(r->c.arena, struct rules_group);
	g->statement = s;
	r->in_group = true;
	if (!s->broken)
		rules_collect(r, s, &g->members);
	r->in_group = false;
	g->next = *slot;
	*slot = g;
}

/*
 * Tell whether A and B are the same definition: two includes may bring in a
 * third, which then defines it once.
 */
bool rules_same_place(const struct diags *d, struct span a, struct span b)
{
	const struct source *x = &d->sources.v[a.source];
	const struct source *y = &d->sources.v[b.source];

	return x != y && a.start == b.start && x->len == y->len &&
	       !strcmp(x->name, y->name) && !memcmp(x->text, y->text, x->len);
}
