/* Diagrams rebuilt, each decision once: with other bits, or with other leaves. */
#include <assert.h>

#include "rules/lift.h"

enum {
	FIRST_SLOTS = 64
};

static struct lift_slot *find(const struct lift_map *m, uint32_t set)
{
	uint32_t i = hash_words(&set, 1, 0);

	while (m->slot[i & (m->slots - 1)].set && m->slot[i & (m->slots - 1)].set != set)
		i++;
	return &m->slot[i & (m->slots - 1)];
}

static void grow(struct lift_map *m)
{
	struct lift_map old = *m;

	m->slots = old.slots ? 2 * old.slots : FIRST_SLOTS;
	m->slot = arena_array(m->arena, struct lift_slot, m->slots);
	for (uint32_t i = 0; i < old.slots; i++)
		if (old.slot[i].set)
			*find(m, old.slot[i].set) = old.slot[i];
}

static void keep(struct lift_map *m, uint32_t set, uint32_t to)
{
	if (m->used >= m->slots / 2)
		grow(m);
	*find(m, set) = (struct lift_slot){ set, to };
	m->used++;
}

/* Recurse once for each bit, downwards. */
uint32_t lift_rebuild(struct lift_map *m, uint32_t set)
{
	struct diagram_decision at;
	struct diagrams *d = m->to ? m->to : m->d;
	uint32_t clear, to = DIAGRAM_NONE;
	unsigned bit;

	if (!diagram_decision(m->d, set, &at))
		return m->leaf(m->ctx, set);
	if (m->slots && find(m, set)->set)
		return find(m, set)->to;
	if (diagrams_lost(d))
		return DIAGRAM_NONE;
	bit = at.bit;
	switch (m->way(m->ctx, &bit)) {
	case LIFT_LEAF:
		to = m->leaf(m->ctx, set);
		break;
	case LIFT_CLEAR:
		to = lift_rebuild(m, at.clear);
		break;
	case LIFT_KEEP:
		clear = lift_rebuild(m, at.clear);
		to = lift_rebuild(m, at.set);
		to = diagram_ite(d, diagram_bit(d, bit), to, clear);
		break;
	}
	keep(m, set, to);
	return to;
}
