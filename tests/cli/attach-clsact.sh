#!/bin/sh
# weir attach tc as on kernels that have no tcx: by a filter of clsact, which no link takes off.

. "${top_srcdir:-.}/tests/cli/lib.sh"
. "$source/tests/cli/attach.inc"

expect 2 "$weir" attach xdp lo drop udp --clsact
says "--clsact is for tc alone"
enter_namespace

# qdisc WANTED: whether lo has a clsact
qdisc()
{
	got=$(tc qdisc show dev lo | grep -c clsact)
	[ "$got" = "$1" ] || fail "lo has $got clsact, not $1: $last"
}
command -v tc >/dev/null || skip "tc is not installed"
tc qdisc add dev lo clsact 2>/dev/null || skip "this kernel has no clsact"
tc qdisc del dev lo clsact

for way in ingress egress; do
	start tc lo $way drop 'udp port 9' --clsact
	arrives '9 lost 10 arrived '
	qdisc 1
	expect 0 "$weir" attach --list
	grep -q "tc $way *lo .* 1  drop udp port 9" "$tmp/out" || { fail "list"; cat "$tmp/out"; }
	ended INT 0
	says "1 matched"
	qdisc 0
	arrives "$both"
	start tc lo $way pass 'udp port 9' --clsact
	arrives '9 arrived 10 lost '
	ended TERM 143
	qdisc 0
	start tc lo $way drop 'udp' --clsact
	ended HUP 129
	qdisc 0
done

# After SIGKILL it is there, and it is said whose it is; --detach takes it off, by its number.
start tc lo ingress drop 'udp port 9' --clsact
ended KILL 137
arrives '9 lost 10 arrived '
expect 0 "$weir" attach --list
grep -q 'tc ingress .* kept .*drop udp port 9' "$tmp/out" || { fail "not listed"; cat "$tmp/out"; }
id=$(awk '/kept/ { print $1 }' "$tmp/out")
expect 0 "$weir" attach --detach "$id"
arrives "$both"
qdisc 0

# Two of weir's share a clsact, which goes with the last, whichever that is.
for order in '9 10' '10 9'; do
	set -- $order
	expect 0 "$weir" attach tc lo ingress drop 'udp port 9' --clsact --keep
	says "takes it off"
	expect 0 "$weir" attach tc lo egress drop 'udp port 10' --clsact --keep
	arrives '9 lost 10 lost '
	for port; do
		qdisc 1
		id=$("$weir" attach --list | awk -v port="$port" '$NF == port { print $1 }')
		expect 0 "$weir" attach --detach "$id"
	done
	qdisc 0
	arrives "$both"
done

# Somebody else's clsact stays, and so does weir's with somebody else's filter in it.
tc qdisc add dev lo clsact
start tc lo ingress drop 'udp port 9' --clsact
ended INT 0
qdisc 1
tc qdisc del dev lo clsact
start tc lo ingress drop 'udp port 9' --clsact
tc filter add dev lo egress protocol all bpf da bytecode '1,6 0 0 0'
ended INT 0
qdisc 1
tc qdisc del dev lo clsact

# Whoever takes it off, weir sees that and ends.
start tc lo ingress drop 'udp port 9' --clsact
tc qdisc del dev lo clsact
wait "$pid" || fail "exit status $? after somebody took it off"
says "it was taken off by somebody else"
expect 1 "$weir" attach tc nowhere ingress drop udp -t EN10MB --clsact
says "unknown interface 'nowhere'"

# In another network namespace, it is listed and can be taken off by number alone.
ip netns add there 2>/dev/null && {
	expect 0 ip netns exec there sh -c "ip link set lo up && exec '$weir' attach tc lo ingress drop udp --clsact --keep"
	expect 0 "$weir" attach --list --json
	grep -q '"here": false' "$tmp/out" || { fail "not listed from outside"; cat "$tmp/out"; }
	expect 1 "$weir" attach --detach lo
	id=$("$weir" attach --list | awk '/kept/ { print $1 }')
	expect 0 "$weir" attach --detach "$id"
	[ -z "$(ip netns exec there tc qdisc show dev lo | grep clsact)" ] || fail "clsact is left there"
	ip netns del there
}
[ "$(listed)" = "$none" ] || fail "something is left"
finish
