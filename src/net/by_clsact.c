/*
 * Attached as a filter of tc to clsact, as on kernels before 6.6, which have no tcx. There
 * are no links to such filters: they stay until they are deleted. A clsact that weir has
 * added goes with the last filter.
 */
#include "config.h"

#include "net/hook.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "net/netlink.h"

/* --- messages --------------------------------------------------------------------------- */

static uint32_t parent_of(bool egress)
{
	return TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
}

/* Add the clsact of INTERFACE, or delete it; 0 or -errno (-EEXIST: it has one). */
static int change_clsact(int fd, uint32_t interface, bool add)
{
	struct tcmsg t = {
		.tcm_ifindex = (int)interface,
		.tcm_parent = TC_H_CLSACT,
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
	};
	struct netlink_message m;

	netlink_begin(&m, add ? RTM_NEWQDISC : RTM_DELQDISC,
	              add ? NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL : NLM_F_ACK, &t, sizeof t);
	netlink_put(&m, TCA_KIND, "clsact", sizeof "clsact");
	return netlink_talk(fd, &m, NULL, NULL);
}

/* Take the numbers of a new filter from the answer of the kernel, which has the filter. */
static void take_numbers(void *ctx, const struct nlmsghdr *h)
{
	const struct tcmsg *t = NLMSG_DATA(h);
	struct net_hooked *out = ctx;

	if (h->nlmsg_type != RTM_NEWTFILTER || h->nlmsg_len < NLMSG_LENGTH(sizeof *t))
		return;
	out->info = t->tcm_info;
	out->handle = t->tcm_handle;
}

static int add_filter(int fd, int program, struct net_hooked *out)
{
	const uint32_t number = (uint32_t)program, flags = TCA_BPF_FLAG_ACT_DIRECT;
	struct tcmsg t = {
		.tcm_ifindex = (int)out->interface,
		.tcm_parent = out->parent,
		.tcm_info = TC_H_MAKE(0, htons(ETH_P_ALL)),
	};
	struct netlink_message m;
	struct nlattr *nest;

	netlink_begin(&m, RTM_NEWTFILTER, NLM_F_ACK | NLM_F_ECHO | NLM_F_CREATE | NLM_F_EXCL, &t, sizeof t);
	netlink_put(&m, TCA_KIND, "bpf", sizeof "bpf");
	nest = netlink_put(&m, TCA_OPTIONS, NULL, 0);
	netlink_put(&m, TCA_BPF_FD, &number, sizeof number);
	netlink_put(&m, TCA_BPF_NAME, "weir", sizeof "weir");
	netlink_put(&m, TCA_BPF_FLAGS, &flags, sizeof flags);
	netlink_end(&m, nest);
	return netlink_talk(fd, &m, take_numbers, out);
}

static int delete_filter(int fd, const struct net_hooked *h)
{
	struct tcmsg t = {
		.tcm_ifindex = (int)h->interface,
		.tcm_parent = h->parent,
		.tcm_info = h->info,
		.tcm_handle = h->handle,
	};
	struct netlink_message m;

	netlink_begin(&m, RTM_DELTFILTER, NLM_F_ACK, &t, sizeof t);
	netlink_put(&m, TCA_KIND, "bpf", sizeof "bpf");
	return netlink_talk(fd, &m, NULL, NULL);
}

/* --- the filters of an interface ---------------------------------------------------------------- */

/* A filter that the kernel lists; ID is its program's, 0 where it has none. */
typedef void filter_fn(void *ctx, const struct net_hooked *h, uint32_t id);

struct listing {
	uint32_t interface, parent;
	filter_fn *each;
	void *ctx;
};

static uint32_t program_of(const void *options, size_t len)
{
	size_t size;
	const void *id = netlink_attribute(options, len, TCA_BPF_ID, &size);
	uint32_t value = 0;

	if (id && size == sizeof value)
		memcpy(&value, id, sizeof value);
	return value;
}

static void take_filter(void *ctx, const struct nlmsghdr *h)
{
	const struct listing *l = ctx;
	const struct tcmsg *t = NLMSG_DATA(h);
	const char *first = (const char *)t + NLMSG_ALIGN(sizeof *t);
	size_t len, size, kind_size;
	const void *options;
	const char *kind;
	struct net_hooked one = { .way = &hook_by_clsact, .fd = -1, .map = -1 };

	if (h->nlmsg_type != RTM_NEWTFILTER || h->nlmsg_len < NLMSG_LENGTH(sizeof *t))
		return;
	len = h->nlmsg_len - NLMSG_LENGTH(sizeof *t);
	kind = netlink_attribute(first, len, TCA_KIND, &kind_size);
	options = netlink_attribute(first, len, TCA_OPTIONS, &size);
	one.interface = l->interface;
	one.parent = l->parent;
	one.info = t->tcm_info;
	one.handle = t->tcm_handle;
	/* A priority comes once without handle before its filters. */
	if (kind && t->tcm_handle)
		l->each(l->ctx, &one, kind_size == sizeof "bpf" && !memcmp(kind, "bpf", 4) && options ? program_of(options, size) : 0);
}

static int list_filters(int fd, struct listing *l)
{
	struct tcmsg t = { .tcm_ifindex = (int)l->interface, .tcm_parent = l->parent };
	struct netlink_message m;

	netlink_begin(&m, RTM_GETTFILTER, NLM_F_DUMP, &t, sizeof t);
	return netlink_talk(fd, &m, take_filter, l);
}

/* --- noting filters ------------------------------------------------------------------------- */

/* One of those that are handed on. */
struct found {
	struct net_hooked h;
	uint32_t id;
	struct found *next;
};

struct search {
	struct found *first;
	bool failed; /* no memory */
};

/* Note H, as the kernel is not to be asked while it answers. */
static void note(void *ctx, const struct net_hooked *h, uint32_t id)
{
	struct search *s = ctx;
	struct found *f = id ? calloc(1, sizeof *f) : NULL;

	if (!f) {
		s->failed |= id != 0;
		return;
	}
	f->h = *h;
	f->id = id;
	f->next = s->first;
	s->first = f;
}

/* Note the filters of INTERFACE in S. */
static void note_filters(int fd, uint32_t interface, struct search *s)
{
	for (int egress = 0; egress < 2; egress++) {
		struct listing l = {
			.interface = interface,
			.parent = parent_of(egress),
			.each = note,
			.ctx = s,
		};

		list_filters(fd, &l);
	}
}

/* Take the next of S, NULL after the last; it is the caller's to free. */
static struct found *take_next(struct search *s)
{
	struct found *f = s->first;

	if (f)
		s->first = f->next;
	return f;
}

/* --- attaching ---------------------------------------------------------------------------------- */

/* Tell whether the clsact of INTERFACE was added by weir, for another filter. */
static bool is_ours(int fd, uint32_t interface)
{
	struct net_hook_state state;
	struct search search = { 0 };
	struct found *f;
	bool ours = false, own;

	note_filters(fd, interface, &search);
	while ((f = take_next(&search))) {
		char *text;
		int map = hook_mark_find(f->id, &text);

		ours |= map >= 0 && hook_mark_read(map, &state, &own) && own;
		if (map >= 0)
			close(map);
		free(text);
		free(f);
	}
	return ours;
}

static int attach(const struct net_hook *hook, int program, struct net_hooked *out,
                  struct net_error *e)
{
	int fd = netlink_open(), err;
	bool added;

	out->interface = if_nametoindex(hook->target);
	out->parent = parent_of(hook_place(hook->place)->egress);
	if (fd < 0)
		return net_fail(e, fd, "netlink socket: %s", strerror(-fd));
	err = out->interface ? change_clsact(fd, out->interface, true) : -ENODEV;
	added = err == 0;
	if (err == -EEXIST) /* a filter more does not disturb it */
		err = 0;
	if (!err && (added || is_ours(fd, out->interface)))
		err = hook_mark_clsact(out->map);
	if (!err)
		err = add_filter(fd, program, out);
	if (err && added)
		change_clsact(fd, out->interface, false);
	close(fd);
	if (err == -ENODEV)
		return net_fail(e, err, "unknown interface '%s'", hook->target);
	if (err)
		return hook_refused(hook, err, e);
	out->fd = dup(program);
	return 0;
}

/* --- asking ----------------------------------------------------------------------------------------- */

/* The filter of a program that is looked for. */
struct looking {
	const struct net_hooked *h;
	uint32_t id;
	bool found;
};

static void compare(void *ctx, const struct net_hooked *h, uint32_t id)
{
	struct looking *l = ctx;

	l->found |= id == l->id && h->info == l->h->info && h->handle == l->h->handle;
}

static bool ask(const struct net_hooked *h, struct net_hook_state *out)
{
	struct looking looking = { .h = h, .id = kernel_program_id(h->fd) };
	struct listing l = {
		.interface = h->interface,
		.parent = h->parent,
		.each = compare,
		.ctx = &looking,
	};
	int fd = netlink_open();
	bool own;

	if (fd < 0 || !looking.id || !hook_mark_read(h->map, out, &own)) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	list_filters(fd, &l); /* no such interface: there is no such filter */
	close(fd);
	out->id = looking.id;
	out->attached = looking.found;
	out->kept = true;
	return true;
}

/* Who asks for all filters. */
struct asking {
	uint64_t home; /* the network namespace that weir was started in */
	net_hook_fn *each;
	void *ctx;
};

/* Hand on F, if it is ours, and free it. HERE: it is where weir was started. */
static void hand_on(struct found *f, const struct asking *a, bool here)
{
	struct net_hook_state state = { 0 };
	char *text = NULL;
	bool own;

	f->h.map = hook_mark_find(f->id, &text);
	f->h.fd = kernel_program_open(f->id);
	if (f->h.map >= 0 && f->h.fd >= 0 && hook_mark_read(f->h.map, &state, &own)) {
		state.id = f->id;
		state.attached = state.kept = true;
		state.here = here;
		state.whole_text = text ? text : state.text;
		a->each(a->ctx, &f->h, &state);
	}
	free(text);
	net_hook_close(&f->h);
	free(f);
}

/* Look at all interfaces of the network namespace that weir is in. */
static int look_around(void *ctx, uint64_t number, struct net_error *e)
{
	struct asking *a = ctx;
	struct if_nameindex *all = if_nameindex();
	struct search search = { 0 };
	struct found *f;
	int fd = netlink_open();

	for (struct if_nameindex *i = fd < 0 ? NULL : all; i && i->if_index; i++)
		note_filters(fd, i->if_index, &search);
	while ((f = take_next(&search)))
		hand_on(f, a, number == a->home);
	if (fd >= 0)
		close(fd);
	if (all)
		if_freenameindex(all);
	return search.failed ? net_fail(e, -ENOMEM, "out of memory") : 0;
}

static int each_filter(net_hook_fn *each, void *ctx, struct net_error *e)
{
	struct asking a = { .home = hook_space(), .each = each, .ctx = ctx };
	unsigned missed;

	return net_each_space(look_around, &a, &missed, e);
}

/* --- keeping and taking off ---------------------------------------------------------------------------- */

static int keep(const struct net_hooked *h, struct net_error *e)
{
	return 0; /* it stays anyhow */
}

static void count(void *ctx, const struct net_hooked *h, uint32_t id)
{
	++*(unsigned *)ctx;
}

/* Delete the clsact of INTERFACE, if no filter is left in it. */
static void delete_empty(int fd, uint32_t interface)
{
	unsigned left = 0;

	for (int egress = 0; egress < 2; egress++) {
		struct listing l = {
			.interface = interface,
			.parent = parent_of(egress),
			.each = count,
			.ctx = &left,
		};

		if (list_filters(fd, &l))
			return;
	}
	if (!left)
		change_clsact(fd, interface, false);
}

static int detach(const struct net_hooked *h, struct net_error *e)
{
	struct net_hook_state state;
	int fd = netlink_open(), err;
	bool own;

	if (fd < 0)
		return net_fail(e, fd, "netlink socket: %s", strerror(-fd));
	err = delete_filter(fd, h);
	if (err == -ENOENT || err == -EINVAL || err == -ENODEV) /* another process was faster */
		err = 0;
	if (!err && hook_mark_read(h->map, &state, &own) && own)
		delete_empty(fd, h->interface);
	close(fd);
	return err ? net_fail(e, err, "detaching: %s", strerror(-err)) : 0;
}

const struct hook_way hook_by_clsact = {
	.attach = attach,
	.ask = ask,
	.keep = keep,
	.detach = detach,
	.each = each_filter,
};
