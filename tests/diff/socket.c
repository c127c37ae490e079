/* Packets through a pair of datagram sockets; the kernel cuts them to the result. */
#include "tests/diff/socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

bool attached_open(struct attached *s)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fd))
		return false;
	*s = (struct attached){ fd[0], fd[1] };
	return true;
}

void attached_close(struct attached *s)
{
	close(s->from);
	close(s->to);
}

bool attached_set(struct attached *s, const struct program *p)
{
	struct sock_fprog program = {
		(unsigned short)p->n,
		(struct sock_filter *)p->insns,
	};

	return p->n <= BPF_MAXINSNS && !setsockopt(s->to, SOL_SOCKET, SO_ATTACH_FILTER,
	                                           &program, sizeof(program));
}

bool attached_pass(struct attached *s, const struct input *in, uint32_t *passed)
{
	uint8_t bytes[PACKET_MAX];
	ssize_t len;

	if (send(s->from, in->bytes, in->captured, MSG_DONTWAIT) < 0)
		return false;
	len = recv(s->to, bytes, sizeof(bytes), MSG_DONTWAIT);
	*passed = len < 0 ? 0 : (uint32_t)len;
	return len >= 0 || errno == EAGAIN;
}
