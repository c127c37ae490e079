#!/bin/bash
# The completion offers the options that --help lists, and no others.
. "${top_srcdir:-.}/tests/cli/lib.sh"
. "$source/completions/weir" || exit 1
LC_ALL=C
export LC_ALL

for command in "" packet policy run filter attach show check eval ps syscalls; do
	# "  -f, --format FORMAT  ..." is two options, "-O[0-3s]" five.
	"$weir" $command --help | sed -n 's/^  *\(-[^ ,]*\)\(, \(--[^ =[]*\)\)\{0,1\}.*/\1 \3/p' |
		tr ' ' '\n' | sed -e 's/,$//' -e 's/\[=.*//' |
		sed 's/^-O.*/-O0\n-O1\n-O2\n-O3\n-Os/' | grep . | sort >"$tmp/help"
	[ -z "$command" ] && printf '%s\n' -h --help -V --version | sort >"$tmp/help"
	_weir_options "$command" | tr ' ' '\n' | grep . | sort >"$tmp/completion"
	[ -s "$tmp/help" ] || fail "no options in 'weir $command --help'"
	diff "$tmp/help" "$tmp/completion" >"$tmp/diff" && continue
	fail "--help (<) and completion (>) of 'weir $command' differ"
	cat "$tmp/diff"
done

formats=$("$weir" help formats | awk '$2 == "program" && $3 == "writes" { print $1 }' | xargs)
[ "$formats" = "$_weir_formats" ] ||
	fail "formats are '$formats', the completion has '$_weir_formats'"
COMP_WORDS=(weir policy -f '')
COMP_CWORD=3
_weir
formats=$("$weir" help formats | awk '$3 == "writes" { print $1 }' | xargs)
[ "${COMPREPLY[*]}" = "$formats" ] ||
	fail "formats of policies are '$formats', the completion has '${COMPREPLY[*]}'"
forms=$("$weir" help formats | awk '$2 == "policy" && $4 == "reads" { print $1 }' | xargs)
[ "$forms program" = "$_weir_forms" ] ||
	fail "policies are read from '$forms program', the completion has '$_weir_forms'"

abis=$("$weir" policy -a none default 2>&1 | sed -n 's/.*expected one of //p' | tr -d ,)
[ "$abis" = "$_weir_abis" ] ||
	fail "ABIs are '$abis', the completion has '$_weir_abis'"

COMP_WORDS=(weir pa)
COMP_CWORD=1
_weir
[ "${COMPREPLY[*]}" = packet ] || fail "'pa' completes to '${COMPREPLY[*]}'"
COMP_WORDS=(weir packet --net)
COMP_CWORD=2
_weir
[ "${COMPREPLY[*]}" = --netmask ] || fail "'--net' completes to '${COMPREPLY[*]}'"
finish
