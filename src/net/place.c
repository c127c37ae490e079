/* The places where filters are attached: what the kernel calls them, and how they answer. */
#include "config.h"

#include "net/hook.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Since Linux 6.6; older headers lack them. */
enum {
	TCX_INGRESS = 46,
	TCX_EGRESS = 47,
	TCX_NEXT = -1 /* other programs are asked, too; clsact calls it TC_ACT_UNSPEC */
};

#define XDP        BPF_PROG_TYPE_XDP, BPF_XDP, WEIR_EBPF_XDP, "weir_xdp", XDP_PASS, XDP_DROP
#define TC(attach) BPF_PROG_TYPE_SCHED_CLS, attach, WEIR_EBPF_TC, "weir_tc", TCX_NEXT, 2
#define CGROUP(attach) \
	BPF_PROG_TYPE_CGROUP_SKB, attach, WEIR_EBPF_TC, "weir_cgroup", 1, 0

static const struct hook_place places[] = {
	[NET_XDP] = { "xdp", XDP, BPF_F_XDP_HAS_FRAGS, false },
	[NET_TC_INGRESS] = { "tc ingress", TC(TCX_INGRESS), 0, false },
	[NET_TC_EGRESS] = { "tc egress", TC(TCX_EGRESS), 0, true },
	[NET_CGROUP_INGRESS] = { "cgroup ingress", CGROUP(BPF_CGROUP_INET_INGRESS), 0, false },
	[NET_CGROUP_EGRESS] = { "cgroup egress", CGROUP(BPF_CGROUP_INET_EGRESS), 0, true },
	[NET_REUSEPORT] = { "reuseport", BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT, WEIR_EBPF_REUSEPORT, "weir_reuseport", SK_PASS, SK_DROP, 0, false },
	[NET_SOCKET] = { .name = "socket" },
};

const struct hook_place *hook_place(enum net_place place)
{
	return &places[place];
}

const char *net_place_name(enum net_place place)
{
	return places[place].name;
}

enum weir_ebpf_form net_place_form(enum net_place place)
{
	return places[place].form;
}

void net_hook_close(struct net_hooked *h)
{
	if (h->fd >= 0)
		close(h->fd);
	if (h->map >= 0)
		close(h->map);
	free(h->earlier);
	*h = (struct net_hooked){ .fd = -1, .map = -1 };
}

uint64_t hook_space(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}
