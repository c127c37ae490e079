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
expect 0 "$weir" eval --live --expr 'vlan 5' --packet "$arp" --set vlan_avail=1 --set vlan_tci=0x2005
prints "262144 accept"

# A call by its name and arguments, on an ABI; several, and what they became.
expect 0 "$weir" eval --policy no-network --call 'socket(AF_INET, SOCK_STREAM)' -a x86_64
prints "327681 errno EPERM: socket(2, 1, 0) on x86_64"
expect 0 "$weir" eval --policy no-network --json -a x86_64 --call 'openat(AT_FDCWD, _, 2), socket(1)'
prints '{"result":2147418112,"meaning":"allow","call":"openat(-100, 0, 2, 0) on x86_64",'
prints '{"result":2147418112,"meaning":"allow","call":"socket(1, 0, 0) on x86_64",'

# Steps: registers, the instruction, its words, where it went.
expect 0 "$weir" eval --trace -O1 --expr arp --packet "$arp"
[ "$(head -n 1 "$tmp/out" | cut -d ' ' -f 1)" = 262144 ] || fail "--trace does not begin with the result"
prints "A=0x00000806 X=0x00000000  (000) ldh      [12]"
prints "; ethertype"
prints '-> 2'
expect 0 "$weir" eval --trace --json -O1 --expr arp --packet "$arp"
prints '"trace":[{"at":0,"a":2054,"x":0,"text":"(000) ldh'

# A capture: as many are accepted as weir filter picks, and each instruction is counted.
if [ -x "$top_builddir/tests/net/mkpcap" ]; then
	"$top_builddir/tests/net/mkpcap" EN10MB pcap 300 >"$tmp/capture.pcap"
	picked=$("$weir" filter -q -r "$tmp/capture.pcap" tcp port 80 | wc -l)
	[ "$picked" -gt 0 ] || fail "no packet is picked"
	expect 0 "$weir" eval -r "$tmp/capture.pcap" --expr 'tcp port 80'
	[ "$(wc -l <"$tmp/out")" -eq 300 ] || fail "not a line for each packet"
	[ "$(grep -c '^262144 accept' "$tmp/out")" -eq "$picked" ] || fail "eval -r accepts others than filter"
	expect 0 "$weir" eval -r "$tmp/capture.pcap" --coverage --expr 'tcp port 80'
	prints "$picked of 300 packets accepted"
	grep -q '^ *300 *(000) ' "$tmp/out" || fail "the first instruction did not run for each packet"
	grep -q "^ *$picked *(.*ret *#262144" "$tmp/out" || fail "the match did not run as often as it matched"
	expect 0 "$weir" eval -r "$tmp/capture.pcap" --coverage --json --expr 'tcp port 80'
	prints "\"packets\":300,\"accepted\":$picked,\"counts\":[300,"
	"$weir" packet -t RAW -f savefile -o "$tmp/raw.cbpf" tcp
	expect 2 "$weir" eval -r "$tmp/capture.pcap" "$tmp/raw.cbpf"
	says "have link type EN10MB, but the program is for RAW"
fi
finish
