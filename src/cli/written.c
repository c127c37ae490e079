/* Programs as results: in the format that is asked for, and what they cost. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* Print what -v adds: what Linux makes of the program. */
static void print_cost(const struct weir_program *program)
{
	struct weir_verdict v = { .size = sizeof v };

	if (weir_program_check(program, &v) != 0)
		return;
	fprintf(stderr, "weir: %zu instructions, %zu on the longest path; the "
	                "kernel makes %zu of them",
	        v.insns, v.longest_path, v.converted);
	if (weir_program_kind(program) == WEIR_SECCOMP)
		fprintf(stderr, " and answers %zu calls without running them\n",
		        v.cached_calls);
	else
		fprintf(stderr, " and charges %zu bytes\n", v.memory);
}

int cli_write_program(struct cli *c, const struct weir_program *program,
                      const int *linktype)
{
	struct weir_show_options o = {
		.size = sizeof o,
		.linktype = linktype ? *linktype : 0,
		.have_linktype = linktype,
	};
	const char *format = cli_format_wanted(c);
	char *text;
	size_t len;
	int err, status;

	if (ebpf_wanted(c))
		return ebpf_write(c, program);
	cli_look(c, &o);
	err = weir_program_show(program, cli_library_format(c), &o, &text, &len);
	if (err == -EINVAL) {
		cli_error("the program cannot be expressed in format '%s'", format);
		return EXIT_USAGE;
	}
	if (err) {
		cli_error("writing the program as '%s': %s", format,
		          strerror(-err));
		return EXIT_USAGE;
	}
	status = cli_write_format(c, text, len);
	free(text);
	if (c->o.verbose)
		print_cost(program);
	return status;
}
