/* The same as the tables, for programs. */
#include "base/json.h"
#include "tests/bench/bench.h"

/* Writes VALUE with DIGITS after the point. */
static void real(struct json_writer *w, const char *key, double value, int digits)
{
	buf_printf(json_begin_value(w, key), "%.*f", digits, value);
}

static void figures(struct json_writer *w, const char *key, const struct figures *f,
                    bool timed)
{
	json_begin_object(w, key, JSON_PACKED);
	if (!f->there) {
		json_put_string(w, "missing", f->missing ? f->missing : "refused");
		json_end(w);
		return;
	}
	json_put_unsigned(w, "length", f->n);
	json_put_unsigned(w, "converted", f->converted);
	json_put_unsigned(w, "memory", f->memory);
	json_put_bool(w, "attaches", f->attaches);
	json_begin_array(w, "executed", JSON_PACKED);
	for (unsigned i = 0; i < BENCH_MIXES; i++)
		real(w, NULL, f->executed[i], 4);
	json_end(w);
	json_begin_array(w, "modelled_ns", JSON_PACKED);
	for (unsigned i = 0; i < BENCH_MIXES; i++)
		real(w, NULL, f->modelled[i], 4);
	json_end(w);
	json_begin_array(w, "accepted", JSON_PACKED);
	for (unsigned i = 0; i < BENCH_MIXES; i++)
		json_put_unsigned(w, NULL, f->accepted[i]);
	json_end(w);
	real(w, "compile_ns", f->compile * 1e9, 0);
	if (timed && f->interpreter > 0) {
		real(w, "interpreter_ns", f->interpreter, 1);
		real(w, "kernel_ns", f->kernel, 1);
	}
	json_end(w);
}

static void row(struct json_writer *w, const struct row *r)
{
	json_begin_object(w, NULL, JSON_PACKED);
	json_put_string(w, "set", r->item.set);
	json_put_string(w, "name", r->item.name);
	json_put_string(w, "linktype", r->item.dlt);
	json_put_bool(w, "wrong", r->wrong);
	for (unsigned p = 0; p < PARTIES; p++)
		figures(w, party_name[p], &r->of[p], r->timed);
	json_end(w);
}

static void corpus_row(struct json_writer *w, const struct corpus_row *r)
{
	json_begin_object(w, NULL, JSON_PACKED);
	json_put_string(w, "linktype", r->dlt);
	json_put_string(w, "expression", r->text);
	json_put_unsigned(w, "libpcap", r->theirs);
	for (unsigned p = PARTY_O0; p < PARTIES; p++)
		json_put_unsigned(w, party_name[p], r->ours[p]);
	json_end(w);
}

static void policy(struct json_writer *w, const struct policy_row *r)
{
	json_begin_object(w, NULL, JSON_PACKED);
	json_put_string(w, "name", r->name);
	for (unsigned i = 0; i < POLICY_PARTIES; i++) {
		const struct policy_figures *f = &r->of[i];

		if (!f->n)
			continue;
		json_begin_object(w, policy_party_name[i], JSON_PACKED);
		json_put_unsigned(w, "length", f->n);
		json_put_unsigned(w, "cached", f->cached);
		real(w, "executed", f->executed, 3);
		real(w, "executed_running", f->executed_running, 3);
		real(w, "executed_running_uniform", f->executed_uniform, 3);
		real(w, "compile_ns", f->compile * 1e9, 0);
		json_put_unsigned(w, "converted", f->converted);
		real(w, "interpreter_ns", f->interpreter, 1);
		json_end(w);
	}
	json_end(w);
}

static void mean(struct json_writer *w, const char *key, const struct mean *m)
{
	json_begin_object(w, key, JSON_PACKED);
	real(w, "geomean", m->geomean, 4);
	real(w, "total", m->total, 4);
	json_put_unsigned(w, "n", m->n);
	json_put_unsigned(w, "better", m->better);
	json_put_unsigned(w, "worse", m->worse);
	json_end(w);
}

/* "set": { "O1": { "length": {...}, ... }, ... } */
static void means(struct json_writer *w, const rows_t *rows, const char *set)
{
	json_begin_object(w, set, JSON_PACKED);
	for (unsigned p = PARTY_O1; p < PARTIES; p++) {
		json_begin_object(w, party_name[p], JSON_PACKED);
		for (const struct measure *m = measures; m->name; m++) {
			struct mean got = mean_of(rows, set, p, m->of);

			mean(w, m->key, &got);
		}
		json_end(w);
	}
	json_end(w);
}

static void all_means(struct json_writer *w, const struct results *r)
{
	const char *set = "";

	json_begin_object(w, "means", JSON_LINES);
	for (uint32_t i = 0; i < r->rows.n; i++)
		if (strcmp(set, r->rows.v[i].item.set))
			means(w, &r->rows, set = r->rows.v[i].item.set);
	json_end(w);
}

void json_print(struct buf *b, const struct results *r)
{
	struct json_writer w = { .out = b };

	json_begin_object(&w, NULL, JSON_LINES);
	json_put_string(&w, "weir", weir_version());
	json_put_string(&w, "peer", peer_version());
	json_begin_array(&w, "rows", JSON_LINES);
	for (uint32_t i = 0; i < r->rows.n; i++)
		row(&w, &r->rows.v[i]);
	json_end(&w);
	all_means(&w, r);
	json_begin_array(&w, "corpus", JSON_LINES);
	for (uint32_t i = 0; i < r->corpus.n; i++)
		corpus_row(&w, &r->corpus.v[i]);
	json_end(&w);
	json_begin_array(&w, "policies", JSON_LINES);
	for (uint32_t i = 0; i < r->policies.n; i++)
		policy(&w, &r->policies.v[i]);
	json_end(&w);
	json_end(&w);
	buf_putc(b, '\n');
}
