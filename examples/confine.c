/*
 * Compiles a syscall policy and puts it on itself: from then on no socket can be
 * opened, and the program goes on without.
 *
 *     cc confine.c $(pkg-config --cflags --libs weir) && ./a.out
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <weir.h>

static const char policy[] =
	"default allow\n"
	"errno EPERM socket, socketpair, connect, bind, listen\n";

static void print_diag(void *ctx, const struct weir_diag *diag)
{
	fprintf(stderr, "%s\n", diag->rendered);
}

/* Fails closed: without the policy the program does not go on. */
static void confine(void)
{
	struct weir_read_options read = { .size = sizeof read, .diag = print_diag };
	struct weir_policy_options o = { .size = sizeof o, .read = &read };
	struct weir_policy *p;
	struct weir_program *program;
	struct sock_fprog fprog;

	if (weir_policy_read(&p, policy, strlen(policy), &o) ||
	    weir_policy_compile(&program, p, NULL) ||
	    weir_program_fprog(program, &fprog))
		exit(2);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog)) {
		perror("seccomp");
		exit(errno == ENOSYS || errno == EACCES ? 77 : 1);
	}
	weir_program_free(program);
	weir_policy_free(p);
}

int main(void)
{
	int fd;

	confine();
	fd = socket(AF_INET, SOCK_STREAM, 0);
	printf("socket: %s\n", fd < 0 ? strerror(errno) : "opened");
	printf("but everything else works: this is process %d\n", (int)getpid());
	return fd < 0 && errno == EPERM ? 0 : 1;
}
