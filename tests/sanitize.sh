#!/bin/sh
# Builds weir with ASan and UBSan and runs the unit tests there, the golden tests and a few
# hundred random graphs and policies: a byte read or written too far fails, in an arena as
# well (src/base/poison.h).
#     tests/sanitize.sh            from anywhere: in build/sanitize
# A part of `make check`, in the directory sanitize of the build.
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS

here=$(cd "$(dirname "$0")/.." && pwd)
[ -x "$here/configure" ] || { echo "sanitize: run autoreconf -fi first"; exit 99; }
build=${top_builddir:-$here/build}
if grep -q 'fsanitize=address' "$build/Makefile" 2>/dev/null; then
	echo "SKIP: sanitize: this build has sanitizers"
	exit 77
fi
mkdir -p "$build/sanitize"
cd "$build/sanitize"
echo 'int main(void) { return 0; }' >try.c
if ! ${CC:-cc} -fsanitize=address,undefined -o try try.c 2>try.log || ! ./try; then
	echo "SKIP: sanitize: ${CC:-cc} has no sanitizers here: $(head -n 1 try.log)"
	exit 77
fi
[ -f Makefile ] || "$here/configure" --disable-shared --enable-werror --enable-sanitizers \
	CC="${CC:-cc}" CFLAGS="-O1 -g" >configure.log 2>&1 || { tail -n 5 configure.log; exit 1; }
units=$(cd "$here" && echo tests/unit/test_*.c | sed 's/\.c//g')
golden="weir tests/golden/pkt tests/golden/pol tests/golden/planted"
diff="tests/diff/graph_diff tests/diff/policy_diff"
# shellcheck disable=SC2086
make -k -j"$(nproc)" $units $golden $diff >make.log 2>&1 ||
	{ grep -A 5 -i -e error -e undefined make.log; exit 1; }

top_srcdir=$here top_builddir=.
ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
export top_srcdir top_builddir ASAN_OPTIONS UBSAN_OPTIONS
failed=0

# try COMMAND...: one test, and its last words if it fails.
try()
{
	if timeout 1800 "$@" >test.log 2>&1; then
		echo "PASS: sanitize: $*"
	else
		echo "FAIL: sanitize: $*"
		tail -n 40 test.log
		failed=1
	fi
}

for unit in $units; do
	try "$unit"
done
try "$here/tests/golden/run"
try tests/diff/graph_diff --count 300
try tests/diff/policy_diff
exit $failed
