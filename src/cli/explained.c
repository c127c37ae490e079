/* Packet programs explained: an expression and how it is understood, or the ways through. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"

/* --- expressions ---------------------------------------------------------------------- */

/* An expression, its text, and how it is understood. */
struct explained {
	struct weir_expression *expression;
	int linktype;
	bool found; /* the text is news */
	struct weir_source text;
	char *lines;
};

static void put_lines(struct json_writer *w, const char *lines)
{
	json_begin_array(w, "explanation", JSON_PACKED);
	while (*lines) {
		size_t len = strcspn(lines, "\n");

		json_put_bytes(w, NULL, lines, len);
		lines += len + (lines[len] == '\n');
	}
	json_end(w);
}

static void put_json(struct buf *out, const struct explained *x)
{
	struct json_writer w = { .out = out };

	json_begin_object(&w, NULL, JSON_PACKED);
	json_put_string(&w, "linktype", weir_linktype_name(x->linktype));
	json_put_bytes(&w, "expression", x->text.text, x->text.len);
	put_lines(&w, x->lines);
	json_end(&w);
	buf_putc(out, '\n');
}

static int put_explained(struct cli *c, struct buf *out, void *ctx)
{
	const struct explained *x = ctx;

	if (c->o.json) {
		put_json(out, x);
		return EXIT_DONE;
	}
	if (x->found) {
		buf_write(out, x->text.text, x->text.len);
		buf_puts(out, "\n\n");
	}
	buf_puts(out, x->lines);
	return EXIT_DONE;
}

int explained_write(struct cli *c, struct weir_expression *e, int linktype, bool found)
{
	struct explained x = {
		.expression = e,
		.linktype = linktype,
		.found = found,
		.text.size = sizeof x.text,
	};
	size_t len;
	int err = weir_expression_explain(e, &x.lines, &len), status;

	if (!err)
		err = weir_expression_source(e, 0, &x.text);
	status = err ? cli_compile_failed(err) : cli_report(c, put_explained, &x);
	free(x.lines);
	return status;
}

/* --- ways ----------------------------------------------------------------------------- */

/* A program, and whether all ways through it were given. */
struct ways {
	const struct weir_program *program;
	int linktype;
	struct buf *out;
	struct json_writer *json; /* NULL: as text */
	bool complete;
};

static void put_way(void *ctx, const struct weir_way *way)
{
	struct ways *w = ctx;

	w->complete &= !way->last;
	if (w->json) {
		json_begin_object(w->json, NULL, JSON_PACKED);
		json_put_string(w->json, "result", way->result);
		json_put_string(w->json, "condition", way->condition);
		json_end(w->json);
		return;
	}
	buf_printf(w->out, "%s: %s\n", way->result,
	           *way->condition ? way->condition : "every packet");
	if (way->last)
		buf_puts(w->out, "...\n");
}

static int put_ways_json(struct buf *out, struct ways *w)
{
	struct json_writer json = { .out = out };
	int err;

	w->json = &json;
	json_begin_object(&json, NULL, JSON_PACKED);
	json_put_string(&json, "linktype", weir_linktype_name(w->linktype));
	json_put_null(&json, "expression");
	json_begin_array(&json, "ways", JSON_PACKED);
	err = weir_program_ways(w->program, put_way, w);
	json_end(&json);
	json_put_bool(&json, "complete", w->complete);
	json_end(&json);
	buf_putc(out, '\n');
	return err;
}

static int put_ways(struct cli *c, struct buf *out, void *ctx)
{
	struct ways *w = ctx;
	int err;

	w->out = out;
	w->complete = true;
	err = c->o.json ? put_ways_json(out, w) : weir_program_ways(w->program, put_way, w);
	return err ? cli_compile_failed(err) : EXIT_DONE;
}

static void skip_way(void *ctx, const struct weir_way *way)
{
}

int explained_write_ways(struct cli *c, const struct weir_program *p, int linktype)
{
	struct ways w = { .program = p, .linktype = linktype };

	if (weir_program_ways(p, skip_way, NULL) == 0) {
		cli_note(c, "no expression is known to match the same packets; here is what "
		            "leads to each result");
		return cli_report(c, put_ways, &w);
	}
	cli_note(c, "no expression is known to match the same packets; here is what "
	            "the program asks");
	return cli_write_program(c, p, &linktype);
}
