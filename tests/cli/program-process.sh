#!/bin/sh
# --pid and --fd: the filters that processes run under and that sockets have are the bytes
# that were installed.
. "${top_srcdir:-.}/tests/cli/lib.sh"

command -v pgrep >/dev/null || skip "pgrep is not installed"
command -v python3 >/dev/null || skip "python3 is not installed"

# confined FILE... -- COMMAND: runs it under the filters, in that order.
cat >"$tmp/confined" <<'END'
import ctypes, os, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
def program(path):
    code = open(path, "rb").read()
    buffer = ctypes.create_string_buffer(code, len(code))
    return struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)), buffer
split = sys.argv.index("--")
libc.prctl(38, 1, 0, 0, 0)
for path in sys.argv[1:split]:
    fprog, buffer = program(path)
    if libc.prctl(22, 2, fprog, 0, 0):
        sys.exit("%s: %s" % (path, os.strerror(ctypes.get_errno())))
os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
END
cat >"$tmp/socket" <<'END'
import ctypes, os, socket, struct, sys, time
code = open(sys.argv[1], "rb").read()
buffer = ctypes.create_string_buffer(code, len(code))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", len(code) // 8,
                                                ctypes.addressof(buffer)))
bare = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(s.fileno(), bare.fileno(), flush=True)
time.sleep(60)
END

python3 -c 'import struct, sys; sys.exit(struct.calcsize("HxxxxxxP") != 16)' ||
	skip "the test is written for 64 bits"
"$weir" policy -f raw -o "$tmp/1" no-network
"$weir" policy -f raw -o "$tmp/2" default
printf 'ld [0]\njeq #0xffff, no\nret #0x7fff0000\nno: ret #0x50001\n' >"$tmp/asm"
"$weir" show -f raw -o "$tmp/3" "$tmp/asm"

pids=
trap 'kill $pids 2>/dev/null; rm -rf "$tmp"' EXIT

# started COMMAND...: its process is $pid, once it sleeps.
started()
{
	"$@" >"$tmp/started" 2>&1 &
	pid=$!
	pids="$pids $pid"
	for i in $(seq 100); do
		grep -q sleep "/proc/$pid/comm" 2>/dev/null && return
		sleep 0.1
	done
	fail "$*: $(cat "$tmp/started")"
}

# sleeping COMMAND...: the sleep that it starts, in a process of its own or not, is $pid.
sleeping()
{
	"$@" >"$tmp/started" 2>&1 &
	pids="$pids $!"
	for i in $(seq 100); do
		pid=$(pgrep -P $! -x sleep 2>/dev/null) ||
			pid=$(pgrep -P "$(pgrep -P $! | head -n 1)" -x sleep 2>/dev/null)
		[ "$pid" ] && return
		sleep 0.1
	done
	fail "$*: $(cat "$tmp/started")"
}

same_as()
{
	cmp -s "$tmp/out" "$1" || fail "$2 is not what was installed"
}

# A user is told what is missing.
if [ "$(id -u)" -eq 0 ]; then
	as_user="setpriv --reuid 65534 --regid 65534 --clear-groups"
else
	as_user=
fi
started python3 "$tmp/confined" "$tmp/3" -- $as_user sleep 60
user=$pid
chmod 644 "$tmp/1" "$tmp/2" "$tmp/3"
expect 2 $as_user "$weir" show --pid $user
says "reading them needs root (CAP_SYS_ADMIN), outside any seccomp filter"

# Wrong words, and what has no filter.
expect 2 "$weir" show --pid self
says "--pid takes the number of a process"
expect 2 "$weir" show --pid 12#0
expect 2 "$weir" show --fd 12
says "--fd takes a process and its descriptor: 1234:3; not '12'"
expect 2 "$weir" show --pid 4194999
says "No such process"

if [ "$(id -u)" -ne 0 ]; then
	echo "only root reads the filters of processes"
	finish
fi
expect 0 "$weir" show -f raw --pid $user
same_as "$tmp/3" "a user's filter"
started sleep 60
expect 2 "$weir" show --pid $pid
says "process $pid is under no seccomp filter"

# Three in a stack, each by its number; and those that a child inherits.
started python3 "$tmp/confined" "$tmp/1" "$tmp/2" "$tmp/3" -- sleep 60
for i in 1 2 3; do
	expect 0 "$weir" show -f raw --pid $pid#$i
	same_as "$tmp/$i" "filter $i of 3"
done
expect 0 "$weir" show --pid $pid
prints "process $pid, filter 1 of 3:"
prints "process $pid, filter 3 of 3:"
expect 2 "$weir" show --pid $pid#4
says "process $pid has 3 filters, so there is no #4"
expect 2 "$weir" show -f c --pid $pid
says "only a listing or JSON without -o can show more than one"
for what in "show --json" "show --explain --json" "check --json"; do
	expect 0 "$weir" $what --pid $pid
	python3 -c 'import json, sys; sys.exit(len(json.load(sys.stdin)) != 3)' <"$tmp/out" ||
		fail "$what: not an array of three"
done
expect 2 "$weir" show --json -o "$tmp/none" --pid $pid
expect 0 "$weir" check --pid $pid
[ "$(grep -c '^seccomp *accepted' "$tmp/out")" -eq 3 ] || fail "check has not three verdicts"
# The filter that decides is named.
expect 0 "$weir" eval --pid $pid --call 'socket(AF_INET)'
prints "327681 errno EPERM: socket(2, 0, 0) on "
prints "(process $pid, filter 1 of 3)"
grep -q '^State:.S' "/proc/$pid/status" || fail "the process does not go on"
sleeping "$weir" run --no-trace no-network -- python3 "$tmp/confined" "$tmp/3" -- sleep 60
expect 0 "$weir" show -f raw --pid $pid#3
same_as "$tmp/3" "a filter in a box"

# Those of bubblewrap and of runc.
if command -v bwrap >/dev/null; then
	sleeping sh -c "exec bwrap --ro-bind / / --seccomp 3 sleep 60 3<'$tmp/1'"
	expect 0 "$weir" show -f raw --pid $pid
	same_as "$tmp/1" "bubblewrap's filter"
else
	echo "bubblewrap is not installed"
fi

# A socket's.
"$weir" packet -f raw -o "$tmp/packet" 'len > 100'
python3 "$tmp/socket" "$tmp/packet" >"$tmp/fds" &
pid=$!
pids="$pids $pid"
for i in $(seq 100); do
	[ -s "$tmp/fds" ] && break
	sleep 0.1
done
read -r with without <"$tmp/fds"
expect 0 "$weir" show -f raw --fd "$pid:$with"
same_as "$tmp/packet" "a socket's filter"
expect 2 "$weir" show --fd "$pid:$without"
says "the socket has no filter"
expect 2 "$weir" show --fd "$pid:1"
says "descriptor 1 of process $pid: "
expect 2 "$weir" show --fd "$pid:999"
says "Bad file descriptor"
finish
