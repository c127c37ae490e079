/* What the data begins with that a filter on a socket sees. */
#include "config.h"

#include "net/net.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"

enum {
	ANY = -1
};

/* Sockets and their data, the first row that fits; tests/cli/attach-socket.sh tries them. */
static const struct {
	int domain, type, protocol;
	int linktype;
	const char *text;
} rows[] = {
	{ AF_PACKET, SOCK_DGRAM, ANY, NET_RAW, "the IP header" },
	{ AF_INET, SOCK_RAW, ANY, NET_IPV4, "the IP header" },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, WEIR_UDP_PAYLOAD, "the payload" },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP, WEIR_UDP_PAYLOAD, "the payload" },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, WEIR_UDP_PAYLOAD, "the payload" },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE, WEIR_UDP_PAYLOAD, "the payload" },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, WEIR_TCP_PAYLOAD, "the payload" },
	{ AF_INET6, SOCK_STREAM, IPPROTO_TCP, WEIR_TCP_PAYLOAD, "the payload" },
	{ AF_INET6, SOCK_RAW, ANY, WEIR_MESSAGE, "the payload of IPv6" },
	{ AF_INET, SOCK_DGRAM, IPPROTO_ICMP, WEIR_MESSAGE, "the ICMP header" },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, WEIR_MESSAGE, "the ICMPv6 header" },
	{ AF_NETLINK, ANY, ANY, WEIR_MESSAGE, "the message" },
	{ AF_UNIX, SOCK_DGRAM, ANY, WEIR_MESSAGE, "the message" },
	{ AF_UNIX, SOCK_SEQPACKET, ANY, WEIR_MESSAGE, "the message" },
};

static int option(int fd, int what)
{
	int value = 0;
	socklen_t len = sizeof value;

	return getsockopt(fd, SOL_SOCKET, what, &value, &len) ? ANY : value;
}

/* Set OUT to what a packet socket with link headers sees on the interface that it is bound to. */
static void of_interface(int fd, struct net_payload *out)
{
	struct sockaddr_ll at = { 0 };
	socklen_t len = sizeof at;
	bool bound = !getsockname(fd, (struct sockaddr *)&at, &len) && at.sll_ifindex;

	out->linktype = NET_EN10MB;
	out->text = "the Ethernet header";
	if (!bound || at.sll_hatype == ARPHRD_ETHER || at.sll_hatype == ARPHRD_LOOPBACK)
		return;
	out->linktype = NET_RAW;
	out->text = "the IP header";
}

int net_payload(const char *target, struct net_payload *out, struct net_error *e)
{
	int pid, number, fd, domain, type, protocol;

	if (!net_read_descriptor(target, &pid, &number))
		return net_fail(e, -EINVAL, "expected a process and its descriptor, such as 1234:3, "
		                            "found '%s'",
		                target);
	fd = net_open_descriptor(pid, number, e);
	if (fd < 0)
		return fd;
	*out = (struct net_payload){ 0 };
	domain = option(fd, SO_DOMAIN);
	type = option(fd, SO_TYPE);
	protocol = option(fd, SO_PROTOCOL);
	out->live = domain == AF_PACKET;
	if (domain == AF_PACKET && type == SOCK_RAW)
		of_interface(fd, out);
	for (size_t i = 0; !out->text && i < ARRAY_LEN(rows); i++) {
		if (rows[i].domain != domain || (rows[i].type != ANY && rows[i].type != type) ||
		    (rows[i].protocol != ANY && rows[i].protocol != protocol))
			continue;
		out->linktype = rows[i].linktype;
		out->text = rows[i].text;
	}
	close(fd);
	if (type == ANY)
		return net_fail(e, -ENOTSOCK, "descriptor %d of process %d is not a socket", number, pid);
	if (domain == AF_UNIX && type == SOCK_STREAM)
		return net_fail(e, -EINVAL, "%s is a Unix stream socket, whose data no filter sees",
		                target);
	return 0;
}
