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

#define WRAP(type, name, parameters, arguments)  \
	type __real_##name parameters;           \
	type __wrap_##name parameters;           \
	type __wrap_##name parameters            \
	{                                        \
		spend(a);                        \
		return __real_##name arguments;  \
	}

WRAP(void *, arena_alloc, (struct arena * a, size_t size), (a, size))
WRAP(void *, arena_alloc_n, (struct arena * a, size_t n, size_t size), (a, n, size))
WRAP(void *, arena_grow, (struct arena * a, void *p, size_t was, size_t is), (a, p, was, is))
WRAP(void *, arena_memdup, (struct arena * a, const void *p, size_t size), (a, p, size))
WRAP(char *, arena_strndup, (struct arena * a, const char *s, size_t len), (a, s, len))

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

static void diag(void *ctx, const struct weir_diag *d)
{
	assert_non_null(d->rendered);
}

static void dumped(void *ctx, const char *text, size_t len)
{
	assert_int_equal(strlen(text), len);
}

static const struct weir_common_options common = {
	.size = sizeof common,
	.diag = diag,
	.open_file = open_file,
	.resolve = resolve,
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
	const struct weir_packet_options o = { .size = sizeof o, .common = &common };
	struct weir_program *p;

	return give_back(weir_compile_packet(&p, text, strlen(text), &o), &p);
}

static int policy_text(const char *text)
{
	const struct weir_define define = { "FD", 3 };
	const struct weir_policy_options o = {
		.size = sizeof o, .common = &common, .define = &define, .ndefine = 1,
	};
	struct weir_program *p;

	return give_back(weir_compile_policy(&p, text, strlen(text), &o), &p);
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

static int wrong_policy(void)
{
	return policy_text("default deny\nallow raed if fd == 1\nallow open, socket(1\n");
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
	struct weir_verdict verdict;
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

	return give_back(weir_program_read(&p, WEIR_PACKET, text, strlen(text), &common), &p);
}

/* --- tests -------------------------------------------------------------------------- */

static void a_packet_expression_survives_each_failure(void **state)
{
	assert_true(until_it_suffices(&arenas_left, packet, 0) > 500);
	assert_true(until_it_suffices(&mallocs_left, packet, 0) > 2);
	assert_true(until_it_suffices(&arenas_left, wrong_packet, -EINVAL) > 5);
}

static void a_policy_survives_each_failure(void **state)
{
	assert_true(until_it_suffices(&arenas_left, policy, 0) > 500);
	assert_true(until_it_suffices(&mallocs_left, policy, 0) > 2);
	assert_true(until_it_suffices(&arenas_left, wrong_policy, -EINVAL) > 5);
}

static void what_programs_are_asked_survives_each_failure(void **state)
{
	assert_int_equal(weir_compile(&made, "tcp port 80", 1, 0, 0, WEIR_O_DEFAULT), 0);
	until_it_suffices(&mallocs_left, checked_and_copied, 0);
	assert_true(until_it_suffices(&arenas_left, read_back, 0) > 2);
	weir_program_free(made);

	const struct weir_packet_options o = { .size = sizeof o, .common = &common };

	assert_int_equal(weir_compile_packet(&made, "tcp port 80", 11, &o), 0);
	assert_true(until_it_suffices(&arenas_left, printed, 0) > 10);
	assert_true(until_it_suffices(&mallocs_left, printed, 0) > 5);
	weir_program_free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_expression_survives_each_failure),
		cmocka_unit_test(a_policy_survives_each_failure),
		cmocka_unit_test(what_programs_are_asked_survives_each_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
