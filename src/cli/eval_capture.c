/* `weir eval -r`: what a program says to every packet of a capture. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/eval.h"
#include "net/net.h"

/* One capture through one program. */
struct capture {
	struct cli *c;
	struct eval_run run;
	struct buf *out;
	struct json_writer json;
	struct net_source *source;
	struct net_clock clock;
	uint64_t packets, accepted;
	int status;
};

/* --- a packet ----------------------------------------------------------------------------- */

static void put_json(struct capture *x)
{
	struct buf meaning = { .arena = x->out->arena };

	eval_put_meaning(&meaning, &x->run);
	json_begin_object(&x->json, NULL, JSON_PACKED);
	json_put_unsigned(&x->json, "packet", x->packets);
	json_put_unsigned(&x->json, "result", x->run.result);
	json_put_string(&x->json, "meaning", buf_str(&meaning));
	json_put_bool(&x->json, "failed", x->run.failed);
	json_put_unsigned(&x->json, "last", x->run.last);
	json_put_unsigned(&x->json, "steps", x->run.steps);
	json_end(&x->json);
}

/*
 * Write a packet's line:
 *     262144 accept 7: 22:13:20.000050 10.0.0.7:40000 > 192.0.2.1:443 tcp SYN len 0
 */
static void put_line(struct capture *x, const struct net_packet *p)
{
	char line[NET_LINE_MAX];

	net_timed_line(line, sizeof line, x->source->linktype, p, &x->clock);
	buf_printf(x->out, "%u %s %" PRIu64 ": %s", x->run.result,
	           x->run.result ? "accept" : "reject", x->packets, line);
	if (x->run.failed)
		buf_printf(x->out, " (instruction %u fails)", x->run.last);
	buf_putc(x->out, '\n');
}

static bool take_packet(void *ctx, const struct net_packet *p)
{
	struct capture *x = ctx;

	x->run.data.bytes = p->bytes;
	x->run.data.captured = p->captured;
	x->run.data.wire = p->wire;
	x->run.steps = 0;
	x->status = eval_run(&x->run);
	if (x->status != EXIT_DONE)
		return false;
	x->packets++;
	x->accepted += x->run.result != 0;
	if (x->c->o.coverage)
		return true;
	if (x->c->o.json)
		put_json(x);
	else
		put_line(x, p);
	return true;
}

/* --- coverage ------------------------------------------------------------------------------- */

static void put_counts(struct capture *x, size_t n)
{
	json_begin_object(&x->json, NULL, JSON_PACKED);
	json_put_unsigned(&x->json, "packets", x->packets);
	json_put_unsigned(&x->json, "accepted", x->accepted);
	json_begin_array(&x->json, "counts", JSON_PACKED);
	for (size_t i = 0; i < n; i++)
		json_put_unsigned(&x->json, NULL, x->run.counts[i]);
	json_end(&x->json);
	json_end(&x->json);
	buf_putc(x->out, '\n');
}

/* Write the listing with how often each instruction ran. */
static int put_coverage(struct capture *x, size_t n)
{
	struct weir_show_options o = {
		.size = sizeof o,
		.linktype = x->source->linktype,
		.have_linktype = true,
		.counts = x->run.counts,
	};
	char *text;
	size_t len;

	if (x->c->o.json) {
		put_counts(x, n);
		return EXIT_DONE;
	}
	cli_look(x->c, &o);
	if (weir_program_show(x->run.program->program, "listing", &o, &text, &len)) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	buf_printf(x->out, "%" PRIu64 " of %" PRIu64 " packets accepted\n", x->accepted,
	           x->packets);
	buf_write(x->out, text, len);
	free(text);
	return EXIT_DONE;
}

/* --- the whole ------------------------------------------------------------------------------- */

static int read_packets(struct capture *x)
{
	struct net_error e;
	int err = x->source->read(x->source, take_packet, x, &e);

	if (err && x->status == EXIT_DONE) {
		cli_error("%s", e.text);
		x->status = EXIT_USAGE;
	}
	return x->status;
}

static int report(struct cli *c, struct buf *out, void *ctx)
{
	struct capture *x = ctx;
	struct eval_words words;
	size_t n;

	if (!eval_read_words(c, &words))
		return EXIT_USAGE;
	weir_program_insns(x->run.program->program, &n);
	x->out = out;
	x->json.out = out;
	x->run.data.size = sizeof x->run.data;
	x->run.data.ancillary = eval_word;
	x->run.data.ctx = &words;
	if (c->o.coverage)
		x->run.counts = arena_array(out->arena, uint64_t, n);
	else if (c->o.json)
		json_begin_array(&x->json, NULL, JSON_LINES);
	if (read_packets(x) != EXIT_DONE)
		return x->status;
	if (c->o.coverage)
		return put_coverage(x, n);
	if (c->o.json) {
		json_end(&x->json);
		buf_putc(out, '\n');
	}
	return EXIT_DONE;
}

/* Tell whether the packets of X are those that its program is for; false after a message. */
static bool same_link(const struct capture *x)
{
	int wanted = weir_program_linktype(x->run.program->program);
	const char *has = weir_linktype_name(x->source->linktype);

	if (wanted < 0 || wanted == x->source->linktype)
		return true;
	cli_error("the packets of '%s' have link type %s, but the program is for %s",
	          x->c->o.read, has ? has : "unknown", weir_linktype_name(wanted));
	return false;
}

int eval_capture(struct cli *c, const struct cli_program *p)
{
	struct capture x = { .c = c, .run.program = p };
	struct net_error e;
	int status = EXIT_USAGE;

	if (net_open_file(&x.source, c->o.read, &e)) {
		cli_error("%s", e.text);
		return EXIT_USAGE;
	}
	if (packet_note_source(x.source) && same_link(&x))
		status = cli_report(c, report, &x);
	x.source->close(x.source);
	return status;
}
