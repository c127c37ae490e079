/* Local sockets of others, by path and by abstract name, with descriptors to them. */
#include "attack.h"

#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool makes(void)
{
	return opened(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static bool makes_above(void)
{
	return opened(CALL(SYS_socket, ABOVE(AF_UNIX), ABOVE(SOCK_DGRAM), 0));
}

static bool calls(bool abstract)
{
	struct sockaddr_un a = address(SOCKET_STREAM, abstract);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool through = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;

	opened(fd);
	return through;
}

static bool calls_path(void) { return calls(false); }
static bool calls_abstract(void) { return calls(true); }

/* It arrived, or would have: whom it is for has no room for more. */
static bool sent(long result)
{
	return result == 1 || (result < 0 && errno == EAGAIN);
}

static bool sends(int fd, bool abstract)
{
	struct sockaddr_un a = address(SOCKET_DGRAM, abstract);

	return sent(sendto(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&a,
	                   sizeof a));
}

static bool sends_path(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	bool through = sends(fd, false);

	opened(fd);
	return through;
}

static bool sends_abstract(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	bool through = sends(fd, true);

	opened(fd);
	return through;
}

static bool is_called(void)
{
	struct sockaddr_un a = address("called", true);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool through = bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 1) == 0;

	opened(fd);
	return through;
}

/* --- pairs, which are to lead from one end to the other --------------------------- */

static bool pair(void)
{
	int fd[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0 && opened(fd[0]) && opened(fd[1]);
}

/* FD was told to send to a socket outside, and did not send to its other end. */
typedef bool send_fn(int fd, bool abstract);

static bool sends_out(int fd, int other, send_fn *send)
{
	bool through = false;
	char byte;

	for (int abstract = 0; abstract < 2; abstract++)
		through |= send(fd, abstract) && recv(other, &byte, 1, MSG_DONTWAIT) < 0;
	return through;
}

/* With each type there is, flags beside it and what no int has above it. */
static bool try_pairs(send_fn *send)
{
	static const int flags[] = {
		0,
		SOCK_CLOEXEC,
		SOCK_NONBLOCK,
		SOCK_CLOEXEC | SOCK_NONBLOCK,
	};
	bool through = false;

	for (int i = 0; i < 16 * 4 * 4; i++) {
		int type = i % 16 | flags[i / 16 % 4], fd[2];

		if (CALL(SYS_socketpair, i & 64 ? ABOVE(AF_UNIX) : AF_UNIX,
		         i & 128 ? ABOVE(type) : type, 0, fd) != 0)
			continue;
		through |= sends_out(fd[0], fd[1], send);
		close(fd[0]);
		close(fd[1]);
	}
	return through;
}

static bool by_connect(int fd, bool abstract)
{
	struct sockaddr_un a = address(SOCKET_DGRAM, abstract);

	return connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
}

/* A message with a descriptor of ours. */
static struct msghdr message(struct sockaddr_un *a, struct iovec *text, char *space)
{
	struct msghdr m = {
		.msg_name = a,
		.msg_namelen = a ? sizeof *a : 0,
		.msg_iov = text,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = CMSG_SPACE(sizeof(int)),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fd = INHERITED_FILE;

	*c = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof fd),
	};
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return m;
}

static bool by_message(int fd, bool abstract)
{
	struct sockaddr_un a = address(SOCKET_DGRAM, abstract);
	struct iovec text = { (char[]){ "x" }, 1 };
	char space[64] = { 0 };
	struct msghdr m = message(&a, &text, space);

	return sent(sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL));
}

static bool by_messages(int fd, bool abstract)
{
	struct sockaddr_un a = address(SOCKET_DGRAM, abstract);
	struct iovec text = { (char[]){ "x" }, 1 };
	char space[64] = { 0 };
	struct mmsghdr m = { .msg_hdr = message(&a, &text, space) };

	return sent(sendmmsg(fd, &m, 1, MSG_DONTWAIT | MSG_NOSIGNAL));
}

static bool pair_sends(void) { return try_pairs(sends); }
static bool pair_connects(void) { return try_pairs(by_connect); }
static bool pair_message(void) { return try_pairs(by_message); }
static bool pair_messages(void) { return try_pairs(by_messages); }

/* --- memory, queues and semaphores with names ---------------------------------------- */

static bool queue(void)
{
	int fd = mq_open(queue_name(), O_RDWR | O_NONBLOCK);
	bool through = fd >= 0 && mq_send(fd, "x", 1, 0) == 0;

	opened(fd);
	return through;
}

static bool makes_queue(void) { return opened(mq_open("/weir-attack-none", O_RDONLY)) ||
	                               errno == ENOENT; }
static bool messages(void) { return passed(msgget(IPC_PRIVATE, 0)); }
static bool semaphores(void) { return passed(semget(0x77656972, 1, 0)); }
static bool segments(void) { return passed(shmget(0x77656972, 1, 0)); }

static bool maps_segment(void)
{
	void *p = shmat(world.shm, NULL, 0);

	if (p == (void *)-1)
		return false;
	*(char *)p = 1;
	shmdt(p);
	return true;
}

static bool shared_file(void)
{
	return passed(open("/dev/shm/weir-attack-none", O_RDWR | O_NONBLOCK));
}

ATTEMPTS(local) = {
	{ "unix-socket", makes, false },
	{ "unix-above", makes_above, false },
	{ "unix-connect-path", calls_path, false },
	{ "unix-connect-abstract", calls_abstract, false },
	{ "unix-send-path", sends_path, false },
	{ "unix-send-abstract", sends_abstract, false },
	{ "unix-listen", is_called, false },
	{ "pair", pair, false },
	{ "pair-sendto", pair_sends, false },
	{ "pair-connect", pair_connects, false },
	{ "pair-sendmsg", pair_message, false },
	{ "pair-sendmmsg", pair_messages, false },
	{ "queue-send", queue, false },
	{ "queue-open", makes_queue, false },
	{ "sysv-messages", messages, false },
	{ "sysv-semaphores", semaphores, false },
	{ "sysv-memory", segments, false },
	{ "sysv-memory-map", maps_segment, false },
	{ "shared-memory-file", shared_file, false },
	{ NULL, NULL, false },
};
