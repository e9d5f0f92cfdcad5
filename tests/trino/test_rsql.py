"""The cases of tests/rsql on the cluster that tests/trino/run has started."""
import json
import os
import subprocess
import tempfile

import test_faults


def run(build, c):
    with tempfile.TemporaryDirectory(prefix="rockset-trino-rsql-") as folder:
        with open(os.path.join(folder, "profiles.yml"), "w") as f:
            json.dump({"rockset_ext": {"target": "iceberg", "outputs": test_faults.outputs(c)}}, f)
        cases = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rsql", "run")
        return subprocess.run([cases, build, "trino"], env=dict(os.environ, ROCKSET_TRINO_PROFILES=folder)).returncode
