/* The public library, open sets: what they hold, and the items that are put into them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "ebpf/ebpf.h"
#include "packet/packet.h"

enum {
	KINDS = WEIR_SET_VLAN + 1,
};

/* What is said of a kind of sets. */
static const struct {
	const char *name;
	uint32_t item; /* bytes */
} kinds[KINDS] = {
	[WEIR_SET_IP4] = { "ip4", 4 },
	[WEIR_SET_IP6] = { "ip6", 16 },
	[WEIR_SET_NET4] = { "net4", 8 },
	[WEIR_SET_NET6] = { "net6", 20 },
	[WEIR_SET_PORT] = { "port", 2 },
	[WEIR_SET_MAC] = { "mac", 6 },
	[WEIR_SET_VLAN] = { "vlan", 2 },
};

static bool is_kind(enum weir_set_kind kind)
{
	return (unsigned)kind < KINDS;
}

static bool is_table(enum weir_set_kind kind)
{
	return is_kind(kind) && ebpf_set_is_table((enum ebpf_set_kind)kind);
}

const char *weir_set_kind_name(enum weir_set_kind kind)
{
	return is_kind(kind) ? kinds[kind].name : NULL;
}

size_t weir_item_size(enum weir_set_kind kind)
{
	return is_kind(kind) ? kinds[kind].item : 0;
}

int api_give_set(const struct api_set *s, struct weir_set *out)
{
	bool table = is_table(s->kind);
	struct weir_set one = {
		.size = sizeof one,
		.name = s->name,
		.kind = s->kind,
		.capacity = s->capacity,
		.key_size = table ? 4 : kinds[s->kind].item,
		.value_size = table ? (uint32_t)weir_set_table_size(s->kind, s->capacity) : 8,
		.entries = table ? 1 : s->capacity,
	};

	return api_hand(out, &one, sizeof one);
}

/* --- items -------------------------------------------------------------------------- */

struct weir_items {
	struct {
		char *bytes;
		size_t n, cap;
	} of[KINDS];
};

void weir_items_free(struct weir_items *i)
{
	for (unsigned k = 0; i && k < KINDS; k++)
		free(i->of[k].bytes);
	free(i);
}

/* Return room for one more item of KIND; NULL: there is no memory. */
static char *room(struct weir_items *i, enum weir_set_kind kind)
{
	size_t size = kinds[kind].item, cap = i->of[kind].cap;
	char *bytes = i->of[kind].bytes;

	if (i->of[kind].n == cap) {
		cap = cap ? 2 * cap : 64;
		bytes = realloc(bytes, cap * size);
		if (!bytes)
			return NULL;
		i->of[kind].bytes = bytes;
		i->of[kind].cap = cap;
	}
	return bytes + i->of[kind].n++ * size;
}

/* Add a number, as KIND has it; false: there is no memory. */
static bool add_number(struct weir_items *i, enum weir_set_kind kind, uint16_t number)
{
	uint8_t network[2] = { (uint8_t)(number >> 8), (uint8_t)number };
	char *at = room(i, kind);

	if (at)
		memcpy(at, kind == WEIR_SET_PORT ? (void *)network : &number, 2);
	return at;
}

static bool add(struct weir_items *i, const struct packet_item *item)
{
	enum weir_set_kind kind = (enum weir_set_kind)item->kind;
	uint32_t prefix = item->prefix;
	size_t head = is_table(kind) ? sizeof prefix : 0;
	bool ok = true;
	char *at;

	if (kind == WEIR_SET_PORT || kind == WEIR_SET_VLAN) {
		for (uint32_t n = item->first; ok && n <= item->last; n++)
			ok = add_number(i, kind, (uint16_t)n);
		return ok;
	}
	at = room(i, kind);
	if (!at)
		return false;
	memcpy(at, &prefix, head);
	memcpy(at + head, item->bytes, kinds[kind].item - head);
	return true;
}

struct reading {
	struct job job; /* first */
	struct api_noun noun;
	unsigned kinds;
	struct weir_items *out;
};

static int read_items(struct job *j)
{
	struct reading *r = (struct reading *)j;
	const char *name = r->noun.read.name ? r->noun.read.name : "items";
	struct packet_items items = { 0 };
	uint32_t source;

	source = diag_source(&j->diags, api_copy_text(&j->arena, name),
	                     arena_strndup(&j->arena, j->text, j->len), j->len);
	arena_doing(&j->arena, "reading items", NULL);
	if (!packet_read_items(&j->arena, &j->diags, source, r->kinds, &items))
		return -EINVAL;
	array_each(it, &items.v)
		if (!add(r->out, it))
			return -ENOMEM;
	return 0;
}

int weir_items_read(struct weir_items **out, const char *text, size_t len, unsigned kinds_bits,
                    const struct weir_read_options *o)
{
	struct reading r = {
		.job = { .text = text, .len = len, .body = read_items },
		.kinds = kinds_bits,
	};
	int err = api_take(&r.noun.read, sizeof r.noun.read, o);

	*out = NULL;
	if (err)
		return err;
	r.out = calloc(1, sizeof *r.out);
	if (!r.out)
		return -ENOMEM;
	r.job.given = len;
	api_listen(&r.job, r.noun.read.diag, r.noun.read.diag_ctx, false);
	err = api_run(&r.job);
	if (err)
		weir_items_free(r.out);
	else
		*out = r.out;
	return err;
}

const void *weir_items_of(const struct weir_items *i, enum weir_set_kind kind, size_t *n)
{
	*n = is_kind(kind) ? i->of[kind].n : 0;
	return *n ? i->of[kind].bytes : NULL;
}

/* --- tables ---------------------------------------------------------------------------- */

size_t weir_set_table_size(enum weir_set_kind kind, uint32_t capacity)
{
	return is_table(kind) && capacity <= EBPF_SET_MOST
	               ? ebpf_table_size((enum ebpf_set_kind)kind, capacity)
	               : 0;
}

struct tabling {
	struct job job; /* first */
	enum ebpf_set_kind kind;
	const void *items;
	uint32_t n, capacity;
	void *table;
};

static int put_table(struct job *j)
{
	struct tabling *t = (struct tabling *)j;

	ebpf_put_table(&j->arena, t->kind, t->items, t->n, t->capacity, t->table);
	return 0;
}

int weir_set_table(enum weir_set_kind kind, const void *items, size_t n, uint32_t capacity,
                   void *table)
{
	struct tabling t = {
		.job = { .body = put_table },
		.kind = (enum ebpf_set_kind)kind,
		.items = items,
		.n = (uint32_t)n,
		.capacity = capacity,
		.table = table,
	};

	if (!weir_set_table_size(kind, capacity))
		return -EINVAL;
	return n > capacity ? -ENOSPC : api_run(&t.job);
}

const void *weir_set_table_items(enum weir_set_kind kind, uint32_t capacity, const void *table,
                                 size_t *n)
{
	const void *items;
	uint32_t count;

	*n = 0;
	if (!weir_set_table_size(kind, capacity))
		return NULL;
	items = ebpf_table_items((enum ebpf_set_kind)kind, capacity, table, &count);
	*n = count <= capacity ? count : 0;
	return items;
}
