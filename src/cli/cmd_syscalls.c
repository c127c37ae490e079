/*
 * weir syscalls: numbers, arguments and first kernels of system calls, and the
 * values of constants, per ABI.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

enum {
	WIDTH = 78,
	INDENT = 2
};

/* A call with its arguments. */
struct call {
	struct weir_syscall is;
	struct weir_syscall_arg arg[6];
};

/* A call of one ABI. */
struct found {
	const char *abi;
	struct call call;
	bool shown;
};

/* A constant as one ABI has it. */
struct value {
	const char *abi, *text;
	uint64_t bits;
	bool there, negative, shown;
};

struct lookup {
	jmp_buf oom;
	struct arena arena;
	const struct cli *cli;
	ARRAY(const char *) abis; /* that -a names; none: no -a */
	struct buf out;
	unsigned column, indent; /* of the line of OUT that is being wrapped */
	struct json_writer json; /* into OUT */
	int status;
};

/* --- ABIs ---------------------------------------------------------------------- */

static const char *find_abi(struct lookup *l, const char *name, size_t len)
{
	const char *abi, *near;

	for (unsigned i = 0; (abi = weir_abi_name(i)); i++)
		if (strlen(abi) == len && !memcmp(abi, name, len))
			return abi;
	name = arena_strndup(&l->arena, name, len);
	near = weir_abi_near(name);
	cli_error("unknown ABI '%s'%s%s%s", name,
	          near ? "; did you mean '" : "", near ? near : "",
	          near ? "'?" : "");
	return NULL;
}

static bool read_abis(struct lookup *l)
{
	const char *list = l->cli->o.policy.abis;

	while (list && *list) {
		size_t len = strcspn(list, ",");
		const char *abi = find_abi(l, list, len);

		if (!abi)
			return false;
		array_push(&l->arena, &l->abis, abi);
		list += len + (list[len] == ',');
	}
	return true;
}

/*
 * Return ABI I of those to look at, NULL after the last: those of -a, else all
 * if ALL, else the native one.
 */
static const char *abi_at(const struct lookup *l, unsigned i, bool all)
{
	if (l->abis.n)
		return i < l->abis.n ? l->abis.v[i] : NULL;
	if (all)
		return weir_abi_name(i);
	return i ? NULL : weir_native_abi();
}

static bool have_native(const struct lookup *l)
{
	if (l->abis.n || weir_native_abi())
		return true;
	cli_error("the ABI of this machine is not known; name one with -a");
	return false;
}

/* --- text, wrapped --------------------------------------------------------------- */

static void start_line(struct lookup *l, unsigned indent)
{
	buf_printf(&l->out, "%*s", (int)indent, "");
	l->indent = indent;
	l->column = indent;
}

/* Write TEXT as the next item of a list, after BETWEEN unless it is the first. */
static void put_item(struct lookup *l, const char *between, const char *text)
{
	if (l->column == l->indent)
		between = "";
	buf_puts(&l->out, between);
	l->column += (unsigned)strlen(between);
	if (l->column > l->indent && l->column + 1 + strlen(text) > WIDTH) {
		buf_putc(&l->out, '\n');
		start_line(l, l->indent);
	} else if (l->column > l->indent) {
		buf_putc(&l->out, ' ');
		l->column++;
	}
	buf_puts(&l->out, text);
	l->column += (unsigned)strlen(text);
}

static const char *number_text(struct lookup *l, uint32_t nr)
{
	struct buf out = { .arena = &l->arena };

	buf_printf(&out, nr > 0xffff ? "0x%" PRIx32 : "%" PRIu32, nr);
	return buf_str(&out);
}

/* --- calls ------------------------------------------------------------------------ */

static bool same_arg(const struct weir_syscall_arg *a, const struct weir_syscall_arg *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->type, b->type) &&
	       (a->is_pointer || a->bits == b->bits) && a->is_signed == b->is_signed &&
	       a->word == b->word && a->high_word == b->high_word;
}

/* Tell whether A and B are called in the same way. */
static bool same_prototype(const struct call *a, const struct call *b)
{
	bool same = a->is.known == b->is.known && a->is.nargs == b->is.nargs &&
	            !strcmp(a->is.name, b->is.name);

	for (unsigned i = 0; same && i < a->is.nargs; i++)
		same = same_arg(&a->arg[i], &b->arg[i]);
	return same;
}

/* Write a prototype, such as "(int fd, char *buf)". */
static void put_prototype(struct buf *out, const struct call *call)
{
	buf_putc(out, '(');
	for (unsigned i = 0; i < call->is.nargs; i++) {
		const char *type = call->arg[i].type;
		bool star = type[strlen(type) - 1] == '*';

		buf_printf(out, "%s%s%s%s", i ? ", " : "", type, star ? "" : " ",
		           call->arg[i].name);
	}
	buf_puts(out, call->is.known ? call->is.nargs ? ")" : "void)" : "...)");
}

static const char *words_text(struct lookup *l, const struct weir_syscall_arg *arg)
{
	struct buf out = { .arena = &l->arena };

	buf_printf(&out, "args[%d]", arg->word);
	if (arg->high_word >= 0)
		buf_printf(&out, ", high args[%d]", arg->high_word);
	return buf_str(&out);
}

static void put_args(struct lookup *l, const struct call *call)
{
	int names = 0, words = 0;

	for (unsigned i = 0; i < call->is.nargs; i++) {
		int name = (int)strlen(call->arg[i].name);
		int word = (int)strlen(words_text(l, &call->arg[i]));

		names = name > names ? name : names;
		words = word > words ? word : words;
	}
	for (unsigned i = 0; i < call->is.nargs; i++) {
		const struct weir_syscall_arg *arg = &call->arg[i];

		buf_printf(&l->out, "%*s%-*s  %-*s  ", INDENT, "", names, arg->name,
		           words, words_text(l, arg));
		if (arg->is_pointer)
			buf_puts(&l->out, "pointer");
		else
			buf_printf(&l->out, "%u bits%s", arg->bits,
			           arg->is_signed ? ", signed" : "");
		if (arg->other_name)
			buf_printf(&l->out, "; '%s', too", arg->other_name);
		buf_putc(&l->out, '\n');
	}
}

/* Look up the arguments of CALL on ABI. */
static void add_args(const char *abi, struct call *call)
{
	for (unsigned i = 0; i < call->is.nargs && i < ARRAY_LEN(call->arg); i++) {
		call->arg[i].size = sizeof call->arg[i];
		weir_syscall_arg(abi, call->is.nr, i, &call->arg[i]);
	}
}

static const char *kernel_text(struct lookup *l, const struct call *call)
{
	struct buf out = { .arena = &l->arena };

	if (!call->is.major && !call->is.minor)
		return NULL;
	buf_printf(&out, "%u.%u", call->is.major, call->is.minor);
	return buf_str(&out);
}

static bool same_kernel(const struct call *a, const struct call *b)
{
	return a->is.major == b->is.major && a->is.minor == b->is.minor;
}

/* Count, in the group of F[AT], the calls whose first kernel is that of F[I]. */
static unsigned count_kernel(const struct found *f, unsigned n, unsigned at, unsigned i)
{
	unsigned count = 0;

	for (unsigned k = at; k < n; k++)
		count += same_prototype(&f[k].call, &f[at].call) &&
		         same_kernel(&f[k].call, &f[i].call);
	return count;
}

/* Write "4.3 on i386, m68k" for those in the group of F[AT] that are like F[I]. */
static void put_kernel(struct lookup *l, const struct found *f, unsigned n, unsigned at,
                       unsigned i)
{
	const char *since = kernel_text(l, &f[i].call);
	bool first = true;

	for (unsigned k = at; k < n; k++) {
		struct buf item = { .arena = &l->arena };

		if (!same_prototype(&f[k].call, &f[at].call) ||
		    !same_kernel(&f[k].call, &f[i].call))
			continue;
		if (k < i)
			return; /* it was put then */
		if (first)
			buf_printf(&item, "%s on ", since ? since : "earlier");
		buf_puts(&item, f[k].abi);
		put_item(l, first ? ";" : ",", buf_str(&item));
		first = false;
	}
}

/*
 * Write "since Linux 2.0; 4.3 on i386, m68k" for those that are called like
 * F[AT].
 */
static void put_kernels(struct lookup *l, const struct found *f, unsigned n, unsigned at)
{
	struct buf most = { .arena = &l->arena };
	unsigned usual = at;

	for (unsigned i = at + 1; i < n; i++)
		if (same_prototype(&f[i].call, &f[at].call) &&
		    count_kernel(f, n, at, i) > count_kernel(f, n, at, usual))
			usual = i;
	if (kernel_text(l, &f[usual].call))
		buf_printf(&most, "since Linux %s", kernel_text(l, &f[usual].call));
	else
		buf_puts(&most, "since some old Linux");
	start_line(l, INDENT);
	put_item(l, "", buf_str(&most));
	for (unsigned i = at; i < n; i++)
		if (same_prototype(&f[i].call, &f[at].call) &&
		    !same_kernel(&f[i].call, &f[usual].call))
			put_kernel(l, f, n, at, i);
	buf_putc(&l->out, '\n');
}

/* Write F[AT] of the N at F together with those that are called in the same way. */
static void put_group(struct lookup *l, struct found *f, unsigned n, unsigned at)
{
	const struct call *call = &f[at].call;

	if (l->out.len)
		buf_putc(&l->out, '\n');
	buf_puts(&l->out, call->is.name);
	put_prototype(&l->out, call);
	buf_putc(&l->out, '\n');
	start_line(l, INDENT);
	for (unsigned i = at; i < n; i++) {
		struct buf item = { .arena = &l->arena };

		if (!same_prototype(&f[i].call, call))
			continue;
		f[i].shown = true;
		buf_printf(&item, "%s %s", f[i].abi, number_text(l, f[i].call.is.nr));
		put_item(l, ",", buf_str(&item));
	}
	buf_putc(&l->out, '\n');
	put_kernels(l, f, n, at);
	put_args(l, call);
}

/* --- JSON --------------------------------------------------------------------------- */

static void begin_object(struct lookup *l, const char *abi)
{
	json_begin_object(&l->json, NULL, JSON_PACKED);
	json_put_string(&l->json, "abi", abi);
}

static void put_arg_json(struct json_writer *w, const struct weir_syscall_arg *arg)
{
	json_begin_object(w, NULL, JSON_PACKED);
	json_put_signed(w, "word", arg->word);
	if (arg->high_word >= 0)
		json_put_signed(w, "high_word", arg->high_word);
	else
		json_put_null(w, "high_word");
	json_put_string(w, "name", arg->name);
	json_put_string(w, "other_name", arg->other_name);
	json_put_string(w, "type", arg->type);
	json_put_unsigned(w, "bits", arg->bits);
	json_put_bool(w, "signed", arg->is_signed);
	json_put_bool(w, "pointer", arg->is_pointer);
	json_end(w);
}

static void put_call_json(struct lookup *l, const char *abi, const struct call *call)
{
	struct json_writer *w = &l->json;

	begin_object(l, abi);
	json_put_unsigned(w, "nr", call->is.nr);
	json_put_string(w, "name", call->is.name);
	json_put_string(w, "kernel", kernel_text(l, call));
	if (call->is.known) {
		json_begin_array(w, "args", JSON_PACKED);
		for (unsigned i = 0; i < call->is.nargs; i++)
			put_arg_json(w, &call->arg[i]);
		json_end(w);
	} else {
		json_put_null(w, "args");
	}
	json_end(w);
}

static void put_constant_json(struct lookup *l, const char *name, const struct value *v)
{
	begin_object(l, v->abi);
	json_put_string(&l->json, "constant", name);
	if (v->negative)
		json_put_signed(&l->json, "value", (int64_t)v->bits);
	else
		json_put_unsigned(&l->json, "value", v->bits);
	json_end(&l->json);
}

/* --- what was asked for -------------------------------------------------------------- */

static void put_found(struct lookup *l, struct found *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (l->cli->o.json)
			put_call_json(l, f[i].abi, &f[i].call);
		else if (!f[i].shown)
			put_group(l, f, n, i);
	}
}

/*
 * Look up calls by NAME, or by number NR if that is NULL; false if there are
 * none.
 */
static bool look_up(struct lookup *l, const char *name, uint32_t nr)
{
	ARRAY(struct found) found = { 0 };
	const char *abi;

	for (unsigned i = 0; (abi = abi_at(l, i, name != NULL)); i++) {
		struct found one = { .abi = abi, .call.is.size = sizeof one.call.is };
		int err = name ? weir_syscall_by_name(abi, name, &one.call.is)
		               : weir_syscall_by_nr(abi, nr, &one.call.is);

		add_args(abi, &one.call);
		if (!err)
			array_push(&l->arena, &found, one);
		else if (!name)
			cli_error("%s has no system call %s", abi, number_text(l, nr));
		if (err && !name)
			l->status = EXIT_NO;
	}
	put_found(l, found.v, found.n);
	return found.n;
}

static const char *value_text(struct lookup *l, uint64_t value, bool negative)
{
	struct buf out = { .arena = &l->arena };

	if (negative)
		buf_printf(&out, "%" PRId64, (int64_t)value);
	else
		buf_printf(&out, "%" PRIu64, value);
	return buf_str(&out);
}

static void put_value(struct lookup *l, struct value *v, unsigned n, unsigned at)
{
	if (v[at].there) {
		buf_printf(&l->out, "%*s%s", INDENT, "", v[at].text);
		if (!v[at].negative && v[at].bits > 9)
			buf_printf(&l->out, " = 0x%" PRIx64, v[at].bits);
		buf_putc(&l->out, '\n');
	} else {
		buf_printf(&l->out, "%*snot there\n", INDENT, "");
	}
	start_line(l, 2 * INDENT);
	for (unsigned i = at; i < n; i++) {
		if (v[i].there != v[at].there ||
		    (v[i].there && strcmp(v[i].text, v[at].text)))
			continue;
		v[i].shown = true;
		put_item(l, ",", v[i].abi);
	}
	buf_putc(&l->out, '\n');
}

static bool look_up_constant(struct lookup *l, const char *name)
{
	ARRAY(struct value) values = { 0 };
	bool found = false;
	const char *abi;

	for (unsigned i = 0; (abi = abi_at(l, i, true)); i++) {
		struct value one = { .abi = abi };

		one.there = !weir_constant(abi, name, &one.bits, &one.negative);
		one.text = value_text(l, one.bits, one.negative);
		found |= one.there;
		array_push(&l->arena, &values, one);
	}
	if (!found)
		return false;
	if (!l->cli->o.json)
		buf_printf(&l->out, "%s%s\n", l->out.len ? "\n" : "", name);
	for (unsigned i = 0; i < values.n; i++) {
		if (!l->cli->o.json) {
			if (!values.v[i].shown)
				put_value(l, values.v, values.n, i);
		} else if (values.v[i].there) {
			put_constant_json(l, name, &values.v[i]);
		}
	}
	return true;
}

/* --- misses ----------------------------------------------------------------------------- */

static bool looks_constant(const char *name)
{
	for (; *name; name++)
		if (islower((unsigned char)*name))
			return false;
	return true;
}

static void offer_calls(struct suggest *s)
{
	struct weir_syscall call = { .size = sizeof call };
	const char *abi;

	for (unsigned i = 0; (abi = weir_abi_name(i)); i++)
		for (unsigned k = 0; !weir_syscall(abi, k, &call); k++)
			suggest_offer(s, call.name);
}

/* Complain that NAME is unknown on the ABIs that were asked about. */
static void miss(struct lookup *l, const char *name)
{
	const char *abi, *here, *what = looks_constant(name) ? "constant" : "system call";
	bool negative, is_call;
	struct suggest s;
	uint64_t value;

	l->status = EXIT_NO;
	for (unsigned i = 0; (abi = weir_abi_name(i)); i++) {
		is_call = weir_syscall_number(abi, name) >= 0;
		if (!is_call && weir_constant(abi, name, &value, &negative))
			continue;
		cli_error("'%s' is not a %s of %s, but of %s", name,
		          is_call ? "system call" : "constant", l->cli->o.policy.abis, abi);
		return;
	}
	suggest_start(&s, name, strlen(name));
	if (looks_constant(name))
		for (unsigned i = 0; (here = weir_constant_name(i)); i++)
			suggest_offer(&s, here);
	else
		offer_calls(&s);
	here = suggest_best(&s);
	cli_error("unknown %s '%s'%s%s%s", what, name, here ? "; did you mean '" : "",
	          here ? here : "", here ? "'?" : "");
}

/* Read WORD as the number of a call; false after a message. */
static bool read_number(const char *word, uint32_t *nr)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(word, &end, 0);
	if (!*end && !errno && value <= UINT32_MAX) {
		*nr = (uint32_t)value;
		return true;
	}
	cli_error("expected a number of a system call, found '%s'", word);
	return false;
}

static void look_up_word(struct lookup *l, const char *word)
{
	uint32_t nr;

	if (!isdigit((unsigned char)*word)) {
		if (!look_up(l, word, 0) && !look_up_constant(l, word))
			miss(l, word);
		return;
	}
	if (!have_native(l) || !read_number(word, &nr))
		l->status = EXIT_USAGE;
	else
		look_up(l, NULL, nr);
}

/* --- the list --------------------------------------------------------------------------- */

static void list_abi(struct lookup *l, const char *abi)
{
	struct call call = { .is.size = sizeof call.is };

	if (!l->cli->o.json && l->abis.n > 1)
		buf_printf(&l->out, "%s%s:\n", l->out.len ? "\n" : "", abi);
	for (unsigned i = 0; !weir_syscall(abi, i, &call.is); i++) {
		const char *since = kernel_text(l, &call);

		add_args(abi, &call);
		if (l->cli->o.json) {
			put_call_json(l, abi, &call);
			continue;
		}
		buf_printf(&l->out, "%-10s %-5s %s", number_text(l, call.is.nr),
		           since ? since : "-", call.is.name);
		put_prototype(&l->out, &call);
		buf_putc(&l->out, '\n');
	}
}

static int list_all(struct lookup *l)
{
	const char *abi;

	if (!have_native(l))
		return EXIT_USAGE;
	for (unsigned i = 0; (abi = abi_at(l, i, false)); i++)
		list_abi(l, abi);
	return EXIT_DONE;
}

static int run(struct lookup *l)
{
	const struct cli *c = l->cli;
	int written;

	if (!read_abis(l))
		return EXIT_USAGE;
	if (c->o.json)
		json_begin_array(&l->json, NULL, JSON_LINES);
	if (c->o.list)
		l->status = list_all(l);
	for (size_t i = 0; i < c->nwords; i++)
		look_up_word(l, c->words[i]);
	if (c->o.json) {
		json_end(&l->json);
		buf_putc(&l->out, '\n');
	}
	written = cli_write(c, buf_str(&l->out), l->out.len);
	return written == EXIT_DONE ? l->status : written;
}

int cmd_syscalls(struct cli *c)
{
	struct lookup *l;
	int status;

	if (c->o.list == (c->nwords != 0)) {
		cli_error(c->o.list ? "--list and names are mutually exclusive"
		                    : "expected a name, a number or --list");
		cli_hint("'weir syscalls openat', 'weir syscalls 257 -a x86_64', or "
		         "'weir syscalls --list'");
		return EXIT_USAGE;
	}
	l = calloc(1, sizeof *l);
	if (!l || setjmp(l->oom)) {
		cli_error("out of memory");
		status = EXIT_USAGE;
	} else {
		l->cli = c;
		l->arena.oom = &l->oom;
		l->out.arena = &l->arena;
		l->json.out = &l->out;
		status = run(l);
	}
	if (l)
		arena_free(&l->arena);
	free(l);
	return status;
}
