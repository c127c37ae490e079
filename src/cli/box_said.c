/* What is said of a box: what is missing, what is confined and how, what came of it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/box.h"

/* Tell whether PART is always on: it may be missing without keeping a program from starting. */
static bool is_always_on(enum box_part part)
{
	return part == BOX_SCOPES || part == BOX_ABSTRACT || part == BOX_GUARDED;
}

int box_check_missing(const struct cli *c, struct cli_box *b)
{
	bool refused = false;

	for (int part = 0; part < BOX_PARTS; part++) {
		if (!box_lacks(&b->setup, part))
			continue;
		if (is_always_on(part)) {
			if (c->o.verbose)
				cli_note(c, "not confined here: %s", box_part_name(part));
		} else if (c->o.best_effort) {
			cli_warning(c, "not confined here: %s", box_part_name(part));
		} else {
			cli_error("there is no means here to confine %s", box_part_name(part));
			refused = true;
		}
	}
	if (refused)
		cli_hint("it takes a mount namespace, as root or in a user namespace; "
		         "--best-effort starts the program without");
	return refused ? EXIT_USAGE : EXIT_DONE;
}

void box_warn_of_unseen(const struct cli *c, const struct cli_box *b, char *const *argv)
{
	if (b->setup.means[BOX_PRIVATE] != BOX_BY_MOUNTS)
		return;
	for (size_t i = 1; argv[i]; i++) {
		char *real = argv[i][0] == '/' ? realpath(argv[i], NULL) : NULL;

		if (real && !box_sees(&b->setup, real))
			cli_warning(c, "'%s' is not visible in the box, which has its own %s; "
			               "--ro %s shows it",
			            argv[i], strncmp(real, "/dev", 4) == 0 ? "/dev/shm" : "/tmp",
			            argv[i]);
		free(real);
	}
}

static void print_means(FILE *out, const struct cli_box *b)
{
	for (int part = 0; part < BOX_PARTS; part++)
		if (b->setup.means[part] != BOX_UNWANTED)
			fprintf(out, "%-44s %s\n", box_part_name(part),
			        box_means_name(b->setup.means[part]));
}

void cli_box_print(FILE *out, const struct cli_box *b)
{
	static const char *const access[] = { "read only", "writable", "hidden" };

	if (b->box.npaths && strcmp(b->setup.place[0].path, "/") != 0)
		fprintf(out, "%-44s %s\n", "/", "read only");
	for (size_t i = 0; i < b->setup.nplaces; i++) {
		const struct box_place *p = &b->setup.place[i];

		fprintf(out, "%-44s %s%s%s\n", p->path, access[p->access], p->why ? ", " : "",
		        p->why ? p->why : "");
	}
	print_means(out, b);
	for (size_t i = 0; i < b->box.nkept; i++)
		fprintf(out, "descriptor %-33d kept\n", b->box.kept[i]);
	if (!b->box.npaths)
		fprintf(out, "%-44s %s\n", "files", "not confined (--rw, --ro, --hide)");
	if (b->box.net == BOX_NET_ALL)
		fprintf(out, "%-44s %s\n", "the network", "as the policy says (--net none)");
}

void cli_box_report(const struct cli_box *b)
{
	const char *path;

	for (size_t i = 0; (path = box_came(&b->setup, &i));)
		fprintf(stderr, "weir: '%s' is new and may be run outside: look at it\n", path);
}
