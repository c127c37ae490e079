/*
 * The public library: reads top to bottom as the pipeline, text to program to
 * output, and joins what the layers must not know of each other.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

#include "config.h"

enum { CACHE_NUMBERS = 512 }; /* the native calls that seccomp's bitmap may hold */

const char *weir_version(void)
{
	return PACKAGE_VERSION;
}

/* --- programs: one block each ------------------------------------------------ */

struct weir_program {
	enum weir_kind kind;
	bool matches_nothing;
	bool runs;           /* the interpreter may have it */
	uint32_t n;
	struct sock_filter *insns;
	const char **note;   /* by instruction, NULL: none; NULL: no notes at all */
	const char *graph;   /* as text, NULL: not kept */
};

/* Where the parts of a program's block lie. */
struct block {
	char *at;
};

static void *take(struct block *b, size_t size)
{
	char *p = b->at;

	b->at += (size + 7) & ~(size_t)7;
	return p;
}

/* What becomes a program; everything is copied. */
struct parts {
	enum weir_kind kind;
	const struct sock_filter *insns;
	size_t n;
	const char *const *note; /* or NULL */
	const char *graph;       /* or NULL */
};

static size_t notes_size(const struct parts *p)
{
	size_t size = p->n * sizeof *p->note;

	for (size_t i = 0; p->note && i < p->n; i++)
		size += p->note[i] ? strlen(p->note[i]) + 8 : 0;
	return p->note ? size : 0;
}

static void copy_notes(struct weir_program *w, struct block *b,
                       const struct parts *p)
{
	w->note = take(b, p->n * sizeof *w->note);
	for (size_t i = 0; i < p->n; i++) {
		size_t len = p->note[i] ? strlen(p->note[i]) + 1 : 0;

		w->note[i] = NULL;
		if (len)
			w->note[i] = memcpy(take(b, len), p->note[i], len);
	}
}

/* J->made of P, known to J before anything else can run out of memory; 0 or -ENOMEM. */
static int make_program(struct job *j, const struct parts *p)
{
	size_t graph = p->graph ? strlen(p->graph) + 1 : 0;
	size_t size = sizeof(struct weir_program) + 8 + graph + 8 + notes_size(p) +
	              p->n * sizeof *p->insns;
	struct weir_program *w = malloc(size);
	struct cbpf_verdict verdict;
	struct block b = { (char *)w };

	j->made = w;
	if (!w)
		return -ENOMEM;
	memset(w, 0, sizeof *w);
	take(&b, sizeof *w);
	w->kind = p->kind;
	w->n = (uint32_t)p->n;
	w->insns = take(&b, p->n * sizeof *w->insns);
	memcpy(w->insns, p->insns, p->n * sizeof *w->insns);
	if (p->note)
		copy_notes(w, &b, p);
	if (p->graph)
		w->graph = memcpy(take(&b, graph), p->graph, graph);
	w->runs = cbpf_check(&j->tmp, w->insns, w->n,
	                     w->kind == WEIR_SECCOMP ? CBPF_SECCOMP : CBPF_SOCKET,
	                     CBPF_ANY_LENGTH, &verdict);
	return 0;
}

void weir_program_free(struct weir_program *p)
{
	free(p);
}

/* --- one run of the library ----------------------------------------------------- */

int api_run(struct job *j)
{
	jmp_buf oom;
	int err;

	j->arena.oom = j->tmp.oom = j->opt.tmp.oom = &oom;
	j->diags.arena = &j->arena;
	err = setjmp(oom) ? -ENOMEM : j->body(j);
	free(j->pending);
	arena_free(&j->opt.tmp);
	arena_free(&j->tmp);
	arena_free(&j->arena);
	return err;
}

static void hand_on(void *ctx, const struct diags *d, const struct diag *one)
{
	static const enum weir_severity severity[] = {
		[DIAG_ERROR] = WEIR_ERROR,
		[DIAG_WARNING] = WEIR_WARNING,
		[DIAG_NOTE] = WEIR_NOTE,
	};
	struct job *j = ctx;
	struct buf text = { .arena = d->arena };
	struct weir_diag out = {
		.size = sizeof out,
		.severity = severity[one->severity],
		.message = one->text,
	};

	if (one->placed) {
		const struct source *src = &d->sources.v[one->at.source];
		struct place place = source_place(src, one->at.start);

		out.source = src->name;
		out.line = place.line;
		out.column = place.column;
		out.start = one->at.start;
		out.end = one->at.end;
	}
	diag_render(&text, d, one);
	out.rendered = buf_str(&text);
	j->common->diag(j->common->diag_ctx, &out);
}

void api_listen(struct job *j, const struct weir_common_options *common)
{
	static const struct weir_common_options none = { .size = sizeof none };

	j->common = common ? common : &none;
	if (j->common->diag) {
		j->diags.emit = hand_on;
		j->diags.ctx = j;
	}
}

int api_open_file(void *ctx, const char *name, const char *from,
                  const char **text, size_t *len)
{
	struct job *j = ctx;
	int err;

	*len = 0;
	err = j->common->open_file(j->common->ctx, name, from, &j->pending, len);
	if (err)
		return err;
	*text = arena_strndup(&j->arena, j->pending, *len);
	free(j->pending);
	j->pending = NULL;
	return 0;
}

/* --- from graph to program --------------------------------------------------------- */

void api_optimizer(struct job *j, const struct gen_options *how)
{
	static const enum opt_level levels[] = {
		[WEIR_O_DEFAULT] = OPT_2, [WEIR_O0] = OPT_0, [WEIR_O1] = OPT_1,
		[WEIR_O2] = OPT_2,        [WEIR_O3] = OPT_3, [WEIR_OS] = OPT_SIZE,
	};
	const struct weir_common_options *c = j->common;

	j->dumped = (struct buf){ .arena = &j->arena };
	j->opt = (struct opt){
		.graph = j->graph,
		.tmp = { .oom = j->arena.oom },
		.level = levels[c->level],
		.fuel = c->have_fuel ? c->fuel : UINT64_MAX,
		.dump = c->dump,
		.dumped = &j->dumped,
		.verify = c->dump != NULL,
		.gained = c->pass,
		.gained_ctx = c->ctx,
		.gen = *how,
		.sample = j->sample,
		.samples = j->samples,
	};
}

void api_optimized(struct job *j)
{
	const struct weir_common_options *c = j->common;

	arena_free(&j->opt.tmp);
	if (c->dump && c->dump_text && j->dumped.len)
		c->dump_text(c->ctx, j->dumped.s, j->dumped.len);
}

/* Notes and graph text into P, which lie in J's arena. */
static void annotate(struct job *j, struct parts *p);

int api_finish(struct job *j)
{
	struct gen_options options = { .linear = j->common->level == WEIR_OS };

	api_optimizer(j, &options);
	opt_run(&j->opt);
	api_optimized(j);
	j->opt.gen.room = BPF_MAXINSNS; /* longer ones cannot be attached */
	if (!gen_program(j->graph, &j->opt.gen, &j->tmp, &j->code)) {
		diag_plain(&j->diags, DIAG_ERROR,
		           "this needs more than the 16 scratch cells that "
		           "classic BPF has; split it into two filters");
		return -EINVAL;
	}
	return api_make(j);
}

int api_make(struct job *j)
{
	struct parts parts = {
		.kind = j->kind, .insns = j->code.insns, .n = j->code.n
	};
	int err;

	if (j->common->annotate)
		annotate(j, &parts);
	err = make_program(j, &parts);
	assert(err || j->made->runs);
	return err;
}

void api_matches_nothing(struct job *j)
{
	j->made->matches_nothing = true;
}

int api_give(struct job *j, int err, struct weir_program **out)
{
	if (err)
		weir_program_free(j->made);
	*out = err ? NULL : j->made;
	return err;
}

/* --- what a listing says beside instructions ------------------------------------ */

/* The source texts that asked for N: "tcp", "port 80", ... */
static void put_places(struct buf *out, const struct job *j,
                       const struct ir_node *n)
{
	enum { MOST = 3, LONGEST = 60 };
	unsigned shown = 0;

	for (const struct ir_place *p = ir_places(j->graph, n); p; p = p->next) {
		const struct source *src = &j->diags.sources.v[p->at.source];
		uint32_t len = p->at.end - p->at.start;

		if (shown++ == MOST) {
			buf_puts(out, ", ...");
			return;
		}
		buf_puts(out, out->len ? (shown > 1 ? ", " : ": ") : "");
		buf_puts(out, "\"");
		buf_write(out, src->text + p->at.start, min_u32(len, LONGEST));
		buf_puts(out, len > LONGEST ? "...\"" : "\"");
	}
}

static const char *note_on(struct job *j, uint32_t i)
{
	const struct ir_node *n = j->code.origin[i];
	uint16_t class = BPF_CLASS(j->code.insns[i].code);
	struct buf out = { .arena = &j->arena };
	const char *name;

	if (!n || (class != BPF_JMP && class != BPF_RET))
		return NULL;
	if (class == BPF_RET && ir_is_const(n->lhs)) {
		j->names->result(j, &out, n->lhs->imm);
		return buf_str(&out);
	}
	if (n->kind != IR_TEST)
		return NULL;
	name = ir_is_const(n->rhs) ? j->names->constant(j, n) : NULL;
	if (name)
		buf_puts(&out, name);
	put_places(&out, j, n);
	return out.len ? buf_str(&out) : NULL;
}

static void annotate(struct job *j, struct parts *p)
{
	const char **note = arena_array(&j->arena, const char *, j->code.n);
	struct buf graph = { .arena = &j->arena };

	for (uint32_t i = 0; i < j->code.n; i++)
		note[i] = note_on(j, i);
	ir_print(&graph, j->graph);
	p->note = note;
	p->graph = buf_str(&graph);
}

/* --- programs from elsewhere ---------------------------------------------------- */

static int read_program(struct job *j)
{
	struct cbpf_program read = {
		.use = j->kind == WEIR_SECCOMP ? CBPF_SECCOMP : CBPF_SOCKET,
	};
	struct parts parts = { .kind = j->kind };
	uint32_t source = diag_source(&j->diags, "program", j->text, j->len);

	if (!cbpf_read(&j->arena, &j->diags, source, &read))
		return -EINVAL;
	parts.insns = read.insns;
	parts.n = read.n;
	return make_program(j, &parts);
}

int weir_program_read(struct weir_program **out, enum weir_kind kind,
                      const char *text, size_t len,
                      const struct weir_common_options *o)
{
	struct job j = {
		.body = read_program, .kind = kind, .text = text, .len = len
	};

	*out = NULL;
	if (len > INT32_MAX)
		return -E2BIG;
	api_listen(&j, o);
	return api_give(&j, api_run(&j), out);
}

int api_copy(struct job *j, const struct weir_program *p)
{
	struct parts parts = {
		.kind = p->kind, .insns = p->insns, .n = p->n, .note = p->note,
		.graph = p->graph,
	};
	int err = make_program(j, &parts);

	if (!err)
		j->made->matches_nothing = p->matches_nothing;
	return err;
}

struct copy {
	struct job job; /* first */
	struct parts parts;
};

static int copy_program(struct job *j)
{
	struct copy *c = (struct copy *)j;

	return make_program(j, &c->parts);
}

int weir_program_new(struct weir_program **out, enum weir_kind kind,
                     const struct sock_filter *insns, size_t n)
{
	struct copy c = {
		.job = { .body = copy_program },
		.parts = { .kind = kind, .insns = insns, .n = n },
	};

	*out = NULL;
	if (n > INT32_MAX)
		return -E2BIG;
	return api_give(&c.job, api_run(&c.job), out);
}

/* --- what programs are asked ---------------------------------------------------- */

enum weir_kind weir_program_kind(const struct weir_program *p)
{
	return p->kind;
}

const struct sock_filter *weir_program_insns(const struct weir_program *p,
                                             size_t *n)
{
	*n = p->n;
	return p->insns;
}

int weir_program_fprog(const struct weir_program *p, struct sock_fprog *out)
{
	if (p->n > UINT16_MAX)
		return -E2BIG;
	*out = (struct sock_fprog){ (unsigned short)p->n, p->insns };
	return 0;
}

bool weir_program_matches_nothing(const struct weir_program *p)
{
	return p->matches_nothing;
}

/* A job that asks about a program. */
struct question {
	struct job job; /* first */
	const struct weir_program *program;
	struct weir_verdict *verdict;
	const char *format;
	char **text;
	size_t *len;
};

static enum cbpf_use use_of(const struct weir_program *p)
{
	return p->kind == WEIR_SECCOMP ? CBPF_SECCOMP : CBPF_SOCKET;
}

static int check_program(struct job *j)
{
	struct question *q = (struct question *)j;
	const struct weir_program *p = q->program;
	struct weir_verdict *out = q->verdict;
	struct cbpf_verdict verdict;
	struct cbpf_cost cost;

	out->ok = cbpf_check(&j->tmp, p->insns, p->n, use_of(p), 0, &verdict);
	out->at = verdict.at;
	out->insns = p->n;
	snprintf(out->reason, sizeof out->reason, "%s",
	         out->ok ? "" : verdict.reason);
	/* What user space runs can be costed, though the kernel would not have it. */
	if (!p->runs)
		return 0;
	cbpf_cost(&j->tmp, p->insns, p->n, use_of(p), &cost);
	out->converted = cost.converted;
	out->memory = cost.memory;
	out->longest_path = cost.longest_path;
	if (p->kind == WEIR_SECCOMP && out->ok && weir_native_abi())
		out->cached_calls = cbpf_seccomp_cacheable(
			p->insns, weir_abi_arch(weir_native_abi()), CACHE_NUMBERS);
	return 0;
}

int weir_program_check(const struct weir_program *p, struct weir_verdict *out)
{
	struct question q = { .job = { .body = check_program },
		              .program = p,
		              .verdict = out };

	*out = (struct weir_verdict){ .size = sizeof *out };
	return api_run(&q.job);
}

int weir_program_run(const struct weir_program *p, const struct weir_data *data,
                     uint32_t *result)
{
	struct cbpf_input in = {
		.bytes = data->bytes,
		.captured = data->captured,
		.wire = data->wire ? data->wire : data->captured,
		.ancillary = data->ancillary,
		.ctx = data->ctx,
	};

	if (!p->runs)
		return -EINVAL;
	if (p->kind == WEIR_SECCOMP) {
		if (data->captured < CBPF_SECCOMP_SIZE)
			return -EINVAL;
		*result = cbpf_run_seccomp(p->insns, data->bytes);
		return 0;
	}
	if (data->captured > INT32_MAX)
		return -EINVAL;
	*result = cbpf_run(p->insns, &in);
	return 0;
}

/* --- formats -------------------------------------------------------------------- */

static const char graph_format[] = "graph";

const char *weir_format_name(unsigned i)
{
	unsigned n = 0;

	while (cbpf_format_names[n])
		n++;
	if (i < n)
		return cbpf_format_names[i];
	return i == n ? graph_format : NULL;
}

static void put_note(void *ctx, uint32_t at, struct buf *out)
{
	const struct weir_program *p = ctx;

	if (p->note[at])
		buf_puts(out, p->note[at]);
}

static int print_program(struct job *j)
{
	struct question *q = (struct question *)j;
	const struct weir_program *p = q->program;
	struct cbpf_program program = {
		.insns = p->insns, .n = p->n, .use = use_of(p)
	};
	struct cbpf_notes notes = { put_note, (void *)p };
	struct buf out = { .arena = &j->arena };
	const char *text;

	if (!strcmp(q->format, graph_format)) {
		if (!p->graph)
			return -EINVAL;
		buf_puts(&out, p->graph);
	} else if (!cbpf_print(&out, q->format, &program,
	                       p->note ? &notes : NULL)) {
		return -EINVAL;
	}
	text = buf_str(&out);
	*q->text = malloc(out.len + 1);
	if (!*q->text)
		return -ENOMEM;
	memcpy(*q->text, text, out.len + 1);
	*q->len = out.len;
	return 0;
}

int weir_program_print(const struct weir_program *p, const char *format,
                       char **text, size_t *len)
{
	struct question q = {
		.job = { .body = print_program },
		.program = p,
		.format = format,
		.text = text,
		.len = len,
	};

	*text = NULL;
	*len = 0;
	return api_run(&q.job);
}

const char *weir_pass_name(unsigned i)
{
	return opt_pass_name(i);
}
