/* The audit of weir check: what a hostile program can still do under a filter. */
#include "config.h"

#include <string.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"

/* The risks from the worst on. */
static const enum weir_risk order[] = { WEIR_RISK_HIGH, WEIR_RISK_MEDIUM, WEIR_RISK_LOW };

bool audit_read_limit(const char *name, enum weir_risk *out)
{
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (strcmp(name, weir_risk_name(order[i])) == 0) {
			*out = order[i];
			return true;
		}
	cli_error("--fail-on takes low, medium or high, not '%s'", name);
	return false;
}

int audit_start(struct cli *c, const struct weir_program *p, struct audit *a)
{
	c->o.reading.name = "program";
	*a = (struct audit){ .program = p };
	return weir_policy_lift(&a->policy, p, &c->o.reading);
}

void audit_end(struct audit *a)
{
	weir_policy_free(a->policy);
	a->policy = NULL;
}

/* Findings as they are written. */
struct writing {
	struct audit *audit;
	enum weir_risk risk; /* only these */
	struct buf *text;
	struct json_writer *json; /* NULL: as text */
};

static void put_json(struct json_writer *w, const struct weir_finding *f)
{
	json_begin_object(w, NULL, JSON_PACKED);
	json_put_string(w, "risk", weir_risk_name(f->risk));
	json_put_string(w, "class", f->class_name);
	json_put_string(w, "abi", f->abi);
	json_put_string(w, "call", f->call);
	json_put_unsigned(w, "nr", f->nr);
	json_put_string(w, "example", f->example);
	json_put_string(w, "text", f->text);
	json_end(w);
}

static void take_finding(void *ctx, const struct weir_finding *f)
{
	struct writing *w = ctx;

	if (f->risk != w->risk)
		return;
	if (!w->audit->n++) /* the worst come first */
		w->audit->worst = f->risk;
	if (w->json)
		put_json(w->json, f);
	else
		buf_printf(w->text, "  %-7s %-11s %s %s: %s\n", weir_risk_name(f->risk),
		           f->class_name, f->abi, f->example, f->text);
}

static bool put_findings(struct writing *w)
{
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		w->risk = order[i];
		if (weir_policy_audit(w->audit->policy, w->audit->program, take_finding, w))
			return false;
	}
	return true;
}

bool audit_put_text(struct buf *out, struct audit *a)
{
	struct buf rows = { .arena = out->arena };
	struct writing w = { .audit = a, .text = &rows };

	if (!put_findings(&w))
		return false;
	buf_printf(out, "%-14s %zu finding%s\n", "audit", a->n, a->n == 1 ? "" : "s");
	buf_write(out, rows.s, rows.len);
	return true;
}

bool audit_put_json(struct json_writer *json, struct audit *a)
{
	struct writing w = { .audit = a, .json = json };
	bool ok;

	json_begin_array(json, "audit", JSON_PACKED);
	ok = put_findings(&w);
	json_end(json);
	return ok;
}
