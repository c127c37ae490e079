/* What the programs share that run while weir is built. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/abis.h"
#include "cli/building.h"
#include "cli/cli.h"

void building_must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	exit(EXIT_FAILURE);
}

void building_complain(void *ctx, const struct weir_diag *diag)
{
	if (diag->severity == WEIR_ERROR)
		fputs(diag->rendered, stderr);
}

/* Find the shipped policy NAME, and set its bit in *CTX: a weir_open_fn. */
static int open_shipped(void *ctx, const char *name, const char *from, char **text,
                        size_t *len)
{
	const char *built_in;
	unsigned i = 0;

	while (shipped_name(i) && strcmp(shipped_name(i), name) != 0)
		i++;
	built_in = shipped_text(name);
	building_must(built_in ? 0 : -ENOENT, name);
	*(uint64_t *)ctx |= UINT64_C(1) << i;
	*text = strdup(built_in);
	*len = strlen(built_in);
	building_must(*text ? 0 : -ENOMEM, name);
	return 0;
}

struct weir_policy *building_policy(const char *name, const char *text, const char *form,
                                    const char *abi, uint64_t *includes)
{
	struct weir_read_options read = {
		.size = sizeof read,
		.name = name,
		.diag = building_complain,
		.open_file = open_shipped,
		.ctx = includes,
	};
	struct weir_policy_options o = {
		.size = sizeof o,
		.read = &read,
		.form = form,
		.abis = cli_is_box_rule(name) ? cli_machine_abis() : abi,
	};
	struct weir_policy *policy;

	*includes = 0;
	building_must(weir_policy_read(&policy, text, strlen(text), &o), name);
	return policy;
}

/* Tell whether TEXT has a line for its default, as a whole policy does. */
bool building_is_whole(const char *text)
{
	return strncmp(text, "default ", 8) == 0 || strstr(text, "\ndefault ");
}

int building_end(void)
{
	building_must(fflush(stdout) || ferror(stdout) ? -EIO : 0, "standard output");
	return EXIT_SUCCESS;
}
