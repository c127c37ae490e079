/* weir check: what a program becomes in the forms of eBPF that bpf(2) loads. */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"

static const char *const names[] = { "ebpf", "ebpf-xdp", "ebpf-tc" };

/* What became of a program in a form. */
struct form {
	size_t insns; /* 0: there is none */
	char why[200];
};

static void keep_reason(void *ctx, const struct weir_diag *diag)
{
	struct form *f = ctx;

	snprintf(f->why, sizeof f->why, "%s", diag->message);
}

/* Convert P to the form called NAME; 0 or -errno. */
static int convert(const struct weir_program *p, const char *name, struct form *out)
{
	struct weir_ebpf_options o = { .size = sizeof o, .diag = keep_reason, .ctx = out };
	struct weir_ebpf *e;
	int err;

	*out = (struct form){ 0 };
	weir_ebpf_form(name, &o.form);
	err = weir_ebpf_new(&e, p, &o);
	if (err)
		return err == -ENOTSUP ? 0 : err;
	weir_ebpf_insns(e, &out->insns);
	weir_ebpf_free(e);
	return 0;
}

bool check_forms_text(struct buf *out, const struct weir_program *p)
{
	struct form f;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char title[16];

		snprintf(title, sizeof title, "as %s", names[i]);
		if (convert(p, names[i], &f))
			return false;
		if (f.insns)
			buf_printf(out, "%-14s %zu eBPF instructions\n", title, f.insns);
		else
			buf_printf(out, "%-14s refused: %s\n", title, f.why);
	}
	return true;
}

bool check_forms_json(struct json_writer *w, const struct weir_program *p)
{
	struct form f;
	bool all = true;

	json_begin_object(w, "forms", JSON_PACKED);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		all = !convert(p, names[i], &f);
		if (!all)
			break;
		json_begin_object(w, names[i], JSON_PACKED);
		if (f.insns)
			json_put_unsigned(w, "instructions", f.insns);
		else
			json_put_string(w, "refused", f.why);
		json_end(w);
	}
	json_end(w);
	return all;
}
