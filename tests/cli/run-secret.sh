#!/bin/sh
# A policy without exec lets one call of weir's pass, by words that nobody else
# may know: no process that lives on holds them, and no program gets another
# one started.
. "${top_srcdir:-.}/tests/cli/lib.sh"

[ "$(id -u)" -eq 0 ] || skip "only root may read an installed filter"
chmod 755 "$tmp"
${CC:-cc} -o "$tmp/secret" "$source/tests/cli/secret.c" 2>"$tmp/cc.err" ||
	skip "no compiler: $(head -1 "$tmp/cc.err")"
policy noexec <<-'END'
	default allow
	errno EPERM execve, execveat
END

for uid in 0 65534; do
	for policy in "$source/policies/base" "$tmp/noexec.policy"; do
		for how in "" --no-trace; do
			expect 0 timeout 120 "$tmp/secret" "$weir" "$policy" $uid $how
			grep -q '^read [1-9]' "$tmp/out" ||
				fail "nothing was attacked: $(cat "$tmp/out")"
			! grep -q 'broken out' "$tmp/out" || fail "broken out: $last"
		done
	done
done
finish
