/* policy: weir's own language; lists, values, includes, depth, errors. */
#include "subject.h"

#include "rules/ask.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* --- lists, values, includes ---------------------------------------------- */

static void groups_take_and_give(void **state)
{
	struct subject s = { 0 };

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
	struct subject s = { 0 };
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
	text = (struct buf){ .arena = &s.arena };
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
	struct subject s = { 0 };

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
	static const struct rules_define define[] = { { "LIMIT", { 9, false } } };
	struct subject s = { .options = { .define = define, .ndefine = 1 } };

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
		{ "./base",
		  "default kill\nkernel 5.8\ngroup @b = read\nallow write" },
		{ "./loop", "include \"./loop\"" },
		{ "./allow", "default allow" },
		{ "./bad", "\nallow raed" },
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
	struct subject s = { .options = { .open_file = open_text } };

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
		{ "default kill\ninclude \"./none\"", "No such file" },
		{ "default kill\ninclude \"./loop\"",
		  "'./loop' includes itself" },
		{ "include \"./base\"\ninclude \"./allow\"",
		  "includes disagree about 'default'" },
		{ "default kill\ninclude \"./bad\"", "unknown system call 'raed'" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct subject s = { .options = { .open_file = open_text } };

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
#define HINT(kind, word, meant) { RULES_HINT_##kind, word, meant },
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
	struct subject s = { .options = { .abis = "x86_64" } };
	struct rules_case any = { .nr = NR(close) };
	struct rules_answers answers;
	struct buf out = { .arena = &s.arena };
	uint64_t args[SYS_ARGS] = { d->yes };
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
	struct deep d = { repeat(head, end, 10000, ""), yes, no, false };
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
	struct subject s = { 0 };
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
		{ "close if fd == 1 == 2", "comparisons do not chain" },
		{ "close if 1 < fd < 5", "comparisons do not chain" },
		{ "close if fd == 1 and fd == 2 or fd == 3",
		  "needs parentheses" },
		{ "close if fd & 1 | 2", "'&' mixed with '|' needs parentheses" },
		{ "close if !fd & 1", "needs parentheses around" },
		{ "close if !fd == 1", "needs parentheses around" },
		{ "close if fd in (5..3)", "the range is reversed" },
		{ "close if fd = 3", "use '=='" },
		{ "close if fd", "not a condition" },
		{ "close if fd + 1 == 3", "only be combined with a constant" },
		{ "close if fd == 0x100000000",
		  "does not fit in the argument's 32 bits" },
		{ "close if fd < -1", "unsigned 32 bits" },
		{ "kill if pid > 0x80000000", "signed 32 bits" },
		{ "socket(AF_UNIX)",
		  "'socket' has 3 arguments on x86_64 (family, type, protocol), but 1" },
		{ "close if args[6] == 0", "args[0] to args[5]" },
		{ "close if \"x\" == fd", "a filter sees pointers" },
		{ "nr(512)", "belongs to x32" },
		{ "nr(0x100000000)", "32 bits" },
		{ "@none", "unknown group '@none'" },
		{ "close - close(1)", "only whole calls" },
		{ "lseek if fd == offset", "32 and 64 bits" },
		{ "sendto if fd < flags", "a signed and an unsigned" },
		{ "getpid if x == 1", "'getpid' has no argument 'x'" },
	};
	struct subject s = { 0 };

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
