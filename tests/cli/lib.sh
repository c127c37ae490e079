# What the tests of the command share; read with `.`, ends with `finish`.
weir=$(cd "${top_builddir:-.}" && pwd)/weir
source=$(cd "${top_srcdir:-.}" && pwd)
[ -x "$weir" ] || { echo "$weir was not built"; exit 99; }
failures=0
tmp=$(mktemp -d) || exit 99
chmod 755 "$tmp"
trap 'rm -rf "$tmp"' EXIT

skip()
{
	echo "skipped: $*"
	exit 77
}

# Whether pseudo-terminals can be made: in a chroot without devpts they cannot.
has_terminals()
{
	if command -v script >/dev/null; then
		script -qec true /dev/null </dev/null >/dev/null 2>&1
	else
		python3 -c 'import pty; pty.openpty()' 2>/dev/null
	fi
}

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# expect STATUS COMMAND...: its output is left in $tmp/out and $tmp/err.
expect()
{
	local want=$1 got

	shift
	last=$*
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	[ "$got" -eq "$want" ] && return
	fail "exit status $got instead of $want: $last"
	sed 's/^/    /' "$tmp/out" "$tmp/err"
}

# says TEXT: the last command said so on stderr; prints TEXT: on stdout.
says()
{
	grep -qF -- "$1" "$tmp/err" && return
	fail "stderr has no '$1': $last"
	sed 's/^/    /' "$tmp/err"
}

says_nothing()
{
	[ -s "$tmp/err" ] || return 0
	fail "stderr is not empty: $last"
	sed 's/^/    /' "$tmp/err"
}

prints()
{
	grep -qF -- "$1" "$tmp/out" && return
	fail "stdout has no '$1': $last"
	sed 's/^/    /' "$tmp/out"
}

# A policy on stdin, put into $tmp/NAME.policy.
policy()
{
	cat >"$tmp/$1.policy"
}

finish()
{
	[ "$failures" -eq 0 ] && exit 0
	echo "$failures failed"
	exit 1
}
