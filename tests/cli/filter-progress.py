#!/usr/bin/env python3
"""On a terminal a long run shows how far it is, now and then, and cleans up."""
import os
import pty
import subprocess
import sys
import threading
import time

top = os.environ.get('top_builddir', '.')
weir = os.path.join(top, 'weir')
mkpcap = os.path.join(top, 'tests/net/mkpcap')

capture = subprocess.run([mkpcap, 'EN10MB', 'pcap', '10000'], capture_output=True,
                         check=True).stdout
try:
    terminal, other_end = pty.openpty()
except OSError as e:
    print(f'skipped: no pseudo-terminal can be made here (is devpts mounted?): {e}')
    sys.exit(77)
command = subprocess.Popen([weir, 'filter', '-r', '-', '-w', '/dev/null', 'tcp'],
                           stdin=subprocess.PIPE, stderr=other_end)
os.close(other_end)


def feed():
    for i in range(0, len(capture), len(capture) // 50 + 1):
        command.stdin.write(capture[i:i + len(capture) // 50 + 1])
        command.stdin.flush()
        time.sleep(0.05)
    command.stdin.close()


threading.Thread(target=feed).start()
shown = b''
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # how a terminal says that nobody is there any more
        break
    if not piece:
        break
    shown += piece
status = command.wait(timeout=20)

CLEAR = b'\r\x1b[K'
times = shown.count(CLEAR) - 1
lines = shown.split(CLEAR)
print(shown)
assert status == 0, status
assert 2 <= times <= 12, f'shown {times} times in 2.5 seconds'
assert lines[0] == b'', 'something before the first progress'
assert all(b'packets matched' in line for line in lines[1:-1])
assert lines[-1].startswith(b'weir: ') and b'of 10000 matched' in lines[-1]
