/*
 * What weir says, on stderr: errors, warnings, hints, and the library's diagnostics.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"

__attribute__((format(printf, 2, 0))) static void say(const char *kind, const char *fmt, va_list ap)
{
	fprintf(stderr, "weir: %s", kind);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void cli_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void cli_warning(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	if (c->o.quiet)
		return;
	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

void cli_note(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	if (c->o.quiet)
		return;
	va_start(ap, fmt);
	say("note: ", fmt, ap);
	va_end(ap);
}

void cli_hint(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("hint: ", fmt, ap);
	va_end(ap);
}

/* Print TEXT with the first WORD in it in COLOR. */
static void print_colored(const char *text, const char *word, const char *color)
{
	const char *at = strstr(text, word);

	if (!at) {
		fputs(text, stderr);
		return;
	}
	fprintf(stderr, "%.*s\033[%sm%s\033[0m%s", (int)(at - text), text, color,
	        word, at + strlen(word));
}

void cli_diag(void *ctx, const struct weir_diag *diag)
{
	static const struct {
		const char *word, *color;
	} looks[] = {
		[WEIR_ERROR] = { "error:", "1;31" },
		[WEIR_WARNING] = { "warning:", "1;35" },
		[WEIR_NOTE] = { "note:", "1;36" },
	};
	struct cli *c = ctx;
	size_t len = strlen(diag->rendered);

	c->erred |= diag->severity == WEIR_ERROR;
	/* A note belongs to what came before it, and goes with it. */
	if (diag->severity != WEIR_NOTE)
		c->muted = c->o.quiet && diag->severity == WEIR_WARNING;
	if (c->muted)
		return;
	if (cli_wants_color(c, STDERR_FILENO))
		print_colored(diag->rendered, looks[diag->severity].word,
		              looks[diag->severity].color);
	else
		fputs(diag->rendered, stderr);
	if (!len || diag->rendered[len - 1] != '\n')
		fputc('\n', stderr);
}

int cli_compile_failed(int err)
{
	if (err == -EBADMSG) /* which was said */
		return EXIT_NO;
	if (err == -EDQUOT)
		cli_hint("--max-memory and --max-work allow more");
	else if (err != -EINVAL)
		cli_error("%s", strerror(-err));
	return EXIT_USAGE;
}
