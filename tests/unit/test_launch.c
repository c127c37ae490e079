/* What launch works out about filters before and after it starts a program. */
#include "config.h"

#include "unit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "launch/launch.h"

#define LD(field)      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* The low half of an argument, which is 64 bits in the order of this machine. */
#define LD_LOW(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + \
	         (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))
#define JEQ(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, jt, jf)
#define JGE(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, k, jt, jf)
#define JGT(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, k, jt, jf)
#define JSET(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, k, jt, jf)
#define RET(k)         BPF_STMT(BPF_RET | BPF_K, k)
#define ALLOW          RET(SECCOMP_RET_ALLOW)
#define KILL           RET(SECCOMP_RET_KILL_PROCESS)

static struct weir_program *program(const struct sock_filter *insns, size_t n)
{
	struct weir_program *p;

	assert_int_equal(weir_program_new(&p, WEIR_SECCOMP, insns, n), 0);
	return p;
}

#define FILTER(name, ...)                                                      \
	const struct sock_filter name##_insns[] = { __VA_ARGS__ };             \
	struct weir_program *name =                                            \
		program(name##_insns, sizeof name##_insns / sizeof *name##_insns)

static uint32_t native(void)
{
	return weir_abi_arch(weir_native_abi());
}

static void killing_foreign_calls_kills_no_native_one(void **state)
{
	FILTER(p, LD(arch), JEQ(native(), 1, 0), KILL, LD(nr),
	       JGE(0x40000000, 0, 1), KILL, ALLOW);

	assert_false(launch_may_die(p, 0, 1023));
	assert_true(launch_may_die(p, 0, 0x40000000));
	weir_program_free(p);
}

static void a_search_tree_kills_the_numbers_that_it_says(void **state)
{
	FILTER(p, LD(arch), JEQ(native(), 1, 0), KILL, LD(nr), JGE(100, 0, 3),
	       JGT(109, 0, 1), ALLOW, KILL, JEQ(7, 0, 1), KILL, JSET(64, 1, 0),
	       ALLOW, RET(SECCOMP_RET_ERRNO | 1));

	for (uint32_t nr = 0; nr < 200; nr++)
		assert_int_equal(launch_may_die(p, nr, nr),
		                 nr == 7 || (nr >= 100 && nr <= 109));
	assert_true(launch_may_die(p, 0, 1023));
	assert_true(launch_may_die(p, 0, 7));
	assert_false(launch_may_die(p, 8, 99));
	assert_false(launch_may_die(p, 110, 1023));
	weir_program_free(p);
}

static void a_call_that_dies_for_some_argument_may_die(void **state)
{
	FILTER(p, LD(nr), JEQ(41, 0, 3), LD(args[0]), JEQ(2, 0, 1), KILL, ALLOW);

	assert_true(launch_may_die(p, 41, 41));
	assert_false(launch_may_die(p, 40, 40));
	weir_program_free(p);
}

static void a_computed_result_may_be_anything(void **state)
{
	FILTER(p, LD(nr), BPF_STMT(BPF_RET | BPF_A, 0));

	assert_true(launch_may_die(p, 0, 1023));
	weir_program_free(p);
}

static void trap_and_kill_thread_and_the_unknown_count_as_dying(void **state)
{
	const struct {
		uint32_t result;
		bool passes, dies;
		const char *text;
	} rows[] = {
		{ SECCOMP_RET_ALLOW, true, false, "allow" },
		{ SECCOMP_RET_LOG, true, false, "log" },
		{ SECCOMP_RET_ERRNO | EPERM, false, false, "errno EPERM" },
		{ SECCOMP_RET_ERRNO | 4000, false, false, "errno 4000" },
		{ SECCOMP_RET_USER_NOTIF, false, false, "notify" },
		{ SECCOMP_RET_TRACE | 3, false, false, "trace 3" },
		{ SECCOMP_RET_TRAP | 9, false, true, "trap 9" },
		{ SECCOMP_RET_KILL_THREAD, false, true, "kill_thread" },
		{ SECCOMP_RET_KILL_PROCESS, false, true, "kill" },
		{ 0x12340000, false, true, "kill" },
	};
	char text[64];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		FILTER(p, RET(rows[i].result));

		assert_int_equal(launch_may_die(p, 0, 1023), rows[i].dies);
		assert_int_equal(launch_action_dies(rows[i].result), rows[i].dies);
		assert_int_equal(launch_action_passes(rows[i].result), rows[i].passes);
		launch_action(rows[i].result, text, sizeof text);
		assert_string_equal(text, rows[i].text);
		weir_program_free(p);
	}
}

static void the_verdict_is_the_filters_on_just_this_call(void **state)
{
	const uint64_t args[6] = { 0, 0, UINT64_C(5) << 32 | 6, 0, 0, 0 };
	FILTER(p, LD(arch), JEQ(native(), 0, 5), LD(nr), JEQ(SYS_write, 0, 3),
	       LD_LOW(args[2]), JEQ(6, 0, 1), ALLOW, RET(SECCOMP_RET_ERRNO | 1));

	assert_int_equal(launch_verdict(p, native(), SYS_write, args), SECCOMP_RET_ALLOW);
	assert_int_equal(launch_verdict(p, native(), SYS_read, args), SECCOMP_RET_ERRNO | 1);
	assert_int_equal(launch_verdict(p, 1, SYS_write, args), SECCOMP_RET_ERRNO | 1);
	weir_program_free(p);
}

/* Whatever is tried of a call, the gate changes its own execve and nothing else. */
static void the_gate_lets_the_secret_through_and_nothing_else(void **state)
{
	FILTER(p, LD(nr), JEQ(SYS_execve, 0, 1), RET(SECCOMP_RET_ERRNO | 13),
	       RET(SECCOMP_RET_ERRNO | 7));
	struct launch_gate g = { 0 };
	struct weir_program *gated;
	uint64_t args[6] = { 1, 2, 3 };

	assert_int_equal(launch_gate(p, &g), 0);
	gated = program(g.insns, g.n);
	for (int i = 0; i < LAUNCH_SECRETS; i++)
		args[LAUNCH_SECRET_ARG + i] = g.secret[i];
	assert_int_equal(launch_verdict(gated, native(), SYS_execve, args),
	                 SECCOMP_RET_ALLOW);
	assert_int_equal(launch_verdict(gated, native(), SYS_execve | 0x40000000, args),
	                 SECCOMP_RET_ERRNO | 7);
	assert_int_equal(launch_verdict(gated, native() ^ 1, SYS_execve, args),
	                 SECCOMP_RET_ERRNO | 13);
	assert_int_equal(launch_verdict(gated, native(), SYS_read, args),
	                 SECCOMP_RET_ERRNO | 7);
	for (unsigned bit = 0; bit < 64 * LAUNCH_SECRETS; bit++) {
		uint64_t *word = &args[LAUNCH_SECRET_ARG + bit / 64];

		*word ^= UINT64_C(1) << bit % 64;
		assert_int_equal(launch_verdict(gated, native(), SYS_execve, args),
		                 SECCOMP_RET_ERRNO | 13);
		*word ^= UINT64_C(1) << bit % 64;
	}
	weir_program_free(gated);
	free(g.insns);
	weir_program_free(p);
}

static void no_gate_fits_before_a_filter_of_full_length(void **state)
{
	struct sock_filter insns[BPF_MAXINSNS];
	struct launch_gate g = { 0 };
	struct weir_program *p;

	for (size_t i = 0; i < BPF_MAXINSNS; i++)
		insns[i] = (struct sock_filter)RET(SECCOMP_RET_ERRNO | 1);
	p = program(insns, BPF_MAXINSNS);
	assert_int_equal(launch_gate(p, &g), -E2BIG);
	assert_null(g.insns);
	weir_program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killing_foreign_calls_kills_no_native_one),
		cmocka_unit_test(a_search_tree_kills_the_numbers_that_it_says),
		cmocka_unit_test(a_call_that_dies_for_some_argument_may_die),
		cmocka_unit_test(a_computed_result_may_be_anything),
		cmocka_unit_test(trap_and_kill_thread_and_the_unknown_count_as_dying),
		cmocka_unit_test(the_verdict_is_the_filters_on_just_this_call),
		cmocka_unit_test(the_gate_lets_the_secret_through_and_nothing_else),
		cmocka_unit_test(no_gate_fits_before_a_filter_of_full_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
