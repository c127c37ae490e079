/* Programs go to the peer as lines of numbers, and come back so. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/diff/ebpf_peer.h"

bool ebpf_peer_start(struct ebpf_peer *p, const char *command)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return false;
	p->pid = fork();
	if (p->pid == 0) {
		dup2(ends[1], STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		execl(command, command, NULL);
		_exit(127);
	}
	close(ends[1]);
	p->to = fdopen(ends[0], "w");
	p->from = fdopen(dup(ends[0]), "r");
	return p->pid > 0 && p->to && p->from;
}

void ebpf_peer_end(struct ebpf_peer *p)
{
	shutdown(fileno(p->to), SHUT_WR);
	fclose(p->to);
	fclose(p->from);
	waitpid(p->pid, NULL, 0);
}

/* Read the numbers of LINE, five an instruction. */
static void read_insns(struct ebpf_code *code, const char *line)
{
	long n[5];
	char *end;

	for (;;) {
		for (unsigned i = 0; i < 5; i++, line = end) {
			n[i] = strtol(line, &end, 10);
			if (end == line)
				return;
		}
		ebpf_put(code, (uint8_t)n[0], (uint8_t)n[1], (uint8_t)n[2], (int16_t)n[3],
		         (int32_t)n[4]);
	}
}

bool ebpf_peer_compile(struct ebpf_peer *p, const struct cbpf_program *program,
                       struct ebpf_code *code, uint32_t *tests)
{
	char *line = NULL, *rest;
	size_t room = 0;
	bool ok;

	for (uint32_t i = 0; i < program->n; i++) {
		const struct sock_filter *f = &program->insns[i];

		fprintf(p->to, "%u %u %u %u ", f->code, f->jt, f->jf, f->k);
	}
	fputc('\n', p->to);
	fflush(p->to);
	ok = getline(&line, &room, p->from) > 0 && *line != '-';
	if (ok) {
		*tests = (uint32_t)strtoul(line, &rest, 10);
		read_insns(code, rest);
	}
	free(line);
	return ok;
}
