/* What lists hold, and which two can be one: formula.c joins them as it makes them. */
#include <string.h>

#include "packet/primitive.h"

/* Reserve room for N more members. */
void list_reserve(struct packet *p, struct items *to, uint32_t n)
{
	uint32_t cap = to->cap ? to->cap : 8;
	struct item *v;

	if (n > UINT32_MAX / 4 - to->n)
		longjmp(*p->arena->oom, OUT_OF_MEMORY);
	if (to->n + n <= to->cap)
		return;
	while (cap < to->n + n)
		cap *= 2;
	v = arena_alloc_n(p->arena, cap, sizeof *v);
	if (to->n)
		memcpy(v, to->v, to->n * sizeof *v);
	to->v = v;
	to->cap = cap;
}

static void append(struct packet *p, struct items *to, const struct items *from)
{
	if (!from->n)
		return;
	list_reserve(p, to, from->n);
	memcpy(to->v + to->n, from->v, from->n * sizeof *to->v);
	to->n += from->n;
}

/* Compare directions; none means either. */
static bool same_dir(enum dir a, enum dir b)
{
	return (a == DIR_DEFAULT ? DIR_OR : a) == (b == DIR_DEFAULT ? DIR_OR : b);
}

bool list_alike(const struct list *a, const struct list *b)
{
	return a->kind == b->kind && a->q.proto == b->q.proto &&
	       same_dir(a->q.dir, b->q.dir) && a->ipproto == b->ipproto &&
	       a->at->epoch == b->at->epoch;
}

/*
 * Tell whether joining B to A keeps the order of tests. Where IPv4 and IPv6
 * look alike, a packet is tested for addresses of both in turn, so one list
 * must test as two would.
 */
static bool keeps_order(const struct list *a, const struct list *b)
{
	const struct items *first = a->v6_first ? &b->v6 : &b->v4;
	const struct items *second = a->v6_first ? &a->v4 : &a->v6;

	if (!a->untold)
		return true;
	if (b->v4.n && b->v6.n)
		return !second->n && a->v6_first == b->v6_first;
	return !second->n || !first->n;
}

bool list_join(struct packet *p, struct list *a, struct list *b)
{
	if (!list_alike(a, b) || !keeps_order(a, b))
		return false;
	append(p, &a->v4, &b->v4);
	append(p, &a->v6, &b->v6);
	if (a->span.source == b->span.source)
		a->span = span_join(a->span, b->span);
	p->spare_list = memset(b, 0, sizeof *b);
	return true;
}
