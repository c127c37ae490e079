/* Programs for sockets, by the public library: payloads, and filters that drop what matches. */
#include <errno.h>
#include <stdlib.h>

#include "compile.h"

static struct weir_program *program(const char *text, const struct weir_expression_options *o,
                                    enum weir_level level)
{
	struct weir_compile_options how = { .size = sizeof how, .level = level };
	struct weir_program *p;

	compile_packet(&p, text, o, &how);
	return p;
}

static uint32_t result(const struct weir_program *p, const uint8_t *bytes, uint32_t n)
{
	struct weir_data data = { .size = sizeof data, .bytes = bytes, .captured = n, .wire = n };
	uint32_t value;

	assert_int_equal(weir_program_run(p, &data, &value), 0);
	return value;
}

static const enum weir_level levels[] = { WEIR_O0, WEIR_O1, WEIR_O2, WEIR_OS };

/* --- filters that drop what matches -------------------------------------------------- */

static const char *const asked[] = {
	"",
	"tcp",
	"not tcp",
	"udp port 53",
	"not (tcp port 80 and host 10.0.0.1)",
	"host 10.0.0.1 or host 10.0.0.2 or net 192.168.0.0/16",
	"ip6 host 2001:db8::1 or tcp port {80, 443, 8000-8100}",
	"tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420",
	"link[link[0]] = 7",
	"link[link[0:4]:4] > 6",
	"link[link[0:4] * 77] = 7 or len > 50",
	"link[20] / link[21] = 3 or link[40] = 1",
	"link[5] % link[6] != 3",
	"vlan 5 and ip",
	"less 30",
	"ip protochain 6",
	"1 = 2",
};

/* Packets that reach the tests, and others; a generator of our own, the same each time. */
static void fill(uint8_t packet[80], uint32_t *seed)
{
	static const uint8_t like[] = { 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 40, 0, 0,
		                        0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 80, 1, 2 };

	for (unsigned i = 0; i < 80; i++) {
		*seed = *seed * 1664525u + 1013904223u;
		packet[i] = i < sizeof like && *seed >> 29 ? like[i] : (uint8_t)(*seed >> 24 & 15);
	}
}

static void a_filter_that_rejects_answers_the_opposite_to_packets_of_every_length(void **state)
{
	uint32_t seed = 7, dropped = 0, passed = 0;
	uint8_t packet[80];

	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		for (size_t l = 0; l < ARRAY_LEN(levels); l++) {
			struct weir_expression_options o = { .size = sizeof o };
			struct weir_program *picks = program(asked[i], &o, levels[l]), *drops;

			o.rejects = true;
			drops = program(asked[i], &o, levels[l]);
			for (uint32_t n = 0; n < 4 * 80; n++) {
				fill(packet, &seed);
				bool match = result(picks, packet, n % 81) != 0;

				if (!result(drops, packet, n % 81) != match)
					fail_msg("'%s' at level %zu and %u bytes", asked[i], l,
					         n % 81);
				dropped += match;
				passed += !match;
			}
			weir_program_free(picks);
			weir_program_free(drops);
		}
	}
	assert_true(dropped > 1000 && passed > 1000);
}

/* --- payloads --------------------------------------------------------------------------- */

static void the_first_byte_of_a_payload_follows_the_header_of_its_protocol(void **state)
{
	static const struct {
		int linktype;
		uint32_t header, words; /* bytes; what byte 12 says of them */
	} types[] = {
		{ WEIR_UDP_PAYLOAD, 8, 0 },
		{ WEIR_TCP_PAYLOAD, 20, 0x5f },
		{ WEIR_TCP_PAYLOAD, 60, 0xf0 },
		{ WEIR_MESSAGE, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (size_t l = 0; l < ARRAY_LEN(levels); l++) {
			struct weir_expression_options o = {
				.size = sizeof o,
				.linktype = types[i].linktype,
				.have_linktype = true,
			};
			struct weir_program *p =
				program("link[0:2] = 0x1234 and len = 5 or byte 1 = 9", &o, levels[l]);
			uint8_t bytes[80] = { [12] = (uint8_t)types[i].words };
			uint32_t at = types[i].header;

			bytes[at] = 0x12;
			bytes[at + 1] = 0x34;
			assert_int_not_equal(result(p, bytes, at + 5), 0);
			assert_int_equal(result(p, bytes, at + 6), 0);
			bytes[at + 1] = 9;
			assert_int_not_equal(result(p, bytes, at + 6), 0);
			assert_int_equal(result(p, bytes, at + 1), 0);
			weir_program_free(p);
		}
	}
}

static void hear(void *ctx, const struct weir_diag *diag)
{
	strncat(ctx, diag->message, 200);
}

static void of_a_payload_no_headers_can_be_asked(void **state)
{
	static const char *const refused[] = { "tcp", "host 10.0.0.1", "ip[0] = 1", "inbound" };

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		char said[1000] = "";
		struct weir_read_options read = { .size = sizeof read, .diag = hear, .diag_ctx = said };
		struct weir_expression_options o = {
			.size = sizeof o,
			.read = &read,
			.linktype = WEIR_UDP_PAYLOAD,
			.have_linktype = true,
		};

		assert_null(program(refused[i], &o, WEIR_O2));
		assert_non_null(strstr(said, "the payload of a UDP socket"));
	}
	assert_string_equal(weir_linktype_name(WEIR_TCP_PAYLOAD), "TCP");
	assert_null(weir_linktype_name(-99));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_that_rejects_answers_the_opposite_to_packets_of_every_length),
		cmocka_unit_test(the_first_byte_of_a_payload_follows_the_header_of_its_protocol),
		cmocka_unit_test(of_a_payload_no_headers_can_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
