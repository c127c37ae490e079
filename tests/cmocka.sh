#!/bin/sh
# The unit tests compile with tests/ports/cmocka.h, which is not all of cmocka.
set -eu

failures=0
for file in "$top_srcdir"/tests/unit/*.c; do
	$CC $HOUSE_CFLAGS -Werror=implicit-function-declaration $CPPFLAGS $CFLAGS -fsyntax-only \
		-I"$top_srcdir/tests/ports" -I"$top_srcdir/tests/unit" -I"$top_srcdir/src" \
		-I"$top_srcdir" -I"$top_builddir" -DHAVE_CONFIG_H "$file" || failures=1
done
[ "$failures" = 0 ] || echo "tests/ports/cmocka.h lacks what a unit test uses, or is wrong"
exit $failures
