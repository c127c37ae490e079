#!/bin/sh
# PROGRAM: how it is named, what it is taken for, and what show, check and eval say of it.
. "${top_srcdir:-.}/tests/cli/lib.sh"

# Every way to name one.
"$weir" packet -f decimal tcp port 80 >"$tmp/want"
expect 0 "$weir" show -f decimal "$tmp/want"
cmp -s "$tmp/out" "$tmp/want" || fail "show changes a program"
"$weir" show -f decimal - <"$tmp/want" >"$tmp/out"
cmp -s "$tmp/out" "$tmp/want" || fail "show - changes a program"
expect 0 "$weir" show -f decimal --expr 'tcp port 80'
cmp -s "$tmp/out" "$tmp/want" || fail "--expr is not what weir packet compiles"
"$weir" policy -f decimal no-network >"$tmp/want"
expect 0 "$weir" show -f decimal --policy no-network
cmp -s "$tmp/out" "$tmp/want" || fail "--policy is not what weir policy compiles"
"$weir" packet -t RAW -Os -f decimal tcp port 80 >"$tmp/want"
expect 0 "$weir" show -t RAW -Os -f decimal --expr 'tcp port 80'
cmp -s "$tmp/out" "$tmp/want" || fail "-t and -O do not reach --expr"

# The level optimizes what was read, and nothing else does.
"$weir" packet -O0 -f decimal 'net 10.0.0.0/8 and not net 10.1.0.0/16' >"$tmp/long"
expect 0 "$weir" show -f decimal "$tmp/long"
cmp -s "$tmp/out" "$tmp/long" || fail "show without -O changes a program"
expect 0 "$weir" show -O2 -f decimal "$tmp/long"
[ "$(head -n 1 "$tmp/out")" -lt "$(head -n 1 "$tmp/long")" ] || fail "show -O2 optimizes nothing"

# The kind: recognized, said, or asked for.
"$weir" policy -f raw no-network >"$tmp/raw"
expect 0 "$weir" check --json "$tmp/raw"
prints '"kind":"seccomp"'
expect 0 "$weir" check --json --expr tcp
prints '"kind":"packet"'
printf 'ret #0\n' >"$tmp/either"
expect 2 "$weir" show "$tmp/either"
says "--kind packet or --kind seccomp"
expect 0 "$weir" check --json --kind seccomp "$tmp/either"
prints '"kind":"seccomp"'
expect 0 "$weir" show -v --kind packet "$tmp/either"
says "was read as asm"

# check: both verdicts, the status of the one that counts.
expect 0 "$weir" check --expr 'tcp port 80'
prints "socket         accepted"
prints "seccomp        refused: instruction 0: "
printf 'ld M[3]\nret a\n' >"$tmp/refused"
expect 1 "$weir" check "$tmp/refused"
prints "refused: instruction 0: scratch cell M[3] may be read before it is written"
expect 1 "$weir" check --json "$tmp/refused"
prints '"accepted":false,"instruction":0,"reason":"scratch cell'

# eval: the result first.
arp='ff:ff:ff:ff:ff:ff 02-00-00-00-00-01 0806'
expect 0 "$weir" eval --expr arp --packet "$arp"
prints "262144 accept"
expect 0 "$weir" eval --expr ip --packet "$arp"
prints "0 reject"
expect 0 "$weir" eval --expr arp --packet 00
prints "0 reject: instruction 0 fails"
expect 0 "$weir" eval --expr 'len = 1500' --packet 00 --wire 1500
prints "262144 accept"
expect 0 "$weir" eval --json --expr arp --packet "$arp"
prints '{"result":262144,"meaning":"accept, at most 262144 bytes","failed":false,'
zeros=$(printf '00%.0s' $(seq 64))
expect 0 "$weir" eval --kind seccomp --data "$zeros" "$tmp/either"
prints "0 kill_thread"
expect 2 "$weir" eval --kind seccomp --data 00 "$tmp/either"
expect 2 "$weir" eval --expr ip --packet 00 --wire 0x100000000
finish
