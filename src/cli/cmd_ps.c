/*
 * weir ps: the processes under seccomp filters, the sockets with filters, and what these
 * filters are. It stops no process.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/ps.h"

/* --- columns --------------------------------------------------------------------------- */

typedef void put_fn(struct ps *ps, struct buf *out, const struct ps_row *row);

static void put_number(struct buf *out, int64_t n, bool known)
{
	if (known)
		buf_printf(out, "%" PRId64, n);
	else
		buf_putc(out, '-');
}

/* Put TEXT, of which a process may be the author: no control character is shown. */
static void put_safely(struct buf *out, const char *text)
{
	if (!text || !*text)
		buf_putc(out, '-');
	for (size_t left = text ? strlen(text) : 0; left;) {
		size_t len = utf8_length(text, left);

		if (len > 1 || (len == 1 && *text >= ' ' && *text != '\177'))
			buf_write(out, text, len);
		else
			buf_putc(out, '?');
		text += len ? len : 1;
		left -= len ? len : 1;
	}
}

static void put_pid(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	put_number(out, row->pid, row->pid);
	if (row->tid != row->pid)
		buf_printf(out, "/%d", row->tid);
}

static void put_tid(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	put_number(out, row->tid, row->tid);
}

static void put_uid(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	put_number(out, row->uid, row->uid >= 0);
}

/* Return the name of user UID; NULL: it has none. Rows in a row are often of one user. */
static const char *user_name(struct ps *ps, int64_t uid)
{
	const struct passwd *user;

	if (uid < 0 || ps->cli->o.no_names)
		return NULL;
	if (!ps->asked_user || ps->last_uid != uid) {
		user = getpwuid((uid_t)uid);
		ps->last_user = user ? arena_strndup(ps->arena, user->pw_name,
		                                     strlen(user->pw_name))
		                     : NULL;
		ps->last_uid = uid;
		ps->asked_user = true;
	}
	return ps->last_user;
}

static void put_user(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	const char *name = user_name(ps, row->uid);

	if (name)
		put_safely(out, name);
	else
		put_uid(ps, out, row);
}

static void put_on(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	put_safely(out, row->on);
}

static void put_space(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	put_number(out, (int64_t)row->space, row->space);
}

static void put_filters(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	put_number(out, row->count, row->count >= 0);
}

/* Return how many instructions all filters of ROW have; 0: not known. */
static uint64_t total_length(const struct ps_row *row)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < row->n; i++) {
		if (!row->filter[i].length)
			return 0;
		sum += row->filter[i].length;
	}
	return sum;
}

static void put_length(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	uint64_t sum = total_length(row);

	put_number(out, (int64_t)sum, sum);
}

static const char *profile_of(const struct ps_row *row, uint32_t i)
{
	const char *name = row->filter[i].profile;

	return name ? name : "unknown";
}

/* Tell whether an earlier filter of ROW has the name of filter I. */
static bool is_named_before(const struct ps_row *row, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (!strcmp(profile_of(row, k), profile_of(row, i)))
			return true;
	return false;
}

static void put_profile(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	if (!total_length(row) || row->socket) {
		buf_putc(out, '-');
		return;
	}
	for (uint32_t i = 0; i < row->n; i++)
		if (!is_named_before(row, i))
			buf_printf(out, "%s%s", i ? ", " : "", profile_of(row, i));
}

static void put_command(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	put_safely(out, row->command);
}

/*
 * Return the arguments of ROW's process, separated by spaces; NULL if it shows
 * none.
 */
static const char *arguments(struct ps *ps, const struct ps_row *row)
{
	char pid[32], text[4096];
	size_t n;

	snprintf(pid, sizeof pid, "%d", row->pid);
	n = row->pid ? ps_read_proc(ps, pid, "cmdline", text, sizeof text) : 0;
	while (n && !text[n - 1])
		n--;
	if (!n)
		return NULL;
	for (size_t i = 0; i < n; i++)
		text[i] = text[i] ? text[i] : ' ';
	return arena_strndup(ps->arena, text, n);
}

static void put_args(struct ps *ps, struct buf *out, const struct ps_row *row)
{
	const char *args = arguments(ps, row);

	put_safely(out, args ? args : row->command);
}

static const struct column {
	const char *name, *title;
	put_fn *put;
	bool right;
} columns[] = {
	{ "pid", "PID", put_pid, true },
	{ "tid", "TID", put_tid, true },
	{ "user", "USER", put_user, false },
	{ "uid", "UID", put_uid, true },
	{ "on", "ON", put_on, false },
	{ "netns", "NETNS", put_space, true },
	{ "filters", "FILTERS", put_filters, true },
	{ "length", "LENGTH", put_length, true },
	{ "profile", "PROFILE", put_profile, false },
	{ "command", "COMMAND", put_command, false },
	{ "args", "COMMAND", put_args, false },
};

static const char usual_columns[] = "pid,user,on,filters,length,profile,command";

/* The columns of a table. */
struct chosen {
	const struct column *v[64];
	size_t n;
};

static const struct column *find_column(const char *name, size_t len)
{
	struct suggest s;
	const char *near;

	suggest_start(&s, name, len);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (strlen(columns[i].name) == len && !memcmp(columns[i].name, name, len))
			return &columns[i];
		suggest_offer(&s, columns[i].name);
	}
	near = suggest_best(&s);
	cli_error("unknown column '%.*s'%s%s%s", (int)len, name,
	          near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return NULL;
}

/* Read LIST, the names of columns with commas between; false after a message. */
static bool choose_columns(struct chosen *out, const char *list)
{
	for (;;) {
		size_t len = strcspn(list, ",");
		const struct column *column = find_column(list, len);

		if (!column)
			return false;
		if (out->n == ARRAY_LEN(out->v)) {
			cli_error("-o takes %zu columns at most", ARRAY_LEN(out->v));
			return false;
		}
		out->v[out->n++] = column;
		if (!list[len])
			return true;
		list += len + 1;
	}
}

/* --- as text ------------------------------------------------------------------------------- */

/* Return how many columns of a terminal TEXT takes: no character is a wide one here. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static const char *cell(struct ps *ps, const struct column *column, const struct ps_row *row)
{
	struct buf text = { .arena = ps->arena };

	if (!row)
		return column->title;
	column->put(ps, &text, row);
	return buf_str(&text);
}

/* Put a line of cells; after the last there are no blanks. */
static void put_line(struct buf *out, const struct chosen *chosen, const char **cells,
                     const size_t *width)
{
	for (size_t i = 0; i < chosen->n; i++) {
		int blanks = (int)(width[i] - width_of(cells[i]));
		bool last = i + 1 == chosen->n;

		buf_printf(out, "%s%*s%s%*s", i ? "  " : "", chosen->v[i]->right ? blanks : 0,
		           "", cells[i], chosen->v[i]->right || last ? 0 : blanks, "");
	}
	buf_putc(out, '\n');
}

static void put_table(struct ps *ps, struct buf *out, const struct chosen *chosen)
{
	size_t rows = ps->rows.n + 1, width[64] = { 0 };
	const char **cells = arena_array(ps->arena, const char *, rows * chosen->n);

	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < chosen->n; i++) {
			const char *text = cell(ps, chosen->v[i], r ? &ps->rows.v[r - 1] : NULL);

			cells[r * chosen->n + i] = text;
			if (width_of(text) > width[i])
				width[i] = width_of(text);
		}
	for (size_t r = 0; r < rows; r++)
		put_line(out, chosen, cells + r * chosen->n, width);
}

/* --- as JSON -------------------------------------------------------------------------------- */

static void put_known(struct json_writer *w, const char *key, int64_t n, bool known)
{
	if (known)
		json_put_signed(w, key, n);
	else
		json_put_null(w, key);
}

static void put_filters_json(struct json_writer *w, const struct ps_row *row)
{
	if (!row->n && row->count) {
		json_put_null(w, "filters");
		return;
	}
	json_begin_array(w, "filters", JSON_PACKED);
	for (uint32_t i = 0; i < row->n; i++) {
		json_begin_object(w, NULL, JSON_PACKED);
		put_known(w, "length", row->filter[i].length, row->filter[i].length);
		if (!row->socket)
			json_put_string(w, "profile", row->filter[i].profile);
		json_end(w);
	}
	json_end(w);
}

static void put_row_json(struct ps *ps, struct json_writer *w, const struct ps_row *row)
{
	json_begin_object(w, NULL, JSON_PACKED);
	put_known(w, "pid", row->pid, row->pid);
	put_known(w, "tid", row->tid, row->tid);
	put_known(w, "uid", row->uid, row->uid >= 0);
	json_put_string(w, "user", user_name(ps, row->uid));
	json_put_string(w, "command", row->command);
	json_put_string(w, "args", arguments(ps, row));
	json_put_string(w, "on", row->on);
	if (row->space)
		json_put_unsigned(w, "netns", row->space);
	put_known(w, "count", row->count, row->count >= 0);
	put_filters_json(w, row);
	json_end(w);
}

static void put_rows_json(struct ps *ps, struct json_writer *w, const char *key, bool sockets)
{
	json_begin_array(w, key, JSON_PACKED);
	array_each(row, &ps->rows)
		if (row->socket == sockets) {
			buf_putc(w->out, '\n');
			put_row_json(ps, w, row);
		}
	json_end(w);
}

static void put_json(struct ps *ps, struct buf *out)
{
	struct json_writer w = { .out = out };

	json_begin_object(&w, NULL, JSON_LINES);
	put_rows_json(ps, &w, "processes", false);
	put_rows_json(ps, &w, "sockets", true);
	json_begin_array(&w, "unseen", JSON_LINES);
	array_each(text, &ps->unseen)
		json_put_string(&w, NULL, *text);
	json_end(&w);
	json_end(&w);
	buf_putc(out, '\n');
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Find all that is asked for; false after a message. */
static bool look(struct ps *ps)
{
	const struct options *o = &ps->cli->o;
	bool rights, sees = ps_sees_sockets();

	if (!ps_add_processes(ps, &rights))
		return false;
	if (!rights && !sees && !o->fds)
		ps_unseen(ps, "lengths, profiles and sockets: this needs root (the "
		              "capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN)");
	else if (!rights)
		ps_unseen(ps, "lengths and profiles: this needs root, or the capabilities "
		              "CAP_BPF and CAP_PERFMON");
	else if (!sees && !o->fds)
		ps_unseen(ps, "sockets: this needs root, or the capability CAP_NET_ADMIN");
	if (o->fds)
		return ps_add_descriptors(ps, (int)o->fds);
	if (sees)
		ps_add_packet_sockets(ps);
	return true;
}

static int report(struct cli *c, struct buf *out, void *ctx)
{
	struct ps ps = { .cli = c, .arena = out->arena };

	ps.pid = (int)(c->o.fds ? c->o.fds : c->o.pid);
	for (size_t i = 0; i < c->o.programs.n; i++)
		if (!known_ask(&ps, c->o.programs.v[i].text))
			return EXIT_USAGE;
	if (!look(&ps))
		return EXIT_USAGE;
	if (c->o.json)
		put_json(&ps, out);
	else
		put_table(&ps, out, ctx);
	array_each(text, &ps.unseen)
		cli_warning(c, "not shown: %s", *text);
	return EXIT_DONE;
}

/* Tell whether there is a process PID, 0 if none was named; false after a message. */
static bool is_process(uint64_t pid, bool named)
{
	if (!named)
		return true;
	if (pid && pid <= INT32_MAX && (!kill((pid_t)pid, 0) || errno == EPERM))
		return true;
	cli_error("unknown process %" PRIu64, pid);
	return false;
}

int cmd_ps(struct cli *c)
{
	const struct options *o = &c->o;
	struct chosen chosen = { 0 };

	if (c->nwords || c->rest) {
		cli_error("'weir ps' takes options only, not '%s'",
		          c->nwords ? c->words[0] : "--");
		return EXIT_USAGE;
	}
	if (o->given.has[OPT_ONLY_PID] && o->given.has[OPT_FDS]) {
		cli_error("--pid and --fds are mutually exclusive");
		return EXIT_USAGE;
	}
	if (o->given.has[OPT_COLUMNS] && o->json) {
		cli_error("-o and --json are mutually exclusive");
		return EXIT_USAGE;
	}
	if (!is_process(o->pid, o->given.has[OPT_ONLY_PID]) ||
	    !is_process(o->fds, o->given.has[OPT_FDS]) ||
	    !choose_columns(&chosen, o->columns ? o->columns : usual_columns))
		return EXIT_USAGE;
	return cli_report(c, report, &chosen);
}
