"""The adapters that the conformance suite runs on: one row each in ALL.

A row is a context manager: start(build, folder) yields a folder with a profiles.yml that leads to
an empty target of the engine; what it started ends with it.
"""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
KEY = "conformance-admin-key-0123456789"


def profile(folder, output):
    os.makedirs(os.path.join(folder, "profiles"), exist_ok=True)
    path = os.path.join(folder, "profiles")
    with open(os.path.join(path, "profiles.yml"), "w", encoding="utf-8") as f:
        json.dump({"rockset_ext": {"target": "t", "outputs": {"t": output}}}, f)  # JSON is YAML
    return path


@contextlib.contextmanager
def duckdb(build, folder):
    yield profile(folder, {"type": "duckdb", "path": os.path.join(folder, "t.duckdb"),
                           "workspace": "commons"})


@contextlib.contextmanager
def rocksetd(build, folder):
    """type rockset over rocksetd over DuckDB"""
    log = os.path.join(folder, "rocksetd.log")
    with open(log, "w") as out:
        server = subprocess.Popen(
            [os.path.join(build, "rocksetd"), "--listen", "127.0.0.1:0", "--database",
             os.path.join(folder, "t.duckdb")], stdout=out, stderr=out,
            env=dict(os.environ, ROCKSETD_ADMIN_KEY=KEY))
    try:
        for _ in range(400):
            port = re.search(r"127\.0\.0\.1:(\d+)", open(log).read())
            if port or server.poll() is not None:
                break
            time.sleep(0.025)
        if not port:
            raise RuntimeError("rocksetd does not start: " + open(log).read())
        yield profile(folder, {"type": "rockset", "api_key": KEY, "workspace": "commons",
                               "api_server": "http://127.0.0.1:" + port[1]})
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextlib.contextmanager
def trino(build, folder):
    """type trino over the cluster that tests/trino/run has started, catalog iceberg"""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "trino"))
    import cluster
    c = cluster.Cluster(build)
    c.port = int(os.environ["ROCKSET_TRINO_PORT"])
    c.empty()
    yield profile(folder, {"type": "trino", "host": "127.0.0.1", "port": c.port, "user": "test",
                           "database": "iceberg", "schema": "commons"})


@contextlib.contextmanager
def postgres(build, folder):
    """type adbc over the server that tests/postgres/run has started, a database of its own"""
    import uuid
    name = "t" + uuid.uuid4().hex
    admin = ["psql", "-X", "-q", "-h", os.environ["ROCKSET_POSTGRES"], "-U", "rs", "postgres", "-c"]
    subprocess.run(admin + ["create database " + name], check=True)
    driver = os.path.join(build, "deps", "adbc-postgresql", "libadbc_driver_postgresql.so")
    try:
        yield profile(folder, {"type": "adbc", "driver": driver, "dialect": "postgres",
                               "username": "rs", "workspace": "commons",
                               "uri": "postgresql:///%s?host=%s" % (name, os.environ["ROCKSET_POSTGRES"])})
    finally:
        subprocess.run(admin + ["drop database %s with (force)" % name], check=True)


@contextlib.contextmanager
def sqlite(build, folder):
    """type sqlite: files of an empty folder, commons among them"""
    files = os.path.join(folder, "files")
    os.makedirs(files, exist_ok=True)
    yield profile(folder, {"type": "sqlite", "path": os.path.join(files, "main.db"), "workspace": "commons",
                           "schema_directory": files, "driver": sqlite_driver(build)})


def sqlite_driver(build):
    return os.path.join(build, "deps", "adbc-sqlite", "libadbc_driver_sqlite.so")


def fixed(output, read_only=False):
    """A target that is simply there. Read-only: its data are those of the suite's folder data."""
    @contextlib.contextmanager
    def start(build, folder):
        yield profile(folder, output)
    start.read_only = read_only
    return start


ALL = {
    "duckdb": duckdb,
    "rocksetd": rocksetd,
    "trino": trino,
    "postgres": postgres,
    "sqlite": sqlite,
}


def missing(adapter, build):
    """Why the adapter can't run here, None when it can."""
    if adapter == "rocksetd" and not os.path.exists(os.path.join(build, "rocksetd")):
        return "no rocksetd in the build"
    if adapter == "trino" and "ROCKSET_TRINO_PORT" not in os.environ:
        return "no cluster: make test-trino starts one"
    if adapter == "sqlite" and not os.path.exists(sqlite_driver(build)):
        return "no driver: make test-sqlite fetches it"
    if adapter == "postgres" and "ROCKSET_POSTGRES" not in os.environ:
        return "no server: make test-postgres starts one"
    return None
