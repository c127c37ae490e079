/*
 * Attached by a bpf_link: XDP, tc (tcx) and cgroups. The kernel detaches the program when
 * the link is not open any more, however weir ends, unless it is pinned.
 */
#include "config.h"

#include "net/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "kernel/kernel.h"

#define PINS "/sys/fs/bpf/weir"

/* --- attaching ------------------------------------------------------------------------ */

static bool is_cgroup(enum net_place place)
{
	return hook_place(place)->type == BPF_PROG_TYPE_CGROUP_SKB;
}

/* Open what HOOK names: *FD is a cgroup's, or -1; *NUMBER what the kernel calls it by. */
static int open_target(const struct net_hook *hook, int *fd, uint32_t *number,
                       struct net_error *e)
{
	*fd = -1;
	if (!is_cgroup(hook->place)) {
		*number = if_nametoindex(hook->target);
		return *number ? 0 : net_fail(e, -ENODEV, "unknown interface '%s'", hook->target);
	}
	*fd = open(hook->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*number = (uint32_t)*fd;
	return *fd >= 0 ? 0 : net_fail(e, -errno, "%s: %s", hook->target, strerror(errno));
}

int hook_refused(const struct net_hook *hook, int err, struct net_error *e)
{
	const char *place = net_place_name(hook->place);

	if (err == -EBUSY || err == -EEXIST)
		return net_fail(e, err, "%s: another program is attached to %s", hook->target, place);
	if (err == -EBADF && is_cgroup(hook->place))
		return net_fail(e, err, "%s: not a directory of cgroup v2", hook->target);
	return net_fail(e, err, "%s: attaching to %s: %s", hook->target, place, strerror(-err));
}

static int attach(const struct net_hook *hook, int program, struct net_hooked *out,
                  struct net_error *e)
{
	const struct hook_place *place = hook_place(hook->place);
	uint32_t number;
	int fd, err = open_target(hook, &fd, &number, e);

	if (err)
		return err;
	out->fd = kernel_link_create(program, number, (enum bpf_attach_type)place->attach);
	if (fd >= 0)
		close(fd);
	if (out->fd >= 0)
		return 0;
	if (out->fd == -EINVAL && place->type == BPF_PROG_TYPE_SCHED_CLS)
		return -ENOTSUP; /* no tcx: there is another way */
	return hook_refused(hook, out->fd, e);
}

/* --- asking ------------------------------------------------------------------------------- */

static void pin_path(char path[64], uint32_t program)
{
	snprintf(path, 64, PINS "/%u", program);
}

static bool ask(const struct net_hooked *h, struct net_hook_state *out)
{
	struct kernel_link link;
	char path[64];
	bool own;

	if (kernel_link_info(h->fd, &link) || !hook_mark_read(h->map, out, &own))
		return false;
	out->id = link.program;
	out->attached = link.target != 0;
	pin_path(path, out->id);
	out->kept = access(path, F_OK) == 0;
	return true;
}

/* Call EACH with the link of number ID, if it is one of ours. */
static void look_at(uint32_t id, net_hook_fn *each, void *ctx)
{
	struct net_hooked h = { .way = &hook_by_link, .fd = kernel_link_open(id), .map = -1 };
	struct net_hook_state state = { 0 };
	struct kernel_link link;
	char *text = NULL;

	if (h.fd < 0)
		return; /* it ended meanwhile */
	if (!kernel_link_info(h.fd, &link) && link.place != KERNEL_LINK_OTHER)
		h.map = hook_mark_find(link.program, &text);
	if (h.map >= 0 && ask(&h, &state)) {
		state.whole_text = text ? text : state.text;
		each(ctx, &h, &state);
	}
	free(text);
	net_hook_close(&h);
}

static int each_link(net_hook_fn *each, void *ctx, struct net_error *e)
{
	uint32_t id = 0;
	int err;

	while ((err = kernel_link_next(&id)) == 0)
		look_at(id, each, ctx);
	if (err == -EPERM)
		return net_fail(e, err, "listing what is attached needs CAP_SYS_ADMIN: run it as root");
	return err == -ENOENT ? 0 : net_fail(e, err, "listing what is attached: %s", strerror(-err));
}

/* --- keeping and taking off ------------------------------------------------------------------- */

static int keep(const struct net_hooked *h, struct net_error *e)
{
	const long bpf_fs = 0xcafe4a11;
	struct kernel_link link;
	struct statfs fs;
	char path[64];
	int err = kernel_link_info(h->fd, &link);

	if (err)
		return net_fail(e, err, "the link: %s", strerror(-err));
	if (statfs("/sys/fs/bpf", &fs) || (long)fs.f_type != bpf_fs)
		return net_fail(e, -ENODEV, "no BPF file system is mounted at /sys/fs/bpf, which "
		                            "would keep it: mount -t bpf bpf /sys/fs/bpf");
	pin_path(path, link.program);
	if (mkdir(PINS, 0700) && errno != EEXIST)
		return net_fail(e, -errno, "%s: %s", PINS, strerror(errno));
	err = kernel_pin(h->fd, path);
	return err ? net_fail(e, err, "%s: %s", path, strerror(-err)) : 0;
}

static int detach(const struct net_hooked *h, struct net_error *e)
{
	struct kernel_link link;
	char path[64];
	int err = kernel_link_info(h->fd, &link);

	if (!err && link.target)
		err = kernel_link_detach(h->fd);
	if (err)
		return net_fail(e, err, "detaching: %s", strerror(-err));
	pin_path(path, link.program);
	if (unlink(path) && errno != ENOENT)
		return net_fail(e, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

const struct hook_way hook_by_link = {
	.attach = attach,
	.ask = ask,
	.keep = keep,
	.detach = detach,
	.each = each_link,
};
