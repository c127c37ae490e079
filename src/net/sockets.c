/*
 * Which sockets have filters. Packet sockets, by what sock_diag(7) tells of those of a
 * network namespace; any socket, by a copy of its descriptor.
 */
#include "config.h"

#include "net/net.h"

#include "base/base.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/packet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	ANSWER_SIZE = 64 << 10 /* of which the kernel uses 32 KiB at most */
};

/* --- packet sockets ------------------------------------------------------------------- */

struct asking {
	int fd;
	char *answer;
	net_socket_fn *each; /* NULL: count only */
	void *ctx;
	struct net_error *e;
	unsigned seen;
	bool done;
};

static int ask(struct asking *a, uint32_t show)
{
	struct {
		struct nlmsghdr header;
		struct packet_diag_req request;
	} message = {
		.header = {
			.nlmsg_len = sizeof message,
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.request = { .sdiag_family = AF_PACKET, .pdiag_show = show },
	};

	if (send(a->fd, &message, sizeof message, 0) == sizeof message)
		return 0;
	return net_fail(a->e, -errno, "asking for packet sockets: %s", strerror(errno));
}

/* Hand on the packet socket of message H. */
static void take_socket(struct asking *a, const struct nlmsghdr *h)
{
	const struct packet_diag_msg *m = NLMSG_DATA(h);
	const char *at = (const char *)m + NLMSG_ALIGN(sizeof *m);
	const char *end = (const char *)h + h->nlmsg_len;
	struct net_socket s = {
		.inode = m->pdiag_ino,
		.domain = AF_PACKET,
		.type = m->pdiag_type,
		.protocol = m->pdiag_num,
	};

	a->seen++;
	while (end - at >= (long)sizeof(struct nlattr)) {
		const struct nlattr *attr = (const struct nlattr *)at;
		size_t len = attr->nla_len;

		if (len < sizeof *attr || len > (size_t)(end - at))
			break;
		if (attr->nla_type == PACKET_DIAG_INFO &&
		    len >= sizeof *attr + sizeof(struct packet_diag_info))
			s.interface = ((const struct packet_diag_info *)(attr + 1))->pdi_index;
		if (attr->nla_type == PACKET_DIAG_FILTER) {
			s.insns = (const struct sock_filter *)(attr + 1);
			s.n = (len - sizeof *attr) / sizeof *s.insns;
		}
		at += NLMSG_ALIGN(len);
	}
	if (s.interface)
		if_indextoname(s.interface, s.interface_name);
	if (s.n && a->each)
		a->each(a->ctx, &s);
}

/* Look at the LEN bytes of one answer. */
static int take_answer(struct asking *a, size_t len)
{
	for (const struct nlmsghdr *h = (void *)a->answer; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		const struct nlmsgerr *error = NLMSG_DATA(h);

		if (h->nlmsg_type == NLMSG_DONE) {
			a->done = true;
			return 0;
		}
		if (h->nlmsg_type == NLMSG_ERROR && h->nlmsg_len >= NLMSG_LENGTH(sizeof *error))
			return net_fail(a->e, error->error, "this kernel does not list packet "
			                                    "sockets (CONFIG_PACKET_DIAG): %s",
			                strerror(-error->error));
		if (h->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
		    h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct packet_diag_msg)))
			take_socket(a, h);
	}
	return 0;
}

static int take_all(struct asking *a)
{
	int err = 0;

	a->done = false;
	a->seen = 0;
	while (!err && !a->done) {
		ssize_t n = recv(a->fd, a->answer, ANSWER_SIZE, 0);

		if (n < 0 && errno != EINTR)
			err = net_fail(a->e, -errno, "asking for packet sockets: %s",
			               strerror(errno));
		else if (n == 0)
			a->done = true;
		else if (n > 0)
			err = take_answer(a, (size_t)n);
	}
	return err;
}

/*
 * Ask for the sockets twice: the list ends silently at a socket whose filter
 * does not fit into an answer, so count them first.
 */
int net_packet_sockets(net_socket_fn *each, void *ctx, unsigned *missed, struct net_error *e)
{
	struct asking a = { .ctx = ctx, .e = e };
	unsigned all = 0;
	int err;

	a.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (a.fd < 0)
		return net_fail(e, -errno, "netlink socket: %s", strerror(errno));
	a.answer = malloc(ANSWER_SIZE);
	err = a.answer ? ask(&a, 0) : net_fail(e, -ENOMEM, "out of memory");
	if (!err)
		err = take_all(&a);
	if (!err) {
		all = a.seen;
		a.each = each;
		err = ask(&a, PACKET_SHOW_INFO | PACKET_SHOW_FILTER);
	}
	if (!err)
		err = take_all(&a);
	*missed = all > a.seen ? all - a.seen : 0;
	free(a.answer);
	close(a.fd);
	return err;
}

/* --- any socket -------------------------------------------------------------------------- */

static int option(int fd, int what, int *value)
{
	socklen_t len = sizeof *value;

	return getsockopt(fd, SOL_SOCKET, what, value, &len);
}

int net_socket_filter(int fd, struct net_socket *s, struct sock_filter insns[NET_MAX_FILTER])
{
	socklen_t n = 0;

	*s = (struct net_socket){ 0 };
	if (option(fd, SO_DOMAIN, &s->domain) || option(fd, SO_TYPE, &s->type) ||
	    option(fd, SO_PROTOCOL, &s->protocol) ||
	    getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &n))
		return -errno;
	if (!n || n > NET_MAX_FILTER)
		return n ? -E2BIG : 0;
	if (getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, insns, &n))
		return -errno;
	s->insns = insns;
	s->n = n;
	return 0;
}

int net_copy_descriptor(int pid, int fd)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0), copy, err;

	if (process < 0)
		return -errno;
	copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	err = errno;
	close(process);
	return copy < 0 ? -err : copy;
}
