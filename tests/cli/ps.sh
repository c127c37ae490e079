#!/bin/sh
# weir ps sees who runs under filters, in namespaces that this test makes; and says what
# it cannot see.
. "${top_srcdir:-.}/tests/cli/lib.sh"

${CC:-cc} -pthread -o "$tmp/filters" "$source/tests/cli/filters.c" 2>"$tmp/cc.err" ||
	skip "no compiler: $(head -1 "$tmp/cc.err")"
started=
trap 'kill $started 2>/dev/null; rm -rf "$tmp"' EXIT

# start COMMAND...: in the background, until it says that it is ready; its pid is $pid.
start()
{
	"$@" >"$tmp/ready" 2>&1 </dev/null &
	pid=$!
	started="$started $pid"
	for i in $(seq 200); do
		grep -q . "$tmp/ready" && return
		kill -0 $pid 2>/dev/null || return
		sleep 0.05
	done
}

# row PID: what ps says of it, with single blanks.
row()
{
	"$weir" ps -q --pid "$1" -o on,filters,length,profile,command | sed -n 2p | tr -s ' '
}

# is PID ROW
is()
{
	got=$(row "$1")
	[ "$got" = "$2" ] || fail "process $1 is '$got', expected '$2'"
}

# --- what everybody sees -------------------------------------------------------------

start "$tmp/filters" 2 7
grep -q ready "$tmp/ready" || skip "filters are not permitted"
two=$pid
expect 0 "$weir" ps --pid $two -o filters,command
prints "      2  filters"
expect 0 "$weir" ps --json --pid $two -q
prints "\"pid\":$two,\"tid\":$two,"
prints '"count":2,'
expect 0 "$weir" ps --pid $$
[ "$(wc -l <"$tmp/out")" -eq 1 ] || fail "a process without filters has a line"

cp "$weir" "$tmp/weir"
user="setpriv --reuid 65534 --regid 65534 --clear-groups"
[ "$(id -u)" -ne 0 ] && user=
expect 0 $user "$tmp/weir" ps --pid $two -o pid,filters,length,profile
says "weir: warning: not shown: lengths, profiles and sockets: this needs root"
[ "$(sed -n 2p "$tmp/out" | tr -s ' ')" = "$two 2 - -" ] || fail "as a user: $(cat "$tmp/out")"
expect 0 $user "$tmp/weir" ps -q --json --pid $two
says_nothing
prints '"filters":null'

# All processes, by what /proc tells: two threads with one filter are one line, a thread
# with a filter of its own is another than its process.
start "$tmp/filters" same
same=$pid
start "$tmp/filters" thread
thread=$pid
start "$tmp/filters" strict
strict=$pid
expect 0 $user "$tmp/weir" ps -q -o pid,on,filters,command
for line in "$two seccomp 2 filters" "$same seccomp 1 filters" "$strict strict 0 filters"; do
	[ "$(tr -s ' ' <"$tmp/out" | sed 's/^ //' | grep -c "^$line\$")" = 1 ] ||
		fail "not one line '$line': $(cat "$tmp/out")"
done
grep -q "^ *$thread/[0-9]* *seccomp *1" "$tmp/out" || fail "no thread of $thread: $(cat "$tmp/out")"
grep -q "^ *$same/" "$tmp/out" && fail "both threads of $same: $(cat "$tmp/out")"
expect 0 "$weir" ps -q -o pid,on,filters,command
grep -q "^ *$same  *seccomp  *1  *filters" "$tmp/out" || fail "not one process $same: $(cat "$tmp/out")"
grep -q "^ *$strict  *strict  *0  *filters" "$tmp/out" || fail "not strict: $(cat "$tmp/out")"

# --- mistakes --------------------------------------------------------------------------

expect 2 "$weir" ps 12
says "weir: 'weir ps' takes options only, not '12'"
expect 2 "$weir" ps --pid 4000000
says "weir: unknown process 4000000"
expect 2 "$weir" ps --pid 0
says "weir: unknown process 0"
expect 2 "$weir" ps --pid x
says "weir: --pid takes a number, not 'x'"
expect 2 "$weir" ps --fds 4000000
says "weir: unknown process 4000000"
expect 2 "$weir" ps -o pid,comand
says "weir: unknown column 'comand'; did you mean 'command'?"
expect 2 "$weir" ps -o pid,
says "weir: unknown column ''"
expect 2 "$weir" ps -o "$(printf 'pid,%.0s' $(seq 70))pid"
says "weir: -o takes 64 columns at most"
expect 2 "$weir" ps --pid $$ --fds $$
says "weir: --pid and --fds are mutually exclusive"
expect 2 "$weir" ps -o pid --json
says "weir: -o and --json are mutually exclusive"

# --- sockets of a process ----------------------------------------------------------------

start "$tmp/filters" udp 2
expect 0 "$weir" ps --fds $pid -o on,length
grep "what /proc tells" "$tmp/err" && fail "something was not read"
[ "$(sed -n 2p "$tmp/out" | tr -s ' ')" = "fd 3 udp 2" ] || fail "no udp: $(cat "$tmp/out")"
expect 0 env WEIR_FAIL=readlinkat:2:5 "${top_builddir:-.}/tests/cli/failing" ps --fds $pid
says "weir: warning: not shown: part of what /proc tells: Input/output error"
if [ "$(id -u)" -eq 0 ]; then
	expect 2 $user "$tmp/weir" ps --fds $pid
	says "weir: the sockets of process $pid are not yours to look at (root may)"
fi

if [ "$(id -u)" -eq 0 ]; then
	start "$tmp/filters" ebpf
	if grep -q ready "$tmp/ready"; then
		expect 0 "$weir" ps --fds $pid -o on,length,profile
		[ "$(sed -n 2p "$tmp/out" | tr -s ' ')" = "fd 3 udp, eBPF - -" ] ||
			fail "no eBPF: $(cat "$tmp/out")"
		expect 2 "$weir" show --fd $pid:3
		says "descriptor 3 of process $pid: its filter is an eBPF program"
	fi
fi

# --- what root sees ----------------------------------------------------------------------

[ "$(id -u)" -eq 0 ] || finish
expect 0 "$weir" ps
grep 'what /proc tells' "$tmp/err" && fail "something was not read"
"$weir" ps --pid $two 2>"$tmp/err" >/dev/null
if grep -q 'lengths and profiles' "$tmp/err"; then
	cat "$tmp/err"
	[ "$failures" -eq 0 ] || finish
	skip "filters cannot be read here"
fi
is $two "seccomp 2 14 permits everything filters"
start "$tmp/filters" 3 4096
three=$pid
is $three "seccomp 3 12288 permits everything filters"
start "$tmp/filters" 40 3
is $pid "seccomp 40 120 permits everything filters"
start "$tmp/filters" thread
thread=$("$weir" ps -q --pid $pid -o pid | sed -n 2p | tr -d ' ')
[ "${thread%/*}" = "$pid" ] && [ "$thread" != "$pid" ] || fail "a thread of $pid is '$thread'"
is $pid "seccomp 1 9 permits everything filters"

# The sleep that weir run started last, once it is one, is $child: it is where weir was,
# or a child of it.
find_child()
{
	for i in $(seq 200); do
		for child in $pid $(pgrep -P $pid); do
			grep -q sleep "/proc/$child/comm" 2>/dev/null && return
		done
		sleep 0.05
	done
	fail "weir run does not come to its program: $(cat "$tmp/ready")"
}

# under PROFILE [OPTION...]: what ps says of the program that weir run started last.
under()
{
	want=$1
	shift
	find_child
	got=$("$weir" ps -q "$@" --pid $child -o profile | sed -n 2p)
	[ "$got" = "box, $want" ] || fail "a program under $want is '$got'"
}

# A confined shell: weir puts instructions of its own before the policy.
for policy in default no-network build; do
	start "$weir" run --no-trace $policy -- sh -c 'echo ready; exec sleep 60'
	under $policy
done

# The filter of two processes is one, and has its name in both lines.
start "$weir" run --no-trace tar -- sh -c 'echo ready; sleep 60 & exec sleep 60'
find_child
for i in $(seq 100); do
	"$weir" ps -q -o filters,profile,command >"$tmp/out"
	[ "$(grep -c '^ *2  *box, tar  *sleep$' "$tmp/out")" = 2 ] && break
	sleep 0.1
done
[ "$(grep -c '^ *2  *box, tar  *sleep$' "$tmp/out")" = 2 ] || fail "not twice: $(cat "$tmp/out")"

# Names are of what filters do, not of their instructions: a policy that says the same in
# other words, a program by libseccomp, Docker's default as a runtime makes it.
policy other <<-'END'
	default allow
	abi x86_64, i386
	errno EIO mkdir, rmdir
END
policy same <<-'END'
	default allow
	abi x86_64, i386
	errno EIO rmdir
	errno EIO mkdir if mode >= 0
END
start "$weir" run -q --no-trace "$tmp/same.policy" -- sh -c 'echo ready; exec sleep 60'
under "$tmp/other.policy" --policy "$tmp/other.policy"
under unknown
expect 2 "$weir" ps --policy "$tmp/none.policy"
says "none.policy"

cat >"$tmp/lock.c" <<'END'
#include <seccomp.h>
int main(void)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);

	if (!c || seccomp_attr_set(c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW) ||
	    seccomp_rule_add_exact(c, SCMP_ACT_ERRNO(1), SCMP_SYS(personality), 1,
	                           SCMP_A0(SCMP_CMP_NE, 0)))
		return 1;
	return seccomp_export_bpf(c, 1) != 0;
}
END
if [ "$(uname -m)" = x86_64 ] && ${CC:-cc} -o "$tmp/lock" "$tmp/lock.c" -lseccomp 2>/dev/null; then
	"$tmp/lock" >"$tmp/lock.raw" || fail "libseccomp makes no program"
	start "$weir" run -q --no-trace "$tmp/lock.raw" -- sh -c 'echo ready; exec sleep 60'
	under "systemd LockPersonality"
fi

# A unit's list of calls: systemd's filter for one ABI lets the others be.
if [ "$(uname -m)" = x86_64 ]; then
	printf '[Service]\nSystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\n' >"$tmp/unit"
	{
		echo 'foreign allow'
		"$weir" policy -q --from systemd -a x86_64 -f policy "$tmp/unit" | grep -v '^foreign'
	} >"$tmp/list"
	"$weir" policy -q -f raw -o "$tmp/list.raw" "$tmp/list" || fail "no filter of a unit's list"
	start "$weir" run -q --no-trace "$tmp/list.raw" -- sh -c 'echo ready; exec sleep 60'
	under "systemd @system-service, errno EPERM"
fi

# weir show reads filters in the same way, also of a process that somebody traces.
policy kills <<-'END'
	default allow
	kill reboot
END
start "$weir" run -q "$tmp/kills.policy" -- sh -c 'echo ready; exec sleep 60'
find_child
[ "$(sed -n 's/^TracerPid:[^0-9]*//p' "/proc/$child/status")" = $pid ] ||
	fail "$child is not traced: $(grep TracerPid "/proc/$child/status")"
expect 0 "$weir" show --pid "$child#1"
expect 0 "$weir" show -f c --pid "$three#2"
[ "$(wc -l <"$tmp/out")" -eq 4096 ] || fail "filter 2 of 3 has $(wc -l <"$tmp/out") lines"
[ "$(head -1 "$tmp/out")" = "{ 0x0, 0, 0, 0x00000001 }," ] ||
	fail "filter 2 of 3 begins with $(head -1 "$tmp/out")"

# Nothing is stopped, and nothing stays behind.
case $(sed -n 's/^State:[^A-Z]*\([A-Z]\).*/\1/p' /proc/$three/status) in
S) ;;
*) fail "process $three does not sleep" ;;
esac
[ "$(sed -n 's/^TracerPid:[^0-9]*//p' /proc/$three/status)" = 0 ] || fail "$three is traced"

# Numbers are those of the pid namespace.
if unshare -pmf true 2>/dev/null; then
	inside=$(unshare -pmf --mount-proc sh -c '
		"$2" 1 5 >/dev/null &
		sleep 0.3
		"$1" ps -q -o pid,length | sed 1d | tr -s " "
		kill $!' sh "$weir" "$tmp/filters")
	[ "$inside" = "2 5" ] || [ "$inside" = " 2 5" ] || fail "in a pid namespace: '$inside'"
fi

# Packet sockets, also in a network namespace of their own.
if command -v tcpdump >/dev/null && unshare -n true 2>/dev/null; then
	start unshare -n sh -c 'ip link set lo up && exec tcpdump -n -i lo -w "$0" udp or icmp' \
		"$tmp/tcpdump.pcap"
	pid=$(pgrep -P $pid tcpdump || echo $pid)
	for i in $(seq 100); do
		got=$(row "$pid")
		[ -n "$got" ] && break
		sleep 0.05
	done
	case $got in
	"packet lo 1 "*" - tcpdump") ;;
	*) fail "tcpdump is '$got'" ;;
	esac
	expect 0 "$weir" ps --json -q
	prints "\"pid\":$pid,"
	prints '"on":"packet lo","netns":'

	start unshare -n "$tmp/filters" packet 4096
	expect 0 "$weir" ps
	says "not shown: packet sockets, at least 1: a filter is too long for the kernel's list"
	expect 0 "$weir" ps -q --fds $pid -o on,length
	prints "packet    4096"
fi
finish
