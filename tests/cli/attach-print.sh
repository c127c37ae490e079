#!/bin/sh
# weir attach --print: what iptables and tc do with the commands.

. "${top_srcdir:-.}/tests/cli/lib.sh"
. "$source/tests/cli/attach.inc"

expect 2 "$weir" attach iptables INPUT drop udp
says "weir does not change the rules of iptables: --print prints a command that does"
expect 2 "$weir" attach --print xdp lo drop udp
says "--print writes commands for iptables and tc"
expect 2 "$weir" attach --print iptables
says "the chain is missing"
expect 0 "$weir" attach --print iptables INPUT drop 'ip proto 17' -t IPV4
prints "iptables -I INPUT -m bpf --bytecode '"
prints "' -j DROP"
expect 0 "$weir" attach --print iptables "my chain's" drop 'ip proto 17'
prints "iptables -I 'my chain'\\''s' -m"
expect 1 "$weir" attach --print iptables INPUT drop 'host 1.2.3.4 or net 7.0.0.0/9 and portrange 2000-3000' \
	'or tcp[9:2] = 7 and udp[5:4] = 9 or ip6[50:4] = 3 or ip6 host 2001:db8::1 or tcp[20:4] = tcp[24:4]' \
	'or net 10.0.0.0/12 or ip6 net 2001:db8:90::/44 or sctp port 7 or icmp[4:2] * 3 = 9 or tcp[31] = 7'
says "instructions; iptables takes at most 64"
says "hint: -Os may make it shorter"

enter_namespace

# obeys BEFORE AFTER: what weir printed last is run, and changes what arrives
obeys()
{
	arrives "$1"
	sh "$tmp/out" >"$tmp/said" 2>&1 || { fail "$(cat "$tmp/out"): $(cat "$tmp/said")"; return; }
	arrives "$2"
}

# Empty and short datagrams are shorter than the expression asks for.
cat >"$tmp/short.py" <<'PY'
import socket
there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
there.bind(('127.0.0.1', 9))
there.settimeout(0.3)
for n in 0, 3, 40:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x' * n, ('127.0.0.1', 9))
        there.recv(99)
        print(n, end=' ')
    except OSError:
        pass
PY

tried=0
if iptables -I INPUT -m bpf --bytecode '1,6 0 0 0' -j DROP 2>/dev/null; then
	tried=1
	iptables -F INPUT
	expect 0 "$weir" attach --print iptables INPUT drop 'udp port 9'
	obeys "$both" '9 lost 10 arrived '
	iptables -F INPUT
	expect 0 "$weir" attach --print iptables INPUT pass 'udp port 9'
	obeys "$both" '9 arrived 10 lost '
	iptables -F INPUT
	expect 0 "$weir" attach --print iptables INPUT pass 'ip[50] = 0x78'
	sh "$tmp/out"
	got=$(python3 "$tmp/short.py")
	[ "$got" = '40 ' ] || fail "iptables pass of long ones: '$got'"
	iptables -F INPUT
fi
if tc qdisc replace dev lo clsact 2>/dev/null &&
	tc filter add dev lo ingress protocol all bpf da bytecode '1,6 0 0 0' 2>/dev/null; then
	tried=1
	tc qdisc del dev lo clsact
	for way in ingress egress; do
		expect 0 "$weir" attach --print tc lo $way drop 'udp port 9'
		obeys "$both" '9 lost 10 arrived '
		tc qdisc del dev lo clsact
		expect 0 "$weir" attach --print tc lo $way pass 'udp port 9'
		obeys "$both" '9 arrived 10 lost '
		tc qdisc del dev lo clsact
		expect 0 "$weir" attach --print tc lo $way pass 'ip[50] = 0x78'
		sh "$tmp/out"
		got=$(python3 "$tmp/short.py")
		[ "$got" = '40 ' ] || fail "tc pass of long ones: '$got'"
		tc qdisc del dev lo clsact
	done
fi
[ "$failures" != 0 ] || [ "$tried" = 1 ] || skip "neither iptables nor tc takes bytecode here"
finish
