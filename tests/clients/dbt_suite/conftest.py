"""What dbt-tests-adapter asks of an adapter's suite: the profile; and where its server is.

dbt-rockset speaks only to https, port 443, of a name that ends in rockset.com: within this process
that name leads to the port ROCKSETD_PORT of this machine. Results go to TAP_FILE.
"""
import os
import socket

import pytest

pytest_plugins = ["dbt.tests.fixtures.project"]

HOST = "api.local.rockset.com"
find = socket.getaddrinfo


def find_here(host, port, *args, **kwargs):
    if host == HOST:
        host, port = "127.0.0.1", int(os.environ["ROCKSETD_PORT"])
    return find(host, port, *args, **kwargs)


socket.getaddrinfo = find_here


@pytest.fixture(scope="class")
def dbt_profile_target():
    return {"type": "rockset", "threads": 1, "database": "db", "api_server": HOST,
            "api_key": os.environ["ROCKSET_APIKEY"], "run_async_iis": False}


def pytest_runtest_logreport(report):
    if report.when != "call" and report.passed:
        return
    with open(os.environ["TAP_FILE"], "a") as f:
        if not report.passed:
            f.write("".join("# %s\n" % line for line in str(report.longrepr).splitlines()[-40:]))
        name = report.nodeid.split("::", 1)[1]
        f.write("%s dbt-rockset suite: %s%s\n" % ("ok" if report.passed else "not ok", name,
                                                  "" if report.when == "call" else ", " + report.when))
