"""make install: below a PREFIX, with an EXTDIR, as a package; a program linked with the installed archive.

tests/run gives ROCKSET_EXT (the extension's path); the build folder is where it lies.
"""
import glob
import os
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
# What no program has to fear from an archive: its names
PROGRAM = r"""
#include <rockset_ext.h>
#include <stdio.h>
int eval = 1, exec = 2, len = 3, str = 4, lex = 5;
int main(void)
{
  sqlite3 *db;
  sqlite3_stmt *st;
  char *why = 0;
  if (sqlite3_open(":memory:", &db) || sqlite3_rocksetext_init(db, &why, 0)) return 1;
  if (sqlite3_prepare_v2(db, "SELECT c1 FROM rockset_query('select 41 + 1')", -1, &st, 0)) return 2;
  if (sqlite3_step(st) != SQLITE_ROW) return puts(sqlite3_errmsg(db)), 3;
  printf("%s\n", (const char *)sqlite3_column_text(st, 0));
  return 0;
}
"""


def run(*argv, **env):
    env = dict({k: v for k, v in os.environ.items() if k not in ("DUCKDB_LIBRARY", "PREFIX", "EXTDIR", "DESTDIR")}, **env)
    p = subprocess.run(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return p.returncode, p.stdout


def install(build, action="install", **env):
    return run("sh", os.path.join(ROOT, ".ci", "install.sh"), action, build, VERSION="0", **env)


def files(folder):
    return sorted(os.path.relpath(os.path.join(at, f), folder) for at, _, names in os.walk(folder) for f in names)


def check_prefix(build, folder):
    """All of it lies below PREFIX, the message says how to load it, and the archive finds DuckDB."""
    prefix = os.path.join(folder, "a prefix")
    rc, said = install(build, PREFIX=prefix)
    assert rc == 0, said
    assert "  .load %s/lib/rockset_ext\n" % prefix in said, said
    assert files(prefix) == [
        "bin/.debug/rocksetd.debug", "bin/rocksetd", "include/rockset_ext.h", "lib/.debug/rockset_ext.so.debug",
        "lib/librockset_ext.a", "lib/pkgconfig/rockset_ext.pc", "lib/rockset_ext.so", "lib/rockset_ext/LICENSE.duckdb",
        "lib/rockset_ext/libduckdb.so"], files(prefix)
    sizes = [os.path.getsize(f) for f in (os.path.join(build, "rockset_ext.so"), prefix + "/lib/rockset_ext.so")]
    assert sizes[1] < sizes[0] / 2, "not stripped: %r" % sizes
    for argv in (["sqlite3", ":memory:", ".load '%s/lib/rockset_ext'" % prefix, "SELECT c1 FROM rockset_query('select 42')"],
                 [prefix + "/bin/rocksetd", "--version"]):
        rc, said = run(*argv, HOME=folder)
        assert rc == 0 and ("42" in said or "rocksetd" in said), (argv, said)
    return prefix


def check_archive(prefix, folder):
    source, program = os.path.join(folder, "program.c"), os.path.join(folder, "program")
    with open(source, "w", encoding="utf-8") as f:
        f.write(PROGRAM)
    rc, flags = run("pkg-config", "--cflags", "--libs", "rockset_ext", PKG_CONFIG_PATH=prefix + "/lib/pkgconfig")
    assert rc == 0, flags
    compiler = os.environ.get("CC") or "cc"
    rc, said = run(*shlex.split(compiler), "-o", program, source, *shlex.split(flags))
    assert rc == 0, said
    rc, said = run(program, HOME=folder)
    assert (rc, said) == (0, "42\n"), said
    rc, names = run("nm", "-g", "--defined-only", prefix + "/lib/librockset_ext.a")
    names = [line.split()[-1] for line in names.splitlines() if len(line.split()) == 3]
    assert names == ["sqlite3_rocksetext_init"], names[:20]


def main():
    build = os.path.dirname(os.path.abspath(os.environ["ROCKSET_EXT"]))
    with tempfile.TemporaryDirectory() as folder:
        prefix = check_prefix(build, folder)
        check_archive(prefix, folder)
        rc, said = install(build, "uninstall", PREFIX=prefix)
        assert rc == 0 and files(prefix) == [], (said, files(prefix))
        # the same folder by another name
        rc, said = install(build, PREFIX=prefix, EXTDIR=prefix + "/lib")
        assert rc == 0 and not os.path.islink(prefix + "/lib/rockset_ext/libduckdb.so"), said
        # apart: the server and the archive find DuckDB by a link
        other = os.path.join(folder, "ext")
        rc, said = install(build, PREFIX=os.path.join(folder, "second"), EXTDIR=other)
        assert rc == 0 and "  .load %s/rockset_ext\n" % other in said, said
        assert os.path.realpath(folder + "/second/lib/rockset_ext/libduckdb.so") == os.path.realpath(other + "/rockset_ext/libduckdb.so")
        # a package: without PREFIX the extension goes where SQLite finds it by its bare name
        rc, said = install(build, DESTDIR=os.path.join(folder, "package"))
        assert rc == 0, said
        found = glob.glob(folder + "/package/usr/lib*/**/rockset_ext.so", recursive=True)
        assert len(found) == 1 and os.path.exists(folder + "/package/usr/local/bin/rocksetd"), files(folder + "/package")


if __name__ == "__main__":
    sys.exit(main())
