/*
 * systemd's units: SystemCallFilter= and the other settings of a unit from which
 * systemd makes seccomp filters, as version 252 does it. It installs a filter per
 * setting; the kernel takes the strongest answer, and of equally strong ones that
 * of the filter that came last. So rules are made from the last filter to the
 * first, the strongest action first, and a call that SystemCallFilter= refuses
 * by not naming it gets no rule from the others.
 */
#include <string.h>

#include "import/import.h"

/* --- lines ---------------------------------------------------------------- */

/* A part of the text. */
struct word {
	const char *text;
	size_t len;
	struct span at;
};

struct words {
	ARRAY(struct word) v;
};

/* One assignment: key, and the words of its value. */
struct line {
	struct word key;
	bool inverted; /* "~" stands before the words */
	struct words value;
	struct span at;
};

/* A name in a list of calls, and what was last said of it. */
struct member {
	const char *name;
	size_t len;
	struct span at;
	bool in;
	struct rules_written *action; /* NULL: the list's */
	struct member *next;
};

/* One word of a list, in its order. */
struct step {
	struct word word; /* without ":errno" */
	bool removes;
	struct rules_written *action;
};

/* A list of calls that lines have made. */
struct list {
	bool there, allows; /* names what is allowed, or logged */
	bool plain;         /* no word of it has an action of its own */
	ARRAY(struct step) step;
	ARRAY(struct member *) member;
	struct member *slot[512];
	struct span at;
};

/* A setting that is on or off. */
struct option {
	bool on;
	struct span at;
};

struct families {
	bool there, allows;
	bool none; /* which the next list does not add to, but takes the place of */
	struct words v;
	struct span at;
};

struct unit {
	struct importer *im;
	const struct sys_abi *native;
	size_t at;
	bool inside;  /* of some section */
	bool section; /* in one whose settings are for processes */
	bool any;     /* a setting that filters was there */
	struct list filter, log;
	struct rules_written refusal; /* SystemCallErrorNumber= */
	struct option archs_at;
	uint32_t archs;
	struct option realtime, suid, personality, no_exec, tunables, modules, logs,
		clock, devices, hostname, dynamic, namespaces;
	uint32_t retain; /* namespaces that may be made, by their place in the table */
	uint64_t persona;
	struct families families;
	uint64_t shown; /* groups that have a statement */
	uint64_t known, there; /* groups of which is_there() is known; is true */
	bool low;       /* tests on arguments are made for has_low_words() */
};

/* --- groups --------------------------------------------------------------- */

static const struct {
	const char *name, *calls;
} groups[] = {
#define SYSTEMD_GROUP(name, calls) {name, calls},
#include "import/tables/systemd.inc"
};

static bool is_text(const char *text, const struct word *w)
{
	return strlen(text) == w->len && !memcmp(text, w->text, w->len);
}

/* Which group NAME (behind its "@") is; -1 if none. */
static int find_group(const char *name, size_t len)
{
	struct word w = {.text = name, .len = len};

	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (is_text(groups[i].name, &w))
			return (int)i;
	return -1;
}

/* The word at *P, which moves past it; false at the end. */
static bool next_name(const char **p, const char **name, size_t *len)
{
	*p += strspn(*p, " ");
	*name = *p;
	*len = strcspn(*p, " ");
	*p += *len;
	return *len > 0;
}

/* The ABIs of MASK that have call NAME. */
static uint32_t abis_with(uint32_t mask, const char *name, size_t len)
{
	struct sys_call call;
	uint32_t found = 0;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (mask & 1u << i &&
		    (sys_call_by_name(&sys_abis[i], name, len, &call) ||
		     rules_multiplex(&sys_abis[i], name, (uint32_t)len).there))
			found |= 1u << i;
	return found;
}

/* --- lists ---------------------------------------------------------------- */

static struct member *find_member(struct list *l, const char *name, size_t len)
{
	struct member *m = l->slot[hash_bytes(name, len, 0) % ARRAY_LEN(l->slot)];

	while (m && (m->len != len || memcmp(m->name, name, len)))
		m = m->next;
	return m;
}

static void set_member(struct unit *u, struct list *l, const struct step *s,
                       const char *name, size_t len)
{
	struct member *m = find_member(l, name, len), **slot;

	if (!m) {
		slot = &l->slot[hash_bytes(name, len, 0) % ARRAY_LEN(l->slot)];
		m = arena_new(u->im->arena, struct member);
		*m = (struct member){.name = name, .len = len, .next = *slot};
		*slot = m;
		array_push(u->im->arena, &l->member, m);
	}
	m->in = !s->removes;
	m->action = s->action;
	m->at = s->word.at;
}

/* A group to come back to. */
struct stop {
	const char *rest;
};

/* S for all names of group G, with the groups in it. */
static void set_group(struct unit *u, struct list *l, const struct step *s, int g)
{
	ARRAY(const char *) stack = {0};
	const char *rest = groups[g].calls, *name;
	size_t len;

	for (;;) {
		if (!next_name(&rest, &name, &len)) {
			if (!stack.n)
				return;
			rest = stack.v[--stack.n];
		} else if (*name == '@') {
			array_push(u->im->arena, &stack, rest);
			rest = groups[find_group(name + 1, len - 1)].calls;
		} else {
			set_member(u, l, s, name, len);
		}
	}
}

static void unknown_group(struct unit *u, const struct word *w)
{
	struct suggest s;

	suggest_start(&s, w->text + 1, w->len - 1);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		suggest_offer(&s, groups[i].name);
	if (suggest_best(&s))
		diag_error(u->im->diags, w->at,
		           "systemd has no group '%.*s'; did you mean '@%s'?",
		           (int)w->len, w->text, suggest_best(&s));
	else
		diag_error(u->im->diags, w->at, "systemd has no group '%.*s'",
		           (int)w->len, w->text);
}

static void add_step(struct unit *u, struct list *l, struct step s)
{
	int g = s.word.text[0] == '@' ? find_group(s.word.text + 1, s.word.len - 1)
	                              : -1;

	if (s.word.text[0] == '@' && g < 0) {
		unknown_group(u, &s.word);
		return;
	}
	l->plain &= !s.action;
	array_push(u->im->arena, &l->step, s);
	if (g >= 0)
		set_group(u, l, &s, g);
	else
		set_member(u, l, &s, s.word.text, s.word.len);
}

/* The error TEXT says: its name, a number, or "kill"; false after a message. */
static bool parse_errno(struct unit *u, const struct word *w, uint64_t least,
                        struct rules_written *out)
{
	*out = import_action(RULES_ERRNO, 0, w->at);
	if (is_text("kill", w)) {
		out->verb = RULES_KILL;
		return true;
	}
	if (w->len && !import_is_digit(w->text[0])) {
		/* The resolver knows errors. */
		out->name = w->text;
		out->len = (uint32_t)w->len;
		return true;
	}
	if (import_digits(w->text, w->len, 10, &out->data) && out->data >= least &&
	    out->data <= 4095) {
		if (!out->data)
			diag_warning(u->im->diags, DIAG_W_ERRNO_0, w->at,
			             "errno 0 makes the call look successful "
			             "though nothing was done");
		return true;
	}
	diag_error(u->im->diags, w->at, "'%.*s' is neither an error, %u..4095, nor 'kill'",
	           (int)w->len, w->text, (unsigned)least);
	return false;
}

/* A word "name" or "name:errno". */
static bool parse_step(struct unit *u, const struct line *line, struct word w,
                       bool errors, struct step *out)
{
	const char *colon = memchr(w.text, ':', w.len);
	struct word error;

	*out = (struct step){.word = w};
	if (w.text[0] == '~') {
		diag_error(u->im->diags, w.at,
		           "'~' stands before the whole list, not before a name");
		return false;
	}
	if (!colon)
		return true;
	out->word.len = (size_t)(colon - w.text);
	out->word.at.end = out->word.at.start + (uint32_t)out->word.len;
	error = (struct word){.text = colon + 1, .len = w.len - out->word.len - 1,
	                      .at = {w.at.source, out->word.at.end + 1, w.at.end}};
	if (!errors || !line->inverted) {
		diag_error(u->im->diags, error.at,
		           "only a list that refuses ('~') takes errors");
		return false;
	}
	out->action = arena_new(u->im->arena, struct rules_written);
	return out->word.len && parse_errno(u, &error, 0, out->action);
}

/* A line of SystemCallFilter= (ERRORS) or SystemCallLog=. */
static void parse_list(struct unit *u, struct list *l, const struct line *line,
                       bool errors)
{
	static const char standard[] = "@default";
	struct step s;

	if (!line->value.v.n && !line->inverted) {
		*l = (struct list){0};
		return;
	}
	if (!l->there) {
		*l = (struct list){.there = true, .plain = true,
		                   .allows = !line->inverted, .at = line->at};
		if (errors && l->allows)
			add_step(u, l, (struct step){.word = {standard, 8, line->key.at}});
	}
	array_each(w, &line->value.v) {
		if (!parse_step(u, line, *w, errors, &s))
			continue;
		/* A refused call stays in a list of allowed ones, with its error. */
		s.removes = line->inverted == l->allows && !(l->allows && s.action);
		add_step(u, l, s);
	}
}

static void set_filter(struct unit *u, const struct line *line)
{
	parse_list(u, &u->filter, line, true);
}

static void set_log(struct unit *u, const struct line *line)
{
	parse_list(u, &u->log, line, false);
}

/* --- other values --------------------------------------------------------- */

static void wrong_value(struct unit *u, const struct line *line, const char *what)
{
	struct span at = line->value.v.n ? line->value.v.v[0].at : line->key.at;

	if (line->value.v.n > 1)
		at.end = line->value.v.v[line->value.v.n - 1].at.end;
	if (line->inverted)
		at.start--;
	diag_error(u->im->diags, at, "expected %s as the value of '%.*s'", what,
	           (int)line->key.len, line->key.text);
}

/* The only word of LINE's value; NULL after a message that it is not WHAT. */
static const struct word *one_word(struct unit *u, const struct line *line,
                                   const char *what)
{
	if (line->value.v.n == 1 && !line->inverted)
		return &line->value.v.v[0];
	wrong_value(u, line, what);
	return NULL;
}

static bool same_letters(const char *word, const struct word *w)
{
	if (strlen(word) != w->len)
		return false;
	for (size_t i = 0; i < w->len; i++)
		if ((w->text[i] | 0x20) != (word[i] | 0x20))
			return false;
	return true;
}

/* 1 for yes, 0 for no, -1 for neither. */
static int boolean(const struct word *w)
{
	static const char *const yes[] = {"1", "yes", "y", "true", "t", "on"},
				 *const no[] = {"0", "no", "n", "false", "f", "off"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (same_letters(yes[i], w))
			return 1;
		if (same_letters(no[i], w))
			return 0;
	}
	return -1;
}

static void set_option(struct unit *u, struct option *o, const struct line *line)
{
	const struct word *w = one_word(u, line, "'yes' or 'no'");
	int value = w ? boolean(w) : 0;

	if (value < 0)
		wrong_value(u, line, "'yes' or 'no'");
	*o = (struct option){value > 0, line->at};
}

#define DEFINE_OPTION(name)                                                  \
	static void set_##name(struct unit *u, const struct line *line)      \
	{                                                                    \
		set_option(u, &u->name, line);                               \
	}

DEFINE_OPTION(realtime)
DEFINE_OPTION(suid)
DEFINE_OPTION(personality)
DEFINE_OPTION(no_exec)
DEFINE_OPTION(tunables)
DEFINE_OPTION(modules)
DEFINE_OPTION(logs)
DEFINE_OPTION(clock)
DEFINE_OPTION(devices)
DEFINE_OPTION(hostname)
DEFINE_OPTION(dynamic)

static void set_errno(struct unit *u, const struct line *line)
{
	const struct word *w;

	u->refusal = import_action(RULES_KILL, 0, line->at);
	if (!line->value.v.n)
		return;
	w = one_word(u, line, "an error or 'kill'");
	if (w && parse_errno(u, w, 1, &u->refusal))
		u->refusal.at = line->at;
}

/* systemd's names of architectures, where they are not ours. */
static const struct {
	const char *name, *ours;
} arch_names[] = {
	{"x86", "i386"},
	{"x86-64", "x86_64"},
	{"arm64", "aarch64"},
	{"mips-le", "mipsel"},
	{"mips64-le", "mipsel64"},
	{"mips64-n32", "mips64n32"},
	{"mips64-le-n32", "mipsel64n32"},
	{"ppc64-le", "ppc64le"},
	{"x32", "x32"}, {"arm", "arm"}, {"mips", "mips"}, {"mips64", "mips64"},
	{"ppc", "ppc"}, {"ppc64", "ppc64"}, {"riscv64", "riscv64"}, {"s390", "s390"},
	{"s390x", "s390x"}, {"loongarch64", "loongarch64"}, {"parisc", "parisc"},
	{"parisc64", "parisc64"}, {"native", NULL},
};

static bool find_arch(struct unit *u, const struct word *w, uint32_t *mask)
{
	const struct sys_abi *abi;
	struct suggest s;

	suggest_start(&s, w->text, w->len);
	for (size_t i = 0; i < ARRAY_LEN(arch_names); i++) {
		suggest_offer(&s, arch_names[i].name);
		if (!is_text(arch_names[i].name, w))
			continue;
		abi = arch_names[i].ours ? sys_abi(arch_names[i].ours,
		                                      strlen(arch_names[i].ours))
		                         : u->native;
		*mask = abi ? 1u << abi->id : 0;
		return true;
	}
	if (suggest_best(&s))
		diag_error(u->im->diags, w->at,
		           "systemd knows no architecture '%.*s'; did you mean '%s'?",
		           (int)w->len, w->text, suggest_best(&s));
	else
		diag_error(u->im->diags, w->at,
		           "systemd knows no architecture '%.*s'", (int)w->len,
		           w->text);
	return false;
}

static void set_archs(struct unit *u, const struct line *line)
{
	uint32_t mask;

	if (!line->value.v.n) {
		u->archs_at.on = false;
		u->archs = 0;
		return;
	}
	u->archs_at = (struct option){true, line->at};
	array_each(w, &line->value.v)
		if (find_arch(u, w, &mask))
			u->archs |= mask;
}

static void set_persona(struct unit *u, const struct line *line)
{
	const struct word *w = one_word(u, line, "an architecture");
	uint32_t mask;

	if (!w || !find_arch(u, w, &mask))
		return;
	if (mask == 1u << u->native->id)
		u->persona = 0;
	else if (u->native->id == SYS_ABI_X86_64 && mask == 1u << SYS_ABI_I386)
		u->persona = 8;
	else
		diag_error(u->im->diags, w->at, "what '%.*s' is here is not known",
		           (int)w->len, w->text);
}

static const struct {
	const char *name, *flag;
} namespaces[] = {
	{"cgroup", "CLONE_NEWCGROUP"}, {"ipc", "CLONE_NEWIPC"},
	{"net", "CLONE_NEWNET"},       {"mnt", "CLONE_NEWNS"},
	{"pid", "CLONE_NEWPID"},       {"user", "CLONE_NEWUSER"},
	{"uts", "CLONE_NEWUTS"},       {"time", "CLONE_NEWTIME"},
};

enum { ALL_NAMESPACES = (1 << ARRAY_LEN(namespaces)) - 1 };

static void set_namespaces(struct unit *u, const struct line *line)
{
	uint32_t flags = 0;
	int yes = line->value.v.n == 1 && !line->inverted
	                  ? boolean(&line->value.v.v[0])
	                  : -1;

	if (!line->value.v.n || yes >= 0) {
		u->namespaces = (struct option){yes > 0, line->at};
		/* An empty value forgets that there was one. */
		if (!line->value.v.n)
			u->namespaces = (struct option){0};
		u->retain = 0;
		return;
	}
	array_each(w, &line->value.v) {
		size_t i = 0;

		while (i < ARRAY_LEN(namespaces) && !is_text(namespaces[i].name, w))
			i++;
		if (i == ARRAY_LEN(namespaces))
			diag_error(u->im->diags, w->at,
			           "'%.*s' is no kind of namespace (cgroup, ipc, net, "
			           "mnt, pid, user, uts, time)", (int)w->len, w->text);
		else
			flags |= 1u << i;
	}
	/* "no" has let all of them pass before. */
	if (!u->namespaces.on && u->namespaces.at.end)
		u->retain = ALL_NAMESPACES;
	if (!u->namespaces.on && !u->namespaces.at.end)
		u->retain = line->inverted ? ALL_NAMESPACES & ~flags : flags;
	else
		u->retain = line->inverted ? u->retain & ~flags : u->retain | flags;
	u->namespaces = (struct option){true, line->at};
}

static uint64_t family(struct unit *u, const struct word *w)
{
	struct sys_number n = {0};

	sys_constant(u->native, w->text, w->len, &n);
	return n.bits;
}

static void set_families(struct unit *u, const struct line *line)
{
	struct families *f = &u->families;
	struct sys_number n;

	if (!line->value.v.n && !line->inverted) {
		*f = (struct families){0};
		return;
	}
	if (line->value.v.n == 1 && !line->inverted &&
	    is_text("none", &line->value.v.v[0])) {
		*f = (struct families){
			.there = true, .allows = true, .none = true, .at = line->at};
		return;
	}
	if (!f->there || f->none)
		*f = (struct families){.there = true, .allows = !line->inverted};
	f->at = line->at;
	array_each(w, &line->value.v) {
		uint32_t k = 0;

		if (w->len < 4 || memcmp(w->text, "AF_", 3) ||
		    !sys_constant(u->native, w->text, w->len, &n)) {
			diag_error(u->im->diags, w->at,
			           "'%.*s' is no address family (AF_UNIX, AF_INET, ...)",
			           (int)w->len, w->text);
			continue;
		}
		while (k < f->v.v.n && family(u, &f->v.v.v[k]) != n.bits)
			k++;
		if (line->inverted != f->allows) {
			if (k == f->v.v.n)
				array_push(u->im->arena, &f->v.v, *w);
		} else if (k < f->v.v.n) {
			f->v.v.v[k] = f->v.v.v[--f->v.v.n];
		}
	}
}

/* --- reading a unit ------------------------------------------------------- */

static const struct {
	const char *key;
	void (*set)(struct unit *u, const struct line *line);
} keys[] = {
	{"SystemCallFilter", set_filter},
	{"SystemCallErrorNumber", set_errno},
	{"SystemCallArchitectures", set_archs},
	{"SystemCallLog", set_log},
	{"RestrictAddressFamilies", set_families},
	{"RestrictNamespaces", set_namespaces},
	{"RestrictRealtime", set_realtime},
	{"RestrictSUIDSGID", set_suid},
	{"MemoryDenyWriteExecute", set_no_exec},
	{"LockPersonality", set_personality},
	{"Personality", set_persona},
	{"ProtectKernelTunables", set_tunables},
	{"ProtectKernelModules", set_modules},
	{"ProtectKernelLogs", set_logs},
	{"ProtectClock", set_clock},
	{"ProtectHostname", set_hostname},
	{"PrivateDevices", set_devices},
	{"DynamicUser", set_dynamic},
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The end of the line that begins at AT. */
static size_t line_end(const struct unit *u, size_t at)
{
	while (at < u->im->src.len && u->im->src.text[at] != '\n')
		at++;
	return at;
}

/* The first byte from AT on that is no blank. */
static size_t skip_blanks(const struct unit *u, size_t at)
{
	while (at < u->im->src.len && is_blank(u->im->src.text[at]))
		at++;
	return at;
}

static bool is_comment(const struct unit *u, size_t at)
{
	at = skip_blanks(u, at);
	return at < u->im->src.len && strchr("#;", u->im->src.text[at]) &&
	       u->im->src.text[at];
}

/* END is where the text of a line ends: does a backslash there join the next? */
static bool goes_on(const struct unit *u, size_t start, size_t end)
{
	if (end > start && u->im->src.text[end - 1] == '\r')
		end--;
	return end > start && u->im->src.text[end - 1] == '\\';
}

static struct word make_word(const struct unit *u, size_t start, size_t end)
{
	return (struct word){u->im->src.text + start, end - start,
	                     import_span(u->im, start, end)};
}

/* The words of a value that begins at AT, over the lines that it takes. */
static void split_value(struct unit *u, size_t at, struct line *line)
{
	size_t end = line_end(u, at), stop;
	bool more, first = true;

	do {
		more = goes_on(u, at, end);
		stop = end;
		while (stop > at && (is_blank(u->im->src.text[stop - 1]) ||
		                     (more && u->im->src.text[stop - 1] == '\\')))
			stop--;
		while ((at = skip_blanks(u, at)) < stop) {
			size_t start = at;

			if (first && u->im->src.text[at] == '~') {
				line->inverted = true;
				first = false;
				at++;
				continue;
			}
			first = false;
			while (at < stop && !is_blank(u->im->src.text[at]))
				at++;
			array_push(u->im->arena, &line->value.v,
			           make_word(u, start, at));
			line->at.end = (uint32_t)at;
		}
		u->at = end + (end < u->im->src.len);
		/* Comments between the lines of a value do not end it. */
		while (more && u->at < u->im->src.len && is_comment(u, u->at))
			u->at = line_end(u, u->at) + 1;
		if (u->at > u->im->src.len)
			u->at = u->im->src.len;
		at = u->at;
		end = line_end(u, at);
	} while (more && at < u->im->src.len);
}

static void use_line(struct unit *u, const struct line *line)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (!is_text(keys[i].key, &line->key))
			continue;
		array_each(w, &line->value.v)
			if (memchr(w->text, '\\', w->len) ||
			    memchr(w->text, '"', w->len) ||
			    memchr(w->text, '\'', w->len) ||
			    memchr(w->text, '%', w->len) || memchr(w->text, 0, w->len)) {
				diag_error(u->im->diags, w->at,
				           "quotes, '\\' and '%%' are not read here");
				return;
			}
		u->any = true;
		keys[i].set(u, line);
	}
}

/* Other sections have settings of the same names that do other things, if any. */
static bool is_process_section(const struct word *w)
{
	return is_text("Service", w) || is_text("Socket", w) || is_text("Mount", w) ||
	       is_text("Swap", w);
}

static void read_line(struct unit *u)
{
	size_t start = skip_blanks(u, u->at), end = line_end(u, u->at), equals, stop;
	const char *text = u->im->src.text;
	struct line line = {0};
	struct word section;

	if (start == end || is_comment(u, start)) {
		u->at = end + 1;
		return;
	}
	if (text[start] == '[') {
		for (stop = end; stop > start && text[stop - 1] != ']';)
			stop--;
		if (stop == start)
			diag_error(u->im->diags, import_span(u->im, start, start + 1),
			           "expected ']' on this line");
		section = make_word(u, start + 1, stop > start ? stop - 1 : start + 1);
		u->section = is_process_section(&section);
		u->inside = true;
		u->at = end + 1;
		return;
	}
	for (equals = start; equals < end && text[equals] != '=';)
		equals++;
	for (stop = equals; stop > start && is_blank(text[stop - 1]);)
		stop--;
	line.key = make_word(u, start, stop);
	line.at = line.key.at;
	split_value(u, equals + (equals < end), &line);
	if (!u->inside) /* said once: the text is no unit */
		diag_error(u->im->diags, line.at,
		           "expected a section, such as '[Service]', before this line");
	u->inside = true;
	if (equals < end && u->section)
		use_line(u, &line);
	else if (equals == end && u->section)
		diag_error(u->im->diags, line.at, "expected '=' on this line");
}

/* --- rules: calls --------------------------------------------------------- */

/* SystemCallFilter= refuses NAME by not naming it, or with an error of its own. */
static bool is_refused(struct unit *u, const char *name, size_t len)
{
	const struct member *m;

	if (!u->filter.there)
		return false;
	m = find_member(&u->filter, name, len);
	return u->filter.allows ? !m || !m->in || m->action : m && m->in;
}

/* A statement that defines group G and those in it, unless there is one. */
static void show_group(struct unit *u, int g, struct span at);

/* Group G as a name of ours: "@system_service". */
static struct rules_item group_item(struct unit *u, int g, struct span at)
{
	struct rules_item item = {.kind = ITEM_GROUP, .at = at};
	char *name = arena_strndup(u->im->arena, groups[g].name,
	                           strlen(groups[g].name));

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	item.name = name;
	item.len = (uint32_t)strlen(name);
	return item;
}

/* G holds a call of the policy's ABIs. */
static bool is_there(struct unit *u, int g)
{
	struct list l = {0};
	struct step s = {.word = {"", 0, import_span(u->im, 0, 0)}};

	if (u->known & UINT64_C(1) << g)
		return u->there & UINT64_C(1) << g;
	u->known |= UINT64_C(1) << g;
	set_group(u, &l, &s, g);
	array_each(it, &l.member)
		if (abis_with(u->im->abis, (*it)->name, (*it)->len)) {
			u->there |= UINT64_C(1) << g;
			return true;
		}
	return false;
}

static void show_group(struct unit *u, int g, struct span at)
{
	const char *rest = groups[g].calls, *name;
	struct rules_statement *s;
	struct rules_item item = group_item(u, g, at);
	size_t len;

	if (u->shown & UINT64_C(1) << g)
		return;
	u->shown |= UINT64_C(1) << g;
	/* Groups hold groups two deep at most. */
	while (next_name(&rest, &name, &len))
		if (*name == '@')
			show_group(u, find_group(name + 1, len - 1), at);
	s = import_statement(u->im, STATEMENT_GROUP, UINT32_MAX, at);
	s->name = item.name;
	s->len = item.len;
	s->name_at = at;
	for (rest = groups[g].calls; next_name(&rest, &name, &len);) {
		int inner = *name == '@' ? find_group(name + 1, len - 1) : -1;

		if (inner >= 0 && is_there(u, inner)) {
			item = group_item(u, inner, at);
			array_push(u->im->arena, &s->item, item);
		} else if (inner < 0 && abis_with(u->im->abis, name, len)) {
			import_call(u->im, s, name, len, at);
		}
	}
}

/* The statements before a rule whose words are those of L. */
static void show_groups(struct unit *u, const struct list *l)
{
	array_each(s, &l->step) {
		int g = s->word.text[0] == '@'
		                ? find_group(s->word.text + 1, s->word.len - 1)
		                : -1;

		if (g >= 0 && is_there(u, g))
			show_group(u, g, s->word.at);
	}
}

/* ACTION for the words of L as they stand. */
static void add_words(struct unit *u, const struct list *l,
                      struct rules_written action)
{
	struct rules_statement *s = NULL;
	uint64_t have = 0; /* groups of which nothing was taken away since */

	show_groups(u, l);
	array_each(step, &l->step) {
		const struct word *w = &step->word;
		int g = w->text[0] == '@' ? find_group(w->text + 1, w->len - 1) : -1;
		struct rules_item item = {.kind = ITEM_CALL, .name = w->text,
		                           .len = (uint32_t)w->len, .at = w->at};

		if (g >= 0 && !is_there(u, g))
			continue;
		if (g >= 0)
			item = group_item(u, g, w->at);
		else if (!abis_with(u->im->abis, w->text, w->len) &&
		         abis_with(UINT32_MAX, w->text, w->len))
			continue; /* another ABI's: no word about it */
		if (!s && step->removes)
			continue; /* from nothing */
		if (step->removes)
			have = 0;
		else if (g >= 0 && have & UINT64_C(1) << g)
			continue;
		else if (g >= 0)
			have |= UINT64_C(1) << g;
		if (!s)
			s = import_rule(u->im, action, UINT32_MAX, l->at);
		item.minus = step->removes;
		array_push(u->im->arena, &s->item, item);
	}
}

/* S gets NAME where its ABIs have it. */
static void add_name(struct unit *u, struct rules_statement **s, uint32_t mask,
                     struct rules_written action, struct span rule,
                     const struct member *m)
{
	uint32_t abis = abis_with(u->im->abis, m->name, m->len);

	if (!abis && abis_with(UINT32_MAX, m->name, m->len))
		return;
	if (abis && abis != mask)
		return;
	if (!*s)
		*s = import_rule(u->im, action, mask, rule);
	import_call(u->im, *s, m->name, m->len, m->at);
}

/* Which members of a list a rule is for. */
typedef bool choose_fn(struct unit *u, const struct member *m, const void *ctx);

/*
 * ACTION for the members of L that CHOOSE takes: a rule for each set of ABIs that
 * have some of them. socketcall and ipc come first, as what is said of them holds
 * for the calls that go through them.
 */
static void add_members(struct unit *u, const struct list *l,
                        struct rules_written action, choose_fn *choose,
                        const void *ctx)
{
	ARRAY(uint32_t) done = {0};

	array_each(it, &l->member) {
		uint32_t mask = abis_with(u->im->abis, (*it)->name, (*it)->len);
		struct rules_statement *s = NULL;
		bool again = false;

		/* Another ABI's are no loss; of what is none, the resolver says so. */
		if (!mask && abis_with(UINT32_MAX, (*it)->name, (*it)->len))
			continue;
		mask = mask ? mask : u->im->abis;
		array_each(old, &done)
			again |= *old == mask;
		if (again || !choose(u, *it, ctx))
			continue;
		array_push(u->im->arena, &done, mask);
		array_each(m, &l->member)
			if (choose(u, *m, ctx))
				add_name(u, &s, mask, action, l->at, *m);
	}
}

static bool same_action(const struct rules_written *a, const struct rules_written *b)
{
	return a->verb == b->verb && a->data == b->data && a->len == b->len &&
	       (!a->len || !memcmp(a->name, b->name, a->len));
}

static bool is_multiplexer(const struct member *m)
{
	return (m->len == 10 && !memcmp(m->name, "socketcall", 10)) ||
	       (m->len == 3 && !memcmp(m->name, "ipc", 3));
}

/* Members that have action CTX; the two that stand for others apart. */
static bool refused_so_multiplexers(struct unit *u, const struct member *m,
                                    const void *ctx)
{
	return m->in && m->action && is_multiplexer(m) && same_action(m->action, ctx);
}

static bool refused_so(struct unit *u, const struct member *m, const void *ctx)
{
	return m->in && m->action && !is_multiplexer(m) && same_action(m->action, ctx);
}

static bool plainly_in(struct unit *u, const struct member *m, const void *ctx)
{
	return m->in && !m->action;
}

/* The rules for members of SystemCallFilter= that have actions of their own. */
static void add_actions(struct unit *u, choose_fn *choose)
{
	const struct list *l = &u->filter;

	for (uint32_t i = 0; i < l->member.n; i++) {
		const struct rules_written *a = l->member.v[i]->action;
		bool again = false;

		if (!a || !l->member.v[i]->in)
			continue;
		for (uint32_t k = 0; k < i; k++)
			again |= l->member.v[k]->in && l->member.v[k]->action &&
			         same_action(l->member.v[k]->action, a);
		if (!again)
			add_members(u, l, *a, choose, a);
	}
}

/* What SystemCallFilter= refuses by name. */
static void add_refusals(struct unit *u)
{
	if (!u->filter.there)
		return;
	if (!u->filter.plain) {
		add_actions(u, refused_so_multiplexers);
		add_actions(u, refused_so);
	}
	if (u->filter.allows)
		return;
	if (u->filter.plain)
		add_words(u, &u->filter, u->refusal);
	else
		add_members(u, &u->filter, u->refusal, plainly_in, NULL);
}

/* --- rules: arguments ----------------------------------------------------- */

/* A constant, by its name where that is one number on all ABIs. */
static struct rules_expr *constant(struct unit *u, const char *name, struct span at)
{
	struct sys_number first = {0}, n;
	bool same = sys_constant(u->native, name, strlen(name), &first);

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (u->im->abis & 1u << i)
			same &= sys_constant(&sys_abis[i], name, strlen(name), &n) &&
			        n.bits == first.bits;
	return same ? import_name(u->im, name, strlen(name), at)
	            : import_number(u->im, first.bits, at);
}

/* libseccomp compares whole words, but on these ABIs, which have 64-bit ones, too. */
static bool has_low_words(const struct sys_abi *abi)
{
	return abi->id == SYS_ABI_X32 || !strcmp(abi->name, "mips64n32") ||
	       !strcmp(abi->name, "mipsel64n32");
}

/* A condition on one argument. */
struct test {
	unsigned arg;
	const char *const *flags; /* one of these N bits is set; NULL: CMP */
	unsigned n;
	enum rules_cmp cmp;
	const char *name;         /* of what it is compared with; NULL: NUMBER */
	uint64_t number;
};

/* The N constants at FLAGS with "|" between them. */
static struct rules_expr *make_flags(struct unit *u, const char *const *flags,
                                      unsigned n, struct span at)
{
	struct rules_expr *chain;

	if (n == 1)
		return constant(u, flags[0], at);
	chain = import_expr(u->im, EXPR_CHAIN, at);
	for (unsigned i = 0; i < n; i++) {
		import_add(u->im, chain, constant(u, flags[i], at));
		array_push(u->im->arena, &chain->op, i ? TOKEN_OR : 0);
	}
	return chain;
}

static struct rules_expr *make_test(struct unit *u, const struct test *t, bool low,
                                     struct span at)
{
	struct rules_expr *word = import_word(u->im, t->arg, low, at);

	if (t->flags)
		return import_chain(u->im, word, TOKEN_AND,
		                    make_flags(u, t->flags, t->n, at));
	return import_compare(u->im, t->cmp, word,
	                      t->name ? constant(u, t->name, at)
	                              : import_number(u->im, t->number, at));
}

static struct rules_written error(const char *name, struct span at)
{
	struct rules_written w = import_action(RULES_ERRNO, 0, at);

	w.name = name;
	w.len = (uint32_t)strlen(name);
	return w;
}

/* The ABIs of MASK on which CALL has a number. */
static uint32_t direct_abis(uint32_t mask, const char *call)
{
	struct sys_call c;
	uint32_t found = 0;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (mask & 1u << i &&
		    sys_call_by_name(&sys_abis[i], call, strlen(call), &c))
			found |= 1u << i;
	return found;
}

/* ERRNO for CALL on ABIS where all N tests hold. */
static void refuse(struct unit *u, struct span at, const char *errno_name,
                   uint32_t abis, const char *call, const struct test *tests, size_t n)
{
	struct rules_statement *s;
	uint32_t mask = 0;

	if (is_refused(u, call, strlen(call)))
		return;
	abis = direct_abis(abis & u->im->abis, call);
	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (abis & 1u << i &&
		    (n && has_low_words(&sys_abis[i])) == u->low)
			mask |= 1u << i;
	if (!mask)
		return;
	s = import_rule(u->im, error(errno_name, at), mask, at);
	import_call(u->im, s, call, strlen(call), at);
	if (n == 1)
		s->expr = make_test(u, tests, u->low, at);
	else if (n)
		s->expr = import_expr(u->im, EXPR_AND, at);
	for (size_t i = 0; n > 1 && i < n; i++)
		import_add(u->im, s->expr, make_test(u, &tests[i], u->low, at));
}

static void refuse_group(struct unit *u, const struct option *o, const char *group)
{
	struct step s = {.word = {group, strlen(group), o->at}};
	struct list *l;

	if (!o->on || u->low)
		return;
	l = arena_new(u->im->arena, struct list);
	*l = (struct list){.there = true, .plain = true, .at = o->at};
	add_step(u, l, s);
	if (!u->filter.there || !u->filter.allows) {
		add_words(u, l, error("EPERM", o->at));
		return;
	}
	array_each(it, &l->member)
		if (!is_refused(u, (*it)->name, (*it)->len))
			refuse(u, o->at, "EPERM", UINT32_MAX,
			       arena_strndup(u->im->arena, (*it)->name, (*it)->len),
			       NULL, 0);
}

static uint32_t abi_bit(const char *name)
{
	const struct sys_abi *abi = sys_abi(name, strlen(name));

	return abi ? 1u << abi->id : 0;
}

/* Calls that set a mode, and the argument that it is. */
static void restrict_suid(struct unit *u)
{
	static const struct {
		const char *call;
		uint8_t mode;
		int8_t flags; /* the argument that has to have O_CREAT; -1: none */
	} calls[] = {
		{"chmod", 1, -1},    {"fchmod", 1, -1},  {"fchmodat", 2, -1},
		{"fchmodat2", 2, -1}, {"mkdir", 1, -1},  {"mkdirat", 2, -1},
		{"mknod", 1, -1},    {"mknodat", 2, -1}, {"open", 2, 1},
		{"openat", 3, 2},    {"creat", 1, -1},
	};
	static const char *const modes[] = {"S_ISUID", "S_ISGID"},
				 *const creat[] = {"O_CREAT"};
	struct span at = u->suid.on ? u->suid.at : u->dynamic.at;

	if (!u->suid.on && !u->dynamic.on)
		return;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		bool creates = calls[i].flags >= 0;
		struct test t[2] = {
			{.arg = calls[i].mode, .flags = modes, .n = 2},
			{.arg = creates ? (unsigned)calls[i].flags : 0,
		         .flags = creat, .n = 1},
		};

		refuse(u, at, "EPERM", UINT32_MAX, calls[i].call, t, 1 + creates);
	}
	refuse(u, at, "ENOSYS", UINT32_MAX, "openat2", NULL, 0);
}

static void restrict_namespaces(struct unit *u)
{
	struct span at = u->namespaces.at;
	uint32_t s390 = abi_bit("s390") | abi_bit("s390x");
	const char *flags[ARRAY_LEN(namespaces)];
	struct test zero = {.arg = 1, .cmp = RULES_EQ}, first = {.flags = flags},
		    second = {.arg = 1, .flags = flags};
	unsigned n = 0;

	if (!u->namespaces.on || u->retain == ALL_NAMESPACES)
		return;
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++)
		if (!(u->retain & 1u << i))
			flags[n++] = namespaces[i].flag;
	first.n = second.n = n;
	refuse(u, at, "ENOSYS", UINT32_MAX, "clone3", NULL, 0);
	refuse(u, at, "EPERM", UINT32_MAX, "unshare", &first, 1);
	refuse(u, at, "EPERM", ~s390, "clone", &first, 1);
	refuse(u, at, "EPERM", s390, "clone", &second, 1);
	refuse(u, at, "EPERM", UINT32_MAX, "setns", &zero, u->retain ? 1 : 0);
	if (u->retain)
		refuse(u, at, "EPERM", UINT32_MAX, "setns", &second, 1);
}

static void restrict_realtime(struct unit *u)
{
	/* What is left are SCHED_OTHER, SCHED_BATCH and SCHED_IDLE. */
	static const struct test tests[] = {
		{.arg = 1, .cmp = RULES_EQ, .name = "SCHED_FIFO"},
		{.arg = 1, .cmp = RULES_EQ, .name = "SCHED_RR"},
		{.arg = 1, .cmp = RULES_EQ, .number = 4},
		{.arg = 1, .cmp = RULES_GT, .name = "SCHED_IDLE"},
	};

	for (size_t i = 0; u->realtime.on && i < ARRAY_LEN(tests); i++)
		refuse(u, u->realtime.at, "EPERM", UINT32_MAX, "sched_setscheduler",
		       &tests[i], 1);
}

static void restrict_memory(struct unit *u)
{
	static const struct {
		const char *abi, *map, *block, *attach;
	} abis[] = {
		{"i386", "mmap2", "mmap", NULL},   {"s390", "mmap2", "mmap", NULL},
		{"ppc", "mmap", NULL, NULL},       {"ppc64", "mmap", NULL, NULL},
		{"ppc64le", "mmap", NULL, NULL},   {"s390x", "mmap", NULL, NULL},
		{"arm", "mmap2", NULL, "shmat"},   {"x86_64", "mmap", NULL, "shmat"},
		{"x32", "mmap", NULL, "shmat"},    {"aarch64", "mmap", NULL, "shmat"},
		{"riscv64", "mmap", NULL, "shmat"},
	};
	static const char *const exec[] = {"PROT_EXEC"}, *const write[] = {"PROT_WRITE"},
				 *const shm[] = {"SHM_EXEC"};
	static const struct test map[] = {{.arg = 2, .flags = exec, .n = 1},
	                                  {.arg = 2, .flags = write, .n = 1}},
				 attach = {.arg = 2, .flags = shm, .n = 1};
	struct span at = u->no_exec.at;

	for (size_t i = 0; u->no_exec.on && i < ARRAY_LEN(abis); i++) {
		uint32_t abi = abi_bit(abis[i].abi);

		if (!(abi & u->im->abis))
			continue;
		refuse(u, at, "EPERM", abi, abis[i].map, map, 2);
		if (abis[i].block)
			refuse(u, at, "EPERM", abi, abis[i].block, NULL, 0);
		refuse(u, at, "EPERM", abi, "mprotect", map, 1);
		refuse(u, at, "EPERM", abi, "pkey_mprotect", map, 1);
		if (abis[i].attach)
			refuse(u, at, "EPERM", abi, abis[i].attach, &attach, 1);
	}
}

/* socket with a family that is none of those, or one of them. */
static void restrict_families(struct unit *u)
{
	static const char *const abis[] = {
		"x86_64", "x32", "arm", "aarch64", "mips64", "mipsel64",
		"mips64n32", "mipsel64n32", "riscv64",
	};
	const struct families *f = &u->families;

	if (!f->there || (!f->allows && !f->v.v.n) || is_refused(u, "socket", 6))
		return;
	for (size_t i = 0; i < ARRAY_LEN(abis); i++) {
		uint32_t abi = abi_bit(abis[i]) & u->im->abis;
		struct rules_statement *s;
		struct rules_expr *in;
		unsigned n = 0;

		if (!abi || has_low_words(sys_abi(abis[i], strlen(abis[i]))) !=
		                    u->low)
			continue;
		s = import_rule(u->im, error("EAFNOSUPPORT", f->at), abi, f->at);
		import_call(u->im, s, "socket", 6, f->at);
		in = import_expr(u->im, EXPR_IN, f->at);
		import_add(u->im, in, import_word(u->im, 0, u->low, f->at));
		array_each(w, &f->v.v) {
			/* AF_UNSPEC is never in a list of what is allowed. */
			if (f->allows && !family(u, w))
				continue;
			import_add(u->im, in, import_name(u->im, w->text, w->len, w->at));
			array_push(u->im->arena, &in->kid, NULL);
			n++;
		}
		if (n)
			s->expr = f->allows ? import_not(u->im, in) : in;
	}
}

/* What the other settings refuse, the filter that is installed last first. */
static void add_restrictions(struct unit *u)
{
	struct test persona = {.arg = 0, .cmp = RULES_NE, .number = u->persona};

	if (u->personality.on)
		refuse(u, u->personality.at, "EPERM", UINT32_MAX, "personality",
		       &persona, 1);
	refuse_group(u, &u->devices, "@raw-io");
	refuse_group(u, &u->clock, "@clock");
	if (u->logs.on)
		refuse(u, u->logs.at, "EPERM", UINT32_MAX, "syslog", NULL, 0);
	refuse_group(u, &u->modules, "@module");
	if (u->tunables.on)
		refuse(u, u->tunables.at, "EPERM",
		       ~(abi_bit("aarch64") | abi_bit("riscv64") | abi_bit("x32")),
		       "_sysctl", NULL, 0);
	restrict_namespaces(u);
	restrict_suid(u);
	restrict_realtime(u);
	restrict_memory(u);
	restrict_families(u);
	if (u->hostname.on) {
		refuse(u, u->hostname.at, "EPERM", UINT32_MAX, "sethostname", NULL, 0);
		refuse(u, u->hostname.at, "EPERM", UINT32_MAX, "setdomainname", NULL,
		       0);
	}
}

/* --- the whole ------------------------------------------------------------ */

/* Members of a list of logged calls that SystemCallFilter= lets pass. */
static bool is_logged(struct unit *u, const struct member *m, const void *ctx)
{
	return m->in && !is_refused(u, m->name, m->len);
}

/* Members of SystemCallFilter= that are allowed, and logged if CTX points to true. */
static bool is_allowed(struct unit *u, const struct member *m, const void *ctx)
{
	const struct member *log = find_member(&u->log, m->name, m->len);
	const bool *logged = ctx;

	return m->in && !m->action && !!(log && log->in) != *logged;
}

/* The rest: what is logged, what is allowed, and what becomes of all else. */
static void add_passing(struct unit *u, struct span at)
{
	bool lists = u->filter.there && u->filter.allows, no = false, yes = true;
	struct rules_written allow = import_action(RULES_ALLOW, 0, at),
			      log = import_action(RULES_LOG, 0, u->log.at);

	if (u->log.there && u->log.allows) {
		add_members(u, &u->log, log, is_logged, NULL);
	} else if (u->log.there && lists) {
		add_members(u, &u->filter, log, is_allowed, &yes);
		add_members(u, &u->filter, allow, is_allowed, &no);
	} else if (u->log.there && u->log.member.n) {
		add_members(u, &u->log, allow, is_logged, NULL);
	}
	if (lists && !(u->log.there && !u->log.allows)) {
		if (u->filter.plain)
			add_words(u, &u->filter, allow);
		else
			add_members(u, &u->filter, allow, plainly_in, NULL);
	}
	import_setting(u->im, STATEMENT_DEFAULT,
	               lists                                ? u->refusal
	               : u->log.there && !u->log.allows ? log
	                                                    : allow);
}

/* The ABIs whose calls programs on NATIVE can make, all of which get filters. */
static uint32_t local_abis(const struct sys_abi *native)
{
	static const struct {
		const char *native, *other[2];
	} local[] = {
		{"x86_64", {"i386", "x32"}},
		{"aarch64", {"arm", NULL}},
		{"s390x", {"s390", NULL}},
	};
	uint32_t mask = 1u << native->id;

	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		for (size_t k = 0; k < ARRAY_LEN(local[i].other); k++)
			if (!strcmp(local[i].native, native->name) && local[i].other[k])
				mask |= abi_bit(local[i].other[k]);
	return mask;
}

/* Which ABIs the unit's filters are for; the settings that say so. */
static void settle_abis(struct unit *u, struct span at)
{
	uint32_t local = u->im->options->abis ? u->im->abis : local_abis(u->native);

	if (u->archs_at.on) {
		local = (local & u->archs) | 1u << u->native->id;
		import_setting(u->im, STATEMENT_FOREIGN,
		               import_action(RULES_KILL_THREAD, 0, u->archs_at.at));
	}
	u->im->abis = local;
	import_statement(u->im, STATEMENT_ABI, local,
	                 u->archs_at.on ? u->archs_at.at : at);
}

static void read_systemd(struct importer *im)
{
	struct unit *u = arena_new(im->arena, struct unit);
	const struct sys_abi *native = sys_abi_native();
	struct span at = import_span(im, 0, 0);

	if (!im->abis) /* the resolver says why */
		return;
	if (!native || !(im->abis & 1u << native->id))
		native = &sys_abis[__builtin_ctz(im->abis)];
	u->im = im;
	u->native = native;
	u->refusal = import_action(RULES_KILL, 0, at);
	while (u->at < im->src.len)
		read_line(u);
	if (!u->any)
		diag_error(im->diags, at,
		           "no setting of this unit filters system calls, so that it "
		           "is not a policy; SystemCallFilter= would be one");
	settle_abis(u, at);
	add_refusals(u);
	add_restrictions(u);
	u->low = true;
	add_restrictions(u);
	add_passing(u, at);
}

/* A section: no policy of ours begins with a bracket. */
bool import_is_systemd(const char *text, size_t len)
{
	size_t i = import_skip(text, len, "#;");

	return i < len && text[i] == '[';
}

const struct rules_tree *import_read_systemd(struct arena *arena, struct diags *d,
                                              uint32_t source,
                                              const struct rules_options *o)
{
	return import_policy(arena, d, source, o, read_systemd, 0);
}
