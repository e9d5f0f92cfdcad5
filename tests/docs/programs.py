"""The Python, JavaScript and C of the pages prints what they show.

    programs.py LANGUAGE...    python, js, c

python   A page's blocks are one program; what a page takes as given stands in GIVEN. Then its `$ command`s run in its folder.
js       Each block is a module of its own; all of a page in one folder.
c        Each block is a program, linked with the archive as pkg-config says; one that includes rockset_ext.h has the library in it.

The unnamed block right behind is what a block prints, `...` any text; a block without one prints nothing. tests/docs/run
gives ROCKSET_EXT, ROCKSETD, BUILD, LIBDUCKDB, DATA, and PACKAGES, where Python's and Node's packages are.
"""
import glob
import json
import os
import shlex
import shutil
import subprocess
import sys
from pages import ROOT, blocks, differs, failures, folder, free_port, read, report, run_console

EXT, PACKAGES = os.environ["ROCKSET_EXT"], os.environ["PACKAGES"]
MARK = "== end of a block"
# Django's users have a project, which says this
GIVEN = {"docs/python.md": """import django, django.conf
django.conf.settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "app.db"}})
django.setup()
"""}


def run(command, **env):
    """(what it prints, what is wrong with its end)"""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120,
                          env=dict(os.environ, **env))
    return done.stdout, done.stderr if done.returncode else ""


def code(page, language):
    """[(its number, body, output)]"""
    these = [b[1:] for b in blocks(read(page)) if b[0] == language]
    if not these:
        raise SystemExit("%s has no block of %s" % (page, language))
    return [(n, body, output or "") for n, (body, output) in enumerate(these, 1)]


def put_python():
    """The package rockset_ext, as its wheel lays it out; a file of this name in the current folder would go first."""
    os.remove("rockset_ext.so")
    shutil.copytree(os.path.join(ROOT, ".ci/packages/python/rockset_ext"), "lib/rockset_ext")
    os.symlink(EXT, "lib/rockset_ext/rockset_ext.so")
    os.environ["PYTHONPATH"] = os.path.abspath("lib")


def run_python(page):
    folder(page.replace("/", "-") + "-python")
    put_python()
    these = code(page, "python")
    with open("program.py", "w", encoding="utf-8") as f:
        f.write(GIVEN.get(page, "") + "".join("%s\nprint('%s', flush=True)\n" % (body, MARK) for _, body, _ in these))
    got, wrong = run([PACKAGES + "/python/bin/python", "program.py"])
    parts = got.split(MARK + "\n")
    for n, body, shown in these:
        if n >= len(parts):
            report("%s: python block %d" % (page, n), "it, or one before it, fails:\n" + wrong)
        else:
            report("%s: python block %d" % (page, n), differs(shown, parts[n - 1]))
    commands = "".join(b[1] for b in blocks(read(page)) if b[0] == "console")
    if commands:
        run_console(page, commands, PACKAGES + "/python/bin")


def run_readme():
    """The client of Rockset's on the server that the block above it starts."""
    folder("README")
    os.environ["DUCKDB_LIBRARY"] = os.environ["LIBDUCKDB"]
    os.mkdir("bin")
    os.symlink(os.environ["ROCKSETD"], "bin/rocksetd")
    port = free_port()
    (_, body, shown), = code("README.md", "python")
    with open("client.py", "w", encoding="utf-8") as f:
        f.write(body.replace("8080", port))
    server, = [b[1] for b in blocks(read("README.md")) if b[0] == "console" and "--load " in b[1]]
    command = "$ %s/python/bin/python client.py\n" % PACKAGES
    run_console("README.md", server + command + "...listening...\n" + shown, "bin", port)
    del os.environ["DUCKDB_LIBRARY"]


def put_node():
    """The packages of rockset-ext, as npm lays them out, beside those that were fetched."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}[os.uname().machine]
    os.mkdir("node_modules")
    for path in glob.glob(PACKAGES + "/node/node_modules/*"):
        os.symlink(path, "node_modules/" + os.path.basename(path))
    shutil.copytree(os.path.join(ROOT, ".ci/packages/npm"), "node_modules/rockset-ext")
    own = "node_modules/rockset-ext-linux-" + machine
    os.mkdir(own)
    # a file of its own: it looks for DuckDB's package from where it lies
    shutil.copy(EXT, own + "/rockset_ext.so")
    exports = {".": {"import": "./index.mjs", "require": "./index.js"}}
    for at, more in (("node_modules/rockset-ext", {"main": "index.js", "exports": exports}), (own, {})):
        with open(at + "/package.json", "w", encoding="utf-8") as f:
            json.dump({"name": os.path.basename(at), "version": "0.0.0", **more}, f)
    return "node_modules/node-linux-%s/bin/node" % machine


def run_js(page):
    folder(page.replace("/", "-") + "-js")
    node = put_node()
    for n, body, shown in code(page, "js"):
        with open("block%d.mjs" % n, "w", encoding="utf-8") as f:
            f.write(body)
        got, wrong = run([node, "--no-warnings", f.name])
        report("%s: js block %d" % (page, n), wrong or differs(shown, got))


def run_c(page):
    folder(page.replace("/", "-") + "-c")
    libraries = subprocess.run(["pkg-config", "--cflags", "--libs", "sqlite3", "libcjson", "yaml-0.1", "zlib"],
                               stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    for n, body, shown in code(page, "c"):
        os.makedirs("block%d" % n)
        os.chdir("block%d" % n)
        with open("block.c", "w", encoding="utf-8") as f:
            f.write(body)
        archive = [os.environ["BUILD"] + "/librockset_ext.a"] if "rockset_ext.h" in body else []
        compiler = shlex.split(os.environ.get("CC") or "cc")
        _, wrong = run([*compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I" + ROOT + "/ext", f.name, *archive,
                        *libraries, "-lpthread", "-ldl", "-lm"])
        got = ""
        if not wrong:
            # as if it were installed: by its bare name
            got, wrong = run(["./a.out"], LD_LIBRARY_PATH=os.path.dirname(EXT), DUCKDB_LIBRARY=os.environ["LIBDUCKDB"])
        report("%s: c block %d" % (page, n), wrong or differs(shown, got))
        os.chdir("..")


if "python" in sys.argv[1:]:
    run_python("docs/python.md")
    run_python("docs/adbc.md")
    run_readme()
if "js" in sys.argv[1:]:
    run_js("docs/node.md")
if "c" in sys.argv[1:]:
    run_c("docs/c.md")
sys.exit(bool(failures))
