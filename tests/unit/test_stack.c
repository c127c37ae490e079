/*
 * No input makes the library recurse: what may be nested or chained in either
 * language is compiled on a thread with little stack, from the text to the program.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"
#include "weir.h"

/* Sanitizers make frames some times as large. */
#if defined(__SANITIZE_ADDRESS__)
enum {
	STACK = 512 * 1024
};
#else
enum {
	STACK = 64 * 1024
};
#endif

/* A text, and what became of it. */
struct job {
	char *text;
	size_t len;
	bool policy;
	enum weir_level level;
	int linktype;
	uint64_t fuel; /* 0: no limit */
	int err;
	char message[300]; /* the first error */
	size_t insns;
};

static void keep_message(void *ctx, const struct weir_diag *d)
{
	struct job *job = ctx;

	if (d->severity == WEIR_ERROR && !*job->message)
		snprintf(job->message, sizeof job->message, "%s", d->message);
}

/* A file of the name "f<N>" includes "f<N+1>". */
static int open_file(void *ctx, const char *name, const char *from, char **text,
                     size_t *len)
{
	char line[40];

	*len = (size_t)snprintf(line, sizeof line, "include \"f%d\"\n", atoi(name + 1) + 1);
	*text = strdup(line);
	return *text ? 0 : -ENOMEM;
}

static int compile(struct job *job, struct weir_program **out)
{
	struct weir_read_options read = {
		.size = sizeof read,
		.diag = keep_message,
		.diag_ctx = job,
		.open_file = open_file,
	};
	struct weir_compile_options to = {
		.size = sizeof to,
		.level = job->level,
		.diag = keep_message,
		.diag_ctx = job,
		.fuel = job->fuel,
		.have_fuel = job->fuel > 0,
	};
	struct weir_expression_options e = {
		.size = sizeof e,
		.read = &read,
		.linktype = job->linktype,
		.have_linktype = true,
	};
	struct weir_policy_options p = {
		.size = sizeof p,
		.read = &read,
		.abis = "x86_64",
	};
	struct weir_expression *expression = NULL;
	struct weir_policy *policy = NULL;
	char *text = NULL;
	size_t len;
	int err;

	if (job->policy) {
		err = weir_policy_read(&policy, job->text, job->len, &p);
		if (!err)
			err = weir_policy_compile(out, policy, &to);
	} else {
		err = weir_expression_read(&expression, job->text, job->len, &e);
		if (!err)
			err = weir_expression_compile(out, expression, &to);
		if (!err)
			err = weir_expression_explain(expression, &text, &len);
		free(text);
	}
	weir_policy_free(policy);
	weir_expression_free(expression);
	return err;
}

static void *run(void *arg)
{
	struct job *job = arg;
	struct weir_program *program = NULL;
	size_t n = 0;

	job->err = compile(job, &program);
	if (!job->err)
		weir_program_insns(program, &n);
	job->insns = n;
	weir_program_free(program);
	return NULL;
}

static void run_on_little_stack(struct job *job)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	/* Where pages are large no stack may be as small. */
	if (pthread_attr_setstacksize(&attr, STACK) != 0)
		assert_int_equal(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN), 0);
	assert_int_equal(pthread_create(&thread, &attr, run, job), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
}

/*
 * START, N times HEAD, MIDDLE, N times TAIL, END; NULL: nothing. A "%u" is replaced by
 * a number, another one each time.
 */
struct shape {
	unsigned n;
	const char *start, *head, *middle, *tail, *end;
	const char *error; /* what the message holds; NULL: it compiles */
};

static void put_part(FILE *f, const char *part, unsigned i)
{
	for (; *part; part++) {
		if (part[0] == '%' && part[1] == 'u') {
			fprintf(f, "%u", i % 60000);
			part++;
		} else {
			fputc(*part, f);
		}
	}
}

static void write_shape(struct job *job, const struct shape *s)
{
	FILE *f = open_memstream(&job->text, &job->len);

	assert_non_null(f);
	fputs(s->start ? s->start : "", f);
	for (unsigned i = 0; i < s->n; i++)
		put_part(f, s->head ? s->head : "", i);
	fputs(s->middle, f);
	for (unsigned i = 0; i < s->n; i++)
		put_part(f, s->tail ? s->tail : "", i);
	fputs(s->end ? s->end : "", f);
	fclose(f);
}

static void check_shape(const struct shape *s, bool policy, enum weir_level level,
                        int linktype)
{
	struct job job = { .policy = policy, .level = level, .linktype = linktype };

	write_shape(&job, s);
	print_message("%s %s %s\n", s->head ? s->head : "", s->middle,
	              s->tail ? s->tail : "");
	run_on_little_stack(&job);
	if (s->error && (!job.err || !strstr(job.message, s->error)))
		fail_msg("expected '%s', found '%s'", s->error, job.message);
	if (!s->error && job.err)
		fail_msg("%d: %s", job.err, job.message);
	free(job.text);
}

/* --- packet expressions ------------------------------------------------------------ */

enum {
	EN10MB = 1,
	WLAN_RADIO = 127,
	ATM = 123
};

static const struct shape expressions[] = {
	{ 10000, NULL, "(", "tcp", ")", NULL, NULL },
	{ 10000, NULL, "not ", "tcp", NULL, NULL, NULL },
	{ 10000, NULL, "!(", "tcp", ")", NULL, NULL },
	{ 10000, NULL, "(", "len > 5", ")", NULL, NULL },
	{ 10000, NULL, "(", "5", ")", " < len", NULL },
	{ 10000, NULL, "- ", "1", NULL, " < len", NULL },
	/* Chains of arithmetic, from the left and from the right. */
	{ 5000, NULL, "ip[%u] + ", "1", NULL, " = 7", NULL },
	{ 5000, NULL, "ip[0] + ", "1", NULL, " = 7", NULL },
	{ 5000, NULL, "ip[%u] ^ ", "1", NULL, " = 7", NULL },
	{ 5000, NULL, "ip[%u] * ", "1", NULL, " = 7", NULL },
	{ 5000, NULL, "len % ", "1", NULL, " = 7", NULL },
	{ 5000, NULL, "len << ", "1", NULL, " = 7", NULL },
	{ 5000, "7 = ", "(ip[%u] + ", "1", ")", NULL, NULL },
	{ 5000, "7 = ", "(ip[%u] - ", "1", ")", NULL, NULL },
	{ 5000, "7 = ", "(7 - ", "ip[0]", ")", NULL, NULL },
	{ 5000, "7 = ", "(", "ip[0]", " & ip[%u])", NULL, NULL },
	/* Accessors in accessors. */
	{ 5000, NULL, "ip[", "0", "]", " = 7", NULL },
	{ 5000, NULL, "tcp[", "0", "]", " = 7", NULL },
	{ 5000, NULL, "ip6[", "len", ":2]", " = 7", NULL },
	{ 5000, NULL, "ether[1 + ", "0", "]", " = 7", NULL },
	/* And, or and not, mixed. */
	{ 5000, NULL, "tcp port %u or ", "udp", NULL, NULL, NULL },
	{ 5000, NULL, "not port %u and ", "udp", NULL, NULL, NULL },
	{ 5000, NULL, "(port %u or ", "udp", ")", NULL, NULL },
	{ 3000, NULL, "(port %u or (not host 10.0.0.1 and ", "udp", "))", NULL, NULL },
	{ 3000, NULL, "not (ip[%u] = 1 or ", "udp", ")", NULL, NULL },
	{ 3000, NULL, "((", "udp", " or port %u) and ip[%u] != 4)", NULL, NULL },
	{ 3000, NULL, "len = %u or ip[%u] = 3 and ", "udp", NULL, NULL, NULL },
	{ 3000, NULL, "(host 10.0.0.1 and port %u) or ", "arp", NULL, NULL, NULL },
	/* Headers in headers. */
	{ 3000, NULL, "vlan and ", "ip", NULL, NULL, NULL },
	{ 3000, NULL, "vlan %u or ", "ip", NULL, NULL, NULL },
	{ 3000, NULL, "mpls and ", "ip", NULL, NULL, NULL },
	{ 3000, NULL, "pppoes and ", "ip", NULL, NULL, NULL },
	{ 300, NULL, "geneve and ", "ip", NULL, NULL, NULL },
	{ 300, NULL, "vxlan %u or ", "ip", NULL, NULL, "16 scratch cells" },
	{ 300, NULL, "ip6 protochain 6 or ", "ip", NULL, NULL, NULL },
	{ 300, NULL, "ip protochain 17 and ", "ip", NULL, NULL, NULL },
};

static void expressions_of_any_depth_compile_on_a_small_stack(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(expressions); i++)
		check_shape(&expressions[i], false, WEIR_O2, EN10MB);
}

static void what_starts_after_a_header_of_any_length_does_too(void **state)
{
	static const struct shape shapes[] = {
		{ 3000, NULL, "ip[%u] + ", "1", NULL, " = 7", NULL },
		{ 3000, NULL, "ip[", "0", "]", " = 7", NULL },
		{
			3000,
			NULL,
			"(port %u or (not ip[%u] = 1 and ",
			"udp",
			"))",
			NULL,
			NULL,
		},
	};

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		check_shape(&shapes[i], false, WEIR_O2, WLAN_RADIO);
}

/* What fold would have made flat is seen by others where its rewrites run out. */
static void what_is_half_optimized_does_too(void **state)
{
	static const uint64_t fuels[] = { 1, 100, 10000, 20000 };
	static const struct shape shapes[] = {
		{ 3000, "ip[0]", " & %u", "", NULL, " = 7", NULL },
		{ 3000, "ip[0]", " | %u", "", NULL, " = 7", NULL },
		{ 3000, "ip[0]", " + %u", "", NULL, " = 7", NULL },
		{ 3000, "ip[0]", " >> 1", "", NULL, " = 7", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		for (size_t k = 0; k < ARRAY_LEN(fuels); k++) {
			struct job job = {
				.level = WEIR_O2,
				.linktype = EN10MB,
				.fuel = fuels[k],
			};

			write_shape(&job, &shapes[i]);
			run_on_little_stack(&job);
			assert_int_equal(job.err, 0);
			free(job.text);
		}
}

/* --- policies ---------------------------------------------------------------------- */

#define CLOSE "default kill\nallow close if "

static const struct shape policies[] = {
	{ 10000, CLOSE, "(", "fd == 1", ")", NULL, NULL },
	{ 10000, CLOSE, "not ", "fd == 1", NULL, NULL, NULL },
	{ 10000, CLOSE, "!(", "fd == 1", ")", NULL, NULL },
	{ 5000, CLOSE, "fd == %u or ", "fd == 1", NULL, NULL, NULL },
	{ 5000, CLOSE, "fd != %u and ", "fd == 1", NULL, NULL, NULL },
	{ 5000, CLOSE, "(fd == %u or ", "fd == 1", ")", NULL, NULL },
	{ 3000, CLOSE, "(fd == %u or (fd != 4 and ", "fd == 1", "))", NULL, NULL },
	{ 3000, CLOSE, "((", "fd == 1", " or fd == %u) and fd != 4)", NULL, NULL },
	{ 3000, CLOSE, "not (fd == %u and ", "fd == 1", ")", NULL, NULL },
	{ 10000, CLOSE "fd == ", "~", "1", NULL, NULL, NULL },
	{ 10000, CLOSE "fd == ", "- ", "1", NULL, NULL, NULL },
	{ 10000, CLOSE "fd == ", "u32(", "1", ")", NULL, NULL },
	{ 10000, CLOSE "fd == ", "(1 + ", "1", ")", NULL, NULL },
	{ 10000, CLOSE "fd == ", "(", "1", " + 1)", NULL, NULL },
	{ 10000, CLOSE "fd == ", "1 | ", "1", NULL, NULL, NULL },
	{ 5000, CLOSE "fd in (", "%u, ", "1", NULL, ")", NULL },
	{ 10000, "default kill\nallow ", "read, ", "write", NULL, NULL, NULL },
	{ 10000, "default kill\n", "allow close if fd == %u\n", "allow write\n", NULL, NULL,
	  NULL },
	/* Files in files have a limit. */
	{ 1, NULL, NULL, "include \"f1\"\n", NULL, NULL, "include" },
};

static void policies_of_any_depth_compile_on_a_small_stack(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		check_shape(&policies[i], true, WEIR_O2, 0);
}

/* Each group holds the one before. */
static void groups_of_any_depth_compile_on_a_small_stack(void **state)
{
	enum {
		GROUPS = 2000
	};
	struct job job = { .policy = true, .level = WEIR_O2 };
	FILE *f = open_memstream(&job.text, &job.len);

	assert_non_null(f);
	fputs("default kill\ngroup @g0 = read\n", f);
	for (int i = 1; i < GROUPS; i++)
		fprintf(f, "group @g%d = @g%d, write\n", i, i - 1);
	fprintf(f, "allow @g%d\n", GROUPS - 1);
	fclose(f);
	run_on_little_stack(&job);
	if (job.err)
		fail_msg("%d: %s", job.err, job.message);
	free(job.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_of_any_depth_compile_on_a_small_stack),
		cmocka_unit_test(what_starts_after_a_header_of_any_length_does_too),
		cmocka_unit_test(what_is_half_optimized_does_too),
		cmocka_unit_test(policies_of_any_depth_compile_on_a_small_stack),
		cmocka_unit_test(groups_of_any_depth_compile_on_a_small_stack),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
