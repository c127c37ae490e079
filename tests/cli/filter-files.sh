#!/bin/sh
# weir filter on capture files: options, pipes, and files that are none.

. "${top_srcdir:-.}/tests/cli/filter.inc"

cap=$tmp/a.pcap
"$mkpcap" EN10MB pcap 300 >"$cap"

# Every packet is a line; the count goes to stderr, unless -q.
expect 0 "$weir" filter -r "$cap"
[ "$(wc -l <"$tmp/out")" = 300 ] || fail "not 300 lines"
says "300 packets of 300 matched"
expect 0 "$weir" filter -q -r "$cap"
[ ! -s "$tmp/err" ] || fail "-q is not quiet"

# -c stops early.
expect 0 "$weir" filter -r "$cap" -c 3 tcp
[ "$(wc -l <"$tmp/out")" = 3 ] || fail "not 3 lines"
grep -qv ' tcp ' "$tmp/out" && fail "a line that is not TCP"
says "3 packets of "
expect 2 "$weir" filter -r "$cap" -c 0
says "-c takes a number"

# A program that is found to be wrong reads no packet and writes no file.
planted=${weir%/weir}/tests/golden/planted
export WEIR_PLANT=4
expect 1 "$planted" filter -r "$cap" -w "$tmp/none.pcap" tcp
says "the programs made at all levels are wrong"
[ ! -e "$tmp/none.pcap" ] || fail "packets of a wrong program"
export WEIR_PLANT=1
"$planted" filter -q -r "$cap" tcp >"$tmp/other" || fail "no other level is used"
unset WEIR_PLANT
"$weir" filter -q -r "$cap" tcp | cmp - "$tmp/other" || fail "another level, other packets"

# Everything through is the same file; pipes are files.
expect 0 "$weir" filter -r "$cap" -w "$tmp/b.pcap"
cmp "$cap" "$tmp/b.pcap" || fail "no filter changes the file"
[ ! -s "$tmp/out" ] || fail "lines in spite of -w"
"$weir" filter -q -r - -w - <"$cap" | cmp - "$cap" || fail "pipes change the file"
"$weir" filter -q -r "$cap" -w - udp | "$weir" filter -q -r - not udp >"$tmp/out"
[ ! -s "$tmp/out" ] || fail "'udp' lets through what 'not udp' matches"
expect 2 "$weir" filter -r "$cap" -w "$cap"
says "would be overwritten"
cmp "$cap" "$tmp/b.pcap" || fail "the file was overwritten"

# Nanoseconds stay.
"$mkpcap" EN10MB nano-swapped 50 >"$tmp/n.pcap"
"$mkpcap" EN10MB nano 50 >"$tmp/n2.pcap"
expect 0 "$weir" filter -r "$tmp/n.pcap" -w "$tmp/out.pcap"
cmp "$tmp/out.pcap" "$tmp/n2.pcap" || fail "nanoseconds or byte order are lost"

# A name that promises another format is refused, and nothing is written.
expect 2 "$weir" filter -r "$cap" -w "$tmp/x.pcapng"
says "files are written in pcap format, not pcapng"
[ ! -e "$tmp/x.pcapng" ] || fail "a file in spite of that"

# -s cuts.
expect 0 "$weir" filter -r "$cap" -s 20 -w "$tmp/cut.pcap"
[ "$(wc -c <"$tmp/cut.pcap")" = $((24 + 300 * 36)) ] || fail "-s 20 does not cut to 20"

# -U hands on at once: the first packets are there before the input ends.
{ head -c 4000 "$cap"; sleep 5; } | timeout 20 "$weir" filter -q -r - -U -w "$tmp/u.pcap" 2>/dev/null &
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	[ "$(cat "$tmp/u.pcap" 2>/dev/null | wc -c)" -gt 3000 ] && break
	sleep 0.1
done
[ "$i" != 15 ] || fail "-U does not hand packets on"

# Signals end it with what was done: SIGINT well, the others with a status of their own.
mkfifo "$tmp/fifo"
for ending in INT:0 TERM:143 HUP:129; do
	signal=${ending%:*}
	{ cat "$cap"; sleep 10; } >"$tmp/fifo" &
	last="weir filter -r fifo, and SIG$signal"
	rm -f "$tmp/i.pcap"
	env --default-signal=HUP "$weir" filter -r - -w "$tmp/i.pcap" <"$tmp/fifo" 2>"$tmp/err" &
	pid=$!
	sleep 0.7
	kill -$signal "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" = "${ending#*:}" ] || fail "exit $status after SIG$signal"
	says "300 packets of 300 matched"
	cmp "$cap" "$tmp/i.pcap" || fail "packets are lost at SIG$signal"
done

# Who runs it by nohup wants it to go on.
{ cat "$cap"; sleep 1.5; } >"$tmp/fifo" &
last="nohup weir filter -r fifo, and SIGHUP"
(trap '' HUP; exec "$weir" filter -r - -w "$tmp/i.pcap" <"$tmp/fifo" 2>"$tmp/err") &
pid=$!
sleep 0.7
kill -HUP "$pid"
wait "$pid" || fail "SIGHUP ends it under nohup"
says "300 packets of 300 matched"

# weir packet -r takes link type and byte order from the file.
"$mkpcap" LINUX_SLL2 pcapng 10 >"$tmp/sll2"
expect 0 "$weir" packet -f decimal -r "$tmp/sll2" tcp
cp "$tmp/out" "$tmp/from-file"
expect 0 "$weir" packet -f decimal -t LINUX_SLL2 tcp
cmp "$tmp/out" "$tmp/from-file" || fail "-r does not give the link type"
"$mkpcap" NULL swapped 40 >"$tmp/null"
"$mkpcap" NULL pcap 40 >"$tmp/null2"
expect 0 "$weir" filter -r "$tmp/null" ip6 and tcp
grep -o 'weir: [1-9].*' "$tmp/err" >"$tmp/count" || fail "nothing matched"
expect 0 "$weir" filter -r "$tmp/null2" ip6 and tcp
says "$(cat "$tmp/count")"

# What is wrong is said, exit 2.
expect 2 "$weir" filter
says "name a capture file with -r, or an interface with -i"
expect 2 "$weir" filter -r "$cap" -i lo
says "are mutually exclusive"
expect 2 "$weir" filter -r "$tmp/none"
says "No such file"
expect 2 "$weir" filter -r /
says "is a directory"
expect 2 "$weir" filter -r /dev/null
says "is empty"
expect 2 "$weir" filter -r "$source/README.md"
says "neither pcap nor pcapng"
printf '\3757zXZ\0' >"$tmp/z.pcap.xz"
expect 2 "$weir" filter -r "$tmp/z.pcap.xz"
says "compressed with xz, which weir does not unpack: try 'xzcat FILE"
expect 2 "$weir" filter -r "$cap" tcp prot 80
[ ! -s "$tmp/out" ] || fail "lines in spite of an error"
expect 2 "$weir" filter -r "$cap" -w /nonexistent/out
says "/nonexistent/out"
if [ -w /dev/full ]; then
	expect 2 "$weir" filter -r "$cap" -w /dev/full
	says "No space left"
	expect 2 sh -c '"$0" filter -r "$1" >/dev/full' "$weir" "$cap"
	says "standard output: No space left"
	[ "$(grep -c "standard output" "$tmp/err")" = 1 ] || fail "said twice"
fi

# A terminal is no capture file.
if has_terminals && command -v script >/dev/null; then
	expect 2 script -qec "'$weir' filter -r -" /dev/null
	prints "'standard input' is a terminal, not a capture file"
	expect 2 script -qec "'$weir' filter -r '$cap' -w -" /dev/null
	prints "a terminal cannot show a capture file"
fi

# Cut at every place: what was whole comes out, and the rest is reported.
head -c 1000 "$cap" >"$tmp/t.pcap"
expect 2 "$weir" filter -r "$tmp/t.pcap"
says "truncated"
[ "$(wc -l <"$tmp/out")" -gt 3 ] || fail "packets before the cut are lost"
"$mkpcap" EN10MB pcapng-mixed 20 >"$tmp/m.pcapng"
expect 2 "$weir" filter -r "$tmp/m.pcapng"
says "several link types"
[ "$(wc -l <"$tmp/out")" = 10 ] || fail "packets before the other link type are lost"

# Compressed files are unpacked: members one after another, zeros at the end, and what a
# packet is cut in two by.
big=$tmp/big.pcap
"$mkpcap" EN10MB pcap 9000 >"$big"
for packer in gzip:zlib zstd:libzstd; do
	pack=${packer%:*}
	command -v "$pack" >/dev/null || continue
	"$weir" --version | grep -q "+ .*(${packer#*:})" || continue
	$pack -c <"$big" >"$tmp/z"
	expect 0 "$weir" filter -r "$tmp/z" -w "$tmp/unpacked"
	cmp "$big" "$tmp/unpacked" || fail "$pack: not what was packed"
	"$weir" filter -q -r - -w - <"$tmp/z" | cmp - "$big" || fail "$pack: not from a pipe"
	{ head -c 3333 "$big" | $pack -c; tail -c +3334 "$big" | $pack -c; } >"$tmp/two"
	expect 0 "$weir" filter -r "$tmp/two" -w "$tmp/unpacked"
	cmp "$big" "$tmp/unpacked" || fail "$pack: not both parts"
	expect 0 "$weir" packet -r "$tmp/z" tcp
	head -c 90000 "$tmp/z" >"$tmp/cut"
	expect 2 "$weir" filter -q -r "$tmp/cut" -w "$tmp/unpacked"
	says "truncated: the compressed data has no end"
	[ "$(wc -c <"$tmp/unpacked")" -gt 100000 ] || fail "$pack: nothing before the cut"
	{ head -c 90000 "$tmp/z"; head -c 300 "$source/README.md"; tail -c +90301 "$tmp/z"
	} >"$tmp/bad"
	expect 2 "$weir" filter -q -r "$tmp/bad" -w "$tmp/unpacked"
	says "damaged: "
	head -c 5 "$tmp/z" >"$tmp/cut"
	expect 2 "$weir" filter -r "$tmp/cut"
	says "truncated"
done
if "$weir" --version | grep -q "+ .*(zlib)"; then
	{ gzip -c "$cap"; head -c 700 /dev/zero; } >"$tmp/z"
	expect 0 "$weir" filter -q -r "$tmp/z" -w "$tmp/unpacked"
	cmp "$cap" "$tmp/unpacked" || fail "zeros after the end"
	{ gzip -c "$cap"; echo more; } >"$tmp/z"
	expect 2 "$weir" filter -q -r "$tmp/z"
	says "bytes that are not gzip follow the compressed data"
fi

# Where something is wrong in a file is said.
expect 2 "$weir" filter -q -r "$tmp/t.pcap"
says "at byte "
{ head -c 24 "$cap"; printf '\1\0\0\0\1\0\0\0\377\377\377\0\1\0\0\0'; } >"$tmp/long"
expect 2 "$weir" filter -r "$tmp/long"
says "after packet 0, at byte 24: damaged: a packet of 16777215 bytes, where 262144 are"
{ head -c 4 "$cap"; printf '\3\0\1\0'; head -c 16 /dev/zero; } >"$tmp/new"
expect 2 "$weir" filter -r "$tmp/new"
says "version 3.1 of pcap is not known"

# An old form, which is left to libpcap: the same packets, some of them, those before a cut.
if "$weir" --version | grep -q "+ .*(libpcap)"; then
	{ head -c 6 "$cap"; printf '\3\0'; tail -c +9 "$cap"; } >"$tmp/old"
	expect 0 "$weir" filter -r "$cap"
	cp "$tmp/out" "$tmp/lines"
	expect 0 "$weir" filter -r "$tmp/old"
	cmp "$tmp/out" "$tmp/lines" || fail "libpcap has other packets"
	expect 0 "$weir" filter -r "$tmp/old" -c 1 ip
	says "1 packet of "
	expect 0 sh -c '"$0" filter -q -r - -c 1 ip <"$1"' "$weir" "$tmp/old"
	head -c 1000 "$tmp/old" >"$tmp/t.pcap"
	expect 2 "$weir" filter -r "$tmp/t.pcap"
	says "after packet "
fi

# Any bytes behind any start: an exit status, never a signal.
for seed in 1 2 3 4 5 6 7 8; do
	for start in EN10MB NULL; do
		for format in pcap pcapng nano-swapped; do
			"$mkpcap" "$start" "$format" 20 "$seed" >"$tmp/whole"
			{ head -c $((20 + seed * 97)) "$tmp/whole"
			  tail -c $((1500 - seed * 130)) "$source/src/weir.h"
			} >"$tmp/g"
			status=0
			timeout 10 "$weir" filter -q -r "$tmp/g" >"$tmp/out" 2>"$tmp/err" || status=$?
			[ "$status" = 0 ] || [ "$status" = 2 ] || fail "exit $status on garbage"
		done
	done
done

finish
