#!/usr/bin/env python3
"""weir filter on the captures of the reference vectors: the stated packets match."""
import json
import os
import struct
import subprocess
import sys
import tempfile

vectors = os.environ.get('WEIR_VECTORS')
weir = os.path.join(os.environ.get('top_builddir', '.'), 'weir')


def skip(why):
    print('skipped:', why)
    sys.exit(77)


def numbered(path):
    """The capture with each packet's number in the place of its time."""
    data = bytearray(open(path, 'rb').read())
    order = {b'\xd4\xc3\xb2\xa1': '<', b'\xa1\xb2\xc3\xd4': '>'}.get(bytes(data[:4]))
    if not order:
        return None
    at, n = 24, 0
    while at < len(data):
        n += 1
        struct.pack_into(order + 'II', data, at, n, 0)
        at += 16 + struct.unpack_from(order + 'I', data, at + 8)[0]
    return bytes(data)


def numbers(data):
    """The numbers of the packets in a file that weir wrote."""
    found, at = [], 24
    while at < len(data):
        found.append(struct.unpack_from('=I', data, at)[0])
        at += 16 + struct.unpack_from('=I', data, at + 8)[0]
    return found


def weir_run(*words):
    return subprocess.run([weir, *words], capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL)


def main():
    if not vectors:
        skip('WEIR_VECTORS names no directory')
    known = unknown = wrong = 0
    with tempfile.NamedTemporaryFile() as f:
        for line in open(os.path.join(vectors, 'applied.jsonl')):
            row = json.loads(line)
            data = numbered(os.path.join(vectors, 'captures', row['capture']))
            if data is None:
                print('not a plain pcap file:', row['capture'])
                continue
            f.seek(0)
            f.truncate()
            f.write(data)
            f.flush()
            netmask = ['--netmask', '255.255.255.0']  # of the networks captured
            compiled = weir_run('packet', '-q', '-r', f.name, *netmask, row['expr'])
            if compiled.returncode == 2:
                unknown += 1
                print('does not compile:', row['expr'])
                continue
            for level in '-O0', '-O1', '-O2', '-O3', '-Os':
                done = weir_run('filter', '-q', level, '-r', f.name, '-w', '-', *netmask,
                                row['expr'])
                got = numbers(done.stdout) if done.returncode == 0 else done.stderr
                # Unrolled to a depth: a longer chain of headers does not match.
                deeper = 'protochain' in row['expr'] and got == []
                if got != row['matching'] and not deeper:
                    wrong += 1
                    print(f'{row["capture"]}: {level} {row["expr"]}: {got}, '
                          f'not {row["matching"]}')
            known += 1
    print(f'{known} compared, {unknown} do not compile, {wrong} wrong')
    return wrong > 0 or unknown > 0


sys.exit(main())
