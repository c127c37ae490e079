#!/bin/sh
# The policies that come with weir, and the examples of weir-policy(5), compile
# without a word, on other ABIs too; what is built in is what compiling gives.
set -eu

start=$(pwd)
pol=$(cd "$top_builddir" && pwd)/tests/golden/pol
weir=$(cd "$top_builddir" && pwd)/weir
policies=$(cd "$top_srcdir" && pwd)/policies
page=$(cd "$top_srcdir" && pwd)/man/weir-policy.5
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cp "$policies"/* "$tmp"
parts="sets with-files with-internet with-programs with-threads"
for part in $parts; do
	printf 'default errno EPERM\nkernel 5.0\ninclude "base"\ninclude "%s"\n' $part \
		>"$tmp/whole-$part"
done

# Each literal display of the page that follows a comment with its name.
awk -v dir="$tmp" '
	/^\.\\" policy: / { name = dir "/page-" $3; next }
	/^\.Bd -literal/  { writing = name; next }
	/^\.Ed/           { writing = name = ""; next }
	writing != ""     { gsub(/\\e/, "\\"); print >writing }
' "$page"
[ "$(ls "$tmp"/page-* | wc -l)" -ge 6 ] || { echo "weir-policy.5 has lost its examples"; exit 1; }

cd "$tmp"
for policy in *; do
	# What weir run adds leaves nearly all calls to the policy, io_uring's too.
	case " $parts box " in *" $policy "*) continue ;; esac
	for abi in x86_64 aarch64 riscv64 arm loongarch64; do
		# The page's examples are for x86_64 and what goes with it.
		case $policy-$abi in page-*-x86_64) ;; page-*) continue ;; esac
		# What weir run adds is about a few calls, and leaves the rest to the policy.
		messages=$("$pol" -a $abi "$policy") && [ -z "$messages" ] && continue
		echo "$policy on $abi:"
		echo "$messages"
		exit 1
	done
	# Here socketcall and ipc are warned of: their arguments are not visible.
	for abi in i386 s390x m68k; do
		case $policy in page-*) continue ;; esac
		messages=$("$pol" -a $abi "$policy" | grep -e error: -e warning: |
			grep -v "are not visible in '") || continue
		echo "$policy on $abi:"
		echo "$messages"
		exit 1
	done
done

# What weir run has compiled already is what weir policy makes of the same texts.
texts=$top_builddir/src/cli/shipped_texts.h
programs=$top_builddir/src/cli/shipped_programs.h
cd "$start"
grep -q '^{ [0-9]' "$programs" || exit 0    # a cross build
sed -n 's/^{ "\(.*\)",$/\1/p' "$texts" >"$tmp/names"
[ "$(wc -l <"$tmp/names")" -eq "$(ls "$policies" | wc -l)" ] ||
	{ echo "not all policies are built in"; exit 1; }
mkdir "$tmp/local"
for policy in "$policies"/*; do
	sed 's/^\([ \t]*\)include "\([a-z0-9-]*\)"/\1include ".\/\2"/' "$policy" \
		>"$tmp/local/${policy##*/}"
done
row=0
while read -r policy; do
	sed -n "/ program_$row\[\] = {/,/^};/{//d;p}" "$programs" >"$tmp/have"
	row=$((row + 1))
	grep -q '^default ' "$policies/$policy" || continue
	# The box's are for all ABIs of the machine.
	options=--lint
	case $policy in
	box*)
		[ "$(uname -m)" = x86_64 ] || continue
		options="-q -a x86_64,i386,x32" ;;
	esac
	"$weir" policy $options -ddd "$tmp/local/$policy" |
		sed -e 1d -e 's/ /, /g' -e 's/.*/{ & },/' >"$tmp/want"
	cmp "$tmp/have" "$tmp/want" || { echo "$policy is built in otherwise"; exit 1; }
done <"$tmp/names"
