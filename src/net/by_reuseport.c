/*
 * Attached to a group of sockets that share a port (SO_REUSEPORT). The group's program
 * chooses a socket for a packet; weir's leaves that to the kernel, or drops the packet. The
 * program lives as long as it is attached, and is found by that.
 */
#include "config.h"

#include "net/hook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/kernel.h"

/* Since Linux 4.5 and 5.3; some C libraries lack them. */
enum {
	ATTACH_REUSEPORT_EBPF = 52,
	DETACH_REUSEPORT_BPF = 68
};

static int attach(const struct net_hook *hook, int program, struct net_hooked *out,
                  struct net_error *e)
{
	int copy, on = 0, err = 0;
	socklen_t len = sizeof on;

	if (!net_read_descriptor(hook->target, &out->pid, &out->socket))
		return net_fail(e, -EINVAL, "%s: expected PID:FD", hook->target);
	copy = net_open_descriptor(out->pid, out->socket, e);
	if (copy < 0)
		return copy;
	out->handle = kernel_program_id(program);
	if (getsockopt(copy, SOL_SOCKET, SO_REUSEPORT, &on, &len) || !on)
		err = net_fail(e, -EINVAL, "%s: the socket shares no port (SO_REUSEPORT)", hook->target);
	else if (setsockopt(copy, SOL_SOCKET, ATTACH_REUSEPORT_EBPF, &program, sizeof program))
		err = hook_refused(hook, -errno, e);
	close(copy);
	return err;
}

static bool ask(const struct net_hooked *h, struct net_hook_state *out)
{
	int program = kernel_program_open(h->handle);
	bool own;

	if (!hook_mark_read(h->map, out, &own))
		return false;
	out->id = h->handle;
	out->attached = program >= 0;
	out->here = out->kept = true;
	if (program >= 0)
		close(program);
	return true;
}

/* Call EACH with program ID, if it is one of ours on a group. */
static void look_at(uint32_t id, net_hook_fn *each, void *ctx)
{
	struct net_hooked h = { .way = &hook_by_reuseport, .fd = -1, .handle = id };
	struct net_hook_state state = { 0 };
	char *text;
	bool own;

	h.map = hook_mark_find(id, &text);
	if (h.map >= 0 && hook_mark_read(h.map, &state, &own) && state.place == NET_REUSEPORT &&
	    net_read_descriptor(state.target, &h.pid, &h.socket) && ask(&h, &state)) {
		state.whole_text = text ? text : state.text;
		each(ctx, &h, &state);
	}
	free(text);
	net_hook_close(&h);
}

static int each_program(net_hook_fn *each, void *ctx, struct net_error *e)
{
	uint32_t id = 0;
	int err;

	while ((err = kernel_program_next(&id)) == 0)
		look_at(id, each, ctx);
	return err == -ENOENT ? 0 : net_fail(e, err, "listing what is attached: %s", strerror(-err));
}

static int keep(const struct net_hooked *h, struct net_error *e)
{
	return 0; /* it stays anyhow */
}

static int detach(const struct net_hooked *h, struct net_error *e)
{
	int copy = net_open_descriptor(h->pid, h->socket, e), ignored = 0, err = 0;

	if (copy < 0)
		return copy;
	if (setsockopt(copy, SOL_SOCKET, DETACH_REUSEPORT_BPF, &ignored, sizeof ignored))
		err = net_fail(e, -errno, "%d:%d: detaching: %s", h->pid, h->socket, strerror(errno));
	close(copy);
	return err;
}

const struct hook_way hook_by_reuseport = {
	.attach = attach,
	.ask = ask,
	.keep = keep,
	.detach = detach,
	.each = each_program,
};
