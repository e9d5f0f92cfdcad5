#!/usr/bin/python3
"""API keys of two rocksetd over one PostgreSQL server: what one changes holds on the other within
two seconds, and nothing brings back what was taken away.

Usage: keys.py BUILD, with the server's folder in ROCKSET_POSTGRES (tests/postgres/run).
"""
import json
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "server"))
BUILD = os.path.abspath(sys.argv[1])
os.environ["ROCKSETD"] = os.path.join(BUILD, "rocksetd")
import server as postgres  # noqa: E402
from harness import ADMIN, Server  # noqa: E402

BOUND = 2.0  # seconds; docs/rocksetd.md states it
BOTH = []


def start(folder):
    p = postgres.Server(BUILD)
    p.folder = os.environ["ROCKSET_POSTGRES"]
    profile = {"p": {"target": "t", "outputs": {"t": p.output()}}}
    with open(os.path.join(folder, "profiles.yml"), "w") as f:
        json.dump(profile, f)
    return Server(place=("--profiles-dir", folder, "--profile", "p"))


def make(role="member", where=0):
    name = "k%d" % time.monotonic_ns()
    answer = BOTH[where].post("/users/self/apikeys", {"name": name, "role": role})
    assert answer.status == 200, answer
    return name, answer.data["key"]


def works(where, key):
    return BOTH[where].get("/ws", key=key).status == 200


def within(condition, what):
    """Asks all the time, so that the server has no idle moment to learn of it by itself."""
    start_at = time.monotonic()
    while not condition():
        assert time.monotonic() - start_at < BOUND + 0.5, what
        time.sleep(0.02)


def stays(condition, what, seconds=2.5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition(), what
        time.sleep(0.02)


def test_made_on_one():
    _, key = make()
    within(lambda: works(1, key), "a key is known on the other one")


def test_deleted_on_one():
    name, key = make()
    within(lambda: works(1, key), "known")
    assert BOTH[0].ask("DELETE", "/users/self/apikeys/" + name).status == 200
    assert not works(0, key), "at once where it was deleted"
    within(lambda: not works(1, key), "a deleted key goes on working on the other one")


def test_suspended_on_one():
    name, key = make()
    within(lambda: works(1, key), "known")
    assert BOTH[1].post("/users/self/apikeys/" + name, {"state": "SUSPENDED"}).status == 200
    within(lambda: not works(0, key), "a suspended key goes on working on the other one")
    assert BOTH[1].post("/users/self/apikeys/" + name, {"state": "ACTIVE"}).status == 200
    within(lambda: works(0, key), "active again")


def test_another_change_does_not_bring_it_back():
    name, key = make()
    within(lambda: works(1, key), "known")
    assert BOTH[0].post("/users/self/apikeys/" + name, {"state": "SUSPENDED"}).status == 200
    # the other one may not have heard of it yet
    answer = BOTH[1].post("/users/self/apikeys/" + name, {"expiry_time": "2100-01-01T00:00:00Z"})
    assert answer.status == 200 and answer.data["state"] == "SUSPENDED", answer
    assert not works(0, key)
    within(lambda: not works(1, key), "suspended on the other one, too")
    assert BOTH[0].ask("DELETE", "/users/self/apikeys/" + name).status == 200
    answer = BOTH[1].post("/users/self/apikeys/" + name, {"state": "ACTIVE"})
    assert answer.status == 404, answer
    stays(lambda: not works(0, key) and not works(1, key), "a deleted key came back")


def test_one_name_is_one_key():
    name, key = make()
    answer = BOTH[1].post("/users/self/apikeys", {"name": name, "role": "admin"})
    assert answer.status == 409, answer
    assert works(0, key)


def test_without_the_server():
    """Who can't ask which keys hold lets nobody in but the environment's key."""
    p = postgres.Server(BUILD)
    p.folder = os.environ["ROCKSET_POSTGRES"]
    _, key = make()
    assert works(0, key)
    time.sleep(1)  # the tests' server writes its log a little later
    p.stop()
    try:
        time.sleep(BOUND)
        answer = BOTH[0].get("/users/self", key=key)
        assert answer.status == 503 and "API keys" in answer.json["message"], answer
        assert BOTH[0].get("/users/self", key=ADMIN).status == 200
    finally:
        p.start()
    within(lambda: works(0, key), "works again")


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder, start(folder) as one, start(folder) as two:
        BOTH.extend((one, two))
        for name, test in list(globals().items()):
            if not name.startswith("test_"):
                continue
            try:
                test()
                print("ok - keys: " + name[5:].replace("_", " "), flush=True)
            except Exception as e:  # each is told, and the next one goes on
                failed += 1
                print("not ok - keys: %s: %r" % (name[5:].replace("_", " "), e), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
