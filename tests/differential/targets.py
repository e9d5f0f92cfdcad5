"""Where the virtual tables of the differential test lie: DuckDB in the process, or rocksetd, started for it."""
import contextlib
import importlib.util
import json
import os
import signal
import sqlite3
import subprocess
import sys

KEY = "differential-admin-key-0123456789"


class Newest:
    """sqlite3's interface, as much of it as the test uses, over apsw, whose wheel brings an SQLite of its own."""

    def __init__(self):
        import apsw
        self.failed = apsw.Error, UnicodeDecodeError
        self.db = apsw.Connection(":memory:", statementcachesize=0)
        self.db.enable_load_extension(True)
        self.load_extension = self.db.load_extension
        self.close = self.db.close
        self.version = tuple(map(int, apsw.sqlite_lib_version().split(".")))

    def execute(self, sql, params=()):
        try:
            rows = self.db.execute(sql, params).fetchall()
        except self.failed as e:
            raise sqlite3.Error(str(e)) from None
        return type("Rows", (), {"fetchall": lambda _: rows, "__iter__": lambda _: iter(rows)})()

    def executemany(self, sql, rows):
        self.db.executemany(sql, rows)


def has_newest():
    return importlib.util.find_spec("apsw") is not None


def connect(newest=False):
    if newest:
        db = Newest()
        db.load_extension(os.environ["ROCKSET_EXT"])
        return db
    db = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    # text that is no UTF-8 stays what it is, and text and blobs stay apart
    db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
    return db


def choose(db, output):
    profile = {"p": {"target": "d", "outputs": {"d": output}}}
    db.execute("SELECT rockset_profile('d', 'p', ?)", (json.dumps(profile),)).fetchall()


def fill(db, data):
    for sql in data.engine_sql():
        db.execute("SELECT rockset_exec(?)", (sql,)).fetchall()


@contextlib.contextmanager
def duckdb(folder, data, newest):
    db = connect(newest)
    choose(db, {"type": "duckdb", "path": os.path.join(folder, "d.duckdb"), "threads": 1})
    fill(db, data)
    yield db
    db.close()


@contextlib.contextmanager
def rocksetd(folder, data, newest):
    path = os.path.join(folder, "r.duckdb")
    # a process of its own: at its end nobody holds the file
    subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__), "targets.py"), path], check=True,
                   input=json.dumps(list(data.engine_sql())), text=True)
    log = open(os.path.join(folder, "rocksetd.log"), "w+", encoding="utf-8")
    server = subprocess.Popen(
        [os.path.join(os.path.dirname(os.environ["ROCKSET_EXT"]), "rocksetd"), "--database", path, "--listen",
         "127.0.0.1:0", "--quiet"], env=dict(os.environ, ROCKSETD_ADMIN_KEY=KEY), stdout=subprocess.PIPE,
        stderr=log, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        db = connect(newest)
        choose(db, {"type": "rockset", "api_key": KEY, "api_server": url})
        yield db
        db.close()
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.seek(0)
        if server.returncode != 0:
            print(f"# rocksetd ended with status {server.returncode}: {log.read()}")


ALL = {"duckdb": duckdb, "rocksetd": rocksetd}
def version(db):
    return getattr(db, "version", sqlite3.sqlite_version_info)


LOSSY = {"rocksetd"}  # JSON has no infinities
SLOW = {"rocksetd"}  # a request takes milliseconds: fewer queries that send many


def main():
    db = connect()
    choose(db, {"type": "duckdb", "path": sys.argv[1]})
    for sql in json.load(sys.stdin):
        db.execute("SELECT rockset_exec(?)", (sql,)).fetchall()
    db.close()


if __name__ == "__main__":
    main()
