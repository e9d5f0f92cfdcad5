"""A Trino cluster of a coordinator and a worker on this machine, for tests and benchmarks.

    with Cluster(build) as c:      # fetches what is missing, starts both, waits until they work
        c.port                     # of the coordinator, on 127.0.0.1
        c.query("select 1")        # rows, by a few lines of the protocol
        c.kill_worker()

What it started ends with it. Catalogs: iceberg (files below the cluster's folder), memory, tpch.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "support"))
from machine import JAVAS, find_java, free_ports  # noqa: E402

JAVA_NEEDED = 24
HEAP = "2g"
START_LIMIT = 400  # seconds; 20 on an idle machine
# How long a node that does not answer is waited for; a cluster that is told nothing waits for minutes
LIMITS = "query.remote-task.max-error-duration=15s\nexchange.max-error-duration=15s\n"
# and how long a statement waits while there is no worker at all (five minutes)
WAITS = "query-manager.required-workers-max-wait=15s\n"

CATALOGS = {
    "memory": "connector.name=memory\n",
    "tpch": "connector.name=tpch\n",
    "iceberg": "connector.name=iceberg\niceberg.catalog.type=testing_file_metastore\n"
               "hive.metastore.catalog.dir=local:///meta\nfs.native-local.enabled=true\n"
               "local.location=%s/warehouse\n",
}


def why_not():
    """Why no cluster can be had here, None when it can."""
    if find_java(JAVA_NEEDED) is None:
        return "no JDK %d or newer (%s)" % (JAVA_NEEDED, JAVAS)
    return None


class Cluster:
    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.nodes = {}

    def __enter__(self):
        place = os.path.join(self.build, "deps", "trino")
        subprocess.run(["sh", os.path.join(HERE, "fetch.sh"), place], check=True)
        self.server = os.path.join(place, "server")
        self.folder = tempfile.mkdtemp(prefix="rockset-trino-")
        os.mkdir(os.path.join(self.folder, "warehouse"))
        self.port, worker = free_ports(2)
        try:
            self.start("coordinator", self.port)
            self.start("worker", worker)
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes.values():
            node.send_signal(signal.SIGTERM)
        for node in self.nodes.values():
            try:
                node.wait(15)
            except subprocess.TimeoutExpired:
                node.kill()
                node.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, node, name, text):
        path = os.path.join(self.folder, node, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def start(self, node, port):
        first = node == "coordinator"
        config = self.write(node, "etc/config.properties",
                            "coordinator=%s\nhttp-server.http.port=%d\ncatalog.management=static\n"
                            "discovery.uri=http://127.0.0.1:%d\n%s%s"
                            % (str(first).lower(), port, self.port, LIMITS,
                               "node-scheduler.include-coordinator=false\n" + WAITS if first else ""))
        levels = self.write(node, "etc/log.properties", "io.trino=WARN\n")
        for name, text in CATALOGS.items():
            catalog = self.write(node, "etc/catalog/%s.properties" % name,
                                 text % self.folder if "%s" in text else text)
        options = {"node.environment": "test", "node.id": node, "node.bind-ip": "127.0.0.1",
                   "node.internal-address": "127.0.0.1", "config": config,
                   "node.data-dir": os.path.join(self.folder, node, "data"),
                   "log.levels-file": levels, "catalog.config-dir": os.path.dirname(catalog),
                   "plugin.dir": os.path.join(self.server, "plugin")}
        command = [find_java(JAVA_NEEDED), "-Xmx" + HEAP, "--add-modules=jdk.incubator.vector",
                   "--enable-native-access=ALL-UNNAMED", "-Djdk.attach.allowAttachSelf=true"]
        command += ["-D%s=%s" % o for o in options.items()]
        command += ["-cp", os.path.join(self.server, "lib", "*"), "io.trino.server.TrinoServer"]
        with open(self.log(node), "w") as out:
            self.nodes[node] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                                stderr=out, cwd=os.path.join(self.folder, node))

    def log(self, node):
        return os.path.join(self.folder, node + ".log")

    def request(self, url, body=None, catalog="iceberg", schema="commons"):
        headers = {"X-Trino-User": "test", "X-Trino-Catalog": catalog, "X-Trino-Schema": schema}
        data = body.encode() if body is not None else None
        r = urllib.request.Request(url, data=data, headers=headers)
        with urllib.request.urlopen(r, timeout=60) as answer:
            return json.load(answer)

    def query(self, sql, catalog="iceberg", schema="commons"):
        page = self.request("http://127.0.0.1:%d/v1/statement" % self.port, sql, catalog, schema)
        rows = []
        while True:
            rows += page.get("data") or []
            if "error" in page:
                raise RuntimeError(page["error"]["message"])
            if "nextUri" not in page:
                return rows
            page = self.request(page["nextUri"])

    def wait(self):
        end = time.time() + START_LIMIT
        while time.time() < end:
            for name, node in self.nodes.items():
                if node.poll() is not None:
                    raise RuntimeError("the %s does not start:\n%s" % (name, self.tail(name)))
            try:
                if self.query("select count(*) from system.runtime.nodes where state = 'active' "
                              "and not coordinator") == [[1]]:
                    return
            except (OSError, RuntimeError, ValueError):
                pass
            time.sleep(0.5)
        raise RuntimeError("the cluster does not start in %d s:\n%s"
                           % (START_LIMIT, self.tail("coordinator")))

    def tail(self, node):
        with open(self.log(node), errors="replace") as f:
            return "".join(f.readlines()[-40:])

    def kill(self, node):
        self.nodes[node].kill()
        self.nodes[node].wait()

    def restart_worker(self):
        self.start("worker", free_ports(1)[0])
        self.wait()

    def restart_coordinator(self):
        """On its old port; the worker finds it again."""
        self.start("coordinator", self.port)
        self.wait()

    def wait_query(self, part):
        """Until a statement that contains part is running."""
        end = time.time() + 60
        while time.time() < end:
            if self.query("select count(*) from system.runtime.queries where state = 'RUNNING' and query like '%%%s%%' "
                          "and query not like '%%system.runtime%%'" % part) != [[0]]:
                return
            time.sleep(0.1)
        raise RuntimeError("no statement with '%s' runs" % part)

    def empty(self):
        """Drops whatever the catalog iceberg holds."""
        for (schema,) in self.query("show schemas"):
            if schema in ("information_schema", "system"):
                continue
            views = self.query("select table_name from information_schema.views where "
                               "table_schema = '%s'" % schema)
            for (view,) in views:
                self.query('drop view "%s"."%s"' % (schema, view))
            for (table,) in self.query('show tables from "%s"' % schema):
                self.query('drop table "%s"."%s"' % (schema, table))
            self.query('drop schema "%s"' % schema)
