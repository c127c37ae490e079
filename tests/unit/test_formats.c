/* Programs in the formats of other tools: what they are read as, and what is asked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"
#include "weir.h"

/* The first error of what was read last. */
static char error[500];

static void keep_error(void *ctx, const struct weir_diag *diag)
{
	if (diag->severity == WEIR_ERROR && !*error)
		snprintf(error, sizeof error, "%u:%u: %s", diag->line, diag->column,
		         diag->message);
}

/* TEXT in format "bytecode", or the first error; *FORMAT: what it was read as. */
static const char *bytecode_of(const char *text, size_t size, const char *abi,
                               const char *as, const char **format)
{
	const struct weir_read_options o = {
		.size = sizeof o, .diag = keep_error, .format = as, .abi = abi
	};
	static char out[2000];
	struct weir_program *p;
	size_t len;
	char *printed;

	*error = '\0';
	*format = "";
	if (weir_program_read(&p, WEIR_EITHER, text, size, &o))
		return error;
	*format = weir_program_format(p);
	assert_int_equal(weir_program_print(p, "bytecode", &printed, &len), 0);
	snprintf(out, sizeof out, "%s", printed);
	out[strcspn(out, "\n")] = '\0';
	free(printed);
	weir_program_free(p);
	return out;
}

struct sample {
	const char *format, *abi, *text, *result;
};

static void check(const struct sample *s)
{
	const char *format, *got = bytecode_of(s->text, strlen(s->text), s->abi, NULL, &format);

	if (strcmp(got, s->result) || (s->format && strcmp(format, s->format)))
		fail_msg("%s\nas %s: %s\nexpected: %s", s->text, format, got, s->result);
}

#define CHECK_ALL(samples)                              \
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) \
	check(&(samples)[i])

/* --- seccomp-tools and ceccomp -------------------------------------------------------- */

static void what_seccomp_tools_disassembles_is_read_by_its_numbers(void **state)
{
	static const struct sample samples[] = {
		{ "seccomp-tools", NULL,
		  " line  CODE  JT   JF      K\n"
		  "=================================\n"
		  " 0000: 0x20 0x00 0x00 0x00000000  A = sys_number\n"
		  " 0001: 0x15 0x00 0x01 0x00000002  if (A != open) goto 0003\n"
		  " 0002: 0x06 0x00 0x00 0x00000000  return KILL\n"
		  " 0003: 0x80 0x00 0x00 0x00000000  A = 64\n"
		  " 0004: 0x15 0x00 0x00 0x00000001  /* no-op */\n"
		  " 0005: 0x20 0x00 0x00 0x00000014  A = family >> 32 # socket(family, type)\n"
		  " 0006: 0x06 0x00 0x00 0x7fff0000  return ALLOW\n",
		  "7,32 0 0 0,21 0 1 2,6 0 0 0,128 0 0 0,21 0 0 1,32 0 0 20,6 0 0 2147418112" },
		{ NULL, NULL,
		  " 0000: 0x20 0x00 0x00 0x00000000  A = sys_number\n"
		  " 0002: 0x06 0x00 0x00 0x7fff0000  return ALLOW\n",
		  "2:2: expected 0001: an instruction is missing or duplicate" },
	};

	CHECK_ALL(samples);
}

static void what_seccomp_tools_assembles_is_read(void **state)
{
	static const struct sample samples[] = {
		{ "seccomp-tools", "x86_64",
		  "# only two calls\nA = arch\nA == ARCH_X86_64 ? next : dead\nA = sys_number\n"
		  "A >= 0x40000000 ? dead : next\nA == write ? ok : next\nif (A == exit) goto ok\n"
		  "return ERRNO(5)\nok:\nreturn ALLOW\ndead: return KILL\n",
		  "9,32 0 0 4,21 0 6 3221225534,32 0 0 0,53 4 0 1073741824,21 2 0 1,21 1 0 60,"
		  "6 0 0 327685,6 0 0 2147418112,6 0 0 0" },
		{ "seccomp-tools", "x86_64",
		  "if (A == X)\n  goto next\nelse goto bad\nA = args[0]\nif (\n  A # so\n == 0x123\n) "
		  "goto 1\nif (! (A & 0x10)) goto 0\nelse goto 1\nmem[0] = A\nA = data[4]\n"
		  "A = instruction_pointer >> 32\nA = args_h[1]\nX = A\nX = mem[15]\nX = 12\n"
		  "A = mem[1]\nA = X\nA = len\nA = -A\nA = -1\nA <<= X\nA >>= 2\nA |= 0x0f\n"
		  "A -= 010\nbad: return A\n",
		  "21,29 0 19 0,32 0 0 16,21 1 0 291,69 1 0 16,2 0 0 0,32 0 0 4,32 0 0 12,"
		  "32 0 0 28,7 0 0 0,97 0 0 15,1 0 0 12,96 0 0 1,135 0 0 0,128 0 0 0,132 0 0 0,"
		  "0 0 0 4294967295,108 0 0 0,116 0 0 2,68 0 0 15,20 0 0 10,22 0 0 0" },
		{ "seccomp-tools", "i386", "A = sys_number\nA == amd64.read ? next : x\nA < x32_read ? "
		                           "x : x\nx: return TRACE\n",
		  "4,32 0 0 0,21 0 1 0,5 0 0 0,6 0 0 2146435072" },
		/* The high half is first there. */
		{ "seccomp-tools", "s390x", "A = args[0]\nA = args[0] >> 32\nreturn A\n",
		  "3,32 0 0 20,32 0 0 16,22 0 0 0" },
	};

	CHECK_ALL(samples);
}

static void what_ceccomp_writes_is_read(void **state)
{
	static const struct sample samples[] = {
		{ "ceccomp", "x86_64",
		  "#Label  CODE  JT   JF      K\n#---------------------------------\n"
		  " L0001: 0x20 0x00 0x00 0x00000004 $A = $arch\n"
		  " L0002: 0x15 0x00 0x02 0xc000003e if ($A != x86_64) goto L0005\n"
		  " L0003: 0x20 0x00 0x00 0x00000000 \033[93m$A\033[0m = $syscall_nr\n"
		  " L0004: 0x15 0x01 0x00 0x0000003b if ($A == execve) goto L0006\n"
		  " L0005: 0x06 0x00 0x00 0x00050005 return ERRNO(5)\n"
		  " L0006: 0x06 0x00 0x00 0x7fff0000 return ALLOW\n",
		  "6,32 0 0 4,21 0 2 3221225534,32 0 0 0,21 1 0 59,6 0 0 327685,6 0 0 2147418112" },
		{ "ceccomp", "x86_64",
		  "$A = $low_args[1]\n$X = $A\n$A = $high_pc\n$mem[0xf] = $X\n$X = $scmp_data_len\n"
		  "if !($A & 0b101) goto b, else goto a\na: goto b\n$A ^= $X\n$A = -$A\n"
		  "b: return NOTIFY\n",
		  "10,32 0 0 24,7 0 0 0,32 0 0 12,3 0 0 15,129 0 0 0,69 0 3 5,5 0 0 2,172 0 0 0,"
		  "132 0 0 0,6 0 0 2143289344" },
		{ NULL, "x86_64",
		  "L1: 0x20 0x00 0x00 0x00000000 $A = $syscall_nr\n"
		  "L2: 0x15 0x00 0x00 0x00000002 if ($A == read) goto L3\nL3: return ALLOW\n",
		  "2:5: these numbers and the statement after them differ (it is 0x15 0x00 0x00 "
		  "0x00000000); remove the numbers if the statement is right" },
	};

	CHECK_ALL(samples);
}

static void a_name_that_each_abi_has_asks_for_one(void **state)
{
	static const char text[] = "A = arch\nif (A != ARCH_AARCH64) goto 1\nA == read ? 0 : 0\n"
				   "return ALLOW\n";
	const char *format, *got;

	if (!strcmp(weir_native_abi(), "aarch64"))
		skip(); /* this is about another machine's */

	got = bytecode_of(text, strlen(text), NULL, NULL, &format);
	assert_string_equal(got, "3:6: this means another number on each ABI; say which, with -a");
	got = bytecode_of(text, strlen(text), "aarch64", NULL, &format);
	assert_string_equal(got, "4,32 0 0 4,21 0 1 3221225655,5 0 0 0,6 0 0 2147418112");
	got = bytecode_of(text, strlen(text), "aarch46", NULL, &format);
	assert_string_equal(got, "0:0: unknown ABI 'aarch46'; did you mean 'aarch64'?");
}

/* --- source text ------------------------------------------------------------------------- */

static void arrays_of_c_rust_and_go_are_read(void **state)
{
	static const struct sample samples[] = {
		{ "c", "x86_64",
		  "#include <linux/filter.h>\n/* x */\nstatic const struct sock_filter f[] = {\n"
		  "BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offsetof(struct seccomp_data, nr))),\n"
		  "BPF_JUMP(BPF_JMP + BPF_JEQ + BPF_K, __NR_openat, 0, 1), // y\n"
		  "{ .code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW },\n"
		  "BPF_STMT(BPF_RET, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA)),\n"
		  "BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),\n"
		  "BPF_STMT(BPF_RET + BPF_K, 0) };\n",
		  "6,32 0 0 0,21 0 1 257,6 0 0 2147418112,6 0 0 327681,32 0 0 24,6 0 0 0" },
		{ "c", NULL, "BPF_STMT(BPF_LD+BPF_H+BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL),\n"
		             "BPF_STMT(BPF_RET+BPF_A, 0)",
		  "2,40 0 0 4294963200,22 0 0 0" },
		{ "c", NULL, "unsigned char bpf[] = {40,0,0,0,12,0,0,0,22,0,0,0,0,0,0,0};\n",
		  "2,40 0 0 12,22 0 0 0" },
		{ "rust", NULL,
		  "const FILTER: [libc::sock_filter; 2] = [\n  libc::sock_filter { code: 0x28, jt: 0, "
		  "jf: 0, k: 0xc },\n  sock_filter { code: 22u16, jt: 0, jf: 0, k: 0 },\n];\n",
		  "2,40 0 0 12,22 0 0 0" },
		{ "rust", NULL, "let f = vec![sock_filter { k: 12, code: 40 }, sock_filter { code: 22 }];",
		  "2,40 0 0 12,22 0 0 0" },
		{ "go", NULL,
		  "var filter = []bpf.RawInstruction{\n\t{Op: 0x28, Jt: 0, Jf: 0, K: 12},\n"
		  "\t{Op: 22},\n}\n",
		  "2,40 0 0 12,22 0 0 0" },
		{ "go", NULL, "f := []unix.SockFilter{{Code: 40, K: 12}, {Code: 22}}",
		  "2,40 0 0 12,22 0 0 0" },
		{ NULL, NULL, "struct sock_filter f[] = { BPF_STMT(BPF_RTE, 0) };",
		  "1:37: unknown constant 'BPF_RTE'; did you mean 'BPF_RET'?" },
		{ NULL, NULL, "const F: [sock_filter; 1] = [ sock_filter { code: 6, code: 6 } ];",
		  "1:54: duplicate 'code'" },
		{ NULL, NULL, "uint8_t f[] = { 6, 0, 256 };",
		  "1:23: 256 is too large; the largest is 255" },
	};

	CHECK_ALL(samples);
}

/* --- what tools list ---------------------------------------------------------------------- */

static void rules_of_iptables_and_filters_of_tc_are_read(void **state)
{
	static const struct sample samples[] = {
		{ "bytecode", NULL,
		  "-A INPUT -m bpf --bytecode \"4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\" -j DROP\n",
		  "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0" },
		{ "bytecode", NULL,
		  "filter protocol all pref 49152 bpf chain 0 handle 0x1 flowid 1:1 bytecode "
		  "'2,48 0 0 9,22 0 0 0' not_in_hw\n",
		  "2,48 0 0 9,22 0 0 0" },
		{ "bytecode", NULL, "2,48 0 0 9,22 0 0 0,\n", "2,48 0 0 9,22 0 0 0" },
		{ "bytecode", NULL,
		  "Chain INPUT (policy ACCEPT)\ntarget prot opt source destination\n"
		  "DROP all -- anywhere anywhere match bpf 48 0 0 9,22 0 0 0\n\nChain FORWARD\n",
		  "2,48 0 0 9,22 0 0 0" },
		{ NULL, NULL, "a bytecode '1,22 0 0 0'\nb bytecode '1,22 0 0 0'\n",
		  "2:3: there is more than one program here; expected one" },
	};

	CHECK_ALL(samples);
}

/* --- savefiles ------------------------------------------------------------------------------ */

/* A savefile of two instructions with two items behind them. */
static const char savefile[] =
	"\xa1\xb2\xc3\xcb"
	"cBPF\1\1\0\3\0\4\0\0\0\145\0\2"
	"\0\x28\0\0\0\0\0\x0c\0\x06\0\0\0\4\0\0"
	"\0\2\0\3tcp\0\0\0";

enum {
	SAVEFILE = sizeof savefile /* its last NUL, too */
};

static void savefiles_keep_link_type_and_expression(void **state)
{
	const struct weir_show_options o = { .size = sizeof o, .linktype = 12, .have_linktype = true };
	struct weir_program *p;
	char *text;
	size_t len;

	assert_int_equal(weir_program_read(&p, WEIR_EITHER, savefile, SAVEFILE, NULL), 0);
	assert_string_equal(weir_program_format(p), "savefile");
	assert_int_equal(weir_program_kind(p), WEIR_PACKET);
	assert_int_equal(weir_program_linktype(p), 101);
	assert_int_equal(weir_program_print(p, "savefile", &text, &len), 0);
	assert_int_equal(len, SAVEFILE);
	assert_memory_equal(text, savefile, len);
	free(text);
	weir_program_free(p);
	/* A program of numbers does not know it, unless it is told. */
	assert_int_equal(weir_program_read(&p, WEIR_PACKET, "1\n6 0 0 0\n", 10, NULL), 0);
	assert_int_equal(weir_program_linktype(p), -1);
	assert_int_equal(weir_program_print(p, "savefile", &text, &len), -EINVAL);
	assert_int_equal(weir_program_show(p, "savefile", &o, &text, &len), 0);
	assert_int_equal(text[17], 12);
	free(text);
	weir_program_free(p);
	/* A compiled program knows both, too. */
	assert_int_equal(weir_compile(&p, "tcp", 12, 100, UINT32_MAX, WEIR_O0), 0);
	assert_int_equal(weir_program_linktype(p), 12);
	weir_program_free(p);
}

static void a_savefile_that_is_wrong_is_refused_with_its_byte(void **state)
{
	static const struct {
		size_t at;
		char byte;
		size_t len;
		const char *error;
	} cases[] = {
		{ 0, '\xa1', 12, "the savefile ends at byte 12, within its header of 20 bytes" },
		{ 5, 'b', SAVEFILE, "expected 'cBPF' at byte 4 of the savefile" },
		{ 8, 2, SAVEFILE, "the savefile has version 2.1 (byte 8); weir reads version 1" },
		{ 0, '\xa1', 35, "the savefile says 2 instructions (byte 18), but ends within "
		                 "number 1, at byte 35" },
		{ 0, '\xa1', 38, "the savefile ends within the item at byte 36" },
		{ 39, 9, SAVEFILE, "the item at byte 36 has 9 bytes, but the savefile ends before" },
		{ 39, 0, SAVEFILE, "the item at byte 40 has 28672 bytes, but the savefile ends before" },
		{ 37, 3, SAVEFILE, "the item of type 3 at byte 36 has 3 bytes; expected 1" },
		{ 44, 2, SAVEFILE, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[SAVEFILE];
		const char *format, *got;

		memcpy(text, savefile, SAVEFILE);
		text[cases[i].at] = cases[i].byte;
		got = bytecode_of(text, cases[i].len, NULL, NULL, &format);
		if (cases[i].error && strcmp(got + strlen("0:0: "), cases[i].error))
			fail_msg("case %zu: %s", i, got);
	}
}

/* --- saying which ----------------------------------------------------------------------------- */

static void a_format_can_be_named(void **state)
{
	const char *format, *got;

	got = bytecode_of("jmp a\na: return ALLOW\n", 21, NULL, "seccomp-tools", &format);
	assert_string_equal(got, "2,5 0 0 0,6 0 0 2147418112");
	got = bytecode_of("1\n22 0 0 0\n", 11, NULL, "json", &format);
	assert_string_equal(got, "2:1: nothing was expected after the JSON value");
	got = bytecode_of("1\n22 0 0 0\n", 11, NULL, "elf", &format);
	assert_string_equal(got, "0:0: programs are not read from 'elf'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_seccomp_tools_disassembles_is_read_by_its_numbers),
		cmocka_unit_test(what_seccomp_tools_assembles_is_read),
		cmocka_unit_test(what_ceccomp_writes_is_read),
		cmocka_unit_test(a_name_that_each_abi_has_asks_for_one),
		cmocka_unit_test(arrays_of_c_rust_and_go_are_read),
		cmocka_unit_test(rules_of_iptables_and_filters_of_tc_are_read),
		cmocka_unit_test(savefiles_keep_link_type_and_expression),
		cmocka_unit_test(a_savefile_that_is_wrong_is_refused_with_its_byte),
		cmocka_unit_test(a_format_can_be_named),
	};

	return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
