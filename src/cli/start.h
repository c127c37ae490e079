/* start: hints about a program before weir run starts it. */
#ifndef WEIR_CLI_START_H
#define WEIR_CLI_START_H

struct weir_program;

/* Say what the program at PATH will meet under FILTER, where that can be told from its file. */
void cli_start_hints(const char *path, const struct weir_program *filter);

#endif
