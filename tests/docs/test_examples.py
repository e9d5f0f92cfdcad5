"""What README.md and docs/*.md show happens.

    test_examples.py [PAGE...]    README.md, docs/models.md ...; by default all

A fence's language says what becomes of it:

sql      A page's blocks run one after the other in the sqlite3 shell, in a new database, after tests/docs/PAGE.sql,
         which makes what the page takes as given. The unnamed block right behind is what a block prints; so is a
         comment `--> ...` behind or below a statement. `...` in them stands for any text. A statement that shows
         nothing must not fail.
console  `$ command`, and what it prints; those of rocksetd.md run.
yaml     Each output in it is a valid profile.
others   json is JSON, sh and python have no syntax error. `text` and `c` are not looked at. What python, js and c do is
         tried by programs.py.

tests/run gives ROCKSET_EXT, ROCKSETD, DATA, and DUCKDB_LIBRARY; the current folder is empty.
"""
import ast
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pages import HERE, blocks, differs, failures, folder, pages, read, report, run_console, shell

MARK = "== end of a statement"
TRINO = {"docs/moving-to-trino.md": 1}  # blocks of sql behind this one want a cluster: make test-trino runs them


def statements(sql):
    """(statement with its blanks, what a comment shows it to print or None)"""
    text = ""
    for line in sql.splitlines(True):
        text += line
        if line.startswith((".", "-->")) or sqlite3.complete_statement(text):
            yield text, "\n".join(re.findall(r"--> ?(.*)", text)) if "-->" in text else None
            text = ""
    if text.strip():
        yield text, None


def run_sql(page, these):
    """One shell for all blocks; a mark behind each statement tells whose output is whose."""
    parts = []  # [sql, what it prints or None, name]
    setup = os.path.join(HERE, os.path.basename(page)[:-3] + ".sql")
    if os.path.exists(setup):
        parts.append([read(setup), None, page + ": what it takes as given"])
    for n, (body, output) in enumerate(these, 1):
        if n > TRINO.get(page, n):
            report("%s: sql block %d is complete" % (page, n), "" if sqlite3.complete_statement(body) else body)
        elif output is not None:
            parts.append([body, output, "%s: sql block %d" % (page, n)])
        else:
            for sql, output in statements(body):
                if sql.startswith("-->"):  # another line of what the statement above prints
                    parts[-1][1] = output if parts[-1][1] is None else parts[-1][1] + "\n" + output
                else:
                    parts.append([sql, output, "%s: %s" % (page, " ".join(sql.split("-->")[0].split())[:70])])
    got = shell("".join("%s\n.print %s\n" % (p[0].rstrip(), MARK) for p in parts)).split(MARK + "\n")
    if len(got) != len(parts) + 1:
        report(page + ": the shell runs to its end", got[-1])
    for (_, shown, name), output in zip(parts, got):
        fails = output if re.search(r"^(\w+ )?[Ee]rror", output, re.M) else ""
        report(name, fails if shown is None else differs(shown, output))


def run_profile(page, body):
    """The output that each name stands for; variables of the environment have some value."""
    os.environ.update((name, "4") for name in re.findall(r"env_var\('(\w+)'", body))
    with open("block.yml", "w", encoding="utf-8") as f:
        f.write(body)
    for name in re.findall(r"^    (\w+):$", body, re.M):
        got = shell("SELECT rockset_profile('%s', NULL, 'block.yml');" % name)
        report("%s: output %s of the profile" % (page, name), "" if got.startswith("{") else got)


def check(page, language, body):
    if language == "json":
        return [json.loads(line) for line in body.splitlines()]
    if language == "sh":
        return subprocess.run(["sh", "-n"], input=body, text=True, check=True)
    if language == "python":
        return ast.parse("_ = {%s}" % body if body.startswith(" ") else body)  # or rows of a table
    if language not in ("sql", "yaml", "console", "text", "c", "js"):
        raise ValueError("a block of '%s': what sql prints stands right behind it, all else has a name" % language)


def run_demo():
    """The demo itself; what it has loaded other pages take as given."""
    folder("demo")
    shown = re.findall(r"^```text\n(.*?)```$", read("docs/demo.md"), re.S | re.M)[0]
    report("docs/demo.md: what make demo prints", differs(shown, shell(read("sql/demo.sql"))))


def main():
    run_demo()
    for page, text in pages().items():
        if sys.argv[1:] and page not in sys.argv[1:]:
            continue
        these = blocks(text)
        folder(os.path.basename(page))
        if page in TRINO:
            with open("profiles.yml", "w", encoding="utf-8") as f:
                f.write(next(body for language, body, _ in these if language == "yaml"))
        run_sql(page, [b[1:] for b in these if b[0] == "sql"])
        for language, body, _ in these:
            try:
                check(page, language, body)
            except (ValueError, SyntaxError, subprocess.SubprocessError) as e:
                report("%s: %s" % (page, body[:50]), str(e))
            if language == "yaml" and re.search(r"^  outputs:", body, re.M):
                run_profile(page, body)
            if language == "console" and page == "docs/rocksetd.md" and shutil.which("curl"):
                os.symlink(os.environ["ROCKSETD"], "rocksetd")
                run_console(page, body)


main()
sys.exit(bool(failures))
