/*
 * The loadable and the direct forms against the running kernel: every program of the
 * reference vectors that has one is loaded, and its results are those that the vectors
 * have; for XDP also where the linear part of the packet ends early.
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
	MAX_PACKETS = 1000,
	LEAST = 14, /* bytes, with which the kernel runs direct forms */
};

/* A form, and how it is loaded and run. */
static const struct form {
	const char *name;
	uint32_t type;
	bool direct, xdp;
} forms[] = {
	{ "loadable", BPF_PROG_TYPE_SOCKET_FILTER, false, false },
	{ "XDP", BPF_PROG_TYPE_XDP, true, true },
	{ "tc", BPF_PROG_TYPE_SCHED_CLS, true, false },
};

struct test {
	struct arena arena; /* of one entry */
	struct arena packets_arena;
	struct {
		unsigned programs, refused, runs;
	} count[ARRAY_LEN(forms)];
	unsigned failures;
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

/*
 * Tell whether P asks for what a test run has and the vectors' packets have not, or, where
 * the link header comes first, have in another place: a network header.
 */
static bool asks_for_more(const struct form *f, const struct cbpf_program *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct sock_filter *insn = &p->insns[i];
		enum cbpf_operand operand = cbpf_insn(insn->code)->operand;

		if (operand == CBPF_OPERAND_ABS && insn->k >= (uint32_t)SKF_LL_OFF &&
		    insn->k != CBPF_ANCILLARY + SKF_AD_ALU_XOR_X)
			return true;
		if (f->direct && operand == CBPF_OPERAND_IND && insn->k > INT32_MAX)
			return true;
	}
	return false;
}

/* Run FD on LEN bytes, of which LINEAR are in the linear part; the result is to be EXPECTED. */
static void run_one(struct test *t, const struct form *f, const char *name, int fd,
                    const uint8_t *bytes, uint32_t len, uint32_t linear, uint32_t expected)
{
	uint32_t result;
	bool ran = f->direct ? loaded_run_direct(fd, f->xdp, bytes, len, linear, &result)
	                     : loaded_run(fd, bytes, len, &result);

	if (!ran)
		return;
	t->count[f - forms].runs++;
	if (result == expected || t->failures++ >= 20)
		return;
	fprintf(stderr, "%s, %s: on %u bytes, %u of them linear, the kernel says %u, should be %u\n",
	        name, f->name, len, linear, result, expected);
}

static void run_all(struct test *t, const struct form *f, json_t *entry, int fd)
{
	static const uint32_t ends[] = { UINT32_MAX, 14, 34, 60, 100 };
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(entry, "runs"), i, run) {
		const char *name = json_string_value(json_array_get(run, 0));
		uint32_t captured = (uint32_t)json_integer_value(json_array_get(run, 1));
		uint32_t wire = (uint32_t)json_integer_value(json_array_get(run, 2));
		uint32_t expected = (uint32_t)json_integer_value(json_array_get(run, 3));

		if (captured != wire || (f->direct && captured < LEAST))
			continue;
		for (size_t end = 0; end < (f->xdp ? ARRAY_LEN(ends) : 1); end++)
			if (end == 0 || ends[end] < captured)
				run_one(t, f, vectors_name(entry), fd, packet_bytes(t, name),
				        captured, min_u32(captured, ends[end]), expected);
	}
}

static bool converts(const struct form *f, const struct cbpf_program *p, struct ebpf_code *code)
{
	struct ebpf_error error;

	if (f->direct)
		return ebpf_direct(p, f->xdp ? EBPF_XDP : EBPF_TC,
		                   __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, code, &error);
	return ebpf_loadable(p, code, &error);
}

static void load_form(struct test *t, const struct form *f, json_t *entry,
                      const struct cbpf_program *p)
{
	struct ebpf_code code = { .arena = &t->arena };
	char log[600];
	int fd;

	if (!converts(f, p, &code)) {
		t->count[f - forms].refused++;
		return;
	}
	fd = loaded_open(&code, f->type, log, sizeof log);
	if (fd < 0) {
		t->may_not |= fd == -EPERM || fd == -ENOSYS;
		if (!t->may_not && t->failures++ < 20)
			fprintf(stderr, "%s, %s: not loaded: %s\n%s\n", vectors_name(entry), f->name,
			        strerror(-fd), log);
		return;
	}
	t->count[f - forms].programs++;
	if (!asks_for_more(f, p))
		run_all(t, f, entry, fd);
	close(fd);
}

static void load_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	struct cbpf_program p = { .use = CBPF_SOCKET };
	size_t n;

	p.insns = vectors_program(&t->arena, entry, &n);
	p.n = (uint32_t)n;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		load_form(t, &forms[i], entry, &p);
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
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		printf("%s: %u programs loaded, %u have no such form; %u runs\n", forms[i].name,
		       t.count[i].programs, t.count[i].refused, t.count[i].runs);
	printf("%u failures\n", t.failures);
	return t.failures != 0;
}
