/* What tests of passes share: graph text in, graph text out. */
#ifndef PASSES_H
#define PASSES_H

#include "graphs.h"
#include "opt/opt.h"

/* PASS at LEVEL makes AFTER of BEFORE. */
static inline void check_at(enum opt_level level, bool (*pass)(struct opt *o),
                            const char *before, const char *after)
{
	TEST_ARENA(a);
	struct opt o = {
		.graph = read_graph(&a, before), .fuel = UINT64_MAX, .level = level
	};
	const char *wrong;

	o.tmp.oom = a.oom;
	pass(&o);
	wrong = ir_verify(o.graph, &o.tmp);
	if (wrong)
		fail_msg("%s", wrong);
	WITH_USUAL_LIMITS(assert_string_equal(normal(&a, o.graph),
	                                      normal(&a, read_graph(&a, after))));
	arena_free(&o.tmp);
	arena_free(&a);
}

/* The same where what is shorter is better. */
static inline void check_pass(bool (*pass)(struct opt *o), const char *before,
                              const char *after)
{
	check_at(OPT_SIZE, pass, before, after);
}

/* PASS leaves the graph alone. */
static inline void check_left(bool (*pass)(struct opt *o), const char *nodes)
{
	check_pass(pass, nodes, nodes);
}

/* The one test of a graph: what it becomes. */
static inline void check_test(bool (*pass)(struct opt *o), const char *before,
                              const char *after)
{
	TEST_ARENA(a);
	struct buf b = { .arena = &a }, c = { .arena = &a };

	buf_printf(&b, "n1: %s\n", before);
	buf_printf(&c, "n1: %s\n", after);
	check_pass(pass, buf_str(&b), buf_str(&c));
	arena_free(&a);
}

/* PASS leaves the graph alone where the input has a header. */
static inline void check_kept(bool (*pass)(struct opt *o), const char *input, const char *nodes)
{
	TEST_ARENA(a);
	struct buf b = { .arena = &a };

	buf_printf(&b, "input packet header %s\n%s", input, nodes);
	check_left(pass, buf_str(&b));
	arena_free(&a);
}

static const char sll[] = "16 0:2 14:2", sll2[] = "20 0:2 4:4 10:1";

#endif
