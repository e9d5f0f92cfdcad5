#!/usr/bin/env python3
"""Makes the picture of a session that README.md shows: runs it in the sqlite3 shell, draws what it prints.

    terminal.py BUILD OUT.svg

The session is the README's own blocks of SQL, in their order, on the demo's file.
"""
import html
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARK = "== end of a statement"
WIDTH, LINE, LEFT, TOP = 900, 19, 16, 44


def statements():
    """Each statement of the README's blocks, without the comments that show what it prints."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        blocks = re.findall(r"^```sql\n(.*?)^```$", f.read(), re.S | re.M)
    text = re.sub(r" *-->.*\n?", "\n", "".join(blocks))
    return [s.strip() + ";" for s in re.split(r";\n", text) if s.strip()]


def run(build, these):
    """What the shell prints for each statement."""
    build = os.path.abspath(build)
    script = "".join("%s\n.print %s\n" % (s, MARK) for s in these)
    env = dict(os.environ, DUCKDB_LIBRARY=os.path.join(build, "deps/duckdb/libduckdb.so"), LC_ALL="C", TZ="UTC")
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(build, "deps/vega-datasets/data/flights-3m.parquet")
        os.symlink(data, os.path.join(folder, "flights-3m.parquet"))
        done = subprocess.run(["sqlite3", "-batch", "-bail", "-cmd", ".load " + build + "/rockset_ext", "app.db"],
                              input=script, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, check=True)
    return [part.strip("\n") for part in done.stdout.split(MARK + "\n")[:-1]]


def draw(lines):
    """The lines, each (text, class), as an SVG in a window's frame. It names no font of another host."""
    height = TOP + LINE * len(lines) + 12
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" '
           'aria-label="A session in the sqlite3 shell">' % (WIDTH, height),
           "<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;white-space:pre;fill:#d5dae3}"
           ".p{fill:#7cc4ff}.o{fill:#a6e3a1}</style>",
           '<rect width="%d" height="%d" rx="8" fill="#1b1f2a"/>' % (WIDTH, height)]
    out += ['<circle cx="%d" cy="18" r="6" fill="%s"/>' % (20 + 20 * i, colour)
            for i, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))]
    for n, (text, kind) in enumerate(lines):
        out.append('<text x="%d" y="%d" class="%s" xml:space="preserve">%s</text>'
                   % (LEFT, TOP + LINE * (n + 1) - 5, kind, html.escape(text)))
    return "\n".join(out + ["</svg>", ""])


def main():
    build, out = sys.argv[1:]
    these, lines = statements(), []
    for statement, printed in zip(these, run(build, these), strict=True):
        for n, line in enumerate(statement.splitlines()):
            lines.append((("sqlite> " if n == 0 else "   ...> ") + line, "p"))
        lines += [(line, "o") for line in printed.splitlines()]
    with open(out, "w", encoding="utf-8") as f:
        f.write(draw(lines))


main()
