#!/bin/sh
# Builds weir with small limits (src/base/limits.h) in build/stress and runs the unit tests
# there, and random graphs against the evaluator: what is rare otherwise is common then.
#     tests/stress.sh              from anywhere
# Not a part of `make check`, which it would make longer by a build; ./bootstrap check runs it.
set -eu

cd "$(dirname "$0")/.."
[ -x configure ] || { echo "stress: run autoreconf -fi first"; exit 99; }
mkdir -p build/stress
cd build/stress
[ -f Makefile ] || ../../configure --disable-shared --enable-werror --enable-stress \
	CC="${CC:-cc}" CFLAGS="-O1 -g" >configure.log 2>&1 || { tail -n 5 configure.log; exit 1; }
units=$(cd ../.. && echo tests/unit/test_*.c | sed 's/\.c//g')
make -k -j"$(nproc)" $units tests/diff/graph_diff >make.log 2>&1 ||
	{ grep -A 5 -i -e error -e undefined make.log; exit 1; }
failed=0
for unit in $units; do
	if top_srcdir=../.. top_builddir=. timeout 300 "$unit" >"$unit.log" 2>&1; then
		echo "PASS: stress: $unit"
	else
		echo "FAIL: stress: $unit"
		tail -n 20 "$unit.log"
		failed=1
	fi
done
if timeout 300 tests/diff/graph_diff --count 2000 >graph_diff.log 2>&1; then
	echo "PASS: stress: tests/diff/graph_diff"
else
	echo "FAIL: stress: tests/diff/graph_diff"
	tail -n 20 graph_diff.log
	failed=1
fi
exit $failed
