/*
 * Filters on XDP, tc, cgroups and sockets: attaching, asking, keeping and taking off,
 * in whatever way they are attached.
 */
#include "config.h"

#include "net/hook.h"

#include <errno.h>
#include <unistd.h>

#include "base/base.h"

static const struct hook_way *const ways[] = {
	&hook_by_link,
	&hook_by_clsact,
	&hook_by_reuseport,
	&hook_by_socket,
};

/* Attach PROGRAM to HOOK's place, in another way where this kernel has not the first. */
static int attach(const struct net_hook *hook, int program, struct net_hooked *out,
                  struct net_error *e)
{
	const struct hook_place *place = hook_place(hook->place);
	int err = -ENOTSUP;

	out->way = hook->place == NET_SOCKET      ? &hook_by_socket
	           : hook->place == NET_REUSEPORT ? &hook_by_reuseport
	                                          : &hook_by_link;
	if (!hook->clsact || place->type != BPF_PROG_TYPE_SCHED_CLS)
		err = out->way->attach(hook, program, out, e);
	if (err != -ENOTSUP)
		return err;
	out->way = &hook_by_clsact;
	return out->way->attach(hook, program, out, e);
}

int net_hook_attach(const struct net_hook *hook, struct net_hooked *out, struct net_error *e)
{
	int program = -1, err = 0;

	*out = (struct net_hooked){ .fd = -1, .map = -1 };
	if (hook_place(hook->place)->type) {
		out->map = hook_mark_new(hook, e);
		program = out->map < 0 ? out->map : hook_load(hook, out->map, e);
		err = program < 0 ? program : 0;
	}
	if (!err)
		err = attach(hook, program, out, e);
	if (program >= 0)
		close(program);
	if (err)
		net_hook_close(out);
	return err;
}

bool net_hook_ask(const struct net_hooked *h, struct net_hook_state *out)
{
	return h->way->ask(h, out);
}

int net_hook_keep(const struct net_hooked *h, struct net_error *e)
{
	return h->way->keep(h, e);
}

int net_hook_detach(const struct net_hooked *h, struct net_error *e)
{
	return h->way->detach(h, e);
}

int net_hooks_each(net_hook_fn *each, void *ctx, struct net_error *e)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_LEN(ways); i++)
		err = ways[i]->each(each, ctx, e);
	return err;
}
