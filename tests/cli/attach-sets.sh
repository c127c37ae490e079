#!/bin/sh
# The sets of weir attach: first items, and what changes them, on lo of a namespace.

. "${top_srcdir:-.}/tests/cli/lib.sh"

# What is asked for in other words than the manual's.
expect 2 "$weir" attach --set bad
says "--set bad needs add, del, list, count or replace"
expect 2 "$weir" attach --set bad drop tcp
says "expected add, del, list, count or replace, found 'drop'"
expect 2 "$weir" attach --set bad add
says "--set bad add: the items are missing"
expect 2 "$weir" attach --set bad list 10.0.0.1
says "unexpected '10.0.0.1' after 'list'"
expect 2 "$weir" attach --set bad replace "$tmp/none"
says "$tmp/none: No such file or directory"
expect 2 "$weir" attach --set bad="$tmp/none" xdp lo drop 'host in @bad'
says "$tmp/none: No such file or directory"
expect 2 "$weir" attach --set bad=- xdp lo drop 'host in @bad'
says "--set bad=- reads a file, not standard input"

if [ -z "${in_namespace-}" ]; then
	[ "$(id -u)" = 0 ] || skip "only root attaches programs"
	command -v ip >/dev/null || skip "iproute2 is not installed"
	unshare -nm true 2>/dev/null || skip "no network namespace is to be had here"
	rm -rf "$tmp"
	in_namespace=1 exec timeout 120 unshare -nm sh "$0"
fi
ip link set lo up || skip "lo cannot be brought up in the namespace"
mount -t bpf bpf /sys/fs/bpf 2>/dev/null

if command -v setpriv >/dev/null; then
	expect 1 setpriv --reuid 65534 --clear-groups "$weir" attach xdp lo drop 'host in @bad' --timeout 1
	says "sets need CAP_BPF: run it as root"
	expect 2 setpriv --reuid 65534 --clear-groups "$weir" attach --set bad list
	says "needs CAP_SYS_ADMIN: run it as root"
fi
"$weir" attach xdp lo drop 'udp port 9' --timeout 1 -q 2>/dev/null ||
	skip "this kernel attaches no program to an interface"

# matched: how many packets did the filter on lo match?
matched()
{
	"$weir" attach --list --json | sed -n 's/.*"target": "lo", "here": true.*"matched": \([0-9]*\).*/\1/p'
}

# send ADDRESS: one datagram from there to there
send()
{
	python3 -c "
import socket
s = socket.socket(socket.AF_INET6 if ':' in '$1' else socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('$1', 0))
s.sendto(b'x' * 30, ('$1', ${2:-9}))
"
}

# meets WANTED ADDRESS [PORT]: whether the filter matches a datagram from there
meets()
{
	before=$(matched)
	send "$2" ${3-}
	after=$(matched)
	got=no
	[ "$before" = "$after" ] || got=yes
	[ "$got" = "$1" ] || fail "$2 ${3-} matches: $got, not $1: $last"
}

# has ITEM...: what the list of the set is, in order
has()
{
	want=$*
	"$weir" attach --set "$set" list | sort >"$tmp/list"
	got=$(tr '\n' ' ' <"$tmp/list")
	[ "$got" = "$want " ] || [ -z "$want$got" ] || fail "the set has $got, not $want: $last"
	got=$("$weir" attach --set "$set" count)
	[ "$got" = $# ] || fail "the count is $got, not $#: $last"
}

# The first items are there when the filter is.
printf '127.0.0.2 # the second\n\n127.0.0.3\n::1\n' >"$tmp/bad"
expect 0 "$weir" attach tc lo egress drop 'host in @bad' --set bad="$tmp/bad" --keep --counters
set=bad
has 127.0.0.2 127.0.0.3 ::1
meets yes 127.0.0.2
meets yes ::1
meets no 127.0.0.4
expect 0 "$weir" attach --set bad list --counters
grep -qx "127.0.0.2 1" "$tmp/out" || fail "$(cat "$tmp/out")"
grep -qx "127.0.0.3 0" "$tmp/out" || fail "$(cat "$tmp/out")"
expect 0 "$weir" attach --set bad list --json
grep -q '{"item": "127.0.0.2", "packets": 1}' "$tmp/out" || fail "$(cat "$tmp/out")"

# One item, several, those that are there already or not.
expect 0 "$weir" attach --set bad add 127.0.0.4 127.0.0.2 127.0.0.5
has 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 ::1
meets yes 127.0.0.4
meets yes 127.0.0.5
expect 0 "$weir" attach --set bad del 127.0.0.4
meets no 127.0.0.4
expect 1 "$weir" attach --set bad del 127.0.0.3 127.0.0.4
says "1 of the items was not in 'bad'"
has 127.0.0.2 127.0.0.5 ::1

# Another list.
printf '127.0.0.7\n' >"$tmp/other"
expect 0 "$weir" attach --set bad replace "$tmp/other"
has 127.0.0.7
meets no 127.0.0.2
meets no ::1
meets yes 127.0.0.7
: >"$tmp/empty"
expect 0 "$weir" attach --set bad replace "$tmp/empty"
has
meets no 127.0.0.7

# What cannot be in it; nothing changes.
expect 1 "$weir" attach --set bad add 127.0.0.8 10.0.0.0/8
says "this set holds hosts, and no networks"
expect 1 "$weir" attach --set bad add localhost
says "names are not looked up"
expect 1 "$weir" attach --set bad add 80
says "this set holds no numbers"
expect 1 "$weir" attach --set bad add 0:0:0:0:0:2
says "this set holds no MAC addresses"
expect 1 "$weir" attach --set bad add 10.0
says "this IPv4 address has fewer than four parts"
expect 1 "$weir" attach --set bad add 10.0.0.256
says "not an IPv4 address"
has
expect 1 "$weir" attach --set nix add 127.0.0.1
says "no filter that is attached has a set 'nix'"
expect 1 "$weir" attach --set bad --at eth9 list
says "no filter that is attached as eth9 has a set 'bad'"
expect 0 "$weir" attach --set bad --at lo add 127.0.0.9
has 127.0.0.9
expect 0 "$weir" attach --detach lo

# Networks: kept as they were given.
expect 0 "$weir" attach tc lo egress drop 'net in @nets' --keep
set=nets
expect 0 "$weir" attach --set nets add 127.0.1.0/24 127.0.0.0/16 127.0.0.0/16 127.9.9.9
has 127.0.0.0/16 127.0.1.0/24 127.9.9.9/32
meets yes 127.0.0.2
meets yes 127.9.9.9
meets no 127.9.9.8
expect 0 "$weir" attach --set nets del 127.0.0.0/16
meets no 127.0.0.2
meets yes 127.0.1.2
expect 1 "$weir" attach --set nets del 127.0.0.0/16
says "1 of the items was not in 'nets'"
expect 1 "$weir" attach --set nets add 127.0.0.1/16
says "non-zero host bits after the prefix"
expect 1 "$weir" attach --set nets add 127.0.0.0/33
says "expected a prefix of 0 to 32 bits"
expect 1 "$weir" attach --set nets add ::/129
says "expected a prefix of 0 to 128 bits"
expect 0 "$weir" attach --set nets add ::/0
meets yes ::1
expect 0 "$weir" attach --detach lo

# Numbers, and how many there may be.
expect 0 "$weir" attach tc lo egress drop 'udp dst port in @ports' --capacity 3 --keep
set=ports
expect 0 "$weir" attach --set ports add 7-8 9
has 7 8 9
meets yes 127.0.0.1 9
meets no 127.0.0.1 10
expect 1 "$weir" attach --set ports add 10
says "the set 'ports' (port) is full: it has room for 3 items"
expect 1 "$weir" attach --set ports add 65536
says "port 65536 is above 65535"
expect 1 "$weir" attach --set ports add 1.2.3.4
says "this set holds no IPv4 addresses"
expect 1 "$weir" attach --set ports add ::1
says "this set holds no IPv6 addresses"
printf '1-4\n' >"$tmp/four"
expect 1 "$weir" attach --set ports replace "$tmp/four"
says "is full: it has room for 3 items"
has 7 8 9
expect 2 "$weir" attach --capacity 99999999 xdp lo drop 'host in @x'
says "--capacity takes at most 16777216 items"

# Two filters with sets of one name.
expect 0 "$weir" attach tc lo ingress drop 'udp dst port in @ports' --keep
expect 0 "$weir" attach --set ports add 8
expect 1 "$weir" attach --set ports list
says "several filters have a set 'ports': say by --at whose"
expect 0 "$weir" attach --detach lo

# Items for what the filter does not ask about; a file that is wrong: nothing is attached.
expect 1 "$weir" attach xdp lo drop udp --set bad="$tmp/bad" --keep
says "the expression does not ask about '@bad'"
printf '127.0.0.1\nlocalhost\n' >"$tmp/wrong"
expect 1 "$weir" attach xdp lo drop 'host in @bad' --set bad="$tmp/wrong" --keep
says "$tmp/wrong:2:1: error: expected an address, a network or a number"
"$weir" attach --list --json | grep -q '"here": true' && fail "something is still attached"

finish
