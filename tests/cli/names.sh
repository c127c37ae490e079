#!/bin/sh
# Names of hosts, networks, ports, protocols and stations, from an /etc of this test's own.
. "${top_srcdir:-.}/tests/cli/lib.sh"

if [ -z "${in_namespace-}" ]; then
	[ "$(id -u)" = 0 ] || skip "only root has an /etc of its own"
	unshare -nm true 2>/dev/null || skip "no namespaces are to be had here"
	rm -rf "$tmp"
	in_namespace=1 exec timeout 60 unshare -nm sh "$0"
fi
mkdir "$tmp/etc"
cd "$tmp/etc" || exit 99
cat >hosts <<-'END'
	192.0.2.1	one both
	2001:db8::1	six both
END
seq -f '10.0.0.%g many' 200 >>hosts
seq -f '10.0.1.%g many' 200 >>hosts
printf 'thing 4711/tcp\nthing 4711/udp\nonly 4712/udp\ndual 4713/tcp\ndual 4714/udp\n' >services
printf 'lab 192.0.2\n' >networks
printf 'ip 0 IP\nours 200 OURS\n' >protocols
printf '02:00:00:00:00:07 station\n' >ethers
echo 'multi on' >host.conf
printf 'options timeout:1 attempts:1\nnameserver 127.0.0.1\n' >resolv.conf
for what in hosts networks protocols services ethers; do echo "$what: files"; done >nsswitch.conf
mount --bind "$tmp/etc" /etc || skip "/etc cannot be covered"

# same NAMES NUMBERS: both expressions give one program.
same()
{
	expect 0 "$weir" packet -q -dd "$1"
	mv "$tmp/out" "$tmp/named"
	expect 0 "$weir" packet -q -n -dd "$2"
	cmp -s "$tmp/named" "$tmp/out" || fail "'$1' is not '$2'"
}

same 'host one' 'host 192.0.2.1'
same 'host six' 'host 2001:db8::1'
same 'host both' 'host 192.0.2.1 or host 2001:db8::1'
# The database says no mask, and its addresses have four bytes: all of them count.
same 'net lab' 'net 192.0.2.0 mask 255.255.255.255'
same 'port thing' 'port 4711'
same 'port only' 'udp port 4712'
same 'udp port only' 'udp port 4712'
same 'port dual' 'tcp port 4713'
same 'ip proto ours' 'ip proto 200'
same 'ether host station' 'ether host 02:00:00:00:00:07'

# What is not there, or too much.
for none in 'host nobody' 'net nothing' 'port nil' 'ip proto theirs' 'ether host nowhere'; do
	expect 2 "$weir" packet "$none"
	says "${none##* }"
done
expect 2 "$weir" packet 'udp port dual'
says "'dual' is a service of tcp, not of udp"
expect 2 "$weir" packet 'host many'
says many

# Nobody answers: that is not the same as an answer.
sed -i 's/^hosts: .*/hosts: dns/' nsswitch.conf
ip link set lo up 2>/dev/null
expect 2 "$weir" packet 'host one'
says one
finish
