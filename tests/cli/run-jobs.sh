#!/bin/bash
# Job control at a terminal: ^Z stops weir and the program, fg goes on, ^C ends.
. "${top_srcdir:-.}/tests/cli/lib.sh"
command -v script >/dev/null || skip "script(1), which makes a terminal, is missing"
has_terminals || skip "no pseudo-terminal can be made here (is devpts mounted?)"

policy kill <<-'END'
	default allow
	kill personality
END

# What a user types, one after the other as the screen shows what is waited for.
session()
{
	local policy=$1 log=$2 i
	local program="sh -c \"echo is' 'up; sleep 0.3; sleep 60\""

	wait_for()
	{
		for ((i = 0; i < 100; i++)); do
			grep -q "$1" "$log" 2>/dev/null && return
			sleep 0.05
		done
		echo "waited for '$1' in vain" >>"$log.missing"
	}
	{
		echo "PS1='\$'"
		echo "'$weir' run $policy -- $program"
		wait_for 'is up'
		printf '\032'
		wait_for 'Stopped'
		echo 'echo the""states: $(ps -o stat= -t $(tty) | cut -c1 | tr t T | sort | uniq -c | tr -d " \n")'
		wait_for 'thestates: '
		echo fg
		sleep 0.5
		printf '\003'
		sleep 0.3
		echo 'echo the""status $?'
		wait_for 'thestatus'
		echo exit
		sleep 0.2
	} | script -qfc "bash --norc --noprofile -i" "$log" >/dev/null
}

command -v ps >/dev/null || skip "ps is missing"
for policy in "" "$tmp/kill.policy" "--no-trace"; do
	rm -f "$tmp"/log*
	timeout 30 bash -c "$(declare -f session); weir='$weir'; session '$policy' '$tmp/log'" \
		</dev/null
	[ ! -e "$tmp/log.missing" ] || fail "'$policy': $(cat "$tmp/log.missing")"
	grep -q 'thestates: .*3T' "$tmp/log" ||
		fail "'$policy': weir, the shell and sleep did not all stop"
	grep -q 'thestatus 130' "$tmp/log" || fail "'$policy': ^C did not end it"
	[ "$failures" -eq 0 ] || sed 's/^/    /' "$tmp/log"
done
finish
