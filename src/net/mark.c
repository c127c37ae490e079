/*
 * What is known of an attached filter: a map of one entry, in which its program counts;
 * it is also found by this map. The program's types keep the expression.
 */
#include "config.h"

#include "net/hook.h"

#include <errno.h>
#include <linux/btf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/kernel.h"

#define MAP_NAME "weir_hook"

/* The value in the map. */
struct mark {
	uint64_t seen, matched;
	uint64_t space; /* the network namespace, by its inode */
	uint32_t place;
	uint8_t drops, own_clsact, unused[2];
	char target[NET_TARGET_MAX];
	char text[NET_TEXT_MAX]; /* where a kernel does not take the types: its beginning */
};

_Static_assert(offsetof(struct mark, seen) == HOOK_SEEN &&
                       offsetof(struct mark, matched) == HOOK_MATCHED,
               "programs count there");

static void fill(struct mark *m, const struct net_hook *hook)
{
	m->space = hook_space();
	m->place = hook->place;
	m->drops = hook->drops;
	snprintf(m->target, sizeof m->target, "%s", hook->target);
	snprintf(m->text, sizeof m->text, "%s", hook->text);
}

int hook_mark_new(const struct net_hook *hook, struct net_error *e)
{
	struct kernel_map map = {
		.type = BPF_MAP_TYPE_ARRAY,
		.name = MAP_NAME,
		.key_size = 4,
		.value_size = sizeof(struct mark),
		.entries = 1,
	};
	struct mark *m = calloc(1, sizeof *m);
	uint32_t first = 0;
	int fd, err;

	if (!m)
		return net_fail(e, -ENOMEM, "out of memory");
	fill(m, hook);
	fd = kernel_map_create(&map);
	err = fd < 0 ? 0 : kernel_map_set(fd, &first, m, BPF_ANY);
	free(m);
	if (err) {
		close(fd);
		return net_fail(e, err, "filling a map: %s", strerror(-err));
	}
	if (fd == -EPERM)
		return net_fail(e, fd, "attaching needs CAP_BPF and CAP_NET_ADMIN: run it as root");
	return fd >= 0 ? fd : net_fail(e, fd, "creating a map: %s", strerror(-fd));
}

int hook_mark_clsact(int map)
{
	struct mark *m = calloc(1, sizeof *m);
	uint32_t first = 0;
	int err = m ? kernel_map_get(map, &first, m) : -ENOMEM;

	if (!err) {
		m->own_clsact = true;
		err = kernel_map_set(map, &first, m, BPF_ANY);
	}
	free(m);
	return err;
}

bool hook_mark_read(int map, struct net_hook_state *out, bool *own)
{
	struct mark *m = calloc(1, sizeof *m);
	uint32_t first = 0;
	bool ok = m && kernel_map_get(map, &first, m) == 0 && m->place < NET_SOCKET;

	if (ok) {
		out->counts = true;
		out->seen = m->seen;
		out->matched = m->matched;
		out->place = (enum net_place)m->place;
		out->drops = m->drops;
		out->here = m->space == hook_space();
		snprintf(out->target, sizeof out->target, "%.*s", (int)sizeof m->target - 1, m->target);
		snprintf(out->text, sizeof out->text, "%.*s", (int)sizeof m->text - 1, m->text);
		*own = m->own_clsact;
	}
	free(m);
	return ok;
}

/* Return a copy of what the types of PROGRAM keep; NULL if that is nothing. */
static char *said(int program)
{
	struct kernel_types *t;
	const char *text;
	char *copy;

	if (kernel_program_btf(program, &t))
		return NULL;
	text = kernel_tag(t, kernel_type(t, BTF_KIND_FUNC, "weir_match"));
	copy = text ? strdup(text) : NULL;
	kernel_types_free(t);
	return copy;
}

int hook_mark_find(uint32_t id, char **text)
{
	char name[BPF_OBJ_NAME_LEN];
	uint32_t size;
	int program = kernel_program_open(id);
	int map = program < 0 ? -1 : kernel_program_map(program, name);

	*text = NULL;
	if (map >= 0 && (kernel_map_info(map, name, &size) || strcmp(name, MAP_NAME) != 0 ||
	                 size != sizeof(struct mark))) {
		close(map);
		map = -1;
	}
	if (map >= 0)
		*text = said(program);
	if (program >= 0)
		close(program);
	return map;
}
