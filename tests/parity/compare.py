"""Compares our engine with Jinja2 as dbt sets it up. Runs in dbt's Python environment.

Usage: compare.py RENDER SEED CASES [WHICH]   (tests/parity/run calls it)

Every case of the tables, then CASES random ones. Output has to be the same; where Jinja2 fails ours
has to fail, at the same line when it is a syntax error. Differences that are meant to be stand in
accepted.py, which says why. WHICH: only kinds of cases whose name holds this text.
"""
import itertools
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import accepted  # noqa: E402
import fuzz  # noqa: E402
import statements  # noqa: E402
import tables  # noqa: E402
from oracle import Oracle  # noqa: E402
from world import CONTEXT, MACROS  # noqa: E402

SHOWN = int(os.environ.get("PARITY_SHOWN", "40"))


class Ours:
    """The program render.c; a thread writes, so that neither pipe can fill up against the other."""

    def __init__(self, program, context, macros):
        self.program, self.context, self.macros = program, context, macros
        self.start()

    def start(self):
        self.p = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.send("C", self.context)
        for text in self.macros.values():
            self.send("M", text)

    def send(self, kind, text):
        data = text.encode("utf-8", "surrogatepass")
        self.p.stdin.write(b"%s %d\n" % (kind.encode(), len(data)) + data)

    def answer(self):
        head = self.p.stdout.readline().split()
        if len(head) != 2:
            return None
        data = self.p.stdout.read(int(head[1]))
        return head[0].decode(), data.decode("utf-8", "surrogatepass")

    def render(self, cases):
        """Yields (case, answer); answer None: the program died of this one."""
        cases = list(cases)

        def write():
            try:
                for _, kind, text in cases:
                    self.send(kind, text)
                self.p.stdin.flush()
            except BrokenPipeError:
                pass

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        for i, case in enumerate(cases):
            got = self.answer()
            yield case, got
            if got is None:
                self.start()
                yield from self.render(cases[i + 1:])
                return
        thread.join()


def line_of(message):
    m = re.match(r"t line (\d+), column", message)
    return int(m.group(1)) if m else None


def plain(text):
    """Addresses of objects differ from run to run."""
    return re.sub(r"(?i)\b0x7f[0-9a-f]{10}\b", "0x", text)


def verdict(case, ours, theirs):
    """None when equal, else what differs."""
    if ours is None:
        return "ours died"
    if theirs[0] == "?" or ours[0] == "#":
        return None if ours[0] != "=" or theirs[0] == "?" else "no limit of ours"
    if theirs[0] == "=":
        if ours[0] != "=":
            return "ours failed"
        return None if plain(ours[1]) == plain(theirs[1]) else "text"
    if ours[0] == "=":
        return "ours did not fail"
    if theirs[2] is not None and line_of(ours[1]) != theirs[2]:
        return "line %s, not %s" % (line_of(ours[1]), theirs[2])
    if os.environ.get("PARITY_MESSAGES") and ours[1].split(": ", 1)[-1] != (
            theirs[1] if theirs[2] is not None else theirs[1].split(": ", 1)[-1]):
        return "message"
    return None


def main():
    program, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    which = sys.argv[4] if len(sys.argv) > 4 else ""
    oracle = Oracle(CONTEXT, MACROS)
    ours = Ours(program, CONTEXT, MACROS)
    seen, same, failed, meant, limits, shown = Counter(), 0, Counter(), Counter(), 0, 0
    started = time.time()
    stream = itertools.chain(statements.all_cases(), tables.all_cases(), fuzz.cases(seed, count))
    stream = (c for c in stream if which in c[0])
    done = set()
    while True:
        batch = []
        for case in itertools.islice(stream, 5000):
            if case[1:] not in done:
                done.add(case[1:])
                batch.append(case)
        if not batch:
            break
        for case, got in ours.render(batch):
            seen[case[0]] += 1
            theirs = oracle(*case[1:])
            what = verdict(case, got, theirs)
            if theirs[0] == "?" or got is not None and got[0] == "#":
                limits += 1
            if what is None:
                same += 1
                continue
            reason = accepted.reason(case, got, theirs, oracle)
            if reason:
                meant[reason] += 1
                continue
            failed[case[0]] += 1
            shown += 1
            if shown <= SHOWN:
                print("not ok - %s (%s, %s)\n#   template: %r\n#   Jinja2:   %r\n#   ours:     %r" % (
                    case[0], case[1], what, case[2][:1500], theirs, got), flush=True)
    for name, n in seen.items():
        print("%sok - %s: %d cases%s" % ("not " if failed[name] else "", name, n,
                                         ", %d differ" % failed[name] if failed[name] else ""))
    for reason, n in meant.items():
        print("# accepted: %s: %d" % (reason, n))
    total = sum(seen.values())
    print("# %d cases, seed %d, %d the same, %d ended by a limit of either, %.0f s" % (
        total, seed, same, limits, time.time() - started))
    print("%d passed, %d failed" % (total - sum(failed.values()), sum(failed.values())))
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
