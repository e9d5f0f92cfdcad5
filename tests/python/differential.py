"""A short run of the differential test (tests/differential/run): new queries each time, the seed is printed.

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import os
import subprocess
import sys

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential", "run")


def main():
    build = os.path.dirname(os.environ["ROCKSET_EXT"])
    server = os.path.exists(os.path.join(build, "rocksetd"))
    environment = {"QUERIES": "1600" if server else "1200", "TARGETS": "duckdb rocksetd" if server else "duckdb",
                   "SQLITES": "system"}
    return subprocess.run([sys.executable, RUN, build], env={**os.environ, **environment}).returncode


sys.exit(main())
