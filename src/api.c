/*
 * The public library: reads top to bottom as the pipeline, text to program to
 * output, and joins what the layers must not know of each other.
 */
#include "weir.h"

#include "config.h"

const char *weir_version(void)
{
	return PACKAGE_VERSION;
}
