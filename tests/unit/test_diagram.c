/* ir/diagram: sets against the truth tables of small functions, and their limits. */
#include "unit.h"

#include "ir/diagram.h"

enum {
	BITS = 6,
	INPUTS = 1 << BITS,
	STEPS = 1 << 20
};

/* A set of all 6-bit inputs by enumeration: input I is in it if bit I is set. */
typedef uint64_t table;

static table table_of(const struct diagrams *d, uint32_t set)
{
	table t = 0;

	for (uint64_t input = 0; input < INPUTS; input++)
		t |= (table)diagram_has(d, set, &input) << input;
	return t;
}

/* Build the set of the inputs in T, one by one. */
static uint32_t set_of(struct diagrams *d, table t)
{
	uint32_t set = DIAGRAM_NONE;

	for (unsigned input = 0; input < INPUTS; input++) {
		uint32_t one = DIAGRAM_ALL;

		if (!(t >> input & 1))
			continue;
		for (unsigned bit = 0; bit < BITS; bit++) {
			uint32_t is_set = diagram_bit(d, bit);

			one = input >> bit & 1 ? diagram_and(d, one, is_set)
			                       : diagram_less(d, one, is_set);
		}
		set = diagram_or(d, set, one);
	}
	return set;
}

static const table tables[] = {
	0,
	UINT64_MAX,
	1,
	UINT64_C(1) << 63,
	UINT64_C(0x00ff00ff00ff00ff),
	UINT64_C(0x6996966996696996),
	UINT64_C(0x123456789abcdef0),
};

static void sets_are_their_truth_tables(void **state)
{
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, BITS, STEPS);

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		assert_int_equal(table_of(d, set_of(d, tables[i])), tables[i]);
	arena_free(&a);
}

static void operations_are_those_of_sets(void **state)
{
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, BITS, STEPS);

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (size_t k = 0; k < ARRAY_LEN(tables); k++) {
			table x = tables[i], y = tables[k], z = tables[2];
			uint32_t f = set_of(d, x), g = set_of(d, y), h = set_of(d, z);

			assert_int_equal(table_of(d, diagram_and(d, f, g)), x & y);
			assert_int_equal(table_of(d, diagram_or(d, f, g)), x | y);
			assert_int_equal(table_of(d, diagram_less(d, f, g)), x & ~y);
			assert_int_equal(table_of(d, diagram_not(d, f)), ~x);
			assert_int_equal(table_of(d, diagram_ite(d, f, g, h)),
			                 (x & y) | (~x & z));
		}
	arena_free(&a);
}

static void equal_sets_are_equal_numbers(void **state)
{
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, BITS, STEPS);
	uint32_t f = set_of(d, tables[5]), g = set_of(d, tables[6]);

	assert_int_equal(diagram_not(d, diagram_not(d, f)), f);
	assert_int_equal(diagram_and(d, f, diagram_not(d, f)), DIAGRAM_NONE);
	assert_int_equal(diagram_or(d, f, diagram_not(d, f)), DIAGRAM_ALL);
	assert_int_equal(diagram_or(d, diagram_and(d, f, g), diagram_less(d, f, g)), f);
	arena_free(&a);
}

/* The order decides how large a diagram is, never what is in it. */
static void any_order_of_bits_has_the_same_members(void **state)
{
	static const uint16_t order[BITS] = { 3, 0, 5, 1, 4, 2 };
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, BITS, STEPS);

	diagrams_order(d, order);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		assert_int_equal(table_of(d, set_of(d, tables[i])), tables[i]);
	arena_free(&a);
}

static void an_example_is_a_member_with_clear_bits_where_it_can(void **state)
{
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, BITS, STEPS);
	uint64_t word;

	for (size_t i = 1; i < ARRAY_LEN(tables); i++) {
		diagram_example(d, set_of(d, tables[i]), &word);
		assert_true(tables[i] >> word & 1);
	}
	diagram_example(d, DIAGRAM_ALL, &word);
	assert_int_equal(word, 0);
	diagram_example(d, diagram_bit(d, 4), &word);
	assert_int_equal(word, 1 << 4);
	arena_free(&a);
}

struct seen {
	table members;
	unsigned blocks, most;
};

static bool see(void *ctx, const uint64_t *mask, const uint64_t *value)
{
	struct seen *seen = ctx;

	for (uint64_t input = 0; input < INPUTS; input++) {
		if ((input & *mask) != *value)
			continue;
		assert_false(seen->members >> input & 1); /* blocks do not overlap */
		seen->members |= (table)1 << input;
	}
	return ++seen->blocks < seen->most;
}

static void blocks_are_the_set_in_parts(void **state)
{
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, BITS, STEPS);

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		struct seen seen = { .most = 1000 };

		assert_true(diagram_blocks(d, set_of(d, tables[i]), see, &seen));
		assert_int_equal(seen.members, tables[i]);
	}
	arena_free(&a);
}

static void who_wants_no_more_blocks_gets_none(void **state)
{
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, BITS, STEPS);
	struct seen seen = { .most = 2 };

	assert_false(diagram_blocks(d, set_of(d, tables[5]), see, &seen));
	assert_int_equal(seen.blocks, 2);
	arena_free(&a);
}

static void assumed_bits_are_constant_until_the_next_question(void **state)
{
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, BITS, STEPS);
	uint32_t one = diagram_bit(d, 1), three = diagram_bit(d, 3);

	diagram_assume(d, diagram_less(d, one, three));
	assert_int_equal(diagram_bit(d, 1), DIAGRAM_ALL);
	assert_int_equal(diagram_bit(d, 3), DIAGRAM_NONE);
	assert_true(diagram_bit(d, 0) > DIAGRAM_ALL);
	diagrams_renew(d);
	assert_int_equal(diagram_bit(d, 1), one);
	/* Either of two bits fixes neither. */
	diagram_assume(d, diagram_or(d, one, three));
	assert_int_equal(diagram_bit(d, 1), one);
	assert_int_equal(diagram_bit(d, 3), three);
	arena_free(&a);
}

static void without_steps_they_are_lost_until_granted_more(void **state)
{
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, BITS, 3);

	assert_int_equal(set_of(d, tables[5]), DIAGRAM_NONE);
	assert_true(diagrams_lost(d));
	assert_false(diagrams_spend(d));
	diagrams_grant(d, STEPS);
	diagrams_renew(d);
	assert_false(diagrams_lost(d));
	assert_int_equal(table_of(d, set_of(d, tables[5])), tables[5]);
	diagrams_lose(d);
	assert_true(diagrams_lost(d));
	arena_free(&a);
}

/* A set over all bits that there can be; tables of decisions grow meanwhile. */
static void the_most_bits_are_no_trouble(void **state)
{
	TEST_ARENA(a);
	struct diagrams *d = diagrams(&a, DIAGRAM_MOST_BITS, STEPS);
	uint64_t word[DIAGRAM_MOST_WORDS] = { 0 };
	uint32_t odd = DIAGRAM_NONE;

	for (unsigned bit = DIAGRAM_MOST_BITS; bit--;) {
		uint32_t one = diagram_bit(d, bit);

		odd = diagram_ite(d, one, diagram_not(d, odd), odd);
	}
	assert_false(diagrams_lost(d));
	assert_false(diagram_has(d, odd, word));
	word[DIAGRAM_MOST_WORDS - 1] = UINT64_C(1) << (DIAGRAM_MOST_BITS - 1) % 64;
	assert_true(diagram_has(d, odd, word));
	word[0] = 1;
	assert_false(diagram_has(d, odd, word));
	diagram_example(d, odd, word);
	assert_true(diagram_has(d, odd, word));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_are_their_truth_tables),
		cmocka_unit_test(operations_are_those_of_sets),
		cmocka_unit_test(equal_sets_are_equal_numbers),
		cmocka_unit_test(any_order_of_bits_has_the_same_members),
		cmocka_unit_test(an_example_is_a_member_with_clear_bits_where_it_can),
		cmocka_unit_test(blocks_are_the_set_in_parts),
		cmocka_unit_test(who_wants_no_more_blocks_gets_none),
		cmocka_unit_test(assumed_bits_are_constant_until_the_next_question),
		cmocka_unit_test(without_steps_they_are_lost_until_granted_more),
		cmocka_unit_test(the_most_bits_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
