#!/bin/sh
# The manual pages are well-formed.
set -eu

if ! command -v mandoc >/dev/null; then
	echo "skipped: mandoc is not installed"
	exit 77
fi
# Pages of others that are not installed here, or not in an index, are no fault of ours.
complaints=$(mandoc -Tlint "$top_srcdir"/man/*.[1-9] 2>/dev/null |
	grep -v -e 'referenced manual not found' -e 'outdated mandoc.db' || true)
if [ -n "$complaints" ]; then
	echo "$complaints"
	exit 1
fi

# libweir(3) describes all that weir.h exports.
missing=
for f in $(sed -n 's/^WEIR_API.*[ *]\(weir_[a-z0-9_]*\)(.*/\1/p' "$top_srcdir/src/weir.h"); do
	grep -q "^\.F[no] $f\( \|$\)" "$top_srcdir/man/libweir.3" || missing="$missing $f"
done
if [ -n "$missing" ]; then
	echo "libweir.3 lacks:$missing"
	exit 1
fi
