/*
 * weir check --here: what the running kernel can do for filters: seccomp, Landlock, and
 * the programs, maps and helpers of bpf(2).
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"
#include "kernel/features.h"

enum {
	WIDTH = 78,
	INDENT = 2
};

/* A feature, and whether it is here. */
struct feature {
	const char *group, *name;
	enum kernel_answer answer;
};

struct here {
	struct arena *arena;
	struct utsname system;
	struct kernel_types *types;
	const char *no_types; /* why they are missing; NULL: they are not */
	int programs;         /* 0, or the -errno of loading one */
	int landlock;         /* its ABI */
	ARRAY(struct feature) features;
};

/* --- settings --------------------------------------------------------------------------- */

static const struct {
	const char *name, *path;
} settings[] = {
	{ "net.core.optmem_max", "/proc/sys/net/core/optmem_max" },
	{ "net.core.bpf_jit_enable", "/proc/sys/net/core/bpf_jit_enable" },
	{ "kernel.unprivileged_bpf_disabled", "/proc/sys/kernel/unprivileged_bpf_disabled" },
};

/* Read the number that setting I has; -1: not known. */
static int64_t read_setting(size_t i)
{
	char text[32];
	int fd = open(settings[i].path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? atoll(text) : -1;
}

/* --- asking ------------------------------------------------------------------------------- */

static void add_feature(void *ctx, const char *group, const char *name,
                        enum kernel_answer answer)
{
	struct here *h = ctx;
	struct feature f = { group, name, answer };

	array_push(h->arena, &h->features, f);
}

static void ask(struct here *h)
{
	struct kernel_error e;

	if (kernel_types_open(&h->types, &e)) {
		h->types = NULL;
		h->no_types = arena_strndup(h->arena, e.text, strlen(e.text));
	}
	kernel_seccomp(add_feature, h);
	h->landlock = kernel_landlock(add_feature, h);
	h->programs = kernel_permits_programs();
	if (h->programs)
		return;
	kernel_program_types(h->types, add_feature, h);
	kernel_attach_types(add_feature, h);
	kernel_map_types(add_feature, h);
	kernel_helpers(h->types, add_feature, h);
}

/* --- as text ---------------------------------------------------------------------------------- */

static bool is_in(const struct feature *f, const char *group)
{
	return group && !strcmp(f->group, group);
}

/* Tell whether a feature of GROUP has this answer. */
static bool has_answer(const struct here *h, const char *group, enum kernel_answer answer)
{
	for (uint32_t i = 0; i < h->features.n; i++)
		if (is_in(&h->features.v[i], group) && h->features.v[i].answer == answer)
			return true;
	return false;
}

/* Put the features of GROUP with this answer after LABEL, in lines of a terminal's width. */
static void put_names(struct buf *out, const struct here *h, const char *group,
                      enum kernel_answer answer, const char *label)
{
	size_t column = INDENT + strlen(label);

	if (!has_answer(h, group, answer))
		return;
	buf_printf(out, "%*s%s", INDENT, "", label);
	for (uint32_t i = 0; i < h->features.n; i++) {
		const struct feature *f = &h->features.v[i];

		if (!is_in(f, group) || f->answer != answer)
			continue;
		if (column > INDENT && column + 1 + strlen(f->name) > WIDTH) {
			buf_printf(out, "\n%*s", INDENT, "");
			column = INDENT;
		}
		buf_printf(out, "%s%s", column > INDENT ? " " : "", f->name);
		column += strlen(f->name) + (column > INDENT);
	}
	buf_putc(out, '\n');
}

static void put_group(struct buf *out, const struct here *h, const char *group)
{
	bool helpers = !strncmp(group, "helpers", 7);

	if (!strcmp(group, "landlock") && h->landlock)
		buf_printf(out, "\n%s ABI %d\n", group, h->landlock);
	else
		buf_printf(out, "\n%s\n", group);
	put_names(out, h, group, KERNEL_YES, "");
	if (!helpers) /* most helpers are for other types */
		put_names(out, h, group, KERNEL_NO, "not here:");
	put_names(out, h, group, KERNEL_UNKNOWN, "not known:");
}

static void put_bpf(struct buf *out, const struct here *h)
{
	if (h->programs == -EPERM)
		buf_printf(out, "\nbpf(2): not asked, which needs root (the capabilities CAP_BPF, "
		                "CAP_PERFMON and CAP_NET_ADMIN)\n");
	else if (h->programs)
		buf_printf(out, "\nbpf(2): this kernel does not have it\n");
	else if (h->no_types)
		buf_printf(out, "\nhelpers and programs for functions of the kernel: not known; %s\n",
		           h->no_types);
}

static void put_text(struct buf *out, const struct here *h)
{
	const char *group = NULL;

	buf_printf(out, "Linux %s on %s\n", h->system.release, h->system.machine);
	buf_printf(out, "\nsettings\n");
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		int64_t value = read_setting(i);

		if (value >= 0)
			buf_printf(out, "  %s %lld\n", settings[i].name, (long long)value);
	}
	for (uint32_t i = 0; i < h->features.n; i++)
		if (!is_in(&h->features.v[i], group)) {
			group = h->features.v[i].group;
			put_group(out, h, group);
		}
	put_bpf(out, h);
}

/* --- as JSON ----------------------------------------------------------------------------------- */

/* Turn GROUP into a key: "program types" becomes "program_types". */
static const char *key_of(const struct here *h, const char *group)
{
	char *key = arena_strndup(h->arena, group, strlen(group));

	for (char *c = key; *c; c++)
		*c = *c == ' ' ? '_' : *c;
	return key;
}

static void put_answer(struct json_writer *w, const struct feature *f)
{
	if (f->answer == KERNEL_UNKNOWN)
		json_put_null(w, f->name);
	else
		json_put_bool(w, f->name, f->answer == KERNEL_YES);
}

static void put_features_json(struct json_writer *w, const struct here *h)
{
	const char *group = NULL;

	for (uint32_t i = 0; i < h->features.n; i++) {
		const struct feature *f = &h->features.v[i];

		if (!is_in(f, group)) {
			if (group)
				json_end(w);
			group = f->group;
			json_begin_object(w, key_of(h, group), JSON_PACKED);
		}
		put_answer(w, f);
	}
	if (group)
		json_end(w);
}

static void put_json(struct buf *out, const struct here *h)
{
	struct json_writer w = { .out = out };

	json_begin_object(&w, NULL, JSON_LINES);
	json_put_string(&w, "kernel", h->system.release);
	json_put_string(&w, "machine", h->system.machine);
	json_put_unsigned(&w, "landlock_abi", (uint64_t)h->landlock);
	json_put_bool(&w, "bpf", !h->programs);
	json_put_bool(&w, "types", !h->no_types);
	json_begin_object(&w, "settings", JSON_PACKED);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (read_setting(i) >= 0)
			json_put_signed(&w, settings[i].name, read_setting(i));
	json_end(&w);
	put_features_json(&w, h);
	json_end(&w);
	buf_putc(out, '\n');
}

/* --- the whole ----------------------------------------------------------------------------------- */

static int report(struct cli *c, struct buf *out, void *ctx)
{
	struct here h = { .arena = out->arena };

	uname(&h.system);
	ask(&h);
	if (c->o.json)
		put_json(out, &h);
	else
		put_text(out, &h);
	kernel_types_free(h.types);
	return EXIT_DONE;
}

int check_here(struct cli *c)
{
	if (c->o.programs.n) {
		cli_error("--here is about the running kernel and takes no program");
		return EXIT_USAGE;
	}
	return cli_report(c, report, NULL);
}
