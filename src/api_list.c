/* The public library: programs as text, with words and quotes beside the instructions. */
#include <string.h>

#include "api.h"

/* What is said beside the instructions of a program. */
struct beside {
	const struct weir_program *program;
	const char *const *word; /* by instruction, or NULL; NULL: none at all */
};

int api_linktype_of(const struct weir_program *p, const struct weir_show_options *o)
{
	int linktype = api_linktype(p);

	return linktype == API_NO_LINKTYPE && o->have_linktype ? o->linktype : linktype;
}

/* Write a note: "ip src == 10.0.0.1: "host 10.0.0.1"". */
static void put_note(void *ctx, uint32_t at, struct buf *out)
{
	const struct beside *b = ctx;
	const char *word = b->word ? b->word[at] : NULL;
	const char *quote = api_quote(b->program, at);

	if (word)
		buf_puts(out, word);
	if (word && quote)
		buf_puts(out, ": ");
	if (quote)
		buf_puts(out, quote);
}

/* Tell whether FORMAT has notes; those that only machines read have none. */
static bool has_notes(const char *format)
{
	static const char *const with[] = { "listing", "asm", "json", "dot" };

	for (size_t i = 0; i < ARRAY_LEN(with); i++)
		if (!strcmp(with[i], format))
			return true;
	return false;
}

/* Tell whether O asks for more than text that reads back. */
static bool has_look(const struct weir_show_options *o)
{
	return o->color || o->arrows || o->width || o->counts;
}

bool api_put_code(struct buf *out, const char *format, const struct weir_program *p,
                  const struct weir_show_options *o)
{
	int linktype = api_linktype_of(p, o);
	struct cbpf_program code = api_code(p);
	struct beside beside = { .program = p };
	struct cbpf_notes notes = { put_note, &beside };
	struct cbpf_look look = {
		.color = o->color,
		.arrows = o->arrows,
		.utf8 = o->utf8,
		.width = o->width,
		.counts = o->counts,
	};

	code.has_linktype = linktype >= 0 && linktype <= UINT16_MAX;
	code.linktype = (uint16_t)linktype;
	if (has_notes(format) && !o->plain)
		beside.word = api_words(out->arena, &code, linktype);
	if (strcmp(format, "listing") != 0 || !has_look(o))
		return cbpf_print(out, format, &code, &notes);
	cbpf_print_look(out, &code, &notes, &look);
	return true;
}
