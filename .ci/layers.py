#!/usr/bin/env python3
"""Holds the includes of src/ and ext/ against .ci/layers.tsv, and prints one line `file:line: rule` per finding.

A room is a folder. It may include itself and the rooms that its line of the table names; two rooms never include each
other, no files include each other in a circle, and a folder has at most 25 .c files (*_tables.c are generated and don't count). What callers have of
an engine, and what an engine provides, may get fewer functions, never more.

    .ci/layers.py [-v]    in the project's root; -v: files and lines of each room, too
"""
import os
import re
import subprocess
import sys

FILES_MAX = 25
WAIST = ["src/engine/%s.h" % name for name in ("engine", "control", "keys", "push", "changes")]
WAIST_MAX = 60  # functions
SLOTS = "src/engine/slots.h"
SLOTS_MAX = 45
INCLUDE = re.compile(r'^ *# *include +"([^"]+)"')


def read_table(path):
    """{room: rooms that it may include}"""
    table = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                room, _, rest = line.rstrip("\n").partition("\t")
                table[room] = set(rest.split())
    return table


def tracked():
    """The files of src/ and ext/; without git (a source archive) all that lie there."""
    got = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "src", "ext"], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True, check=False)
    files = got.stdout.split() if got.returncode == 0 else [
        os.path.join(folder, name) for top in ("src", "ext") for folder, _, names in os.walk(top) for name in names]
    return sorted(f for f in files if f.endswith((".c", ".h")) and os.path.isfile(f))


def includes(path, known):
    """[(line, file)] of the project's own files that this one includes"""
    found = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            m = INCLUDE.match(line)
            if m:
                for p in (os.path.join(os.path.dirname(path), m[1]), m[1]):
                    if os.path.normpath(p) in known:
                        found.append((number, os.path.normpath(p)))
                        break
    return found


def circle(start, graph):
    """The way from a file back to itself, shortest first; None: there is none."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop(0)
        for _, to in graph[way[-1]]:
            if to == start:
                return way
            if to not in seen:
                seen.add(to)
                ways.append(way + [to])
    return None


def count_waist():
    """Functions that the interface declares, and pointers to functions that an engine fills in."""
    functions = slots = 0
    for path in WAIST + [SLOTS]:
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/|//[^\n]*", "", f.read(), flags=re.S)
        if path == SLOTS:
            for ops in re.findall(r"^struct rs_(?:relation_ops|control_ops|engine) \{.*?^\}", text, re.S | re.M):
                slots += len(re.findall(r"\(\*\w+\)\(struct rs_|\(\*\w+\)\(const struct rs_", ops))
        else:
            functions += len(re.findall(r"^(?!typedef)[a-z][\w *]*\brs_\w+\(", text, re.M))
    return functions, slots


def findings(graph, table):
    """The lines to print."""
    functions, slots = count_waist()
    if functions > WAIST_MAX:
        yield "%s:1: %d functions with control.h, keys.h, push.h, changes.h, %d at the most" % (
            WAIST[0], functions, WAIST_MAX)
    if slots > SLOTS_MAX:
        yield "%s:1: %d slots for an engine, %d at the most" % (SLOTS, slots, SLOTS_MAX)
    count, pairs = {}, {}
    for path, found in graph.items():
        room = os.path.dirname(path)
        count[room] = count.get(room, 0) + (path.endswith(".c") and not path.endswith("_tables.c"))
        for line, to in found:
            other = os.path.dirname(to)
            if other == room:
                continue
            pairs.setdefault((room, other), (path, line))
            if other not in table.get(room, set()):
                yield "%s:%d: %s may not include %s (.ci/layers.tsv)" % (path, line, room, other)
        way = circle(path, graph) if path.endswith(".h") else None
        if way and path == min(way):
            yield "%s:1: includes itself: %s" % (path, " > ".join(way))
    for (room, other), (path, line) in pairs.items():
        if room < other and (other, room) in pairs:
            yield "%s:%d: %s and %s include each other" % (path, line, room, other)
    for room, n in count.items():
        if room not in table:
            yield ".ci/layers.tsv:1: no line says what %s may include" % room
        if n > FILES_MAX:
            yield "%s:1: %d .c files, %d at the most" % (room, n, FILES_MAX)


def main():
    files = tracked()
    graph = {f: includes(f, set(files)) for f in files}
    if "-v" in sys.argv:
        rooms, lines = {}, {}
        for path in files:
            room = os.path.dirname(path)
            with open(path, encoding="utf-8") as f:
                n = sum(1 for _ in f)
            rooms.setdefault(room, []).append(path)
            lines[room] = lines.get(room, 0) + (0 if path.endswith("_tables.h") else n)
        for room in sorted(rooms):
            print("%-24s %3d .c %6d lines" % (room, sum(p.endswith(".c") for p in rooms[room]), lines[room]))
        print("%-31s %6d functions for callers, %d slots for an engine" % (("src/engine",) + count_waist()))
        print("%-31s %6d lines, generated tables not counted" % ("all", sum(lines.values())))
    bad = sorted(set(findings(graph, read_table(".ci/layers.tsv"))))
    for line in bad:
        print(line)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
