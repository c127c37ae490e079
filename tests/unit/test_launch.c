/* What launch works out about filters before and after it starts a program. */
#include "config.h"

#include "unit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "launch/launch.h"

#define LD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* The low half of an argument, which is 64 bits in the order of this machine. */
#define LD_LOW(field)                                                             \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + \
	                                           (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))
#define JEQ(k, jt, jf)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, jt, jf)
#define JGE(k, jt, jf)  BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, k, jt, jf)
#define JGT(k, jt, jf)  BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, k, jt, jf)
#define JSET(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, k, jt, jf)
#define RET(k)          BPF_STMT(BPF_RET | BPF_K, k)
#define ALLOW           RET(SECCOMP_RET_ALLOW)
#define KILL            RET(SECCOMP_RET_KILL_PROCESS)

static struct weir_program *program(const struct sock_filter *insns, size_t n)
{
	struct weir_program *p;

	assert_int_equal(weir_program_new(&p, WEIR_SECCOMP, insns, n), 0);
	return p;
}

#define FILTER(name, ...)                                          \
	const struct sock_filter name##_insns[] = { __VA_ARGS__ }; \
	struct weir_program *name =                                \
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
	if (native() == weir_abi_arch("x32"))
		assert_false(launch_may_kill(p));
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

static void a_number_beyond_all_calls_may_be_killed(void **state)
{
	for (uint32_t nr = 500; nr < 1000; nr++) {
		FILTER(p, LD(nr), JEQ(nr, 0, 1), KILL, ALLOW);

		assert_int_equal(launch_may_kill(p),
		                 native() != weir_abi_arch("x32") || nr < 512 ||
		                         nr > 547);
		weir_program_free(p);
	}
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

/* Hold what may die against what does, of numbers below 64 with a few arguments. */
static void check_search(const struct weir_program *p)
{
	bool any = false;

	for (uint32_t nr = 0; nr < 64; nr++) {
		bool dies = false;

		for (uint64_t arg = 0; arg < 8; arg++) {
			const uint64_t args[6] = { arg };

			dies |= launch_action_dies(launch_verdict(p, native(), nr, args));
		}
		any |= dies;
		assert_true(launch_may_die(p, nr, nr) || !dies);
		assert_true(launch_may_die(p, 0, nr) || !any);
	}
	assert_true(launch_may_kill(p) || !any);
}

/* Jumps of each kind, and ways in which A gets what a jump looks at. */
static void nothing_that_dies_is_overlooked(void **state)
{
#define X(op, jt, jf) BPF_JUMP(BPF_JMP | (op) | BPF_X, 0, jt, jf)
#define IMM(k)        BPF_STMT(BPF_LD | BPF_IMM, k)
#define ALU(op, k)    BPF_STMT(BPF_ALU | (op) | BPF_K, k)
	const struct sock_filter programs[][8] = {
		{ LD(nr), BPF_STMT(BPF_MISC | BPF_TAX, 0), IMM(5), X(BPF_JEQ, 0, 1), KILL, ALLOW },
		{ BPF_STMT(BPF_LDX | BPF_IMM, 3), LD(nr), X(BPF_JGT, 0, 1), KILL, ALLOW },
		{ LD(nr), BPF_STMT(BPF_ST, 0), IMM(0), BPF_STMT(BPF_LD | BPF_MEM, 0), JEQ(7, 0, 1), KILL,
		  ALLOW },
		{ LD(nr), ALU(BPF_AND, 7), JGE(6, 0, 1), KILL, ALLOW },
		{ LD(nr), BPF_STMT(BPF_JMP | BPF_JA, 1), KILL, JSET(0x30, 0, 1), KILL, ALLOW },
		{ LD(nr), JSET(0, 0, 1), KILL, ALLOW },
		{ LD(arch), JSET(native(), 0, 1), KILL, ALLOW },
		{ LD(instruction_pointer), JEQ(0, 0, 1), KILL, ALLOW },
		{ LD(nr), JGT(20, 1, 0), JGT(10, 1, 0), ALLOW, JEQ(15, 0, 1), KILL, ALLOW },
		{ LD(nr), JGE(20, 1, 0), JGE(10, 1, 0), ALLOW, JSET(1, 0, 1), KILL, ALLOW },
		{ JEQ(0, 0, 1), KILL, ALLOW },
		{ JEQ(0, 1, 0), KILL, ALLOW },
	};
#undef X
#undef IMM
#undef ALU

	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		struct weir_program *p;
		size_t n = ARRAY_LEN(programs[i]);

		while (!programs[i][n - 1].code)
			n--;
		p = program(programs[i], n);
		check_search(p);
		weir_program_free(p);
	}
}

/* Where a result depends on the number alone, the search is exact. */
static void a_search_of_numbers_is_exact(void **state)
{
	FILTER(p, LD(nr), JGT(10, 0, 2), JSET(64, 0, 1), KILL, ALLOW);

	assert_false(launch_may_die(p, 0, 10));
	assert_false(launch_may_die(p, 11, 63));
	assert_true(launch_may_die(p, 11, 64));
	weir_program_free(p);
}

static void what_is_left_to_a_listener_is_found(void **state)
{
	const struct {
		uint32_t result;
		bool asks;
	} rows[] = {
		{ SECCOMP_RET_USER_NOTIF, true },
		{ SECCOMP_RET_TRACE | 3, true },
		{ SECCOMP_RET_ALLOW, false },
		{ SECCOMP_RET_KILL_PROCESS, false },
		{ SECCOMP_RET_ERRNO | 1, false },
		{ SECCOMP_RET_LOG, false },
	};
	uint32_t nr = 0;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		FILTER(p, LD(nr), JEQ(41, 0, 3), LD(args[0]), JEQ(2, 0, 1),
		       RET(rows[i].result), ALLOW);

		assert_int_equal(launch_unheard(p, &nr) != NULL, rows[i].asks);
		if (rows[i].asks)
			assert_int_equal(nr, 41);
		weir_program_free(p);
	}
	FILTER(foreign, LD(arch), JEQ(native(), 0, 1), ALLOW, LD(nr),
	       JGE(300, 0, 1), RET(SECCOMP_RET_USER_NOTIF), ALLOW);
	assert_string_not_equal(launch_unheard(foreign, &nr), weir_native_abi());
	assert_int_equal(nr, 300);
	weir_program_free(foreign);
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

/* With the prefix before it, a filter as Linux will have it. */
static struct weir_program *prefixed(const struct weir_program *p, bool gated,
                                     struct launch_prefix *prefix)
{
	struct weir_program *both;
	size_t n;

	assert_int_equal(launch_prefix(p, gated, prefix), 0);
	weir_program_insns(p, &n);
	assert_int_equal(prefix->n, launch_prefix_length(gated) + n);
	both = program(prefix->insns, prefix->n);
	free(prefix->insns);
	return both;
}

/* Whatever is tried of a call, the gate changes its own execve and nothing else. */
static void the_gate_lets_the_secret_through_and_nothing_else(void **state)
{
	FILTER(p, LD(nr), JEQ(SYS_execve, 0, 1), RET(SECCOMP_RET_ERRNO | 13),
	       RET(SECCOMP_RET_ERRNO | 7));
	struct launch_prefix g = { 0 };
	struct weir_program *gated = prefixed(p, true, &g);
	uint64_t args[6] = { 1, 2, 3 };

	for (int i = 0; i < LAUNCH_SECRETS; i++)
		args[LAUNCH_SECRET_ARG + i] = g.secret[i];
	assert_int_equal(launch_verdict(gated, native(), SYS_execve, args),
	                 SECCOMP_RET_ALLOW);
	assert_int_equal(launch_verdict(gated, native(), SYS_execve | 0x40000000, args),
	                 SECCOMP_RET_ERRNO | 7);
	assert_int_equal(launch_verdict(gated, native() ^ 1, SYS_execve, args),
	                 SECCOMP_RET_ERRNO | 13);
	for (uint32_t nr = 0; nr < 600; nr++)
		if (nr != SYS_execve)
			assert_int_equal(launch_verdict(gated, native(), nr, args),
			                 SECCOMP_RET_ERRNO | 7);
	for (unsigned bit = 0; bit < 64 * LAUNCH_SECRETS; bit++) {
		uint64_t *word = &args[LAUNCH_SECRET_ARG + bit / 64];

		*word ^= UINT64_C(1) << bit % 64;
		assert_int_equal(launch_verdict(gated, native(), SYS_execve, args),
		                 SECCOMP_RET_ERRNO | 13);
		*word ^= UINT64_C(1) << bit % 64;
	}
	weir_program_free(gated);
	gated = prefixed(p, false, &g);
	for (int i = 0; i < LAUNCH_SECRETS; i++)
		args[LAUNCH_SECRET_ARG + i] = g.secret[i];
	assert_int_equal(launch_verdict(gated, native(), SYS_execve, args),
	                 SECCOMP_RET_ERRNO | 13);
	weir_program_free(gated);
	weir_program_free(p);
}

static void a_prefix_is_recognized_and_nothing_else(void **state)
{
	FILTER(p, LD(nr), JEQ(SYS_execve, 0, 1), RET(SECCOMP_RET_ERRNO | 13), ALLOW);

	for (int gated = 0; gated < 2; gated++) {
		size_t before = launch_prefix_length(gated), n;
		struct launch_prefix g = { 0 };

		assert_int_equal(launch_prefix(p, gated, &g), 0);
		n = g.n;
		assert_int_equal(launch_prefix_of(g.insns, n), before);
		assert_int_equal(launch_prefix_of(g.insns, before), 0);
		assert_int_equal(launch_prefix_of(g.insns + 1, n - 1), 0);
		for (size_t i = 0; i < before; i++) {
			g.insns[i].jf ^= 1;
			assert_int_equal(launch_prefix_of(g.insns, n), 0);
			g.insns[i].jf ^= 1;
		}
		g.insns[3].k ^= 1; /* another call than prctl */
		assert_int_equal(launch_prefix_of(g.insns, n), 0);
		free(g.insns);
	}
	weir_program_free(p);
}

static void probes_are_answered_with_errors_that_nobody_else_gives(void **state)
{
	FILTER(p, KILL);

	for (int round = 0; round < 200; round++) {
		struct launch_prefix g = { 0 };
		struct weir_program *both = prefixed(p, round % 2, &g);
		uint64_t args[6] = { 1, 2, 3, 4, 5, 6 };

		assert_int_not_equal(g.probe[0].error, g.probe[1].error);
		for (int i = 0; i < LAUNCH_PROBES; i++) {
			assert_in_range(g.probe[i].error, 2048, 4095);
			args[LAUNCH_PROBE_ARG] = g.probe[i].word;
			assert_int_equal(launch_verdict(both, native(), SYS_prctl, args),
			                 SECCOMP_RET_ERRNO | g.probe[i].error);
			assert_int_equal(launch_verdict(both, native(), SYS_write, args),
			                 SECCOMP_RET_KILL_PROCESS);
			assert_int_equal(launch_verdict(both, 1, SYS_prctl, args),
			                 SECCOMP_RET_KILL_PROCESS);
			args[LAUNCH_PROBE_ARG] ^= UINT64_C(1) << round % 64;
			assert_int_equal(launch_verdict(both, native(), SYS_prctl, args),
			                 SECCOMP_RET_KILL_PROCESS);
		}
		weir_program_free(both);
	}
	weir_program_free(p);
}

/* A raw program may rely on what Linux promises at its first instruction. */
static void a_and_x_are_0_where_the_policy_begins(void **state)
{
	FILTER(p, JEQ(0, 0, 3), BPF_STMT(BPF_MISC | BPF_TXA, 0), JEQ(0, 0, 1),
	       RET(SECCOMP_RET_ERRNO | 5), KILL);

	for (int gated = 0; gated < 2; gated++) {
		struct launch_prefix g = { 0 };
		struct weir_program *both = prefixed(p, gated, &g);
		const uint64_t args[6] = { 0, 0, 0, 0, 5, 6 };
		const uint64_t probe[6] = { 0, 0, 0, 0, g.probe[0].word ^ 1, 6 };

		for (uint32_t nr = 0; nr < 600; nr++) {
			assert_int_equal(launch_verdict(both, native(), nr, args),
			                 SECCOMP_RET_ERRNO | 5);
			assert_int_equal(launch_verdict(both, 1, nr, probe),
			                 SECCOMP_RET_ERRNO | 5);
		}
		assert_int_equal(launch_verdict(both, native(), SYS_prctl, probe),
		                 SECCOMP_RET_ERRNO | 5);
		weir_program_free(both);
	}
	weir_program_free(p);
}

static size_t cached(const struct weir_program *p)
{
	struct weir_verdict v = { .size = sizeof v };

	assert_int_equal(weir_program_check(p, &v), 0);
	assert_true(v.ok);
	return v.cached_calls;
}

/* All calls but the two that the prefix looks into. */
static void calls_stay_in_linuxs_cache(void **state)
{
	FILTER(p, LD(arch), JEQ(native(), 1, 0), KILL, ALLOW);
	struct launch_prefix g = { 0 };
	struct weir_program *both;

	assert_int_equal(cached(p), 512);
	both = prefixed(p, false, &g);
	assert_int_equal(cached(both), 511);
	weir_program_free(both);
	both = prefixed(p, true, &g);
	assert_int_equal(cached(both), 510);
	weir_program_free(both);
	weir_program_free(p);
}

static void what_fits_before_a_filter_is_computed(void **state)
{
	struct sock_filter insns[BPF_MAXINSNS];
	struct launch_prefix g = { 0 };
	struct weir_program *p;

	for (size_t i = 0; i < BPF_MAXINSNS; i++)
		insns[i] = (struct sock_filter)RET(SECCOMP_RET_ERRNO | 1);
	for (int gated = 0; gated < 2; gated++) {
		size_t most = BPF_MAXINSNS - launch_prefix_length(gated);

		p = program(insns, most);
		weir_program_free(prefixed(p, gated, &g));
		weir_program_free(p);
		p = program(insns, most + 1);
		assert_int_equal(launch_prefix(p, gated, &g), -E2BIG);
		weir_program_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killing_foreign_calls_kills_no_native_one),
		cmocka_unit_test(a_search_tree_kills_the_numbers_that_it_says),
		cmocka_unit_test(a_number_beyond_all_calls_may_be_killed),
		cmocka_unit_test(a_call_that_dies_for_some_argument_may_die),
		cmocka_unit_test(a_computed_result_may_be_anything),
		cmocka_unit_test(nothing_that_dies_is_overlooked),
		cmocka_unit_test(a_search_of_numbers_is_exact),
		cmocka_unit_test(what_is_left_to_a_listener_is_found),
		cmocka_unit_test(trap_and_kill_thread_and_the_unknown_count_as_dying),
		cmocka_unit_test(the_verdict_is_the_filters_on_just_this_call),
		cmocka_unit_test(the_gate_lets_the_secret_through_and_nothing_else),
		cmocka_unit_test(a_prefix_is_recognized_and_nothing_else),
		cmocka_unit_test(probes_are_answered_with_errors_that_nobody_else_gives),
		cmocka_unit_test(a_and_x_are_0_where_the_policy_begins),
		cmocka_unit_test(calls_stay_in_linuxs_cache),
		cmocka_unit_test(what_fits_before_a_filter_is_computed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
