/*
 * The public library where memory runs out: both compilers, from text to
 * program, and what programs are asked. The linker puts what stands here before
 * malloc and the arena's functions, so that the n-th call of them can fail.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"
#include "weir.h"

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

static int compile_packet(struct weir_program **out, const char *text,
                          const struct weir_expression_options *o,
                          const struct weir_compile_options *how)
{
	struct weir_expression *e;
	int err = weir_expression_read(&e, text, strlen(text), o);

	*out = NULL;
	assert_true(!err == (e != NULL));
	if (!err)
		err = weir_expression_compile(out, e, how);
	weir_expression_free(e);
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

/* --- programs from elsewhere -------------------------------------------------------- */

static char said[200];

static void keep_said(void *ctx, const struct weir_diag *d)
{
	snprintf(said, sizeof said, "%s", d->message);
}

/* The length of what comes out of the N instructions, optimized; what was said is kept. */
static size_t length_optimized(const struct sock_filter *insns, size_t n)
{
	const struct weir_compile_options o = {
		.size = sizeof o,
		.diag = keep_said,
		.verbose = true,
	};
	struct weir_program *was, *is;
	size_t after;
	int err;

	*said = '\0';
	assert_int_equal(weir_program_new(&was, WEIR_PACKET, insns, n), 0);
	err = weir_program_optimize(&is, was, &o);
	/* With small limits much is bound and searched anew: that may take too much. */
	if (LIMIT(0, -EDQUOT) && err == -EDQUOT) {
		weir_program_free(was);
		return n;
	}
	assert_int_equal(err, 0);
	weir_program_insns(is, &after);
	if (*said) {
		assert_int_equal(after, n);
		assert_memory_equal(weir_program_insns(is, &n), insns, n * sizeof *insns);
	}
	weir_program_free(was);
	weir_program_free(is);
	return after;
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

static void a_load_that_may_fail_stays(void **state)
{
	static const struct sock_filter guard[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 60), /* for its fault only */
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x800, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x800, 0, 1), /* decided */
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	assert_int_equal(length_optimized(guard, ARRAY_LEN(guard)), 5);
	assert_string_equal(said, "");
}

static void what_is_good_already_is_kept(void **state)
{
	static const struct sock_filter good[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x800, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	assert_int_equal(length_optimized(good, ARRAY_LEN(good)), 4);
	assert_string_equal(said, "kept as it is: nothing shorter and no slower was found");
}

static void two_random_numbers_stay_two(void **state)
{
	static const struct sock_filter dice[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_RANDOM),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_RANDOM),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	assert_int_equal(length_optimized(dice, ARRAY_LEN(dice)), ARRAY_LEN(dice));
	assert_non_null(strstr(said, "random number"));
}

/* A value that is made of itself twice, again and again, has 2^N operations. */
static void what_doubles_does_not_explode(void **state)
{
	enum {
		TIMES = 4000
	};
	struct sock_filter *p = calloc(2 * TIMES + 2, sizeof *p);
	size_t n = 0;

	p[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0);
	for (unsigned i = 0; i < TIMES; i++) {
		p[n++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
		p[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0);
	}
	p[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	assert_true(length_optimized(p, n) <= n);
	free(p);
}

/* Every test joins all cells with other values than before. */
static void what_joins_with_too_many_values_is_kept(void **state)
{
	enum {
		TIMES = 2000
	};
	struct sock_filter *p = calloc(20 * TIMES + 40, sizeof *p);
	size_t n = 0;

	for (unsigned m = 0; m < BPF_MEMWORDS; m++)
		p[n++] = (struct sock_filter)BPF_STMT(BPF_ST, m);
	for (unsigned i = 0; i < TIMES; i++) {
		p[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, i);
		p[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 16);
		for (unsigned m = 0; m < BPF_MEMWORDS; m++)
			p[n++] = (struct sock_filter)BPF_STMT(BPF_ST, m);
	}
	for (unsigned m = 1; m < BPF_MEMWORDS; m++) {
		p[n++] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_MEM, m);
		p[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0);
	}
	p[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	assert_true(length_optimized(p, n) <= n);
	free(p);
}

static void what_the_checker_refuses_is_refused(void **state)
{
	static const struct sock_filter runs_off[] = { BPF_STMT(BPF_LD | BPF_LEN, 0) };
	struct weir_program *was, *is;

	assert_int_equal(weir_program_new(&was, WEIR_PACKET, runs_off, 1), 0);
	assert_int_equal(weir_program_optimize(&is, was, NULL), -EINVAL);
	assert_null(is);
	weir_program_free(was);
}

/* Where a program first looks whose sample are 1,000 packets of TYPE. */
static uint32_t first_load(uint32_t type)
{
	static uint8_t bytes[60];
	static struct weir_sample sample[1000];
	struct weir_compile_options o = {
		.size = sizeof o,
		.sample = sample,
		.nsample = ARRAY_LEN(sample),
	};
	const char *text = "host 192.0.2.1 and tcp port 80";
	struct weir_program *p;
	uint32_t at;
	size_t n;

	bytes[12] = (uint8_t)(type >> 8);
	bytes[13] = (uint8_t)type;
	bytes[23] = 6;
	for (size_t i = 0; i < ARRAY_LEN(sample); i++)
		sample[i] = (struct weir_sample){ bytes, sizeof bytes, sizeof bytes };
	assert_int_equal(compile_packet(&p, text, NULL, &o), 0);
	at = weir_program_insns(p, &n)[0].k;
	weir_program_free(p);
	return at;
}

static void a_sample_decides_what_comes_first(void **state)
{
	assert_int_equal(first_load(0x86dd), 12);
	assert_int_equal(first_load(0x800), 26);
}

/* True if EXPRESSION's program at LEVEL has a load at constant offset K. */
static bool loads_at(const char *expression, enum weir_level level, uint32_t k)
{
	const struct sock_filter *f;
	struct weir_program *p;
	bool found = false;
	size_t n;

	assert_int_equal(weir_compile(&p, expression, 1, 0, 0, level), 0);
	f = weir_program_insns(p, &n);
	for (size_t i = 0; i < n; i++)
		found |= BPF_CLASS(f[i].code) == BPF_LD &&
		         BPF_MODE(f[i].code) == BPF_ABS && f[i].k == k;
	weir_program_free(p);
	return found;
}

/* The ports of IPv6 are at a known place; -Os shares the code for those of IPv4. */
static void indexed_loads_are_dear_where_time_counts(void **state)
{
	WITH_USUAL_LIMITS(assert_false(loads_at("tcp port 80", WEIR_OS, 54)));
	assert_true(loads_at("tcp port 80", WEIR_O2, 54));
	assert_true(loads_at("tcp port 80", WEIR_O3, 54));
	/* Those of IPv4 are where they nearly always are, too. */
	WITH_USUAL_LIMITS(assert_true(loads_at("tcp port 80", WEIR_O2, 34)));
}

/* --- names -------------------------------------------------------------------- */

static void calls_are_found_by_name_number_and_place(void **state)
{
	struct weir_syscall by_name = { .size = sizeof by_name };
	struct weir_syscall by_nr = { .size = sizeof by_nr };
	struct weir_syscall at = { .size = sizeof at };
	struct weir_syscall_arg arg = { .size = sizeof arg };

	assert_int_equal(weir_syscall_by_name("s390x", "clone", &by_name), 0);
	assert_int_equal(by_name.nr, 120);
	assert_int_equal(weir_syscall_arg("s390x", 120, 1, &arg), 0);
	assert_string_equal(arg.name, "clone_flags");
	assert_string_equal(arg.other_name, "flags");
	assert_int_equal(arg.bits, 32);
	assert_int_equal(weir_syscall_arg("s390x", 120, by_name.nargs, &arg), -ENOENT);
	assert_int_equal(weir_syscall_by_nr("x32", 512, &by_nr), 0);
	assert_int_equal(by_nr.nr, 0x40000000 | 512);
	assert_string_equal(by_nr.name, "rt_sigaction");
	assert_int_equal(weir_syscall("arm", 0, &at), 0);
	assert_string_equal(at.name, "restart_syscall");
	assert_int_equal(weir_syscall("arm", 5000, &at), -ENOENT);
	assert_int_equal(weir_syscall_by_name("aarch64", "open", &at), -ENOENT);
	assert_int_equal(weir_syscall_by_name("vax", "open", &at), -EINVAL);
	at.size = 0;
	assert_int_equal(weir_syscall("arm", 0, &at), -EINVAL);
}

static void constants_are_those_of_the_abi(void **state)
{
	uint64_t value;
	bool negative;

	assert_int_equal(weir_constant("aarch64", "O_DIRECTORY", &value, &negative), 0);
	assert_int_equal(value, 0x4000);
	assert_false(negative);
	assert_int_equal(weir_constant("mips", "AT_FDCWD", &value, &negative), 0);
	assert_int_equal((int64_t)value, -100);
	assert_true(negative);
	assert_int_equal(weir_constant("m68k", "ARCH_SET_FS", &value, &negative), -ENOENT);
	assert_string_equal(weir_errno_name("x86_64", 38), "ENOSYS");
	assert_string_equal(weir_errno_name("mips", 89), "ENOSYS");
	assert_null(weir_errno_name("x86_64", 0));
	assert_null(weir_errno_name("vax", 1));
	assert_string_equal(weir_abi_near("amd64"), "x86_64");
	assert_null(weir_abi_near("pdp11-70"));
}

/* What passes report: the first name, and the last numbers. */
struct gains {
	const char *first;
	size_t times, insns;
	uint64_t cost;
};

static void gained(void *ctx, const char *pass, size_t insns, uint64_t cost)
{
	struct gains *g = ctx;

	if (!g->times++)
		g->first = pass;
	g->insns = insns;
	g->cost = cost;
}

static void passes_say_what_they_gain(void **state)
{
	static const char text[] = "tcp port 80";
	struct gains g = { 0 };
	struct weir_compile_options o = { .size = sizeof o, .ctx = &g, .pass = gained };
	struct weir_program *p;
	size_t n;

	assert_int_equal(compile_packet(&p, text, NULL, &o), 0);
	assert_string_equal(g.first, "frontend");
	assert_true(g.times > 1);
	weir_program_insns(p, &n);
	assert_int_equal(g.insns, n);
	assert_in_range(g.cost, 1000, 1000 * n);
	weir_program_free(p);
}

static void a_policy_that_only_permits_refuses_nothing(void **state)
{
	static const struct {
		const char *text;
		bool refuses;
	} cases[] = {
		{ "default allow", false },
		{ "default log\nforeign kill", false },
		{ "default allow\nallow read\nkill read", false },
		{ "default allow\nkill read if fd == 1 and fd == 2", false },
		{ "default allow\nkill read", true },
		{ "default allow\nallow read if fd == 1\nkill read", true },
		{ "default kill", true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct weir_policy *p;

		assert_int_equal(weir_policy_read(&p, cases[i].text,
		                                  strlen(cases[i].text), NULL),
		                 0);
		assert_int_equal(weir_policy_refuses(p), cases[i].refuses);
		weir_policy_free(p);
	}
}

static void a_text_looks_like_a_form_a_program_or_nothing(void **state)
{
	static const struct {
		const char *text, *like;
	} cases[] = {
		{ "default allow", "policy" },
		{ "read: 1", "minijail" },
		{ "\xef\xbb\xbfread: 1", "minijail" },
		{ "USE a DEFAULT KILL", "kafel" },
		{ "#include \"a\"\n", "kafel" },
		{ "[Service]", "systemd" },
		{ "{}", "oci" },
		{ "{\"insns\": []}", "program" },
		{ "1\n6 0 0 0\n", "program" },
		{ "1\nread\n", NULL },
		{ "[]", NULL },
		{ "[Container]", NULL },
		{ "# nothing", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *like = weir_policy_looks_like(cases[i].text,
		                                          strlen(cases[i].text));

		if (!cases[i].like)
			assert_null(like);
		else
			assert_string_equal(like, cases[i].like);
	}
}

static void a_program_that_is_read_has_a_kind_and_a_format(void **state)
{
	static const char call[] = "ld [0]\njeq #1, x\nret #0x7fff0000\nx: ret #0\n";
	static const struct sock_filter ret = { BPF_RET, 0, 0, 0 };
	struct weir_program *p;

	assert_int_equal(weir_program_read(&p, WEIR_EITHER, call, strlen(call), NULL), 0);
	assert_int_equal(weir_program_kind(p), WEIR_SECCOMP);
	assert_string_equal(weir_program_format(p), "asm");
	weir_program_free(p);
	assert_int_equal(weir_program_read(&p, WEIR_PACKET, call, strlen(call), NULL), 0);
	assert_int_equal(weir_program_kind(p), WEIR_PACKET);
	weir_program_free(p);
	assert_int_equal(weir_program_read(&p, WEIR_EITHER, "1\n6 0 0 0\n", 10, NULL), -EINVAL);
	assert_null(p);
	assert_int_equal(weir_program_new(&p, WEIR_EITHER, &ret, 1), -EINVAL);
	assert_int_equal(weir_program_new(&p, WEIR_PACKET, &ret, 1), 0);
	assert_null(weir_program_format(p));
	weir_program_free(p);
}

static bool reads_back(const char *format)
{
	struct weir_expression *e;
	struct weir_program *p, *q;
	struct weir_compile_options o = { .size = sizeof o, .annotate = true };
	char *text;
	size_t len;
	int err;

	assert_int_equal(weir_expression_read(&e, "tcp port 80", 11, NULL), 0);
	assert_int_equal(weir_expression_compile(&p, e, &o), 0);
	assert_int_equal(weir_program_print(p, format, &text, &len), 0);
	err = weir_program_read(&q, WEIR_PACKET, text, len, NULL);
	weir_program_free(p);
	weir_program_free(q);
	weir_expression_free(e);
	free(text);
	return !err;
}

static void formats_are_what_they_say(void **state)
{
	struct weir_format f = { .size = sizeof f };
	const char *name;
	unsigned names = 0, forms = 0;

	for (unsigned i = 0; weir_format(i, &f) == 0; i++) {
		if (f.kind == WEIR_PROGRAM_FORMAT && f.writes) {
			name = weir_format_name(names++);
			assert_string_equal(name, f.name);
			assert_int_equal(reads_back(f.name), f.reads);
		}
		if (f.kind == WEIR_POLICY_FORMAT && f.reads) {
			name = weir_policy_form(forms++);
			assert_string_equal(name, f.name);
		}
	}
	assert_int_not_equal(names, 0);
	assert_int_not_equal(forms, 0);
	assert_null(weir_format_name(names));
	assert_null(weir_policy_form(forms));
}

/* Sets of networks have values of 32 bits, which pairs must not take for ports. */
static void pairs_of_wide_fields_are_factored(void **state)
{
	static const char text[] =
		"(net 10.0.0.0/16 and ip proto 191) or (net 10.18.0.0/16 and ip proto 143) "
		"or (net 10.8.0.0/16 and ip proto 199) or (net 10.17.0.0/16 and ip proto 146)";
	struct weir_compile_options o = { .size = sizeof o, .check = true };
	struct weir_program *p;

	assert_int_equal(compile_packet(&p, text, NULL, &o), 0);
	weir_program_free(p);
}

/* --- nouns ----------------------------------------------------------------------- */

static void print_to(char *out, size_t room, struct weir_policy *p)
{
	size_t len;
	char *text;

	assert_int_equal(weir_policy_print(p, NULL, NULL, &text, &len), 0);
	assert_true(len < room);
	memcpy(out, text, len + 1);
	free(text);
}

static void an_expression_compiles_to_the_same_program_again(void **state)
{
	static const enum weir_level level[] = { WEIR_O2, WEIR_OS, WEIR_O0, WEIR_O2 };
	struct weir_program *p[ARRAY_LEN(level)];
	struct weir_expression *e;
	size_t n, first;

	assert_int_equal(weir_expression_read(&e, "tcp port 80 or host 10.0.0.1", 28, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(level); i++) {
		struct weir_compile_options o = {
			.size = sizeof o,
			.level = level[i],
			.annotate = true,
		};

		assert_int_equal(weir_expression_compile(&p[i], e, &o), 0);
	}
	weir_expression_free(e);
	weir_program_insns(p[0], &first);
	weir_program_insns(p[3], &n);
	assert_int_equal(n, first);
	assert_memory_equal(weir_program_insns(p[0], &n), weir_program_insns(p[3], &n),
	                    n * sizeof(struct sock_filter));
	weir_program_insns(p[2], &n);
	WITH_USUAL_LIMITS(assert_true(n > first));
	for (size_t i = 0; i < ARRAY_LEN(level); i++)
		weir_program_free(p[i]);
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

static void an_instruction_tells_which_text_asked_for_it(void **state)
{
	static const char text[] = "tcp port 80";
	struct weir_compile_options o = { .size = sizeof o, .annotate = true };
	struct weir_origin from = { .size = sizeof from };
	struct weir_program *p;
	size_t n, known = 0;

	assert_int_equal(compile_packet(&p, text, NULL, &o), 0);
	weir_program_insns(p, &n);
	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; weir_program_origin(p, i, k, &from) == 0; k++) {
			known++;
			assert_string_equal(from.source, "expression");
			assert_true(from.end > from.start && from.end <= strlen(text));
			assert_memory_equal(from.text, text + from.start,
			                    from.end - from.start);
		}
	assert_true(known >= 5);
	assert_int_equal(weir_program_origin(p, n, 0, &from), -ENOENT);
	weir_program_free(p);
}

/* What a run showed, step by step. */
struct steps {
	uint32_t n, last;
	bool ended, failed;
};

static void count_step(void *ctx, const struct weir_step *s)
{
	struct steps *steps = ctx;

	assert_false(steps->ended);
	steps->n++;
	steps->last = s->at;
	steps->ended = s->ended;
	steps->failed = s->failed;
}

static void a_run_is_shown_step_by_step(void **state)
{
	static const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 99),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 50),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	static const uint8_t seven[] = { 7 }, eight[] = { 8 };
	struct weir_data data = { .size = sizeof data, .bytes = seven, .captured = 1 };
	struct steps steps = { 0 };
	struct weir_program *p;
	uint32_t result;

	assert_int_equal(weir_program_new(&p, WEIR_PACKET, insns, ARRAY_LEN(insns)), 0);
	assert_int_equal(weir_program_trace(p, &data, count_step, &steps, &result), 0);
	assert_int_equal(result, 99);
	assert_int_equal(steps.n, 3);
	assert_true(steps.ended && !steps.failed);
	data.bytes = eight;
	steps = (struct steps){ 0 };
	assert_int_equal(weir_program_trace(p, &data, count_step, &steps, &result), 0);
	assert_int_equal(result, 0);
	assert_int_equal(steps.last, 3);
	assert_true(steps.ended && steps.failed);
	weir_program_free(p);
}

static void a_policy_is_made_by_calls(void **state)
{
	struct weir_rule rule = { .size = sizeof rule };
	struct weir_policy *p, *q;
	char text[500];

	assert_int_equal(weir_policy_new(&p, "default errno EPERM\nabi x86_64\n", NULL), 0);
	assert_int_equal(weir_policy_add(p, "allow read, write", "3 calls by cat\n2 by sh"), 0);
	assert_int_equal(weir_policy_add(p, "allow raed", NULL), -EINVAL);
	assert_int_equal(weir_policy_new(&q, "default errno 1\nabi x86_64\nallow read, write\n"
	                                     "allow kill if sig == 0\n",
	                                 NULL),
	                 0);
	assert_int_equal(weir_policy_merge(p, q), 0);
	print_to(text, sizeof text, p);
	assert_string_equal(text, "default errno EPERM\nabi x86_64\n# 3 calls by cat\n# 2 by sh\n"
	                          "allow read, write\nallow kill if sig == 0\n");
	assert_int_equal(weir_policy_rule(p, 0, &rule), 0);
	assert_string_equal(rule.action, "allow");
	assert_true(rule.permits);
	assert_int_equal(rule.calls, 2);
	assert_int_equal(rule.line, 5);
	assert_int_equal(weir_policy_rule(p, 2, &rule), -ENOENT);
	weir_policy_free(q);
	assert_int_equal(weir_policy_new(&q, "default allow\nabi x86_64\n", NULL), 0);
	assert_int_equal(weir_policy_merge(p, q), -EINVAL);
	weir_policy_free(q);
	weir_policy_free(p);
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

/* --- structs that grow ------------------------------------------------------------- */

static void a_smaller_struct_is_not_overrun(void **state)
{
	struct {
		size_t size;
		bool ok;
		char beyond[200];
	} small = { .size = offsetof(struct weir_verdict, at) };
	struct weir_program *p;

	memset(small.beyond, 0x55, sizeof small.beyond);
	assert_int_equal(weir_compile(&p, "ip", 1, 0, 0, WEIR_O2), 0);
	assert_int_equal(weir_program_check(p, (struct weir_verdict *)(void *)&small), 0);
	assert_true(small.ok);
	assert_int_equal(small.size, offsetof(struct weir_verdict, at));
	for (size_t i = offsetof(struct weir_verdict, at) - sizeof(size_t); i < sizeof small.beyond; i++)
		assert_int_equal(small.beyond[i], 0x55);
	weir_program_free(p);
}

static void a_larger_struct_must_be_zero_where_it_is_unknown(void **state)
{
	struct {
		struct weir_expression_options known;
		uint64_t unknown;
	} large = { .known.size = sizeof large };
	struct {
		struct weir_verdict known;
		uint64_t unknown;
	} verdict = { .known.size = sizeof verdict, .unknown = 7 };
	const struct weir_expression_options *o = &large.known;
	struct weir_expression *e;
	struct weir_program *p;

	assert_int_equal(weir_expression_read(&e, "ip", 2, o), 0);
	assert_int_equal(weir_expression_compile(&p, e, NULL), 0);
	assert_int_equal(weir_program_check(p, &verdict.known), 0);
	assert_int_equal(verdict.unknown, 0);
	weir_program_free(p);
	weir_expression_free(e);
	large.unknown = 1;
	assert_int_equal(weir_expression_read(&e, "ip", 2, o), -E2BIG);
	assert_null(e);
	large.known.size = 0;
	assert_int_equal(weir_expression_read(&e, "ip", 2, o), -EINVAL);
}

/* Every struct has the size that the table says, as long as it has one row. */
#if UINTPTR_MAX > 0xffffffff
#define SIZE(name, bytes, version) \
	_Static_assert(sizeof(struct name) == (bytes), #name " has another size");
#include "abi.def"
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_that_only_permits_refuses_nothing),
		cmocka_unit_test(a_program_that_is_read_has_a_kind_and_a_format),
		cmocka_unit_test(a_text_looks_like_a_form_a_program_or_nothing),
		cmocka_unit_test(formats_are_what_they_say),
		cmocka_unit_test(passes_say_what_they_gain),
		cmocka_unit_test(pairs_of_wide_fields_are_factored),
		cmocka_unit_test(an_expression_compiles_to_the_same_program_again),
		cmocka_unit_test(a_noun_tells_what_it_was_read_from),
		cmocka_unit_test(an_instruction_tells_which_text_asked_for_it),
		cmocka_unit_test(a_run_is_shown_step_by_step),
		cmocka_unit_test(a_policy_is_made_by_calls),
		cmocka_unit_test(making_a_policy_survives_each_failure),
		cmocka_unit_test(one_call_has_one_answer),
		cmocka_unit_test(a_smaller_struct_is_not_overrun),
		cmocka_unit_test(a_larger_struct_must_be_zero_where_it_is_unknown),
		cmocka_unit_test(a_packet_expression_survives_each_failure),
		cmocka_unit_test(calls_are_found_by_name_number_and_place),
		cmocka_unit_test(constants_are_those_of_the_abi),
		cmocka_unit_test(a_policy_survives_each_failure),
		cmocka_unit_test(budgets_end_cleanly),
		cmocka_unit_test(a_containers_profile_survives_each_failure),
		cmocka_unit_test(questions_have_answers),
		cmocka_unit_test(what_programs_are_asked_survives_each_failure),
		cmocka_unit_test(a_program_from_elsewhere_survives_each_failure),
		cmocka_unit_test(a_sample_decides_what_comes_first),
		cmocka_unit_test(indexed_loads_are_dear_where_time_counts),
		cmocka_unit_test(a_load_that_may_fail_stays),
		cmocka_unit_test(what_is_good_already_is_kept),
		cmocka_unit_test(two_random_numbers_stay_two),
		cmocka_unit_test(what_doubles_does_not_explode),
		cmocka_unit_test(what_joins_with_too_many_values_is_kept),
		cmocka_unit_test(what_the_checker_refuses_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
