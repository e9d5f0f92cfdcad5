"""rockset_follow and sqlite.<table> with a Trino cluster as the target (tests/python/follow.py, local_tables.py)."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import changing  # noqa: E402


def run(build, c):
    output = {"type": "trino", "host": "127.0.0.1", "port": c.port, "user": "test", "database": "iceberg",
              "schema": "commons"}
    failed = changing.follow(build, output, 3) | changing.local(build, output, 20)
    left = [row for row in c.query("SHOW SCHEMAS FROM iceberg") if str(row[0]).startswith("sqlite")]
    print("%sok - trino: no workspace of a copy is left" % ("not " if left else ""))
    print("%d passed, %d failed" % (not left, bool(left)), flush=True)
    return failed | bool(left)
