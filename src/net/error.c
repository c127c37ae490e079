/* The one-line reason why something could not be done. */
#include "net/net.h"

#include <stdarg.h>

int net_fail(struct net_error *e, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return err;
}
