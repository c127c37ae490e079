#!/bin/sh
# ELF objects: loaded by those who load such objects, on interfaces of a namespace, and
# linked into an XDP program of somebody else's.

. "${top_srcdir:-.}/tests/cli/lib.sh"

if [ -z "${in_namespace-}" ]; then
	[ "$(id -u)" = 0 ] || skip "only root loads such programs"
	command -v ip >/dev/null || skip "iproute2 is not installed"
	unshare -nm true 2>/dev/null || skip "no network namespace is to be had here"
	rm -rf "$tmp"
	in_namespace=1 exec timeout 120 unshare -nm sh "$0"
fi
mount -t bpf bpf /sys/fs/bpf 2>/dev/null || skip "no BPF file system can be mounted"
ip link add veth0 type veth peer name veth1 || skip "no veth pair can be made"
ip link set veth0 up
ip link set veth1 up
ip addr add 192.0.2.1/24 dev veth0

# What the options may be.
expect 2 "$weir" packet -f elf tcp
says "-f elf needs --for xdp or --for tc"
expect 2 "$weir" packet -f elf --for socket tcp
says "--for takes xdp or tc, not 'socket'"
expect 2 "$weir" packet -f elf --for xdp --verdict accept tcp
says "--verdict takes drop or pass, not 'accept'"
expect 2 "$weir" packet -f elf --for xdp --link --verdict drop tcp
says "--link makes no program that --verdict could be about"
expect 2 "$weir" packet -f elf --for tc --link --section x tcp
says "--link makes no program that --section could be about"
expect 1 "$weir" packet -f elf --for xdp --live vlan
says "XDP programs cannot ask for the ancillary word"

# The same bytes each time, on either byte order.
expect 0 "$weir" packet -f elf --for xdp -o "$tmp/drop.o" 'udp port 9'
expect 0 "$weir" packet -f elf --for xdp -o "$tmp/again.o" 'udp port 9'
cmp -s "$tmp/drop.o" "$tmp/again.o" || fail "two objects of one filter differ"
expect 0 "$weir" packet -f elf --for xdp --target be -o "$tmp/big.o" 'udp port 9'
if command -v readelf >/dev/null; then
	readelf -h "$tmp/big.o" 2>&1 | grep -q "big endian" || fail "--target be is not big-endian"
	readelf -aW "$tmp/drop.o" 2>&1 | grep -i -e warning -e error &&
		fail "readelf complains"
fi

# ip(8) loads XDP objects, tc(8) the others; ping tells what comes through.
expect 0 "$weir" packet -f elf --for xdp -o "$tmp/echo.o" 'icmp'
expect 0 ip link set veth1 xdpgeneric obj "$tmp/echo.o" sec xdp.frags
ip link show veth1 | grep -q xdp || fail "ip(8) attached nothing"
expect 0 ip link set veth1 xdpgeneric off
if command -v tc >/dev/null; then
	expect 0 "$weir" packet -f elf --for tc --verdict pass -o "$tmp/pass.o" 'arp'
	expect 0 tc qdisc add dev veth1 clsact
	expect 0 tc filter add dev veth1 ingress bpf direct-action obj "$tmp/pass.o" sec tc
	tc filter show dev veth1 ingress | grep -q weir_tc || fail "tc(8) attached nothing"
	expect 0 tc qdisc del dev veth1 clsact
fi

# drop drops what matches, pass all else: asked of the kernel by bpftool, on packets in hex.
if command -v bpftool >/dev/null && command -v python3 >/dev/null; then
	ethernet=02000000000102000000000208
	# returns OBJECT WANTED HEX: what program OBJECT answers to the packet
	returns()
	{
		python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' "$3" \
			>"$tmp/packet"
		rm -f /sys/fs/bpf/weir
		expect 0 bpftool prog load "$tmp/$1" /sys/fs/bpf/weir
		expect 0 bpftool prog run pinned /sys/fs/bpf/weir data_in "$tmp/packet" repeat 1
		grep -q "Return value: $2," "$tmp/out" || { fail "$1 does not return $2"; cat "$tmp/out"; }
	}
	icmp=${ethernet}00450000200000000040010000c0000201c000020208000000000000000000
	arp=${ethernet}060001080006040001000000000000000000000000000000000000
	returns echo.o 1 "$icmp"
	returns echo.o 2 "$arp"
	[ -f "$tmp/pass.o" ] && returns pass.o 0 "$arp" && returns pass.o 2 "$icmp"
	expect 0 "$weir" packet -f elf --for xdp --verdict pass -o "$tmp/only.o" 'icmp'
	returns only.o 2 "$icmp"
	returns only.o 1 "$arp"
fi

# Somebody's program, with the filter linked in and a skeleton.
if command -v clang >/dev/null && command -v bpftool >/dev/null &&
	[ -f /usr/include/bpf/bpf_helpers.h ]; then
	cp "$source"/examples/xdp_count* "$tmp"
	cd "$tmp" || exit 99
	expect 0 clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c xdp_count.bpf.c
	expect 0 "$weir" packet -f elf --for xdp --link -o filter.o 'tcp port 80'
	expect 0 bpftool gen object xdp_count.o xdp_count.bpf.o filter.o
	bpftool gen skeleton xdp_count.o >xdp_count.skel.h || fail "no skeleton"
	expect 0 ${CC:-cc} -o count xdp_count.c -lbpf -lelf -lz
	expect 0 ./count
	grep -qx "2 of 3 packets matched" out || { fail "the program counts otherwise"; cat out; }
fi
rm -f /sys/fs/bpf/weir
finish
