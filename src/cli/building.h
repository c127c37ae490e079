/*
 * building: what the programs share that run while weir is built, and make tables of the
 * policies that come with it. What goes wrong in them ends the build.
 */
#ifndef WEIR_CLI_BUILDING_H
#define WEIR_CLI_BUILDING_H

#include <stdbool.h>
#include <stdint.h>

#include "weir.h"

/* End the build if ERR is not 0 but -errno, of WHAT. */
void building_must(int err, const char *what);
/* Print DIAG if it is an error: a weir_diag_fn. */
void building_complain(void *ctx, const struct weir_diag *diag);
/*
 * Read TEXT, a policy of format FORM (NULL: our own) for ABI (NULL: its own). It may
 * include shipped ones, for each of which a bit of *INCLUDES is set.
 */
struct weir_policy *building_policy(const char *name, const char *text, const char *form,
                                    const char *abi, uint64_t *includes);
/* Tell whether TEXT is a whole policy, not one to be included. */
bool building_is_whole(const char *text);
/* Return the status of main: 0 if all that was printed arrived. */
int building_end(void);

#endif
