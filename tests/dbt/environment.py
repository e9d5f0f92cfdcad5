"""dbt-core and dbt-rockset of requirements.txt, in BUILD/deps/dbt."""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def install(build, name="dbt", requirements=os.path.join(HERE, "requirements.txt")):
    """An environment of its own for what the file lists; a second run needs no network."""
    env = os.path.join(build, "deps", name)
    wanted = open(requirements).read()
    mark = os.path.join(env, ".requirements")
    if not os.path.exists(mark) or open(mark).read() != wanted:
        shutil.rmtree(env, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", env], check=True)
        subprocess.run([os.path.join(env, "bin", "pip"), "install", "-q", "--require-hashes",
                        "--disable-pip-version-check", "-r",
                        requirements], check=True)
        with open(mark, "w") as f:
            f.write(wanted)
    return env
