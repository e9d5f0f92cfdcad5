"""rockset_follow: after each sync the collection holds what the table holds. Random transactions of two processes
(REPLACE by every unique index, upserts, keys that change, savepoints, rollbacks, new columns and indexes, renames),
writers and syncs that are killed. A row too many, too few or of an old state is a failure.

tests/run gives ROCKSET_EXT; the current folder is empty. ROUNDS: how many (25); SEED: of a run to be repeated.
OUTPUT: an output of a profile as JSON, for another target than the embedded one (tests/postgres, tests/trino,
tests/sqlite); columns keep to one type there.
"""
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

ROUNDS = int(os.environ.get("ROUNDS") or 25)
OUTPUT = os.environ.get("OUTPUT")
SEED = int(os.environ.get("SEED") or random.randrange(1 << 30))
rng = random.Random(SEED)
# another process: writes what it is told, or syncs
OTHER = """
import os, sqlite3, sys
db = sqlite3.connect("x.db", isolation_level=None, timeout=30)
db.enable_load_extension(True)
db.load_extension(os.environ["ROCKSET_EXT"])
if os.environ.get("OUTPUT"):
    db.execute("SELECT rockset_profile('t', 'p', ?)", ['{"p":{"target":"t","outputs":{"t":' + os.environ["OUTPUT"] + '}}}'])
for line in sys.stdin:
    try:
        db.execute(line).fetchall()
        print("ok", flush=True)
    except sqlite3.Error as e:
        print("error", e, file=sys.stderr, flush=True) if "sync" in line else None
        print("error", e, flush=True)
"""
# name, definition, columns of the key, option
TABLES = [("plain", "(id INTEGER PRIMARY KEY, a UNIQUE, b TEXT)", ["id"], None),
          ("nocase", "(code TEXT COLLATE NOCASE PRIMARY KEY NOT NULL, a NOT NULL DEFAULT 3 UNIQUE, b TEXT)", ["code"], None),
          ("pair", "(x INTEGER, y TEXT, a, b TEXT, PRIMARY KEY (y, x)) WITHOUT ROWID", ["y", "x"], None),
          ("other", "(id INTEGER PRIMARY KEY, k NOT NULL UNIQUE, a, b TEXT, g INTEGER AS (a + 1) UNIQUE)", ["k"], '{"key":"k"}'),
          ("rows", "(k TEXT NOT NULL, a, b TEXT COLLATE NOCASE)", ["k"], '{"key":["k"]}')]


class Failed(Exception):
    pass


def connect():
    db = sqlite3.connect("x.db", isolation_level=None, timeout=30)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    if OUTPUT:
        db.execute("SELECT rockset_profile('t', 'p', ?)", ['{"p":{"target":"t","outputs":{"t":' + OUTPUT + '}}}'])
    return db


class Other:
    """A process of its own."""

    def __init__(self):
        self.p = subprocess.Popen([sys.executable, "-c", OTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(self, sql):
        self.p.stdin.write(sql + "\n")
        self.p.stdin.flush()

    def run(self, sql):
        self.tell(sql)
        return self.p.stdout.readline()

    def kill(self):
        self.p.send_signal(signal.SIGKILL)
        self.p.wait()
        self.p.stdin.close()
        self.p.stdout.close()


def literal(v):
    if v is None:
        return "NULL"
    return "'%s'" % v if isinstance(v, str) else repr(v)


def value(column):
    """Keys from few values, so that they meet; no two of one text and another type."""
    if column in ("id", "x"):
        return rng.randrange(12)
    if column in ("code", "k", "y"):
        return rng.choice(["a", "A", "b", "B", "c", "cc", "Cc", "ö", "", "it", "x y", "z"])
    if column == "a" and OUTPUT:
        return rng.choice([None] + list(range(1, 14)))
    if column == "a":
        return rng.choice([None, 1, 2, 3, 4, 5, 6, 7, 2.5, "t", "T"] if rng.random() < 0.5 else [8, 9, 10, 11, 12, 13])
    return rng.choice([None, "one", "two", "ONE", "three", "1"])


def statement(names, name):
    columns = [c for c in names[name] if c != "g"]
    given = [c for c in columns if rng.random() < 0.85 or c in ("code", "k", "x", "y")] or columns
    r = rng.random()
    some = rng.choice(columns)
    where = "%s %s %s" % (some, rng.choice(["=", "IS", ">", "<"]), literal(value(some)))
    if r < 0.45:
        how = rng.choice(["INSERT OR IGNORE", "INSERT OR REPLACE", "INSERT OR REPLACE", "REPLACE"])
        return "%s INTO %s(%s) VALUES %s" % (how, name, ", ".join(given), ", ".join(
            "(%s)" % ", ".join(literal(value(c)) for c in given) for _ in range(rng.randrange(1, 4))))
    if r < 0.55:
        key = {"nocase": "code", "pair": "y, x", "other": "k", "rows": "k"}.get(name, "id")
        return "INSERT INTO %s(%s) VALUES (%s) ON CONFLICT(%s) DO UPDATE SET b = 'met'" % (
            name, ", ".join(given), ", ".join(literal(value(c)) for c in given), key)
    if r < 0.8:
        return "UPDATE OR %s %s SET %s = %s WHERE %s" % (
            rng.choice(["REPLACE", "IGNORE"]), name, some, literal(value(some)), where)
    if r < 0.83:
        return "DELETE FROM %s" % name
    if r < 0.86 and name != "pair":
        given = [c for c in columns if c != "id"]
        return "INSERT OR REPLACE INTO %s(rowid, %s) VALUES (%d, %s)" % (
            name, ", ".join(given), rng.randrange(12), ", ".join(literal(value(c)) for c in given))
    return "DELETE FROM %s WHERE %s" % (name, where)


def write(db, names):
    """A transaction, or single statements. A constraint that fails is none of our business."""
    block = rng.random() < 0.6
    if block:
        db.execute("BEGIN IMMEDIATE")
    for _ in range(rng.randrange(1, 8)):
        point = block and rng.random() < 0.3
        if point:
            db.execute("SAVEPOINT s")
        for _ in range(rng.randrange(1, 4)):
            try:
                db.execute(statement(names, rng.choice(list(names))))
            except sqlite3.IntegrityError:
                pass
        if point:
            if rng.random() < 0.5:
                db.execute("ROLLBACK TO s")
            db.execute("RELEASE s")
    if block:
        db.execute("ROLLBACK" if rng.random() < 0.25 else "COMMIT")


def write_elsewhere(other, names):
    block = rng.random() < 0.6
    lines = [statement(names, rng.choice(list(names))) for _ in range(rng.randrange(1, 6))]
    if block:
        lines = ["BEGIN IMMEDIATE"] + lines + (["COMMIT"] if rng.random() < 0.8 else [])
    for line in lines:
        other.run(line)
    if block and lines[-1] != "COMMIT":
        if rng.random() < 0.5:
            other.run("ROLLBACK")
        else:  # in the middle of it
            other.kill()
            return Other()
    return other


def text(v):
    """As SQLite writes a key's value as a text."""
    return v if isinstance(v, str) else str(v)


def key_id(values):
    if len(values) == 1:
        return text(values[0])
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def check(db, name, key, collection, why):
    cursor = db.execute("SELECT * FROM %s" % name)
    columns = [d[0] for d in cursor.description]
    expected = {}
    for row in cursor.fetchall():
        row = dict(zip(columns, row))
        expected[key_id([row[k] for k in key])] = {k: v for k, v in row.items() if v is not None}
    found = {}
    for (row,) in db.execute("SELECT * FROM rockset_query('SELECT * FROM %s')" % collection).fetchall():
        row = json.loads(row)
        row.pop("_event_time")
        found[row["_id"]] = {k: v for k, v in row.items() if v is not None and k != "_id"
                             and not k.endswith("~x")}  # which tells an int among floats
    if expected != found:
        only = sorted(set(expected) ^ set(found))
        differ = [k for k in expected if k in found and expected[k] != found[k]]
        raise Failed("%s, %s: keys of one side %s; rows that differ %s" % (
            why, name, only, [(k, expected[k], found[k]) for k in differ[:3]]))


def main():
    db = connect()
    db.execute("PRAGMA journal_mode=%s" % rng.choice(["DELETE", "WAL", "TRUNCATE"]))
    names, follows = {}, {}
    for name, definition, key, option in TABLES:
        if OUTPUT:  # a type also where all is NULL
            definition = definition.replace(" a ", " a INTEGER ").replace(" a,", " a INTEGER,")
        db.execute("CREATE TABLE %s%s" % (name, definition))
        if name == "rows":
            db.execute("CREATE UNIQUE INDEX rows_k ON rows(k)")
            db.execute("CREATE UNIQUE INDEX rows_part ON rows(b COLLATE NOCASE, a) WHERE a > 3")
        names[name] = [r[1] for r in db.execute("PRAGMA table_xinfo(%s)" % name)]
        follows[name] = (key, "commons.f_" + name)
        if rng.random() < 0.5:
            write(db, {name: names[name]})
        db.execute("SELECT rockset_follow('%s', '%s'%s)" % (
            name, follows[name][1], ", '%s'" % option if option else "")).fetchall()
    other = Other()
    for round_ in range(ROUNDS):
        for _ in range(rng.randrange(1, 5)):
            if rng.random() < 0.6:
                write(db, names)
            else:
                other = write_elsewhere(other, names)
        r = rng.random()
        if r < 0.25:  # a sync that is killed somewhere
            other.tell("SELECT rockset_sync()")
            time.sleep(rng.random() * 0.12)
            if rng.random() < 0.5:
                write(db, names)
            other.kill()
            other = Other()
        elif r < 0.35:
            other.tell("SELECT rockset_sync()")  # at the same time as ours
            write(db, names)
            db.execute("SELECT rockset_sync()").fetchall()
            other.p.stdout.readline()
        elif r < 0.4:
            name = rng.choice(list(names))
            try:
                db.execute("CREATE UNIQUE INDEX more_%d ON %s(a, b)" % (round_, name))
                write(db, names)
                db.execute("SELECT rockset_sync()").fetchall()
                db.execute("DROP INDEX more_%d" % round_)
            except sqlite3.IntegrityError:
                pass
        elif r < 0.44:
            name = rng.choice(list(names))
            if "n" not in names[name]:
                db.execute("ALTER TABLE %s ADD COLUMN n TEXT" % name)
                names[name].append("n")
        elif r < 0.48:
            name = rng.choice(["plain", "rows"])
            db.execute("ALTER TABLE %s RENAME TO moved" % name)
            db.execute("DELETE FROM moved WHERE a = 4")
            if rng.random() < 0.5:
                db.execute("SELECT rockset_sync()").fetchall()
            db.execute("ALTER TABLE moved RENAME TO %s" % name)
        by_use = rng.random() < 0.3
        if not by_use:
            db.execute("SELECT rockset_sync()").fetchall()
        for name, (key, collection) in follows.items():
            check(db, name, key, collection, "round %d (%s)" % (round_, "the next use" if by_use else "rockset_sync"))
    # somebody reads, so the file can't note what was sent: the query is answered, from what was sent
    other.kill()  # while it has the file open the journal's mode stays
    db.execute("SELECT rockset_sync()").fetchall()  # what it changed last is nobody's matter below
    db.execute("PRAGMA journal_mode=DELETE")
    db.execute("PRAGMA busy_timeout=100")
    db.execute("DELETE FROM plain")
    db.execute("INSERT INTO plain(id) VALUES (1), (2)")
    reader = sqlite3.connect("x.db")
    rows = reader.execute("SELECT id FROM plain")
    rows.fetchone()
    check(db, "plain", ["id"], follows["plain"][1], "while somebody reads")
    rows.close()
    reader.close()
    db.execute("SELECT rockset_sync()").fetchall()
    (left,) = db.execute("SELECT count(*) FROM rockset_follow_queue").fetchone()
    if left:
        raise Failed("%d keys are queued still" % left)
    before = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    for name in follows:
        if db.execute("SELECT rockset_unfollow('%s')" % name).fetchone() != (1,):
            raise Failed("unfollow")
    gone = db.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'rockset%'").fetchall()
    if gone:
        raise Failed("of %d things these are left: %s" % (before, gone))
    db.close()


try:
    main()
except Failed as e:
    print("SEED=%d: %s" % (SEED, e))
    sys.exit(1)
except Exception:
    print("SEED=%d" % SEED)
    raise
