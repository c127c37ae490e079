/* Policies that are lifted from programs: their text, and what no policy says. */
#include "unit.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>

#include "weir.h"

/* The last diagnostic. */
struct said {
	enum weir_severity severity;
	enum weir_code code;
	char message[300];
};

static void keep(void *ctx, const struct weir_diag *d)
{
	struct said *s = ctx;

	s->severity = d->severity;
	s->code = d->code;
	snprintf(s->message, sizeof s->message, "%s", d->message);
}

/* Lift program TEXT; what weir_policy_lift returns. */
static int lift(const char *text, struct weir_policy **out, struct said *said)
{
	struct weir_read_options o = { .size = sizeof o, .diag = keep, .diag_ctx = said };
	struct weir_program *p;
	int err;

	memset(said, 0, sizeof *said);
	assert_int_equal(weir_program_read(&p, WEIR_SECCOMP, text, strlen(text), NULL), 0);
	err = weir_policy_lift(out, p, &o);
	weir_program_free(p);
	return err;
}

/* Program TEXT has the policy EXPECTED, and no other is meant. */
static void check(const char *text, const char *expected)
{
	struct weir_policy *p;
	struct said said;
	char *printed;
	size_t len;

	assert_int_equal(lift(text, &p, &said), 0);
	assert_string_equal(said.message, "");
	assert_null(weir_policy_inexact(p));
	assert_int_equal(weir_policy_print(p, NULL, NULL, &printed, &len), 0);
	assert_string_equal(printed, expected);
	free(printed);
	weir_policy_free(p);
}

#define X86_64                      \
	"ld [4]\n"                  \
	"jeq #0xc000003e, native\n" \
	"ret #0x80000000\n"         \
	"native: ld [0]\n"

#define ENDS                       \
	"allow: ret #0x7fff0000\n" \
	"deny: ret #0x50001\n"

/* It tests neither bit 30 nor -1, so x32's calls get what x86_64's numbers get. */
static void a_list_of_calls_is_a_rule(void **state)
{
	check(X86_64 "jeq #0, allow\njeq #1, allow\njeq #60, allow, deny\n" ENDS,
	      "default errno EPERM\n"
	      "abi x86_64, x32\n"
	      "on x86_64 {\n"
	      "    allow exit, read, write\n"
	      "}\n");
}

static void halves_of_arguments_are_compared_as_wholes(void **state)
{
	check(X86_64 "jge #0x40000000, bad\n"
	             "jeq #41, socket\n"
	             "jeq #0, allow, deny\n"
	             "bad: ret #0x80000000\n"
	             "socket: ld [20]\n"
	             "jneq #0, deny\n"
	             "ld [16]\n"
	             "jeq #1, allow\n"
	             "jeq #16, netlink, deny\n"
	             "netlink: ld [24]\n"
	             "jset #1, deny, allow\n" ENDS,
	      "default errno EPERM\n"
	      "abi x86_64\n"
	      "x32 above\n"
	      "allow read\n"
	      "kill nr(0xffffffff)\n"
	      "allow socket if u64(family) == 1 or (u64(family) == 16 and (type & 1) == 0)\n");
}

/* Results that the kernel does not tell apart are one. */
static void results_are_what_the_kernel_takes_them_for(void **state)
{
	check(X86_64 "jeq #0, a\njeq #1, b\njeq #2, c\nret #0x7fff0005\n"
	             "a: ret #0x12340000\nb: ret #0x0005ffff\nc: ret #0x00000007\n",
	      "default allow\n"
	      "abi x86_64, x32\n"
	      "on x86_64 {\n"
	      "    errno 4095 write\n"
	      "    kill read\n"
	      "    kill_thread open\n"
	      "}\n");
}

/* socketcall is decided apart from socket, which a policy's rule for it is not. */
static void calls_that_are_made_through_others_are_kept_apart(void **state)
{
	check("ld [4]\njneq #0x40000003, kill\n"
	      "ld [0]\njeq #359, allow, deny\n"
	      "kill: ret #0x80000000\n" ENDS,
	      "default errno EPERM\n"
	      "abi i386\n"
	      "errno EPERM ipc, socketcall\n"
	      "allow socket\n");
}

static void keep_ret(void *ctx, const struct weir_answer *a)
{
	*(uint32_t *)ctx = a->ret;
}

static void what_no_policy_says_is_warned_of(void **state)
{
	const uint64_t args[6] = { 0 };
	struct weir_program *program;
	struct weir_policy *p;
	struct said said;
	char *printed;
	uint32_t ret;
	size_t len;

	assert_int_equal(lift(X86_64 "jneq #9, deny\nld [8]\njeq #0, allow, deny\n" ENDS, &p,
	                      &said),
	                 0);
	assert_int_equal(said.code, WEIR_W_INEXACT);
	assert_string_equal(weir_policy_inexact(p), "looks at the instruction pointer");
	assert_int_equal(weir_policy_print(p, NULL, NULL, &printed, &len), -EINVAL);
	assert_int_equal(weir_policy_compile(&program, p, NULL), -EINVAL);
	assert_int_equal(weir_policy_add(p, "allow mmap", NULL), -ENOTSUP);
	assert_string_equal(said.message, "this program cannot be written as a policy: it "
	                                  "looks at the instruction pointer");
	assert_int_equal(weir_policy_call(p, AUDIT_ARCH_X86_64, 9, args, keep_ret, &ret), 0);
	assert_int_equal(ret, SECCOMP_RET_ALLOW);
	weir_policy_free(p);
}

/* Of a call that a policy only comes near to, the program itself is asked. */
static void single_calls_get_the_programs_answer(void **state)
{
	const uint64_t args[6] = { UINT64_C(1) << 32 };
	struct weir_policy *p;
	struct said said;
	uint32_t ret;

	/* The lower half of an argument comes second there. */
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		skip();
	assert_int_equal(lift("ld [4]\njneq #0x40000003, deny\n"
	                      "ld [0]\njneq #3, deny\n"
	                      "ld [20]\njeq #1, allow, deny\n" ENDS,
	                      &p, &said),
	                 0);
	assert_string_equal(weir_policy_inexact(p),
	                    "looks at the upper halves of 32-bit arguments");
	assert_int_equal(weir_policy_call(p, AUDIT_ARCH_I386, 3, args, keep_ret, &ret), 0);
	assert_int_equal(ret, SECCOMP_RET_ALLOW);
	weir_policy_free(p);
}

static void programs_that_test_no_architecture_are_explained(void **state)
{
	struct weir_policy *p;
	struct said said;

	assert_int_equal(lift("ld [0]\njeq #59, deny, allow\n" ENDS, &p, &said), 0);
	assert_string_equal(weir_policy_inexact(p),
	                    "does not look at the architecture, so it decides the calls of "
	                    "every ABI by numbers of one");
	weir_policy_free(p);
	assert_int_equal(lift("ld [4]\njeq #0x12345678, allow, deny\n" ENDS, &p, &said), 0);
	assert_string_equal(weir_policy_inexact(p),
	                    "tells architectures apart that weir does not know");
	weir_policy_free(p);
}

/* 100,000 numbers that are no calls. */
static void more_numbers_than_a_policy_lists_are_warned_of(void **state)
{
	struct weir_policy *p;
	struct said said;

	assert_int_equal(lift(X86_64 "jgt #100000, deny, allow\n" ENDS, &p, &said), 0);
	assert_string_equal(weir_policy_inexact(p),
	                    "has other answers for more numbers than a policy can list");
	weir_policy_free(p);
}

static void what_is_no_seccomp_filter_is_refused(void **state)
{
	static const struct sock_filter byte[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	static const enum weir_kind kinds[] = { WEIR_PACKET, WEIR_SECCOMP };
	struct weir_program *program;
	struct weir_policy *p;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct said said;
		struct weir_read_options o = {
			.size = sizeof o,
			.diag = keep,
			.diag_ctx = &said,
		};

		assert_int_equal(weir_program_new(&program, kinds[i], byte, 2), 0);
		assert_int_equal(weir_policy_lift(&p, program, &o), -EINVAL);
		assert_null(p);
		assert_int_equal(said.severity, WEIR_ERROR);
		weir_program_free(program);
	}
}

/* The fingerprint of program TEXT. */
static void name(const char *text, enum weir_kind kind, char *out)
{
	struct weir_program *p;

	assert_int_equal(weir_program_read(&p, kind, text, strlen(text), NULL), 0);
	assert_int_equal(weir_program_fingerprint(p, out), 0);
	assert_int_equal(strlen(out), WEIR_FINGERPRINT - 1);
	weir_program_free(p);
}

static void programs_that_answer_alike_have_one_fingerprint(void **state)
{
	char a[WEIR_FINGERPRINT], b[WEIR_FINGERPRINT];

	name("ld [0]\njgt #5, x, y\nx: ret #0\ny: ret #0x7fff0000\n", WEIR_SECCOMP, a);
	name("ld [0]\njge #6, x, y\ny: ret #0x7fff0007\nx: ret #0\n", WEIR_SECCOMP, b);
	assert_memory_equal(a, "a:", 2);
	assert_string_equal(a, b);
	name("ld [0]\njge #7, x, y\ny: ret #0x7fff0007\nx: ret #0\n", WEIR_SECCOMP, b);
	assert_string_not_equal(a, b);
	name("ret #0x7fff0000\n", WEIR_PACKET, a);
	assert_memory_equal(a, "i:", 2);
}

/* Findings of one class, and whether each is a call that the program lets through. */
struct findings {
	const struct weir_program *program;
	const char *class_name;
	unsigned n;
	char example[100]; /* of the last one */
	enum weir_risk risk;
};

static void count(void *ctx, const struct weir_finding *f)
{
	struct findings *all = ctx;
	struct seccomp_data data = { .nr = (int)f->nr, .arch = f->arch };
	struct weir_data in = { .size = sizeof in, .bytes = &data, .captured = sizeof data };
	uint32_t ret;

	memcpy(data.args, f->args, sizeof data.args);
	assert_int_equal(weir_program_run(all->program, &in, &ret), 0);
	assert_int_equal(ret, f->ret);
	assert_true(ret == SECCOMP_RET_ALLOW || ret == SECCOMP_RET_LOG);
	if (strcmp(f->class_name, all->class_name) != 0)
		return;
	all->n++;
	all->risk = f->risk;
	snprintf(all->example, sizeof all->example, "%s %s", f->abi, f->example);
}

/* The findings of a class about program TEXT. */
static struct findings audit(const char *text, const char *class_name)
{
	struct findings all = { .class_name = class_name };
	struct weir_program *p;
	struct weir_policy *policy;

	assert_int_equal(weir_program_read(&p, WEIR_SECCOMP, text, strlen(text), NULL), 0);
	assert_int_equal(weir_policy_lift(&policy, p, NULL), 0);
	all.program = p;
	assert_int_equal(weir_policy_audit(policy, p, count, &all), 0);
	weir_policy_free(policy);
	weir_program_free(p);
	return all;
}

/* A socket's family is an int, which 64 bits are compared for: garbage gets past. */
static void an_audit_finds_what_gets_past_a_comparison(void **state)
{
	struct findings f;

	/* The lower half of an argument comes second there. */
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		skip();
	f = audit(X86_64 "jge #0x40000000, deny\njneq #41, allow\n"
	                 "ld [20]\njneq #0, allow\n"
	                 "ld [16]\njeq #40, deny, allow\n" ENDS,
	          "network");

	assert_int_equal(f.n, 3);
	f = audit(X86_64 "jge #0x40000000, deny\njneq #41, deny\n"
	                 "ld [20]\njneq #0, allow\n"
	                 "ld [16]\njeq #40, deny\njeq #17, deny\njeq #2, deny\n"
	                 "jeq #10, deny, allow\n" ENDS,
	          "network");
	assert_int_equal(f.n, 3);
	f = audit(X86_64 "jge #0x40000000, deny\njneq #41, deny\n"
	                 "ld [16]\njeq #40, allow, deny\n" ENDS,
	          "network");
	assert_int_equal(f.n, 1);
	assert_string_equal(f.example, "x86_64 socket(40, 0, 0)");
}

static void an_audit_finds_ways_past_what_is_refused(void **state)
{
	struct findings f = audit(X86_64 "jge #0x40000000, deny\n"
	                                 "jeq #59, deny, allow\n" ENDS,
	                          "siblings");

	assert_int_equal(f.n, 1);
	assert_string_equal(f.example, "x86_64 execveat(0, 0, 0, 0, 0)");
	/* Neither bit 30 nor -1 is tested. */
	f = audit(X86_64 "jeq #101, deny, allow\n" ENDS, "abis");
	assert_int_equal(f.n, 1);
	assert_int_equal(f.risk, WEIR_RISK_HIGH);
	f = audit("ld [4]\njneq #0xc000003e, allow\nld [0]\njge #0x40000000, deny\n"
	          "jeq #257, deny, allow\n" ENDS,
	          "abis");
	assert_int_equal(f.n, 1);
	assert_string_equal(f.example, "i386 execve(0, 0, 0)");
	f = audit(X86_64 "jge #0x40000000, deny\njeq #257, deny, allow\n" ENDS, "io_uring");
	assert_int_equal(f.n, 1);
	assert_int_equal(f.risk, WEIR_RISK_HIGH);
	f = audit(X86_64 "jeq #425, allow, deny\n" ENDS, "io_uring");
	assert_int_equal(f.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_of_calls_is_a_rule),
		cmocka_unit_test(halves_of_arguments_are_compared_as_wholes),
		cmocka_unit_test(results_are_what_the_kernel_takes_them_for),
		cmocka_unit_test(calls_that_are_made_through_others_are_kept_apart),
		cmocka_unit_test(what_no_policy_says_is_warned_of),
		cmocka_unit_test(single_calls_get_the_programs_answer),
		cmocka_unit_test(programs_that_test_no_architecture_are_explained),
		cmocka_unit_test(more_numbers_than_a_policy_lists_are_warned_of),
		cmocka_unit_test(what_is_no_seccomp_filter_is_refused),
		cmocka_unit_test(programs_that_answer_alike_have_one_fingerprint),
		cmocka_unit_test(an_audit_finds_what_gets_past_a_comparison),
		cmocka_unit_test(an_audit_finds_ways_past_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
