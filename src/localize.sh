#!/bin/sh
# Makes an archive show weir_* alone, as the shared library does:
#     localize.sh ARCHIVE     with CC, CFLAGS, OBJCOPY, AR, NM in the environment
# Its objects become one, in which what is hidden is local. Where the tools cannot do
# that, the archive stays as it was, and a note says so; it works, but then a program
# cannot have a function named as one inside libweir.
set -u

archive=$1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

join()
{
	$CC $CFLAGS -r -nostdlib -no-pie "$@" -o "$tmp/libweir.o" \
		-Wl,--whole-archive "$archive" -Wl,--no-whole-archive
}

# Names that are not weir_*, but for those of instrumented builds.
others()
{
	$NM -g "$1" 2>/dev/null | awk 'NF == 3 && $2 != "U" && $3 !~ /^(weir_|__asan|__odr_asan)/'
}

# A group of sections that another object has as well would be thrown away with the
# local names in it, so there must be no groups any more. Objects made with -flto have
# to be compiled to the end. Not every compiler and linker knows these options.
localize()
{
	join -Wl,--force-group-allocation -flinker-output=nolto-rel ||
		join -Wl,--force-group-allocation || join || return
	$OBJCOPY --localize-hidden "$tmp/libweir.o" || return
	[ -z "$(others "$tmp/libweir.o")" ] || return
	$AR cr "$tmp/libweir.a" "$tmp/libweir.o" && cp "$tmp/libweir.a" "$archive"
}

if ! localize 2>"$tmp/log"; then
	echo "note: $archive keeps the names inside libweir, too:" \
		"$(head -n 1 "$tmp/log")" >&2
fi
