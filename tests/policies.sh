#!/bin/sh
# The policies that come with weir, and the examples of weir-policy(5), compile
# without a word.
set -eu

pol=$(cd "$top_builddir" && pwd)/tests/golden/pol
page=$(cd "$top_srcdir" && pwd)/man/weir-policy.5
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cp "$top_srcdir"/policies/* "$tmp"

# Each literal display of the page that follows a comment with its name.
awk -v dir="$tmp" '
	/^\.\\" policy: / { name = dir "/" $3; next }
	/^\.Bd -literal/  { writing = name; next }
	/^\.Ed/           { writing = name = ""; next }
	writing != ""     { gsub(/\\e/, "\\"); print >writing }
' "$page"
[ "$(ls "$tmp" | wc -l)" -ge 8 ] || { echo "weir-policy.5 has lost its examples"; exit 1; }

cd "$tmp"
for policy in *; do
	messages=$("$pol" "$policy") && [ -z "$messages" ] && continue
	echo "$policy:"
	echo "$messages"
	exit 1
done
