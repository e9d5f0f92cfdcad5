"""Runs docs/moving-to-trino.md: its profile with this cluster's port, its SQL in one shell, its outputs compared."""
import os
import re
import shutil
import subprocess
import tempfile

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "moving-to-trino.md")
MARK = "== end of a block"


def run(build, c):
    c.empty()
    text = open(PAGE, encoding="utf-8").read()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M)
    profile = [body for kind, body in blocks if kind == "yaml"][0].replace("8080", str(c.port))
    sql = [body for kind, body in blocks if kind == "sql"]
    wanted = [body for kind, body in blocks if kind == ""]
    folder = tempfile.mkdtemp(prefix="rockset-moving-")
    failed = 0
    try:
        with open(os.path.join(folder, "profiles.yml"), "w", encoding="utf-8") as f:
            f.write(profile)
        data = os.path.join(build, "deps", "vega-datasets", "data", "movies.json")
        shutil.copy(data, folder)
        os.symlink(os.path.join(build, "rockset_ext.so"), os.path.join(folder, "rockset_ext.so"))
        script = "".join("%s.print %s\n" % (body, MARK) for body in sql)
        env = dict(os.environ, DBT_PROFILES_DIR=folder, HOME=folder, LC_ALL="C", TZ="UTC",
                   DUCKDB_LIBRARY=os.environ.get("DUCKDB_LIBRARY", os.path.join(build, "deps", "duckdb", "libduckdb.so")))
        got = subprocess.run(["sqlite3", "-batch", "moving.db"], input=script, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, cwd=folder, env=env, timeout=300).stdout
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    parts = got.split(MARK + "\n")
    if len(sql) != len(wanted):
        print("not ok - trino: moving-to-trino.md: %d blocks of SQL, %d of output" % (len(sql), len(wanted)))
        failed += 1
    for i, body in enumerate(wanted):
        good = i < len(parts) and parts[i] == body
        failed += not good
        print("%sok - trino: moving-to-trino.md, block %d" % ("" if good else "not ", i + 1))
        if not good:
            print("# got:\n# " + (parts[i] if i < len(parts) else "nothing").replace("\n", "\n# "))
    print("%d passed, %d failed" % (len(wanted) - failed, failed))
    return failed > 0
