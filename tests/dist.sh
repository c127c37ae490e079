#!/bin/sh
# A tarball has every file of the repository but those that belong to git and to CI.
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$top_builddir" distfiles |
	sed "s|^$top_srcdir/||" | LC_ALL=C sort -u >"$tmp/distributed"

cd "$top_srcdir"
if [ -e .git ] && command -v git >/dev/null && git ls-files >"$tmp/ours" 2>/dev/null; then
	grep -v -e '^\.' "$tmp/ours" >"$tmp/wanted"
else
	find docs examples man policies -type f >"$tmp/wanted"
fi
[ -s "$tmp/wanted" ] || { echo "no files were found"; exit 1; }

missing=$(LC_ALL=C sort "$tmp/wanted" | LC_ALL=C comm -23 - "$tmp/distributed" |
	grep -v -x -e Makefile.am -e configure.ac || true)
if [ -n "$missing" ]; then
	echo "not in the tarball, Makefile.am lists them nowhere:"
	echo "$missing"
	exit 1
fi
