#!/bin/sh
# The programs that make tables while weir is built: whatever compiled a program, its
# fingerprint is that of its policy; and what goes wrong ends the build.
. "$top_srcdir/tests/cli/lib.sh"

fingerprints=$(cd "$top_builddir" && pwd)/src/cli/fingerprints
precompile=$(cd "$top_builddir" && pwd)/src/cli/precompile
"$fingerprints" >"$tmp/known" 2>/dev/null || skip "what is built here does not run here"

for policy in default no-network jq; do
	for level in -O0 -O3; do
		"$weir" policy -q $level -f raw -o "$tmp/raw" "$policy"
		expect 0 "$fingerprints" "$policy" "$tmp/raw"
		grep -qxF "$(cat "$tmp/out")" "$tmp/known" ||
			fail "$policy at $level has another fingerprint"
	done
done
expect 0 "$fingerprints" one "$tmp/raw" two "$tmp/raw"
[ "$(grep -c '^KNOWN("' "$tmp/out")" -eq 2 ] || fail "not a row for each file"
[ "$(cut -d , -f 2- "$tmp/out" | uniq | wc -l)" -eq 1 ] || fail "one program has two fingerprints"

expect 1 "$fingerprints" name "$tmp/nothing"
says "$tmp/nothing: No such file or directory"
echo x >"$tmp/text"
expect 1 "$fingerprints" name "$tmp/text"
says "$tmp/text: Invalid argument"
if [ -c /dev/full ]; then
	expect 1 sh -c '"$0" >/dev/full' "$fingerprints"
	says "standard output: Input/output error"
	expect 1 sh -c '"$0" >/dev/full' "$precompile"
	says "standard output: Input/output error"
fi
finish
