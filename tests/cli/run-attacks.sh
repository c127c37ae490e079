#!/bin/sh
# What a hostile program tries under each policy that comes with weir, as root and
# as a user. tests/attack/promises says what must not get through, and by which
# sentence of a manual page; it may only grow. bubblewrap is shown the same.
. "${top_srcdir:-.}/tests/cli/lib.sh"

least=9850    # promises, by policy, attempt and kind of user

attack=$source/tests/attack
uid=65534
command -v mandoc >/dev/null || skip "mandoc is missing"
has_terminals || skip "no pseudo-terminal can be made here (is devpts mounted?)"
cd "$tmp" || exit 99
${CC:-cc} -pthread -o attack "$attack"/*.c 2>cc.err || { cat cc.err; skip "cc"; }

# The world needs terminals, loopback, queues: without, there is nothing to attack.
mkdir world
(cd world && exec ../attack outside true) >probe 2>&1
[ $? -ne 99 ] || skip "$(cat probe)"

mkdir policies got
for policy in "$source"/policies/*; do
	sed 's/^\([ \t]*\)include "\([a-z0-9-]*\)"/\1include ".\/\2"/' "$policy" \
		>"policies/${policy##*/}"
done
chmod -R a+rX .

users=root
[ "$(id -u)" -eq 0 ] || users=user
as_user=
if [ $users = root ] && as="setpriv --reuid=$uid --regid=$uid --clear-groups" &&
	$as test -x "$weir" -a -x "$tmp/attack" 2>/dev/null; then
	users="root user"
	as_user=$as
fi

# attempts NAME COMMAND...: what gets through as each user is in got/NAME.USER.
attempts()
{
	local name=$1 user

	shift
	for user in $users; do
		try $user "$name" "$@" &
	done
	wait
	for user in $users; do
		grep -qx end "got/$name.$user" && continue
		fail "$name, $user: the attempts did not come to their end"
		tail -3 "got/$name.$user" "got/$name.$user.err"
	done
}

try()
{
	local user=$1 name=$2 as=

	shift 2
	rm -rf "world-$user"
	mkdir "world-$user"
	if [ $user = user ] && [ -n "$as_user" ]; then
		as=$as_user
		chown $uid "world-$user"
	fi
	cd "world-$user" && $as timeout -k 1 60 "$tmp/attack" outside "$@" \
		>"../got/$name.$user" 2>"../got/$name.$user.err"
}

policies=$(sed -n 's/^policies //p' "$attack/promises")
for policy in $policies; do
	attempts $policy "$weir" run -q "$tmp/policies/$policy" --
done

# --- the table -----------------------------------------------------------------------

./attack list >list
awk -v least=$least '
	FILENAME == "list" { there[$2] = 1; next }
	/^#/ || !NF { next }
	$1 == "=" {
		promise = $0
		sub(/^= [^ ]+ /, "", promise)
		says[$2] = promise
		next
	}
	$1 == "policies" {
		for (i = 2; i <= NF; i++)
			policy[i + 1] = $i
		columns = NF + 1
		next
	}
	{
		seen[$2] = $1
		if (NF != columns)
			print $2 ": " NF - 2 " cells instead of " columns - 2
		for (i = 3; i <= NF; i++)
			check($2, policy[i], "root", substr($i, 1, 1))
		for (i = 3; i <= NF; i++)
			check($2, policy[i], "user", substr($i, length($i)))
	}
	function check(name, p, user, key,    file, line)
	{
		if (key == "-" || key == ".")
			return
		made++
		if (!(key in says))
			print name ": " key " is no sentence"
		file = "got/" p "." user
		if (!(file in read_)) {
			while ((getline line <file) > 0)
				through[file, line] = 1
			read_[file] = 1
		}
		if ((file, name) in through || (file, name "-alive") in through)
			print "under " p " as " user " \047" name "\047 gets through; " says[key]
	}
	END {
		for (name in there)
			if (!(name in seen))
				print name " is not in the table"
		for (name in seen)
			if (!(name in there) && seen[name] != "arrived" && seen[name] != "foreign")
				print name " is not tried"
		if (made < least)
			print made " promises are left of " least
	}
' list "$attack/promises" >wrong
[ ! -s wrong ] || fail "$(cat wrong)"

# --- the sentences -------------------------------------------------------------------

# page FILE: as one line without marks of the formatter.
page()
{
	mandoc -Tascii -O width=1000 "$source/man/$1" 2>/dev/null |
		sed -e "s/.$(printf '\b')//g" -e 's/^ *o  *//' | tr -s ' \n' '  ' | tr '\n' ' '
}

for name in $(sed -n 's/^= [^ ]* \([^ ]*\) .*/\1/p' "$attack/promises" | sort -u); do
	page "$name" >"page-$name"
done
sed -n 's/^= \([^ ]*\) \([^ ]*\) \(.*\)/\1 \2 \3/p' "$attack/promises" |
	while read -r key name promise; do
		grep -qF -- "$promise" "page-$name" || echo "$name does not say: $promise"
		grep -q "^[a-z]* [^ ]* .* [^ ]*$key[^ ]*\( \|\$\)" "$attack/promises" ||
			echo "nothing tries: $promise"
	done >wrong
[ ! -s wrong ] || fail "$(cat wrong)"

# The table of weir-policy(5): what it says that is open is open, and no more. It is
# about machines without socketcall, whose arguments no filter sees.
through()
{
	grep -qx -- "$1" "got/$policy.${users##* }"
}

row()
{
	through write && echo write || echo read
	if through exec; then echo any; elif through fork; then echo itself; else echo no; fi
	if through kill; then echo all; elif through tkill-abort; then echo end; else echo no; fi
	through unix-connect-path && echo yes || echo no
	if through other-families; then echo all
	elif through inet-stream && through listen; then echo both
	elif through inet-stream; then echo calls
	else echo no; fi
}

! grep -q '^foreign ' list || for policy in $policies; do
	want=$(sed -n "s/^\.It \(.*, \)\{0,1\}$policy\(, [^T]*\)\{0,1\} Ta \(.* Ta .* Ta .* Ta .*\)/\3/p" \
		"$source/man/weir-policy.5" | sed 's/ Ta / /g')
	[ "$(echo $(row))" = "$want" ] ||
		fail "weir-policy(5) says of $policy: '$want' instead of '$(echo $(row))'"
done

# --- the party to compare with ---------------------------------------------------------

# compare POLICY USER: a report. Where bwrap holds by what is not in its namespaces,
# an attempt that the kernel answers with another error still counts as through.
compare()
{
	echo "$1 as $2 lets $(grep -cxFf names "got/$1.$2") attempts through," \
		"bwrap $(grep -cxFf names "got/bwrap.$2"); of those that $1 refuses, bwrap:"
	grep -vxFf "got/$1.$2" names | grep -xFf - "got/bwrap.$2" | tr '\n' ' '
	echo
}

awk '{ print $2 }' list >names
if command -v bwrap >/dev/null && bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
	before=$failures
	attempts bwrap bwrap --unshare-all --ro-bind / / --dev /dev --proc /proc \
		--new-session --die-with-parent --
	failures=$before
	for user in $users; do
		for policy in default no-network read-only base; do
			compare $policy $user
		done
	done
fi
finish
