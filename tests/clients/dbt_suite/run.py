"""Runs the suite of this folder against a rocksetd of its own and prints TAP.

Usage: run.py BUILD

dbt-rockset sleeps for seconds after each change, so the tests share out among processes.
"""
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "dbt"), os.path.join(HERE, "..", "..", "server")]
from environment import install  # noqa: E402
from harness import ADMIN, Server  # noqa: E402

SECONDS = 240  # a class
AT_ONCE = 4


def certificate(folder):
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    name = "api.local.rockset.com"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=" + name, "-addext", "subjectAltName=DNS:" + name, "-keyout", key, "-out",
                    cert], check=True, stderr=subprocess.DEVNULL)
    return key, cert


def run(env, server, folder, cert):
    classes = re.findall(r"^class (Test\w+)", open(os.path.join(HERE, "test_adapter.py")).read(), re.M)
    environment = dict(os.environ, ROCKSETD_PORT=str(server.port), ROCKSET_APIKEY=ADMIN,
                       REQUESTS_CA_BUNDLE=cert, SSL_CERT_FILE=cert, HOME=folder, TMPDIR=folder,
                       DBT_SEND_ANONYMOUS_USAGE_STATS="false", PYTHONDONTWRITEBYTECODE="1")
    for proxy in ("http_proxy", "https_proxy", "all_proxy"):
        environment.pop(proxy, None)
        environment.pop(proxy.upper(), None)

    def begin(name):
        """One class in a process of its own: what it told, or why it told nothing."""
        tap, out = (os.path.join(folder, name + end) for end in (".tap", ".out"))
        command = [os.path.join(env, "bin", "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider",
                   "--rootdir", folder, "--basetemp", os.path.join(folder, name), "-W", "ignore",
                   os.path.join(HERE, "test_adapter.py") + "::" + name]
        with open(out, "w+") as f:
            status = subprocess.run(["timeout", str(SECONDS), *command], cwd=folder, stdout=f, stderr=f,
                                    env=dict(environment, TAP_FILE=tap)).returncode
            f.seek(0)
            said = "".join("# " + line for line in f.readlines()[-30:])
        told = open(tap).read() if os.path.exists(tap) else ""
        if "ok " not in told or (status != 0) != ("not ok" in told):
            told += said + "not ok dbt-rockset suite: %s (exit status %d)\n" % (name, status)
        return told

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for told in pool.map(begin, classes):
            print(told, end="", flush=True)


def main():
    try:
        env = install(os.path.abspath(sys.argv[1]))
    except subprocess.CalledProcessError as e:
        print("ok # SKIP dbt can't be installed: %s" % e)
        return
    with tempfile.TemporaryDirectory(prefix="rockset-dbt-suite-") as folder:
        key, cert = certificate(folder)
        with Server("--tls-cert", cert, "--tls-key", key) as server:
            run(env, server, folder, cert)


main()
