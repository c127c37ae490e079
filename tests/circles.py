#!/usr/bin/env python3
"""The files of a room (a directory of src/) form no circle.

A file that another one needs lies below it: what both need has a file of its own. Which
file needs which is read from the symbols of the objects in the build tree. The sections
of a room's headers ("--- emit.c: layout") name files that exist, and what they declare
is defined in these files.
"""
import collections
import os
import re
import subprocess
import sys

src = os.path.join(os.environ.get("top_srcdir", "."), "src")
build = os.path.join(os.environ.get("top_builddir", "."), "src")
nm = os.environ.get("NM", "nm").split()
problems = collections.defaultdict(list)


def objects(room):
    """(name, object) for each up-to-date object of a file of this room."""
    for folder in (os.path.join(build, room), os.path.join(build, room, ".libs")):
        for entry in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            name = entry[:-2]
            if not entry.endswith(".o"):
                continue
            if not os.path.exists(os.path.join(src, room, name + ".c")):
                name = name.rpartition("-")[2]
            source = os.path.join(src, room, name + ".c")
            made = os.path.join(folder, entry)
            if os.path.exists(source) and os.path.getmtime(made) >= os.path.getmtime(source):
                yield name, made


def symbols(room):
    """By symbol the file that defines it, and by file the symbols that it needs."""
    defined, needed = {}, collections.defaultdict(set)
    for name, made in objects(room):
        needed[name]
        out = subprocess.run([*nm, "-P", made], capture_output=True, text=True, check=True)
        for line in out.stdout.splitlines():
            symbol, kind = line.split()[:2]
            if kind == "U":
                needed[name].add(symbol)
            elif kind.isupper():
                defined[symbol] = name
    return defined, needed


def reachable(edges, start):
    met, todo = set(), [start]
    while todo:
        for to in edges[todo.pop()]:
            if to not in met:
                met.add(to)
                todo.append(to)
    return met


def check_circles(room, defined, needed):
    edges = {name: {defined[s] for s in needs if s in defined} - {name}
             for name, needs in needed.items()}
    below = {name: reachable(edges, name) for name in edges}
    told = set()
    for name in sorted(edges):
        circle = sorted(n for n in below[name] if name in below[n])
        if not circle or name in told:
            continue
        told.update(circle)
        problems[room, "circle"].append("a circle of files: " + ", ".join(circle))
        for one in circle:
            for other in sorted(edges[one] & set(circle)):
                used = sorted(s for s in needed[one] if defined.get(s) == other)
                problems[room, "circle"].append(f"    {one} needs {' '.join(used)} of {other}")


def check_header(room, header, defined):
    files, where = None, os.path.join(room, header)
    with open(os.path.join(src, where)) as text:
        for number, line in enumerate(text, 1):
            section = re.match(r"/\* --- (.*)", line)
            if section:
                files = re.findall(r"\b([a-z0-9_]+)\.c\b", section[1].split(":")[0])
                for name in files:
                    if not os.path.exists(os.path.join(src, room, name + ".c")):
                        problems[room, "header"].append(
                            f"src/{where}:{number}: there is no {name}.c")
            function = re.match(r"[a-z].*?\b([a-z]\w*)\(", line)
            if files and function and defined.get(function[1], files[0]) not in files:
                problems[room, "header"].append(
                    f"src/{where}:{number}: {function[1]} is in {defined[function[1]]}.c")


rooms = sorted(d for d in os.listdir(src) if os.path.isdir(os.path.join(src, d)))
seen = 0
for room in rooms + ["."]:
    defined, needed = symbols(room)
    seen += len(needed)
    check_circles(room, defined, needed)
    for header in sorted(os.listdir(os.path.join(src, room))):
        if header.endswith(".h"):
            check_header(room, header, defined)
if not seen:
    print("no objects were found: build first")
    sys.exit(99)

for row, lines in sorted(problems.items()):
    for line in lines:
        print(f"{row[0]}: {line}")
sys.exit(len(problems) > 0)
