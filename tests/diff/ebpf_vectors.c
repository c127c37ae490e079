/*
 * The kernel's form of eBPF against the reference vectors: each instruction and each
 * relocation of what Linux makes of a program, and how long it gets.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ebpf/ebpf.h"
#include "vectors.h"

struct test {
	struct arena arena; /* of one entry */
	unsigned programs, failures;
};

static bool same(struct test *t, json_t *entry, const char *what, uint32_t at, int64_t ours,
                 int64_t theirs)
{
	if (ours == theirs)
		return true;
	if (t->failures++ < 20)
		fprintf(stderr, "%s: %s %u is %lld, should be %lld\n", vectors_name(entry), what, at,
		        (long long)ours, (long long)theirs);
	return false;
}

static int64_t item(json_t *array, size_t i)
{
	return json_integer_value(json_array_get(array, i));
}

static void compare_insns(struct test *t, json_t *entry, const struct ebpf_code *code,
                          json_t *theirs)
{
	json_t *insn;
	size_t i;

	if (!same(t, entry, "the length of", 0, code->insns.n, (int64_t)json_array_size(theirs)))
		return;
	json_array_foreach(theirs, i, insn) {
		const struct ebpf_insn *ours = &code->insns.v[i];
		uint32_t at = (uint32_t)i;

		if (!same(t, entry, "code", at, ours->code, item(insn, 0)) ||
		    !same(t, entry, "dst", at, ours->dst, item(insn, 1)) ||
		    !same(t, entry, "src", at, ours->src, item(insn, 2)) ||
		    !same(t, entry, "off", at, ours->off, item(insn, 3)) ||
		    !same(t, entry, "imm", at, ours->imm, item(insn, 4)))
			return;
	}
}

static void compare_relocs(struct test *t, json_t *entry, const struct ebpf_code *code)
{
	json_t *relocs = json_object_get(entry, "relocs"), *reloc;
	size_t i;

	if (!same(t, entry, "the number of relocations", 0, code->relocs.n,
	          (int64_t)json_array_size(relocs)))
		return;
	json_array_foreach(relocs, i, reloc) {
		const struct ebpf_reloc *ours = &code->relocs.v[i];
		const char *field = json_string_value(json_array_get(reloc, 1));
		const char *symbol = json_string_value(json_array_get(reloc, 2));

		if (same(t, entry, "the place of relocation", (uint32_t)i, ours->insn,
		         item(reloc, 0)) &&
		    !strcmp(field, ours->is_imm ? "imm" : "off") && !strcmp(symbol, ours->symbol))
			continue;
		t->failures++;
		fprintf(stderr, "%s: relocation %zu is %s of %s, should be %s of %s\n",
		        vectors_name(entry), i, ours->is_imm ? "imm" : "off", ours->symbol, field,
		        symbol);
	}
}

/* The SHA-256 of RAW in hexadecimal, by sha256sum. */
static void digest(const struct buf *raw, char out[65])
{
	char path[] = "/tmp/ebpf-vectors-XXXXXX", command[64];
	int fd = mkstemp(path);
	FILE *sum;

	if (fd < 0 || write(fd, raw->s, raw->len) != (ssize_t)raw->len)
		exit(1);
	close(fd);
	snprintf(command, sizeof command, "sha256sum <%s", path);
	sum = popen(command, "r");
	if (!sum || fscanf(sum, "%64s", out) != 1)
		exit(1);
	pclose(sum);
	unlink(path);
}

static void compare_digest(struct test *t, json_t *entry, const struct ebpf_code *code,
                           const char *theirs)
{
	struct buf raw = { .arena = &t->arena };
	char ours[65];

	same(t, entry, "ebpf_len", 0, code->insns.n, vectors_number(entry, "ebpf_len", -1));
	ebpf_put_raw(&raw, code, false);
	digest(&raw, ours);
	same(t, entry, "the digest's difference", 0, strcmp(ours, theirs), 0);
}

static void convert_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	const char *kind = json_string_value(json_object_get(entry, "kind"));
	const char *digest = json_string_value(json_object_get(entry, "ebpf_sha256"));
	struct cbpf_program p = { .use = strcmp(kind, "seccomp") ? CBPF_SOCKET : CBPF_SECCOMP };
	struct ebpf_code code = { .arena = &t->arena };
	struct ebpf_error error;
	size_t n;
	bool ok;

	p.insns = vectors_program(&t->arena, entry, &n);
	p.n = (uint32_t)n;
	ok = ebpf_kernel(&p, &(struct ebpf_target){ 0 }, &code, &error);
	t->programs++;
	if (!same(t, entry, "accepted", 0, ok ? 0 : -22, vectors_number(entry, "err", 0)) || !ok) {
		/* nothing to compare */
	} else if (same(t, entry, "stack_depth", 0, code.stack,
	                vectors_number(entry, "stack_depth", -1))) {
		if (digest) { /* which is all that is known of the longest */
			compare_digest(t, entry, &code, digest);
		} else {
			compare_insns(t, entry, &code, json_object_get(entry, "ebpf"));
			compare_relocs(t, entry, &code);
		}
	}
	arena_free(&t->arena);
}

/* The forecast of the converted length is the length, for all that Linux accepts. */
static void check_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	static const enum cbpf_use uses[] = { CBPF_SOCKET, CBPF_SECCOMP };
	struct cbpf_program p;
	struct cbpf_verdict v;
	size_t n;

	p.insns = vectors_program(&t->arena, entry, &n);
	p.n = (uint32_t)n;
	for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
		struct ebpf_code code = { .arena = &t->arena };
		struct ebpf_error error;
		struct cbpf_cost cost;
		bool ok;

		p.use = uses[i];
		ok = cbpf_check(&t->arena, p.insns, n, p.use, 0, &v);
		if (!ok && v.gate != CBPF_BAD_CONVERT)
			continue;
		same(t, entry, "conversion", 0,
		     ebpf_kernel(&p, &(struct ebpf_target){ 0 }, &code, &error), ok);
		cbpf_cost(&t->arena, p.insns, n, p.use, &cost);
		same(t, entry, "the forecast of", 0, (int64_t)cost.converted, code.insns.n);
		if (!ok)
			same(t, entry, "the instruction refused", 0, error.at, v.at);
	}
	arena_free(&t->arena);
}

int main(void)
{
	static struct test t;
	jmp_buf oom;

	t.arena.oom = &oom;
	if (setjmp(oom)) {
		fprintf(stderr, "out of memory\n");
		return 1;
	}
	if (vectors_each("convert_socket.jsonl", convert_entry, &t) < 0 ||
	    vectors_each("convert_seccomp.jsonl", convert_entry, &t) < 0 ||
	    vectors_each("check.jsonl", check_entry, &t) < 0)
		return SKIPPED;
	printf("%u programs converted as Linux converts them, %u differences\n", t.programs,
	       t.failures);
	return t.failures != 0;
}
