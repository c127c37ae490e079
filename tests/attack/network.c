/* Sockets of the network, and of what else the kernel has families for. */
#include "attack.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Families and protocols that not every header has. */
enum {
	NETLINK = 16,
	PACKET = 17,
	ALG = 38,
	VSOCK = 40,
	KCM = 41,
	XDP = 44
};

static bool makes(long family, long type, long protocol)
{
	long fd = CALL(SYS_socket, family, type, protocol);
	bool through = passed(fd);

	opened(fd);
	return through;
}

static bool inet(void) { return makes(AF_INET, SOCK_STREAM, 0); }
static bool inet_dgram(void) { return makes(AF_INET, SOCK_DGRAM, 0); }
static bool inet_above(void) { return makes(ABOVE(AF_INET), SOCK_STREAM, 0); }
static bool inet6(void) { return makes(AF_INET6, SOCK_STREAM, 0); }
static bool inet6_dgram(void) { return makes(AF_INET6, SOCK_DGRAM, 0); }
static bool inet6_above(void) { return makes(ABOVE(AF_INET6), ABOVE(SOCK_STREAM), 0); }
static bool raw(void) { return makes(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static bool raw_above(void) { return makes(AF_INET, ABOVE(SOCK_RAW), IPPROTO_RAW); }
static bool raw6(void) { return makes(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6); }
static bool ping(void) { return makes(AF_INET, SOCK_DGRAM, IPPROTO_ICMP); }
static bool udplite(void) { return makes(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE); }
static bool sctp(void) { return makes(AF_INET, SOCK_STREAM, IPPROTO_SCTP); }
static bool mptcp(void) { return makes(AF_INET, SOCK_STREAM, 262); }
static bool odd_type(void) { return makes(AF_INET, SOCK_STREAM | SOCK_DGRAM, 0); }
static bool packet(void) { return makes(PACKET, SOCK_RAW, 0x0300); }
static bool packet_old(void) { return makes(AF_INET, 10 /* SOCK_PACKET */, 0x0300); }
static bool netlink(void) { return makes(NETLINK, SOCK_RAW, 0); }
static bool netlink_above(void) { return makes(ABOVE(NETLINK), SOCK_DGRAM, 0); }
static bool kcm(void) { return makes(KCM, SOCK_DGRAM, 0); }
static bool xdp(void) { return makes(XDP, SOCK_RAW, 0); }
static bool vsock(void) { return makes(VSOCK, SOCK_STREAM, 0); }
static bool vsock_above(void) { return makes(ABOVE(VSOCK), SOCK_STREAM, 0); }
static bool alg(void) { return makes(ALG, SOCK_SEQPACKET, 0); }
static bool alg_above(void) { return makes(ABOVE(ALG), SOCK_SEQPACKET, 0); }

/* All that have no attempt of their own. */
static bool other_families(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };

	for (int i = 0; i < 64 * 4; i++) {
		int family = i / 4;

		if (family != AF_UNIX && family != AF_INET && family != AF_INET6 &&
		    family != ALG && family != VSOCK && makes(family, types[i % 4], 0))
			return true;
	}
	return false;
}

static bool other_pairs(void)
{
	int fd[2];

	for (int family = 2; family < 64; family++)
		if (passed(CALL(SYS_socketpair, ABOVE(family), SOCK_STREAM, 0, fd)))
			return true;
	return false;
}

/* --- loopback, where something listens ------------------------------------------- */

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static bool calls(void)
{
	struct sockaddr_in a = loopback(world.tcp);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool through = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;

	opened(fd);
	return through;
}

static bool calls_fast(void)
{
	struct sockaddr_in a = loopback(world.tcp);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	bool through = sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
	                      (struct sockaddr *)&a, sizeof a) == 1;

	opened(fd);
	return through;
}

static bool sends(void)
{
	struct sockaddr_in a = loopback(world.udp);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool through = sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof a) == 1;

	opened(fd);
	return through;
}

static bool listens(void) { return passed(listen(-1, 1)); }
static bool accepts(void) { return passed(accept4(-1, NULL, NULL, 0)); }

/* --- programs and tables for the kernel ------------------------------------------- */

/*
 * On the socket that is inherited, or where it is not, on one of our own if that can be;
 * without any the call does nothing, whoever answers.
 */
static bool sets(long level, long name, const void *value, size_t size)
{
	int fd = INHERITED_UDP;
	bool done;

	if (fcntl(fd, F_GETFD) < 0)
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	done = passed(CALL(SYS_setsockopt, fd, level, name, value, size)) && fd >= 0;
	if (fd != INHERITED_UDP && fd >= 0)
		close(fd);
	return done;
}

static bool filter(void)
{
	struct sock_filter accept = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct sock_fprog program = { 1, &accept };

	return sets(SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static bool filter_above(void)
{
	struct sock_fprog none = { 0, NULL };

	return sets(ABOVE(SOL_SOCKET), ABOVE(SO_ATTACH_FILTER), &none, sizeof none);
}

static bool filter_bpf(void) { return sets(SOL_SOCKET, 50 /* SO_ATTACH_BPF */, "1234", 4); }
static bool reuseport(void) { return sets(SOL_SOCKET, 51, "12345678", 8); }
static bool tables(void) { return sets(IPPROTO_IP, 64 /* IPT_SO_SET_REPLACE */, "", 0); }
static bool tables6(void) { return sets(IPPROTO_IPV6, 64, "", 0); }
static bool protocol(void) { return sets(IPPROTO_TCP, 31 /* TCP_ULP */, "tls", 3); }

ATTEMPTS(network) = {
	{ "inet-stream", inet, false },
	{ "inet-datagram", inet_dgram, false },
	{ "inet-above", inet_above, false },
	{ "inet6-stream", inet6, false },
	{ "inet6-datagram", inet6_dgram, false },
	{ "inet6-above", inet6_above, false },
	{ "tcp-connect", calls, false },
	{ "tcp-fastopen", calls_fast, false },
	{ "udp-send", sends, false },
	{ "listen", listens, false },
	{ "accept", accepts, false },
	{ "raw", raw, false },
	{ "raw-above", raw_above, false },
	{ "raw6", raw6, false },
	{ "ping", ping, false },
	{ "udplite", udplite, false },
	{ "sctp", sctp, false },
	{ "mptcp", mptcp, false },
	{ "odd-type", odd_type, false },
	{ "packet", packet, false },
	{ "packet-old", packet_old, false },
	{ "netlink", netlink, false },
	{ "netlink-above", netlink_above, false },
	{ "kcm", kcm, false },
	{ "xdp", xdp, false },
	{ "vsock", vsock, false },
	{ "vsock-above", vsock_above, false },
	{ "alg", alg, false },
	{ "alg-above", alg_above, false },
	{ "other-families", other_families, false },
	{ "other-pairs", other_pairs, false },
	{ "attach-filter", filter, false },
	{ "attach-filter-above", filter_above, false },
	{ "attach-bpf", filter_bpf, false },
	{ "attach-reuseport", reuseport, false },
	{ "iptables", tables, false },
	{ "ip6tables", tables6, false },
	{ "tcp-ulp", protocol, false },
	{ NULL, NULL, false },
};
