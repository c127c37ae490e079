/*
 * Any bytes as a program: what reads is written in every format and reads back
 * the same; what the checker takes runs, within its forecast.
 */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "fuzz.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Raw instructions are known by their zero bytes; junk may be without. */
static bool is_read(const char *format, const struct buf *text)
{
	if (!strcmp(format, "raw"))
		return memchr(text->s, '\0', text->len);
	return strcmp(format, "dot");
}

static void print_and_read_back(struct arena *a, const struct cbpf_program *p)
{
	for (size_t i = 0; cbpf_format_names[i]; i++) {
		struct buf text = { .arena = a };
		struct diags d = { .arena = a };
		struct cbpf_program q = { 0 };
		uint32_t source;

		must(cbpf_print(&text, cbpf_format_names[i], p, NULL));
		if (!is_read(cbpf_format_names[i], &text))
			continue;
		source = diag_source(&d, "printed", text.s, text.len);
		must(cbpf_read(a, &d, source, &q));
		must(!strcmp(q.format, cbpf_format_names[i]) && q.n == p->n &&
		     !memcmp(q.insns, p->insns, p->n * sizeof *p->insns));
	}
}

static void run_packets(const struct cbpf_program *p, const struct cbpf_cost *cost,
                        const uint8_t *data, size_t size)
{
	for (uint32_t captured = 0; captured <= size; captured += 1 + captured) {
		struct cbpf_trace trace = { 0 };
		struct cbpf_input in = {
			/* Of just that size, so that a read past it is seen. */
			.bytes = memcpy(malloc(captured + 1), data, captured),
			.captured = captured,
			.wire = (uint32_t)size,
			.network = captured % 16,
		};
		uint32_t result = cbpf_run(p->insns, &in);

		must(result == cbpf_run_traced(p->insns, &in, &trace));
		must(trace.end == CBPF_END_RET || !result);
		must(trace.executed <= cost->longest_path);
		free((void *)in.bytes);
	}
}

/* A call that is answered from the bitmap is allowed whatever its arguments. */
static void run_calls(const struct cbpf_program *p, const uint8_t *data, size_t size)
{
	for (int nr = 0; nr < 8; nr++) {
		struct seccomp_data call = { .nr = nr, .arch = AUDIT_ARCH_X86_64 };
		struct cbpf_trace trace = { 0 };
		uint32_t result;

		memcpy(call.args, data, size < sizeof call.args ? size : sizeof call.args);
		result = cbpf_run_seccomp(p->insns, &call);
		must(result == cbpf_run_seccomp_traced(p->insns, &call, &trace));
		if (cbpf_seccomp_cached(p->insns, call.arch, (uint32_t)nr))
			must(result == SECCOMP_RET_ALLOW);
	}
}

static void check_and_run(struct arena *a, const struct cbpf_program *p,
                          const uint8_t *data, size_t size)
{
	struct cbpf_verdict v;
	struct cbpf_cost cost;
	bool kernel = cbpf_check(a, p->insns, p->n, CBPF_SOCKET, 0, &v);

	must(kernel == !v.reason[0] && v.at <= p->n);
	if (cbpf_check(a, p->insns, p->n, CBPF_SOCKET,
	               CBPF_ANY_LENGTH | CBPF_UNSET_CELLS, &v)) {
		cbpf_cost(a, p->insns, p->n, CBPF_SOCKET, &cost);
		must(cost.longest_path <= p->n && cost.converted >= p->n);
		run_packets(p, &cost, data, size);
	} else {
		must(!kernel);
	}
	if (cbpf_check(a, p->insns, p->n, CBPF_SECCOMP, CBPF_ANY_LENGTH, &v))
		run_calls(p, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	jmp_buf oom;
	struct arena a = { .oom = &oom };
	struct diags d = { .arena = &a };
	struct cbpf_program p = { 0 };

	if (setjmp(oom)) {
		arena_free(&a);
		return 0;
	}
	if (cbpf_read(&a, &d, diag_source(&d, "input", (const char *)data, size), &p)) {
		print_and_read_back(&a, &p);
		check_and_run(&a, &p, data, size);
	} else {
		must(d.errors > 0);
	}
	arena_free(&a);
	return 0;
}

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_TEXT("ldh [12]\njneq #0x800, drop\nldb [23]\njeq #6, keep, drop\n"
	          "keep: ret #-1\ndrop: ret #0\n"),
	FUZZ_TEXT("l: ld vlan_tci\nldxb 4*([14]&0xf)\nldh [x + 16] ; port\n"
	          "jset x, a, b\na: ja b\nst M[1]\nldx M[1]\ntax\nneg\nb: ret a\n"),
	FUZZ_TEXT("(000) ldb      [9]\n(001) jeq      #0x1             jt 2\tjf 3\n"
	          "(002) ret      #65535\n(003) ret      #0\n"),
	FUZZ_TEXT("{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 1, 0x00000800 },\n"
	          "{ 0x6, 0, 0, 0x00040000 },\n{ 0x6, 0, 0, 0x00000000 },\n"),
	FUZZ_TEXT("struct sock_filter f[] = { /* c */ { 6, 0, 0, 7 } };"),
	FUZZ_TEXT("3\n40 0 0 12\n12 0 0 0\n22 0 0 0\n"),
	FUZZ_TEXT("3,60 0 0 12,12 0 0 0,22 0 0 0,\n"),
	FUZZ_TEXT("KAAAAAwAAAAGAAAAAAAAAA==\n"),
	FUZZ_TEXT("{\"a\":[{\"b\":\"\\\"]\"}],\"insns\":[[40,0,0,12],\n"
	          "{\"code\":6,\"jt\":0,\"jf\":0,\"k\":1,\"text\":\"ret #1\"}]}"),
	FUZZ_TEXT("\x20\0\0\0\x04\0\0\0\x15\0\0\x03\x3e\0\0\xc0\x20\0\0\0\0\0\0\0"
	          "\x35\0\x01\0\x05\0\0\0\x06\0\0\0\0\0\xff\x7f\x06\0\0\0\0\0\0\0"),
	FUZZ_TEXT(".insn 0x16, 1, 2, 3\n"),
	{ 0 },
};
