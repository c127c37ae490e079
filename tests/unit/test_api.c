/*
 * The public library where memory runs out: both compilers, from text to
 * program, and what programs are asked. The linker puts what stands here before
 * malloc and the arena's functions, so that the n-th call of them can fail.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "compile.h"

/* --- allocations that fail --------------------------------------------------- */

static unsigned mallocs_left = -1u, arenas_left = -1u;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
	if (!mallocs_left)
		return NULL;
	mallocs_left--;
	return __real_malloc(size);
}

/* A chunk of an arena serves many allocations; here each of them may fail. */
static void spend(struct arena *a)
{
	if (!arenas_left)
		longjmp(*a->oom, 1);
	arenas_left--;
}

/*
 * Where arenas really end. They seem to be full, so that each allocation takes the
 * slow way, which can be wrapped.
 */
static struct hidden {
	const struct arena *arena;
	char *at, *end;
} hidden[8];

static struct hidden *hidden_of(const struct arena *a)
{
	static unsigned oldest;

	for (unsigned i = 0; i < ARRAY_LEN(hidden); i++)
		if (hidden[i].arena == a)
			return &hidden[i];
	return &hidden[oldest++ % ARRAY_LEN(hidden)];
}

static void hide(struct arena *a)
{
	*hidden_of(a) = (struct hidden){ a, a->at, a->end };
	a->end = a->at;
}

static void reveal(struct arena *a)
{
	const struct hidden *h = hidden_of(a);

	if (h->arena == a && h->at == a->at && a->end == a->at)
		a->end = h->end;
}

#define WRAP(name, parameters, arguments)    \
	void *__real_##name parameters;      \
	void *__wrap_##name parameters;      \
	void *__wrap_##name parameters       \
	{                                    \
		void *p;                     \
                                             \
		spend(a);                    \
		reveal(a);                   \
		p = __real_##name arguments; \
		hide(a);                     \
		return p;                    \
	}

WRAP(arena_take_slowly, (struct arena * a, size_t size), (a, size))
WRAP(arena_grow, (struct arena * a, void *p0, size_t was, size_t is), (a, p0, was, is))

void __real_arena_reset(struct arena *a);
void __wrap_arena_reset(struct arena *a);
void __real_arena_back(struct arena *a, struct arena_mark mark);
void __wrap_arena_back(struct arena *a, struct arena_mark mark);

void __wrap_arena_reset(struct arena *a)
{
	__real_arena_reset(a);
	hide(a);
}

void __wrap_arena_back(struct arena *a, struct arena_mark mark)
{
	__real_arena_back(a, mark);
	hide(a);
}

/*
 * Runs ATTEMPT with 0, 1, ... allocations, later in larger steps, until memory
 * suffices, and returns how many that took.
 */
static unsigned until_it_suffices(unsigned *left, int (*attempt)(void), int wanted)
{
	unsigned n;
	int err;

	for (n = 0;; n += 1 + n / 64) {
		*left = n;
		err = attempt();
		*left = -1u;
		if (err != -ENOMEM)
			break;
	}
	assert_int_equal(err, wanted);
	return n;
}

/* --- what is attempted ---------------------------------------------------------- */

static int open_file(void *ctx, const char *name, const char *from, char **text,
                     size_t *len)
{
	const char *contents = strstr(name, "list") ? "10.0.0.1\n10.0.0.2 # x\n"
	                                            : "group @more = openat, close\n";

	*len = strlen(contents);
	*text = __real_malloc(*len + 1); /* what this says would be the caller's error */
	memcpy(*text, contents, *len + 1);
	return 0;
}

static int resolve(void *ctx, enum weir_name_kind kind, const char *name,
                   struct weir_resolved *out)
{
	out->number = 80;
	out->n = 1;
	out->address[0].family = 4;
	return 0;
}

static unsigned too_large; /* messages that say so */

static void diag(void *ctx, const struct weir_diag *d)
{
	assert_non_null(d->rendered);
	too_large += !strncmp(d->message, "this is too large: ", 19);
}

static uint64_t used_memory, used_work; /* by one call, at most */

static void used(void *ctx, uint64_t memory, uint64_t work)
{
	used_memory = used_memory > memory ? used_memory : memory;
	used_work = used_work > work ? used_work : work;
}

static void dumped(void *ctx, const char *text, size_t len)
{
	assert_int_equal(strlen(text), len);
}

static struct weir_read_options reading = {
	.size = sizeof reading,
	.used = used,
	.diag = diag,
	.open_file = open_file,
	.resolve = resolve,
};

static const struct weir_compile_options compiling = {
	.size = sizeof compiling,
	.used = used,
	.annotate = true,
	.dump = "all",
	.dump_text = dumped,
};

static int give_back(int err, struct weir_program *const *p)
{
	assert_true(!err == (*p != NULL));
	weir_program_free(*p);
	return err;
}

static int packet_text(const char *text)
{
	const struct weir_expression_options o = { .size = sizeof o, .read = &reading };
	struct weir_program *p;

	return give_back(compile_packet(&p, text, &o, &compiling), &p);
}

static int read_policy(struct weir_policy **out, const char *text)
{
	const struct weir_define define = { "FD", 3 };
	const struct weir_policy_options o = {
		.size = sizeof o,
		.read = &reading,
		.define = &define,
		.ndefine = 1,
	};
	int err = weir_policy_read(out, text, strlen(text), &o);

	assert_true(!err == (*out != NULL));
	return err;
}

static int policy_text(const char *text)
{
	struct weir_policy *policy;
	struct weir_program *p = NULL;
	int err = read_policy(&policy, text);

	if (!err)
		err = weir_policy_compile(&p, policy, &compiling);
	weir_policy_free(policy);
	return give_back(err, &p);
}

static int packet(void)
{
	return packet_text("host in \"list\" and tcp port {80, www, 8000-8100} or vlan and "
	                   "(ip6 net 2001:db8::/32 or geneve and ip[2:2] % 3 != len / 2)");
}

static int wrong_packet(void)
{
	return packet_text("tcp prot 80");
}

static int policy(void)
{
	return policy_text("default errno EPERM\nkernel 5.15\nabi x86_64, i386\n"
	                   "include \"./more\"\ngroup @mine = read, write, @more - close\n"
	                   "let RW = PROT_READ | PROT_WRITE\nallow @mine\n"
	                   "allow mprotect if prot within RW and (len < 4096 or not len & 1)\n"
	                   "allow ioctl if cmd in (TCGETS, FIONREAD, 0x5401..0x5410)\n"
	                   "allow close if fd == FD\nallow socket(AF_UNIX, _, _)\n"
	                   "log { personality; uname }\non i386 { errno ENOSYS old_mmap }\n");
}

/* --- budgets ------------------------------------------------------------------ */

/* Runs ATTEMPT with *MOST at 1, 2, ..., later in larger steps, until that suffices. */
static uint64_t until_allowed(uint64_t *most, int (*attempt)(void))
{
	uint64_t n;
	int err;

	for (n = 1;; n += 1 + n / 64) {
		too_large = 0;
		*most = n;
		err = attempt();
		*most = 0;
		if (err != -EDQUOT)
			break;
		assert_int_equal(too_large, 1);
	}
	assert_int_equal(err, 0);
	assert_int_equal(too_large, 0);
	return n;
}

static void each_step_may_be_the_last(int (*attempt)(void))
{
	uint64_t work, memory;

	used_work = used_memory = 0;
	assert_int_equal(attempt(), 0);
	work = used_work;
	memory = used_memory;
	assert_true(until_allowed(&reading.max_work, attempt) >= work);
	assert_true(until_allowed(&reading.max_memory, attempt) >= memory);

	/* As much as it took is enough, and it takes as much each time. */
	reading.max_work = work;
	reading.max_memory = memory;
	used_work = 0;
	assert_int_equal(attempt(), 0);
	assert_int_equal(used_work, work);
	reading.max_work = work - 1;
	assert_int_equal(attempt(), -EDQUOT);
	reading.max_work = reading.max_memory = 0;
}

static void budgets_end_cleanly(void **state)
{
	each_step_may_be_the_last(packet);
	each_step_may_be_the_last(policy);
}

static int wrong_policy(void)
{
	return policy_text("default deny\nallow raed if fd == 1\nallow open, socket(1\n");
}

/* --- answers ------------------------------------------------------------------------ */

/* What weir_answer said, a line each. */
static char answers[4000];

static void keep_answer(void *ctx, const struct weir_answer *a)
{
	size_t len = strlen(answers);

	snprintf(answers + len, sizeof answers - len, "%s %s: %s if %s at %u:%u, %s%s\n",
	         a->abi ? a->abi : "others", a->call ? a->call : "the rest", a->action,
	         a->condition ? a->condition : "-", a->line, a->column,
	         a->example ? a->example : "-", a->cached ? ", cached" : "");
}

static int ask(const char *text, const char *const *questions, size_t n,
               const char *abis, bool explain)
{
	struct weir_policy *policy;
	int err = read_policy(&policy, text), wrong = 0;

	*answers = '\0';
	for (size_t i = 0; !err && i < n; i++) {
		int one = weir_policy_ask(policy, questions[i], abis, keep_answer, NULL);

		if (one == -ENOMEM)
			err = one;
		else if (one)
			wrong = one;
	}
	if (!err && explain)
		err = weir_policy_explain(policy, keep_answer, NULL);
	weir_policy_free(policy);
	return err ? err : wrong;
}

static const char asked_policy[] =
	"default errno EPERM\nabi x86_64, i386\nkernel 6.1\ngroup @io = read, write\n"
	"allow @io\nallow kill if sig == 0 or pid in (1..5)\nkill kill if pid < 0\n";

static int answered(void)
{
	const char *questions[] = { "@io - read, kill(_, 9)" };

	return ask(asked_policy, questions, 1, "x86_64", true);
}

static void questions_have_answers(void **state)
{
	const char *write[] = { "@io - read" }, *kill[] = { "kill(_, 9)" };
	const char *bad[] = { "raed", "kill(1, 2, 3)", "read" };

	assert_int_equal(ask(asked_policy, write, 1, NULL, false), 0);
	assert_string_equal(answers, "x86_64 write: allow if - at 5:1, write(0, 0, 0), cached\n"
	                             "i386 write: allow if - at 5:1, write(0, 0, 0), cached\n");
	assert_int_equal(ask(asked_policy, kill, 1, "x86_64", false), 0);
	assert_string_equal(answers,
	                    "x86_64 kill: allow if sig == 0 or pid in (1..5) at 6:1, kill(1, 9)\n"
	                    "x86_64 kill: kill if pid < 0 at 7:1, kill(-0x80000000, 9)\n"
	                    "x86_64 kill: errno EPERM if - at 1:9, kill(0, 9)\n");
	assert_int_equal(ask(asked_policy, kill, 1, "x32", false), 0);
	assert_string_equal(answers, "x32 kill: kill if - at 0:0, kill(0, 9)\n");
	assert_int_equal(ask(asked_policy, kill, 1, "x33", false), -EINVAL);
	assert_int_equal(ask(asked_policy, bad, 3, NULL, false), -EINVAL);
	assert_non_null(strstr(answers, "x86_64 read: allow"));
	assert_null(strstr(answers, "kill"));
}

static struct weir_program *made;

static int printed(void)
{
	size_t len;
	char *text;
	int err;

	for (unsigned i = 0; weir_format_name(i); i++) {
		err = weir_program_print(made, weir_format_name(i), &text, &len);
		assert_true(!err == (text != NULL));
		free(text);
		if (err)
			return err;
	}
	return 0;
}

static int checked_and_copied(void)
{
	struct weir_verdict verdict = { .size = sizeof verdict };
	struct weir_program *copy;
	size_t n;
	const struct sock_filter *insns = weir_program_insns(made, &n);
	int err = weir_program_check(made, &verdict);

	return err ? err : give_back(weir_program_new(&copy, WEIR_PACKET, insns, n), &copy);
}

static int read_back(void)
{
	static const char text[] = "4\n40 0 0 12\n21 0 1 2048\n6 0 0 1\n6 0 0 0\n";
	struct weir_program *p;

	return give_back(weir_program_read(&p, WEIR_PACKET, text, strlen(text), &reading), &p);
}

static int optimized(void)
{
	struct weir_program *p;

	return give_back(weir_program_optimize(&p, made, &compiling), &p);
}

/* --- tests -------------------------------------------------------------------------- */

static void a_packet_expression_survives_each_failure(void **state)
{
	assert_true(until_it_suffices(&arenas_left, packet, 0) > 500);
	assert_true(until_it_suffices(&mallocs_left, packet, 0) > 2);
	assert_true(until_it_suffices(&arenas_left, wrong_packet, -EINVAL) > 5);
}

static int profile(void)
{
	static const char text[] =
		"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [\n"
		"{\"names\": [\"read\", \"wr\\u0069te\"], \"action\": \"SCMP_ACT_ALLOW\"},\n"
		"{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [\n"
		"{\"index\": 0, \"value\": 40, \"op\": \"SCMP_CMP_GT\"}]}]}";
	struct weir_policy_options o = {
		.size = sizeof o,
		.read = &reading,
		.abis = "x86_64",
	};
	struct weir_program *p = NULL;
	struct weir_policy *policy;
	char *out = NULL;
	size_t len;
	int err = weir_policy_read(&policy, text, sizeof text - 1, &o);

	if (!err)
		err = weir_policy_compile(&p, policy, &compiling);
	if (!err)
		err = weir_policy_print(policy, "oci", NULL, &out, &len);
	weir_program_free(p);
	weir_policy_free(policy);
	free(out);
	return err;
}

static void a_containers_profile_survives_each_failure(void **state)
{
	assert_true(until_it_suffices(&arenas_left, profile, 0) > 500);
	assert_true(until_it_suffices(&mallocs_left, profile, 0) > 2);
}

static void a_policy_survives_each_failure(void **state)
{
	assert_true(until_it_suffices(&arenas_left, policy, 0) > 500);
	assert_true(until_it_suffices(&mallocs_left, policy, 0) > 2);
	assert_true(until_it_suffices(&arenas_left, wrong_policy, -EINVAL) > 5);
	assert_true(until_it_suffices(&arenas_left, answered, 0) > 500);
}

static void what_programs_are_asked_survives_each_failure(void **state)
{
	assert_int_equal(weir_compile(&made, "tcp port 80", 1, 0, 0, WEIR_O_DEFAULT), 0);
	until_it_suffices(&mallocs_left, checked_and_copied, 0);
	assert_true(until_it_suffices(&arenas_left, read_back, 0) > 2);
	weir_program_free(made);

	assert_int_equal(compile_packet(&made, "tcp port 80", NULL, &compiling), 0);
	assert_true(until_it_suffices(&arenas_left, printed, 0) > 10);
	assert_true(until_it_suffices(&mallocs_left, printed, 0) > 5);
	weir_program_free(made);
}

static void a_program_from_elsewhere_survives_each_failure(void **state)
{
	assert_int_equal(weir_compile(&made, "tcp port 80 or tcp[13] = 2 or vlan", 1, 0, 0,
	                              WEIR_O0),
	                 0);
	assert_true(until_it_suffices(&arenas_left, optimized, 0) > 100);
	assert_true(until_it_suffices(&mallocs_left, optimized, 0) > 2);
	weir_program_free(made);
}

static void a_noun_tells_what_it_was_read_from(void **state)
{
	static const char text[] = "host in \"list\" and port www";
	const struct weir_expression_options o = { .size = sizeof o, .read = &reading };
	struct weir_source s = { .size = sizeof s };
	struct weir_expression *e;

	assert_int_equal(weir_expression_read(&e, text, strlen(text), &o), 0);
	assert_int_equal(weir_expression_source(e, 0, &s), 0);
	assert_int_equal(s.kind, WEIR_SOURCE_TEXT);
	assert_int_equal(s.len, strlen(text));
	assert_int_equal(weir_expression_source(e, 1, &s), 0);
	assert_int_equal(s.kind, WEIR_SOURCE_FILE);
	assert_string_equal(s.name, "list");
	assert_int_equal(weir_expression_source(e, 2, &s), 0);
	assert_int_equal(s.kind, WEIR_SOURCE_NAME);
	assert_string_equal(s.name, "www");
	assert_null(s.text);
	assert_int_equal(weir_expression_source(e, 3, &s), -ENOENT);
	weir_expression_free(e);
}

static int made_policy(void)
{
	struct weir_policy *p = NULL, *q = NULL;
	int err = read_policy(&p, "default errno EPERM\nabi x86_64\ninclude \"./more\"\n");

	if (!err)
		err = weir_policy_add(p, "allow close if fd == FD", "why");
	if (!err)
		err = read_policy(&q, "default errno EPERM\nabi x86_64\nallow write\n");
	if (!err)
		err = weir_policy_merge(p, q);
	weir_policy_free(q);
	weir_policy_free(p);
	return err;
}

static void making_a_policy_survives_each_failure(void **state)
{
	assert_true(until_it_suffices(&arenas_left, made_policy, 0) > 100);
	assert_true(until_it_suffices(&mallocs_left, made_policy, 0) > 2);
}

static void one_call_has_one_answer(void **state)
{
	const uint64_t probe[6] = { 77, 0 }, negative[6] = { (uint32_t)-5, 9 };
	struct weir_policy *p;

	assert_int_equal(read_policy(&p, asked_policy), 0);
	*answers = '\0';
	assert_int_equal(weir_policy_call(p, weir_abi_arch("x86_64"), 62, probe, keep_answer,
	                                  NULL),
	                 0);
	assert_int_equal(weir_policy_call(p, weir_abi_arch("x86_64"), 62, negative,
	                                  keep_answer, NULL),
	                 0);
	assert_int_equal(weir_policy_call(p, weir_abi_arch("s390x"), 3, probe, keep_answer,
	                                  NULL),
	                 0);
	assert_string_equal(answers,
	                    "x86_64 kill: allow if sig == 0 or pid in (1..5) at 6:1, kill(77, 0)\n"
	                    "x86_64 kill: kill if pid < 0 at 7:1, kill(-5, 9)\n"
	                    "others the rest: kill if - at 0:0, -\n");
	weir_policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_noun_tells_what_it_was_read_from),
		cmocka_unit_test(making_a_policy_survives_each_failure),
		cmocka_unit_test(one_call_has_one_answer),
		cmocka_unit_test(a_packet_expression_survives_each_failure),
		cmocka_unit_test(a_policy_survives_each_failure),
		cmocka_unit_test(budgets_end_cleanly),
		cmocka_unit_test(a_containers_profile_survives_each_failure),
		cmocka_unit_test(questions_have_answers),
		cmocka_unit_test(what_programs_are_asked_survives_each_failure),
		cmocka_unit_test(a_program_from_elsewhere_survives_each_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
