"""Starts a rocksetd and runs js_client.js, which reports in TAP, against it."""
import os
import subprocess
import sys

from harness import ADMIN, Server

with Server(env={"ROCKSETD_INTEGRATIONS_KEY": "0f" * 32}) as s:
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "js_client.js")
    status = subprocess.run(["node", script, s.url, ADMIN], timeout=240).returncode
sys.exit(status)
