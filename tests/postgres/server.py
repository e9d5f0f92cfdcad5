"""A PostgreSQL server of its own in a temporary folder, for tests.

    with Server(build) as p:
        p.output()              # what a profile needs to reach it
        p.query("select 1")     # what psql prints
        p.stop(), p.start()

What it started ends with it. It listens on a unix socket in its folder only. As root, which
PostgreSQL refuses, it runs as the user nobody.
"""
import glob
import os
import shutil
import subprocess
import tempfile

NOBODY = 65534


def programs():
    """The folder of initdb and pg_ctl, newest first, or None."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True)
    command = found[0] if found else shutil.which("initdb")
    return os.path.dirname(os.path.realpath(command)) if command else None


def driver(build):
    return os.path.join(os.path.abspath(build), "deps", "adbc-postgresql", "libadbc_driver_postgresql.so")


def why_not(build):
    """Why no server can be had here, None when it can."""
    if programs() is None:
        return "no PostgreSQL here: apt-get install postgresql"
    if not os.path.exists(driver(build)):
        return "no ADBC driver for it in the build folder (tests/postgres/fetch.sh fetches it)"
    return None


class Server:
    def __init__(self, build, locale="C.UTF-8"):
        self.driver, self.locale = driver(build), locale

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="rockset-postgres-")
        if os.getuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        try:
            self.run("initdb", "-D", self.data(), "-A", "trust", "-U", "rs", "-E", "UTF8", "-N",
                     "--locale", self.locale)
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def data(self):
        return os.path.join(self.folder, "data")

    def run(self, program, *args, check=True):
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        p = subprocess.run([os.path.join(programs(), program), *args], cwd=self.folder, check=False,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           timeout=60, text=True, env=dict(os.environ, LC_ALL="C.UTF-8"), **who)
        if check and p.returncode != 0:
            raise RuntimeError("%s: %s" % (program, p.stdout))
        return p.stdout

    def start(self):
        options = ("-k %s -c listen_addresses='' -c fsync=off -c full_page_writes=off "
                   "-c max_connections=60 -c synchronous_commit=off" % self.folder)
        # pg_ctl's children would keep our pipe open without a log of their own
        self.run("pg_ctl", "-D", self.data(), "-l", os.path.join(self.folder, "log"), "-o", options,
                 "-w", "-t", "40", "start")

    def stop(self):
        if os.path.exists(os.path.join(self.data(), "postmaster.pid")):
            self.run("pg_ctl", "-D", self.data(), "-m", "immediate", "-w", "-t", "20", "stop", check=False)

    def uri(self, database="postgres"):
        return "postgresql:///%s?host=%s" % (database, self.folder)

    def output(self, database="postgres", **fields):
        return {"type": "adbc", "driver": self.driver, "dialect": "postgres", "workspace": "commons",
                "username": "rs", "uri": self.uri(database), **fields}

    def query(self, sql, database="postgres"):
        return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                               "-U", "rs", database, "-c", sql], check=True, timeout=60, text=True,
                              stdout=subprocess.PIPE).stdout.strip()
