/* abis: the ABIs of this machine, for the command and for what builds it. */
#ifndef WEIR_CLI_ABIS_H
#define WEIR_CLI_ABIS_H

#include <stdbool.h>

/* Return the ABIs whose calls this machine's kernel may take: "x86_64,i386,x32". */
const char *cli_machine_abis(void);
/* Tell whether a shipped policy is one of the box's own, which are about all of them. */
bool cli_is_box_rule(const char *policy);

#endif
