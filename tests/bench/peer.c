/*
 * libpcap, the peer. What may take it minutes runs in a process of its own, which
 * ends itself after a while: its optimizer's time grows with the cube of a list.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#ifdef HAVE_PCAP
#include "tests/diff/oracle.h"

bool peer_there(void)
{
	return true;
}

const char *peer_version(void)
{
	return oracle_version_text();
}

int peer_dlt(const char *name)
{
	return oracle_dlt(name);
}

/* What the process that compiles writes in front of the instructions. */
struct answer {
	uint32_t n;
	double compile;
	char error[256];
};

static struct answer compile(struct oracle_code *code, const char *text, int dlt,
                             bool optimize, const struct effort *e)
{
	struct answer best = { .n = 0 };

	for (unsigned i = 0; i < e->repeat; i++) {
		double start = seconds(), took;

		for (unsigned b = 0; b < e->batch; b++) {
			if (i || b)
				oracle_free(code);
			oracle_compile(code, text, dlt, 262144, optimize, UINT32_MAX);
		}
		took = (seconds() - start) / e->batch;
		if (!i || took < best.compile)
			best.compile = took;
	}
	best.n = code->n;
	memcpy(best.error, code->error, sizeof(best.error));
	return best;
}

static void take(struct arena *a, struct figures *out, const struct answer *got,
                 struct sock_filter *insns)
{
	out->there = got->n > 0;
	out->n = got->n;
	out->insns = insns;
	out->compile = got->compile;
	if (!out->there)
		out->missing = arena_strndup(a, got->error, strlen(got->error));
}

static bool read_all(int fd, void *p, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, (char *)p + done, len - done);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static bool write_all(int fd, const void *p, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, (const char *)p + done, len - done);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static void limited(struct arena *a, struct figures *out, const char *text, int dlt,
                    bool optimize, const struct effort *e)
{
	struct sock_filter *insns = NULL;
	struct oracle_code code;
	struct answer got;
	int fd[2];
	pid_t child;
	bool done;

	out->missing = "gave up: too slow";
	if (pipe(fd))
		return;
	child = fork();
	if (child < 0) {
		close(fd[0]);
		close(fd[1]);
		return;
	}
	if (child == 0) {
		alarm((unsigned)e->limit + 1);
		got = compile(&code, text, dlt, optimize, e);
		done = write_all(fd[1], &got, sizeof(got)) &&
		       write_all(fd[1], code.insns, got.n * sizeof(*code.insns));
		_exit(!done);
	}
	close(fd[1]);
	done = read_all(fd[0], &got, sizeof(got));
	if (done) {
		insns = arena_array(a, struct sock_filter, got.n + 1);
		done = read_all(fd[0], insns, got.n * sizeof(*insns));
	}
	close(fd[0]);
	waitpid(child, NULL, 0);
	if (done)
		take(a, out, &got, insns);
}

void peer_compile(struct arena *a, struct figures *out, const char *text, int dlt,
                  bool optimize, const struct effort *e)
{
	struct oracle_code code;
	struct answer got;

	if (e->limit > 0) {
		limited(a, out, text, dlt, optimize, e);
		return;
	}
	got = compile(&code, text, dlt, optimize, e);
	take(a, out, &got, got.n ? arena_memdup(a, code.insns, got.n * sizeof(*code.insns)) : NULL);
	oracle_free(&code);
}

uint32_t peer_run(const struct figures *f, const struct frame *p)
{
	return oracle_run(f->insns, p->bytes, p->len, p->len);
}

#else

bool peer_there(void)
{
	return false;
}

const char *peer_version(void)
{
	return "not there";
}

int peer_dlt(const char *name)
{
	return weir_linktype_by_name(name);
}

void peer_compile(struct arena *a, struct figures *out, const char *text, int dlt,
                  bool optimize, const struct effort *e)
{
	out->missing = "built without libpcap";
}

uint32_t peer_run(const struct figures *f, const struct frame *p)
{
	return 0;
}

#endif
