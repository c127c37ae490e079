/* Where the data are: beside this file, and where WEIR_VECTORS says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench.h"

enum {
	PATH_ROOM = 1024
};

static bool own_path(char out[PATH_ROOM], const char *name)
{
	const char *top = getenv("top_srcdir");

	return snprintf(out, PATH_ROOM, "%s/tests/bench/%s", top ? top : ".", name) < PATH_ROOM;
}

FILE *bench_open(const char *name)
{
	char path[PATH_ROOM];

	return own_path(path, name) ? fopen(path, "r") : NULL;
}

/* The path of reference file NAME; false if there is none that can be read. */
static bool vector_path(char out[PATH_ROOM], const char *name)
{
	const char *dir = getenv("WEIR_VECTORS");

	return dir && snprintf(out, PATH_ROOM, "%s/%s", dir, name) < PATH_ROOM &&
	       !access(out, R_OK);
}

FILE *vectors_open(const char *name)
{
	char path[PATH_ROOM];

	return vector_path(path, name) ? fopen(path, "r") : NULL;
}

FILE *script_open(const char *script, const char *name)
{
	char tool[PATH_ROOM], path[PATH_ROOM], command[3 * PATH_ROOM];

	if (!own_path(tool, script) || !vector_path(path, name))
		return NULL;
	/* Quotes in the names of directories would need more than this. */
	if (strchr(tool, '\'') || strchr(path, '\''))
		return NULL;
	snprintf(command, sizeof(command), "exec python3 '%s' '%s'", tool, path);
	return popen(command, "r");
}

char *field(char **line)
{
	char *s = *line, *tab = s ? strchr(s, '\t') : NULL;

	if (tab)
		*tab = '\0';
	*line = tab ? tab + 1 : NULL;
	return s;
}
