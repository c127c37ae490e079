/*
 * Open sets of programs in the kernel. A set is an array of maps with one entry, the list
 * that is in force; what changes a list as a whole puts another one there. The name of the
 * array, NAME.KIND, is all that it takes to find a set again.
 */
#include "config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "kernel/kernel.h"
#include "net/net.h"

_Static_assert(WEIR_SET_VLAN + 1 == NET_SET_KINDS, "one set for each kind");

static const uint32_t FIRST = 0;

static bool is_table(enum weir_set_kind kind)
{
	return weir_set_table_size(kind, 1) != 0;
}

/* --- making lists --------------------------------------------------------------------- */

/* Say that there are more items than S has room for. */
static int full(const struct net_set *s, struct net_error *e)
{
	return net_fail(e, -ENOSPC, "the set '%s' (%s) is full: it has room for %u items; "
	                            "--capacity says how many when it is attached",
	                s->name, weir_set_kind_name(s->kind), s->capacity);
}

/* Create an empty list for S; a descriptor or -errno. */
static int new_list(const struct net_set *s, struct net_error *e)
{
	bool table = is_table(s->kind);
	struct kernel_map map = {
		.type = table ? BPF_MAP_TYPE_ARRAY : BPF_MAP_TYPE_HASH,
		.name = "weir_list",
		.key_size = table ? 4 : (uint32_t)weir_item_size(s->kind),
		.value_size = table ? (uint32_t)weir_set_table_size(s->kind, s->capacity) : 8,
		.entries = table ? 1 : s->capacity,
	};
	int fd = kernel_map_create(&map);

	if (fd == -EPERM)
		return net_fail(e, fd, "sets need CAP_BPF: run it as root");
	return fd >= 0 ? fd : net_fail(e, fd, "creating a list of %u items: %s", s->capacity, strerror(-fd));
}

/* Write the table of the N networks at ITEMS into LIST. */
static int fill_table(const struct net_set *s, int list, const void *items, size_t n,
                      struct net_error *e)
{
	void *table = malloc(weir_set_table_size(s->kind, s->capacity));
	int err = table ? weir_set_table(s->kind, items, n, s->capacity, table) : -ENOMEM;

	if (!err)
		err = kernel_map_set(list, &FIRST, table, BPF_ANY);
	free(table);
	if (err == -ENOSPC)
		return full(s, e);
	return err ? net_fail(e, err, "writing a table: %s", strerror(-err)) : 0;
}

static int fill_hash(const struct net_set *s, int list, const void *items, size_t n,
                     struct net_error *e)
{
	void *zeros = calloc(n + 1, 8);
	int err = zeros ? kernel_map_fill(list, items, zeros, (uint32_t)n) : -ENOMEM;

	free(zeros);
	if (err == -E2BIG)
		return full(s, e);
	return err ? net_fail(e, err, "filling a list: %s", strerror(-err)) : 0;
}

static int fill(const struct net_set *s, int list, const void *items, size_t n,
                struct net_error *e)
{
	return is_table(s->kind) ? fill_table(s, list, items, n, e)
	                         : fill_hash(s, list, items, n, e);
}

/* Create a list with the N items at ITEMS; a descriptor or -errno. */
static int filled_list(const struct net_set *s, const void *items, size_t n, struct net_error *e)
{
	int list = new_list(s, e), err;

	if (list < 0)
		return list;
	err = fill(s, list, items, n, e);
	if (!err)
		return list;
	close(list);
	return err;
}

static const void *items_for(const struct net_set *s, const struct weir_items *items, size_t *n)
{
	*n = 0;
	return items ? weir_items_of(items, s->kind, n) : NULL;
}

int net_set_new(const struct weir_set *set, const struct weir_items *items, struct net_set *out,
                struct net_error *e)
{
	char name[BPF_OBJ_NAME_LEN];
	struct kernel_map map = {
		.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
		.name = name,
		.key_size = 4,
		.value_size = 4,
		.entries = 1,
	};
	const void *of;
	size_t n;
	int err;

	*out = (struct net_set){ .kind = set->kind, .capacity = set->capacity, .now = -1 };
	snprintf(out->name, sizeof out->name, "%s", set->name);
	of = items_for(out, items, &n);
	out->list = filled_list(out, of, n, e);
	if (out->list < 0)
		return out->list;
	snprintf(name, sizeof name, "%s.%s", out->name, weir_set_kind_name(out->kind));
	map.inner = out->list;
	out->now = kernel_map_create(&map);
	err = out->now < 0 ? out->now : kernel_map_set(out->now, &FIRST, &out->list, BPF_ANY);
	if (!err)
		return 0;
	net_set_close(out);
	return net_fail(e, err, "creating the set '%s': %s", set->name, strerror(-err));
}

void net_set_close(struct net_set *s)
{
	if (s->now >= 0)
		close(s->now);
	if (s->list >= 0)
		close(s->list);
	s->now = s->list = -1;
}

/* --- finding sets ------------------------------------------------------------------------- */

/* Split "bad.ip4", as weir has it, or "bad_ip4", as objects do; false if it is neither. */
static bool read_name(const char *text, struct net_set *s)
{
	const char *end = strrchr(text, '.') ? strrchr(text, '.') : strrchr(text, '_');
	size_t len = end ? (size_t)(end - text) : 0;
	const char *kind;

	if (!len || len >= sizeof s->name)
		return false;
	memcpy(s->name, text, len);
	s->name[len] = '\0';
	for (s->kind = 0; (kind = weir_set_kind_name(s->kind)); s->kind++)
		if (strcmp(kind, end + 1) == 0)
			return true;
	return false;
}

/* Return how many networks a table of SIZE bytes has room for. */
static uint32_t capacity_of_table(enum weir_set_kind kind, uint32_t size)
{
	uint32_t low = 0, high = size; /* sizes grow with the capacity */

	while (low < high) {
		uint32_t middle = low + (high - low + 1) / 2;
		size_t is = weir_set_table_size(kind, middle);

		if (is && is <= size)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* Open the list that is in force in S->now; 0 or -errno. */
static int open_list(struct net_set *s)
{
	struct kernel_map_state list;
	uint32_t id;
	int err = kernel_map_get(s->now, &FIRST, &id);

	if (err)
		return err;
	s->list = kernel_map_open(id);
	if (s->list < 0)
		return s->list;
	err = kernel_map_describe(s->list, &list);
	s->capacity = is_table(s->kind) ? capacity_of_table(s->kind, list.value_size)
	                                : list.entries;
	return err;
}

/* Tell whether MAP is a set of weir's, and put what it is called into OUT. */
static bool is_set(int map, struct net_set *out)
{
	struct kernel_map_state state;

	return !kernel_map_describe(map, &state) && state.type == BPF_MAP_TYPE_ARRAY_OF_MAPS &&
	       read_name(state.name, out);
}

/* Open what MAP is, which OUT gets; 0 or -errno. */
static int take(int map, struct net_set *out, struct net_error *e)
{
	int err;

	out->now = map;
	err = open_list(out);
	return err ? net_fail(e, err, "the set '%s': %s", out->name, strerror(-err)) : 0;
}

int net_sets_open(uint32_t id, const char *name, struct net_set *out, struct net_error *e)
{
	int program = kernel_program_open(id), map, n = 0, err = 0;

	if (program < 0)
		return net_fail(e, program, "the program: %s", strerror(-program));
	for (unsigned i = 0; !err && n < NET_SET_KINDS; i++) {
		struct net_set s = { .now = -1, .list = -1 };

		map = kernel_program_nth_map(program, i);
		if (map < 0)
			break;
		if (!is_set(map, &s) || strcmp(s.name, name) != 0) {
			close(map);
			continue;
		}
		err = take(map, &s, e);
		out[n++] = s;
	}
	close(program);
	while (err && n > 0)
		net_set_close(&out[--n]);
	return err ? err : n;
}

int net_set_open_pin(const char *path, struct net_set *out, struct net_error *e)
{
	int fd = kernel_pin_open(path);

	*out = (struct net_set){ .now = -1, .list = -1 };
	if (fd < 0)
		return net_fail(e, fd, "%s: %s", path, strerror(-fd));
	if (is_set(fd, out)) {
		int err = take(fd, out, e);

		if (err)
			net_set_close(out);
		return err;
	}
	close(fd);
	return net_fail(e, -EINVAL, "%s: expected an array of maps whose name is NAME_KIND, as "
	                            "-f elf makes it",
	                path);
}

/* --- changing ------------------------------------------------------------------------------- */

/* Let LIST, which S gets, be in force. */
static int put(struct net_set *s, int list, struct net_error *e)
{
	int err = kernel_map_set(s->now, &FIRST, &list, BPF_ANY);

	if (err) {
		close(list);
		return net_fail(e, err, "replacing the list of '%s': %s", s->name, strerror(-err));
	}
	close(s->list);
	s->list = list;
	return 0;
}

static int replace(struct net_set *s, const void *items, size_t n, struct net_error *e)
{
	int list = filled_list(s, items, n, e);

	return list < 0 ? list : put(s, list, e);
}

int net_set_replace(struct net_set *s, const struct weir_items *items, struct net_error *e)
{
	size_t n;
	const void *of = items_for(s, items, &n);

	return replace(s, of, n, e);
}

/* Read S's table into *TABLE (free it); return its *N networks, or NULL with E. */
static const char *read_table(const struct net_set *s, void **table, size_t *n,
                              struct net_error *e)
{
	int err;

	*table = malloc(weir_set_table_size(s->kind, s->capacity));
	err = *table ? kernel_map_get(s->list, &FIRST, *table) : -ENOMEM;
	if (!err)
		return weir_set_table_items(s->kind, s->capacity, *table, n);
	free(*table);
	*table = NULL;
	net_fail(e, err, "reading the table of '%s': %s", s->name, strerror(-err));
	return NULL;
}

/* Return the place of ITEM among the N at V, or N. */
static size_t find(const char *v, size_t n, size_t size, const char *item)
{
	size_t i = 0;

	while (i < n && memcmp(v + i * size, item, size) != 0)
		i++;
	return i;
}

/* Add the N items at ITEMS to a table, or remove them: write it anew. */
static int change_table(struct net_set *s, const char *items, size_t n, bool adds,
                        size_t *missed, struct net_error *e)
{
	size_t size = weir_item_size(s->kind), count;
	const char *old;
	void *table;
	char *v;
	int err;

	old = read_table(s, &table, &count, e);
	if (!old)
		return -EIO;
	v = malloc((count + n + 1) * size);
	if (v)
		memcpy(v, old, count * size);
	free(table);
	if (!v)
		return net_fail(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		size_t at = find(v, count, size, items + i * size);

		if (adds && at == count)
			memcpy(v + count++ * size, items + i * size, size);
		else if (!adds && at < count)
			memmove(v + at * size, v + (--count) * size, size);
		else if (!adds)
			++*missed;
	}
	err = replace(s, v, count, e);
	free(v);
	return err;
}

int net_set_add(struct net_set *s, const struct weir_items *items, struct net_error *e)
{
	const uint64_t zero = 0;
	size_t n, size = weir_item_size(s->kind);
	const char *of = items_for(s, items, &n);
	int err = 0;

	if (n && is_table(s->kind))
		return change_table(s, of, n, true, NULL, e);
	for (size_t i = 0; !err && i < n; i++) {
		err = kernel_map_set(s->list, of + i * size, &zero, BPF_NOEXIST);
		if (err == -EEXIST) /* it stays, with its count */
			err = 0;
	}
	if (err == -E2BIG)
		return full(s, e);
	return err ? net_fail(e, err, "adding to '%s': %s", s->name, strerror(-err)) : 0;
}

int net_set_remove(struct net_set *s, const struct weir_items *items, size_t *missed,
                   struct net_error *e)
{
	size_t n, size = weir_item_size(s->kind);
	const char *of = items_for(s, items, &n);

	*missed = 0;
	if (n && is_table(s->kind))
		return change_table(s, of, n, false, missed, e);
	for (size_t i = 0; i < n; i++) {
		int err = kernel_map_delete(s->list, of + i * size);

		if (err && err != -ENOENT)
			return net_fail(e, err, "removing from '%s': %s", s->name, strerror(-err));
		*missed += err != 0;
	}
	return 0;
}

/* --- asking --------------------------------------------------------------------------------- */

static void address_text(char text[NET_ITEM_TEXT], const char *item, bool six, const uint32_t *prefix)
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(six ? AF_INET6 : AF_INET, item, address, sizeof address);
	if (prefix)
		snprintf(text, NET_ITEM_TEXT, "%s/%u", address, *prefix);
	else
		snprintf(text, NET_ITEM_TEXT, "%s", address);
}

static void mac_text(char text[NET_ITEM_TEXT], const char *item)
{
	uint8_t b[6];

	memcpy(b, item, sizeof b);
	snprintf(text, NET_ITEM_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
	         b[5]);
}

static void item_text(enum weir_set_kind kind, const char *item, char text[NET_ITEM_TEXT])
{
	uint32_t prefix;
	uint16_t number;

	switch (kind) {
	case WEIR_SET_IP4:
	case WEIR_SET_IP6:
		address_text(text, item, kind == WEIR_SET_IP6, NULL);
		return;
	case WEIR_SET_NET4:
	case WEIR_SET_NET6:
		memcpy(&prefix, item, sizeof prefix);
		address_text(text, item + sizeof prefix, kind == WEIR_SET_NET6, &prefix);
		return;
	case WEIR_SET_MAC:
		mac_text(text, item);
		return;
	case WEIR_SET_PORT:
	case WEIR_SET_VLAN:
		memcpy(&number, item, sizeof number);
		snprintf(text, NET_ITEM_TEXT, "%u", kind == WEIR_SET_PORT ? ntohs(number) : number);
		return;
	}
}

static int each_of_table(const struct net_set *s, net_item_fn *each, void *ctx, size_t *n,
                         struct net_error *e)
{
	void *table;
	const char *items = read_table(s, &table, n, e);
	char text[NET_ITEM_TEXT];

	if (!items)
		return -EIO;
	for (size_t i = 0; each && i < *n; i++) {
		item_text(s->kind, items + i * weir_item_size(s->kind), text);
		each(ctx, text, 0);
	}
	free(table);
	return 0;
}

int net_set_each(const struct net_set *s, net_item_fn *each, void *ctx, size_t *n,
                 struct net_error *e)
{
	char key[16], next[16], text[NET_ITEM_TEXT];
	bool first = true;
	int err;

	*n = 0;
	if (is_table(s->kind))
		return each_of_table(s, each, ctx, n, e);
	while ((err = kernel_map_next(s->list, first ? NULL : key, next)) == 0) {
		uint64_t met = 0;

		first = false;
		memcpy(key, next, sizeof key);
		++*n;
		if (!each || kernel_map_get(s->list, key, &met))
			continue;
		item_text(s->kind, key, text);
		each(ctx, text, met);
	}
	return err == -ENOENT ? 0 : net_fail(e, err, "reading '%s': %s", s->name, strerror(-err));
}

/* --- one at a time ------------------------------------------------------------------------------ */

int net_sets_lock(struct net_error *e)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int fd = open("/sys/fs/bpf", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return net_fail(e, -EPERM, "changing sets needs CAP_SYS_ADMIN: run it as root");
	if (fd < 0)
		return net_fail(e, -errno, "/sys/fs/bpf: %s", strerror(errno));
	for (int i = 0; i < 500; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		nanosleep(&pause, NULL);
	}
	close(fd);
	return net_fail(e, -EBUSY, "somebody else has been changing sets for 5 seconds: "
	                           "/sys/fs/bpf is locked");
}

void net_sets_unlock(int lock)
{
	close(lock);
}
