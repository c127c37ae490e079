#!/bin/sh
# The unit tests use no more of cmocka than tests/ports/cmocka.h has.
set -eu

used=$(cat "$top_srcdir"/tests/unit/*.[ch] |
	grep -oE '\b((assert|cmocka|expect|will|check_expected)_[a-z_]+|mock|fail|fail_msg|skip)\(' |
	tr -d '(' | LC_ALL=C sort -u)
missing=
for name in $used; do
	grep -q "^#define $name(" "$top_srcdir/tests/ports/cmocka.h" || missing="$missing $name"
done
if [ -n "$missing" ]; then
	echo "tests/ports/cmocka.h lacks$missing, which tests/unit uses"
	exit 1
fi
[ "$(echo "$used" | wc -l)" -gt 10 ] || { echo "the unit tests use only: $used"; exit 1; }
