#include "unit.h"

#include <errno.h>
#include <linux/btf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "kernel/ops.h"

/* --- BTF -------------------------------------------------------------------------- */

#define INFO(kind, n)        ((uint32_t)(kind) << 24 | (n))
#define PACKED_INFO(kind, n) (1u << 31 | INFO(kind, n))

enum {
	AT_INT = 1, /* where the strings begin */
	AT_INNER = 5,
	AT_OUTER = 11,
	AT_A = 17,
	AT_B = 19,
	AT_C = 21,
	AT_ALIAS = 23,
	AT_COLOR = 29,
	AT_RED = 35
};
static const char strings[] = "\0int\0inner\0outer\0a\0b\0c\0alias\0color\0red";

/*
 * typedef struct inner { int a; int b : 3; } alias;
 * struct outer { int a; union { const alias c; int b; }; };
 * enum color { red = 7 };
 */
static const uint32_t types[] = {
	/* 1 */ AT_INT, INFO(BTF_KIND_INT, 0), 4, 32,
	/* 2 */ AT_INNER, PACKED_INFO(BTF_KIND_STRUCT, 2), 8,
	AT_A, 1, 0,
	AT_B, 1, 3u << 24 | 32,
	/* 3 */ AT_ALIAS, INFO(BTF_KIND_TYPEDEF, 0), 2,
	/* 4 */ 0, INFO(BTF_KIND_CONST, 0), 3,
	/* 5 */ 0, INFO(BTF_KIND_UNION, 2), 8,
	AT_C, 4, 0,
	AT_B, 1, 0,
	/* 6 */ AT_OUTER, INFO(BTF_KIND_STRUCT, 2), 12,
	AT_A, 1, 0,
	0, 5, 32,
	/* 7 */ AT_COLOR, INFO(BTF_KIND_ENUM, 1), 4,
	AT_RED, 7
};

enum {
	BTF_SIZE = sizeof(struct btf_header) + sizeof types + sizeof strings
};

static void make_btf(char out[BTF_SIZE])
{
	struct btf_header h = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof h,
		.type_len = sizeof types,
		.str_off = sizeof types,
		.str_len = sizeof strings,
	};

	memcpy(out, &h, sizeof h);
	memcpy(out + sizeof h, types, sizeof types);
	memcpy(out + sizeof h + sizeof types, strings, sizeof strings);
}

static struct kernel_types *read_btf(void)
{
	struct kernel_types *t;
	struct kernel_error e;
	char bytes[BTF_SIZE];

	make_btf(bytes);
	if (kernel_types_read(&t, bytes, sizeof bytes, &e))
		fail_msg("%s", e.text);
	return t;
}

static void types_are_found_by_kind_and_name(void **state)
{
	struct kernel_types *t = read_btf();

	assert_int_equal(kernel_type(t, BTF_KIND_STRUCT, "inner"), 2);
	assert_int_equal(kernel_type(t, BTF_KIND_STRUCT, "outer"), 6);
	assert_int_equal(kernel_type(t, BTF_KIND_TYPEDEF, "alias"), 3);
	assert_int_equal(kernel_type(t, BTF_KIND_FUNC, "inner"), 0);
	assert_int_equal(kernel_type(t, BTF_KIND_STRUCT, "nner"), 0);
	assert_int_equal(kernel_type(t, BTF_KIND_STRUCT, "inne"), 0);
	assert_int_equal(kernel_size(t, "outer"), 12);
	assert_int_equal(kernel_size(t, "alias"), -ENOENT);
	kernel_types_free(t);
}

static void members_are_found_by_a_path_through_unnamed_structs_and_typedefs(void **state)
{
	struct kernel_types *t = read_btf();

	assert_int_equal(kernel_member(t, "outer", "a"), 0);
	assert_int_equal(kernel_member(t, "outer", "b"), 4);
	assert_int_equal(kernel_member(t, "outer", "c"), 4);
	assert_int_equal(kernel_member(t, "outer", "c.a"), 4);
	assert_int_equal(kernel_member(t, "outer", "c.c"), -ENOENT);
	assert_int_equal(kernel_member(t, "outer", "a.a"), -ENOENT);
	assert_int_equal(kernel_member(t, "outer", ""), -ENOENT);
	assert_int_equal(kernel_member(t, "other", "a"), -ENOENT);
	kernel_types_free(t);
}

static void a_bit_field_has_no_offset(void **state)
{
	struct kernel_types *t = read_btf();

	assert_int_equal(kernel_member(t, "inner", "a"), 0);
	assert_int_equal(kernel_member(t, "inner", "b"), -ENOENT);
	kernel_types_free(t);
}

static void enums_have_names_and_values(void **state)
{
	struct kernel_types *t = read_btf();
	uint32_t value = 0;

	assert_string_equal(kernel_enum(t, "color", 0, &value), "red");
	assert_int_equal(value, 7);
	assert_null(kernel_enum(t, "color", 1, &value));
	assert_null(kernel_enum(t, "inner", 0, &value));
	kernel_types_free(t);
}

/* Read BTF of which byte AT was set to VALUE, and ask for all that is in it. */
static int ask_changed(size_t at, int value)
{
	static const char *const structs[] = { "inner", "outer", "alias" };
	static const char *const members[] = { "a", "b", "c.a", "c.b", "c" };
	struct kernel_types *t;
	struct kernel_error e;
	char bytes[BTF_SIZE];
	uint32_t number;

	make_btf(bytes);
	bytes[at] = (char)value;
	if (kernel_types_read(&t, bytes, sizeof bytes, &e))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(structs); i++)
		for (size_t k = 0; k < ARRAY_LEN(members); k++)
			kernel_member(t, structs[i], members[k]);
	kernel_enum(t, "color", 0, &number);
	kernel_types_free(t);
	return 0;
}

static void btf_with_any_byte_changed_is_refused_or_read(void **state)
{
	int refused = 0;

	for (size_t at = 0; at < BTF_SIZE; at++)
		for (int value = 0; value < 256; value++)
			refused += ask_changed(at, value) != 0;
	assert_true(refused > 1000);
}

static void btf_that_is_cut_is_refused(void **state)
{
	char bytes[BTF_SIZE];

	make_btf(bytes);
	for (size_t size = 0; size < sizeof bytes; size++) {
		char *cut = malloc(size + 1);
		struct kernel_types *t;
		struct kernel_error e;

		assert_non_null(cut);
		memcpy(cut, bytes, size);
		assert_int_equal(kernel_types_read(&t, cut, size, &e), -EBADMSG);
		free(cut);
	}
}

/* An emulator of a machine of the other byte order shows the types of this one's kernel. */
static void btf_of_the_other_byte_order_is_refused(void **state)
{
	char bytes[BTF_SIZE];
	struct kernel_types *t;
	struct kernel_error e;
	uint16_t magic;

	make_btf(bytes);
	memcpy(&magic, bytes, sizeof magic);
	magic = __builtin_bswap16(magic);
	memcpy(bytes, &magic, sizeof magic);
	for (size_t at = 4; at + 4 <= sizeof bytes; at += 4) {
		uint32_t word;

		memcpy(&word, bytes + at, sizeof word);
		word = __builtin_bswap32(word);
		memcpy(bytes + at, &word, sizeof word);
	}
	assert_int_equal(kernel_types_read(&t, bytes, sizeof bytes, &e), -EBADMSG);
}

/* --- programs as tables -------------------------------------------------------------- */

static void a_table_becomes_instructions(void **state)
{
	static const struct kernel_op ops[] = {
		IF(BPF_JEQ, 1, 0, 1),
		MAP(2, 0),
		LOAD_FIELD(BPF_W, 3, 1, 0),
		ADD_FIELD(1, 1),
		LABEL(2),
		SET_VALUE(4, 0),
		GOTO(2),
		LABEL(1),
		EXIT,
	};
	static const struct kernel_field fields[] = { { "outer", "c" }, { "outer", NULL } };
	static const int32_t values[] = { -5 };
	static const int maps[] = { 9 };
	const struct kernel_code code = { ops, ARRAY_LEN(ops), fields, 2, values, maps };
	struct kernel_types *t = read_btf();
	struct bpf_insn insns[KERNEL_CODE_MAX];
	struct kernel_error e;

	assert_int_equal(kernel_code_link(&code, t, insns, &e), 8);
	assert_int_equal(insns[0].off, 6);
	assert_int_equal(insns[1].imm, 9);
	assert_int_equal(insns[1].src_reg, BPF_PSEUDO_MAP_FD);
	assert_int_equal(insns[2].code, 0);
	assert_int_equal(insns[3].off, 4);
	assert_int_equal(insns[4].imm, 12);
	assert_int_equal(insns[5].imm, -5);
	assert_int_equal(insns[6].off, -2);
	kernel_types_free(t);
}

static void a_member_that_the_kernel_lacks_is_named(void **state)
{
	static const struct kernel_op ops[] = { EXIT };
	static const struct kernel_field fields[] = { { "inner", "z" } };
	const struct kernel_code code = { ops, 1, fields, 1, NULL, NULL };
	struct kernel_types *t = read_btf();
	struct bpf_insn insns[KERNEL_CODE_MAX];
	struct kernel_error e;

	assert_int_equal(kernel_code_link(&code, t, insns, &e), -ENOENT);
	assert_string_equal(e.text, "this kernel's types have no struct inner with a member z");
	kernel_types_free(t);
}

/* --- the running kernel ---------------------------------------------------------------- */

/* Skip the test if ERR says that bpf(2) is not for this process. */
static void need_rights(int err)
{
	if (err != -EPERM && err != -ENOSYS)
		return;
	print_message("skipped: bpf(2) is not permitted\n");
	skip();
}

static void a_map_keeps_what_is_put_into_it(void **state)
{
	const struct kernel_map is = {
		.type = BPF_MAP_TYPE_HASH,
		.name = "a_name_that_is_longer_than_the_kernel_takes",
		.key_size = 4,
		.value_size = 8,
		.entries = 10,
	};
	uint32_t key = 7, next = 0;
	uint64_t value = 700, got = 0;
	int map = kernel_map_create(&is);

	need_rights(map);
	assert_true(map >= 0);
	assert_int_equal(kernel_map_get(map, &key, &got), -ENOENT);
	assert_int_equal(kernel_map_set(map, &key, &value, BPF_NOEXIST), 0);
	assert_int_equal(kernel_map_set(map, &key, &value, BPF_NOEXIST), -EEXIST);
	assert_int_equal(kernel_map_get(map, &key, &got), 0);
	assert_int_equal(got, 700);
	assert_int_equal(kernel_map_next(map, NULL, &next), 0);
	assert_int_equal(next, 7);
	assert_int_equal(kernel_map_next(map, &next, &next), -ENOENT);
	assert_int_equal(kernel_map_delete(map, &key), 0);
	assert_int_equal(kernel_map_delete(map, &key), -ENOENT);
	close(map);
}

static void the_verifier_says_why_it_refuses_a_program(void **state)
{
	static const struct bpf_insn no_result[] = { { .code = BPF_JMP | BPF_EXIT } };
	char log[1000];
	const struct kernel_program program = {
		.type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = no_result,
		.n = 1,
		.log = log,
		.log_size = sizeof log,
	};
	int fd = kernel_program_load(&program);

	need_rights(fd);
	assert_int_equal(fd, -EACCES);
	assert_non_null(strstr(log, "R0 !read_ok"));
}

/* Filter I of the child has LEN instructions, which say which one it is. */
static void fill_filter(struct sock_filter *insns, unsigned len, unsigned i)
{
	for (unsigned k = 0; k < len; k++)
		insns[k] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, i << 16 | k);
	insns[len - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

/* Start a process that puts on N filters of LEN instructions and says so on READY. */
static pid_t start_child(unsigned n, unsigned len, int ready[2])
{
	struct sock_filter insns[4096];
	struct sock_fprog program = { .len = (unsigned short)len, .filter = insns };
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		_exit(1);
	for (unsigned i = 0; i < n; i++) {
		fill_filter(insns, len, i);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
			_exit(1);
	}
	if (write(ready[1], "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void end_child(pid_t pid, int ready[2])
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

/* The filters of a child that has N of LEN instructions are what it installed. */
static void check_child(unsigned n, unsigned len)
{
	struct sock_filter expected[4096];
	struct kernel_filters *f;
	struct kernel_error e;
	int ready[2], err;
	char byte;
	pid_t pid = start_child(n, len, ready);

	close(ready[1]);
	ready[1] = -1;
	if (read(ready[0], &byte, 1) != 1) {
		end_child(pid, ready);
		skip();
	}
	err = kernel_filters_read(&f, pid, &e);
	end_child(pid, ready);
	if (err == -EPERM || err == -ENOENT || err == -ENOSYS) {
		print_message("skipped: %s\n", e.text);
		skip();
	}
	if (err)
		fail_msg("%s", e.text);
	assert_int_equal(f->ntasks, 1);
	assert_int_equal(f->task[0].pid, pid);
	assert_int_equal(f->task[0].tid, pid);
	assert_int_equal(f->task[0].mode, SECCOMP_MODE_FILTER);
	assert_true(f->task[0].count >= n && f->task[0].n == f->task[0].count);
	for (unsigned i = 0; i < n; i++) {
		const struct kernel_filter *is = f->task[0].filter[n - 1 - i];

		fill_filter(expected, len, i);
		assert_int_equal(is->len, len);
		assert_non_null(is->insns);
		assert_memory_equal(is->insns, expected, len * sizeof *expected);
	}
	kernel_filters_free(f);
}

static void a_process_with_one_filter_is_seen(void **state)
{
	check_child(1, 5);
}

static void three_filters_of_4096_instructions_are_read(void **state)
{
	check_child(3, 4096);
}

static void a_hundred_filters_are_read_in_rounds(void **state)
{
	check_child(100, 40);
}

/* Tell whether the kernel is that of another machine, which an emulator hides. */
static bool kernel_is_of_the_other_order(void)
{
	FILE *f = fopen("/sys/kernel/btf/vmlinux", "rb");
	uint16_t magic = 0;

	if (f && fread(&magic, sizeof magic, 1, f) != 1)
		magic = 0;
	if (f)
		fclose(f);
	return magic == __builtin_bswap16(BTF_MAGIC);
}

static void the_running_kernel_knows_its_tasks(void **state)
{
	struct kernel_types *t;
	struct kernel_error e;
	int err = kernel_types_open(&t, &e);

	if (err == -ENOENT || (err == -EBADMSG && kernel_is_of_the_other_order())) {
		print_message("skipped: %s\n", e.text);
		skip();
	}
	if (err)
		fail_msg("%s", e.text);
	assert_true(kernel_member(t, "task_struct", "comm") > 0);
	assert_true(kernel_member(t, "task_struct", "no_such_member") == -ENOENT);
	assert_true(kernel_size(t, "task_struct") > 1000);
	kernel_types_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_found_by_kind_and_name),
		cmocka_unit_test(members_are_found_by_a_path_through_unnamed_structs_and_typedefs),
		cmocka_unit_test(a_bit_field_has_no_offset),
		cmocka_unit_test(enums_have_names_and_values),
		cmocka_unit_test(btf_with_any_byte_changed_is_refused_or_read),
		cmocka_unit_test(btf_that_is_cut_is_refused),
		cmocka_unit_test(btf_of_the_other_byte_order_is_refused),
		cmocka_unit_test(a_table_becomes_instructions),
		cmocka_unit_test(a_member_that_the_kernel_lacks_is_named),
		cmocka_unit_test(a_map_keeps_what_is_put_into_it),
		cmocka_unit_test(the_verifier_says_why_it_refuses_a_program),
		cmocka_unit_test(a_process_with_one_filter_is_seen),
		cmocka_unit_test(three_filters_of_4096_instructions_are_read),
		cmocka_unit_test(a_hundred_filters_are_read_in_rounds),
		cmocka_unit_test(the_running_kernel_knows_its_tasks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
