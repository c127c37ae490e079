/*
 * Compiles a packet expression and attaches it to a socket: the kernel then
 * hands over only what matches. Sends itself two datagrams over loopback, to
 * ports 9998 and 9999, and receives the one that the expression asks for.
 *
 *     cc attach.c $(pkg-config --cflags --libs weir)
 *     sudo ./a.out ["udp dst port 9999"]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir.h>

/* A message with the place in the text and a caret under it. */
static void print_diag(void *ctx, const struct weir_diag *diag)
{
	fprintf(stderr, "%s\n", diag->rendered);
}

static void die(const char *what)
{
	perror(what);
	/* 77 tells a test that this is not permitted here. */
	exit(errno == EPERM ? 77 : 1);
}

/* For packets that are received live, so that VLAN tags are where the kernel keeps them. */
static struct weir_program *compile(const char *expression)
{
	struct weir_read_options read = { .size = sizeof read, .diag = print_diag };
	struct weir_expression_options o = {
		.size = sizeof o,
		.read = &read,
		.live = true,
	};
	struct weir_expression *e;
	struct weir_program *program;

	if (weir_expression_read(&e, expression, strlen(expression), &o) ||
	    weir_expression_compile(&program, e, NULL))
		exit(2);
	weir_expression_free(e);
	return program;
}

static int open_loopback(const struct weir_program *program)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex("lo"),
	};
	struct timeval patience = { .tv_sec = 2 };
	struct sock_fprog fprog;
	/* Protocol 0: nothing comes in before the filter is there. */
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0)
		die("packet socket");
	if (weir_program_fprog(program, &fprog)) {
		fprintf(stderr, "the program is too long for a socket\n");
		exit(1);
	}
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &fprog, sizeof fprog))
		die("SO_ATTACH_FILTER");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience))
		die("SO_RCVTIMEO");
	if (bind(fd, (struct sockaddr *)&to, sizeof to))
		die("bind");
	return fd;
}

static void send_to(uint16_t port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof to) < 0)
		die("sending over loopback");
	close(fd);
}

int main(int argc, char **argv)
{
	struct weir_program *program = compile(argc > 1 ? argv[1] : "udp dst port 9999");
	int fd = open_loopback(program);
	unsigned char packet[2048];
	ssize_t n;

	weir_program_free(program); /* the kernel has its own copy */
	send_to(9998);
	send_to(9999);
	n = recv(fd, packet, sizeof packet, 0);
	if (n < 0)
		die("nothing came through");
	/* Ethernet has 14 bytes, IPv4 20, then come the ports. */
	printf("a packet of %zd bytes to port %d came through\n", n,
	       n >= 38 ? packet[36] << 8 | packet[37] : -1);
	close(fd);
	return 0;
}
