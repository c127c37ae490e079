/* Descriptors that were open when the program began. */
#include "attack.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static bool reads(void)
{
	char c;
	return pread(INHERITED_FILE, &c, 1, 0) == 1;
}
static bool writes(void) { return pwrite(INHERITED_FILE, "x", 1, 0) == 1; }
static bool locks(void)
{
	struct flock all = { .l_type = F_WRLCK };

	return fcntl(INHERITED_FILE, F_SETLK, &all) == 0;
}

static bool maps(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, INHERITED_FILE, 0);

	if (p == MAP_FAILED)
		return false;
	*(char *)p = 1;
	return munmap(p, 4096) == 0;
}

static bool sends(void) { return write(INHERITED_PAIR, "x", 1) == 1; }

static bool passes(void)
{
	struct iovec text = { (char[]){ "x" }, 1 };
	char space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct msghdr m = {
		.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof space,
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fd = INHERITED_FILE;

	*c = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof fd),
	};
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(INHERITED_PAIR, &m, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

static struct sockaddr_in udp(void)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)world.udp),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static bool addresses(void)
{
	struct sockaddr_in a = udp();

	return sendto(INHERITED_UDP, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&a, sizeof a) == 1;
}

static bool connects(void)
{
	struct sockaddr_in a = udp();

	return connect(INHERITED_UDP, (struct sockaddr *)&a, sizeof a) == 0 &&
	       write(INHERITED_UDP, "x", 1) == 1;
}

ATTEMPTS(inherited) = {
	{ "inherited-read", reads, false },
	{ "inherited-write", writes, false },
	{ "inherited-lock", locks, false },
	{ "inherited-map", maps, false },
	{ "inherited-stream", sends, false },
	{ "inherited-rights", passes, false },
	{ "inherited-udp", addresses, false },
	{ "inherited-udp-connect", connects, false },
	{ NULL, NULL, false },
};
