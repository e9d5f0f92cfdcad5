"""sqlite.<table> in statements for the target: random queries against SQLite's own answers, while the tables change
in every way there is: writes, savepoints, rollbacks, ATTACH and DETACH, ALTER, blob I/O, other connections and another
process. An answer that differs, or a stale one, is a failure.

tests/run gives ROCKSET_EXT; the current folder is empty. QUERIES: how many (400); SEED: of a run to be repeated.
OUTPUT: of a profile, as JSON, for another target than the embedded one: the column of mixed types holds numbers there.
"""
import os
import random
import sqlite3
import subprocess
import sys

QUERIES = int(os.environ.get("QUERIES") or 400)
OUTPUT = os.environ.get("OUTPUT")
SEED = int(os.environ.get("SEED") or random.randrange(1 << 30))
WAL = {"journal": random.Random(SEED).choice(["DELETE", "WAL", "TRUNCATE"])}
rng = random.Random(SEED)
# another process that writes what it is told
WRITER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
for line in sys.stdin:
    try:
        db.execute(line)
        print("ok", flush=True)
    except sqlite3.Error as e:
        print("error", e, flush=True)
"""
TABLES = ["t", "u", "k", "w", "aux.t", "temp.p", "v", "j"]


class Failed(Exception):
    pass


def connect():
    db = sqlite3.connect("x.db", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    if OUTPUT:
        db.execute("SELECT rockset_profile('t', 'p', ?)", ['{"p":{"target":"t","outputs":{"t":' + OUTPUT + '}}}'])
    return db


def make(db):
    db.execute("PRAGMA journal_mode=%s" % WAL["journal"])
    for sql in ("CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL, m)",
                "CREATE TABLE u(id INTEGER PRIMARY KEY, a INTEGER, b TEXT UNIQUE, c REAL, m)",
                "CREATE TABLE k(id INTEGER, a INTEGER, b TEXT, c REAL, m)",
                "CREATE TABLE w(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL, m) WITHOUT ROWID",
                "CREATE TABLE noise(x)",
                "CREATE VIEW v AS SELECT id, a, b, c, m FROM t WHERE a % 2 = 0",
                "CREATE VIEW j AS SELECT t.id, u.a, t.b, u.c, t.m FROM t JOIN u ON u.id = t.id",
                "CREATE TEMP TABLE p(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL, m)",
                "CREATE INDEX t_a ON t(a, b)", "CREATE INDEX t_b ON t(b)", "CREATE INDEX t_c ON t(c DESC)",
                "CREATE INDEX u_a ON u(a) WHERE a > 3", "CREATE INDEX u_b ON u(b COLLATE NOCASE)",
                "CREATE INDEX w_c ON w(c, a)", "CREATE INDEX p_b ON p(b)"):
        db.execute(sql)
    attach(db)


def attach(db):
    db.execute("ATTACH 'aux.db' AS aux")
    db.execute("CREATE TABLE IF NOT EXISTS aux.t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL, m)")


def value(column):
    if column == "a":
        return str(rng.choice(["NULL", rng.randrange(-5, 6), rng.randrange(1000), 1 << 40]))
    if column == "b":
        return rng.choice(["NULL", "''", "'x'", "'Ä%d'" % rng.randrange(50), "'b%d'" % rng.randrange(2000)])
    if column == "c":
        return str(rng.choice(["NULL", 0.5, -1.25, rng.randrange(100) / 4.0]))
    return str(rng.choice(["NULL", 1, 2.5, rng.randrange(9)] if OUTPUT else ["NULL", 1, 2.5, "'m'", "x'01'", rng.randrange(9)]))


def row(identity):
    return "(%s, %s)" % (identity, ", ".join(value(c) for c in "abcm"))


def write_sql(main_only):
    table = rng.choice(["t", "u", "k", "w"] if main_only else ["t", "t", "u", "k", "w", "aux.t", "temp.p", "noise"])
    if table == "noise":
        return "INSERT INTO noise VALUES (1)"
    kind = rng.randrange(9)
    if kind < 3:
        top = "(SELECT coalesce(max(id), 0) + 1 FROM %s)" % table
        return "INSERT OR IGNORE INTO %s VALUES %s" % (table, row(top))
    if kind == 3:
        return "INSERT OR REPLACE INTO %s VALUES %s" % (table, row(rng.randrange(60)))
    if kind == 4:
        top = "(SELECT coalesce(max(id), 0) + 1 FROM %s)" % table
        return "INSERT OR REPLACE INTO %s VALUES %s" % (table, row(top))
    if kind == 5:
        column = rng.choice("abcm")
        return "UPDATE OR IGNORE %s SET %s = %s WHERE id = %d" % (table, column, value(column), rng.randrange(60))
    if kind == 6:
        return "DELETE FROM %s WHERE id %% 97 = %d" % (table, rng.randrange(97))
    if kind == 7:
        return "UPDATE OR IGNORE %s SET id = id + 1000 WHERE id = %d" % (table, rng.randrange(60))
    return "INSERT OR IGNORE INTO %s SELECT id + 100, a, b || 'x', c, m FROM %s LIMIT 5" % (table, table)


def blob_write(db):
    """Bytes of a value that no count of changes tells of."""
    found = db.execute("SELECT id FROM t WHERE typeof(m) = 'blob' LIMIT 1").fetchone()
    if found and hasattr(db, "blobopen"):
        with db.blobopen("t", "m", found[0]) as blob:
            blob.write(bytes([rng.randrange(256)]))


def change(db, others):
    """One thing that may make a copy stale."""
    kind = rng.randrange(20)
    if kind < 9:
        db.execute(write_sql(False))
    elif kind == 9:
        db.execute("BEGIN" if not db.in_transaction else rng.choice(["COMMIT", "ROLLBACK"]))
    elif kind == 10:
        if not db.in_transaction:
            db.execute("BEGIN")
        db.execute("SAVEPOINT s")
        db.execute(write_sql(False))
        query(db)
        db.execute(rng.choice(["ROLLBACK TO s", "RELEASE s"]))
    elif kind < 15 and not db.in_transaction:
        rng.choice(others)(write_sql(True))
    elif kind == 15 and not db.in_transaction:
        db.execute("DETACH aux")
        if rng.randrange(3) == 0:
            os.unlink("aux.db")
        attach(db)
    elif kind == 16 and not db.in_transaction:
        db.execute("DROP TABLE k")
        db.execute("CREATE TABLE k(id INTEGER, a INTEGER, b TEXT, c REAL, m)")
        db.execute("INSERT INTO k VALUES " + row(1))
    elif kind == 17 and not db.in_transaction:
        db.execute("VACUUM")
    elif kind == 18:
        blob_write(db)


def constant(column):
    if column == "b":
        return rng.choice(["''", "'x'", "'b'", "'b1'", "'b%d'" % rng.randrange(2000), "'Ä%d'" % rng.randrange(50)])
    if column == "c":
        return str(rng.choice([0.5, -1.25, 3, -2, rng.randrange(100) / 4.0]))
    if column == "a":
        return str(rng.choice([0, 2, -3, 2.5, rng.randrange(1000), 1 << 40]))
    return str(rng.choice([rng.randrange(140), rng.randrange(3100)]))


def condition(relation):
    """Compares a column with constants: rows that don't meet it may stay in SQLite."""
    column = rng.choice(["id", "id", "a", "b", "b", "c"])
    name = relation + column
    kind = rng.randrange(6)
    if kind == 0:
        return "%s IN (%s)" % (name, ", ".join(constant(column) for _ in range(rng.randrange(1, 6))))
    if kind == 1 and not (OUTPUT and column == "b"):
        return "%s BETWEEN %s AND %s" % (name, constant(column), constant(column))
    if kind == 2 and column == "b":
        return "%s LIKE '%s%%'" % (name, rng.choice(["b", "b1", "Ä", "x", "b19"]))
    ops = ["="] if OUTPUT and column == "b" else ["=", "=", "<", "<=", ">", ">="]
    if kind == 3:
        return "%s %s %s" % (constant(column), rng.choice(ops), name)
    return "%s %s %s" % (name, rng.choice(ops), constant(column))


def conditions(relation):
    others = ["{r}a > 1", "{r}b IS NOT NULL", "{r}id % 3 = 1", "({r}a = 1 OR {r}id < 30)", "NOT {r}id = 4",
              "{r}id BETWEEN 2 AND 60", "({r}b = 'x' OR {r}c < 4.5)", "({r}a IS NULL)"]
    found = [condition(relation) for _ in range(rng.choice([1, 1, 2, 3]))]
    found += [o.replace("{r}", relation) for o in rng.sample(others, rng.choice([0, 0, 1, 2]))]
    found = ["(%s)" % f if rng.random() < 0.2 else f for f in found]
    rng.shuffle(found)
    joined = " AND ".join(found)
    return "(%s)" % joined if rng.random() < 0.1 else joined


def make_filtered():
    """Queries of which an index may find the rows."""
    a, b = rng.choice(TABLES), rng.choice(TABLES)
    kind = rng.randrange(8)
    if kind < 3:
        r = rng.choice(["", "x."])
        return "SELECT %s FROM {p}%s x WHERE %s" % (
            rng.choice(["*", "id, a", "count(*), sum(id), min(b), max(c)"]), a, conditions(r))
    if kind == 3:
        return "SELECT x.id, y.a FROM {p}%s x %sJOIN {p}%s y ON x.id = y.id WHERE %s" % (
            a, rng.choice(["", "LEFT ", "INNER "]), b, conditions(rng.choice(["x.", "y."])))
    if kind == 4:
        return "SELECT x.id, y.b FROM {p}%s x, {p}%s y WHERE x.a = y.a AND %s AND %s" % (
            a, b, conditions("x."), condition("y."))
    if kind == 5:
        return "SELECT x.id FROM {p}%s x WHERE %s AND x.id %sIN (SELECT y.id FROM {p}%s y WHERE %s)" % (
            a, conditions("x."), rng.choice(["", "NOT "]), b, conditions("y."))
    if kind == 6:
        return "WITH q AS (SELECT id, a FROM {p}%s WHERE %s) SELECT q.id, y.c FROM q LEFT JOIN {p}%s y ON y.id = q.id" % (
            a, conditions(""), b)
    return "SELECT id FROM {p}%s WHERE %s UNION ALL SELECT id FROM {p}%s WHERE %s" % (
        a, conditions(""), b, conditions(""))


def make_query():
    """A query that means the same in both dialects; {p} stands for the prefix of tables."""
    if rng.random() < 0.6:
        return make_filtered()
    a, b = rng.choice(TABLES), rng.choice(TABLES)
    c = rng.choice("abc")
    where = rng.choice(["", " WHERE x.a > 1", " WHERE x.b IS NOT NULL", " WHERE x.id %% 3 = 1", " WHERE x.c < 10.0"])
    kind = rng.randrange(7)
    if kind == 0:
        return "SELECT count(*), sum(x.a), min(x.b), max(x.c) FROM {p}%s x%s" % (a, where.replace("%%", "%"))
    if kind == 1:
        return "SELECT x.id, x.%s FROM {p}%s x%s" % (c, a, where.replace("%%", "%"))
    if kind == 2:
        return "SELECT * FROM {p}%s x%s" % (a, where.replace("%%", "%"))
    if kind == 3:
        return "SELECT x.%s, count(*) FROM {p}%s x GROUP BY x.%s" % (c, a, c)
    if kind == 4:
        return "SELECT x.id, y.%s FROM {p}%s x JOIN {p}%s y ON x.id = y.id" % (c, a, b)
    if kind == 5:
        return "SELECT count(x.m), count(*) FROM {p}%s x" % a
    return "SELECT x.id FROM {p}%s x WHERE NOT EXISTS (SELECT 1 FROM {p}%s y WHERE y.id = x.id AND y.a = 1)" % (a, b)


def normal(rows):
    def one(v):
        return ("n", float(v)) if isinstance(v, (int, float)) else (type(v).__name__, v)
    return sorted([tuple(one(v) for v in r) for r in rows], key=repr)


def query_again(db):
    """Within a transaction that writes no copy is used again: what an index finds is sent each time."""
    if db.in_transaction:
        return 0
    db.execute("BEGIN")
    db.execute(write_sql(True))
    for _ in range(5):
        query(db, "SELECT id, a, b, c FROM {p}%s x WHERE %s" % (rng.choice(["t", "t", "u", "temp.p"]), conditions("x.")))
    db.execute(rng.choice(["COMMIT", "ROLLBACK"]))
    return 5


def query(db, sql=None):
    sql = sql or make_query()
    local = sql.replace("{p}", "")
    width = len(db.execute(local).description)
    want = normal(db.execute(local).fetchall())
    columns = ", ".join("c%d" % i for i in range(1, width + 1))
    got = normal(db.execute("SELECT %s FROM rockset_query(?)" % columns, (sql.replace("{p}", "sqlite."),)).fetchall())
    if got != want:
        raise Failed("%s\n#   only SQLite %r\n#   only here   %r" % (
            sql, [r for r in want if r not in got][:20], [r for r in got if r not in want][:20]))


def main():
    db, second = connect(), sqlite3.connect("x.db", isolation_level=None, timeout=30)
    make(db)
    process = subprocess.Popen([sys.executable, "-c", WRITER, os.path.abspath("x.db")], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)

    def by_process(sql):
        process.stdin.write(sql + "\n")
        process.stdin.flush()
        process.stdout.readline()

    def by_connection(sql):
        second.execute(sql)

    asked = 0
    try:
        for _ in range(40):
            db.execute("INSERT INTO t VALUES " + row("(SELECT coalesce(max(id), 0) + 1 FROM t)"))
        for table in ("t",) if OUTPUT else ("t", "u", "temp.p"):  # large enough for few rows of it to be sent alone
            db.execute("WITH RECURSIVE s(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM s WHERE i < 3000) INSERT INTO " + table +
                       " SELECT i, i %% 1000 - %d, 'b' || i, i %% 400 / 4.0, NULL FROM s" % rng.randrange(10))
        while asked < QUERIES:
            for _ in range(rng.choice([0, 1, 1, 2])):
                change(db, [by_process, by_connection])
            for _ in range(rng.randrange(1, 4)):
                query(db)
                asked += 1
            if rng.random() < 0.3:
                asked += query_again(db)
        sent, few = db.execute("SELECT count(*), sum(rows < 200 AND sql LIKE '%.main.t') FROM rockset_log "
                               "WHERE sql LIKE 'ingest into sqlite%'").fetchone()
        print("# %d queries, of the last %d sendings %d of few rows, journal %s" % (asked, sent, few, WAL["journal"]))
        print("ok 1 - %d random queries over tables that change (SEED=%d)" % (asked, SEED))
    except Failed as e:
        print("# after %d queries: %s" % (asked, e))
        print("not ok 1 - an answer differs (SEED=%d)" % SEED)
    finally:
        process.stdin.close()
        process.wait(30)
    print("1..1")


main()
