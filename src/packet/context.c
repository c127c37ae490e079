/* What all primitives share: messages, and the id of a node. */
#include <assert.h>

#include "packet/formula.h"

void packet_fail(struct packet *p, struct span at, const char *fmt, ...)
{
	struct buf text = { .arena = p->arena };
	va_list ap;

	if (p->failed)
		return;
	p->failed = true;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	diag_error(p->diags, at, "%s", buf_str(&text));
}

void packet_note(struct packet *p, enum note kind, const char *fmt, ...)
{
	struct buf text = { .arena = p->arena };
	va_list ap;

	if (!p->o->verbose || p->failed || p->noted & 1u << kind)
		return;
	p->noted |= 1u << kind;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	diag_note(p->diags, p->span, "%s", buf_str(&text));
}

bool packet_at_most(struct packet *p, struct span at, const char *what, uint32_t value,
                    uint32_t max)
{
	if (value > max)
		packet_fail(p, at, E_RANGE "%s %u is too large; the largest is %u", what, value,
		            max);
	return value <= max;
}

const struct formula *packet_not_here(struct packet *p, const char *what)
{
	packet_fail(p, p->span, E_INEXPRESSIBLE "packets of %s (%s) have no %s", p->at.link->name,
	            p->at.link->text, what);
	return p->no;
}

const struct id *packet_id_of(const struct packet *p, const struct tree_node *t)
{
	assert(t->id < p->tree->ids.n);
	return &p->tree->ids.v[t->id];
}
