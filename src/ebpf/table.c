/*
 * Tables of networks, as the search in sets.c wants them: the boundaries of intervals
 * as an implicit tree, and after them the networks as they were given.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ebpf/ebpf.h"
#include "ir/ir.h"

/* A boundary: the last address before the inside, or the outside, begins. */
struct boundary {
	uint32_t word[IR_WORDS]; /* IPv4: the last; all in the order of the address */
};

/* A network's first and last address. */
struct interval {
	struct boundary first, last;
};

static int compare(const struct boundary *a, const struct boundary *b)
{
	for (unsigned i = 0; i < IR_WORDS; i++)
		if (a->word[i] != b->word[i])
			return a->word[i] < b->word[i] ? -1 : 1;
	return 0;
}

/* --- networks ---------------------------------------------------------------------- */

/* Compare two networks of IPv4, and of IPv6: by address, then by prefix. */
static int compare_items(const void *a, const void *b, size_t address)
{
	const char *x = a, *y = b;
	int order = memcmp(x + 4, y + 4, address);
	uint32_t m, n;

	memcpy(&m, x, 4);
	memcpy(&n, y, 4);
	return order ? order : (m > n) - (m < n);
}

static int by_address4(const void *a, const void *b)
{
	return compare_items(a, b, 4);
}

static int by_address6(const void *a, const void *b)
{
	return compare_items(a, b, 16);
}

static unsigned words_of(enum ebpf_set_kind kind)
{
	return kind == EBPF_SET_NET6 ? IR_WORDS : 1;
}

size_t ebpf_net_size(enum ebpf_set_kind kind)
{
	return 4 + 4 * words_of(kind);
}

/* Return the network at ITEM: its prefix in a word of this machine, then its address. */
static struct interval interval_of(enum ebpf_set_kind kind, const uint8_t *item)
{
	unsigned words = words_of(kind);
	struct interval out = { 0 };
	uint32_t prefix;

	memcpy(&prefix, item, 4);
	for (unsigned i = 0; i < words; i++) {
		const uint8_t *b = item + 4 + 4 * i;
		uint32_t bits = prefix <= 32 * i ? 0 : min_u32(prefix - 32 * i, 32);
		uint32_t rest = bits == 32 ? 0 : UINT32_MAX >> bits;
		uint32_t word = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
		unsigned at = IR_WORDS - words + i;

		out.first.word[at] = word & ~rest;
		out.last.word[at] = word | rest;
	}
	return out;
}

/* Make one of what overlaps or touches in the N sorted intervals; return how many are left. */
static size_t merge(struct interval *v, size_t n)
{
	size_t last = 0;

	for (size_t i = 1; i < n; i++) {
		struct boundary before = v[i].first;

		for (unsigned w = IR_WORDS; w-- > 0 && !before.word[w]--;)
			;
		if (compare(&v[i].first, &v[last].last) > 0 && compare(&before, &v[last].last) > 0)
			v[++last] = v[i];
		else if (compare(&v[i].last, &v[last].last) > 0)
			v[last].last = v[i].last;
	}
	return n ? last + 1 : 0;
}

/* --- the tree ------------------------------------------------------------------------- */

/* A table being filled, in the order of the boundaries. */
struct filling {
	uint32_t *entries;
	unsigned words, steps;
	const struct boundary *v;
	size_t n, next;
};

/* Fill the entries at INDEX and below it, the smaller ones first. */
static void fill(struct filling *f, uint32_t index, unsigned step)
{
	uint32_t *entry = f->entries + (size_t)index * f->words;

	if (step == f->steps)
		return;
	fill(f, 2 * index, step + 1);
	for (unsigned w = 0; w < f->words; w++)
		entry[w] = f->next < f->n ? f->v[f->next].word[IR_WORDS - f->words + w] : UINT32_MAX;
	f->next++;
	fill(f, 2 * index + 1, step + 1);
}

/* Put the boundaries of the N intervals into OUT; *INSIDE: the first one begins at 0. */
static size_t boundaries(const struct interval *v, size_t n, struct boundary *out, bool *inside)
{
	const struct boundary zero = { { 0 } };
	size_t count = 0;

	*inside = n && !compare(&v[0].first, &zero);
	for (size_t i = 0; i < n; i++) {
		if (i || !*inside) {
			out[count] = v[i].first;
			for (unsigned w = IR_WORDS; w-- > 0 && !out[count].word[w]--;)
				;
			count++;
		}
		out[count++] = v[i].last;
	}
	return count;
}

static size_t tree_size(enum ebpf_set_kind kind, uint32_t capacity)
{
	return ((size_t)4 << ebpf_set_steps(capacity)) * words_of(kind);
}

size_t ebpf_table_size(enum ebpf_set_kind kind, uint32_t capacity)
{
	return (tree_size(kind, capacity) + 4 + capacity * ebpf_net_size(kind) + 7) & ~(size_t)7;
}

/* Sort the N networks at ITEMS and remove those that are there twice; return how many are left. */
static uint32_t sort_items(enum ebpf_set_kind kind, char *items, uint32_t n)
{
	int (*by)(const void *, const void *) = kind == EBPF_SET_NET6 ? by_address6 : by_address4;
	size_t size = ebpf_net_size(kind);
	uint32_t left = 0;

	if (n)
		qsort(items, n, size, by);
	for (uint32_t i = 0; i < n; i++)
		if (!left || by(items + (left - 1) * size, items + i * size))
			memmove(items + left++ * size, items + i * size, size);
	return left;
}

void ebpf_put_table(struct arena *tmp, enum ebpf_set_kind kind, const void *items, uint32_t n,
                    uint32_t capacity, void *table)
{
	size_t size = ebpf_net_size(kind), tree = tree_size(kind, capacity), left;
	char *own = (char *)table + tree + 4;
	struct interval *v = arena_array(tmp, struct interval, n + 1);
	struct boundary *b = arena_array(tmp, struct boundary, 2 * (size_t)n + 1);
	struct filling f = {
		.entries = table,
		.words = words_of(kind),
		.steps = ebpf_set_steps(capacity),
		.v = b,
	};
	bool inside;

	assert(n <= capacity);
	memset(table, 0, ebpf_table_size(kind, capacity));
	if (n)
		memcpy(own, items, n * size);
	n = sort_items(kind, own, n);
	for (uint32_t i = 0; i < n; i++)
		v[i] = interval_of(kind, (const uint8_t *)own + i * size);
	left = merge(v, n);
	f.n = boundaries(v, left, b, &inside);
	fill(&f, 1, 0);
	f.entries[0] = inside;
	memcpy((char *)table + tree, &n, 4);
}

const void *ebpf_table_items(enum ebpf_set_kind kind, uint32_t capacity, const void *table,
                             uint32_t *n)
{
	const char *at = (const char *)table + tree_size(kind, capacity);

	memcpy(n, at, 4);
	return at + 4;
}
