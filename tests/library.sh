#!/bin/sh
# What libweir shows and needs: the names of weir.h and the C library, nothing else.
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
lib=$top_builddir/.libs/libweir.so
archive=$top_builddir/.libs/libweir.a
map=$top_srcdir/src/libweir.map
failures=0
skipped=

# same WHAT FILE FILE: two sorted lists of names are the same.
same()
{
	if ! diff "$2" "$3" >"$tmp/diff"; then
		echo "$1:"
		grep '^[<>]' "$tmp/diff"
		failures=1
	fi
}

# --- the names: weir.h, the map of versions, the library, the archive -----------

sed -n 's/^WEIR_API.*[ *]\(weir_[a-z0-9_]*\)(.*/\1/p' "$top_srcdir/src/weir.h" |
	LC_ALL=C sort >"$tmp/header"
# "WEIR_0.1 weir_version"
awk '/^[A-Z].*\{/ { node = $1 } /^\tweir_/ { sub(";", ""); print node, $1 }' "$map" |
	LC_ALL=C sort -k 2 >"$tmp/versions"
cut -d ' ' -f 2 "$tmp/versions" >"$tmp/map"
same "src/weir.h (<) and src/libweir.map (>) differ; a new function needs a line in both" \
	"$tmp/header" "$tmp/map"

if [ -f "$lib" ]; then
	objdump -T "$lib" | awk '
		/^[0-9a-f]+ / && !/\*(UND|ABS)\*/ { print $(NF - 1), $NF }' |
		LC_ALL=C sort -k 2 >"$tmp/so"
	[ "$version_script" = yes ] || sed -i 's/.* /Base /' "$tmp/so" "$tmp/versions"
	same "src/libweir.map (<) and libweir.so (>)" "$tmp/versions" "$tmp/so"
else
	skipped="$skipped libweir.so (not built)"
fi

# As `make install` does it; then a program may have names that libweir has inside.
if [ -f "$archive" ] && [ "$OBJCOPY" != : ]; then
	cp "$archive" "$tmp/libweir.a"
	sh "$top_srcdir/src/localize.sh" "$tmp/libweir.a" 2>"$tmp/note"
	cat "$tmp/note"
	$NM -g "$tmp/libweir.a" | awk 'NF == 3 && $2 != "U" && $3 !~ /^__/ { print $3 }' |
		LC_ALL=C sort >"$tmp/a"
	same "src/libweir.map (<) and libweir.a (>)" "$tmp/map" "$tmp/a"
	cat >"$tmp/own.c" <<-'EOT'
	#include <stdio.h>
	#include "weir.h"
	void arena_free(void *arena);
	int parse_next;
	static int freed;
	void arena_free(void *arena)
	{
		freed++;
	}
	int main(void)
	{
		struct weir_program *p;
		size_t n;

		if (weir_compile(&p, "tcp port 80", 1, 0, 0, WEIR_O2))
			return 1;
		weir_program_insns(p, &n);
		weir_program_free(p);
		printf("%d %s\n", freed, n > 4 ? "compiled" : "too short");
		return 0;
	}
	EOT
	if $CC $HOUSE_CFLAGS $CPPFLAGS $CFLAGS -I"$top_srcdir/src" -o "$tmp/own" "$tmp/own.c" \
		"$tmp/libweir.a"; then
		[ "$("$tmp/own")" = "0 compiled" ] || {
			echo "libweir called the program's own arena_free"
			failures=1
		}
	else
		echo "a program with an arena_free of its own cannot be linked with libweir.a"
		failures=1
	fi
	# The same from C++.
	cxx=$(for c in ${CXX-} g++ clang++; do command -v "$c" && break; done || true)
	if [ -z "$cxx" ]; then
		skipped="$skipped C++ (no compiler)"
	else
		cp "$tmp/own.c" "$tmp/own.cc"
		flags=$(echo " $HOUSE_CFLAGS $CFLAGS" | grep -oE ' (-m[0-9]+|-fsanitize=[^ ]*|--coverage)' || true)
		"$cxx" $flags $CPPFLAGS -I"$top_srcdir/src" -o "$tmp/own++" "$tmp/own.cc" \
			"$tmp/libweir.a" && [ "$("$tmp/own++")" = "0 compiled" ] || {
			echo "a C++ program cannot use libweir.a"
			failures=1
		}
	fi
else
	skipped="$skipped libweir.a (not built, or no objcopy)"
fi

# A language without a compiler has the library by its names alone.
case $HOUSE_CFLAGS in
*-fsanitize*) skipped="$skipped ctypes (Python has no sanitizers)" ;;
*)
	if [ ! -f "$lib" ] || ! command -v python3 >/dev/null ||
	   ! python3 -c "import ctypes, sys; ctypes.CDLL(sys.argv[1])" "$lib" 2>/dev/null; then
		skipped="$skipped ctypes (no Python, or one for other programs)"
	elif ! python3 - "$lib" <<-'EOT'
		import ctypes, sys
		weir = ctypes.CDLL(sys.argv[1])
		expression, program = ctypes.c_void_p(), ctypes.c_void_p()
		n = ctypes.c_size_t()
		assert weir.weir_expression_read(ctypes.byref(expression), b'tcp port 80',
		                                 ctypes.c_size_t(11), None) == 0
		assert weir.weir_expression_compile(ctypes.byref(program), expression, None) == 0
		weir.weir_expression_free(expression)
		weir.weir_program_insns(program, ctypes.byref(n))
		weir.weir_program_free(program)
		assert n.value > 4, n
		EOT
	then
		echo "Python's ctypes cannot use libweir.so"
		failures=1
	fi ;;
esac

# --- what it needs ---------------------------------------------------------------

# Each library that is linked costs start-up; libpcap is opened when it is needed.
for file in "$lib" "$top_builddir/weir"; do
	[ -f "$file" ] || continue
	needs=$(objdump -p "$file" | awk '$1 == "NEEDED" { print $2 }' |
		grep -vE '^(lib(c|dl|m|rt|pthread|resolv)\.|ld-linux|libasan|libubsan|libclang_rt|libgcc_s|libgcov)' || true)
	if [ -n "$needs" ]; then
		echo "$file needs" $needs
		failures=1
	fi
done

[ -z "$skipped" ] || echo "not looked at:$skipped"
exit $failures
