"""What is tried again: a build whose transaction another one was faster than, and nothing else. Whether it is, no text
decides: a model that fails and says 'Conflict' in its SQL, its error or its name is built once.

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import json
import os
import sqlite3
import sys
import threading
import time

PROFILE = {"p": {"target": "d", "outputs": {"d": {"type": "duckdb", "path": os.path.abspath("x.duckdb"),
                                                  "schema": "commons", "allow_external_access": True}}}}
SLOW = "select count(*) as n from range(1000000000) a, range(1000) b where hash(a.range, b.range) = 1"
COUNT = "update commons.counter set n = n + 1"
CUSTOM = """{% materialization counted, default %}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {% call statement('main') %}create or replace table {{ this }} as ({{ sql }}){% endcall %}
  {{ adapter.commit() }}
  {{ return({'relations': [this]}) }}
{% endmaterialization %}"""
failed = []


def check(what, got, want):
    if got != want:
        failed.append(what)
        print("not ok - %s: got %r, want %r" % (what, got, want))


class Connection:
    def __init__(self, name):
        self.db = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
        self.db.enable_load_extension(True)
        self.db.load_extension(os.environ["ROCKSET_EXT"])
        self.one("SELECT rockset_profile('d', 'p', ?)", json.dumps(PROFILE))
        self.one("SELECT rockset_init()")
        self.db.execute("INSERT INTO rockset_macros(name, sql) VALUES('counted', ?)", (CUSTOM,))

    def one(self, sql, *values):
        return self.db.execute(sql, values).fetchone()[0]

    def model(self, name, kind, sql, *hooks):
        config = json.dumps({"pre_hook": list(hooks)})
        self.db.execute("INSERT OR REPLACE INTO rockset_models(name, materialized, config, sql) VALUES(?, ?, ?, ?)",
                        (name, kind, config, sql))

    def build(self, name):
        """The status and the message; and how often the hook that counts was sent."""
        last = self.one("SELECT coalesce(max(id), 0) FROM rockset_log")
        r = json.loads(self.one("SELECT rockset_materialize(?, NULL, '{\"raise\":false}')", name))
        sent = self.one("SELECT count(*) FROM rockset_log WHERE id > ? AND sql LIKE 'update commons.counter%'", last)
        lost = self.one("SELECT count(*) FROM rockset_log WHERE id > ? AND error LIKE 'TransactionContext Error%'", last)
        return r["status"], r["message"], sent, lost

    def hold(self):
        try:
            self.build("holder")
        except sqlite3.OperationalError:
            pass  # interrupted


def wait_for(path):
    for _ in range(1500):
        if os.path.exists(path):
            return
        time.sleep(0.02)
    sys.exit("no %s within 30 s" % path)


def mark(path):
    return "copy (select 1 as x) to '%s'" % os.path.abspath(path)


def beside(a, b, name, hold=0.1):
    """a builds `name` while b holds the row that its hook changes; b gives up soon after."""
    for path in ("held", "tried"):
        if os.path.exists(path):
            os.remove(path)
    holder = threading.Thread(target=b.hold)
    holder.start()
    wait_for("held")
    result = []
    builder = threading.Thread(target=lambda: result.append(a.build(name)))
    builder.start()
    wait_for("tried")
    time.sleep(hold)
    b.db.interrupt()
    holder.join()
    builder.join()
    return result[0]


a, b = Connection("a.db"), Connection("b.db")
a.one("SELECT rockset_exec('create schema if not exists commons')")
a.one("SELECT rockset_exec('create table commons.counter as select 0 as n')")
a.one("SELECT rockset_exec('create table commons.audit(what varchar)')")

# What fails and only speaks of a conflict
for kind in ("table", "view", "incremental", "counted"):
    for what, sql in (("error", "select error('Catalog write-write conflict on create with \"x\"') as x"),
                      ("comment", "select error('no') as x -- Conflict, a write-write conflict"),
                      ("class", "select error('TransactionContext Error: Conflict on update!') as x"),
                      ("literal", "select 'Transaction conflict' as c, x from nowhere.at_all")):
        name = "conflict_%s_%s" % (kind, what)
        if kind == "incremental": # the step that adds to a table that is there
            a.model(name, kind, "select 1 as x", COUNT)
            check(name + " first", a.build(name)[0], "success")
        if kind == "view" and what != "literal":
            continue  # is not read when it is made
        a.model(name, kind, sql, COUNT)
        status, message, sent, lost = a.build(name)
        check(name + ": " + message, (status, sent, lost), ("error", 1, 0))

# What lost against another transaction
b.model("holder", "table", SLOW, COUNT, mark("held"))
n = a.one("SELECT json_extract(row, '$.n') FROM rockset_query('select n from commons.counter')")
for kind in ("table", "incremental", "counted"):
    a.model("loser_" + kind, kind, "select 1 as x", mark("tried"), COUNT)
    status, message, sent, lost = beside(a, b, "loser_" + kind)
    check("%s: %s" % (kind, message), status, "success")
    check(kind + " lost at least once, and each try was sent", lost >= 1 and sent == lost + 1, True)
    n += 1
    check(kind + " counted once",
          a.one("SELECT json_extract(row, '$.n') FROM rockset_query('select n from commons.counter')"), n)

# A custom one that wrote something outside of its transaction is not run again
a.model("partly", "counted", "select 1 as x",
        {"sql": "insert into commons.audit values ('partly')", "transaction": False}, mark("tried"), COUNT)
status, message, sent, lost = beside(a, b, "partly")
check("partly: " + message, (status, sent, lost), ("error", 1, 1))
check("its hook ran once",
      a.one("SELECT json_extract(row, '$.n') FROM rockset_query('select count(*) as n from commons.audit')"), 1)

print("%d failed" % len(failed))
sys.exit(1 if failed else 0)
