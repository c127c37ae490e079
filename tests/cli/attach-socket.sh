#!/bin/sh
# weir attach socket: what each kind of socket lets through, what it has afterwards, and what
# becomes of both when somebody ends. Nothing here needs root but packet sockets.

. "${top_srcdir:-.}/tests/cli/lib.sh"
command -v python3 >/dev/null || skip "python3 is not installed"

expect 2 "$weir" attach socket
says "PID:FD is missing"
expect 2 "$weir" attach socket 5 drop tcp
says "expected a process and its descriptor, such as 1234:3, found '5'"
expect 2 "$weir" attach xdp lo drop tcp --lock
says "--lock is for sockets"
expect 2 "$weir" attach socket 1:1 drop tcp --lock --timeout 3
says "--lock and --timeout are mutually exclusive"
expect 2 "$weir" attach socket 2147483647:0 drop tcp
says "there is no process 2147483647"

timeout 120 python3 - "$weir" <<'PY' || fail "python"
import ctypes, os, re, select, signal, socket, struct, subprocess, sys, time
weir = sys.argv[1]
bad = 0

def check(what, got, want):
    global bad
    if got != want:
        bad += 1
        print('FAIL: %s: %r, not %r' % (what, got, want))

def run(*words):
    p = subprocess.run([weir, 'attach', *words], capture_output=True, text=True, timeout=30)
    return p.returncode, p.stdout + p.stderr

class Attached:
    def __init__(self, *words):
        self.p = subprocess.Popen([weir, 'attach', *words], stderr=subprocess.PIPE, text=True,
                                  preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.said = ''
        while 'attached to' not in self.said:
            line = self.p.stderr.readline()
            if not line:
                raise SystemExit('FAIL: %r does not attach: %s' % (words, self.said))
            self.said += line
    def end(self, number):
        self.p.send_signal(number)
        status = self.p.wait(30)
        self.said += self.p.stderr.read()
        return status

def name(s):
    return '%d:%d' % (os.getpid(), s.fileno())

# --- each kind of socket, with a function that sends it a message, and whether it came.
def receives(s, send):
    def arrived(data):
        send(data)
        if not select.select([s], [], [], 0.2)[0]:
            return False
        s.recv(1000)
        return True
    return arrived

def udp(family, host):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((host, 0))
    other = socket.socket(family, socket.SOCK_DGRAM)
    return s, receives(s, lambda data: other.sendto(data, s.getsockname()))

def unix(kind):
    s, other = socket.socketpair(socket.AF_UNIX, kind)
    def send(data):
        try: # who is refused is told so
            other.send(data)
        except PermissionError:
            pass
    a = receives(s, send)
    a.keep = other
    return s, a

def netlink():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2) # NETLINK_USERSOCK
    s.bind((0, 0))
    other = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2)
    return s, receives(s, lambda data: other.sendto(data, (s.getsockname()[0], 0)))

def tcp():
    listener = socket.create_server(('127.0.0.1', 0))
    other = socket.create_connection(listener.getsockname())
    s = listener.accept()[0]
    other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    a = receives(s, lambda data: other.send(data))
    a.keep = other
    return s, a

kinds = [
    ('udp', lambda: udp(socket.AF_INET, '127.0.0.1'), 'the payload'),
    ('udp6', lambda: udp(socket.AF_INET6, '::1'), 'the payload'),
    ('unix', lambda: unix(socket.SOCK_DGRAM), 'the message'),
    ('seqpacket', lambda: unix(socket.SOCK_SEQPACKET), 'the message'),
    ('netlink', netlink, 'the message'),
    ('tcp', tcp, 'the payload'),
]
for what, make, begins in kinds:
    try:
        s, arrived = make()
    except OSError as e:
        print('skipped: no', what, e)
        continue
    check(what + ' before', [arrived(b'Yes!'), arrived(b'No!!')], [True, True])
    a = Attached('socket', name(s), 'drop', 'link[0] = 0x59')
    check(what + ' note', 'first byte of ' + begins in a.said, True)
    check(what + ' others', arrived(b'No!!'), True)
    if what != 'tcp': # which would send it again and again
        check(what + ' drop', arrived(b'Yes!'), False)
        check(what + ' empty', what == 'netlink' or arrived(b''), True) # netlink sends none
    check(what + ' INT', a.end(signal.SIGINT), 0)
    check(what + ' after', [arrived(b'Yes!'), arrived(b'No!!')], [True, True])
    if what == 'tcp':
        continue
    a = Attached('socket', name(s), 'pass', 'len = 4 and link[3] = 0x21')
    check(what + ' pass', [arrived(b'Yes!'), arrived(b'Yes'), arrived(b'Yes!!')], [True, False, False])
    check(what + ' TERM', a.end(signal.SIGTERM), 143)
    check(what + ' after', [arrived(b'Yes!'), arrived(b'Yes')], [True, True])

# --- what is refused.
s, arrived = udp(socket.AF_INET, '127.0.0.1')
status, said = run('socket', name(s), 'drop', 'host', '10.0.0.1')
check('headers', (status, 'begins with no header' in said), (2, True))
status, said = run('socket', '%d:99' % os.getpid(), 'drop', 'len > 3')
check('no descriptor', (status, 'has no descriptor 99' in said), (2, True))
status, said = run('socket', '%d:0' % os.getpid(), 'drop', 'len > 3')
check('not a socket', (status, 'descriptor 0 of process %d is not a socket' % os.getpid() in said), (2, True))
stream = socket.socketpair(socket.AF_UNIX)[0]
status, said = run('socket', name(stream), 'drop', 'len > 3')
check('stream', (status, 'whose data no filter sees' in said), (2, True))
try:
    vsock = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    status, said = run('socket', name(vsock), 'drop', 'len > 3')
    check('vsock', (status, 'does not know what data' in said), (2, True))
except OSError:
    pass

# --- an earlier filter comes back; after SIGKILL it cannot.
def attach(s, insns):
    code = b''.join(struct.pack('HBBI', *i) for i in insns)
    buffer = ctypes.create_string_buffer(code)
    s.setsockopt(socket.SOL_SOCKET, 26, struct.pack('HL', len(insns), ctypes.addressof(buffer)))

ones = [(0x30, 0, 0, 8), (0x15, 0, 1, 0x31), (6, 0, 0, 0xffff), (6, 0, 0, 0)] # begins with '1'
attach(s, ones)
check('earlier', [arrived(b'1'), arrived(b'2')], [True, False])
a = Attached('socket', name(s), 'pass', 'link[0] = 0x32')
check('ours', [arrived(b'1'), arrived(b'2')], [False, True])
check('HUP', a.end(signal.SIGHUP), 129)
check('back', [arrived(b'1'), arrived(b'2')], [True, False])
a = Attached('socket', name(s), 'pass', 'link[0] = 0x32')
a.end(signal.SIGKILL)
check('killed', [arrived(b'1'), arrived(b'2')], [False, True])
status, said = run('--list', '--json')
check('listed', '"target": "%s", "here": true, "kept": true, "does": "pass", "expression": "link[0] = 0x32"'
      % name(s) in said, True)
# One of ours takes the place of one of ours, and leaves nothing to come back.
a = Attached('socket', name(s), 'drop', 'link[0] = 0x33')
check('a second', [arrived(b'2'), arrived(b'3')], [True, False])
check('INT', a.end(signal.SIGINT), 0)
check('none', [arrived(b'2'), arrived(b'3')], [True, True])

# --- kept, taken off by name, and a long expression.
long = ' or '.join('link[%d] = %d' % (i, i) for i in range(200, 260))
status, said = run('socket', name(s), 'drop', 'link[0] = 0x33 or ' + long, '--keep')
check('keep', (status, "--detach %s' takes it off" % name(s) in said), (0, True))
check('kept', [arrived(b'2'), arrived(b'3')], [True, False])
check('its beginning is listed', long[:300] in run('--list')[1], True)
check('detach', run('--detach', name(s))[0], 0)
check('detached', arrived(b'3'), True)
status, said = run('--detach', name(s))
check('twice', status, 1)

# --- who takes it off, or closes the socket, is seen.
a = Attached('socket', name(s), 'drop', 'link[0] = 0x33')
check('by another', run('--detach', name(s))[0], 0)
check('seen', (a.p.wait(30), 'taken off by somebody else' in a.p.stderr.read()), (0, True))
a = Attached('socket', name(s), 'drop', 'link[0] = 0x33')
port = s.getsockname()[1]
s.close()
check('closed', (a.p.wait(30), 'taken off by somebody else' in a.p.stderr.read()), (0, True))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', port)) # weir does not keep it open
status, said = run('socket', name(s), 'drop', 'len > 3', '--timeout', '1')
check('timeout', status, 0)

# --- locked.
status, said = run('socket', name(s), 'drop', 'len > 3', '--lock')
check('lock', (status, 'locked as long as the socket is open' in said), (0, True))
status, said = run('--detach', name(s))
check('locked', (status, 'filter is locked' in said), (1, True))
status, said = run('socket', name(s), 'drop', 'len > 5')
check('locked', (status, 'filter is locked' in said), (1, True))
s.close()

# --- another user's process.
if os.geteuid() == 0:
    s, arrived = udp(socket.AF_INET, '127.0.0.1')
    p = subprocess.run([weir, 'attach', 'socket', name(s), 'drop', 'len > 3'],
                       capture_output=True, text=True, preexec_fn=lambda: (os.setgroups([]), os.setuid(65534)))
    check('not yours', (p.returncode, 'the process must be yours' in p.stderr), (2, True))

    # --- a group that shares a port: whatever is dropped reaches none of its sockets.
    group = []
    for _ in range(3):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind(group[0].getsockname() if group else ('127.0.0.1', 0))
        group.append(s)
    def reaches(data):
        n = 0
        for _ in range(8): # senders with other ports reach other sockets
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(data, group[0].getsockname())
            ready = select.select(group, [], [], 0.3)[0]
            n += len([s.recv(65536) for s in ready])
        return n
    large = bytes(50000) + b'A' # not in one piece
    a = Attached('reuseport', name(group[1]), 'drop', 'link[2] = 0x41 or link[50000] = 0x41')
    check('reuseport drop', [reaches(b'xxA'), reaches(b'xxB'), reaches(b'x')], [0, 8, 8])
    check('reuseport listed', re.search(r'reuseport +%s +kept +24 +8  drop link' % name(group[1]), run('--list')[1]) != None, True)
    check('reuseport INT', a.end(signal.SIGINT), 0)
    check('reuseport counts', '24 packets, 8 matched' in a.said, True)
    check('reuseport after', reaches(b'xxA'), 8)
    a = Attached('reuseport', name(group[1]), 'pass', 'link[50000] = 0x41 and len = 50001')
    check('reuseport pass', [reaches(large), reaches(large[:-1] + b'B'), reaches(b'xxB')], [8, 0, 0])
    a.end(signal.SIGKILL)
    check('reuseport killed', [reaches(large), reaches(b'x')], [8, 0])
    check('reuseport detach', run('--detach', name(group[1]))[0], 0)
    check('reuseport after', reaches(b'xxA'), 8)
    a = Attached('reuseport', name(group[1]), 'drop', 'len > 3')
    for s in group:
        s.close()
    check('reuseport closed', (a.p.wait(30), 'taken off by somebody else' in a.p.stderr.read()), (0, True))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    status, said = run('reuseport', name(s), 'drop', 'len > 3')
    check('no group', (status, 'shares no port (SO_REUSEPORT)' in said), (1, True))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    status, said = run('reuseport', name(s), 'drop', 'inbound')
    check('headers', (status, "do not contain 'inbound'" in said), (2, True))
    s.close()

    # --- packet sockets: raw, bound or not, and without link headers.
    for kind, expression in ((socket.SOCK_RAW, 'udp dst port %d'), (socket.SOCK_DGRAM, 'udp dst port %d'),
                             (socket.SOCK_RAW, 'not inbound or not udp dst port %d')):
        s = socket.socket(socket.AF_PACKET, kind, socket.htons(0x800))
        s.bind(('lo', 0x800))
        receiver, arrived = udp(socket.AF_INET, '127.0.0.1')
        want = receiver.getsockname()[1]
        a = Attached('socket', name(s), 'drop' if 'not' in expression else 'pass', expression % want)
        while select.select([s], [], [], 0)[0]:
            s.recv(2000) # from before
        arrived(b'abcd')
        got = s.recv(2000) if select.select([s], [], [], 1)[0] else b''
        check('packet', got[-4:], b'abcd')
        check('INT', a.end(signal.SIGINT), 0)

    # --- an eBPF program in its place could not come back.
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        insns = ctypes.create_string_buffer(struct.pack('<BBhiBBhi', 0xb7, 0, 0, 9999, 0x95, 0, 0, 0))
        license = ctypes.create_string_buffer(b'GPL')
        attr = ctypes.create_string_buffer(struct.pack('<IIQQ', 1, 2, ctypes.addressof(insns), ctypes.addressof(license)) + bytes(100))
        fd = libc.syscall(321, 5, attr, 124) if os.uname().machine == 'x86_64' else -1
        if fd >= 0:
            s, arrived = udp(socket.AF_INET, '127.0.0.1')
            s.setsockopt(socket.SOL_SOCKET, 50, struct.pack('i', fd))
            status, said = run('socket', name(s), 'drop', 'len > 3')
            check('eBPF', (status, 'is an eBPF program' in said), (1, True))
    except OSError:
        pass
sys.exit(1 if bad else 0)
PY
finish
