/*
 * The loadable form against the running kernel: every program of the reference vectors
 * that has one is loaded, and its results are those that the vectors have.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/diff/loaded.h"
#include "vectors.h"

enum {
	MAX_PACKETS = 1000
};

struct test {
	struct arena arena; /* of one entry */
	struct arena packets_arena;
	unsigned programs, refused, runs, failures;
	struct {
		const char *name;
		uint8_t *bytes;
	} packet[MAX_PACKETS];
	size_t npackets;
	bool may_not; /* bpf(2) is not for us */
};

static void packet_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	const char *name = vectors_name(entry);
	size_t len;

	if (t->npackets == MAX_PACKETS)
		abort();
	t->packet[t->npackets].name = arena_strndup(&t->packets_arena, name, strlen(name));
	t->packet[t->npackets++].bytes =
		vectors_hex(&t->packets_arena, json_string_value(json_object_get(entry, "hex")), &len);
}

static const uint8_t *packet_bytes(const struct test *t, const char *name)
{
	for (size_t i = 0; i < t->npackets; i++)
		if (!strcmp(t->packet[i].name, name))
			return t->packet[i].bytes;
	fprintf(stderr, "no packet %s\n", name);
	exit(1);
}

/* What a test run has and the vectors' packets have not. */
static bool asks_for_more(const struct cbpf_program *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct sock_filter *f = &p->insns[i];

		if (cbpf_insn(f->code)->operand == CBPF_OPERAND_ABS &&
		    f->k >= (uint32_t)SKF_LL_OFF && f->k != CBPF_ANCILLARY + SKF_AD_ALU_XOR_X)
			return true;
	}
	return false;
}

static void run_all(struct test *t, json_t *entry, int fd)
{
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(entry, "runs"), i, run) {
		const char *name = json_string_value(json_array_get(run, 0));
		uint32_t captured = (uint32_t)json_integer_value(json_array_get(run, 1));
		uint32_t wire = (uint32_t)json_integer_value(json_array_get(run, 2));
		uint32_t expected = (uint32_t)json_integer_value(json_array_get(run, 3)), result;

		if (captured != wire || !loaded_run(fd, packet_bytes(t, name), captured, &result))
			continue;
		t->runs++;
		if (result == expected || t->failures++ >= 20)
			continue;
		fprintf(stderr, "%s: on %s, %u bytes of it, the kernel says %u, should be %u\n",
		        vectors_name(entry), name, captured, result, expected);
	}
}

static void load_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	struct cbpf_program p = { .use = CBPF_SOCKET };
	struct ebpf_code code = { .arena = &t->arena };
	struct ebpf_error error;
	char log[600];
	size_t n;
	int fd;

	p.insns = vectors_program(&t->arena, entry, &n);
	p.n = (uint32_t)n;
	if (!ebpf_loadable(&p, &code, &error)) {
		t->refused++;
	} else if ((fd = loaded_open(&code, BPF_PROG_TYPE_SOCKET_FILTER, log, sizeof log)) < 0) {
		t->may_not |= fd == -EPERM || fd == -ENOSYS;
		if (!t->may_not && t->failures++ < 20)
			fprintf(stderr, "%s: not loaded: %s\n%s\n", vectors_name(entry), strerror(-fd),
			        log);
	} else {
		t->programs++;
		if (!asks_for_more(&p))
			run_all(t, entry, fd);
		close(fd);
	}
	arena_free(&t->arena);
}

int main(void)
{
	static struct test t;
	jmp_buf oom;

	t.arena.oom = t.packets_arena.oom = &oom;
	if (setjmp(oom)) {
		fprintf(stderr, "out of memory\n");
		return 1;
	}
	if (vectors_each("packets.jsonl", packet_entry, &t) < 0 ||
	    vectors_each("run.jsonl", load_entry, &t) < 0)
		return SKIPPED;
	arena_free(&t.packets_arena);
	if (t.may_not) {
		printf("skipped: bpf(2) loads no programs for us here\n");
		return SKIPPED;
	}
	printf("%u programs loaded, %u have no such form; %u runs, %u failures\n", t.programs,
	       t.refused, t.runs, t.failures);
	return t.failures != 0;
}
