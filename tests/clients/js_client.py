"""Starts a rocksetd for each of js_client.js and js_suite.js, which report in TAP, and runs them."""
import os
import subprocess
import sys

from harness import ADMIN, Server

HERE = os.path.dirname(os.path.abspath(__file__))
status = 0
for script, more in (("js_client.js", []), ("js_suite.js", [os.path.join(HERE, "left_out.txt")])):
    with Server(env={"ROCKSETD_INTEGRATIONS_KEY": "0f" * 32}) as s:
        status |= subprocess.run(["node", os.path.join(HERE, script), s.url, ADMIN, *more],
                                 timeout=140).returncode
sys.exit(status)
