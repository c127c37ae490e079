/* weir show: a program in any format in, the same program in another one out. */
#include "config.h"

#include "base/base.h"
#include "cli/cli.h"

int cmd_show(struct cli *c)
{
	struct weir_format format;
	struct cli_program p;
	int status = cli_find_format(c, false, &format);

	if (status != EXIT_DONE)
		return status;
	if (!cli_programs_given(c, 1))
		return EXIT_USAGE;
	status = cli_program_open(c, 0, &p);
	if (status == EXIT_DONE)
		status = cli_write_program(c, p.program);
	cli_program_close(&p);
	return status;
}
