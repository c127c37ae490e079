/*
 * The world around the attempts: processes, sockets, a queue, terminals and files
 * of the same user, and what has become of them at the end.
 */
#include "attack.h"

#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile unsigned long word = 1;
static int listener[4]; /* SOCKET_STREAM, SOCKET_DGRAM; by path, abstract */
static int terminal;    /* the master of the program's own */

static void die(const char *what)
{
	perror(what);
	exit(99);
}

static int check(int result, const char *what)
{
	if (result < 0)
		die(what);
	return result;
}

static void heed(int sig)
{
	(void)sig;
}

/* A process that lives through all signals of the attempts, and ends with us. */
static int make_victim(void)
{
	int pid = check(fork(), "fork");

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int sig = 1; sig < 65; sig++)
		signal(sig, heed);
	setpgid(0, 0);
	for (;;)
		pause();
}

static int make_listener(const char *name, int type, bool abstract)
{
	struct sockaddr_un a = address(name, abstract);
	int fd = check(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");

	check(bind(fd, (struct sockaddr *)&a, sizeof a), name);
	if (type == SOCK_STREAM)
		check(listen(fd, 100), "listen");
	return fd;
}

/* On loopback; its port. */
static int make_server(int type)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof a;
	int fd = check(socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket");

	check(bind(fd, (struct sockaddr *)&a, sizeof a), "bind to loopback");
	if (type == SOCK_STREAM)
		check(listen(fd, 100), "listen");
	getsockname(fd, (struct sockaddr *)&a, &size);
	return ntohs(a.sin_port);
}

static int make_terminal(char *name, size_t size)
{
	int fd = check(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt");

	check(grantpt(fd) || unlockpt(fd) || ptsname_r(fd, name, size) ? -1 : 0, "a terminal");
	return fd;
}

static void make_files(void)
{
	int fd = check(open(FILE_OURS, O_CREAT | O_RDWR | O_CLOEXEC, 0600), FILE_OURS);

	check((int)write(fd, "ours", 4), FILE_OURS);
	fd = check(open("inherited", O_CREAT | O_RDWR, 0600), "inherited");
	check(ftruncate(fd, 65536), "inherited");
	check(dup2(fd, INHERITED_FILE), "dup2");
	close(fd);
	check(mkfifo(FILE_FIFO, 0600), FILE_FIFO);
	fd = check(open(FILE_FIFO, O_RDWR | O_NONBLOCK | O_CLOEXEC), FILE_FIFO);
	check((int)write(fd, "secret", 6), FILE_FIFO);
}

static void make_inherited(void)
{
	int pair[2], udp = check(socket(AF_INET, SOCK_DGRAM, 0), "socket");

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), "socketpair");
	check(fcntl(pair[1], F_DUPFD_CLOEXEC, 40), "fcntl"); /* kept open */
	check(dup2(pair[0], INHERITED_PAIR), "dup2");
	check(dup2(udp, INHERITED_UDP), "dup2");
	close(pair[0]);
	close(pair[1]);
	close(udp);
}

static void make_world(void)
{
	struct mq_attr small = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	char own[64];

	if (!getcwd(world.home, sizeof world.home))
		die("getcwd");
	world.outside = getpid();
	world.word = (unsigned long)(uintptr_t)&word;
	world.shm = check(shmget(IPC_PRIVATE, 4096, 0600), "shmget");
	make_files();
	make_inherited();
	world.victim = make_victim(); /* has the inherited descriptors, too */
	world.spare = make_victim();
	for (int i = 0; i < 4; i++)
		listener[i] = make_listener(i & 1 ? SOCKET_DGRAM : SOCKET_STREAM,
		                            i & 1 ? SOCK_DGRAM : SOCK_STREAM, i & 2);
	world.tcp = make_server(SOCK_STREAM);
	world.udp = make_server(SOCK_DGRAM);
	mq_open(queue_name(), O_CREAT | O_RDWR, 0600, &small);
	check(open(ptsname(make_terminal(world.terminal, sizeof world.terminal)),
	           O_RDWR | O_NOCTTY | O_CLOEXEC),
	      "a terminal");
	terminal = make_terminal(own, sizeof own);
	world_write();
}

static void unmake_world(void)
{
	kill(world.victim, SIGKILL);
	kill(world.spare, SIGKILL);
	shmctl(world.shm, IPC_RMID, NULL);
	mq_unlink(queue_name());
}

/* The child: a session with a terminal of its own, and COMMAND on it. */
static void begin(char **command, int out)
{
	int tty;

	setsid();
	tty = check(open(ptsname(terminal), O_RDWR), "a terminal");
	ioctl(tty, TIOCSCTTY, 0);
	dup2(tty, 0);
	dup2(out, 1);
	close(tty);
	execvp(command[0], command);
	die(command[0]);
}

/* Runs COMMAND; its output goes into a buffer that holds until the next call. */
static const char *run(char **command, int *status)
{
	static char text[1 << 16];
	size_t len = 0;
	int out[2], pid;
	ssize_t n;

	check(pipe2(out, O_CLOEXEC), "pipe2");
	pid = check(fork(), "fork");
	if (!pid)
		begin(command, out[1]);
	close(out[1]);
	while (len < sizeof text - 1 &&
	       (n = read(out[0], text + len, sizeof text - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = 0;
	close(out[0]);
	waitpid(pid, status, 0);
	return text;
}

/* The victim's word was 1. */
static void tell_memory(void)
{
	unsigned long now = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/%d/mem", world.victim);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &now, sizeof now, (off_t)world.word) != sizeof now || now != 1)
		puts("arrived-memory");
	opened(fd);
}

/* What came in, as an attempt of its own: nobody's word but the listener's. */
static void tell_arrivals(void)
{
	char byte;

	for (int i = 0; i < 4; i++) {
		int fd = listener[i];

		if (i & 1 ? recv(fd, &byte, 1, MSG_DONTWAIT) > 0
		          : opened(accept4(fd, NULL, NULL, SOCK_CLOEXEC)))
			printf("arrived-%s-%s\n", i & 2 ? "abstract" : "path",
			       i & 1 ? SOCKET_DGRAM : SOCKET_STREAM);
	}
	tell_memory();
}

/* Attempt NAME is alone in its process, since that is to die of it. */
static void run_alone(char **command, char **last, char *name)
{
	const char *text;
	int status;

	last[0] = name;
	text = run(command, &status);
	if (WIFSIGNALED(status) ? WTERMSIG(status) == SIGSYS : WEXITSTATUS(status) == 159)
		return;
	printf("%s%s\n", name, strncmp(text, "end", 3) == 0 ? "-alive" : "");
}

int outside(char **command)
{
	static const struct attempt *const tables[] = {
		attempts_foreign,
		attempts_supervisor,
	};
	char *args[64], self[200];
	size_t n = 0, size = (size_t)check((int)readlink("/proc/self/exe", self, sizeof self - 1),
	                                   "/proc/self/exe");
	int status;

	self[size] = 0;
	alarm(60);
	make_world();
	while (command[n] && n < 60) {
		args[n] = command[n];
		n++;
	}
	args[n] = self;
	args[n + 1] = (char[]){ "inside" };
	args[n + 2] = args[n + 3] = NULL;
	fputs(run(args, &status), stdout);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		printf("status %#x\n", (unsigned)status);
	tell_arrivals();
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct attempt *a = tables[i]; a->name; a++)
			if (a->kills)
				run_alone(args, args + n + 2, (char *)(uintptr_t)a->name);
	unmake_world();
	return 0;
}
