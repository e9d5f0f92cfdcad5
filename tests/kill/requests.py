#!/usr/bin/env python3
"""kill -9 amid an UPDATE or DELETE that goes to Rockset's API in several requests: each of them is there whole or not,
in their order; no document is mixed, lost or there twice; SQLite's own file is never ahead; the same statement once more
does the rest. Usage: requests.py BUILD
"""
import os
import random
import sys
import tempfile
import time

os.environ["KILL_ROWS"] = "30000"  # of the child, too
from writes import LIMIT, ROWS, Child, Place, Report  # noqa: E402

REQUEST = 5000  # changes in one
KILLS, MOST = 6, 10
WHOLE = "select count(*) as n, count(distinct _id) as ids from commons.t"


def step(c, name, g):
    """The whole step; how long it took from COMMIT on."""
    c.tell(name, 1, g)
    at = []
    for word in ("begin", "commit", "done"):
        heard = c.hear(LIMIT)
        assert heard == [word], (name, heard)
        at.append(time.monotonic())
    return at[2] - at[1]


def done(name, g, old, new):
    """How many rows the step has changed; None: the rows are none that whole requests leave."""
    was, now = (sum(n for v, n in rows.items() if v) for rows in (old, new))
    kept = all(n <= old.get(v, 0) for v, n in new.items() if v != g) and new[0] == 1
    n = new.get(g, 0) if name == "update" else was - now
    right = now == was if name == "update" else g not in new
    return n if kept and right and (n % REQUEST == 0 or n == was) else None


def reach(server, name, g, changed, most, moment):
    """Waits until so many rows are changed, and at most a moment, in seconds."""
    sql = "select count(*) as n from commons.t where v " + ("= %d" % g if name == "update" else "<> 0")
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        n = server.sql(sql).rows[0]["n"]
        if (n if name == "update" else most - n) >= changed:
            break
    time.sleep(random.random() * moment)


def main():
    report, g, kills, wrong = Report(), 1, 0, []
    count = {"none": 0, "part": 0, "all": 0, "answered": 0}
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder, True)
        with place:
            c = Child(place.file, place.url)
            step(c, "insert", g)
            g += 1
            took = step(c, "update", g)
            c.kill()
        while kills < KILLS or count["part"] < 2 and kills < MOST:
            kills, g = kills + 1, g + 1
            name = "delete" if kills % 4 == 0 else "update"
            with place:
                c = Child(place.file, place.url)
                old = c.found
                if sum(old[0].values()) <= ROWS // 2:
                    step(c, "insert", g)
                    old[0][g], old[2], g = old[0].get(g, 0) + ROWS, g, g + 1
                c.tell(name, 1, g)
                assert c.hear(LIMIT) == ["begin"] and c.hear(LIMIT) == ["commit"]
                most = sum(n for v, n in old[0].items() if v)
                if kills % 4 == 1:
                    time.sleep(random.random() * took)
                else:
                    # two requests from the end at least, and less than one more: it is killed amid them
                    reach(place.server, name, g, random.randrange(1, most - 2 * REQUEST), most,
                          took * REQUEST / most)
                if kills % 3 == 0:
                    place.server.process.kill()
                    place.server.process.wait()
                answered = "done" in c.kill()
            with place:
                c = Child(place.file, place.url)
                new, rows = c.found, place.server.sql(WHOLE).rows[0]
                n = done(name, g, old[0], new[0])
                count["none" if n == 0 else "all" if n == most else "part"] += 1
                count["answered"] += answered
                ahead = new[2] == g and n != most
                if n is None or ahead or answered and (n != most or new[2] != g) or rows["n"] != rows["ids"]:
                    wrong.append((name, n, answered, old, new, rows))
                if 0 < (n or 0) < most and kills % 4 == 3:
                    g += 1
                    step(c, name, g)
                    c.kill()
                    c = Child(place.file, place.url)
                    rest = {0: 1, g: most} if name == "update" else {0: 1}
                    if c.found[0] != rest:
                        wrong.append(("again", name, c.found[0], rest))
                c.kill()
    report(not wrong, "rest, several requests: %d kills (%s)%s" % (
        kills, ", ".join("%d %s" % (n, s) for s, n in count.items()), ": %s" % wrong[:3] if wrong else ""))
    report(count["part"] >= 2, "rest, several requests: kills between them")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
