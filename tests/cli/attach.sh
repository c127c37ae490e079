#!/bin/sh
# weir attach on interfaces and cgroups of a namespace: what passes, what is counted, and
# what is left when weir ends in one way or another.

. "${top_srcdir:-.}/tests/cli/lib.sh"
. "$source/tests/cli/attach.inc"

# What is asked for in other words than the manual's.
expect 2 "$weir" attach
says "the place is missing: weir attach xdp IFACE"
expect 2 "$weir" attach wifi lo drop tcp
says "unknown place 'wifi': expected xdp, tc, cgroup, socket, reuseport or iptables"
expect 2 "$weir" attach xdp
says "the interface is missing"
expect 2 "$weir" attach tc lo
says "ingress or egress is missing"
expect 2 "$weir" attach tc lo both drop tcp
says "expected ingress or egress, found 'both'"
expect 2 "$weir" attach cgroup
says "the directory of the cgroup is missing"
expect 2 "$weir" attach xdp lo
says "drop or pass is missing"
expect 2 "$weir" attach xdp lo reject tcp
says "expected drop or pass, found 'reject'"
expect 2 "$weir" attach xdp lo drop
says "the expression is missing"
expect 2 "$weir" attach xdp lo drop 'tcp port'
expect 2 "$weir" attach --list --detach 5
says "--list and --detach are mutually exclusive"
expect 2 "$weir" attach --stats --list
says "--list and --stats are mutually exclusive"
expect 2 "$weir" attach --keep --timeout 5 xdp lo drop tcp
says "--keep and --timeout are mutually exclusive"
expect 2 "$weir" attach --detach 5 6
says "--detach takes one number or target; what is '6'?"

enter_namespace

# Without rights: said before anything is tried.
if command -v setpriv >/dev/null; then
	expect 1 setpriv --reuid 65534 --clear-groups "$weir" attach xdp lo drop icmp --timeout 1
	says "attaching needs CAP_BPF and CAP_NET_ADMIN: run it as root"
	expect 1 setpriv --reuid 65534 --clear-groups "$weir" attach --list
	says "listing what is attached needs CAP_SYS_ADMIN"
	expect 1 setpriv --reuid 65534 --clear-groups "$weir" attach --stats
	says "listing what is attached needs CAP_SYS_ADMIN"
fi
for place in "xdp lo" "tc lo ingress" "tc lo egress"; do
	start $place drop 'udp port 9'
	arrives '9 lost 10 arrived '
	"$weir" attach --list >"$tmp/list"
	grep -q 'lo .* 1  drop udp port 9' "$tmp/list" || { fail "$place: list"; cat "$tmp/list"; }
	ended INT 0
	says "1 matched"
	arrives "$both"
	start $place pass 'udp port 9'
	arrives '9 arrived 10 lost '
	ended TERM 143
	start $place drop 'udp'
	arrives '9 lost 10 lost '
	ended KILL 137
	for i in $(seq 50); do # the kernel lets go of a link some time after its process
		[ "$(listed)" = "$none" ] && break
		sleep 0.1
	done
	[ "$(listed)" = "$none" ] || fail "$place: something is left after SIGKILL"
	arrives "$both"
done

# The expression of a file; lists of what is there, as JSON, too.
echo 'udp port 9' >"$tmp/expression"
start xdp lo drop -F "$tmp/expression"
arrives '9 lost 10 arrived '
expect 0 "$weir" attach --list --json
python3 - "$tmp/out" <<'PY' || fail "the list as JSON: $(cat "$tmp/out")"
import json, sys
# Other tests may have filters on sockets meanwhile.
[mine] = [row for row in json.load(open(sys.argv[1])) if row["here"] and row["target"] == "lo"]
assert (mine["place"], mine["target"], mine["does"], mine["kept"]) == ("xdp", "lo", "drop", False)
assert mine["expression"].strip() == "udp port 9" and mine["matched"] == 1, mine
PY
expect 0 "$weir" attach --list -o "$tmp/list"
grep -q '^ *ID  PLACE' "$tmp/list" || fail "the list has no title"
ended INT 0
# An expression of any length is kept, here longer than the map's place for it.
hosts=$(seq -s ' or ' -f '(udp port 10 and len > %g)' 1000 1200)
start tc lo egress drop "$hosts"
expect 0 "$weir" attach --list
prints "drop $hosts"
# What is counted, again and again; of those that are named, or of all.
"$weir" attach --stats --timeout 2 >"$tmp/stats" &
arrives "$both"
wait $!
[ "$(grep -c '^ *ID  PLACE' "$tmp/stats")" = 1 ] || fail "stats: titles"
grep -q 'tc egress *lo *[1-9]' "$tmp/stats" || { fail "stats"; cat "$tmp/stats"; }
expect 0 "$weir" attach --stats --json --timeout 1 lo
prints '"place":"tc egress","target":"lo"'
prints '"packets_per_second":'
expect 0 "$weir" attach --stats --json --timeout 1 nowhere
[ -s "$tmp/out" ] && fail "stats of what is not there"
env --default-signal=TERM "$weir" attach --stats --interval 100 >"$tmp/stats" &
sleep 0.5
kill "$!"
wait "$!"
[ $? = 143 ] || fail "--stats after SIGTERM"
ended INT 0
if command -v script >/dev/null && has_terminals; then
	expect 0 script -qec "'$weir' attach --stats --timeout 2" /dev/null
	grep -q "$(printf '\033\[[0-9]*A\033\[J')" "$tmp/out" || fail "stats are not shown in place"
	expect 0 script -qec "'$weir' attach tc lo egress drop udp --timeout 2" /dev/null
	prints "0 packets, 0 matched"
fi

# What lo has no name for, and what no place can do.
expect 1 "$weir" attach xdp nowhere drop 'udp port 9' -t EN10MB
says "unknown interface 'nowhere'"
expect 2 "$weir" attach xdp nowhere drop 'udp port 9'
says nowhere
expect 2 "$weir" attach tc lo ingress drop 'wlan type mgt'
expect 2 "$weir" attach tc lo
expect 2 "$weir" attach tc
expect 2 "$weir" attach tc lo ingress drop -F "$tmp/none"
says "$tmp/none"
ip tuntap add dev tun9 mode tun 2>/dev/null && ip link set tun9 up &&
	expect 0 timeout 20 "$weir" attach tc tun9 egress drop 'udp port 9' --timeout 1

# One XDP program has room; another is refused, in words.
start xdp lo drop 'udp port 9'
expect 1 "$weir" attach xdp lo drop 'udp port 10' --timeout 1
says "lo: another program is attached to xdp"
ended HUP 129

# Somebody else takes it off, by the name of the interface: weir sees that and ends.
start tc lo ingress drop udp
expect 0 "$weir" attach --detach lo
wait "$pid" || fail "exit status $? after somebody took it off"
says "it was taken off by somebody else"
expect 1 "$weir" attach --detach lo
says "nothing of weir's is attached as 'lo'"
expect 0 timeout 20 "$weir" attach tc lo ingress drop udp --timeout 1

# What carries the default route is not cut off by mistake.
ip link add veth0 type veth peer name veth1
ip addr add 192.0.2.1/24 dev veth0
ip link set veth0 up
ip route add default via 192.0.2.2
expect 2 "$weir" attach xdp veth0 pass 'tcp port 22'
says "'pass' drops all else, and the default route leads through veth0"
expect 0 "$weir" attach xdp veth0 pass 'tcp port 22' --timeout 1
ip link set veth1 up
expect 0 "$weir" attach tc veth1 ingress pass 'tcp port 22' --timeout 1
if ip -6 addr add 2001:db8::1/64 dev veth1 nodad 2>/dev/null; then
	ip -6 route add unreachable default metric 4096
	expect 0 "$weir" attach tc lo egress pass 'tcp port 22' --timeout 1
	ip -6 route add default via 2001:db8::2 dev veth1
	expect 2 "$weir" attach tc veth1 egress pass 'tcp port 22'
	says "the default route leads through veth1"
	ip -6 route flush default 2>/dev/null
	ip -6 route del default via 2001:db8::2 dev veth1 2>/dev/null
fi

# Kept, where there is something to keep it.
mount -t tmpfs none /sys/fs/bpf 2>/dev/null &&
	expect 1 "$weir" attach tc lo ingress drop 'udp port 9' --keep &&
	says "no BPF file system is mounted at /sys/fs/bpf"
arrives "$both"
umount /sys/fs/bpf 2>/dev/null
if mount -t bpf bpf /sys/fs/bpf; then
	expect 0 "$weir" attach tc lo ingress drop 'udp port 9' --keep
	says "takes it off"
	arrives '9 lost 10 arrived '
	expect 0 "$weir" attach --list
	grep -q ' kept ' "$tmp/out" || fail "it is not said that it is kept"
	id=$(awk '/kept/ { print $1 }' "$tmp/out")
	expect 0 "$weir" attach --detach "$id"
	arrives "$both"
	[ -z "$(ls -A /sys/fs/bpf/weir)" ] || fail "a pin is left"
fi

# A cgroup: its processes alone.
mkdir "$tmp/cgroup"
if mount -t cgroup2 none "$tmp/cgroup" 2>/dev/null && mkdir "$tmp/cgroup/weir-test" 2>/dev/null; then
	start cgroup "$tmp/cgroup/weir-test" egress drop 'udp port 9'
	arrives "$both"
	got=$(sh -c "echo \$\$ >'$tmp/cgroup/weir-test/cgroup.procs' && exec python3 '$tmp/send.py' 9 10" |
		tr '\n' ' ')
	[ "$got" = '9 lost 10 arrived ' ] || fail "in the cgroup: $got"
	ended INT 0
	rmdir "$tmp/cgroup/weir-test"
fi
umount "$tmp/cgroup" 2>/dev/null
expect 1 "$weir" attach cgroup "$tmp" egress drop udp --timeout 1
says "$tmp: not a directory of cgroup v2"
expect 1 "$weir" attach cgroup "$tmp/none" egress drop udp --timeout 1
says "No such file or directory"
finish
