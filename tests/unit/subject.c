/* A policy under test: what it says of calls, by its evaluator and by its graph. */
#include "rules/ask.h"
#include "subject.h"

static void keep(void *ctx, const struct diags *d, const struct diag *one)
{
	struct subject *s = ctx;
	static const char *const names[] = { "error", "warning", "note" };

	buf_printf(&s->messages, "%s: %s\n", names[one->severity], one->text);
}

void read_policy(struct subject *s, const char *text)
{
	struct arena empty = { .oom = &s->oom };

	s->arena = empty;
	if (setjmp(s->oom))
		fail_msg("out of memory");
	s->diags = (struct diags){ .arena = &s->arena, .emit = keep, .ctx = s };
	s->messages = (struct buf){ .arena = &s->arena };
	s->tree = policy_parse(&s->arena, &s->diags,
	                       diag_source(&s->diags, "p", text, strlen(text)),
	                       &s->options);
}

void compile(struct subject *s, const char *text)
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

uint32_t by_graph(struct subject *s, uint32_t arch, uint32_t nr,
                  const uint64_t *args)
{
	uint8_t data[sizeof(struct seccomp_data)] = { 0 };
	struct ir_data in = { .bytes = data,
		              .captured = sizeof data,
		              .wire = sizeof data };
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

void answers(struct subject *s, uint32_t arch, uint32_t nr, uint64_t a0,
             uint64_t a1, uint64_t a2, uint64_t a3, uint32_t want)
{
	uint64_t args[SYS_ARGS] = { a0, a1, a2, a3, 0, 0 };
	uint32_t eval = rules_eval(s->tree, arch, nr, args);
	uint32_t graph = by_graph(s, arch, nr, args);

	if (eval != want || graph != want)
		fail_msg(
			"%x:%u(%llx, %llx, %llx, %llx): want %x, evaluator %x, graph %x",
			arch, nr, (unsigned long long)a0,
			(unsigned long long)a1, (unsigned long long)a2,
			(unsigned long long)a3, want, eval, graph);
}

uint32_t number_of(const char *name)
{
	struct sys_call c;

	if (!sys_call_by_name(sys_abi("x86_64", 6), name, strlen(name), &c))
		fail_msg("x86_64 has no call '%s'", name);
	return c.nr;
}

uint64_t value_of(const char *name)
{
	struct sys_number n;

	if (!sys_constant(sys_abi("x86_64", 6), name, strlen(name), &n))
		fail_msg("x86_64 has no constant '%s'", name);
	return n.bits;
}

void call(struct subject *s, uint32_t nr, uint64_t a0, uint64_t a1,
          uint64_t a2, uint64_t a3, uint32_t want)
{
	answers(s, X86_64, nr, a0, a1, a2, a3, want);
}

void finish(struct subject *s)
{
	arena_free(&s->arena);
}

void refused(const char *text, const char *message)
{
	struct subject s = { .options.abis = "x86_64" };

	read_policy(&s, text);
	assert_null(s.tree);
	if (!strstr(buf_str(&s.messages), message))
		fail_msg("%s\nexpected: %s\ngot: %s", text, message,
		         buf_str(&s.messages));
	finish(&s);
}

void warned(const char *text, const char *message)
{
	struct subject s = { .options.abis = "x86_64" };

	compile(&s, text);
	if (!strstr(buf_str(&s.messages), message))
		fail_msg("%s\nexpected: %s\ngot: %s", text, message,
		         buf_str(&s.messages));
	finish(&s);
}
