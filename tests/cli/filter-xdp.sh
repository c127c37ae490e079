#!/bin/sh
# weir filter -i --xdp: what is picked is whole, goes on to the system or does not, and
# nothing is left at the interface.

. "${top_srcdir:-.}/tests/cli/lib.sh"
. "$source/tests/cli/attach.inc"

expect 2 "$weir" filter -r "$source/tests/cli/none.pcap" --xdp udp
says "--xdp needs one interface: -i IFACE"
expect 2 "$weir" filter -i any --xdp udp
says "--xdp needs one interface: -i IFACE"
expect 2 "$weir" filter -i lo --drop udp
says "--drop is for --xdp"
enter_namespace
if command -v setpriv >/dev/null; then
	expect 2 setpriv --reuid 65534 --clear-groups "$weir" filter -i lo --xdp udp
	says "--xdp needs CAP_BPF and CAP_NET_ADMIN: run it as root"
fi
"$weir" attach xdp lo drop udp --timeout 30 2>"$tmp/err" &
pid=$!
while kill -0 "$pid" && ! grep -q attached "$tmp/err"; do sleep 0.1; done
expect 2 "$weir" filter -i lo --xdp udp
says "lo: another program is attached to xdp"
kill "$pid"
wait "$pid"

timeout 120 python3 - "$weir" "$tmp/out.pcap" <<'PY' || fail "python"
import signal, socket, struct, subprocess, sys, time
weir, path = sys.argv[1:]
bad = 0
there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
there.bind(('127.0.0.1', 9))
there.settimeout(0.3)
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

def check(what, got, want):
    global bad
    if got != want:
        bad += 1
        print('FAIL: %s: %r, not %r' % (what, got, want))

def start(*words):
    p = subprocess.Popen([weir, 'filter', '-i', 'lo', '--xdp', *words, 'udp dst port 9', '-w', path],
                         stderr=subprocess.PIPE, text=True,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    check('start', 'listening' in p.stderr.readline(), True)
    return p

def end(p, number=signal.SIGINT):
    time.sleep(0.3) # it says that it listens a little before it notes signals
    p.send_signal(number)
    said = p.communicate(timeout=30)[1]
    return p.returncode, said

def packets():
    data = open(path, 'rb').read()
    magic, = struct.unpack_from('=I', data)
    check('nanoseconds', magic, 0xa1b23c4d)
    at, found = 24, []
    while at < len(data):
        seconds, nano, captured, wire = struct.unpack_from('=IIII', data, at)
        check('time', abs(seconds - time.time()) < 60 and nano < 10**9, True)
        found.append((wire, data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return found

def send(lengths):
    arrived = 0
    for n in lengths:
        sender.sendto(bytes(i % 251 for i in range(n)), ('127.0.0.1', 9))
        sender.sendto(b'not this', ('127.0.0.1', 10))
        try:
            there.recv(70000)
            arrived += 1
        except OSError:
            pass
    return arrived

lengths = [0, 1, 197, 198, 199, 1500, 1989, 1990, 1991, 30000, 65493]
for words, arrive in ([], len(lengths)), (['--drop'], 0):
    p = start(*words)
    check('arrived', send(lengths), arrive)
    status, said = end(p)
    check('status', (status, '%d packets matched' % len(lengths) in said), (0, True))
    got = packets()
    check('lengths', [wire - 42 for wire, _ in got], lengths)
    for (wire, data), n in zip(got, lengths):
        check('bytes of %d' % n, data[42:] == bytes(i % 251 for i in range(n)), True)
    check('after', send([5]), 1)

# A snapshot length; -c.
p = start('-s', '50', '-c', '2')
send([3, 100, 3])
check('-c', p.wait(30), 0)
check('-s', [(wire, len(data)) for wire, data in packets()], [(45, 45), (142, 50)])

# More than the buffer holds while weir does not read.
p = start()
p.send_signal(signal.SIGSTOP)
for _ in range(400):
    sender.sendto(bytes(60000), ('127.0.0.1', 9))
p.send_signal(signal.SIGCONT)
status, said = end(p, signal.SIGTERM)
check('TERM', status, 143)
check('lost', 'arrived too fast and were lost' in said, True)
check('the buffer', 100 < len(packets()) < 300, True)

# Somebody takes the interface away; and SIGKILL leaves nothing.
subprocess.run(['ip', 'link', 'add', 'veth8', 'type', 'veth', 'peer', 'name', 'veth9'])
subprocess.run(['ip', 'link', 'set', 'veth8', 'up'])
p = subprocess.Popen([weir, 'filter', '-i', 'veth8', '--xdp', 'udp'], stderr=subprocess.PIPE, text=True)
check('start', 'listening' in p.stderr.readline(), True)
subprocess.run(['ip', 'link', 'del', 'veth8'])
said = p.communicate(timeout=30)[1]
check('gone', (p.returncode, "interface 'veth8' is gone" in said), (2, True))
p = start()
end(p, signal.SIGKILL)
time.sleep(0.5)
p = start()
check('after SIGKILL', end(p)[0], 0)
sys.exit(1 if bad else 0)
PY
if ip tuntap add dev tun9 mode tun 2>/dev/null && ip link set tun9 up; then
	expect 2 timeout 20 "$weir" filter -i tun9 --xdp 'ether host 1:2:3:4:5:6'
	says "RAW"
fi
finish
