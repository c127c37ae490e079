#!/bin/sh
# weir.h is C from 1989 on and C++ from 1998 on, without a warning; each declaration says
# which version brought it, the same as libweir.map for a function.
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failures=0
tried=0

# Both include it twice, and use it, so that C++ sees more than declarations.
cat >"$tmp/use.c" <<'EOT'
#include "weir.h"
#include "weir.h"
const char *use(struct weir_program **out);
const char *use(struct weir_program **out)
{
	struct weir_expression_options o = { sizeof(struct weir_expression_options) };
	struct weir_expression *e;

	if (weir_expression_read(&e, "ip", 2, &o))
		return 0;
	return weir_expression_compile(out, e, 0) ? 0 : weir_version();
}
EOT
cp "$tmp/use.c" "$tmp/use.cc"

printf '#include <stdbool.h>\nextern bool known;\n' | tee "$tmp/known.c" >"$tmp/known.cc"

# compile FILE STANDARD COMPILER...: a standard that the compiler does not know, or in
# which it refuses <stdbool.h>, is passed over.
compile()
{
	file=$1 std=$2
	shift 2
	set -- "$@" -std="$std" -pedantic -Wall -Wextra -Wconversion \
		-Wno-missing-field-initializers -Werror ${CPPFLAGS-} -I"$top_srcdir/src" -fsyntax-only
	"$@" "$tmp/known.${file#*.}" 2>/dev/null || return 0
	tried=$((tried + 1))
	if ! "$@" "$tmp/$file"; then
		echo "weir.h is not $std: $*"
		failures=1
	fi
}

for std in c89 c99 c11 c17 c2x; do
	compile use.c "$std" ${CC:-cc}
done
cxx=
for name in ${CXX-} g++ clang++; do
	command -v "$name" >/dev/null && cxx=$name && break
done
if [ -n "$cxx" ]; then
	for std in c++98 c++11 c++14 c++17 c++20; do
		compile use.cc "$std" "$cxx"
	done
else
	echo "not asked: there is no C++ compiler"
fi

# since HEADER: "NAME VERSION" for each function; complains where a mark is missing.
since()
{
	awk '
	/@since [0-9]+\.[0-9]+( \*\/)?$/ { version = $NF == "*/" ? $(NF - 1) : $NF; marked = NR }
	/^(WEIR_API |struct [a-z_]+( \{|;)$|enum( [a-z_]+)? \{$|typedef |#define WEIR_[A-Z_]+ )/ {
		if (/^#define/ && before ~ /^#define WEIR_/)
			marked = NR - 1
		if (!/WEIR_API __attribute__/ && NR - marked != 1 && !(NR - marked == 2 && before == " */"))
			print "weir.h: no @since before: " $0
		else if (match($0, /weir_[a-z_0-9]+\(/) && /^WEIR_API/)
			print substr($0, RSTART, RLENGTH - 1), version
	}
	{ before = $0 }
	END { if (!marked) print "weir.h: no @since at all" }' "$1"
}

since "$top_srcdir/src/weir.h" | sort >"$tmp/since"
awk '/^WEIR_[0-9.]+ \{/ { version = substr($1, 6) } /^\tweir_/ { sub(/;/, ""); print $1, version }' \
	"$top_srcdir/src/libweir.map" | sort >"$tmp/map"
if ! diff "$tmp/since" "$tmp/map"; then
	echo "weir.h (<) and libweir.map (>) differ in what came with which version"
	failures=1
fi
# And it sees a mark that is missing.
sed '0,/ @since [0-9.]* \*\//s// *\//' "$top_srcdir/src/weir.h" >"$tmp/unmarked.h"
since "$tmp/unmarked.h" | grep -q 'no @since before' || {
	echo "a missing @since is not seen"
	failures=1
}

[ "$tried" -ge 3 ] || { echo "no compiler took a standard"; exit 1; }
exit $failures
