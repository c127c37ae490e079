/*
 * The text of a unit to its settings: lines, and what each key makes of its
 * value.
 */
#include <string.h>

#include "import/systemd.h"

/* --- lists ---------------------------------------------------------------- */

/* One assignment: key, and the words of its value. */
struct systemd_line {
	struct systemd_word key;
	bool inverted; /* "~" precedes the words */
	struct systemd_words value;
	struct span at;
};

/*
 * Read an error: its name, a number from LEAST on, or "kill"; false after a
 * message.
 */
static bool parse_errno(struct systemd_unit *u, const struct systemd_word *w,
                        uint64_t least,
                        struct rules_written *out)
{
	*out = import_action(RULES_ERRNO, 0, w->at);
	if (systemd_is_text("kill", w)) {
		out->verb = RULES_KILL;
		return true;
	}
	if (w->len && !is_digit(w->text[0])) {
		/* The resolver knows errors. */
		out->name = w->text;
		out->len = (uint32_t)w->len;
		return true;
	}
	if (read_digits(w->text, w->len, 10, &out->data) && out->data >= least &&
	    out->data <= 4095) {
		if (!out->data)
			rules_warn_errno_0(u->im->diags, w->at);
		return true;
	}
	diag_error(u->im->diags, w->at, "'%.*s' is neither an error, %u..4095, nor 'kill'",
	           (int)w->len, w->text, (unsigned)least);
	return false;
}

/* Read a word "name" or "name:errno"; false after a message. */
static bool parse_step(struct systemd_unit *u, const struct systemd_line *line,
                       struct systemd_word w,
                       bool errors, struct systemd_step *out)
{
	const char *colon = memchr(w.text, ':', w.len);
	struct systemd_word error;

	*out = (struct systemd_step){ .word = w };
	if (w.text[0] == '~') {
		diag_error(u->im->diags, w.at,
		           E_SYNTAX "'~' must precede the whole list, not a name");
		return false;
	}
	if (!colon)
		return true;
	out->word.len = (size_t)(colon - w.text);
	out->word.at.end = out->word.at.start + (uint32_t)out->word.len;
	error = (struct systemd_word){
		.text = colon + 1,
		.len = w.len - out->word.len - 1,
		.at = { w.at.source, out->word.at.end + 1, w.at.end },
	};
	if (!errors || !line->inverted) {
		diag_error(u->im->diags, error.at,
		           "only a list that refuses ('~') takes errors");
		return false;
	}
	out->action = arena_new(u->im->arena, struct rules_written);
	return out->word.len && parse_errno(u, &error, 0, out->action);
}

/* Read a line of SystemCallFilter= (ERRORS) or SystemCallLog=. */
static void parse_list(struct systemd_unit *u, struct systemd_list *l,
                       const struct systemd_line *line,
                       bool errors)
{
	static const char standard[] = "@default";
	struct systemd_step s;

	if (!line->value.v.n && !line->inverted) {
		*l = (struct systemd_list){ 0 };
		return;
	}
	if (!l->there) {
		*l = (struct systemd_list){
			.there = true,
			.plain = true,
			.allows = !line->inverted,
			.at = line->at,
		};
		if (errors && l->allows)
			systemd_add_step(u, l, (struct systemd_step){ .word = { standard, 8, line->key.at } });
	}
	array_each(w, &line->value.v) {
		if (!parse_step(u, line, *w, errors, &s))
			continue;
		/* A refused call stays in a list of allowed ones, with its error. */
		s.removes = line->inverted == l->allows && !(l->allows && s.action);
		systemd_add_step(u, l, s);
	}
}

static void set_filter(struct systemd_unit *u, const struct systemd_line *line)
{
	parse_list(u, &u->filter, line, true);
}

static void set_log(struct systemd_unit *u, const struct systemd_line *line)
{
	parse_list(u, &u->log, line, false);
}

/* --- other values --------------------------------------------------------- */

static void wrong_value(struct systemd_unit *u, const struct systemd_line *line,
                        const char *what)
{
	struct span at = line->value.v.n ? line->value.v.v[0].at : line->key.at;

	if (line->value.v.n > 1)
		at.end = line->value.v.v[line->value.v.n - 1].at.end;
	if (line->inverted)
		at.start--;
	diag_error(u->im->diags, at, E_SYNTAX "expected %s as the value of '%.*s'", what,
	           (int)line->key.len, line->key.text);
}

/* Return the only word of LINE's value; NULL after a message that it is not WHAT. */
static const struct systemd_word *one_word(struct systemd_unit *u,
                                           const struct systemd_line *line,
                                           const char *what)
{
	if (line->value.v.n == 1 && !line->inverted)
		return &line->value.v.v[0];
	wrong_value(u, line, what);
	return NULL;
}

/* Read a boolean: 1 for yes, 0 for no, -1 for neither. */
static int boolean(const struct systemd_word *w)
{
	static const char *const yes[] = { "1", "yes", "y", "true", "t", "on" },
				 *const no[] = { "0", "no", "n", "false", "f", "off" };

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (same_letters(yes[i], w->text, w->len))
			return 1;
		if (same_letters(no[i], w->text, w->len))
			return 0;
	}
	return -1;
}

static void set_option(struct systemd_unit *u, struct systemd_option *o,
                       const struct systemd_line *line)
{
	const struct systemd_word *w = one_word(u, line, "'yes' or 'no'");
	int value = w ? boolean(w) : 0;

	if (value < 0)
		wrong_value(u, line, "'yes' or 'no'");
	*o = (struct systemd_option){ value > 0, line->at };
}

#define DEFINE_OPTION(name)                                                             \
	static void set_##name(struct systemd_unit *u, const struct systemd_line *line) \
	{                                                                               \
		set_option(u, &u->name, line);                                          \
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

static void set_errno(struct systemd_unit *u, const struct systemd_line *line)
{
	const struct systemd_word *w;

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
	{ "x86", "i386" },
	{ "x86-64", "x86_64" },
	{ "arm64", "aarch64" },
	{ "mips-le", "mipsel" },
	{ "mips64-le", "mipsel64" },
	{ "mips64-n32", "mips64n32" },
	{ "mips64-le-n32", "mipsel64n32" },
	{ "ppc64-le", "ppc64le" },
	{ "x32", "x32" },
	{ "arm", "arm" },
	{ "mips", "mips" },
	{ "mips64", "mips64" },
	{ "ppc", "ppc" },
	{ "ppc64", "ppc64" },
	{ "riscv64", "riscv64" },
	{ "s390", "s390" },
	{ "s390x", "s390x" },
	{ "loongarch64", "loongarch64" },
	{ "parisc", "parisc" },
	{ "parisc64", "parisc64" },
	{ "native", NULL },
};

static bool find_arch(struct systemd_unit *u, const struct systemd_word *w,
                      uint32_t *mask)
{
	const struct sys_abi *abi;
	struct suggest s;

	suggest_start(&s, w->text, w->len);
	for (size_t i = 0; i < ARRAY_LEN(arch_names); i++) {
		suggest_offer(&s, arch_names[i].name);
		if (!systemd_is_text(arch_names[i].name, w))
			continue;
		abi = arch_names[i].ours ? sys_abi(arch_names[i].ours,
		                                   strlen(arch_names[i].ours))
		                         : u->native;
		*mask = abi ? 1u << abi->id : 0;
		return true;
	}
	diag_error(u->im->diags, w->at, E_UNKNOWN "unknown architecture '%.*s'%s",
	           (int)w->len, w->text, suggest_text(u->im->arena, &s));
	return false;
}

static void set_archs(struct systemd_unit *u, const struct systemd_line *line)
{
	uint32_t mask;

	if (!line->value.v.n) {
		u->archs_at.on = false;
		u->archs = 0;
		return;
	}
	u->archs_at = (struct systemd_option){ true, line->at };
	array_each(w, &line->value.v)
		if (find_arch(u, w, &mask))
			u->archs |= mask;
}

static void set_persona(struct systemd_unit *u, const struct systemd_line *line)
{
	const struct systemd_word *w = one_word(u, line, "an architecture");
	uint32_t mask;

	if (!w || !find_arch(u, w, &mask))
		return;
	if (mask == 1u << u->native->id)
		u->persona = 0;
	else if (u->native->id == SYS_ABI_X86_64 && mask == 1u << SYS_ABI_I386)
		u->persona = 8;
	else
		diag_error(u->im->diags, w->at, E_UNKNOWN "unknown personality '%.*s' on this architecture",
		           (int)w->len, w->text);
}

static const struct systemd_flag namespaces[] = {
	{ "cgroup", "CLONE_NEWCGROUP" },
	{ "ipc", "CLONE_NEWIPC" },
	{ "net", "CLONE_NEWNET" },
	{ "mnt", "CLONE_NEWNS" },
	{ "pid", "CLONE_NEWPID" },
	{ "user", "CLONE_NEWUSER" },
	{ "uts", "CLONE_NEWUTS" },
	{ "time", "CLONE_NEWTIME" },
};

enum {
	ALL_NAMESPACES = (1 << ARRAY_LEN(namespaces)) - 1
};

const struct systemd_flag *systemd_namespace(unsigned i)
{
	return i < ARRAY_LEN(namespaces) ? &namespaces[i] : NULL;
}

static void set_namespaces(struct systemd_unit *u, const struct systemd_line *line)
{
	uint32_t flags = 0;
	int yes = line->value.v.n == 1 && !line->inverted
	                  ? boolean(&line->value.v.v[0])
	                  : -1;

	if (!line->value.v.n || yes >= 0) {
		u->namespaces = (struct systemd_option){ yes > 0, line->at };
		/* An empty value forgets that there was one. */
		if (!line->value.v.n)
			u->namespaces = (struct systemd_option){ 0 };
		u->retain = 0;
		return;
	}
	array_each(w, &line->value.v) {
		size_t i = 0;

		while (i < ARRAY_LEN(namespaces) && !systemd_is_text(namespaces[i].name, w))
			i++;
		if (i == ARRAY_LEN(namespaces))
			diag_error(u->im->diags, w->at,
			           E_UNKNOWN "unknown namespace '%.*s' (cgroup, ipc, net, "
			                     "mnt, pid, user, uts, time)",
			           (int)w->len, w->text);
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
	u->namespaces = (struct systemd_option){ true, line->at };
}

uint64_t systemd_family(const struct systemd_unit *u, const struct systemd_word *w)
{
	struct sys_number n = { 0 };

	sys_constant(u->native, w->text, w->len, &n);
	return n.bits;
}

static void set_families(struct systemd_unit *u, const struct systemd_line *line)
{
	struct systemd_families *f = &u->families;
	struct sys_number n;

	if (!line->value.v.n && !line->inverted) {
		*f = (struct systemd_families){ 0 };
		return;
	}
	if (line->value.v.n == 1 && !line->inverted &&
	    systemd_is_text("none", &line->value.v.v[0])) {
		*f = (struct systemd_families){
			.there = true, .allows = true, .none = true, .at = line->at
		};
		return;
	}
	if (!f->there || f->none)
		*f = (struct systemd_families){
			.there = true,
			.allows = !line->inverted,
		};
	f->at = line->at;
	array_each(w, &line->value.v) {
		uint32_t k = 0;

		if (w->len < 4 || memcmp(w->text, "AF_", 3) ||
		    !sys_constant(u->native, w->text, w->len, &n)) {
			diag_error(u->im->diags, w->at,
			           E_UNKNOWN "unknown address family '%.*s' (AF_UNIX, AF_INET, ...)",
			           (int)w->len, w->text);
			continue;
		}
		while (k < f->v.v.n && systemd_family(u, &f->v.v.v[k]) != n.bits)
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
	void (*set)(struct systemd_unit *u, const struct systemd_line *line);
} keys[] = {
	{ "SystemCallFilter", set_filter },
	{ "SystemCallErrorNumber", set_errno },
	{ "SystemCallArchitectures", set_archs },
	{ "SystemCallLog", set_log },
	{ "RestrictAddressFamilies", set_families },
	{ "RestrictNamespaces", set_namespaces },
	{ "RestrictRealtime", set_realtime },
	{ "RestrictSUIDSGID", set_suid },
	{ "MemoryDenyWriteExecute", set_no_exec },
	{ "LockPersonality", set_personality },
	{ "Personality", set_persona },
	{ "ProtectKernelTunables", set_tunables },
	{ "ProtectKernelModules", set_modules },
	{ "ProtectKernelLogs", set_logs },
	{ "ProtectClock", set_clock },
	{ "ProtectHostname", set_hostname },
	{ "PrivateDevices", set_devices },
	{ "DynamicUser", set_dynamic },
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Return the end of the line that begins at AT. */
static size_t line_end(const struct systemd_unit *u, size_t at)
{
	while (at < u->im->src.len && u->im->src.text[at] != '\n')
		at++;
	return at;
}

/* Return the first byte from AT on that is not a blank. */
static size_t skip_blanks(const struct systemd_unit *u, size_t at)
{
	while (at < u->im->src.len && is_blank(u->im->src.text[at]))
		at++;
	return at;
}

static bool is_comment(const struct systemd_unit *u, size_t at)
{
	at = skip_blanks(u, at);
	return at < u->im->src.len && strchr("#;", u->im->src.text[at]) &&
	       u->im->src.text[at];
}

/*
 * Tell whether a backslash at END, the end of a line's text, continues it on
 * the next line.
 */
static bool goes_on(const struct systemd_unit *u, size_t start, size_t end)
{
	if (end > start && u->im->src.text[end - 1] == '\r')
		end--;
	return end > start && u->im->src.text[end - 1] == '\\';
}

static struct systemd_word make_word(const struct systemd_unit *u, size_t start,
                                     size_t end)
{
	return (struct systemd_word){ u->im->src.text + start, end - start,
		                      import_span(u->im, start, end) };
}

/* Split a value that begins at AT into words, over all the lines that it takes. */
static void split_value(struct systemd_unit *u, size_t at, struct systemd_line *line)
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

static void use_line(struct systemd_unit *u, const struct systemd_line *line)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (!systemd_is_text(keys[i].key, &line->key))
			continue;
		array_each(w, &line->value.v)
			if (memchr(w->text, '\\', w->len) ||
			    memchr(w->text, '"', w->len) ||
			    memchr(w->text, '\'', w->len) ||
			    memchr(w->text, '%', w->len) || memchr(w->text, 0, w->len)) {
				diag_error(u->im->diags, w->at,
				           "quotes, '\\' and '%%' are not supported");
				return;
			}
		u->any = true;
		keys[i].set(u, line);
	}
}

/*
 * Tell whether the section is about processes: others have settings of the same
 * names with other effects.
 */
static bool is_process_section(const struct systemd_word *w)
{
	return systemd_is_text("Service", w) || systemd_is_text("Socket", w) || systemd_is_text("Mount", w) ||
	       systemd_is_text("Swap", w);
}

static void read_line(struct systemd_unit *u)
{
	size_t start = skip_blanks(u, u->at), end = line_end(u, u->at), equals, stop;
	const char *text = u->im->src.text;
	struct systemd_line line = { 0 };
	struct systemd_word section;

	if (start == end || is_comment(u, start)) {
		u->at = end + 1;
		return;
	}
	if (text[start] == '[') {
		for (stop = end; stop > start && text[stop - 1] != ']';)
			stop--;
		if (stop == start)
			diag_error(u->im->diags, import_span(u->im, start, start + 1),
			           E_SYNTAX "expected ']' on this line");
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
	if (!u->inside) /* said once: the text is not a unit */
		diag_error(u->im->diags, line.at,
		           E_SYNTAX "expected a section, such as '[Service]', before this line");
	u->inside = true;
	if (equals < end && u->section)
		use_line(u, &line);
	else if (equals == end && u->section)
		diag_error(u->im->diags, line.at, E_SYNTAX "expected '=' on this line");
}

void systemd_read(struct systemd_unit *u)
{
	while (u->at < u->im->src.len)
		read_line(u);
}
