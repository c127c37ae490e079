#!/usr/bin/env python3
"""Reference expressions as lines of link type, snapshot length, netmask ("-":
none), length of libpcap's optimized program, expression. Programs that two of
them share are there once; what loops or has no optimized program is left out."""
import json
import sys


def loops(program):
    return any(code == 5 and k > 0x7fffffff for code, _, _, k in program)


seen = set()
for line in open(sys.argv[1]):
    e = json.loads(line)
    key = (json.dumps(e["unoptimized"]), e["optimized_length"])
    if e["optimized_length"] is None or loops(e["unoptimized"]) or key in seen:
        continue
    seen.add(key)
    print(e["dlt"], e["snaplen"], e.get("netmask", "-"), e["optimized_length"],
          " ".join(e["expr"].split()),
          sep="\t")
