/* Arena: chunks in a list, each about twice the one before, freed all at once. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum {
	FIRST_CHUNK = LIMIT(16384, 256),
	LARGEST_CHUNK = LIMIT(16 << 20, 1 << 16)
};

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

static size_t aligned(size_t size)
{
	size_t mask = _Alignof(max_align_t) - 1;

	return (size + mask) & ~mask;
}

static void out_of_memory(struct arena *a)
{
	longjmp(*a->oom, OUT_OF_MEMORY);
}

/* Charge A for SIZE bytes more; end the run if its budget does not allow that. */
static void charge(struct arena *a, size_t size)
{
	struct budget *b = a->budget;

	if (!b)
		return;
	if (size > b->most_memory || b->memory > b->most_memory - size)
		longjmp(*a->oom, OVER_MEMORY);
	b->memory += size;
	if (b->peak < b->memory)
		b->peak = b->memory;
}

static void free_chunk(struct arena *a, struct arena_chunk *c)
{
	if (a->budget)
		a->budget->memory -= sizeof *c + c->size;
	unpoison(c->bytes, c->size);
	free(c);
}

/* Take a spare chunk with room for NEED bytes; NULL if none has. */
static struct arena_chunk *take_spare(struct arena *a, size_t need)
{
	for (struct arena_chunk **c = &a->spare; *c; c = &(*c)->older) {
		struct arena_chunk *found = *c;

		if (found->size < need)
			continue;
		*c = found->older;
		return found;
	}
	return NULL;
}

static struct arena_chunk *new_chunk(struct arena *a, size_t size)
{
	struct arena_chunk *c;

	if (size > SIZE_MAX - sizeof *c)
		out_of_memory(a);
	charge(a, sizeof *c + size);
	c = malloc(sizeof *c + size);
	if (!c) {
		if (a->budget)
			a->budget->memory -= sizeof *c + size;
		out_of_memory(a);
	}
	c->size = size;
	return c;
}

static void add_chunk(struct arena *a, size_t need)
{
	size_t size = a->chunk ? a->chunk->size * 2 : FIRST_CHUNK;
	struct arena_chunk *c;

	if (size > LARGEST_CHUNK)
		size = LARGEST_CHUNK;
	if (size < need)
		size = need;
	c = take_spare(a, need);
	if (!c)
		c = new_chunk(a, size);

	c->older = a->chunk;
	a->chunk = c;
	a->at = c->bytes;
	a->end = c->bytes + c->size;
	poison(c->bytes, c->size);
}

void *arena_take_slowly(struct arena *a, size_t size)
{
	size_t need = aligned(size ? size : 1) + POISON_GAP;
	void *p;

	if (need < size)
		out_of_memory(a);
	if (need > (size_t)(a->end - a->at))
		add_chunk(a, need);
	p = a->at;
	unpoison(p, size);
	a->at += need;
	a->used += need - POISON_GAP;
	return p;
}

void *arena_grow(struct arena *a, void *p, size_t old, size_t new)
{
	size_t had = aligned(old), need = aligned(new);
	void *q;

	assert(old <= new && (p || !old));
	/* The newest allocation grows where it is, if there is room. */
	if (p && (char *)p + had + POISON_GAP == a->at && need >= new &&need - had <= (size_t)(a->end - a->at)) {
		unpoison(p, new);
		memset((char *)p + old, 0, new - old);
		a->at += need - had;
		a->used += need - had;
		return p;
	}

	q = arena_take(a, new);
	memset((char *)q + old, 0, new - old);
	return old ? memcpy(q, p, old) : q;
}

static void free_all(struct arena *a, struct arena_chunk *c)
{
	while (c) {
		struct arena_chunk *older = c->older;

		free_chunk(a, c);
		c = older;
	}
}

void arena_free(struct arena *a)
{
	free_all(a, a->chunk);
	free_all(a, a->spare);
	a->chunk = a->spare = NULL;
	a->at = a->end = NULL;
	a->used = 0;
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *kept = a->chunk;

	if (!kept)
		return;
	a->chunk = kept->older;
	arena_free(a);
	kept->older = NULL;
	a->chunk = kept;
	a->at = kept->bytes;
	a->end = kept->bytes + kept->size;
	poison(kept->bytes, kept->size);
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->chunk, a->at, a->used };
}

/*
 * Tell whether MARK, whose chunk is A's newest, was made before A's last
 * allocation.
 */
static bool is_behind(const struct arena *a, struct arena_mark mark)
{
	if (!a->chunk)
		return !mark.at && !mark.used;
	return mark.at >= a->chunk->bytes &&
	       mark.at <= a->chunk->bytes + a->chunk->size && mark.used <= a->used;
}

void arena_back(struct arena *a, struct arena_mark mark)
{
	bool newest = a->chunk == mark.chunk;

	while (a->chunk != mark.chunk) {
		struct arena_chunk *c = a->chunk;

		assert(c); /* else MARK is another arena's, or was taken back before */
		a->chunk = c->older;
		c->older = a->spare;
		a->spare = c;
	}
	assert(is_behind(a, mark) && (!newest || mark.at <= a->at));
	a->at = mark.at;
	a->end = a->chunk ? a->chunk->bytes + a->chunk->size : NULL;
	a->used = mark.used;
	if (a->chunk)
		poison(a->at, (size_t)(a->end - a->at));
}
