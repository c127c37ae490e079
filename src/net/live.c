/*
 * Interfaces, through a packet socket. The program is attached while the socket
 * still belongs to no interface, so that no packet gets past it.
 */
#include "config.h"

#include "net/net.h"

#include "base/base.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SLL2_HEADER = 20,
	VLAN_TAG = 4,
	HEADROOM = SLL2_HEADER, /* before a packet: for either of the two */
	POLL_MS = 250,          /* how late a signal is seen at most */
	SOCKET_BUFFER = 16 << 20,
};

struct live_source {
	struct net_source s;
	int fd;
	unsigned ifindex;  /* 0: all */
	bool cooked;       /* the kernel gives no link header; we make one */
	unsigned loopback; /* index of lo, which shows each packet twice */
	uint32_t most;     /* bytes taken of a packet: the snapshot length, once the kernel */
			   /* filters; before that whatever a program may look at */
	uint8_t *buf;      /* HEADROOM + most bytes */
};

/* Hardware types (ARPHRD_*) whose packets come with the header of a link type. */
static const struct {
	uint16_t hardware;
	uint16_t linktype;
} linktypes[] = {
	{ ARPHRD_ETHER, NET_EN10MB },
	{ ARPHRD_LOOPBACK, NET_EN10MB },
	{ ARPHRD_NONE, NET_RAW },
	{ ARPHRD_RAWIP, NET_RAW },
	{ ARPHRD_TUNNEL, NET_RAW },
	{ ARPHRD_TUNNEL6, NET_RAW },
	{ ARPHRD_SIT, NET_RAW },
	{ ARPHRD_IEEE80211, 105 },
	{ ARPHRD_IEEE80211_RADIOTAP, 127 },
};

/* --- opening ------------------------------------------------------------------------- */

static int no_interface(struct net_error *e, const char *name)
{
	struct if_nameindex *all = if_nameindex();
	struct suggest near;
	const char *best;

	suggest_start(&near, name, strlen(name));
	suggest_offer(&near, "any");
	for (struct if_nameindex *i = all; i && i->if_index; i++)
		suggest_offer(&near, i->if_name);
	best = suggest_best(&near);
	if (best)
		net_fail(e, -ENODEV, "unknown interface '%s'; did you mean '%s'?",
		         name, best);
	else
		net_fail(e, -ENODEV, "unknown interface '%s' ('ip link' lists them; "
		                     "'any' is all of them)",
		         name);
	if (all)
		if_freenameindex(all);
	return -ENODEV;
}

/* Ask about an interface, by any socket; 0 or -errno. */
static int ask(int fd, unsigned long what, const char *name, struct ifreq *r)
{
	memset(r, 0, sizeof *r);
	strncpy(r->ifr_name, name, sizeof r->ifr_name - 1);
	return ioctl(fd, what, r) ? -errno : 0;
}

/* Find the link type and netmask of the one interface, and whether it is up. */
static int look_at_interface(struct live_source *l, int fd, struct net_error *e)
{
	const char *name = l->s.name;
	struct ifreq r;

	if (ask(fd, SIOCGIFFLAGS, name, &r))
		return no_interface(e, name);
	if (!(r.ifr_flags & IFF_UP))
		return net_fail(e, -ENETDOWN, "interface '%s' is down ('ip link set %s up')",
		                name, name);
	if (r.ifr_flags & IFF_LOOPBACK)
		l->loopback = l->ifindex;
	if (!ask(fd, SIOCGIFNETMASK, name, &r))
		l->s.netmask = ((struct sockaddr_in *)&r.ifr_netmask)->sin_addr.s_addr;
	if (ask(fd, SIOCGIFHWADDR, name, &r))
		return net_fail(e, -errno, "interface '%s': %s", name, strerror(errno));
	for (size_t i = 0; i < ARRAY_LEN(linktypes); i++) {
		if (linktypes[i].hardware == r.ifr_hwaddr.sa_family) {
			l->s.linktype = linktypes[i].linktype;
			l->cooked = false;
		}
	}
	return 0;
}

static int look(struct live_source *l, struct net_error *e)
{
	int fd, err;

	l->cooked = true;
	l->s.linktype = NET_LINUX_SLL2;
	l->loopback = if_nametoindex("lo");
	l->s.have_netmask = true; /* 0 where there is no address, as in libpcap */
	if (!strcmp(l->s.name, "any"))
		return 0;
	l->ifindex = if_nametoindex(l->s.name);
	if (!l->ifindex)
		return no_interface(e, l->s.name);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return net_fail(e, -errno, "socket: %s", strerror(errno));
	err = look_at_interface(l, fd, e);
	close(fd);
	return err;
}

int net_live_socket(struct net_source *s, struct net_error *e)
{
	struct live_source *l = (struct live_source *)s;
	int type = (l->cooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC;
	int on = 1, size = SOCKET_BUFFER;

	/* Protocol 0: nothing is received before bind() says what. */
	l->fd = socket(AF_PACKET, type, 0);
	if (l->fd < 0 && (errno == EPERM || errno == EACCES))
		return net_fail(e, -errno, "capturing on '%s' needs root, or the "
		                           "capability CAP_NET_RAW",
		                l->s.name);
	if (l->fd < 0)
		return net_fail(e, -errno, "packet socket: %s", strerror(errno));
	if (setsockopt(l->fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) ||
	    setsockopt(l->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on))
		return net_fail(e, -errno, "packet socket: %s", strerror(errno));
	/* Beyond net.core.rmem_max with CAP_NET_ADMIN; else what there is. */
	if (setsockopt(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
		setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	return 0;
}

static void live_close(struct net_source *s)
{
	struct live_source *l = (struct live_source *)s;

	if (l->fd >= 0)
		close(l->fd);
	free(l->buf);
	free(l);
}

static int live_read(struct net_source *s, net_packet_fn *each, void *ctx,
                     struct net_error *e);

int net_open_live(struct net_source **out, const char *name, uint32_t snaplen,
                  struct net_error *e)
{
	struct live_source *l = calloc(1, sizeof *l);
	int err;

	if (!l)
		return net_fail(e, -ENOMEM, "out of memory");
	l->fd = -1;
	l->most = max_u32(snaplen, NET_SNAPLEN);
	l->s = (struct net_source){
		.name = name,
		.snaplen = snaplen,
		.nano = true,
		.live = true,
		.read = live_read,
		.close = live_close,
	};
	l->buf = malloc(HEADROOM + (size_t)l->most);
	err = l->buf ? look(l, e) : net_fail(e, -ENOMEM, "out of memory");
	if (err) {
		live_close(&l->s);
		return err;
	}
	*out = &l->s;
	return 0;
}

/* --- the program ----------------------------------------------------------------------- */

size_t net_optmem_max(void)
{
	FILE *f = fopen("/proc/sys/net/core/optmem_max", "re");
	size_t max = 0;

	if (f && fscanf(f, "%zu", &max) != 1)
		max = 0;
	if (f)
		fclose(f);
	return max;
}

/* Explain why setsockopt answered P with ERR. */
static int refused(const struct weir_program *p, int err, struct net_error *e)
{
	struct weir_verdict v = { .size = sizeof v };

	weir_program_check(p, &v);
	if (v.insns > BPF_MAXINSNS)
		return net_fail(e, err, "the program has %zu instructions; the kernel "
		                        "accepts at most %d",
		                v.insns, BPF_MAXINSNS);
	if (v.insns && !v.ok)
		return net_fail(e, err, "the kernel refuses the program: %s "
		                        "(instruction %zu)",
		                v.reason, v.at);
	if (err == -ENOMEM && v.memory)
		return net_fail(e, err, "the program needs %zu bytes in the kernel, but "
		                        "net.core.optmem_max is %zu",
		                v.memory, net_optmem_max());
	return net_fail(e, err, "the kernel refuses the program: %s", strerror(-err));
}

int net_live_attach(struct net_source *s, const struct weir_program *p, struct net_error *e)
{
	struct live_source *l = (struct live_source *)s;
	struct sock_fprog prog;
	struct sock_filter *copy = NULL;
	const char *why;
	size_t at;
	int err = weir_program_fprog(p, &prog);

	if (err)
		return refused(p, err, e);
	if (l->cooked) {
		copy = malloc((prog.len + 1u) * sizeof *copy);
		if (!copy)
			return net_fail(e, -ENOMEM, "out of memory");
		memcpy(copy, prog.filter, prog.len * sizeof *copy);
		prog.filter = copy;
		if (!net_cook(copy, prog.len, &at, &why)) {
			free(copy);
			return net_fail(e, -EINVAL, "%s (instruction %zu)", why, at);
		}
	}
	if (setsockopt(l->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog))
		err = refused(p, -errno, e);
	else
		l->most = s->snaplen;
	free(copy);
	return err;
}

int net_live_start(struct net_source *s, struct net_error *e)
{
	struct live_source *l = (struct live_source *)s;
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)l->ifindex,
	};
	struct packet_mreq promiscuous = {
		.mr_ifindex = (int)l->ifindex,
		.mr_type = PACKET_MR_PROMISC,
	};

	if (bind(l->fd, (struct sockaddr *)&to, sizeof to))
		return net_fail(e, -errno, "interface '%s': %s", s->name, strerror(errno));
	/* Seeing what is not for this host is welcome, not needed. */
	if (l->ifindex)
		setsockopt(l->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
		           sizeof promiscuous);
	return 0;
}

uint32_t net_live_dropped(struct net_source *s)
{
	struct live_source *l = (struct live_source *)s;
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof stats;

	if (getsockopt(l->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		return 0;
	return stats.tp_drops;
}

/* --- packets ------------------------------------------------------------------------------ */

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

/* Put a LINUX_SLL2 link header before the packet. */
static void add_cooked_header(struct net_packet *p, const struct sockaddr_ll *from)
{
	uint8_t *h = (uint8_t *)p->bytes - SLL2_HEADER;

	memset(h, 0, SLL2_HEADER);
	put16(h, ntohs(from->sll_protocol));
	put32(h + 4, (uint32_t)from->sll_ifindex);
	put16(h + 8, from->sll_hatype);
	h[10] = from->sll_pkttype;
	h[11] = from->sll_halen;
	memcpy(h + 12, from->sll_addr, 8);
	p->bytes = h;
	p->captured += SLL2_HEADER;
	p->wire += SLL2_HEADER;
}

/* Put the tag back that the network card or the kernel removed. */
static void add_tag(struct net_packet *p, unsigned protocol, unsigned tci)
{
	uint8_t *h = (uint8_t *)p->bytes - VLAN_TAG;

	if (p->captured < 12)
		return;
	memmove(h, p->bytes, 12);
	put16(h + 12, protocol);
	put16(h + 14, tci);
	p->bytes = h;
	p->captured += VLAN_TAG;
	p->wire += VLAN_TAG;
}

/* Return what C has, if it is SIZE bytes of this LEVEL and TYPE; else NULL. */
static const void *control_data(struct cmsghdr *c, int level, int type, size_t size)
{
	return c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len >= CMSG_LEN(size)
	               ? CMSG_DATA(c)
	               : NULL;
}

/* Read what the kernel tells beside the bytes. */
static void read_control(struct live_source *l, struct msghdr *m, struct net_packet *p)
{
	struct tpacket_auxdata aux;
	struct timespec t;
	const void *data;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		data = control_data(c, SOL_SOCKET, SCM_TIMESTAMPNS, sizeof t);
		if (data) {
			memcpy(&t, data, sizeof t);
			p->seconds = t.tv_sec;
			p->nanoseconds = (uint32_t)t.tv_nsec;
		}
		data = control_data(c, SOL_PACKET, PACKET_AUXDATA, sizeof aux);
		if (!data)
			continue;
		memcpy(&aux, data, sizeof aux);
		p->wire = aux.tp_len;
		if (aux.tp_status & TP_STATUS_VLAN_VALID && !l->cooked)
			add_tag(p, aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETH_P_8021Q,
			        aux.tp_vlan_tci);
	}
}

/*
 * Read one packet: return 1, 0 if there is none now or it is to be left out, or
 * -errno.
 */
static int receive(struct live_source *l, struct net_packet *p)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct tpacket_auxdata)) +
		          CMSG_SPACE(sizeof(struct timespec))];
	} control;
	struct sockaddr_ll from;
	struct iovec iov = { .iov_base = l->buf + HEADROOM, .iov_len = l->most };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};
	ssize_t n = recvmsg(l->fd, &m, MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return -errno;
	*p = (struct net_packet){
		.bytes = iov.iov_base,
		.captured = min_u32((uint32_t)n, l->most),
		.wire = (uint32_t)n,
	};
	if (from.sll_pkttype == PACKET_OUTGOING &&
	    (unsigned)from.sll_ifindex == l->loopback)
		return 0;
	read_control(l, &m, p);
	if (l->cooked)
		add_cooked_header(p, &from);
	p->captured = min_u32(p->captured, l->most);
	return 1;
}

static int live_read(struct net_source *s, net_packet_fn *each, void *ctx,
                     struct net_error *e)
{
	struct live_source *l = (struct live_source *)s;
	struct pollfd ready = { .fd = l->fd, .events = POLLIN };
	struct net_packet p;
	int n;

	while (!(s->stop && *s->stop)) {
		n = receive(l, &p);
		if (n > 0 && !each(ctx, &p))
			return 0;
		if (n >= 0 || n == -EINTR)
			continue;
		if (n != -EAGAIN)
			return net_fail(e, n, "interface '%s': %s", s->name, strerror(-n));
		if (s->pause)
			s->pause(ctx);
		if (poll(&ready, 1, POLL_MS) < 0 && errno != EINTR)
			return net_fail(e, -errno, "poll: %s", strerror(errno));
	}
	return 0;
}
