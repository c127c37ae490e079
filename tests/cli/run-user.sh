#!/bin/sh
# weir run works the same for an ordinary user; run.sh itself is run as one.
. "${top_srcdir:-.}/tests/cli/lib.sh"

[ "$(id -u)" -eq 0 ] || skip "this is an ordinary user already"
command -v setpriv >/dev/null || skip "setpriv is missing"
as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
$as_nobody true || skip "cannot become another user"
$as_nobody test -x "$weir" -a -r "$source/tests/cli/run.sh" ||
	skip "an ordinary user cannot read this directory"
# Where a coverage build keeps its counts, this user cannot write.
mkdir "$tmp/counts" && chmod 777 "$tmp/counts"
for test in run.sh run-ends.sh run-killed.sh run-programs.sh run-shipped.sh; do
	GCOV_PREFIX=$tmp/counts HOME=/tmp TMPDIR=/tmp $as_nobody "$source/tests/cli/$test" >"$tmp/log" 2>&1
	case $? in
	0 | 77) ;;
	*) fail "$test as an ordinary user"; cat "$tmp/log" ;;
	esac
done
finish
