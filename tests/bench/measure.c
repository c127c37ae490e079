/*
 * One expression, all parties: compile, count, compare. Packets that are accepted
 * must be those that libpcap's unoptimized program accepts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cbpf/cbpf.h"
#include "tests/bench/bench.h"

enum {
	OPTMEM_DEFAULT = 131072, /* net.core.optmem_max; a charge must stay below */
	SLOW = 100,              /* from so many on, a list takes the peer long */
	HOPELESS = 300,          /* and above this, minutes */
};

const char *const party_name[PARTIES] = {
	[PARTY_UNOPT] = "unoptimized",
	[PARTY_PCAP] = "libpcap",
	[PARTY_O0] = "O0",
	[PARTY_O1] = "O1",
	[PARTY_O2] = "O2",
	[PARTY_O3] = "O3",
	[PARTY_OS] = "Os",
};

const enum weir_level level_of[PARTIES] = {
	[PARTY_O0] = WEIR_O0,
	[PARTY_O1] = WEIR_O1,
	[PARTY_O2] = WEIR_O2,
	[PARTY_O3] = WEIR_O3,
	[PARTY_OS] = WEIR_OS,
};

double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- compiling ---------------------------------------------------------------------- */

int resolve_name(void *ctx, enum weir_name_kind kind, const char *name,
                 struct weir_resolved *out)
{
	static const struct {
		enum weir_name_kind kind;
		const char *name;
		uint32_t number;
	} names[] = {
		{ WEIR_NAME_PROTO, "ospf", 89 },
		{ WEIR_NAME_PROTO, "gre", 47 },
		{ WEIR_NAME_PROTO, "tcp", 6 },
		{ WEIR_NAME_PROTO, "udp", 17 },
		{ WEIR_NAME_PORT_TCP, "domain", 53 },
		{ WEIR_NAME_PORT_UDP, "domain", 53 },
		{ WEIR_NAME_PORT_TCP, "smtp", 25 },
		{ WEIR_NAME_PORT_UDP, "bootps", 67 },
		{ WEIR_NAME_PORT_UDP, "bootpc", 68 },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].kind == kind && !strcmp(names[i].name, name)) {
			out->number = names[i].number;
			return 0;
		}
	return -ENOENT;
}

static void keep_error(void *ctx, const struct weir_diag *d)
{
	if (d->severity == WEIR_ERROR)
		snprintf(ctx, 256, "%s", d->message);
}

/* Compile TEXT as a caller that has no more to ask would. */
int compile_text(struct weir_program **out, const char *text,
                 const struct weir_expression_options *o,
                 const struct weir_compile_options *how)
{
	struct weir_expression *e;
	int err = weir_expression_read(&e, text, strlen(text), o);

	*out = NULL;
	if (err)
		return err;
	err = weir_expression_compile(out, e, how);
	weir_expression_free(e);
	return err;
}

static bool compile_batch(const struct item *item, const struct weir_expression_options *o,
                          const struct weir_compile_options *how, unsigned batch,
                          struct weir_program **last)
{
	*last = NULL;
	for (unsigned i = 0; i < batch; i++) {
		weir_program_free(*last);
		if (compile_text(last, item->text, o, how))
			return false;
	}
	return true;
}

static void keep_program(struct arena *a, struct figures *out, const struct weir_program *p)
{
	size_t n;
	const struct sock_filter *insns = weir_program_insns(p, &n);

	out->insns = arena_memdup(a, insns, n * sizeof(*insns));
	out->n = (uint32_t)n;
	out->there = true;
}

static void compile(struct arena *a, struct figures *out, const struct item *item, int dlt,
                    enum weir_level level, const struct effort *e)
{
	char error[256] = "failed";
	struct weir_read_options read = {
		.size = sizeof(read),
		.resolve = resolve_name,
		.diag = keep_error,
		.diag_ctx = error,
	};
	struct weir_compile_options how = { .size = sizeof(how), .level = level };
	struct weir_expression_options o = {
		.size = sizeof(o),
		.read = &read,
		.linktype = dlt,
		.have_linktype = true,
	};
	struct weir_program *p;

	for (unsigned i = 0; i < e->repeat; i++) {
		double start = seconds(), took;

		if (!compile_batch(item, &o, &how, e->batch, &p)) {
			out->missing = arena_strndup(a, error, strlen(error));
			return;
		}
		took = (seconds() - start) / e->batch;
		if (!i || took < out->compile)
			out->compile = took;
		if (!i)
			keep_program(a, out, p);
		weir_program_free(p);
	}
}

/* --- counting ------------------------------------------------------------------------ */

static void forecast(struct figures *f)
{
	struct weir_verdict v = { .size = sizeof(v) };
	struct weir_program *p;

	if (weir_program_new(&p, WEIR_PACKET, f->insns, f->n))
		return;
	if (!weir_program_check(p, &v) && v.ok) {
		f->converted = v.converted;
		f->memory = v.memory;
		f->attaches = v.memory < OPTMEM_DEFAULT;
	}
	weir_program_free(p);
}

/*
 * Nanoseconds that an instruction takes once Linux 6.18's JIT has made x86_64 code of
 * it, from forty times the same in a row on a socket. A load at [x + k] calls a function
 * of the kernel, and the first such call of a run costs more than those after it.
 */
static const struct {
	double at_constant, header, indexed, first_indexed, other;
} jit = { 0.75, 1, 7.3, 12, 0.15 };

/* What runs of a program take by that. */
struct model {
	const struct figures *of;
	bool indexed; /* this run has loaded at [x + k] */
	double sum;
};

static void add_step(void *ctx, const struct cbpf_step *step)
{
	struct model *m = ctx;
	uint16_t code = m->of->insns[step->at].code;
	unsigned class = BPF_CLASS(code);

	if (class != BPF_LD && class != BPF_LDX) {
		m->sum += jit.other;
	} else if (BPF_MODE(code) == BPF_ABS) {
		m->sum += jit.at_constant;
	} else if (BPF_MODE(code) == BPF_MSH) {
		m->sum += jit.header;
	} else if (BPF_MODE(code) == BPF_IND) {
		m->sum += jit.indexed + (m->indexed ? 0 : jit.first_indexed);
		m->indexed = true;
	} else {
		m->sum += jit.other;
	}
}

static void count(struct figures *f, const struct traffic mix[BENCH_MIXES])
{
	for (unsigned m = 0; m < BENCH_MIXES; m++) {
		struct model model = { .of = f };
		struct cbpf_trace trace = { .step = add_step, .ctx = &model };

		for (uint32_t i = 0; i < mix[m].n; i++) {
			struct cbpf_input in = {
				.bytes = mix[m].frame[i].bytes,
				.captured = mix[m].frame[i].len,
				.wire = mix[m].frame[i].len,
			};

			model.indexed = false;
			f->accepted[m] += cbpf_run_traced(f->insns, &in, &trace) != 0;
		}
		if (mix[m].n) {
			f->executed[m] = (double)trace.executed / mix[m].n;
			f->modelled[m] = model.sum / mix[m].n;
		}
	}
}

/* The unoptimized program of a long list is slow: only how many are accepted. */
static void count_accepted(struct figures *f, const struct traffic mix[BENCH_MIXES])
{
	for (unsigned m = 0; m < BENCH_MIXES; m++)
		for (uint32_t i = 0; i < mix[m].n; i++)
			f->accepted[m] += peer_run(f, &mix[m].frame[i]) != 0;
}

static bool agrees(const struct row *row, enum party p)
{
	const struct figures *ours = &row->of[p], *theirs = &row->of[PARTY_UNOPT];

	return !ours->there || !theirs->there ||
	       !memcmp(ours->accepted, theirs->accepted, sizeof(ours->accepted));
}

/* --- a row ------------------------------------------------------------------------------ */

/* A long list takes long enough by itself, and the peer gets a limit. */
static struct effort effort_for(const struct plan *plan, const struct item *item, bool peer)
{
	struct effort e = plan->effort;

	if (item->of < SLOW) {
		e.limit = 0;
		return e;
	}
	e.batch = 1;
	e.repeat = peer ? 1 : min_u32(e.repeat, 5);
	return e;
}

static void ask_peer(struct arena *a, const struct plan *plan, struct row *row, int dlt)
{
	const struct item *item = &row->item;
	struct effort e = effort_for(plan, item, true);

	peer_compile(a, &row->of[PARTY_UNOPT], item->text, dlt, false, &e);
	if (item->of > HOPELESS && !plan->patient)
		row->of[PARTY_PCAP].missing = "not tried: known to take minutes";
	else
		peer_compile(a, &row->of[PARTY_PCAP], item->text, dlt, true, &e);
}

void measure(struct arena *a, const struct plan *plan, const struct item *item,
             struct row *row)
{
	struct effort e = effort_for(plan, item, false);
	struct traffic mix[BENCH_MIXES];
	int dlt = weir_linktype_by_name(item->dlt);

	*row = (struct row){ .item = *item };
	for (unsigned m = 0; m < BENCH_MIXES; m++)
		if (!traffic_convert(a, &plan->mix[m], dlt, &mix[m]))
			mix[m].n = 0;
	ask_peer(a, plan, row, peer_dlt(item->dlt));
	for (unsigned p = PARTY_O0; p < PARTIES; p++)
		compile(a, &row->of[p], item, dlt, level_of[p], &e);
	for (unsigned p = 0; p < PARTIES; p++)
		if (row->of[p].there) {
			forecast(&row->of[p]);
			if (p == PARTY_UNOPT)
				count_accepted(&row->of[p], mix);
			else
				count(&row->of[p], mix);
		}
	for (unsigned p = PARTY_O0; p < PARTIES; p++)
		if (!row->of[p].there || !agrees(row, p))
			row->wrong = true;
}
