/* What the terminal that results go to can show. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"

bool cli_wants_color(const struct cli *c, int fd)
{
	switch (c->o.color) {
	case COLOR_ALWAYS:
		return true;
	case COLOR_NEVER:
		return false;
	case COLOR_AUTO:
		break;
	}
	return isatty(fd) && !getenv("NO_COLOR");
}

/*
 * Return the columns that the environment names, as a shell may export them;
 * else 0.
 */
static unsigned columns_said(void)
{
	const char *text = getenv("COLUMNS");
	char *end;
	unsigned long n = text ? strtoul(text, &end, 10) : 0;

	return text && !*end && n < UINT16_MAX ? (unsigned)n : 0;
}

/* Tell whether the locale's characters are UTF-8; the first variable that is set counts. */
static bool has_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return strstr(value, "UTF-8") || strstr(value, "utf8");
	}
	return false;
}

void cli_look(const struct cli *c, struct weir_show_options *o)
{
	bool to_file = c->o.output && strcmp(c->o.output, "-") != 0;
	bool terminal = !to_file && isatty(STDOUT_FILENO);
	struct winsize size;

	o->color = cli_wants_color(c, STDOUT_FILENO) && (terminal || c->o.color == COLOR_ALWAYS);
	o->arrows = terminal || o->color;
	o->utf8 = o->arrows && has_utf8();
	if (!o->arrows)
		return;
	o->width = columns_said();
	if (!o->width && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		o->width = size.ws_col;
}
