/* The public library, eBPF: what a classic program becomes, in one form or another. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/json.h"
#include "ebpf/ebpf.h"

/* In one block: what it points to comes after it. */
struct weir_ebpf {
	enum cbpf_use use;
	enum weir_ebpf_form form;
	bool big_endian;
	struct ebpf_code code; /* of which INSNS, RELOCS, STACK and the sets are used */
	struct api_sets names;
	struct ebpf_set sets[IR_NSETS];
	struct weir_ebpf_insn insns[];
};

void weir_ebpf_free(struct weir_ebpf *e)
{
	free(e);
}

/* --- the target --------------------------------------------------------------------- */

/* Tell whether WORD is NAME "=" and a number up to MOST; set *N to it. */
static bool is_setting(const char *word, size_t len, const char *name, uint64_t most, uint64_t *n)
{
	size_t head = strlen(name);

	return len > head + 1 && !memcmp(word, name, head) && word[head] == '=' &&
	       read_digits(word + head + 1, len - head - 1, 10, n) && *n <= most;
}

/* Read "vlan=6.2", which means the form of that Linux; it changed in 6.3. */
static bool read_vlan(const char *word, size_t len, struct ebpf_target *t)
{
	static const char name[] = "vlan=";
	size_t head = sizeof name - 1;
	const char *dot = len > head ? memchr(word, '.', len) : NULL;
	uint64_t major, minor;

	if (!dot || memcmp(word, name, head) ||
	    !read_digits(word + head, (size_t)(dot - word) - head, 10, &major) ||
	    !read_digits(dot + 1, len - (size_t)(dot + 1 - word), 10, &minor))
		return false;
	t->old_vlan = major < 6 || (major == 6 && minor < 3);
	return true;
}

static bool is_word_of(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(word, name, len);
}

/* Put the LEN bytes of a word of the target into T; false: there is no such word. */
static bool read_word(const char *word, size_t len, struct ebpf_target *t)
{
	uint64_t n;

	if (is_word_of(word, len, "le") || is_word_of(word, len, "be"))
		t->big_endian = *word == 'b';
	else if (is_word_of(word, len, "strict"))
		t->strict = true;
	else if (is_setting(word, len, "pad", 2, &n) && n != 1)
		t->ip_align = (uint8_t)n;
	else if (is_setting(word, len, "pointer", 8, &n) && (n == 4 || n == 8))
		t->pointer32 = n == 4;
	else
		return read_vlan(word, len, t);
	return true;
}

static bool read_target(struct diags *d, const char *text, struct ebpf_target *t)
{
	while (text) {
		size_t len = strcspn(text, ",");

		if (!read_word(text, len, t)) {
			diag_plain(d, DIAG_ERROR, "unknown target '%.*s': expected le, be, strict, "
			                          "pad=0 or pad=2, pointer=4 or pointer=8, "
			                          "vlan=X.Y",
			           (int)len, text);
			return false;
		}
		text = text[len] ? text + len + 1 : NULL;
	}
	return true;
}

/* --- making ---------------------------------------------------------------------------- */

/* Set P to the instructions of PROGRAM. */
static void classic_of(const struct weir_program *program, struct cbpf_program *p)
{
	size_t n;

	p->insns = weir_program_insns(program, &n);
	p->n = (uint32_t)n;
	p->use = weir_program_kind(program) == WEIR_SECCOMP ? CBPF_SECCOMP : CBPF_SOCKET;
}

/* Tell whether P asks about none but the first N open sets; it may be from anywhere. */
static bool asks_known_sets(const struct cbpf_program *p, uint32_t n)
{
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t which = p->insns[i].k - CBPF_ANCILLARY;

		if (p->insns[i].code == CBPF_LD_W_ABS && p->insns[i].k >= CBPF_ANCILLARY &&
		    cbpf_is_set(which) && which - CBPF_SETS >= n)
			return false;
	}
	return true;
}

/*
 * Convert P to FORM; false with E. First, that Linux accepts P: all that it asks for the
 * kernel's form, else in whatever length.
 */
static bool converts(const struct cbpf_program *p, enum weir_ebpf_form form,
                     const struct ebpf_target *t, struct ebpf_code *code, struct ebpf_error *e)
{
	bool kernel = form == WEIR_EBPF_KERNEL;
	struct cbpf_verdict v;
	unsigned flags;

	e->at = 0;
	if (!kernel && p->use == CBPF_SECCOMP) {
		strcpy(e->reason, "bpf(2) loads no seccomp filters: they have a kernel form only");
		return false;
	}
	flags = kernel ? 0 : CBPF_ANY_LENGTH;
	if (form == WEIR_EBPF_XDP || form == WEIR_EBPF_TC)
		flags |= CBPF_OPEN_SETS;
	if (!asks_known_sets(p, code->nsets)) {
		strcpy(e->reason, "unknown open set");
		return false;
	}
	if (!cbpf_check(code->arena, p->insns, p->n, p->use, flags, &v) &&
	    v.gate != CBPF_BAD_CONVERT) {
		e->at = v.at;
		strcpy(e->reason, v.reason);
		return false;
	}
	switch (form) {
	case WEIR_EBPF_KERNEL:
		return ebpf_kernel(p, t, code, e);
	case WEIR_EBPF_LOADABLE:
		return ebpf_loadable(p, code, e);
	case WEIR_EBPF_XDP:
		return ebpf_direct(p, EBPF_XDP, t->big_endian, code, e);
	case WEIR_EBPF_TC:
		return ebpf_direct(p, EBPF_TC, t->big_endian, code, e);
	case WEIR_EBPF_REUSEPORT:
		return ebpf_direct(p, EBPF_REUSEPORT, t->big_endian, code, e);
	}
	assert(!"a form");
	return false;
}

struct convert {
	struct job job; /* first */
	struct cbpf_program program;
	enum weir_ebpf_form form;
	const char *target;
	const struct api_sets *sets;
	bool counts;
	struct weir_ebpf **out;
};

_Static_assert((int)EBPF_SET_VLAN == (int)WEIR_SET_VLAN, "the kinds of sets are those of weir.h");

/* Let CODE have the sets in NAMES, which outlive it, as does OUT. */
static void set_sets(struct ebpf_code *code, const struct api_sets *names, struct ebpf_set *out)
{
	for (unsigned i = 0; i < names->n; i++)
		out[i] = (struct ebpf_set){
			names->v[i].name,
			(enum ebpf_set_kind)names->v[i].kind,
			names->v[i].capacity,
		};
	code->sets = out;
	code->nsets = names->n;
}

static size_t rounded(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

/* Give the caller a block with all of CODE. */
static int give(struct convert *x, const struct ebpf_code *code, const struct ebpf_target *t)
{
	uint32_t n = code->insns.n;
	size_t insns = rounded(n * sizeof *code->insns.v);
	size_t relocs = code->relocs.n * sizeof *code->relocs.v;
	size_t head = rounded(sizeof(struct weir_ebpf) + n * sizeof(struct weir_ebpf_insn));
	struct weir_ebpf *e = malloc(head + insns + relocs);
	char *at = (char *)e + head;

	if (!e)
		return -ENOMEM;
	*e = (struct weir_ebpf){ .use = x->program.use, .form = x->form, .big_endian = t->big_endian };
	e->code.stack = code->stack;
	e->names = *x->sets;
	set_sets(&e->code, &e->names, e->sets);
	e->code.insns.v = memcpy(at, code->insns.v, n * sizeof *code->insns.v);
	e->code.insns.n = n;
	e->code.relocs.v = (struct ebpf_reloc *)(at + insns);
	e->code.relocs.n = code->relocs.n;
	if (relocs)
		memcpy(e->code.relocs.v, code->relocs.v, relocs);
	for (uint32_t i = 0; i < n; i++) {
		const struct ebpf_insn *f = &code->insns.v[i];

		e->insns[i] = (struct weir_ebpf_insn){ f->code, f->dst, f->src, f->off, f->imm };
	}
	*x->out = e;
	return 0;
}

static int convert(struct job *j)
{
	struct convert *x = (struct convert *)j;
	struct ebpf_target target = { 0 };
	struct ebpf_code code = { .arena = &j->arena, .counts = x->counts };
	struct ebpf_set sets[IR_NSETS];
	struct ebpf_error error;

	set_sets(&code, x->sets, sets);
	if (!read_target(&j->diags, x->target, &target))
		return -EINVAL;
	if (converts(&x->program, x->form, &target, &code, &error))
		return give(x, &code, &target);
	diag_plain(&j->diags, DIAG_ERROR, "instruction %u: %s", error.at, error.reason);
	return -ENOTSUP;
}

int weir_ebpf_new(struct weir_ebpf **out, const struct weir_program *p,
                  const struct weir_ebpf_options *options)
{
	struct weir_ebpf_options o;
	int err = api_take(&o, sizeof o, options);
	struct convert x = {
		.job = { .body = convert },
		.form = o.form,
		.target = o.target,
		.sets = api_sets(p),
		.counts = o.count,
		.out = out,
	};

	*out = NULL;
	if (err)
		return err;
	classic_of(p, &x.program);
	api_listen(&x.job, o.diag, o.ctx, false);
	return api_run(&x.job);
}

/* --- asking ---------------------------------------------------------------------------- */

const struct weir_ebpf_insn *weir_ebpf_insns(const struct weir_ebpf *e, size_t *n)
{
	*n = e->code.insns.n;
	return e->insns;
}

unsigned weir_ebpf_stack(const struct weir_ebpf *e)
{
	return e->code.stack;
}

int weir_ebpf_reloc(const struct weir_ebpf *e, unsigned i, struct weir_ebpf_reloc *out)
{
	struct weir_ebpf_reloc one = { .size = sizeof one };

	if (i >= e->code.relocs.n)
		return -ENOENT;
	one.insn = e->code.relocs.v[i].insn;
	one.is_imm = e->code.relocs.v[i].is_imm;
	one.symbol = e->code.relocs.v[i].symbol;
	return api_hand(out, &one, sizeof one);
}

int weir_ebpf_set(const struct weir_ebpf *e, unsigned i, struct weir_set *out)
{
	return i < e->names.n ? api_give_set(&e->names.v[i], out) : -ENOENT;
}

/* --- printing ----------------------------------------------------------------------------- */

static void put_insn(struct json_writer *w, const struct ebpf_insn *i)
{
	json_begin_array(w, NULL, JSON_PACKED);
	json_put_unsigned(w, NULL, i->code);
	json_put_unsigned(w, NULL, i->dst);
	json_put_unsigned(w, NULL, i->src);
	json_put_signed(w, NULL, i->off);
	json_put_signed(w, NULL, i->imm);
	json_end(w);
}

static void put_reloc(struct json_writer *w, const struct ebpf_reloc *r)
{
	json_begin_array(w, NULL, JSON_PACKED);
	json_put_unsigned(w, NULL, r->insn);
	json_put_string(w, NULL, r->is_imm ? "imm" : "off");
	json_put_string(w, NULL, r->symbol);
	json_end(w);
}

static void put_json(struct buf *out, const struct weir_ebpf *e)
{
	struct json_writer w = { .out = out };

	json_begin_object(&w, NULL, JSON_PACKED);
	json_put_string(&w, "kind", e->use == CBPF_SECCOMP ? "seccomp" : "socket");
	json_put_unsigned(&w, "stack_depth", e->code.stack);
	json_begin_array(&w, "ebpf", JSON_PACKED);
	array_each(i, &e->code.insns)
		put_insn(&w, i);
	json_end(&w);
	json_begin_array(&w, "relocs", JSON_PACKED);
	array_each(r, &e->code.relocs)
		put_reloc(&w, r);
	json_end(&w);
	json_end(&w);
	buf_putc(out, '\n');
}

struct put_ebpf {
	struct job job; /* first */
	const struct weir_ebpf *ebpf;
	const char *format;
	char **text;
	size_t *len;
};

static int put(struct job *j)
{
	const struct put_ebpf *x = (struct put_ebpf *)j;
	struct buf out = { .arena = &j->arena };

	if (!strcmp(x->format, "listing"))
		ebpf_put_listing(&out, &x->ebpf->code);
	else if (!strcmp(x->format, "json"))
		put_json(&out, x->ebpf);
	else if (x->ebpf->code.relocs.n || x->ebpf->code.nsets) /* what only a kernel can fill in */
		return -EINVAL;
	else if (!strcmp(x->format, "c"))
		ebpf_put_c(&out, &x->ebpf->code);
	else if (!strcmp(x->format, "raw"))
		ebpf_put_raw(&out, &x->ebpf->code, x->ebpf->big_endian);
	else
		return -EINVAL;
	return api_hand_text(&out, x->text, x->len);
}

int weir_ebpf_print(const struct weir_ebpf *e, const char *format, char **text, size_t *len)
{
	struct put_ebpf x = {
		.job = { .body = put },
		.ebpf = e,
		.format = format,
		.text = text,
		.len = len,
	};

	*text = NULL;
	*len = 0;
	return api_run(&x.job);
}

/* --- objects ------------------------------------------------------------------------------ */

struct put_object {
	struct job job; /* first */
	const struct weir_ebpf *ebpf;
	struct weir_ebpf_object how;
	bool types; /* alone */
	char **bytes;
	size_t *len;
};

static int put_object(struct job *j)
{
	const struct put_object *x = (struct put_object *)j;
	const struct weir_ebpf_object *how = &x->how;
	struct ebpf_object o = {
		.type = x->ebpf->form == WEIR_EBPF_XDP ? EBPF_XDP : EBPF_TC,
		.big_endian = x->ebpf->big_endian,
		.link = how->link,
		.section = how->section,
		.verdicts = { how->match, how->other },
		.said = how->said,
	};
	struct buf out = { .arena = &j->arena };

	if (x->types)
		ebpf_put_types(&out, &o);
	else
		ebpf_put_elf(&out, &x->ebpf->code, &o);
	return api_hand_text(&out, x->bytes, x->len);
}

static int give_object(const struct weir_ebpf *e, const struct weir_ebpf_object *how,
                       bool types, char **bytes, size_t *len)
{
	struct put_object x = {
		.job = { .body = put_object },
		.ebpf = e,
		.types = types,
		.bytes = bytes,
		.len = len,
	};
	int err = api_take(&x.how, sizeof x.how, how);

	*bytes = NULL;
	*len = 0;
	if (err)
		return err;
	if ((e->form != WEIR_EBPF_XDP && e->form != WEIR_EBPF_TC) || e->names.n)
		return -EINVAL;
	return api_run(&x.job);
}

int weir_ebpf_elf(const struct weir_ebpf *e, const struct weir_ebpf_object *how, char **bytes,
                  size_t *len)
{
	return give_object(e, how, false, bytes, len);
}

int weir_ebpf_types(const struct weir_ebpf *e, const struct weir_ebpf_object *how, char **bytes,
                    size_t *len)
{
	return give_object(e, how, true, bytes, len);
}

/* --- formats -------------------------------------------------------------------------------- */

/* The formats that a program is listed in, one for each form. */
static const struct {
	const char *format;
	enum weir_ebpf_form form;
} formats[] = {
	{ "ebpf", WEIR_EBPF_LOADABLE },
	{ "ebpf-kernel", WEIR_EBPF_KERNEL },
	{ "ebpf-xdp", WEIR_EBPF_XDP },
	{ "ebpf-tc", WEIR_EBPF_TC },
	{ "elf", WEIR_EBPF_XDP },
};

int weir_ebpf_form(const char *format, enum weir_ebpf_form *form)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (strcmp(formats[i].format, format) == 0) {
			*form = formats[i].form;
			return 0;
		}
	}
	return -ENOENT;
}

bool api_put_ebpf(struct buf *out, const char *format, const struct weir_program *p,
                  const struct weir_show_options *o)
{
	struct ebpf_code code = { .arena = out->arena };
	struct ebpf_set sets[IR_NSETS];
	struct cbpf_program classic;
	struct ebpf_error error;
	enum weir_ebpf_form form;

	set_sets(&code, api_sets(p), sets);

	classic_of(p, &classic);
	if (weir_ebpf_form(format, &form) ||
	    !converts(&classic, form, &(struct ebpf_target){ 0 }, &code, &error))
		return false;
	if (strcmp(format, "elf") == 0)
		ebpf_put_elf(out, &code, &(struct ebpf_object){ .type = EBPF_XDP, .link = true });
	else
		ebpf_put_listing(out, &code);
	return true;
}
