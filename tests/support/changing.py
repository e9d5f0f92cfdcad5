"""tests/python/follow.py and local_tables.py on another target than the embedded one."""
import json
import os
import subprocess
import tempfile

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python")


def run(build, name, what, output, **env):
    """output: of a profile, or a function of the test's folder that gives one. Prints TAP; returns 1 when it failed."""
    with tempfile.TemporaryDirectory() as folder:
        if callable(output):
            output = output(folder)
        env = dict(os.environ, ROCKSET_EXT=os.path.join(os.path.abspath(build), "rockset_ext.so"), OUTPUT=json.dumps(output),
                   **{k: str(v) for k, v in env.items()})
        done = subprocess.run(["/usr/bin/python3", os.path.abspath(os.path.join(SCRIPTS, name))], cwd=folder, env=env, timeout=900,
                              stdout=subprocess.PIPE, text=True)
    good = done.returncode == 0 and "not ok" not in done.stdout
    print("%sok - %s" % ("" if good else "not ", what))
    if not good:
        print("# " + done.stdout.replace("\n", "\n# "))
    print("%d passed, %d failed" % (good, not good), flush=True)
    return 0 if good else 1


def follow(build, output, rounds):
    return run(build, "follow.py", "rockset_follow: %d rounds of random changes" % rounds, output, ROUNDS=rounds)


def local(build, output, queries):
    return run(build, "../support/local_cases.py", "sqlite.<table>: models, types, sendings, errors", output) | run(build, "local_tables.py", "sqlite.<table>: %d random queries over tables that change" % queries, output,
               QUERIES=queries)
