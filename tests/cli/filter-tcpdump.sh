#!/bin/sh
# weir filter picks the packets that tcpdump picks, on every link type and format.

. "${top_srcdir:-.}/tests/cli/filter.inc"
command -v tcpdump >/dev/null || skip "tcpdump is not installed"

# same FILE EXPRESSION
same()
{
	run_tcpdump -O -r "$1" -w "$tmp/theirs" "$2" || fail "tcpdump refuses '$2'"
	expect 0 "$weir" filter -r "$1" -w "$tmp/ours" "$2"
	# Once through tcpdump: it does not keep nanoseconds.
	run_tcpdump -r "$tmp/ours" -w "$tmp/ours.us" || fail "tcpdump does not read our file"
	cmp "$tmp/theirs" "$tmp/ours.us" || fail "$1: '$2' picks other packets"
	compared=$((compared + 1))
}

compared=0
for link in NULL EN10MB RAW LOOP LINUX_SLL IPV4 IPV6 LINUX_SLL2; do
	for format in pcap swapped pcapng; do
		file=$tmp/$link-$format
		"$mkpcap" "$link" "$format" 400 "$compared" >"$file"
		for e in tcp 'udp port 53' 'host 10.0.0.1' 'src net 10.0.0.8/29' \
			'portrange 1000-9000 and not tcp' 'dst port 443 or 80' \
			'ip[0] & 0xf > 5' 'tcp[tcpflags] & tcp-ack == 0' \
			'not ip' 'less 64'; do
			case $link:$e in
			IPV6:*ip\[*) continue ;; # an error there
			esac
			same "$file" "$e"
		done
		case $link in
		EN10MB)
			same "$file" 'ip6 host 2001:db8::5'
			same "$file" 'vlan and tcp'
			same "$file" 'ether src 02:00:00:00:00:01 or arp'
			;;
		LINUX_SLL*)
			same "$file" 'arp or ip6'
			;;
		esac
	done
done
echo "$compared pairs of files are the same"

finish
