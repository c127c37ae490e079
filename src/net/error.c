/* The one-line reason why something could not be done. */
#include "config.h"

#include "net/capture.h"

#include <errno.h>
#include <stdarg.h>

int net_fail(struct net_error *e, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return err;
}

int capture_bad(const struct capture *c, struct net_error *e, const char *fmt, ...)
{
	uint64_t at = c->in.offset - (uint64_t)(c->in.end - c->in.at);
	char why[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return net_fail(e, -EINVAL, "'%s', after packet %llu, at byte %llu: %s", c->s.name,
	                (unsigned long long)c->packets, (unsigned long long)at, why);
}
