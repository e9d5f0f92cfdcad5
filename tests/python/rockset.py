"""The rockset adapter against rocksetd: over real HTTP, in processes of their own, what users do with it.

tests/run gives ROCKSET_EXT (the extension's path; rocksetd is looked for beside it), DATA, DUCKDB_LIBRARY;
the current folder is empty. Without rocksetd all is skipped.
"""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request

BUILD = os.path.dirname(os.environ["ROCKSET_EXT"])
ROCKSETD = os.path.join(BUILD, "rocksetd")
KEY = "key-of-the-test-1234"
DATA = os.environ.get("DATA", os.path.join(BUILD, "deps", "vega-datasets", "data"))
os.environ.setdefault("DUCKDB_LIBRARY", os.path.join(BUILD, "deps", "duckdb", "libduckdb.so"))
number = 0


def report(good, what):
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)


class Server:
    def __init__(self, database):
        env = dict(os.environ, ROCKSETD_ADMIN_KEY=KEY)
        self.process = subprocess.Popen([ROCKSETD, "--database", database, "--listen", "127.0.0.1:0", "--quiet"],
                                        env=env, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def get(self, path):
        request = urllib.request.Request(self.url + "/v1/orgs/self" + path, headers={"Authorization": "ApiKey " + KEY})
        return json.load(urllib.request.urlopen(request, timeout=30))["data"]

    def collections(self):
        return sorted(c["name"] for c in self.get("/ws/commons/collections") if c["name"][0] != "_")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def connect(server, name=":memory:"):
    db = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    profile = {"p": {"target": "dev", "outputs": {"dev": {
        "type": "rockset", "api_key": KEY, "api_server": server.url, "workspace": "commons"}}}}
    db.execute("SELECT rockset_profile('dev', 'p', ?)", (json.dumps(profile),)).fetchall()
    return db


def one(db, sql, *params):
    return db.execute(sql, params).fetchone()[0]


def error_of(db, sql, *params):
    try:
        db.execute(sql, params).fetchall()
    except sqlite3.Error as e:
        return str(e)
    return None


# ---- files, tables ---------------------------------------------------------------------------------


def loads(server):
    db = connect(server)
    steps = db.execute("SELECT step, status, detail FROM rockset_debug").fetchall()
    report([s[1] for s in steps] == ["ok"] * 5, "rockset_debug: every step works")
    movies = os.path.join(DATA, "movies.json")
    with open(movies, encoding="utf-8") as f:
        rows = json.load(f)
    n = one(db, "SELECT rockset_load('commons.movies', ?)", movies)
    db.execute("CREATE VIRTUAL TABLE movies USING rockset('commons.movies')")
    report(n == one(db, "SELECT count(*) FROM movies") == len(rows), "a file becomes a collection")
    want = sorted((r["Title"], r["IMDB Rating"]) for r in rows
                  if r["Major Genre"] == "Drama" and r["IMDB Rating"] and r["IMDB Rating"] >= 8.5)
    got = sorted(db.execute("SELECT Title, [IMDB Rating] FROM movies WHERE [Major Genre] = 'Drama' AND "
                            "[IMDB Rating] >= 8.5").fetchall())
    report(got == want, "filters run in the service, values are the file's")
    report(db.execute("SELECT typeof(Title) FROM movies WHERE Title = 300").fetchall() == [("integer",)],
           "a field of mixed types keeps each value's own")
    text = error_of(db, "SELECT rockset_load('commons.movies', ?)", movies)
    report(text is not None and "exists" in text, "mode create refuses what exists")
    one(db, "SELECT rockset_load('commons.movies', ?, '{\"mode\":\"replace\"}')", movies)
    report(one(db, "SELECT count(*) FROM movies") == len(rows), "mode replace: the new rows only")
    one(db, "SELECT rockset_load('commons.movies', ?, '{\"mode\":\"append\"}')", movies)
    report(one(db, "SELECT count(*) FROM movies") == 2 * len(rows), "mode append adds")
    text = error_of(db, "SELECT row FROM rockset_query('select 1 +')")
    report(text is not None and text.count("line 1, column 11") == 1, f"a syntax error says where, once: {text}")
    log = repr(db.execute("SELECT * FROM rockset_log").fetchall())
    report(KEY not in log and "POST ~/ws/commons/collections" in log, "the log has requests and no key")


MODELS = [
    ("numbers", "view", "select 1 as k, 10 as n union all select 2, 20"),
    ("totals", "table", "select k, sum(n) as total from {{ ref('numbers') }} group by k"),
    ("daily", "incremental", "select 'a' as k{% if is_incremental() %}, 'later' as _id{% endif %}"),
]


def models(server):
    db = connect(server)
    db.execute("SELECT rockset_init()").fetchall()
    db.executemany("INSERT INTO rockset_models(name, materialized, sql) VALUES(?, ?, ?)", MODELS)
    runs = [db.execute("SELECT * FROM rockset_run('*')").fetchall() for _ in range(3)]
    status = [[row[2] for row in run] for run in runs]
    report(status == [["success"] * 3] * 3, f"models run again and again {status}")
    db.execute("CREATE VIRTUAL TABLE totals USING rockset('commons.totals')")
    report(sorted(db.execute("SELECT k, total FROM totals").fetchall()) == [(1, 10), (2, 20)], "and can be read")
    report(one(db, "SELECT row FROM rockset_query('select count(*) as n from commons.daily')") == '{"n":2}',
           "an incremental model adds, a document of the same _id is replaced")
    names = [n for n in server.collections() if n.startswith("totals")]
    report(len(names) == 1 and names[0].startswith("totals__"), "one collection stands behind the alias")
    listed = [r[0] for r in db.execute("SELECT name FROM rockset_collections")]
    report("totals" in listed and names[0] not in listed, "which is listed by its own name")


def readers(server):
    """Rebuilds under readers: no error, no empty table, no mix of two builds."""
    db = connect(server)
    db.execute("SELECT rockset_init()").fetchall()
    db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES('big', 'table', "
               "'select i as k, {{ var(\"v\") }} as v from generate_series(1, 500) t(i)')")
    db.execute("INSERT INTO rockset_vars(name, value) VALUES('v', 0)")
    good = one(db, "SELECT rockset_materialize('big')")
    stop, wrong, reads = threading.Event(), [], [0]

    def read():
        mine = connect(server)
        mine.execute("CREATE VIRTUAL TABLE big USING rockset('commons.big')")
        while not stop.is_set():
            try:
                got = mine.execute("SELECT count(*), min(v), max(v) FROM (SELECT k, v FROM big)").fetchone()
                if got[0] != 500 or got[1] != got[2]:
                    wrong.append(got)
            except sqlite3.Error as e:
                wrong.append(str(e))
            reads[0] += 1

    threads = [threading.Thread(target=read) for _ in range(2)]
    for t in threads:
        t.start()
    for v in range(1, 16):
        db.execute("UPDATE rockset_vars SET value = ? WHERE name = 'v'", (v,))
        one(db, "SELECT rockset_materialize('big')")
    stop.set()
    for t in threads:
        t.join()
    report(good is not None and not wrong and reads[0] > 15, f"15 rebuilds under {reads[0]} reads {wrong[:3]}")


BUILDER = """
import os, sys
sys.argv = {argv!r}
sys.path.insert(0, os.path.dirname({path!r}))
exec(open({path!r}).read().split("\\ndef main")[0])
class S: url = {url!r}
db = connect(S)
db.execute("SELECT rockset_init()").fetchall()
db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES('slow', 'table', "
           "'select count(*) as n from generate_series(1, 100000) a, generate_series(1, 400000) b')")
print("building", flush=True)
db.execute("SELECT rockset_materialize('slow')").fetchall()
"""


def crashes(server):
    """A build that dies leaves its collection; the next one removes it."""
    code = BUILDER.format(argv=[__file__], path=os.path.abspath(__file__), url=server.url)
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child.stdout.readline()
    until = time.monotonic() + 20
    while not any(n.startswith("slow__") for n in server.collections()) and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.3)
    child.send_signal(signal.SIGKILL)
    child.wait()
    left = [n for n in server.collections() if n.startswith("slow__")]
    until = time.monotonic() + 20  # the server notices, too, that nobody waits for the statement
    while server.get("/queries") and time.monotonic() < until:
        time.sleep(0.1)
    report(not server.get("/queries"), "the statement of a dead client ends")
    db = connect(server)
    db.execute("SELECT rockset_init()").fetchall()
    db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES('slow', 'table', 'select 1 as n')")
    one(db, "SELECT rockset_materialize('slow')")
    now = [n for n in server.collections() if n.startswith("slow__")]
    report(len(left) == 1 and len(now) == 1 and now != left, f"what a crashed build left is removed {left} {now}")


def interrupts(server):
    db = connect(server)
    sql = "select count(*) as n from generate_series(1, 1000000) a, generate_series(1, 1000000) b"
    threading.Timer(0.7, db.interrupt).start()
    begin = time.monotonic()
    text = error_of(db, "SELECT * FROM rockset_query(?)", sql)
    took = time.monotonic() - begin
    until = time.monotonic() + 10
    while server.get("/queries") and time.monotonic() < until:
        time.sleep(0.1)
    report(text is not None and "interrupted" in text and took < 3, f"an interrupt ends a query: {text}, {took:.1f} s")
    report(not server.get("/queries"), "and in the service, too")


def stored(server):
    """A file's own text reaches no target that nobody chose, whoever runs it; what is typed does."""
    os.makedirs("profiles", exist_ok=True)
    with open("profiles/profiles.yml", "w") as f:
        json.dump({"rockset_ext": {"target": "dev", "outputs": {"dev": {
            "type": "rockset", "api_key": KEY, "api_server": server.url}}}}, f)
    os.environ["DBT_PROFILES_DIR"] = os.path.abspath("profiles")
    create = "CREATE VIRTUAL TABLE v USING rockset(query='select 1 as a')"

    def opened(name):
        db = sqlite3.connect(name, isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(os.environ["ROCKSET_EXT"])
        return db

    def refused(db, sql):
        try:
            return f"{sql}: {db.execute(sql).fetchall()}"
        except sqlite3.Error as e:
            return "" if "only after this session chose the target" in str(e) else f"{sql}: {e}"
    try:
        db = opened("typed.db")
        db.execute(create)
        report(db.execute("SELECT a FROM v").fetchall() == [(1,)], "a typed table reaches the profile found by search")
        with contextlib.closing(opened("typed.db")) as other:
            problem = refused(other, "SELECT a FROM v")
            report(not problem, f"the same table in the next session does not {problem}")
            other.execute("SELECT rockset_profile('dev')").fetchall()
            report(other.execute("SELECT a FROM v").fetchall() == [(1,)], "but once that chose the target")
        db.close()
        # VACUUM runs what a crafted file calls an ordinary table's statement
        with contextlib.closing(sqlite3.connect("crafted.db")) as db:
            db.executescript("CREATE TABLE x(a); PRAGMA writable_schema = 1;")
            db.execute("UPDATE sqlite_master SET name = 'v', tbl_name = 'v', sql = ?", (create,))
            db.commit()
        with contextlib.closing(opened("crafted.db")) as db:
            problem = refused(db, "VACUUM") or refused(db, "VACUUM INTO 'copy.db'")
            report(not problem, f"nor does what VACUUM runs {problem}")
        # another statement runs: nobody can tell who has typed what
        with contextlib.closing(opened(":memory:")) as db:
            rows = db.execute("SELECT 1 UNION ALL SELECT 2")
            rows.fetchone()
            problem = refused(db, create)
            report(not problem, f"nor what a function may have run {problem}")
    finally:
        del os.environ["DBT_PROFILES_DIR"]


def main():
    if not os.path.exists(ROCKSETD):
        print("ok 1 - rockset # SKIP no rocksetd in this build")
        return
    server = Server(os.path.abspath("data.duckdb"))
    try:
        for part in (loads, models, readers, crashes, interrupts, stored):
            try:
                part(server)
            except (sqlite3.Error, OSError, AssertionError) as e:
                report(False, f"{part.__name__}: {e}")
    finally:
        server.stop()
    print(f"1..{number}")


if __name__ == "__main__":
    main()
