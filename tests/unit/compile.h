/* What tests of the public library share. */
#ifndef COMPILE_H
#define COMPILE_H

#include "unit.h"

#include "weir.h"

/* Read and compile TEXT; *OUT is NULL after an error. */
static inline int compile_packet(struct weir_program **out, const char *text,
                                 const struct weir_expression_options *o,
                                 const struct weir_compile_options *how)
{
	struct weir_expression *e;
	int err = weir_expression_read(&e, text, strlen(text), o);

	*out = NULL;
	assert_true(!err == (e != NULL));
	if (!err)
		err = weir_expression_compile(out, e, how);
	weir_expression_free(e);
	return err;
}

#endif
