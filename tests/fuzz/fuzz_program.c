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

/* Tell whether more of P's codes are known with their bytes swapped. */
static bool looks_swapped(const struct cbpf_program *p)
{
	int more = 0;

	for (uint32_t i = 0; i < p->n; i++)
		more += !!cbpf_insn(__builtin_bswap16(p->insns[i].code)) -
		        !!cbpf_insn(p->insns[i].code);
	return more > 0;
}

/*
 * Raw instructions are known by their zero bytes; junk may be without, or look like
 * another file or like what another machine has.
 */
static bool is_read(const char *format, const struct cbpf_program *p, const struct buf *text)
{
	if (!strcmp(format, "raw"))
		return memchr(text->s, '\0', text->len) && !looks_swapped(p) &&
		       cbpf_insn(p->insns[0].code);
	if (!strcmp(format, "base64"))
		return !looks_swapped(p);
	return strcmp(format, "dot");
}

static void print_and_read_back(struct arena *a, const struct cbpf_program *p)
{
	for (size_t i = 0; cbpf_format_names[i]; i++) {
		struct buf text = { .arena = a };
		struct diags d = { .arena = a };
		struct cbpf_program q = { 0 };
		uint32_t source;

		if (!strcmp(cbpf_format_names[i], "savefile") && !p->has_linktype)
			continue;
		must(cbpf_print(&text, cbpf_format_names[i], p, NULL));
		if (!is_read(cbpf_format_names[i], p, &text))
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
	struct cbpf_code *code = malloc(cbpf_code_size(p->n));

	cbpf_decode(code, p->insns, p->n);
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
		must(result == cbpf_run_code(code, in.bytes, captured, in.wire, &in));
		must(trace.end == CBPF_END_RET || !result);
		must(trace.executed <= cost->longest_path);
		free((void *)in.bytes);
	}
	free(code);
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
	FUZZ_TEXT("\xa1\xb2\xc3\xcb"
	          "cBPF\1\1\0\3\0\4\0\0\0\1\0\1\0\6\0\0\0\4\0\0"
	          "\0\2\0\3tcp\0\0\0\0"),
	FUZZ_TEXT(" line  CODE  JT   JF      K\n=====\n 0000: 0x20 0x00 0x00 0x00000004"
	          "  A = arch\n 0001: 0x06 0x00 0x00 0x7fff0000  return ALLOW\n"),
	FUZZ_TEXT("# x\nl: A = args[1] >> 32\nif (!(A & 0x13)) goto 1 else goto ok\n"
	          "mem[3] = X\nA += 5\nX = mem[0b11]\nA == X ? ok : next\n"
	          "return TRACE(2)\nok: return ALLOW\n"),
	FUZZ_TEXT(" L0001: 0x20 0x00 0x00 0x00000010 $A = $low_args[0]\n L0002: 0x15 0x00 0x01 "
	          "0x00000007 if ($A != 0x7) goto L4\nreturn ERRNO(1)\nL4: return $A\n"),
	FUZZ_TEXT("static struct sock_filter f[] = {\n\tBPF_STMT(BPF_LD | BPF_W | BPF_ABS, "
	          "offsetof(struct seccomp_data, args[2])),\n\tBPF_JUMP(BPF_JMP + BPF_JEQ, "
	          "(7), 0, 1),\n\t{ .code = BPF_RET, .k = SECCOMP_RET_ALLOW },\n};\n"),
	FUZZ_TEXT("unsigned char bpf[] = {32,0,0,0,4,0,0,0,6,0,0,0,0,0,255,127};\n"),
	FUZZ_TEXT("const F: [sock_filter; 1] = [ sock_filter { code: 0x6u16, k: 9 } ];\n"),
	FUZZ_TEXT("f := []unix.SockFilter{ {Op: 0x6, Jt: 0, Jf: 0, K: 9}, }\n"),
	FUZZ_TEXT("-A INPUT -m bpf --bytecode \"2,48 0 0 9,6 0 0 1\" -j DROP\n"),
	{ 0 },
};
