"""Two connections that write rows of the same keys, each in its thread, on an engine with transactions and on one without (rocksetd
as a target). docs/virtual-tables.md, Keys: a row that somebody else deleted before COMMIT is an error, and nothing is
written; what comes between that look and the write is not seen on an engine without transactions, but there is no key
twice, no row of two writers' values, no other error.

    write_race.py [ROUNDS [SEED]]     the seed is printed

tests/run gives ROCKSET_EXT (the extension's path; rocksetd is looked for beside it); the current folder is empty.
"""
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading

ADMIN_KEY = "an admin key for tests"
KEYS = 6
number = 0
# what a writer may be told who was not the first: at the look, and by the engine when the row went after it
TOLD = ("is gone: somebody else deleted it meanwhile; nothing was written", "exists already", "there is no document of this _id")


def report(good, what, note=""):
    global number
    number += 1
    print("%sok %d - %s" % ("" if good else "not ", number, what), flush=True)
    if not good:
        print("# " + str(note).replace("\n", "\n# "), flush=True)


def connect(output):
    db = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0, check_same_thread=False, timeout=30)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    db.execute("SELECT rockset_profile('d', 'p', ?)", (json.dumps({"p": {"target": "d", "outputs": {"d": output}}}),)).fetchall()
    return db


def pair(output):
    first = connect(output)
    first.execute("SELECT rockset_push('select ''k0'' as _id, 0 as a, 0 as b', 'commons.t', '{\"key\":\"_id\"}')").fetchall()
    both = first, connect(output)
    for db in both:
        db.execute("CREATE VIRTUAL TABLE t USING rockset('commons.t')")
    return both


def run(db, *statements):
    """None, or the error."""
    try:
        db.execute("BEGIN")
        for sql in statements:
            db.execute(sql)
        db.execute("COMMIT")
    except sqlite3.Error as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        return str(error)
    return None


def content(db):
    return db.execute("SELECT _id, a, b FROM t ORDER BY _id, a").fetchall()


def looks(name, first, second):
    """One after the other: what the look before the write finds."""
    for sql in ("UPDATE t SET a = 7, b = 7", "DELETE FROM t"):
        run(first, "DELETE FROM t", *["INSERT INTO t(_id, a, b) VALUES ('k%d', 0, 0)" % i for i in range(KEYS)])
        first.execute("BEGIN")
        first.execute(sql)
        gone = run(second, "DELETE FROM t WHERE _id = 'k3'")
        try:
            first.execute("COMMIT")
            error = "no error"
        except sqlite3.Error as e:
            error = str(e)
        if first.in_transaction:
            first.execute("ROLLBACK")
        left = [("k%d" % i, 0, 0) for i in range(KEYS) if i != 3]
        report(gone is None and "'k3' is gone" in error and content(second) == left,
               "%s: %s: a row that is gone is told, and no other is touched" % (name, sql), (gone, error, content(second)))
        first.execute("BEGIN")
        first.execute("UPDATE t SET a = a + 1 WHERE _id = 'k1'")
        other = run(second, "UPDATE t SET b = 5 WHERE _id = 'k1'")
        first.execute("COMMIT")
        report(other is None and content(first)[1] == ("k1", 1, 5), "%s: two who change other columns of a row" % name,
               (other, content(first)))


def write(db, who, rng, rounds, start, told):
    for n in range(rounds):
        value, key = who * 1000000 + n, "k%d" % rng.randrange(KEYS)
        sql = rng.choice([
            "UPDATE t SET a = {v}, b = {v} WHERE _id = '{k}'", "UPDATE t SET a = {v}, b = {v}", "DELETE FROM t WHERE _id = '{k}'",
            "INSERT OR REPLACE INTO t(_id, a, b) VALUES ('{k}', {v}, {v})",
            "INSERT INTO t(_id, a, b) VALUES ('{k}', {v}, {v})"]).format(k=key, v=value)
        start.wait()
        told.append((sql, run(db, sql)))


def race(name, both, rng, rounds):
    start, told = threading.Barrier(2), ([], [])
    threads = [threading.Thread(target=write, args=(db, i + 1, random.Random(rng.random()), rounds, start, told[i]))
               for i, db in enumerate(both)]
    wrong = []
    for t in threads:
        t.start()
    for t in threads:
        t.join(100)
    rows = content(both[0])
    said = [(sql, error) for one in told for sql, error in one]
    wrong += [(sql, error) for sql, error in said if error and not any(word in error for word in TOLD)]
    good = sum(error is None for _, error in said)
    report(len(said) == 2 * rounds and not wrong, "%s: %d of %d writes at once succeed, the others are told why" % (
        name, good, len(said)), wrong[:5])
    report(0 < good < len(said), "%s: some met, some did not" % name)
    report(rows == content(both[1]) and len({k for k, _, _ in rows}) == len(rows) and all(a == b for _, a, b in rows),
           "%s: no key is there twice, no row is of two writers" % name, rows)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30)
    print("# seed %d" % seed, flush=True)
    rng = random.Random(seed)
    outputs = {"duckdb": {"type": "duckdb", "path": os.path.abspath("d.duckdb")}}
    rocksetd, server = os.path.join(os.path.dirname(os.environ["ROCKSET_EXT"]), "rocksetd"), None
    if os.path.exists(rocksetd):
        server = subprocess.Popen([rocksetd, "--database", "r.duckdb", "--listen", "127.0.0.1:0", "--quiet"],
                                  env=dict(os.environ, ROCKSETD_ADMIN_KEY=ADMIN_KEY), stdout=subprocess.PIPE, text=True)
        url = server.stdout.readline().split()[-1]
        outputs["rocksetd"] = {"type": "rockset", "api_key": ADMIN_KEY, "api_server": url, "workspace": "commons"}
    try:
        for name, output in outputs.items():
            both = pair(output)
            looks(name, *both)
            race(name, both, rng, rounds)
            for db in both:
                db.close()
    finally:
        if server:
            server.terminate()
            server.wait(20)
            server.stdout.close()
    print("1..%d" % number)


main()
