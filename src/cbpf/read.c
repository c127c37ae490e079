/* Programs from text, in whatever format it is: the table of readers. */
#include <string.h>

#include "cbpf/cbpf.h"

static const struct {
	const char *name;
	bool (*read)(struct cbpf_reader *r);
} readers[] = {
#define READER(format, name, function) [CBPF_##format] = { name, cbpf_read_##function },
#include "cbpf/formats.def"
};

/*
 * Return the format that the reader was told to take R's text for, or what it looks
 * like.
 */
static enum cbpf_format format_of(struct cbpf_reader *r)
{
	const char *name = r->how->format;

	if (!name)
		return cbpf_recognize(r);
	if (!strcmp(name, "rust") || !strcmp(name, "go"))
		name = "c"; /* one reader has them all */
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		if (!strcmp(readers[i].name, name)) {
			if (i != CBPF_RAW && i != CBPF_SAVEFILE)
				cbpf_skip_space(r);
			return (enum cbpf_format)i;
		}
	diag_plain(r->diags, DIAG_ERROR, "programs are not read from '%s'", name);
	return CBPF_NO_FORMAT;
}

/* Read R's text, of which SRC is the source. */
static bool read_text(struct cbpf_reader *r, const struct source *src)
{
	unsigned errors = r->diags->errors;
	enum cbpf_format format = src->len ? format_of(r) : CBPF_RAW;

	if (format == CBPF_NO_FORMAT || r->diags->errors != errors)
		return false;
	if (r->at >= r->len) {
		diag_plain(r->diags, DIAG_ERROR, "'%s' contains no program", src->name);
		return false;
	}
	r->said->format = readers[format].name;
	if (!readers[format].read(r) || r->diags->errors != errors)
		return false;
	if (r->out.n)
		return true;
	diag_plain(r->diags, DIAG_ERROR, "'%s' contains no instruction", src->name);
	return false;
}

bool cbpf_read_as(struct arena *arena, struct diags *d, uint32_t source,
                  const struct cbpf_reading *how, struct cbpf_program *out)
{
	static const struct cbpf_reading plain;
	const struct source *src = &d->sources.v[source];
	struct cbpf_reader r = {
		.arena = arena,
		.diags = d,
		.source = source,
		.text = src->text,
		.len = (uint32_t)src->len,
		.how = how ? how : &plain,
		.said = out,
	};

	if (src->len > INT32_MAX) {
		diag_plain(d, DIAG_ERROR, E_LIMIT "'%s' is longer than 2 GiB", src->name);
		return false;
	}
	if (!read_text(&r, src))
		return false;
	out->insns = r.out.v;
	out->n = r.out.n;
	return true;
}

bool cbpf_read(struct arena *arena, struct diags *d, uint32_t source,
               struct cbpf_program *out)
{
	return cbpf_read_as(arena, d, source, NULL, out);
}
