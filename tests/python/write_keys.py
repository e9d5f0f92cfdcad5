"""Random UPDATEs and DELETEs through virtual tables whose key repeats, against SQLite's own tables of the same rows: what
succeeds has touched exactly the rows that SQLite touches, and what fails has changed nothing. The keys were unique when
the table was created and repeat since (an explicit key, _id of a collection), or are a model's result's; two connections
delete rows from under each other.

    write_keys.py [STEPS [SEED]]     the seed is printed

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import os
import random
import sqlite3
import sys

ROWS = 12


def connect(path):
    db = sqlite3.connect(path, isolation_level=None, cached_statements=0)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    return db


class Keys:
    def __init__(self, rng, folder):
        self.rng = rng
        self.db = connect(os.path.join(folder, "a.db"))
        self.done = {"same": 0, "refused": 0}

    def rows(self):
        """Unique keys, and some of them twice: (_id, n, s)."""
        rows = [(f"k{i}", i, self.rng.choice("abc")) for i in range(ROWS)]
        twice = self.rng.sample(rows, self.rng.randrange(1, 4))
        return rows, [(k, n + 100, self.rng.choice("abc")) for k, n, _ in twice]

    def fill(self, kind, number):
        db, rows, twice = self.db, *self.rows()
        name, local = f"commons.t{number}", f"t{number}"
        db.execute("DROP TABLE IF EXISTS temp.source")
        db.execute("CREATE TEMP TABLE source(_id, n, s)")
        db.executemany("INSERT INTO source VALUES(?, ?, ?)", rows)
        db.execute("SELECT rockset_push('source', ?)", (name,)).fetchone()
        key = ", key='_id'" if kind == "explicit" else ""
        if kind == "joined":  # as a join gives them
            values = ", ".join(f"('{k}', {n}, '{s}')" for k, n, s in rows + twice)
            db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES(?, 'table', ?)",
                       (f"t{number}", f"select v._id, now()::timestamp as _event_time, v.n, v.s from (values {values}) as v(_id, n, s)"))
            db.execute("DROP TABLE IF EXISTS temp.source")
            db.execute("SELECT rockset_materialize(?)", (f"t{number}",)).fetchone()
        db.execute(f"CREATE VIRTUAL TABLE {local} USING rockset('{name}'{key})")
        if kind != "joined":
            values = ", ".join(f"('{k}', now()::timestamp, {n}, '{s}')" for k, n, s in twice)
            db.execute(f"SELECT rockset_exec('insert into {name} values {values.replace(chr(39), chr(39) * 2)}')").fetchone()
        db.execute("DROP TABLE IF EXISTS temp.twin")
        db.execute("CREATE TEMP TABLE twin(_id, n, s)")
        db.executemany("INSERT INTO twin VALUES(?, ?, ?)", rows + twice)
        return local

    def statement(self):
        r = self.rng
        where = r.choice([f"n = {r.randrange(ROWS)}", f"n > {r.randrange(100)}", f"s = '{r.choice('abc')}'",
                          f"_id = 'k{r.randrange(ROWS)}'", "1", f"n IN ({r.randrange(ROWS)}, {100 + r.randrange(ROWS)})"])
        change = r.choice(["n = n + 1000", f"s = '{r.choice('xyz')}'", "n = -n, s = s || 'u'"])
        return r.choice([f"DELETE FROM {{}} WHERE {where}", f"UPDATE {{}} SET {change} WHERE {where}"])

    def content(self, table):
        return sorted(self.db.execute(f"SELECT _id, n, s FROM {table}").fetchall())

    def step(self, table):
        db, rng = self.db, self.rng
        before = self.content(table)
        assert before == self.content("temp.twin")
        todo = [self.statement() for _ in range(rng.randrange(1, 4))]
        db.execute("BEGIN")
        try:
            for sql in todo:
                db.execute(sql.format(table))
            db.execute("COMMIT")
        except sqlite3.Error as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            assert "identifies no row" in str(error) or "without a key" in str(error), (todo, error)
            assert self.content(table) == before, ("changed by what failed", todo)
            self.done["refused"] += 1
            return
        for sql in todo:
            db.execute(sql.format("temp.twin"))
        assert self.content(table) == self.content("temp.twin"), ("other rows than SQLite's", todo)
        self.done["same"] += 1

    def gone(self, folder):
        """A row that another connection deletes meanwhile."""
        self.fill("explicit", 0)
        other = connect(os.path.join(folder, "a.db"))
        for sql in ("UPDATE t0 SET s = 'mine' WHERE n = 3", "DELETE FROM t0 WHERE n = 3"):
            name = "k3" if sql.startswith("U") else "k4"
            sql = sql.replace("n = 3", f"n = {name[1:]}")
            self.db.execute("SELECT rockset_exec('delete from commons.t0 where n >= 100')").fetchone()
            before = self.content("t0")
            self.db.execute("BEGIN")
            self.db.execute(sql)
            other.execute(f"SELECT rockset_exec('delete from commons.t0 where _id = ''{name}''')").fetchone()
            try:
                self.db.execute("COMMIT")
                raise AssertionError(f"a row that is gone was written: {sql}")
            except sqlite3.Error as error:
                assert "is gone" in str(error), error
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            assert self.content("t0") == [row for row in before if row[0] != name]
        other.close()


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 240
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30)
    print("seed", seed)
    folder = os.getcwd()
    keys = Keys(random.Random(seed), folder)
    keys.db.execute("SELECT rockset_init()").fetchone()
    keys.gone(folder)
    for number in range(1, steps // 20 + 1):
        table = keys.fill(("explicit", "collection", "joined")[number % 3], number)
        for _ in range(20):
            keys.step(table)
    print(keys.done)
    assert keys.done["same"] > 0 and keys.done["refused"] > 0


main()
