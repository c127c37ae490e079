/*
 * What a text is by its looks, where no reader of policies is for it: compiled
 * programs, and policies, configurations and scripts of others that would
 * otherwise be taken for a policy that they are not.
 */
#include <string.h>

#include "import/import.h"

/* --- lines ---------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static size_t line_end(const char *text, size_t len, size_t at)
{
	const char *end = at < len ? memchr(text + at, '\n', len - at) : NULL;

	return end ? (size_t)(end - text) : len;
}

/* Tell whether TEXT has WORD at AT. */
static bool has_at(const char *text, size_t len, size_t at, const char *word)
{
	size_t n = strlen(word);

	return at <= len && len - at >= n && !memcmp(text + at, word, n);
}

/* Return where WORD first appears in TEXT from AT on; LEN: nowhere. */
static size_t find(const char *text, size_t len, size_t at, const char *word)
{
	while (at < len && !has_at(text, len, at, word))
		at++;
	return at;
}

static bool has(const char *text, size_t len, const char *word)
{
	return find(text, len, 0, word) < len;
}

/* Return the first byte from AT on that is not white space; '\0' at the end. */
static char next_byte(const char *text, size_t len, size_t at)
{
	at += import_skip(text + at, len - at, "");
	return at < len ? text[at] : '\0';
}

size_t import_look_past_comments(const char *text, size_t len)
{
	size_t i = 0;

	for (;;) {
		i += import_skip(text + i, len - i, "#");
		if (has_at(text, len, i, "//")) {
			i = line_end(text, len, i);
		} else if (has_at(text, len, i, "/*")) {
			i = find(text, len, i + 2, "*/");
			i += i < len ? 2 : 0;
		} else {
			return i;
		}
	}
}

/* --- programs ------------------------------------------------------------- */

/* Tell whether an object with keys, or an empty one, begins at AT. */
static bool is_object(const char *text, size_t len, size_t at)
{
	char next;

	if (at >= len || text[at] != '{')
		return false;
	next = next_byte(text, len, at + 1);
	return next == '"' || next == '}';
}

/* Tell whether the text begins with a number on its own line and then a word. */
static bool is_lxc(const char *text, size_t len)
{
	size_t at = import_skip(text, len, "#"), end = line_end(text, len, at);
	char next;

	if (at >= len || (text[at] != '1' && text[at] != '2'))
		return false;
	for (at++; at < end; at++)
		if (!is_blank(text[at]))
			return false;
	next = next_byte(text, len, end);
	return is_word(next) && !is_digit(next);
}

/*
 * Tell whether the text is a program: it begins with a number, a parenthesis,
 * round or curly, or has NUL bytes; no policy does. An array is one of
 * instructions.
 */
static bool is_program(const char *text, size_t len)
{
	size_t at = import_skip(text, len, "");

	if (memchr(text, '\0', len))
		return true;
	if (at >= len)
		return false;
	if (is_object(text, len, at))
		return has(text, len, "\"insns\"");
	if (text[at] == '[')
		return strchr("[{", next_byte(text, len, at + 1)) &&
		       (has(text, len, "\"code\"") ||
		        next_byte(text, len, at + 1) == '[');
	return strchr("({", text[at]) || is_digit(text[at]);
}

/* --- what others have ------------------------------------------------------- */

static bool is_executable(const char *text, size_t len)
{
	return has_at(text, len, 0, "\x7f"
	                            "ELF");
}

static bool is_utf16(const char *text, size_t len)
{
	return has_at(text, len, 0, "\xff\xfe") || has_at(text, len, 0, "\xfe\xff");
}

static bool is_script(const char *text, size_t len)
{
	return has_at(text, len, 0, "#!") && !has(text, line_end(text, len, 0), "weir");
}

static bool is_json_with_comments(const char *text, size_t len)
{
	size_t at = import_look_past_comments(text, len);

	return at > import_skip(text, len, "") && is_object(text, len, at);
}

static bool is_seccompiler(const char *text, size_t len)
{
	return is_object(text, len, import_skip(text, len, "")) &&
	       !has(text, len, "\"defaultAction\"") && has(text, len, "\"filter\"") &&
	       (has(text, len, "\"default_action\"") ||
	        has(text, len, "\"mismatch_action\""));
}

static bool is_array(const char *text, size_t len)
{
	size_t at = import_skip(text, len, "");
	char next;

	if (at >= len || text[at] != '[')
		return false;
	next = next_byte(text, len, at + 1);
	return !is_word(next) || is_digit(next);
}

/* Tell whether a line of TEXT begins, after blanks, with one of the N WORDS. */
static bool has_line(const char *text, size_t len, const char *const *words, size_t n)
{
	for (size_t at = 0; at < len; at = line_end(text, len, at) + 1) {
		while (at < len && is_blank(text[at]))
			at++;
		for (size_t i = 0; i < n; i++)
			if (has_at(text, len, at, words[i]))
				return true;
	}
	return false;
}

bool import_look_has_default(const char *text, size_t len)
{
	static const char *const words[] = { "default " };

	return has_line(text, len, words, ARRAY_LEN(words));
}

static bool is_quadlet(const char *text, size_t len)
{
	static const char *const sections[] = {
		"[Container]",
		"[Pod]",
		"[Kube]",
		"[Volume]",
		"[Image]",
		"[Build]",
	};

	return has_line(text, len, sections, ARRAY_LEN(sections));
}

/* Tell whether the text has sections, but none that a systemd unit has. */
static bool is_ini(const char *text, size_t len)
{
	static const char *const sections[] = {
		"[Unit]",
		"[Install]",
		"[Service]",
		"[Socket]",
		"[Mount]",
		"[Swap]",
		"[Timer]",
		"[Path]",
		"[Slice]",
		"[Scope]",
		"[Automount]",
	};
	size_t at = import_skip(text, len, "#;"), end = line_end(text, len, at);

	return at < len && text[at] == '[' && memchr(text + at, ']', end - at) &&
	       !has_line(text, len, sections, ARRAY_LEN(sections));
}

static bool is_kubernetes(const char *text, size_t len)
{
	static const char *const lines[] = { "apiVersion:", "kind:" };

	return has_line(text, len, lines, ARRAY_LEN(lines));
}

/* Tell whether a key is alone on its line, with its value on the next ones. */
static bool has_nested_key(const char *text, size_t len, size_t at)
{
	size_t end = line_end(text, len, at);

	while (at < end && (is_word(text[at]) || text[at] == '-'))
		at++;
	if (at >= end || text[at] != ':')
		return false;
	for (at++; at < end; at++)
		if (!is_blank(text[at]))
			return false;
	return end + 2 < len && (is_blank(text[end + 1]) ||
	                         has_at(text, len, end + 1, "- "));
}

static bool is_yaml(const char *text, size_t len)
{
	static const char *const lines[] = { "defaultAction:", "%YAML" };
	size_t at = import_skip(text, len, "#");

	return has_at(text, len, at, "---") || has_nested_key(text, len, at) ||
	       has_line(text, len, lines, ARRAY_LEN(lines));
}

static bool is_nsjail(const char *text, size_t len)
{
	static const char *const lines[] = {
		"seccomp_string:",
		"seccomp_policy_file:",
		"name: \"",
		"mode: ONCE",
		"mode: LISTEN",
		"mode: EXECVE",
		"mode: RERUN",
	};

	return has_line(text, len, lines, ARRAY_LEN(lines));
}

static bool is_firejail(const char *text, size_t len)
{
	static const char *const lines[] = {
		"caps.drop",
		"seccomp.drop",
		"seccomp.keep",
		"seccomp\n",
		"noroot\n",
		"nonewprivs\n",
		"private-dev\n",
	};

	return has_line(text, len, lines, ARRAY_LEN(lines));
}

/*
 * Tell whether a call's name begins at AT; not if it is `kill`, which is also a
 * statement of weir's.
 */
static bool is_call(const char *text, size_t len, size_t at, size_t end)
{
	struct sys_call call;

	return sys_call_by_name(&sys_abis[SYS_ABI_X86_64], text + at, end - at,
	                        &call) &&
	       !(end - at == 4 && has_at(text, len, at, "kill"));
}

/*
 * Tell whether the text begins with a call instead of a statement and has no
 * `default`.
 */
static bool is_list(const char *text, size_t len)
{
	size_t at = import_skip(text, len, "#"), end = at, eol;

	if (has_at(text, len, at, "@unrestricted") || has_at(text, len, at, "@complain"))
		return true;
	while (end < len && is_word(text[end]))
		end++;
	eol = line_end(text, len, end);
	return (end == eol || is_blank(text[end])) &&
	       next_byte(text, eol, end) != ':' && is_call(text, len, at, end) &&
	       !import_look_has_default(text, len);
}

/* --- the table ------------------------------------------------------------ */

#define OWN_LANGUAGE \
	"write it in weir's own language: 'default errno EPERM', then 'allow NAME, ...'"

static const struct import_look looks[] = {
	{
		.is = is_executable,
		.what = "an executable",
		.instead = "'weir run -- PROGRAM' runs it under the default policy",
	},
	{ .is = is_utf16, .what = "text in UTF-16", .instead = "save it in UTF-8" },
	{ .is = is_lxc, .what = "an lxc policy", .instead = OWN_LANGUAGE },
	{
		.is = is_program,
		.what = "a compiled program",
		.program = true,
		.instead = "give the policy that it was made of",
	},
	{
		.is = is_script,
		.what = "a script",
		.instead = "the command to run comes after '--'",
	},
	{
		.is = is_json_with_comments,
		.what = "JSON with comments",
		.instead = "take them out if it is a container's profile",
	},
	{
		.is = is_seccompiler,
		.what = "a seccompiler filter, as Firecracker has them",
		.instead = OWN_LANGUAGE,
	},
	{
		.is = is_array,
		.what = "a JSON array",
		.instead = "a container's profile is an object with a 'defaultAction'",
	},
	{
		.is = is_quadlet,
		.what = "a Podman Quadlet",
		.instead = "give the profile that its 'SeccompProfile=' names",
	},
	{
		.is = is_ini,
		.what = "an INI file that is not a systemd unit",
		.instead = "the filters of a unit are in its '[Service]'",
	},
	{ .is = is_kubernetes, .what = "a Kubernetes object", .instead = "give the 'spec' of a SeccompProfile as JSON, which "
	                                                                 "'yq -o=json .spec FILE' prints" },
	{ .is = is_nsjail, .what = "an nsjail configuration", .instead = "give the policy in its 'seccomp_string', or the file that its "
	                                                                 "'seccomp_policy_file' names" },
	{
		.is = is_yaml,
		.what = "YAML",
		.instead = "give a container's profile as JSON, which 'yq -o=json' prints",
	},
	{ .is = is_firejail, .what = "a firejail profile", .instead = OWN_LANGUAGE },
	{
		.is = is_list,
		.what = "a bare list of system calls, such as a snapd template",
		.instead = OWN_LANGUAGE,
	},
};

const struct import_look *import_look(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (looks[i].is(text, len))
			return &looks[i];
	return NULL;
}
