/*
 * Names that expressions use, looked up where this system looks them up: hosts
 * as getaddrinfo(3) does, networks, protocols and services from the databases
 * of nsswitch.conf(5), stations from ethers(5).
 */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/cli.h"

static int resolve_error(int err)
{
	switch (err) {
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
	case EAI_SERVICE:
		return -ENOENT;
	case EAI_AGAIN:
		return -EAGAIN;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return errno ? -errno : -EIO;
	default:
		return -EIO;
	}
}

static bool add_address(struct weir_resolved *out, const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (out->n == WEIR_MAX_ADDRESSES)
		return false;
	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		out->address[out->n].family = 4;
		memcpy(out->address[out->n++].bytes, &in.sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof in6);
		out->address[out->n].family = 6;
		memcpy(out->address[out->n++].bytes, &in6.sin6_addr, 16);
	}
	return true;
}

static int resolve_host(const char *name, struct weir_resolved *out)
{
	/* A socket type, or every address comes once for each of them. */
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *a;
	int err = getaddrinfo(name, NULL, &hints, &list);
	bool all = true;

	if (err)
		return resolve_error(err);
	for (a = list; a && all; a = a->ai_next)
		all = add_address(out, a->ai_addr);
	freeaddrinfo(list);
	if (!all)
		return -E2BIG;
	return out->n ? 0 : -ENOENT;
}

static int resolve_net(const char *name, struct weir_resolved *out)
{
	const struct netent *net = getnetbyname(name);

	if (!net || net->n_addrtype != AF_INET)
		return -ENOENT;
	out->number = net->n_net;
	return 0;
}

static int resolve_port(const char *name, const char *protocol,
                        struct weir_resolved *out)
{
	const struct servent *service = getservbyname(name, protocol);

	if (!service)
		return -ENOENT;
	out->number = ntohs((uint16_t)service->s_port);
	return 0;
}

static int resolve_proto(const char *name, struct weir_resolved *out)
{
	const struct protoent *protocol = getprotobyname(name);

	if (!protocol)
		return -ENOENT;
	out->number = (uint32_t)protocol->p_proto;
	return 0;
}

static int resolve_ether(const char *name, struct weir_resolved *out)
{
	struct ether_addr address;

	if (ether_hostton(name, &address) != 0)
		return -ENOENT;
	memcpy(out->mac, address.ether_addr_octet, sizeof out->mac);
	return 0;
}

int resolve_name(void *ctx, enum weir_name_kind kind, const char *name,
                 struct weir_resolved *out)
{
	memset(out, 0, sizeof *out);
	switch (kind) {
	case WEIR_NAME_HOST:
		return resolve_host(name, out);
	case WEIR_NAME_NET:
		return resolve_net(name, out);
	case WEIR_NAME_PORT_TCP:
		return resolve_port(name, "tcp", out);
	case WEIR_NAME_PORT_UDP:
		return resolve_port(name, "udp", out);
	case WEIR_NAME_PORT_SCTP:
		return resolve_port(name, "sctp", out);
	case WEIR_NAME_PROTO:
		return resolve_proto(name, out);
	case WEIR_NAME_ETHER:
		return resolve_ether(name, out);
	}
	return -ENOENT;
}
