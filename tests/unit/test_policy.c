/* policy: tables, syntax, types, and what policies answer to calls. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "policy/policy.h"

enum {
	ALLOW = SECCOMP_RET_ALLOW,
	LOG = SECCOMP_RET_LOG,
	EPERM_ = SECCOMP_RET_ERRNO | EPERM,
	ENOSYS_ = SECCOMP_RET_ERRNO | 38, /* of the ABIs that are asked here */
};
#define KILL SECCOMP_RET_KILL_PROCESS

#define X86_64 AUDIT_ARCH_X86_64
#define I386   AUDIT_ARCH_I386
#define X32    0x40000000u

/* --- a policy under test -------------------------------------------------- */

struct subject {
	jmp_buf oom;
	struct arena arena;
	struct diags diags;
	struct buf messages;
	const struct rules_tree *tree;
	struct ir_graph *graph;
	struct rules_options options;
};

static void keep(void *ctx, const struct diags *d, const struct diag *one)
{
	struct subject *s = ctx;
	static const char *const names[] = {"error", "warning", "note"};

	buf_printf(&s->messages, "%s: %s\n", names[one->severity], one->text);
}

/* Reads TEXT; the tree is NULL after errors. */
static void read_policy(struct subject *s, const char *text)
{
	struct arena empty = {.oom = &s->oom};

	s->arena = empty;
	if (setjmp(s->oom))
		fail_msg("out of memory");
	s->diags = (struct diags){.arena = &s->arena, .emit = keep, .ctx = s};
	s->messages = (struct buf){.arena = &s->arena};
	s->tree = policy_parse(&s->arena, &s->diags,
	                       diag_source(&s->diags, "p", text, strlen(text)),
	                       &s->options);
}

static void compile(struct subject *s, const char *text)
{
	const char *wrong;

	read_policy(s, text);
	if (!s->tree)
		fail_msg("%s\n%s", text, buf_str(&s->messages));
	rules_lint(&s->arena, &s->diags, s->tree, policy_question);
	s->graph = ir_graph(&s->arena, rules_input(s->tree));
	rules_graph(s->graph, s->tree);
	wrong = ir_verify(s->graph, &s->arena);
	if (wrong)
		fail_msg("%s: %s", text, wrong);
}

static void put_word(uint8_t *at, uint32_t v, bool little_endian)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> 8 * (little_endian ? i : 3 - i));
}

/* The halves of arguments stand as on a machine of the ABI of ARCH. */
static uint32_t by_graph(struct subject *s, uint32_t arch, uint32_t nr,
                         const uint64_t *args)
{
	uint8_t data[sizeof(struct seccomp_data)] = {0};
	struct ir_data in = {.bytes = data,
	                     .captured = sizeof data,
	                     .wire = sizeof data};
	bool little = s->graph->input.little_endian, high_first = false;
	uint32_t result = 0;

	for (int i = 0; i < SYS_NABIS; i++)
		if (sys_abis[i].arch == arch)
			high_first = sys_abis[i].big_endian;
	put_word(data, nr, little);
	put_word(data + 4, arch, little);
	for (int i = 0; i < SYS_ARGS; i++) {
		uint8_t *at = data + offsetof(struct seccomp_data, args) + 8 * i;

		put_word(at + (high_first ? 4 : 0), (uint32_t)args[i], little);
		put_word(at + (high_first ? 0 : 4), (uint32_t)(args[i] >> 32),
		         little);
	}
	assert_int_equal(ir_eval(s->graph, &in, &s->arena, &result),
	                 IR_END_RET);
	return result;
}

/* The policy answers WANT to a call, by the evaluator and by the graph. */
static void answers(struct subject *s, uint32_t arch, uint32_t nr, uint64_t a0,
                    uint64_t a1, uint64_t a2, uint64_t a3, uint32_t want)
{
	uint64_t args[SYS_ARGS] = {a0, a1, a2, a3, 0, 0};
	uint32_t eval = rules_eval(s->tree, arch, nr, args);
	uint32_t graph = by_graph(s, arch, nr, args);

	if (eval != want || graph != want)
		fail_msg(
			"%x:%u(%llx, %llx, %llx, %llx): want %x, evaluator %x, graph %x",
			arch, nr, (unsigned long long)a0,
			(unsigned long long)a1, (unsigned long long)a2,
			(unsigned long long)a3, want, eval, graph);
}

/* The number of a call and the value of a constant on x86_64, wherever this runs. */
#define NR(name) number_of(#name)
#define K(name)  value_of(#name)

static uint32_t number_of(const char *name)
{
	struct sys_call c;

	if (!sys_call_by_name(sys_abi("x86_64", 6), name, strlen(name), &c))
		fail_msg("x86_64 has no call '%s'", name);
	return c.nr;
}

static uint64_t value_of(const char *name)
{
	struct sys_number n;

	if (!sys_constant(sys_abi("x86_64", 6), name, strlen(name), &n))
		fail_msg("x86_64 has no constant '%s'", name);
	return n.bits;
}

/* On x86_64. */
static void call(struct subject *s, uint32_t nr, uint64_t a0, uint64_t a1,
                 uint64_t a2, uint64_t a3, uint32_t want)
{
	answers(s, X86_64, nr, a0, a1, a2, a3, want);
}

static void finish(struct subject *s)
{
	arena_free(&s->arena);
}

static void refused(const char *text, const char *message)
{
	struct subject s = {.options.abis = "x86_64"};

	read_policy(&s, text);
	assert_null(s.tree);
	if (!strstr(buf_str(&s.messages), message))
		fail_msg("%s\nexpected: %s\ngot: %s", text, message,
		         buf_str(&s.messages));
	finish(&s);
}

static void warned(const char *text, const char *message)
{
	struct subject s = {.options.abis = "x86_64"};

	compile(&s, text);
	if (!strstr(buf_str(&s.messages), message))
		fail_msg("%s\nexpected: %s\ngot: %s", text, message,
		         buf_str(&s.messages));
	finish(&s);
}

/* --- tables --------------------------------------------------------------- */

static void numbers_are_those_of_the_headers(void **state)
{
	static const struct {
		const char *name;
		long nr;
	} known[] = {
		{"read", SYS_read},
		{"openat", SYS_openat},
		{"clone3", SYS_clone3},
		{"socket", SYS_socket},
#ifdef SYS_mmap
		{"mmap", SYS_mmap},
#endif
		{"exit_group", SYS_exit_group},
#ifdef SYS_futex_waitv
		{"futex_waitv", SYS_futex_waitv},
#endif
	};
	const struct sys_abi *native = sys_abi_native();
	struct sys_call c;

	if (!native)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		assert_true(sys_call_by_name(native, known[i].name,
		                                strlen(known[i].name), &c));
		assert_int_equal(c.nr, known[i].nr);
		assert_true(sys_call_by_nr(native, c.nr, &c));
		assert_string_equal(c.name, known[i].name);
	}
	assert_false(sys_call_by_name(native, "raed", 4, &c));
	assert_false(sys_call_by_name(native, "rea", 3, &c));
}

static void every_call_is_found_by_name_and_number(void **state)
{
	struct sys_call c, again;

	for (unsigned a = 0; a < SYS_NABIS; a++)
		for (uint32_t i = 0; sys_call_at(&sys_abis[a], i, &c);
		     i++) {
			assert_true(sys_call_by_name(&sys_abis[a], c.name,
			                                strlen(c.name),
			                                &again));
			assert_int_equal(c.nr, again.nr);
			assert_true(sys_call_by_nr(&sys_abis[a], c.nr,
			                              &again));
			assert_string_equal(c.name, again.name);
		}
}

static void arguments_have_the_kernel_s_width_and_sign(void **state)
{
	static const struct {
		const char *abi, *call;
		unsigned arg, width;
		bool is_signed;
		const char *name, *alias;
	} rows[] = {
		{"x86_64", "openat", 0, 32, true, "dfd", "dirfd"},
		{"x86_64", "openat", 3, 16, false, "mode", NULL},
		{"x86_64", "clone", 0, 32, false, "clone_flags", "flags"},
		{"x86_64", "mmap", 4, 32, true, "fd", NULL},
		{"x86_64", "mmap", 2, 64, false, "prot", NULL},
		{"x86_64", "lseek", 1, 64, true, "offset", NULL},
		{"i386", "lseek", 1, 32, true, "offset", NULL},
		{"i386", "pread64", 3, 64, true, "pos", "offset"},
		{"i386", "clone", 3, 32, false, "tls", NULL},
		{"x86_64", "ioctl", 1, 32, false, "cmd", "request"},
		{"x32", "ioctl", 2, 32, false, "arg", NULL},
		{"aarch64", "mmap", 4, 32, true, "fd", NULL},
		{"s390x", "clone", 1, 32, false, "clone_flags", "flags"},
		{"s390x", "mmap", 0, 64, false, "arg", NULL},
		{"arm", "openat", 3, 16, false, "mode", NULL},
		{"arm", "pread64", 3, 64, true, "pos", "offset"},
		{"mips", "lseek", 1, 32, true, "offset", NULL},
		{"mips64n32", "preadv", 3, 64, true, "pos", NULL},
		{"m68k", "clone", 3, 32, false, "child_tidptr", NULL},
		{"parisc", "fallocate", 2, 64, true, "offset", NULL},
		{"riscv64", "riscv_flush_icache", 2, 64, false, "flags", NULL},
	};
	struct sys_call c;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct sys_arg *arg;

		assert_true(sys_call_by_name(
			sys_abi(rows[i].abi, strlen(rows[i].abi)),
			rows[i].call, strlen(rows[i].call), &c));
		arg = &c.arg[rows[i].arg];
		assert_string_equal(arg->name, rows[i].name);
		assert_int_equal(arg->type.width, rows[i].width);
		assert_int_equal(arg->type.is_signed, rows[i].is_signed);
		if (rows[i].alias && strcmp(rows[i].abi, "i386") != 0)
			assert_string_equal(arg->alias, rows[i].alias);
	}
}

static void constants_are_those_of_the_headers(void **state)
{
	static const struct {
		const char *name;
		int64_t value;
	} known[] = {
		{"O_CLOEXEC", O_CLOEXEC},
		{"AF_UNIX", AF_UNIX},
		{"SOCK_STREAM", SOCK_STREAM},
		{"AT_FDCWD", AT_FDCWD},
		{"EPERM", EPERM},
		{"PROT_EXEC", PROT_EXEC},
		{"TIOCSTI", TIOCSTI},
		{"SIGKILL", SIGKILL},
		{"PR_SET_NAME", PR_SET_NAME},
		{"MAP_ANONYMOUS", MAP_ANONYMOUS},
		{"RLIMIT_NOFILE", RLIMIT_NOFILE},
	};
	const struct sys_abi *native = sys_abi_native();
	struct sys_number n;

	if (!native)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		assert_true(sys_constant(native, known[i].name,
		                            strlen(known[i].name), &n));
		assert_int_equal(n.bits, (uint64_t)known[i].value);
		assert_int_equal(n.negative, known[i].value < 0);
	}
	assert_int_equal(sys_errno(native, "ENOSYS", 6), ENOSYS);
	assert_int_equal(sys_errno(native, "O_CLOEXEC", 9), 0);
	assert_string_equal(sys_errno_name(native, EAGAIN), "EAGAIN");
	assert_string_equal(sys_errno_name(native, EOPNOTSUPP),
	                    "EOPNOTSUPP");
	assert_null(sys_errno_name(native, 4000));
}

/* --- order, ABIs, kernel -------------------------------------------------- */

static void the_first_matching_rule_decides(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64; default errno EPERM\n"
	            "allow read if fd == 0\n"
	            "log read if fd <= 2\n"
	            "kill read; allow write\n"
	            "errno ENOSYS write");
	call(&s, NR(read), 0, 0, 0, 0, ALLOW);
	call(&s, NR(read), 2, 0, 0, 0, LOG);
	call(&s, NR(read), 3, 0, 0, 0, KILL);
	call(&s, NR(write), 3, 0, 0, 0, ALLOW);
	call(&s, NR(close), 3, 0, 0, 0, EPERM_);
	finish(&s);
}

static void other_abis_are_foreign(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64\ndefault allow");
	answers(&s, X86_64, NR(read), 0, 0, 0, 0, ALLOW);
	answers(&s, I386, 3, 0, 0, 0, 0, KILL);
	answers(&s, AUDIT_ARCH_AARCH64, 3, 0, 0, 0, 0, KILL);
	answers(&s, X86_64, X32 | NR(read), 0, 0, 0, 0, KILL);
	finish(&s);
	compile(&s, "abi x86_64\ndefault allow\nforeign errno ENOSYS");
	answers(&s, I386, 3, 0, 0, 0, 0, ENOSYS_);
	finish(&s);
}

static void x32_numbers_are_not_x86_64_s(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64\ndefault allow\nerrno EPERM nr(-1)");
	call(&s, 511, 0, 0, 0, 0, ALLOW);
	call(&s, 512, 0, 0, 0, 0, KILL);
	call(&s, 547, 0, 0, 0, 0, KILL);
	call(&s, 548, 0, 0, 0, 0, ALLOW);
	call(&s, X32 - 1, 0, 0, 0, 0, ALLOW);
	call(&s, X32, 0, 0, 0, 0, KILL);
	call(&s, 0x7fffffff, 0, 0, 0, 0, KILL);
	call(&s, 0x80000000, 0, 0, 0, 0, ALLOW);
	call(&s, 0xbfffffff, 0, 0, 0, 0, ALLOW);
	call(&s, 0xc0000000, 0, 0, 0, 0, KILL);
	call(&s, 0xfffffffe, 0, 0, 0, 0, KILL);
	call(&s, 0xffffffff, 0, 0, 0, 0, EPERM_);
	finish(&s);
}

static void x32_can_be_named(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64, x32\ndefault errno EPERM\n"
	            "on x32 { allow ioctl if cmd == TCGETS }\n"
	            "allow nr(0)");
	call(&s, X32 | 514, 0, K(TCGETS), 0, 0, ALLOW);
	call(&s, 514, 0, K(TCGETS), 0, 0, ALLOW);
	call(&s, 514, 0, K(TIOCSTI), 0, 0, EPERM_);
	call(&s, 16, 0, K(TCGETS), 0, 0, EPERM_);
	call(&s, 0, 0, 0, 0, 0, ALLOW);
	call(&s, X32, 0, 0, 0, 0, ALLOW);
	finish(&s);
	compile(&s, "abi x32\ndefault allow");
	call(&s, 0, 0, 0, 0, 0, KILL);
	call(&s, 0xffffffff, 0, 0, 0, 0, KILL);
	call(&s, X32, 0, 0, 0, 0, ALLOW);
	finish(&s);
}

static void what_the_kernel_lacks_is_enosys(void **state)
{
	struct subject s = {0};

	compile(&s,
	        "abi x86_64, i386\ndefault allow\nkernel 5.8\nerrno EPERM cachestat");
	call(&s, NR(read), 0, 0, 0, 0, ALLOW);
	call(&s, NR(openat2), 0, 0, 0, 0, ALLOW);
	call(&s, NR(faccessat2), 0, 0, 0, 0, ALLOW);
	call(&s, NR(close_range), 0, 0, 0, 0, ENOSYS_);
	call(&s, 451, 0, 0, 0, 0,
	     EPERM_); /* a rule decides before the kernel */
	call(&s, 400, 0, 0, 0, 0, ENOSYS_); /* a gap */
	call(&s, 100000, 0, 0, 0, 0, ENOSYS_);
	call(&s, 0xffffffff, 0, 0, 0, 0, ENOSYS_);
	call(&s, X32, 0, 0, 0, 0, KILL);
	answers(&s, I386, 436, 0, 0, 0, 0, ENOSYS_);
	answers(&s, I386, 3, 0, 0, 0, 0, ALLOW);
	finish(&s);
}

/* --- types ---------------------------------------------------------------- */

static void garbage_above_an_int_does_not_matter(void **state)
{
	struct subject s = {0};
	uint64_t junk = UINT64_C(0xdeadbeef) << 32;

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM socket if family == AF_INET\n"
	            "errno EPERM openat if dirfd == AT_FDCWD\n"
	            "errno EPERM chmod if mode & S_ISUID\n"
	            "errno EPERM clone if flags & CLONE_NEWUSER\n"
	            "errno EPERM mmap if fd == -1");
	call(&s, NR(socket), junk | AF_INET, 0, 0, 0, EPERM_);
	call(&s, NR(socket), junk | AF_UNIX, 0, 0, 0, ALLOW);
	call(&s, NR(openat), (uint32_t)AT_FDCWD, 0, 0, 0, EPERM_);
	call(&s, NR(openat), (uint64_t)(int64_t)AT_FDCWD, 0, 0, 0, EPERM_);
	call(&s, NR(openat), 3, 0, 0, 0, ALLOW);
	call(&s, NR(chmod), 0, 0x7f0000 | 04755, 0, 0, EPERM_);
	call(&s, NR(chmod), 0, junk | 04755, 0, 0, EPERM_);
	call(&s, NR(chmod), 0, 0xf0755, 0, 0, ALLOW);
	call(&s, NR(clone), junk | 0x10000000, 0, 0, 0, EPERM_);
	finish(&s);
}

static void umode_t_has_16_bits(void **state)
{
	struct subject s = {0};

	compile(&s,
	        "abi x86_64\ndefault allow\nerrno EPERM chmod if mode == 04755");
	call(&s, NR(chmod), 0, 0x7f0000 | 04755, 0, 0, EPERM_);
	call(&s, NR(chmod), 0, 0755, 0, 0, ALLOW);
	finish(&s);
}

static void longs_are_compared_whole(void **state)
{
	struct subject s = {0};
	uint64_t high = UINT64_C(1) << 32;

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM mprotect if prot == 4\n"
	            "errno ENOSYS mprotect if prot & 4\n"
	            "errno EPERM write if count > 0xfffffffff\n"
	            "errno EPERM lseek if offset < -1\n"
	            "errno ENOSYS lseek if offset in (-1 .. 5)\n"
	            "errno EPERM fcntl if args[2] == 0x100000002");
	call(&s, NR(mprotect), 0, 0, 4, 0, EPERM_);
	call(&s, NR(mprotect), 0, 0, high | 4, 0, ENOSYS_);
	call(&s, NR(mprotect), 0, 0, 3, 0, ALLOW);
	call(&s, NR(write), 0, 0, UINT64_C(0xfffffffff), 0, ALLOW);
	call(&s, NR(write), 0, 0, UINT64_C(0x1000000000), 0, EPERM_);
	call(&s, NR(write), 0, 0, UINT64_C(0xf00000000), 0, ALLOW);
	call(&s, NR(write), 0, 0, UINT64_MAX, 0, EPERM_);
	call(&s, NR(lseek), 0, (uint64_t)-2, 0, 0, EPERM_);
	call(&s, NR(lseek), 0, (uint64_t)INT64_MIN, 0, 0, EPERM_);
	call(&s, NR(lseek), 0, (uint64_t)-1, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, 0, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, 5, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, 6, 0, 0, ALLOW);
	call(&s, NR(lseek), 0, high, 0, 0, ALLOW);
	call(&s, NR(lseek), 0, INT64_MAX, 0, 0, ALLOW);
	call(&s, NR(fcntl), 0, 0, 2, 0, ALLOW);
	call(&s, NR(fcntl), 0, 0, high | 2, 0, EPERM_);
	finish(&s);
}

static void ints_are_ordered_with_their_sign(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM kill if pid < -5\n"
	            "errno ENOSYS kill if pid <= 0\n"
	            "log kill if pid > 0x7ffffff0");
	call(&s, NR(kill), (uint32_t)-6, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 0x80000000, 0, 0, 0, EPERM_);
	call(&s, NR(kill), (uint32_t)-5, 0, 0, 0, ENOSYS_);
	call(&s, NR(kill), 0, 0, 0, 0, ENOSYS_);
	call(&s, NR(kill), 1, 0, 0, 0, ALLOW);
	call(&s, NR(kill), 0x7ffffff0, 0, 0, 0, ALLOW);
	call(&s, NR(kill), 0x7ffffff1, 0, 0, 0, LOG);
	finish(&s);
}

static void extremes_of_a_type_are_no_special_case(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM kill if pid < -0x80000000\n"
	            "errno EPERM close if fd > 0xffffffff\n"
	            "errno EPERM lseek if offset > 0x7fffffffffffffff\n"
	            "errno ENOSYS lseek if offset >= -0x8000000000000000\n"
	            "errno ENOSYS close if fd <= 0xffffffff\n"
	            "errno EPERM write if count < 0");
	call(&s, NR(kill), 0x80000000, 0, 0, 0, ALLOW);
	call(&s, NR(close), 0xffffffff, 0, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, INT64_MAX, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, (uint64_t)INT64_MIN, 0, 0, ENOSYS_);
	call(&s, NR(write), 0, 0, UINT64_MAX, 0, ALLOW);
	finish(&s);
}

static void casts_override_the_type(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM socket if u64(family) > 40\n"
	            "errno EPERM kill if u32(pid) > 0x80000000\n"
	            "errno EPERM lseek if i32(offset) < 0 and u64(offset) > 0\n"
	            "errno EPERM close if i64(fd) == -1");
	call(&s, NR(socket), UINT64_C(1) << 32 | AF_INET, 0, 0, 0, EPERM_);
	call(&s, NR(socket), 40, 0, 0, 0, ALLOW);
	call(&s, NR(kill), (uint32_t)-1, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 5, 0, 0, 0, ALLOW);
	call(&s, NR(lseek), 0, 0xffffffff, 0, 0, EPERM_);
	call(&s, NR(lseek), 0, 0x7fffffff, 0, 0, ALLOW);
	call(&s, NR(close), 0xffffffff, 0, 0, 0, ALLOW);
	call(&s, NR(close), UINT64_MAX, 0, 0, 0, EPERM_);
	finish(&s);
}

static void arguments_compare_with_arguments(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM dup2 if oldfd == newfd\n"
	            "errno ENOSYS dup2 if oldfd > newfd\n"
	            "errno EPERM kill if pid < sig\n"
	            "errno EPERM sync_file_range if offset >= nbytes\n"
	            "errno EPERM mremap if old_len < new_len\n"
	            "errno ENOSYS mremap if old_len within new_len\n"
	            "errno EPERM mmap if prot & flags");
	call(&s, NR(dup2), 3, 3, 0, 0, EPERM_);
	call(&s, NR(dup2), UINT64_C(7) << 32 | 3, 3, 0, 0, EPERM_);
	call(&s, NR(dup2), 4, 3, 0, 0, ENOSYS_);
	call(&s, NR(dup2), 3, 4, 0, 0, ALLOW);
	call(&s, NR(kill), (uint32_t)-1, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 0, (uint32_t)-1, 0, 0, ALLOW);
	call(&s, NR(sync_file_range), 0, (uint64_t)-1, 0, 0, ALLOW);
	call(&s, NR(sync_file_range), 0, 0, (uint64_t)-1, 0, EPERM_);
	call(&s, NR(sync_file_range), 0, UINT64_C(1) << 32, 5, 0, EPERM_);
	call(&s, NR(mremap), 0, 5, UINT64_C(1) << 32, 0, EPERM_);
	call(&s, NR(mremap), 0, UINT64_C(3) << 32, UINT64_C(1) << 32, 0, ALLOW);
	call(&s, NR(mremap), 0, UINT64_C(3) << 32, UINT64_C(3) << 32, 0,
	     ENOSYS_);
	call(&s, NR(mmap), 0, 0, 3, 2, EPERM_);
	call(&s, NR(mmap), 0, 0, 1, 2, ALLOW);
	finish(&s);
}

static void masks_sets_and_complements(void **state)
{
	struct subject s = {0};

	compile(&s,
	        "abi x86_64\ndefault errno EPERM\n"
	        "allow openat if flags within O_CLOEXEC | O_DIRECTORY\n"
	        "log openat if flags & O_ACCMODE == O_WRONLY\n"
	        "allow ioctl if request in (TCGETS, FIONREAD, 0x5402..0x5404, -1)\n"
	        "allow clone if flags within ~CLONE_IO\n"
	        "allow mmap if flags & ~0xff == 0x100000000 and not (prot & PROT_EXEC)\n"
	        "allow close if 3 within fd");
	call(&s, NR(openat), 0, 0, K(O_CLOEXEC), 0, ALLOW);
	call(&s, NR(openat), 0, 0, 0, 0, ALLOW);
	call(&s, NR(openat), 0, 0, K(O_TRUNC), 0, EPERM_);
	call(&s, NR(openat), 0, 0, K(O_TRUNC) | K(O_WRONLY), 0, LOG);
	call(&s, NR(ioctl), 0, K(TCGETS), 0, 0, ALLOW);
	call(&s, NR(ioctl), 0, 0x5404, 0, 0, ALLOW);
	call(&s, NR(ioctl), 0, 0x5405, 0, 0, EPERM_);
	call(&s, NR(ioctl), 0, 0xffffffff, 0, 0, ALLOW);
	call(&s, NR(clone), 0x7fffffff, 0, 0, 0, ALLOW);
	call(&s, NR(clone), 0x80000000, 0, 0, 0, EPERM_);
	call(&s, NR(mmap), 0, 0, 3, UINT64_C(0x100000022), ALLOW);
	call(&s, NR(mmap), 0, 0, 4, UINT64_C(0x100000022), EPERM_);
	call(&s, NR(mmap), 0, 0, 3, 0x22, EPERM_);
	call(&s, NR(close), 7, 0, 0, 0, ALLOW);
	call(&s, NR(close), 5, 0, 0, 0, EPERM_);
	finish(&s);
}

static void rules_about_one_operand_keep_their_order(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64\ndefault errno ENOSYS\n"
	            "errno EPERM kill if pid in (3..10, -1)\n"
	            "allow kill if u32(pid) > 0x80000000\n"
	            "log kill if pid < 5 or pid == 7 or pid == 20\n"
	            "kill kill if sig == 9\n"
	            "allow kill if pid <= 30");
	call(&s, NR(kill), 3, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 7, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 0xffffffff, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 0xfffffffe, 0, 0, 0, ALLOW);
	call(&s, NR(kill), 0x80000000, 0, 0, 0, LOG);
	call(&s, NR(kill), 2, 9, 0, 0, LOG);
	call(&s, NR(kill), 20, 9, 0, 0, LOG);
	call(&s, NR(kill), 21, 9, 0, 0, KILL);
	call(&s, NR(kill), 21, 0, 0, 0, ALLOW);
	call(&s, NR(kill), 31, 0, 0, 0, ENOSYS_);
	finish(&s);
}

/* --- i386 ----------------------------------------------------------------- */

static void words_of_a_32_bit_abi_have_32_bits(void **state)
{
	struct subject s = {0};
	uint64_t junk = UINT64_C(0xdeadbeef) << 32;

	compile(&s, "abi i386\ndefault allow\n"
	            "errno EPERM pread64 if pos == 0x100000002\n"
	            "errno EPERM _llseek if offset < 0\n"
	            "errno EPERM write if u64(count) == 7\n"
	            "errno ENOSYS write if u64(count) > 0xfffffffe\n"
	            "log read if args[2] == 5");
	answers(&s, I386, 180, 0, 0, 0, junk | 2, ALLOW);
	{
		uint64_t args[SYS_ARGS] = {0, 0, 0, junk | 2, junk | 1, 0};

		assert_int_equal(rules_eval(s.tree, I386, 180, args), EPERM_);
		assert_int_equal(by_graph(&s, I386, 180, args), EPERM_);
	}
	/* Its high word comes first. */
	answers(&s, I386, 140, 0, 0x80000000, 0, 0, EPERM_);
	answers(&s, I386, 140, 0, 0, 0x80000000, 0, ALLOW);
	answers(&s, I386, 4, 0, 0, junk | 7, 0, EPERM_);
	answers(&s, I386, 4, 0, 0, junk | 0xffffffff, 0, ENOSYS_);
	answers(&s, I386, 3, 0, 0, junk | 5, 0, LOG);
	answers(&s, X86_64, 0, 0, 0, 0, 0, KILL);
	finish(&s);
}

static void socketcall_follows_socket(void **state)
{
	struct subject s = {0};

	compile(&s, "abi i386\ndefault allow\nerrno EPERM socket, accept");
	answers(&s, I386, 359, AF_INET, 0, 0, 0, EPERM_);
	answers(&s, I386, 102, 1, 0, 0, 0, EPERM_); /* SYS_SOCKET */
	answers(&s, I386, 102, 5, 0, 0, 0,
	        EPERM_); /* SYS_ACCEPT, which has no number */
	answers(&s, I386, 102, 2, 0, 0, 0, ALLOW);
	finish(&s);
	compile(&s,
	        "abi i386\ndefault allow\nerrno EPERM socket if family != AF_UNIX");
	answers(&s, I386, 359, AF_UNIX, 0, 0, 0, ALLOW);
	answers(&s, I386, 359, AF_INET, 0, 0, 0, EPERM_);
	answers(&s, I386, 102, 1, 0, 0, 0, EPERM_);
	finish(&s);
	compile(&s,
	        "abi i386\ndefault errno EPERM\nallow socket if family == AF_UNIX");
	answers(&s, I386, 359, AF_UNIX, 0, 0, 0, ALLOW);
	answers(&s, I386, 102, 1, 0, 0, 0, EPERM_);
	finish(&s);
	compile(&s, "abi i386\ndefault errno EPERM\nallow semop");
	answers(&s, I386, 117, 1, 0, 0, 0, ALLOW);
	answers(&s, I386, 117, 0x10001, 0, 0, 0, ALLOW);
	answers(&s, I386, 117, 2, 0, 0, 0, EPERM_);
	finish(&s);
	warned("abi i386; default errno EPERM; allow socket(AF_UNIX, _, _)",
	       "do not match this rule");
}

static void multiplexers_are_read_on_every_abi_that_has_them(void **state)
{
	static const struct {
		const char *abi;
		uint32_t socket, socketcall, ipc; /* 0: none */
	} rows[] = {
		{"i386", 359, 102, 117}, {"ppc", 326, 102, 117},
		{"ppc64", 326, 102, 117}, {"ppc64le", 326, 102, 117},
		{"s390", 359, 102, 117}, {"s390x", 359, 102, 117},
		{"mips", 4183, 4102, 4117}, {"mipsel", 4183, 4102, 4117},
		{"m68k", 356, 102, 117}, {"sh", 340, 102, 117},
		{"sheb", 340, 102, 117},
	};
	uint64_t junk = UINT64_C(0xdeadbeef) << 32;
	struct sys_call c;

	for (int i = 0; i < SYS_NABIS; i++)
		assert_int_equal(sys_abis[i].multiplexed,
		                 sys_call_by_name(&sys_abis[i],
		                                     "socketcall", 10, &c));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct sys_abi *abi =
			sys_abi(rows[i].abi, strlen(rows[i].abi));
		struct subject s = {.options.abis = rows[i].abi};
		uint32_t eperm = 0x50001;

		compile(&s, "default allow\nerrno EPERM socket, shmat");
		answers(&s, abi->arch, rows[i].socket, 2, 1, 0, 0, eperm);
		answers(&s, abi->arch, rows[i].socketcall, junk | 1, 0, 0, 0,
		        eperm);
		answers(&s, abi->arch, rows[i].socketcall, 2, 0, 0, 0, ALLOW);
		answers(&s, abi->arch, rows[i].ipc, 21, 0, 0, 0, eperm);
		answers(&s, abi->arch, rows[i].ipc, junk | 0x10015, 0, 0, 0,
		        eperm);
		answers(&s, abi->arch, rows[i].ipc, 22, 0, 0, 0, ALLOW);
		finish(&s);
	}
}

/* A call may have come to one ABI long before it came to another. */
static void each_abi_has_first_kernels_of_its_own(void **state)
{
	static const struct {
		const char *abi;
		uint32_t nr;
		bool in_4_2, in_4_3, in_5_1;
	} rows[] = {
		{"x86_64", 41, true, true, true},       /* socket */
		{"s390x", 359, false, true, true},
		{"m68k", 356, false, true, true},
		{"mips", 4183, true, true, true},
		{"arm", 403, false, false, true},       /* clock_gettime64 */
		{"s390", 393, false, false, true},      /* semget */
		{"aarch64", 198, true, true, true},
		{"riscv64", 198, false, false, true},   /* Linux 4.15 */
		{"loongarch64", 198, false, false, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static const char *const kernels[] = {"4.2", "4.3", "5.1"};
		bool known[] = {rows[i].in_4_2, rows[i].in_4_3, rows[i].in_5_1};
		const struct sys_abi *abi =
			sys_abi(rows[i].abi, strlen(rows[i].abi));
		uint32_t enosys = SECCOMP_RET_ERRNO | sys_errno(abi, "ENOSYS", 6);

		for (int k = 0; k < 3; k++) {
			struct subject s = {.options.abis = rows[i].abi};
			char text[100];

			snprintf(text, sizeof text, "default errno EPERM\nkernel %s",
			         kernels[k]);
			compile(&s, text);
			answers(&s, abi->arch, rows[i].nr, 0, 0, 0, 0,
			        known[k] ? EPERM_ : enosys);
			finish(&s);
		}
	}
}

/* What is in a word is what the kernel of the ABI reads of it. */
static void garbage_does_not_matter_on_other_abis_either(void **state)
{
	uint64_t junk = UINT64_C(0xdeadbeef) << 32;
	struct subject s = {0};

	compile(&s, "abi s390x, s390\ndefault allow\n"
	            "errno EPERM clone if flags & CLONE_NEWUSER\n"
	            "errno EPERM chmod if mode & S_ISUID\n"
	            "errno EPERM lseek if offset == 1\n"
	            "errno EPERM openat if dirfd == AT_FDCWD");
	for (int i = 0; i < 2; i++) {
		uint32_t arch = i ? AUDIT_ARCH_S390 : AUDIT_ARCH_S390X;

		answers(&s, arch, 120, 0x10000000, junk, 0, 0, ALLOW);
		answers(&s, arch, 120, 0, junk | 0x10000000, 0, 0, EPERM_);
		answers(&s, arch, 15, 0, junk | 0x7f0000 | 04755, 0, 0, EPERM_);
		answers(&s, arch, 15, 0, 0xf0755, 0, 0, ALLOW);
		answers(&s, arch, 19, 0, junk | 1, 0, 0, i ? EPERM_ : ALLOW);
		answers(&s, arch, 288, (uint32_t)AT_FDCWD, 0, 0, 0, EPERM_);
		answers(&s, arch, 288, junk | (uint32_t)AT_FDCWD, 0, 0, 0, EPERM_);
	}
	finish(&s);
	compile(&s, "abi arm, mips, m68k, aarch64\ndefault allow\n"
	            "on arm, mips, m68k "
	            "{ errno EPERM truncate64 if length > 0xffffffff }\n"
	            "on aarch64 { errno EPERM truncate if length > 0xffffffff }");
	answers(&s, AUDIT_ARCH_ARM, 193, 0, 1, junk, junk | 1, EPERM_);
	answers(&s, AUDIT_ARCH_ARM, 193, 0, 1, junk, junk, ALLOW);
	answers(&s, AUDIT_ARCH_ARM, 193, 0, 0, 0, 0x80000000, ALLOW); /* below zero */
	answers(&s, AUDIT_ARCH_MIPS, 4211, 0, 1, junk | 1, junk, EPERM_);
	answers(&s, AUDIT_ARCH_MIPS, 4211, 0, 1, junk, junk | 1, ALLOW);
	answers(&s, AUDIT_ARCH_M68K, 193, 0, junk | 1, junk, 0, EPERM_);
	answers(&s, AUDIT_ARCH_M68K, 193, 0, junk, junk | 1, 1, ALLOW);
	answers(&s, AUDIT_ARCH_AARCH64, 45, 0, UINT64_C(1) << 32, 0, 0, EPERM_);
	answers(&s, AUDIT_ARCH_AARCH64, 45, 0, 0xffffffff, 0, 0, ALLOW);
	finish(&s);
}

/* What opens to read may still empty the file; what is left out of `within` not. */
static void o_trunc_is_not_let_through(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64\ndefault errno EPERM\n"
	            "allow openat if flags within O_CLOEXEC | O_DIRECTORY");
	call(&s, NR(openat), 0, 0, K(O_RDONLY), 0, ALLOW);
	call(&s, NR(openat), 0, 0, K(O_RDONLY) | K(O_CLOEXEC), 0, ALLOW);
	call(&s, NR(openat), 0, 0, K(O_RDONLY) | K(O_TRUNC), 0, EPERM_);
	call(&s, NR(openat), 0, 0, K(O_WRONLY), 0, EPERM_);
	finish(&s);
}

static void abis_of_both_byte_orders_share_a_program(void **state)
{
	static const char *const abis[] = {"x86_64", "s390x", "mips", "mipsel",
	                                   "ppc64", "arm"};
	struct subject s = {.options.abis = "x86_64,s390x,mips,mipsel,ppc64,arm"};
	struct sys_call c;

	compile(&s, "default allow\n"
	            "errno EPERM kill if pid == -1\n"
	            "errno EPERM write if u64(args[2]) == 0x100000002");
	for (size_t i = 0; i < ARRAY_LEN(abis); i++) {
		const struct sys_abi *abi = sys_abi(abis[i], strlen(abis[i]));

		assert_true(sys_call_by_name(abi, "kill", 4, &c));
		answers(&s, abi->arch, c.nr, 0xffffffff, 0, 0, 0, EPERM_);
		answers(&s, abi->arch, c.nr, UINT64_C(0xffffffff) << 32, 0, 0, 0,
		        ALLOW);
		assert_true(sys_call_by_name(abi, "write", 5, &c));
		answers(&s, abi->arch, c.nr, 0, 0, UINT64_C(0x100000002), 0,
		        abi->word == 64 ? EPERM_ : ALLOW);
		answers(&s, abi->arch, c.nr, 0, 0, UINT64_C(0x200000001), 0, ALLOW);
	}
	finish(&s);
}

static void i386_mmap_is_another_call(void **state)
{
	struct subject s = {0};

	refused("abi x86_64, i386\ndefault allow\nkill mmap if prot & PROT_EXEC",
	        "'mmap' has an argument 'prot' on x86_64, but not on i386");
	compile(&s,
	        "abi x86_64, i386\ndefault allow\n"
	        "on x86_64 { errno EPERM mmap if prot & PROT_EXEC }\n"
	        "on i386 { errno ENOSYS old_mmap; errno EPERM mmap2 if prot & PROT_EXEC }");
	answers(&s, X86_64, 9, 0, 0, 4, 0, EPERM_);
	answers(&s, I386, 90, 0, 0, 4, 0, ENOSYS_);
	answers(&s, I386, 192, 0, 0, 4, 0, EPERM_);
	finish(&s);
}

/* --- lists, values, includes ---------------------------------------------- */

static void groups_take_and_give(void **state)
{
	struct subject s = {0};

	compile(&s, "abi x86_64\ndefault errno EPERM\n"
	            "group @io = read, write,\n\tsocket(AF_UNIX, _, _)\n"
	            "group @more = @io - write, close\n"
	            "allow @more, nr(4) - close");
	call(&s, NR(read), 0, 0, 0, 0, ALLOW);
	call(&s, NR(write), 0, 0, 0, 0, EPERM_);
	call(&s, NR(close), 0, 0, 0, 0, EPERM_);
	call(&s, NR(stat), 0, 0, 0, 0, ALLOW);
	call(&s, NR(socket), AF_UNIX, 0, 0, 0, ALLOW);
	call(&s, NR(socket), AF_INET, 0, 0, 0, EPERM_);
	finish(&s);
}

/* What a group brings twice is there once, what was taken out may come again. */
static void groups_are_sets(void **state)
{
	struct subject s = {0};
	struct buf text;
	uint32_t cases;

	compile(&s, "abi x86_64\ndefault errno EPERM\n"
	            "group @a = read, write(1, _, _), write(2, _, _), close\n"
	            "group @b = @a, @a, read - read, @a - close, close(3)\n"
	            "group @c = @b - close, write, @b\n"
	            "allow @b, @b\nlog @c, @c");
	assert_int_equal(s.tree->rule[0].n, 4);
	assert_int_equal(s.tree->rule[1].n, 5);
	call(&s, NR(read), 0, 0, 0, 0, ALLOW);
	call(&s, NR(write), 1, 0, 0, 0, ALLOW);
	call(&s, NR(write), 3, 0, 0, 0, LOG);
	call(&s, NR(close), 3, 0, 0, 0, ALLOW);
	call(&s, NR(close), 4, 0, 0, 0, EPERM_);
	finish(&s);

	/* 2^27 members, if they were not. */
	text = (struct buf){.arena = &s.arena};
	compile(&s, "abi x86_64\ndefault kill\nallow read");
	buf_puts(&text, "abi x86_64\ndefault kill\n"
	                "group @g0 = read, write(1, _, _)\n");
	for (int i = 1; i <= 27; i++)
		buf_printf(&text, "group @g%d = @g%d, @g%d\n", i, i - 1, i - 1);
	buf_puts(&text, "allow @g27, @g26");
	s.tree = policy_parse(&s.arena, &s.diags,
	                      diag_source(&s.diags, "p", text.s, text.len), NULL);
	cases = s.tree ? s.tree->rule[0].n : 0;
	assert_int_equal(cases, 2);
	assert_true(s.arena.used < 1 << 20);
	finish(&s);
}

static void blocks_and_words(void **state)
{
	struct subject s = {0};

	/* A newline ends a rule except where something must follow. */
	compile(&s,
	        "abi x86_64; default errno EPERM # comment\n"
	        "allow kill\n"
	        "errno ENOSYS {\n\tread, write; close if fd == 1 or\n\tfd == 2\n\n}\n"
	        "log { uname }\n"
	        "trap 7 getpid; trace 9 gettid; notify getuid; kill_thread getgid\n"
	        "trap geteuid");
	call(&s, NR(kill), 0, 0, 0, 0, ALLOW);
	call(&s, NR(write), 0, 0, 0, 0, ENOSYS_);
	call(&s, NR(close), 2, 0, 0, 0, ENOSYS_);
	call(&s, NR(close), 3, 0, 0, 0, EPERM_);
	call(&s, NR(uname), 0, 0, 0, 0, LOG);
	call(&s, NR(getpid), 0, 0, 0, 0, SECCOMP_RET_TRAP | 7);
	call(&s, NR(gettid), 0, 0, 0, 0, SECCOMP_RET_TRACE | 9);
	call(&s, NR(getuid), 0, 0, 0, 0, SECCOMP_RET_USER_NOTIF);
	call(&s, NR(getgid), 0, 0, 0, 0, SECCOMP_RET_KILL_THREAD);
	call(&s, NR(geteuid), 0, 0, 0, 0, SECCOMP_RET_TRAP);
	finish(&s);
}

static void values_come_from_let_and_from_outside(void **state)
{
	static const struct rules_define define[] = {{"LIMIT", {9, false}}};
	struct subject s = {.options = {.define = define, .ndefine = 1}};

	compile(&s, "abi x86_64\ndefault allow\n"
	            "let LIMIT = 5\n"
	            "let TWICE = LIMIT * 2 - (1 << 1 | 1) # 18 - 3\n"
	            "errno EPERM close if fd == TWICE\n"
	            "errno ENOSYS close if fd == 16 and LIMIT == 9");
	call(&s, NR(close), 15, 0, 0, 0, EPERM_);
	call(&s, NR(close), 16, 0, 0, 0, ENOSYS_);
	call(&s, NR(close), 17, 0, 0, 0, ALLOW);
	finish(&s);
}

static int open_text(void *ctx, const char *name, const char *from,
                     const char **text, size_t *len)
{
	static const struct {
		const char *name, *text;
	} files[] = {
		{"./base",
	         "default kill\nkernel 5.8\ngroup @b = read\nallow write"},
		{"./loop", "include \"./loop\""},
		{"./allow", "default allow"},
		{"./bad", "\nallow raed"},
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (!strcmp(files[i].name, name)) {
			*text = files[i].text;
			*len = strlen(*text);
			return 0;
		}
	return -ENOENT;
}

static void includes_stand_where_they_are_written(void **state)
{
	struct subject s = {.options = {.open_file = open_text}};

	compile(&s, "abi x86_64\ndefault errno EPERM\ninclude \"./base\"\n"
	            "kill write; allow @b");
	call(&s, NR(write), 0, 0, 0, 0, ALLOW);
	call(&s, NR(read), 0, 0, 0, 0, ALLOW);
	call(&s, NR(close), 0, 0, 0, 0, EPERM_);
	call(&s, NR(close_range), 0, 0, 0, 0, ENOSYS_);
	finish(&s);
}

static void includes_that_do_not_work_are_reported(void **state)
{
	static const char *const rows[][2] = {
		{"default kill\ninclude \"./none\"", "No such file"},
		{"default kill\ninclude \"./loop\"",
	         "'./loop' includes itself"},
		{"include \"./base\"\ninclude \"./allow\"",
	         "includes disagree about 'default'"},
		{"default kill\ninclude \"./bad\"", "unknown system call 'raed'"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct subject s = {.options = {.open_file = open_text}};

		read_policy(&s, rows[i][0]);
		assert_null(s.tree);
		if (!strstr(buf_str(&s.messages), rows[i][1]))
			fail_msg("%s\n%s", rows[i][0], buf_str(&s.messages));
		finish(&s);
	}
	refused("default kill\ninclude \"./base\"", "no files are read here");
}

/* --- words of other tools ------------------------------------------------- */

static void hints_name_what_there_is(void **state)
{
	static const struct {
		enum rules_hint kind;
		const char *word, *meant;
	} hints[] = {
#define HINT(kind, word, meant) {RULES_HINT_##kind, word, meant},
#include "rules/hints.def"
	};
	const struct sys_abi *native = sys_abi("x86_64", 6);
	struct sys_call call;

	for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
		const char *word = hints[i].word, *meant = hints[i].meant;
		size_t len = strcspn(meant, ",");
		char text[100];

		if (hints[i].kind == RULES_HINT_CALL &&
		    (sys_call_by_name(native, word, strlen(word), &call) ||
		     !sys_call_by_name(native, meant, len, &call)))
			fail_msg("%s: %s", word, meant);
		if (hints[i].kind != RULES_HINT_ACTION)
			continue;
		snprintf(text, sizeof text, "default kill\n%s read", meant);
		warned(text, "");
		snprintf(text, sizeof text, "default kill\n%s read", word);
		refused(text, meant);
	}
}

/* --- sizes ---------------------------------------------------------------- */

static char *repeat(const char *head, const char *unit, unsigned n,
                    const char *tail)
{
	size_t h = strlen(head), u = strlen(unit), t = strlen(tail);
	char *s = malloc(h + n * u + t + 1), *p = s;

	assert_non_null(s);
	memcpy(p, head, h);
	p += h;
	for (unsigned i = 0; i < n; i++, p += u)
		memcpy(p, unit, u);
	memcpy(p, tail, t + 1);
	return s;
}

/* A policy about close, and descriptors for which it allows it or not. */
struct deep {
	char *text;
	uint32_t yes, no;
	bool done;
};

/* Runs in a thread with little stack; what goes wrong is left undone. */
static void *decide_deep(void *arg)
{
	struct deep *d = arg;
	struct subject s = {.options = {.abis = "x86_64"}};
	struct rules_case any = {.nr = NR(close)};
	struct rules_answers answers;
	struct buf out = {.arena = &s.arena};
	uint64_t args[SYS_ARGS] = {d->yes};
	bool ok;

	read_policy(&s, d->text);
	if (!s.tree)
		return NULL;
	rules_lint(&s.arena, &s.diags, s.tree, policy_question);
	s.graph = ir_graph(&s.arena, rules_input(s.tree));
	rules_graph(s.graph, s.tree);
	ok = rules_eval(s.tree, X86_64, NR(close), args) == ALLOW;
	args[0] = d->no;
	ok &= rules_eval(s.tree, X86_64, NR(close), args) == KILL;
	any.abi = s.tree->abi[0];
	answers = rules_ask(rules_asker(&s.arena, s.tree), &any);
	ok &= answers.v.n == 2;
	rules_put_condition(&out, &s.diags, &s.tree->rule[0].cases[0], false);
	policy_print(&out, s.tree, &s.options);
	d->done = ok;
	finish(&s);
	return NULL;
}

/* UNIT and END 10,000 times each, around MIDDLE. */
static void check_deep(const char *unit, const char *middle, const char *end,
                       uint32_t yes, uint32_t no)
{
	bool value = *unit == 'u' || *unit == '~' || *unit == '-';
	char *head = repeat(value ? "default kill\nallow close if fd == "
	                          : "default kill\nallow close if ",
	                    unit, 10000, middle);
	struct deep d = {repeat(head, end, 10000, ""), yes, no, false};
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	assert_int_equal(pthread_create(&thread, &attr, decide_deep, &d), 0);
	pthread_join(thread, NULL);
	if (!d.done)
		fail_msg("%s ... %s ... %s", unit, middle, end);
	free(d.text);
	free(head);
	pthread_attr_destroy(&attr);
}

static void depth_costs_no_stack(void **state)
{
	check_deep("(", "fd == 1", ")", 1, 2);
	check_deep("not ", "fd == 1", "", 1, 2);
	check_deep("!(", "fd == 1", ")", 1, 2);
	check_deep("(fd == 3 or ", "fd == 1", ")", 1, 2);
	check_deep("(fd == 3 or (fd != 4 and ", "fd == 1", "))", 1, 4);
	check_deep("((", "fd == 1", " or fd == 3) and fd != 4)", 3, 4);
	check_deep("~", "1", "", 1, 2);
	check_deep("- ", "1", "", 1, 2);
	check_deep("u32(", "1", ")", 1, 2);
}

static void long_lists_are_fine(void **state)
{
	struct subject s = {0};
	char *text = repeat("default kill; abi x86_64\nallow close if fd == 3",
	                    " or fd == 4", 100000, "");

	compile(&s, text);
	call(&s, NR(close), 4, 0, 0, 0, ALLOW);
	call(&s, NR(close), 5, 0, 0, 0, KILL);
	finish(&s);
	free(text);
	text = repeat("default kill; abi x86_64\nallow close if fd == 7 - 2",
	              " + 1 - 1", 100000, "");
	compile(&s, text);
	call(&s, NR(close), 5, 0, 0, 0, ALLOW);
	finish(&s);
	free(text);
	text = repeat("default kill; abi x86_64\nallow read", ", write", 100000,
	              "");
	compile(&s, text);
	call(&s, NR(write), 5, 0, 0, 0, ALLOW);
	finish(&s);
	free(text);
}

/* --- errors, not guesses -------------------------------------------------- */

static void doubtful_texts_are_errors(void **state)
{
	static const char *const rows[][2] = {
		{"close if fd == 1 == 2", "comparisons do not chain"},
		{"close if 1 < fd < 5", "comparisons do not chain"},
		{"close if fd == 1 and fd == 2 or fd == 3",
	         "needs parentheses"},
		{"close if fd & 1 | 2", "'&' mixed with '|' needs parentheses"},
		{"close if !fd & 1", "needs parentheses around"},
		{"close if !fd == 1", "needs parentheses around"},
		{"close if fd in (5..3)", "the range is reversed"},
		{"close if fd = 3", "use '=='"},
		{"close if fd", "not a condition"},
		{"close if fd + 1 == 3", "only be combined with a constant"},
		{"close if fd == 0x100000000",
	         "does not fit in the argument's 32 bits"},
		{"close if fd < -1", "unsigned 32 bits"},
		{"kill if pid > 0x80000000", "signed 32 bits"},
		{"socket(AF_UNIX)",
	         "'socket' has 3 arguments on x86_64 (family, type, protocol), but 1"},
		{"close if args[6] == 0", "args[0] to args[5]"},
		{"close if \"x\" == fd", "a filter sees pointers"},
		{"nr(512)", "belongs to x32"},
		{"nr(0x100000000)", "32 bits"},
		{"@none", "unknown group '@none'"},
		{"close - close(1)", "only whole calls"},
		{"lseek if fd == offset", "32 and 64 bits"},
		{"sendto if fd < flags", "a signed and an unsigned"},
		{"getpid if x == 1", "'getpid' has no argument 'x'"},
	};
	struct subject s = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[200];

		snprintf(text, sizeof text,
		         "abi x86_64\ndefault kill\nallow %s", rows[i][0]);
		refused(text, rows[i][1]);
	}
	refused("allow read", "missing 'default'");
	refused("default kill\ndefault allow", "duplicate 'default'");
	refused("default kill\nlet A = 1\nlet A = 2", "duplicate value 'A'");
	refused("default kill\ngroup @a = read\ngroup @a = write",
	        "duplicate group '@a'");
	refused("default kill\nallow @a\ngroup @a = read",
	        "before it is defined");
	refused("default kill\nlet A = 1 << 64", "does not fit in 64 bits");
	/* One message for each line that is wrong. */
	read_policy(
		&s,
		"defalt kill\nallow raed\nerrno EPREM write\nallow close if fb == 1");
	assert_null(s.tree);
	assert_int_equal(s.diags.errors, 4);
	finish(&s);
}

static void doubtful_policies_are_warned_of(void **state)
{
	static const char *const rows[][2] = {
		{"default kill; errno 0 read",
	         "errno 0 makes the call look successful"},
		{"default kill; allow read; allow read if fd == 0",
	         "no call reaches this rule"},
		{"default kill; allow read; kill read, write",
	         "an earlier rule decides 'read' differently"},
		{"default kill; allow clone", "not 'clone3'"},
		{"default allow; errno EPERM openat, open", "not 'openat2'"},
		{"default kill; allow io_uring_setup", "no filter sees"},
		{"default allow; errno EPERM read", "no filter sees"},
		{"default kill; allow openat if flags & O_ACCMODE == O_RDONLY",
	         "O_TRUNC"},
		{"default kill; allow close if fd & 0 == 0", "selects none"},
		{"default kill; allow close if fd & 3 == 4", "never equal"},
		{"default kill; allow read if buf == 0x1000",
	         "this compares a pointer"},
		{"default kill; foreign allow", "can be bypassed"},
		{"default kill; allow socketcall",
	         "is a system call of i386, but of none"},
		{"abi x86_64, i386; default kill; allow arch_prctl, mmap2",
	         "not a system call of x86_64"},
		{"default kill; let O_RDONLY = 3", "hides the kernel's constant"},
		{"default kill; allow read - write", "removes nothing"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		warned(rows[i][0], rows[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_the_headers),
		cmocka_unit_test(every_call_is_found_by_name_and_number),
		cmocka_unit_test(arguments_have_the_kernel_s_width_and_sign),
		cmocka_unit_test(constants_are_those_of_the_headers),
		cmocka_unit_test(the_first_matching_rule_decides),
		cmocka_unit_test(other_abis_are_foreign),
		cmocka_unit_test(x32_numbers_are_not_x86_64_s),
		cmocka_unit_test(x32_can_be_named),
		cmocka_unit_test(what_the_kernel_lacks_is_enosys),
		cmocka_unit_test(garbage_above_an_int_does_not_matter),
		cmocka_unit_test(umode_t_has_16_bits),
		cmocka_unit_test(longs_are_compared_whole),
		cmocka_unit_test(ints_are_ordered_with_their_sign),
		cmocka_unit_test(extremes_of_a_type_are_no_special_case),
		cmocka_unit_test(casts_override_the_type),
		cmocka_unit_test(arguments_compare_with_arguments),
		cmocka_unit_test(masks_sets_and_complements),
		cmocka_unit_test(rules_about_one_operand_keep_their_order),
		cmocka_unit_test(words_of_a_32_bit_abi_have_32_bits),
		cmocka_unit_test(socketcall_follows_socket),
		cmocka_unit_test(multiplexers_are_read_on_every_abi_that_has_them),
		cmocka_unit_test(each_abi_has_first_kernels_of_its_own),
		cmocka_unit_test(garbage_does_not_matter_on_other_abis_either),
		cmocka_unit_test(o_trunc_is_not_let_through),
		cmocka_unit_test(abis_of_both_byte_orders_share_a_program),
		cmocka_unit_test(i386_mmap_is_another_call),
		cmocka_unit_test(groups_take_and_give),
		cmocka_unit_test(groups_are_sets),
		cmocka_unit_test(blocks_and_words),
		cmocka_unit_test(values_come_from_let_and_from_outside),
		cmocka_unit_test(includes_stand_where_they_are_written),
		cmocka_unit_test(includes_that_do_not_work_are_reported),
		cmocka_unit_test(hints_name_what_there_is),
		cmocka_unit_test(depth_costs_no_stack),
		cmocka_unit_test(long_lists_are_fine),
		cmocka_unit_test(doubtful_texts_are_errors),
		cmocka_unit_test(doubtful_policies_are_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
