#!/usr/bin/env python3
"""Every function of the extension, called from within a statement, on a file that is trusted: from what
the file holds (CHECKs, triggers, views ...), and while a table that it works on is read, written or made.
It may refuse. The process must end by itself and in time, the file must stay whole, and the virtual
table in it must open.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import attack
import reading

LIMIT = 60  # seconds that a call may take in all places; many times what it takes
# f is the call, N the place's number. t and u are virtual tables, plain and log are not.
PLACES = {
    "a CHECK": "CREATE TABLE cN(a, g DEFAULT (f), CHECK (f IS NOT 'no')); INSERT INTO cN(a) SELECT a FROM t;"
               "PRAGMA integrity_check; ALTER TABLE cN RENAME TO dN",
    "a trigger that reads": "CREATE TRIGGER gN AFTER INSERT ON log BEGIN INSERT INTO plain SELECT f FROM t; END;"
                            "INSERT INTO log VALUES (1)",
    "a trigger that writes": "CREATE TEMP TRIGGER gN AFTER INSERT ON log BEGIN UPDATE t SET a = f; DELETE FROM t WHERE a = f; END;"
                             "INSERT INTO log VALUES (1)",
    "reading": "CREATE VIEW wN AS SELECT f, t.* FROM t; SELECT * FROM wN; SELECT max(f) FROM t GROUP BY f HAVING f IS NOT 'no'",
    "a join": "SELECT * FROM plain LEFT JOIN t ON t.a = f; SELECT f FROM t, t v, t w LIMIT 5",
    "a subquery": "SELECT (SELECT f FROM t v WHERE v._id = t._id) FROM t",
    "writing": "INSERT INTO t(_id, a) SELECT 'nN' || f || _id, f FROM t; UPDATE t SET a = f WHERE f IS NOT 'no';"
               "INSERT INTO plain SELECT a FROM t RETURNING f; DELETE FROM t WHERE f IS NOT 'no'",
    "a transaction": "BEGIN; UPDATE t SET a = 8; SAVEPOINT s; SELECT f FROM t; UPDATE t SET a = f; ROLLBACK TO s; SELECT f;"
                     "COMMIT",
    "making a table": "CREATE TABLE cN AS SELECT f FROM t; CREATE TEMP TABLE cN AS SELECT f, t.* FROM t",
    "dropping": "BEGIN; CREATE VIRTUAL TABLE vN USING rockset('commons.items'); SELECT f FROM vN; DROP TABLE vN;"
                "SELECT f FROM t; ROLLBACK; SELECT f FROM t",
    "tables of ours": "SELECT f, r.* FROM rockset_query('select 1 as a') r, u LIMIT 2; SELECT f FROM rockset_log LIMIT 2",
}
# beside those of reading.py: on other tables, with other arguments
MORE = ["rockset_analyze('u')", "rockset_refresh('u')", "rockset_attach('commons','y')", "rockset_detach('commons')",
        "rockset_drop_collection('commons.items')", "rockset_exec('drop table commons.items')", "rockset_exec('begin')",
        "rockset_pull('commons.items','plain')", "rockset_push('t','commons.made')", "rockset_push('log','commons.items')",
        "rockset_materialize('*')", "rockset_query_lambda('none')"]
BEFORE = ("SELECT rockset_create_collection('items');"
          "SELECT rockset_exec('alter table commons.items add column if not exists a int');"
          "CREATE VIRTUAL TABLE IF NOT EXISTS t USING rockset('commons.items');"
          "SELECT rockset_refresh('t'); DELETE FROM t; INSERT INTO t(_id, a) VALUES ('x', 1), ('y', 2);")
AFTER = "ROLLBACK; DROP TRIGGER IF EXISTS g%d; DELETE FROM plain; DELETE FROM log;"
TABLES = ("CREATE VIRTUAL TABLE u USING rockset(query='select * from commons.items'); CREATE TABLE log(a);")


def lines(sql):
    """A statement a line: the shell leaves out the rest of a line behind an error. A trigger is one."""
    return re.sub(r";(?! *(DELETE FROM t WHERE a|END))", ";\n", sql)


def calls():
    """Each function, with arguments that work where there are any."""
    _, out = attack.shell("SELECT DISTINCT name FROM pragma_function_list WHERE name GLOB 'rockset_*' ORDER BY 1;")
    for name in out.split():
        arguments = reading.FUNCTIONS[name][1] if name in reading.FUNCTIONS else "'t'"
        yield "%s(%s)" % (name, arguments.format(i=1))
    yield from MORE


def script(call):
    text = lines("SELECT rockset_trust(1); PRAGMA trusted_schema = 1; PRAGMA synchronous = 0;" + TABLES)
    for i, sql in enumerate(PLACES.values()):
        sql = re.sub(r"\b([a-z])N\b", r"\g<1>%d" % i, sql).replace("nN", "n%d" % i)
        sql = lines(BEFORE + sql + ";" + AFTER.replace("%d", str(i)))
        text += ".print =%d=\n" % i + re.sub(r"\bf\b", lambda _: call, sql)
    text += ".print =%d=\n.open base.db\n.load %s\n" % (len(PLACES), attack.EXTENSION)
    return text + lines("SELECT rockset_trust(1);" + BEFORE + "SELECT 'opens', count(*) FROM t;"
                        "SELECT 'whole', integrity_check FROM pragma_integrity_check;")


def run(call, base):
    """(why it did not end, what it printed): one process goes through all places."""
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "files")
        shutil.copytree(base, folder)
        try:
            status, out = attack.shell(script(call), os.path.join(folder, "base.db"), folder, timeout=LIMIT)
        except subprocess.TimeoutExpired as e:
            return "it hangs", (e.stdout or b"").decode("utf-8", "replace")
    return attack.died(status, out), out


def try_call(suite, call, base):
    why, out = run(call, base)
    reached = [int(n) for n in re.findall(r"^=(\d+)=$", out, re.M)]
    for i, what in enumerate(PLACES):
        last = i == max(reached, default=0)
        suite.tried("%s in %s" % (call, what), why if last else None if i in reached else "the process did not get there")
    if len(PLACES) in reached and why is None and not ("whole|ok" in out and "opens|2" in out):
        why = attack.shorten(out.partition("=%d=" % len(PLACES))[2])
    suite.tried("%s: the file" % call, why)


def main():
    suite = attack.Suite("nested", 60 * len(PLACES))
    with tempfile.TemporaryDirectory() as base:
        reading.make(base)
        for call in calls():
            try_call(suite, call, base)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
