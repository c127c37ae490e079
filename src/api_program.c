/* The public library, programs: each one block, made, read, asked and run. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "sys/sys.h"

enum {
	CACHE_NUMBERS = 512
}; /* the native calls that seccomp's bitmap may hold */

struct weir_program {
	enum weir_kind kind;
	const char *format; /* that it was read in; NULL: it was not read */
	int linktype;       /* of packets, or API_NO_LINKTYPE */
	bool matches_nothing;
	bool runs;              /* the interpreter may have it */
	const char *expression; /* what it was read with says that it was compiled from */
	uint32_t n, norigin, nsource;
	struct sock_filter *insns;
	struct cbpf_code *code;    /* INSNS, decoded for packets; if it runs */
	const char **note;         /* by instruction, NULL: none; NULL: no notes at all */
	const char *graph;         /* as text, NULL: not kept */
	struct source *source;     /* texts that instructions came from */
	struct api_origin *origin; /* by instruction; its spans are about SOURCE */
	struct api_sets sets;
};

/* --- making: one block for all ------------------------------------------------ */

/* Where the parts of a program's block lie. */
struct block {
	char *at;
};

static size_t rounded(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static void *take(struct block *b, size_t size)
{
	char *p = b->at;

	b->at += rounded(size);
	return p;
}

static size_t text_size(const char *s)
{
	return s ? rounded(strlen(s) + 1) : 0;
}

static size_t parts_size(const struct api_parts *p)
{
	size_t size = rounded(p->n * sizeof *p->insns) +
	              rounded(cbpf_code_size(p->n)) + text_size(p->graph) +
	              text_size(p->expression) +
	              rounded(p->norigin * sizeof *p->origin) +
	              rounded(p->nsource * sizeof *p->source);

	for (size_t i = 0; p->note && i < p->n; i++)
		size += text_size(p->note[i]);
	if (p->note)
		size += rounded(p->n * sizeof *p->note);
	for (uint32_t i = 0; i < p->nsource; i++)
		size += text_size(p->source[i].name) + rounded(p->source[i].len + 1);
	return size;
}

static const char *copy_text(struct block *b, const char *s)
{
	size_t len = s ? strlen(s) + 1 : 0;

	return s ? memcpy(take(b, len), s, len) : NULL;
}

static void copy_notes(struct weir_program *w, struct block *b, const struct api_parts *p)
{
	w->note = take(b, p->n * sizeof *w->note);
	for (size_t i = 0; i < p->n; i++)
		w->note[i] = copy_text(b, p->note[i]);
}

static void copy_origins(struct weir_program *w, struct block *b, const struct api_parts *p)
{
	w->norigin = p->norigin;
	w->nsource = p->nsource;
	w->origin = take(b, p->norigin * sizeof *w->origin);
	if (p->norigin)
		memcpy(w->origin, p->origin, p->norigin * sizeof *w->origin);
	w->source = take(b, p->nsource * sizeof *w->source);
	for (uint32_t i = 0; i < p->nsource; i++) {
		const struct source *from = &p->source[i];
		char *text = take(b, from->len + 1);

		if (from->len)
			memcpy(text, from->text, from->len);
		text[from->len] = '\0';
		w->source[i] = (struct source){ copy_text(b, from->name), text,
			                        from->len };
	}
}

int api_make_program(struct job *j, const struct api_parts *p)
{
	size_t head = rounded(sizeof(struct weir_program));
	struct weir_program *w = malloc(head + parts_size(p));
	struct cbpf_verdict verdict;
	struct block b = { (char *)w };

	/* Set first, so that it is freed if memory runs out below. */
	j->made = w;
	if (!w)
		return -ENOMEM;
	memset(w, 0, sizeof *w);
	take(&b, sizeof *w);
	w->kind = p->kind;
	w->format = p->format;
	w->linktype = p->linktype;
	w->n = (uint32_t)p->n;
	w->insns = take(&b, p->n * sizeof *w->insns);
	if (p->n)
		memcpy(w->insns, p->insns, p->n * sizeof *w->insns);
	if (p->note)
		copy_notes(w, &b, p);
	w->graph = copy_text(&b, p->graph);
	w->expression = copy_text(&b, p->expression);
	copy_origins(w, &b, p);
	if (p->sets)
		w->sets = *p->sets;
	w->runs = cbpf_check(&j->tmp, w->insns, w->n,
	                     w->kind == WEIR_SECCOMP ? CBPF_SECCOMP : CBPF_SOCKET,
	                     CBPF_ANY_LENGTH, &verdict);
	assert(w->runs || w->sets.n || !j->graph); /* what weir makes runs */
	if (w->runs && w->kind == WEIR_PACKET) {
		w->code = take(&b, cbpf_code_size(p->n));
		cbpf_decode(w->code, w->insns, w->n);
	}
	return 0;
}

const struct api_sets *api_sets(const struct weir_program *p)
{
	return &p->sets;
}

int api_copy(struct job *j, const struct weir_program *p)
{
	struct api_parts parts = {
		.kind = p->kind,
		.insns = p->insns,
		.n = p->n,
		.note = p->note,
		.graph = p->graph,
		.expression = p->expression,
		.source = p->source,
		.nsource = p->nsource,
		.origin = p->origin,
		.norigin = p->norigin,
		.linktype = p->linktype,
	};
	int err = api_make_program(j, &parts);

	if (!err)
		j->made->matches_nothing = p->matches_nothing;
	return err;
}

int api_give(struct job *j, int err, struct weir_program **out)
{
	if (err)
		weir_program_free(j->made);
	*out = err ? NULL : j->made;
	return err;
}

void api_matches_nothing(struct job *j)
{
	j->made->matches_nothing = true;
}

void weir_program_free(struct weir_program *p)
{
	free(p);
}

/* --- programs from elsewhere ---------------------------------------------------- */

/* A job that makes a program of the caller's instructions. */
struct copying {
	struct job job; /* first */
	struct api_parts parts;
};

static int copy_program(struct job *j)
{
	return api_make_program(j, &((struct copying *)j)->parts);
}

int weir_program_new(struct weir_program **out, enum weir_kind kind,
                     const struct sock_filter *insns, size_t n)
{
	struct copying r = {
		.job = { .body = copy_program },
		.parts = {
			.kind = kind,
			.insns = insns,
			.n = n,
			.linktype = API_NO_LINKTYPE,
		},
	};

	*out = NULL;
	if (n > INT32_MAX)
		return -E2BIG;
	if (kind == WEIR_EITHER)
		return -EINVAL;
	return api_give(&r.job, api_run(&r.job), out);
}

/* --- what programs are asked ---------------------------------------------------- */

enum weir_kind weir_program_kind(const struct weir_program *p)
{
	return p->kind;
}

const char *weir_program_format(const struct weir_program *p)
{
	return p->format;
}

int weir_program_linktype(const struct weir_program *p)
{
	return p->linktype;
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

/* Return the first origin of instruction INSN or a later one. */
static uint32_t first_origin(const struct weir_program *p, size_t insn)
{
	uint32_t lo = 0, hi = p->norigin;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (p->origin[mid].insn < insn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int weir_program_origin(const struct weir_program *p, size_t insn, unsigned i,
                        struct weir_origin *out)
{
	uint32_t first = first_origin(p, insn);
	struct weir_origin one = { .size = sizeof one };
	const struct source *src;
	struct span at;

	if (i >= p->norigin - first || p->origin[first + i].insn != insn)
		return -ENOENT;
	at = p->origin[first + i].at;
	src = &p->source[at.source];
	one.source = src->name;
	one.start = at.start;
	one.end = at.end;
	one.text = src->text + at.start;
	return api_hand(out, &one, sizeof one);
}

/* A job that asks about a program. */
struct question {
	struct job job; /* first */
	const struct weir_program *program;
	struct weir_verdict *verdict;
	weir_dead_fn *dead;
	void *ctx;
};

static enum cbpf_use use_of(const struct weir_program *p)
{
	return p->kind == WEIR_SECCOMP ? CBPF_SECCOMP : CBPF_SOCKET;
}

/* Return how many instructions of P load from the input. */
static size_t count_loads(const struct weir_program *p)
{
	size_t n = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		uint16_t code = p->insns[i].code, mode = BPF_MODE(code);

		n += (BPF_CLASS(code) == BPF_LD || BPF_CLASS(code) == BPF_LDX) &&
		     (mode == BPF_ABS || mode == BPF_IND || mode == BPF_MSH);
	}
	return n;
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
	out->unreachable = cost.unreachable;
	out->loads = count_loads(p);
	if (p->kind == WEIR_SECCOMP && out->ok && weir_native_abi())
		out->cached_calls = cbpf_seccomp_cacheable(
			p->insns, weir_abi_arch(weir_native_abi()), CACHE_NUMBERS);
	return 0;
}

int weir_program_check(const struct weir_program *p, struct weir_verdict *out)
{
	struct weir_verdict verdict = { .size = sizeof verdict };
	struct question q = { .job = { .body = check_program },
		              .program = p,
		              .verdict = &verdict };
	int err = api_run(&q.job);

	return err ? err : api_hand(out, &verdict, sizeof verdict);
}

bool weir_program_caches(const struct weir_program *p, const char *abi, uint32_t nr)
{
	const struct sys_abi *a = sys_abi(abi, strlen(abi));

	return a && p->kind == WEIR_SECCOMP && p->runs && api_has_cache(a) &&
	       cbpf_seccomp_cached(p->insns, a->arch, nr);
}

static int find_dead(struct job *j)
{
	const struct question *q = (struct question *)j;
	const struct weir_program *p = q->program;
	const bool *reached = cbpf_reached(&j->tmp, p->insns, p->n);
	const bool *runs = cbpf_runs(&j->tmp, p->insns, (uint32_t)p->n);

	for (uint32_t i = 0; i < p->n; i++)
		if (!runs[i])
			q->dead(q->ctx, i, reached[i]);
	return 0;
}

int weir_program_dead(const struct weir_program *p, weir_dead_fn *dead, void *ctx)
{
	struct question q = {
		.job = { .body = find_dead },
		.program = p,
		.dead = dead,
		.ctx = ctx,
	};

	return p->runs ? api_run(&q.job) : -EINVAL;
}

/* --- running ---------------------------------------------------------------------- */

const char *weir_ancillary_name(uint32_t which)
{
	const struct cbpf_ancillary *word = cbpf_ancillary(which);

	return word && !cbpf_is_set(which) ? word->text : NULL;
}

/* Return whether P can run on DATA. */
static bool can_run(const struct weir_program *p, const struct weir_data *data)
{
	return p->runs && (p->kind == WEIR_SECCOMP ? data->captured >= CBPF_SECCOMP_SIZE
	                                           : data->captured <= INT32_MAX);
}

static uint32_t wire_of(const struct weir_data *data)
{
	return data->wire ? data->wire : data->captured;
}

static struct cbpf_input input_of(const struct weir_data *data)
{
	return (struct cbpf_input){
		.bytes = data->bytes,
		.captured = data->captured,
		.wire = wire_of(data),
		.ancillary = data->ancillary,
		.ctx = data->ctx,
	};
}

/* Run P on DATA as in the general case. */
static __attribute__((noinline)) int run_any(const struct weir_program *p,
                                             const struct weir_data *data,
                                             uint32_t *result)
{
	struct weir_data d;
	struct cbpf_input in;
	int err = api_take(&d, sizeof d, data);

	if (err)
		return err;
	if (!can_run(p, &d))
		return -EINVAL;
	in = input_of(&d);
	*result = p->kind == WEIR_SECCOMP ? cbpf_run_seccomp(p->insns, in.bytes)
	                                  : cbpf_run_code(p->code, in.bytes, in.captured,
	                                                  in.wire, &in);
	return 0;
}

int weir_program_run(const struct weir_program *p, const struct weir_data *data,
                     uint32_t *result)
{
	static const struct cbpf_input none;

	/* Most callers have our size and no words to ask for, and run many packets. */
	if (!p->code || data->size != sizeof *data || data->ancillary ||
	    data->captured > INT32_MAX)
		return run_any(p, data, result);
	*result = cbpf_run_code(p->code, data->bytes, data->captured, wire_of(data), &none);
	return 0;
}

struct tracing {
	const struct weir_program *program;
	weir_step_fn *step;
	void *ctx;
};

static void hand_step(void *ctx, const struct cbpf_step *s)
{
	const struct tracing *t = ctx;
	struct weir_step one = {
		.size = sizeof one,
		.at = s->at,
		.next = s->next,
		.ended = s->next == UINT32_MAX,
		.a = s->a,
		.x = s->x,
		.scratch = s->m,
	};

	one.failed = one.ended && !cbpf_is_ret(&t->program->insns[s->at]);
	t->step(t->ctx, &one);
}

int weir_program_trace(const struct weir_program *p, const struct weir_data *data,
                       weir_step_fn *step, void *ctx, uint32_t *result)
{
	struct tracing tracing = { p, step, ctx };
	struct cbpf_trace trace = { .step = hand_step, .ctx = &tracing };
	struct cbpf_input in;
	struct weir_data d;
	int err = api_take(&d, sizeof d, data);

	if (err)
		return err;
	if (!can_run(p, &d))
		return -EINVAL;
	in = input_of(&d);
	*result = p->kind == WEIR_SECCOMP
	                  ? cbpf_run_seccomp_traced(p->insns, in.bytes, &trace)
	                  : cbpf_run_traced(p->insns, &in, &trace);
	return 0;
}

/* --- formats -------------------------------------------------------------------- */

int api_linktype(const struct weir_program *p)
{
	return p->linktype;
}

/* Return the expression that P was compiled from, or NULL. */
static const char *expression_of(const struct weir_program *p)
{
	if (p->expression || p->kind != WEIR_PACKET || !p->nsource)
		return p->expression;
	return p->source[0].text;
}

const char *api_quote(const struct weir_program *p, uint32_t at)
{
	return p->note ? p->note[at] : NULL;
}

struct cbpf_program api_code(const struct weir_program *p)
{
	return (struct cbpf_program){
		.insns = p->insns,
		.n = p->n,
		.use = use_of(p),
		.expression = expression_of(p),
	};
}

bool api_put_graph(struct buf *out, const char *format, const struct weir_program *p,
                   const struct weir_show_options *o)
{
	if (p->graph)
		buf_puts(out, p->graph);
	return p->graph;
}
