#!/bin/sh
# weir attach is killed at random points, 200 times, under traffic: what a link holds is gone
# with it; what stays (clsact, sockets) is listed, and taken off by --detach.

. "${top_srcdir:-.}/tests/cli/lib.sh"
. "$source/tests/cli/attach.inc"
enter_namespace

ip link add veth0 type veth peer name veth1 && ip link set veth0 up && ip link set veth1 up &&
	ip addr add 192.0.2.1/24 dev veth0 || skip "no veth interfaces can be made here"
mkdir "$tmp/cgroup"
cgroup=
mount -t cgroup2 none "$tmp/cgroup" 2>/dev/null && mkdir "$tmp/cgroup/weir-killed" 2>/dev/null &&
	cgroup=$tmp/cgroup/weir-killed

timeout 250 python3 - "$weir" "$cgroup" "${SEED:-$(date +%s)}" <<'PY' || fail "see above"
import json, os, random, signal, socket, subprocess, sys, threading, time
weir, cgroup, seed = sys.argv[1:]
random.seed(int(seed))
print('SEED=%s' % seed)
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(('127.0.0.1', 0))
stop = False

def flood(): # over lo, and out of veth0 to addresses that nobody has
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    while not stop:
        for to in (receiver.getsockname(), ('192.0.2.255', 9), ('127.0.0.1', 9)):
            try:
                s.sendto(b'x' * 40, to)
            except OSError:
                pass
        time.sleep(0.0005)

places = [
    ['xdp', 'lo'], ['xdp', 'veth1'], ['tc', 'lo', 'ingress'], ['tc', 'veth0', 'egress'],
    ['tc', 'veth1', 'ingress', '--clsact'], ['tc', 'lo', 'egress', '--clsact'],
    ['socket', '%d:%d' % (os.getpid(), receiver.fileno())],
] + ([['cgroup', cgroup, 'egress']] if cgroup else [])

def stays(place):
    return place[0] == 'socket' or '--clsact' in place

def listed():
    out = subprocess.run([weir, 'attach', '--list', '--json'], capture_output=True, text=True)
    if out.returncode:
        sys.exit('FAIL: --list: ' + out.stderr)
    return [row for row in json.loads(out.stdout) if row['here']] # other tests run, too

def gone():
    # The kernel lets go of a link some time after its process has ended.
    for _ in range(100):
        rows = listed()
        if not rows:
            return []
        time.sleep(0.05)
    return rows

threading.Thread(target=flood, daemon=True).start()
left = attached = bad = 0
for i in range(200):
    place = random.choice(places)
    expression = 'len > 1000' if place[0] == 'socket' else 'udp port 9'
    p = subprocess.Popen([weir, 'attach', *place, 'drop', *expression.split(), '-q'],
                         stderr=subprocess.PIPE, text=True)
    time.sleep(random.choice([0, 0.002, 0.01, 0.03, 0.1]) * random.random() * 2)
    p.kill()
    said = p.communicate()[1]
    if p.returncode != -signal.SIGKILL:
        bad += 1
        print('FAIL: %r ended by itself, with %d: %s' % (place, p.returncode, said))
    rows = listed() if stays(place) else gone()
    if rows and stays(place):
        left += 1
        if len(rows) != 1 or rows[0]['target'] != place[1] or not rows[0]['kept'] or \
           rows[0]['expression'] != expression:
            bad += 1
            print('FAIL: %r left %r' % (place, rows))
        out = subprocess.run([weir, 'attach', '--detach', place[1]], capture_output=True, text=True)
        if out.returncode:
            bad += 1
            print('FAIL: --detach %s: %s' % (place[1], out.stderr))
        rows = listed()
    if rows:
        bad += 1
        print('FAIL: %r: what is left: %r' % (place, rows))
    if '--clsact' in place: # killed before its filter was there, it may leave an empty one
        subprocess.run(['tc', 'qdisc', 'del', 'dev', place[1], 'clsact'], stderr=subprocess.DEVNULL)
stop = True
print('%d of 200 left a filter that --detach took off' % left)
pins = '/sys/fs/bpf/weir'
if os.path.isdir(pins) and os.listdir(pins):
    bad += 1
    print('FAIL: pins are left')
sys.exit(1 if bad else 0)
PY
[ -z "$cgroup" ] || rmdir "$cgroup"
umount "$tmp/cgroup" 2>/dev/null
finish
