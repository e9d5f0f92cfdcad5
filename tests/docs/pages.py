"""What the tests of the pages share: where they are, the sqlite3 shell, TAP."""
import glob
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TOP = os.getcwd()
FENCE = re.compile(r"^```(\S*)\n(.*?)^```$\n*", re.S | re.M)
failures = []

os.environ.update(LC_ALL="C", TZ="UTC")
os.environ.pop("DBT_PROFILES_DIR", None)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def pages():
    """{path: text}"""
    paths = [os.path.relpath(p, ROOT) for p in glob.glob(ROOT + "/docs/*.md")]
    return {p: read(p) for p in ["README.md"] + sorted(paths)}


def report(name, bad):
    """One test; `bad` says what is wrong with it, empty when nothing is."""
    failures.extend([name] if bad else [])
    print("%s 1 - %s" % ("not ok" if bad else "ok", name))
    if bad:
        print("# " + bad.strip().replace("\n", "\n# "))


def folder(name):
    """A new current folder, and home, with what a reader has there: the extension and the demo's files."""
    os.makedirs(os.path.join(TOP, name, "build"))
    os.chdir(os.path.join(TOP, name))
    os.environ["HOME"] = os.getcwd()
    for link in ("rockset_ext.so", "build/rockset_ext.so"):
        os.symlink(os.environ["ROCKSET_EXT"], link)
    for link in ("movies.json", "flights-3m.parquet"):
        os.symlink(os.path.join(os.environ["DATA"], link), link)


def shell(script):
    """All that the sqlite3 shell prints, with the extension loaded, on the folder's database app.db."""
    return subprocess.run(["sqlite3", "-batch", "-cmd", ".load ./rockset_ext", "app.db"], input=script, timeout=100,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
