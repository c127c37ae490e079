#!/bin/sh
# --profile FILE: what is common in the capture decides the order of conditions, and
# nothing else.

. "${top_srcdir:-.}/tests/cli/filter.inc"

expression='host 192.0.2.1 and tcp port 80'
all=$tmp/all.pcap v4=$tmp/v4.pcap v6=$tmp/v6.pcap
"$mkpcap" EN10MB pcap 2000 >"$all"
expect 0 "$weir" filter -q -r "$all" -w "$v4" 'ip and not port 80'
expect 0 "$weir" filter -q -r "$all" -w "$v6" ip6

# first CAPTURE: where the program that is compiled for it looks first.
first()
{
	"$weir" packet -n --profile "$1" "$expression" | sed -n '1s/^(000) \([^;]*\).*/\1/p' | tr -d ' '
}
[ "$(first "$v6")" = 'ldh[12]' ] || fail "IPv6: $(first "$v6") comes first"
[ "$(first "$v4")" != 'ldh[12]' ] || fail "IPv4: the EtherType comes first"

# So do the answers to one question that are met most.
for type in 0x800 0x86dd; do
	[ $type = 0x800 ] && profile=$v4 || profile=$v6
	"$weir" packet -n --profile "$profile" tcp port 80 | grep -q "^(001) jeq  *#$type " ||
		fail "$type is not asked for first"
done

# Whatever the profile, the same packets match.
expect 0 "$weir" filter -n -r "$all" -w "$tmp/0.pcap" tcp or udp port 53
for profile in "$all" "$v4" "$v6"; do
	expect 0 "$weir" filter -n -r "$all" -w "$tmp/1.pcap" --profile "$profile" tcp or udp port 53
	cmp "$tmp/0.pcap" "$tmp/1.pcap" || fail "other packets match with --profile $profile"
done

# Files that do not serve.
"$mkpcap" RAW pcap 10 >"$tmp/raw.pcap"
expect 2 "$weir" packet --profile "$tmp/raw.pcap" tcp
says "have link type RAW, but the expression is compiled for EN10MB"
says "'-t RAW'"
expect 0 "$weir" packet -t RAW --profile "$tmp/raw.pcap" tcp
"$mkpcap" EN10MB pcap 0 >"$tmp/none.pcap"
expect 2 "$weir" packet --profile "$tmp/none.pcap" tcp
says "has no packets"
expect 2 "$weir" packet --profile "$tmp/missing.pcap" tcp
says "missing.pcap"

finish
