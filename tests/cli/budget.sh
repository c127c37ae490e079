#!/bin/sh
# What is too large is refused, and said to be; more is allowed by options.
. "${top_srcdir:-.}/tests/cli/lib.sh"

expect 2 "$weir" packet --max-work 100 tcp port 80
says "this is too large: reading the expression takes more than 100 steps of work"
says "--max-memory and --max-work allow more"
expect 2 "$weir" packet --max-memory 20K tcp port 80
says "takes more than 20 KiB of memory"
expect 2 "$weir" filter --max-work 100 -r "$tmp/none" tcp
expect 2 "$weir" packet --max-memory 2x tcp
says "--max-memory takes a size such as 512M or 2G, not '2x'"
expect 2 "$weir" packet --max-memory 99999999999G tcp
says "not '99999999999G'"
expect 0 "$weir" packet --max-memory 1g --max-work 0x1000000 -vv tcp
says "steps of work"

# The name of the pass; work is the same in each run.
expect 0 "$weir" packet -vv tcp port 80
work=$(sed -n 's/^it took .* and \([0-9]*\) steps of work$/\1/p' "$tmp/err" | sort -n | tail -n 1)
[ -n "$work" ] || fail "no steps with -vv"
expect 0 "$weir" packet -vv --max-work "$work" tcp port 80
expect 2 "$weir" packet -vv --max-work $((work - 1)) tcp port 80
says "checking the program takes more than"
expect 2 "$weir" packet -vv --no-check --max-work $((work / 2)) tcp port 80
expect 2 "$weir" packet -vv --max-work $((work / 2)) tcp port 80
says "this is too large: pass '"

# A policy: 2 for who reads it, 125 for who wants to run a program under it.
expect 2 "$weir" policy --max-work 100 "$source/policies/default"
says "this is too large: reading the policy takes"
expect 125 "$weir" run --max-memory 20K "$source/policies/default" -- true
says "takes more than 20 KiB of memory"

# 27 groups that double take next to nothing; a long chain of tunnels is refused.
{
	echo "default kill"
	echo "group @g0 = read, write, exit_group"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27; do
		echo "group @g$i = @g$((i - 1)), @g$((i - 1))"
	done
	echo "allow @g27"
} >"$tmp/double.policy"
expect 0 "$weir" policy --max-memory 2M --max-work 100000 -a x86_64 "$tmp/double.policy"
awk 'BEGIN { for (i = 0; i < 5000; i++) printf "geneve and "; print "ip" }' >"$tmp/tunnels"
expect 2 "$weir" packet -F "$tmp/tunnels"
says "this is too large: "

finish
