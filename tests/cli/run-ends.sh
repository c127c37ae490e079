#!/bin/sh
# SIGTERM and SIGHUP to weir end what it started, and all that this has started.
. "${top_srcdir:-.}/tests/cli/lib.sh"

policy allow <<-'END'
	default allow
	errno EPERM kexec_load
END
policy kill <<-'END'
	default allow
	kill personality
END

# Until FILE has N lines, twenty seconds at most.
wait_for_lines()
{
	local i=0

	while [ "$(cat "$1" 2>/dev/null | wc -l)" -lt "$2" ] && [ $((i += 1)) -le 400 ]; do
		sleep 0.05
	done
}

# The processes whose numbers are in FILE and that run.
alive()
{
	local pid

	for pid in $(cat "$1"); do
		grep -q '^State:[[:space:]]*[^ZX[:space:]]' /proc/$pid/status 2>/dev/null && echo $pid
	done
}

# Plain signals, whatever a shell makes of those of its background.
plain="env --default-signal=HUP,INT"
$plain true 2>/dev/null || skip "env has no --default-signal"

# A child, a grandchild in a session of its own, an orphan, and one that is stopped.
cat >"$tmp/family" <<-'END'
	note='echo $$ >>"$0"; exec sleep 300'
	sh -c "$note" "$1" &
	sh -c "$note" "$1" & kill -STOP $!
	setsid sh -c "sh -c '$note' \"\$0\" & wait" "$1" &
	(setsid sh -c "$note" "$1" &)
	wait
END

for how in "-q $tmp/allow.policy" "-q $tmp/kill.policy" "-q --no-trace $tmp/allow.policy"; do
	for sig in TERM:143 HUP:129; do
		want=${sig#*:} sig=${sig%:*}
		: >"$tmp/pids"
		$plain "$weir" run $how -- sh -c 'sh "$0" "$1" & wait' "$tmp/family" "$tmp/pids" &
		wait_for_lines "$tmp/pids" 3
		kill -$sig $!
		wait $! 2>/dev/null
		got=$?
		[ $got -eq $want ] || fail "status $got for $sig: $how"
		left=$(alive "$tmp/pids")
		[ -z "$left" ] || { fail "$sig left some: $how"; kill -KILL $left; }
	done

	# The status is the program's, even if others take their time.
	: >"$tmp/pids"
	$plain "$weir" run $how -- sh -c '
		sh -c "trap \"\" TERM HUP; echo \$\$ >>\"\$0\"; while :; do sleep 1; done" "$0" &
		trap "exit 7" TERM; while :; do sleep 0.05; done' "$tmp/pids" 2>/dev/null &
	wait_for_lines "$tmp/pids" 1
	kill $!
	wait $!
	got=$?
	[ $got -eq 7 ] || fail "status $got instead of the program's: $how"
	left=$(alive "$tmp/pids")
	[ -z "$left" ] || { fail "one outlived SIGKILL: $how"; kill -KILL $left; }
done

# Who does not hear SIGTERM is killed; one signal after the other.
"$weir" run -q "$tmp/allow.policy" -- sh -c 'trap "" TERM; echo >"$0"
	while :; do sleep 0.05; done' "$tmp/ready" &
wait_for_lines "$tmp/ready" 1
kill $!
wait $! 2>/dev/null
got=$?
[ $got -eq 137 ] || fail "status $got of a program that ignores SIGTERM"

# SIGINT goes on and ends nothing; nor does SIGHUP under nohup.
for sig in INT HUP; do
	rm -f "$tmp/ready" "$tmp/got"
	: >"$tmp/pids"
	ignore=
	[ $sig = INT ] || ignore="env --ignore-signal=HUP"
	$plain $ignore "$weir" run -q "$tmp/allow.policy" -- env --default-signal=$sig sh -c '
		sh -c "echo \$\$ >>\"\$0\"; exec sleep 300" "$0" &
		trap "echo >>\"$1\"" "$2"
		while [ ! -e "$1.go" ]; do sleep 0.05; done; exit 5' \
		"$tmp/pids" "$tmp/got" $sig &
	wait_for_lines "$tmp/pids" 1
	kill -$sig $!
	wait_for_lines "$tmp/got" 1
	sleep 6
	[ -n "$(alive "$tmp/pids")" ] || fail "$sig ended a child"
	[ -d /proc/$! ] || fail "$sig ended weir"
	: >"$tmp/got.go"
	wait $!
	got=$?
	[ $got -eq 5 ] || fail "$sig changed the status to $got"
	# What is left in the background lives on when the program ends by itself.
	left=$(alive "$tmp/pids")
	[ -n "$left" ] || fail "the background was ended"
	kill $left
	rm -f "$tmp/got.go"
done

# Children that weir found when it was started by exec are not its own.
: >"$tmp/pids"
: >"$tmp/mine"
sh -c 'sleep 300 & echo $! >"$2"; exec "$0" run -q "$1" -- sh -c "
	echo \$\$ >>\"\$0\"; exec sleep 300" "$3"' "$weir" "$tmp/allow.policy" \
	"$tmp/mine" "$tmp/pids" &
wait_for_lines "$tmp/pids" 1
kill $!
wait $! 2>/dev/null
[ -z "$(alive "$tmp/pids")" ] || fail "the program was left beside strangers"
[ -n "$(alive "$tmp/mine")" ] || fail "a child was ended that weir did not start"
kill $(cat "$tmp/mine")
finish
