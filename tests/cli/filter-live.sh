#!/bin/sh
# weir filter on interfaces, in a network namespace of its own.

. "${top_srcdir:-.}/tests/cli/filter.inc"

if [ -z "${in_namespace-}" ]; then
	command -v ip >/dev/null || skip "iproute2 is not installed"
	command -v python3 >/dev/null || skip "python3 is not installed"
	for how in "unshare -n" "unshare -rn"; do
		if $how true 2>/dev/null; then
			rm -rf "$tmp"
			in_namespace=1 exec timeout 120 $how sh "$0"
		fi
	done
	skip "no network namespace is to be had here"
fi
ip link set lo up || skip "lo cannot be brought up in the namespace"
python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)' \
	2>/dev/null || skip "no packet sockets here"

# start OPTION...: weir filter in the background, listening when this returns.
start()
{
	rm -f "$tmp/out" "$tmp/err"
	env --default-signal=HUP "$weir" filter "$@" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	for i in $(seq 50); do
		grep -q listening "$tmp/err" 2>/dev/null && return
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	cat "$tmp/err"
	fail "weir filter $* does not listen"
	finish
}

# ended [STATUS]: waits for its end.
ended()
{
	status=0
	wait "$pid" || status=$?
	[ "$status" = "${1-0}" ] || fail "exit $status"
}

# send N: N datagrams to port 5353 and, between them, N to port 99.
send()
{
	python3 - "$1" <<-'EOT'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for i in range(int(sys.argv[1])):
	    s.sendto(b'x' * i, ('127.0.0.1', 99))
	    s.sendto(b'y' * i, ('127.0.0.1', 5353))
	EOT
}

# The kernel picks: nothing else is seen, and each packet once.
start -i lo -c 4 udp dst port 5353
send 4
ended
[ "$(grep -c '127.0.0.1:5353 udp len' "$tmp/out")" = 4 ] || fail "not the 4 packets"
prints "udp len 3"
says "weir: 4 packets matched"

# To a file, link type and all; cut to what -s says.
start -i lo -c 2 -s 50 -w "$tmp/l.pcap" udp dst port 5353
send 20
ended
expect 0 "$weir" filter -r "$tmp/l.pcap" udp port 5353
says "2 packets of 2 matched"

# All interfaces at once.
start -i any -c 2 udp dst port 5353
send 2
ended
[ "$(grep -c '^[0-9:.]* if1 in 127.0.0.1:.* > 127.0.0.1:5353 udp' "$tmp/out")" = 2 ] ||
	fail "not the 2 packets on any"
says "weir: 2 packets matched"

# What a cooked socket cannot be asked is asked here.
start -i any -c 2 udp dst port 5353 and greater 52
says "user space"
send 8
ended
says "2 packets of "
prints "udp len 4"

# So is what the kernel has no room for.
{ echo udp dst port 5353; seq -f 'or ether[%g] = 171' 40 1300; } >"$tmp/loads"
start -O0 -i lo -c 2 -F "$tmp/loads"
grep -q 'user space' "$tmp/err" && says net.core.optmem_max
send 8
ended
says "2 packets"
{ echo udp dst port 5353; seq -f 'or host 10.9.0.%g' 250; } >"$tmp/long"
for i in $(seq 30); do seq -f "or ip host 10.$i.9.%g" 1 2 250; done >>"$tmp/long"
start -O0 -i lo -c 1 -F "$tmp/long"
says "instructions; the kernel accepts at most 4096"
send 8
ended
says "1 packet of "

# Since Linux 6.8 each network namespace has a limit of its own for that.
optmem=/proc/sys/net/core/optmem_max
if [ -w $optmem ] && echo 4096 2>/dev/null >$optmem; then
	start -O0 -i lo -c 2 -F "$tmp/loads"
	says "bytes in the kernel, but net.core.optmem_max is 4096"
	says "user space"
	send 8
	ended
	says "2 packets"
	echo 131072 >$optmem
fi

# Signals end it cleanly.
start -i lo udp dst port 5353
send 3
sleep 0.5
kill -INT "$pid"
ended
says "weir: 3 packets matched"
for ending in TERM:143 HUP:129; do
	start -i lo -w "$tmp/s.pcap" udp dst port 5353
	send 3
	sleep 0.5
	kill -${ending%:*} "$pid"
	ended ${ending#*:}
	says "weir: 3 packets matched"
	expect 0 "$weir" filter -r "$tmp/s.pcap"
	says "3 packets of 3 matched"
done

# holds N: the file that is being written has N packets before long.
holds()
{
	for i in $(seq 100); do
		"$weir" filter -r "$tmp/k.pcap" >"$tmp/lines" 2>/dev/null &&
			[ "$(wc -l <"$tmp/lines")" = "$1" ] && return
		sleep 0.1
	done
	fail "the file of a live capture does not hold $1 packets"
}

# What ends without warning leaves a file, with all that came until a second ago.
start -i lo -w "$tmp/k.pcap" udp dst port 5353
holds 0
send 3
holds 3
send 2
holds 5
kill -KILL "$pid"
wait "$pid" 2>/dev/null
holds 5

# send_tagged: three datagrams with VLAN tags from v0.
send_tagged()
{
	python3 - <<-'EOT'
	import socket, struct
	s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
	s.bind(('v0', 0))
	def frame(tag, port):
	    udp = struct.pack('!HHHH', 1234, port, 12, 0) + b'abcd'
	    ip = struct.pack('!BBHIBBH4s4s', 0x45, 0, 20 + len(udp), 0, 64, 17, 0,
	                     b'\x0a\x09\x05\x01', b'\x0a\x09\x05\x02')
	    return (b'\2\0\0\0\0\2' b'\2\0\0\0\0\1' + struct.pack('!HHH', 0x8100, tag, 0x800) +
	            ip + udp)
	for tag, port in (4, 5353), (5, 99), (5, 5353):
	    s.send(frame(tag, port))
	EOT
}

# A VLAN tag, which the kernel keeps beside the packet: asked there, and put back.
if ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up; then
	start -i v1 -c 1 -w "$tmp/v.pcap" vlan 5 and udp dst port 5353
	send_tagged
	ended
	says "weir: 1 packet matched"
	expect 0 "$weir" filter -r "$tmp/v.pcap"
	prints "vlan 5 10.9.5.1:1234 > 10.9.5.2:5353 udp len 4"
	expect 0 "$weir" filter -r "$tmp/v.pcap" vlan 5 and udp dst port 5353
	says "1 packet of 1 matched"
	# As a cooked packet it has none; of fewer bytes than come before it, neither.
	start -i any -c 1 -w "$tmp/v.pcap" udp dst port 5353 and src 10.9.5.1
	send_tagged
	ended
	expect 0 "$weir" filter -r "$tmp/v.pcap"
	prints "10.9.5.1:1234 > 10.9.5.2:5353 udp len 4"
	start -i v1 -c 1 -s 10 -w "$tmp/v.pcap" vlan 5
	send_tagged
	ended
	expect 0 "$weir" filter -r "$tmp/v.pcap"
	prints "ethernet [cut]"
else
	echo "no veth interfaces here: VLAN tags are left out"
fi

if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	cp "$weir" "$tmp/weir"
	expect 2 setpriv --reuid 65534 --regid 65534 --clear-groups "$tmp/weir" filter -i lo
	says "capturing on 'lo' needs root, or the capability CAP_NET_RAW"
fi
expect 2 "$weir" filter -i qqqqqqqq
says "unknown interface 'qqqqqqqq' ('ip link' lists them; 'any' is all of them)"
expect 2 "$weir" filter -i lol
says "did you mean 'lo'?"
ip link set lo down
expect 2 "$weir" filter -i lo
says "is down"

finish
