#!/bin/sh
# What libweir shows and needs: names with weir_ and the C library, nothing else.
set -eu

lib=$top_builddir/.libs/libweir.so
failures=0

if [ ! -f "$lib" ]; then
	echo "skipped: no shared library was built"
	exit 77
fi
others=$(nm -D --defined-only "$lib" | awk '$3 !~ /^weir_/ { print $3 }')
if [ -n "$others" ]; then
	echo "libweir.so exports" $others
	failures=1
fi
[ "$(nm -D --defined-only "$lib" | grep -c ' T weir_')" -gt 20 ] || {
	echo "libweir.so does not export its functions"
	failures=1
}

# Each library that is linked costs start-up; libpcap is opened when it is needed.
for file in "$lib" "$top_builddir/weir"; do
	needs=$(objdump -p "$file" | awk '$1 == "NEEDED" { print $2 }' |
		grep -vE '^(lib(c|dl|m|rt|pthread|resolv)\.|ld-linux|libasan|libubsan|libclang_rt|libgcc_s|libgcov)' || true)
	if [ -n "$needs" ]; then
		echo "$file needs" $needs
		failures=1
	fi
done
exit $failures
