/* The public library, from graph to program: optimized, emitted, annotated. */
#include <errno.h>
#include <string.h>

#include "api.h"

enum {
	MOST_SAMPLES = 256
};

/* --- options -------------------------------------------------------------------- */

/* Take at most MOST_SAMPLES of the caller's packets, for the optimizer. */
static void choose_sample(struct job *j)
{
	const struct weir_compile_options *o = &j->compile;
	size_t n = o->nsample < MOST_SAMPLES ? o->nsample : MOST_SAMPLES;
	struct cbpf_input *in = arena_array(&j->arena, struct cbpf_input, n);

	for (size_t i = 0; i < n; i++) {
		const struct weir_sample *s =
			&o->sample[(uint64_t)i * o->nsample / n];

		in[i] = (struct cbpf_input){
			.bytes = s->bytes,
			.captured = s->len,
			.wire = s->wire,
		};
	}
	j->sample = in;
	j->samples = (uint32_t)n;
}

int api_compile_options(struct job *j, enum weir_kind kind,
                        const struct weir_compile_options *o)
{
	int err = api_take(&j->compile, sizeof j->compile, o);

	if (err)
		return err;
	j->kind = kind;
	api_limit(j, j->compile.max_memory, j->compile.max_work, j->compile.used,
	          j->compile.ctx);
	if (j->compile.diag)
		api_listen(j, j->compile.diag, j->compile.diag_ctx, j->compile.verbose);
	return j->compile.profile && j->compile.profile_len > INT32_MAX ? -E2BIG : 0;
}

/* --- making a program ----------------------------------------------------------- */

int api_finish(struct job *j)
{
	const struct weir_compile_options *c = &j->compile;
	const struct ir_node *meant = j->graph->root;
	int err = 0;

	if (j->kind == WEIR_PACKET)
		choose_sample(j);
	if (!api_emit(j, meant, c->level)) {
		diag_plain(&j->diags, DIAG_ERROR,
		           E_LIMIT "this needs more than the 16 scratch cells that "
		                   "classic BPF has; split it into two filters");
		return -EINVAL;
	}
	if (c->check && c->level != WEIR_O0)
		err = api_check(j, meant, c->level);
	return err ? err : api_make(j);
}

/* --- what a listing says beside instructions ------------------------------------ */

/*
 * Write the source texts that N comes from: "tcp", "port 80", ...; JSON's
 * strings as they are.
 */
static void put_places(struct buf *out, const struct job *j,
                       const struct ir_node *n)
{
	enum {
		MOST = 3,
		LONGEST = 60
	};
	unsigned shown = 0;

	for (const struct ir_place *p = ir_places(j->graph, n); p; p = p->next) {
		const struct source *src = &j->diags.sources.v[p->at.source];
		const char *text = src->text + p->at.start;
		uint32_t len = p->at.end - p->at.start;
		const char *quote = len > 1 && *text == '"' && text[len - 1] == '"' ? "" : "\"";

		if (shown++ == MOST) {
			buf_puts(out, ", ...");
			return;
		}
		buf_printf(out, "%s%s%.*s%s%s", shown > 1 ? ", " : "", quote,
		           (int)min_u32(len, LONGEST), text, len > LONGEST ? "..." : "", quote);
	}
}

static const char *note_on(struct job *j, uint32_t i)
{
	const struct ir_node *n = j->code.origin[i];
	struct buf out = { .arena = &j->arena };

	if (!n || n->kind != IR_TEST || BPF_CLASS(j->code.insns[i].code) != BPF_JMP)
		return NULL;
	put_places(&out, j, n);
	return out.len ? buf_str(&out) : NULL;
}

/* Collect the places of each instruction, and the sources that they are in. */
static void put_origins(struct job *j, struct api_parts *p)
{
	uint32_t *number = arena_array(&j->arena, uint32_t, j->diags.sources.n);
	ARRAY(struct api_origin) origins = { 0 };
	ARRAY(struct source) sources = { 0 };

	for (uint32_t i = 0; i < j->code.n; i++) {
		const struct ir_node *n = j->code.origin[i];
		const struct ir_place *at = n ? ir_places(j->graph, n) : NULL;

		for (; at; at = at->next) {
			struct api_origin one = { i, at->at };
			uint32_t *source = &number[at->at.source];

			if (!*source) {
				array_push(&j->arena, &sources,
				           j->diags.sources.v[at->at.source]);
				*source = sources.n;
			}
			one.at.source = *source - 1;
			array_push(&j->arena, &origins, one);
		}
	}
	p->origin = origins.v;
	p->norigin = origins.n;
	p->source = sources.v;
	p->nsource = sources.n;
}

/* Add notes, origins and the graph's text to P, in J's arena. */
static void annotate(struct job *j, struct api_parts *p)
{
	const char **note = arena_array(&j->arena, const char *, j->code.n);
	struct buf graph = { .arena = &j->arena };

	for (uint32_t i = 0; i < j->code.n; i++)
		note[i] = note_on(j, i);
	ir_print(&graph, j->graph);
	p->note = note;
	p->graph = buf_str(&graph);
	put_origins(j, p);
}

int api_make(struct job *j)
{
	struct api_parts parts = {
		.kind = j->kind,
		.insns = j->code.insns,
		.n = j->code.n,
		.linktype = j->linktype,
		.sets = j->sets,
	};

	if (j->compile.annotate)
		annotate(j, &parts);
	return api_make_program(j, &parts);
}

const char *weir_pass_name(unsigned i)
{
	return opt_pass_name(i);
}
