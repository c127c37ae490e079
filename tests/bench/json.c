/* The same as the tables, for programs. */
#include <inttypes.h>
#include <string.h>

#include "tests/bench/bench.h"

static void text(struct buf *b, const char *key, const char *s)
{
	buf_printf(b, "\"%s\":", key);
	buf_json(b, s, strlen(s));
}

static void figures(struct buf *b, const struct figures *f, bool timed)
{
	if (!f->there) {
		buf_putc(b, '{');
		text(b, "missing", f->missing ? f->missing : "refused");
		buf_putc(b, '}');
		return;
	}
	buf_printf(b,
	           "{\"length\":%u,\"converted\":%" PRIu64 ",\"memory\":%" PRIu64 ",\"attaches\":%s,"
	           "\"executed\":[%.4f,%.4f],\"accepted\":[%" PRIu64 ",%" PRIu64 "],\"compile_ns\":%.0f",
	           f->n, f->converted, f->memory, f->attaches ? "true" : "false",
	           f->executed[0], f->executed[1], f->accepted[0], f->accepted[1],
	           f->compile * 1e9);
	if (timed && f->interpreter > 0)
		buf_printf(b, ",\"interpreter_ns\":%.1f,\"kernel_ns\":%.1f", f->interpreter,
		           f->kernel);
	buf_putc(b, '}');
}

static void row(struct buf *b, const struct row *r)
{
	buf_putc(b, '{');
	text(b, "set", r->item.set);
	buf_putc(b, ',');
	text(b, "name", r->item.name);
	buf_putc(b, ',');
	text(b, "linktype", r->item.dlt);
	buf_printf(b, ",\"wrong\":%s", r->wrong ? "true" : "false");
	for (unsigned p = 0; p < PARTIES; p++) {
		buf_printf(b, ",\"%s\":", party_name[p]);
		figures(b, &r->of[p], r->timed);
	}
	buf_puts(b, "}");
}

static void corpus_row(struct buf *b, const struct corpus_row *r)
{
	buf_putc(b, '{');
	text(b, "linktype", r->dlt);
	buf_putc(b, ',');
	text(b, "expression", r->text);
	buf_printf(b, ",\"libpcap\":%u", r->theirs);
	for (unsigned p = PARTY_O0; p < PARTIES; p++)
		buf_printf(b, ",\"%s\":%u", party_name[p], r->ours[p]);
	buf_putc(b, '}');
}

static void policy(struct buf *b, const struct policy_row *r)
{
	buf_putc(b, '{');
	text(b, "name", r->name);
	for (unsigned i = 0; i < POLICY_PARTIES; i++) {
		const struct policy_figures *f = &r->of[i];

		if (f->n)
			buf_printf(b,
			           ",\"%s\":{\"length\":%u,\"cached\":%u,\"executed\":%.3f,"
			           "\"executed_running\":%.3f,\"executed_running_uniform\":%.3f,"
			           "\"compile_ns\":%.0f,\"converted\":%" PRIu64
			           ",\"interpreter_ns\":%.1f}",
			           policy_party_name[i], f->n, f->cached, f->executed,
			           f->executed_running, f->executed_uniform, f->compile * 1e9,
			           f->converted, f->interpreter);
	}
	buf_putc(b, '}');
}

static void mean(struct buf *b, const struct mean *m)
{
	buf_printf(b, "{\"geomean\":%.4f,\"total\":%.4f,\"n\":%u,\"better\":%u,\"worse\":%u}",
	           m->geomean, m->total, m->n, m->better, m->worse);
}

/* "set": { "O1": { "length": {...}, ... }, ... } */
static void means(struct buf *b, const rows_t *rows, const char *set)
{
	buf_printf(b, "\"%s\":{", set);
	for (unsigned p = PARTY_O1; p < PARTIES; p++) {
		buf_printf(b, "%s\"%s\":{", p > PARTY_O1 ? "," : "", party_name[p]);
		for (const struct measure *m = measures; m->name; m++) {
			struct mean got = mean_of(rows, set, p, m->of);

			buf_printf(b, "%s\"%s\":", m > measures ? "," : "", m->key);
			mean(b, &got);
		}
		buf_putc(b, '}');
	}
	buf_putc(b, '}');
}

static void all_means(struct buf *b, const struct results *r)
{
	const char *set = "";

	for (uint32_t i = 0; i < r->rows.n; i++)
		if (strcmp(set, r->rows.v[i].item.set)) {
			buf_puts(b, *set ? ",\n" : "");
			means(b, &r->rows, set = r->rows.v[i].item.set);
		}
}

void json_print(struct buf *b, const struct results *r)
{
	buf_putc(b, '{');
	text(b, "weir", weir_version());
	buf_putc(b, ',');
	text(b, "peer", peer_version());
	buf_puts(b, ",\n\"rows\":[");
	for (uint32_t i = 0; i < r->rows.n; i++) {
		buf_puts(b, i ? ",\n" : "\n");
		row(b, &r->rows.v[i]);
	}
	buf_puts(b, "],\n\"means\":{");
	all_means(b, r);
	buf_puts(b, "},\n\"corpus\":[");
	for (uint32_t i = 0; i < r->corpus.n; i++) {
		buf_puts(b, i ? ",\n" : "\n");
		corpus_row(b, &r->corpus.v[i]);
	}
	buf_puts(b, "],\n\"policies\":[");
	for (uint32_t i = 0; i < r->policies.n; i++) {
		buf_puts(b, i ? ",\n" : "\n");
		policy(b, &r->policies.v[i]);
	}
	buf_puts(b, "]}\n");
}
