"""What the tests of the pages share: where they are, the sqlite3 shell, TAP."""
import glob
import os
import re
import socket
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


def plain(output):
    """Without what versions of SQLite differ in: what stands around an error's text, whether a key is asked for."""
    output = re.sub(r"^(?:\w+ )?[Ee]rror(?: near line \d+)?: (?:stepping, )?(.*?)(?: \(\d+\))?$", r"Error: \1", output,
                    flags=re.M)
    return output.replace('INDEX 0:SELECT "_id", ', "INDEX 0:SELECT ")


def differs(shown, got):
    pattern = re.escape(plain(shown.strip())).replace(r"\.\.\.", ".*")
    return "" if re.fullmatch(pattern, plain(got.strip()), re.S) else "shown:\n%s\ngot:\n%s" % (shown.strip(), got)


def blocks(text):
    """[language, body, the output that is shown behind it or None]"""
    found, end = [], -1
    for b in FENCE.finditer(text):
        if not b[1] and b.start() == end and found[-1][0] in ("sql", "python", "js", "c"):
            found[-1][2] = b[2]
        else:
            found.append([b[1], b[2], None])
        end = b.end()
    return found


def run_console(name, body, programs=os.curdir, port=None):
    """Its commands in one shell, on a free port; one that ends in & is waited for until it listens."""
    port = port or free_port()
    script, shown = "set -e\n", ""
    for line in re.sub(r" +# .*", "", body).replace("8080", port).splitlines():
        if not line.startswith(("$ ", "    ")):
            shown += line + "\n"
        elif line.endswith("&"):
            script += "%s --listen 127.0.0.1:%s >out 2>&1 &\npid=$!; trap 'kill $pid; wait' EXIT\n" % (line[2:-1], port)
            script += "until grep listening out; do kill -0 $pid; sleep 0.1; done\n"
        else:
            script += line[2:] + "\n"
    done = subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
                          env=dict(os.environ, PATH=os.path.abspath(programs) + ":" + os.environ["PATH"]))
    bad = differs(shown, done.stdout)
    report(name + ": console", bad and bad + "\n" + done.stderr)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])
