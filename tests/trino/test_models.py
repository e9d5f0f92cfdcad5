"""Models and runs on the cluster: all that the conformance suite has no case for."""
import json
import threading
import time

from test_faults import connect, failure

number = failed = 0


def report(good, what, note=""):
    global number, failed
    number, failed = number + 1, failed + (not good)
    print("%sok - trino: %s" % ("" if good else "not ", what), flush=True)
    if not good and note != "":
        print("# " + str(note).replace("\n", "\n# "), flush=True)


def project(build, c, models, target="iceberg"):
    """models: (name, materialized, config, sql) and more columns"""
    db = connect(build, c, target)
    db.execute("SELECT rockset_init()").fetchall()
    for name, kind, config, sql, *rest in models:
        db.execute("INSERT INTO rockset_models(name, materialized, config, sql, description, columns) VALUES(?, ?, ?, ?, ?, ?)",
                   (name, kind, json.dumps(config), sql, *(rest or (None, None))))
    return db


def build_one(db, name, **options):
    return json.loads(db.execute("SELECT rockset_materialize(?, NULL, ?)", (name, json.dumps(options))).fetchone()[0])


def contracts(build, c):
    columns = json.dumps([{"name": "id", "data_type": "bigint", "description": "it's the key",
                           "constraints": [{"type": "not_null"}, {"type": "unique"}]}, {"name": "t", "data_type": "varchar"}])
    config = {"contract": {"enforced": True}, "persist_docs": {"relation": True, "columns": True}}
    sql = "select 'x' as t, cast({{ var('v', '1') }} as {{ var('as', 'bigint') }}) as id"
    db = project(build, c, [("kept", "table", config, sql, "about it", columns)])
    first = build_one(db, "kept")
    report(first["rows"] == 1 and "unique" in first["warning"], "a contract: what can't be enforced is told", first)
    made = c.query("show create table commons.kept")[0][0]
    report("id bigint NOT NULL COMMENT 'it''s the key'" in made and "COMMENT 'about it'" in made,
           "NOT NULL, and descriptions as comments", made)
    error = failure(db, "SELECT rockset_materialize('kept', NULL, '{\"vars\":{\"v\":\"null\"}}')")
    report("NOT NULL column: id" in error and c.query("select * from commons.kept") == [[1, "x"]],
           "a row that breaks it is an error, the old table stays", error)
    error = failure(db, "SELECT rockset_materialize('kept', NULL, '{\"vars\":{\"as\":\"double\"}}')")
    report("| id          | double          | bigint        | data type mismatch |" in error, "so is a column of another type", error)
    db = project(build, c, [("given", "table", {"grants": {"select": ["bob"]}}, "select 1 as a")])
    error = failure(db, "SELECT rockset_materialize('given')")
    report("does not support grants" in error, "grants are the connector's: Iceberg's says that it has none", error)


def incremental(build, c):
    source = ("select timestamp '2026-11-19 10:00:00' as at, 1 as id union all select timestamp '2026-11-20 10:00:00', 2 "
              "union all select timestamp '2026-11-21 10:00:00', {{ var('v', 3) }}")
    db = project(build, c, [
        ("raw", "table", {"event_time": "at"}, source),
        ("spans", "incremental", {"incremental_strategy": "microbatch", "event_time": "at", "begin": "2026-11-18",
                                  "batch_size": "month", "lookback": 1}, "select at, id from {{ ref('raw') }}"),
        ("swap", "incremental", {"incremental_strategy": "delete+insert", "unique_key": ["k"],
                                 "incremental_predicates": ["DBT_INTERNAL_DEST.v < 100"]},
         "select * from (values ({{ var('k', 1) }}, {{ var('w', 1) }}), ({{ var('k', 1) }}, 100)) as t(k, v)"),
        ("grown", "incremental", {"incremental_strategy": "merge", "unique_key": "k", "on_schema_change": "append_new_columns",
                                  "merge_exclude_columns": ["v"]},
         "select 1 as k, {{ var('w', 1) }} as v{% if var('more', none) %}, 'new' as more{% endif %}"),
        ("widened", "incremental", {"incremental_strategy": "append", "on_schema_change": "sync_all_columns"},
         "select cast(1 as {{ var('as', 'integer') }}) as a{% if not var('as', none) %}, 2 as gone{% endif %}")])
    build_one(db, "raw")
    build_one(db, "spans")
    build_one(db, "raw", vars={"v": 4})
    build_one(db, "spans")
    report(c.query("select id from commons.spans order by at") == [[1], [2], [4]], "microbatch: spans are replaced")
    build_one(db, "swap")
    build_one(db, "swap", vars={"w": 2})
    build_one(db, "swap", vars={"k": 2})
    got = c.query("select k, v from commons.swap order by k, v")
    report(got == [[1, 2], [1, 100], [1, 100], [2, 1], [2, 100]], "delete+insert: rows of the keys go as the predicate says", got)
    build_one(db, "grown")
    build_one(db, "grown", vars={"w": 2, "more": 1})
    report(c.query("select * from commons.grown") == [[1, 1, "new"]], "merge: a new column, one that is not updated",
           c.query("select * from commons.grown"))
    build_one(db, "widened")
    build_one(db, "widened", vars={"as": "bigint"})
    report(c.query("describe commons.widened")[0][:2] == ["a", "bigint"] and
           c.query("select a from commons.widened") == [[1], [1]], "sync_all_columns: a wider type, one column less",
           c.query("describe commons.widened"))
    statements = [s for (s,) in c.query("select query from system.runtime.queries where query like '%commons\".\"swap\"%'")]
    report(sum(s.lstrip().startswith("merge into") for s in statements) == 2 and
           not [s for s in statements if s.lstrip().lower().startswith(("delete", "insert"))],
           "delete+insert is one statement: nobody sees the rows gone")
    left = [n for (n,) in c.query("show tables from commons") if n.startswith("__rs")]
    report(not left, "no stage is left", left)


def leftovers(build, c):
    """What a process that was killed has left goes with the next build; what may be in use stays."""
    now = "%08x" % int(time.time())
    junk = ["__rs_tmp_l_6b01b4d1edcd", "__rs_load_l_%sabcd" % now, "__rs_stage_l_5b01b4d1edcd", "__rs_dbt_l"]
    kept = ["__rs_stage_l_%sabcd" % now, "__rs_tmp_other_6b01b4d1edcd", "__rs_tmp_l_short"]
    for name in junk + kept:
        c.query("create table commons.%s as select 1 as a" % name)
    c.query("create view commons.__rs_old_v_6b01b4d1edcd as select 7 as a")
    db = project(build, c, [("l", "incremental", {"incremental_strategy": "merge", "unique_key": "a"}, "select 1 as a"),
                            ("v", "table", {}, "select 1 / 0 as a")])
    build_one(db, "l")
    build_one(db, "l")
    left = {n for (n,) in c.query("show tables from commons") if n.startswith("__rs") and not n.startswith("__rs_old")}
    report(left == set(kept), "leftovers of a build go with the next one", left)
    failure(db, "SELECT rockset_materialize('v')")
    report(c.query("select a from commons.v") == [[7]], "a view that a table was to replace comes back")
    for name in kept:
        c.query("drop table commons." + name)


def coordinator_dies(build, c):
    """In mid-run; rockset_retry takes the run up when it is back."""
    db = project(build, c, [
        ("first", "table", {}, "select {{ var('n', 1) }} as a"),
        ("second", "table", {}, "select count(*) as n from {% if var('slow', none) %}tpch.sf1.lineitem a cross join tpch.sf1.orders b"
                                " where a.comment <> b.comment{% else %}{{ ref('first') }}{% endif %} -- {{ ref('first') }}"),
        ("third", "table", {}, "select * from {{ ref('second') }}")])
    ok = db.execute("SELECT node, status FROM rockset_run('first+', '{\"threads\":1}')").fetchall()
    report([s for _, s in ok] == ["success"] * 3, "a run", ok)

    killer = threading.Thread(target=lambda: (c.wait_query("cross join"), c.kill("coordinator")))
    killer.start()
    got = db.execute("SELECT node, status, message FROM rockset_run('first+', "
                     "'{\"threads\":1,\"raise\":false,\"vars\":{\"n\":2,\"slow\":1}}')").fetchall()
    killer.join()
    report([r[1] for r in got] == ["success", "error", "skipped"] and "127.0.0.1" in got[1][2],
           "the coordinator killed in mid-run: what it hit is an error that names it, the rest is skipped", got)
    c.restart_coordinator()
    report(c.query("select a from commons.first") == [[2]] and c.query("select n from commons.second") == [[1]],
           "what was built is there, what was not is the old one")
    db.execute("UPDATE rockset_models SET sql = replace(sql, 'var(''slow'', none)', 'false')")
    got = db.execute("SELECT node, status FROM rockset_retry('{\"threads\":1}')").fetchall()
    report(got == [("second", "success"), ("third", "success")], "rockset_retry runs what failed and what was skipped", got)
    left = [n for (n,) in c.query("show tables from commons") if n.startswith("__rs")]
    report(not left, "nothing is left", left)


def statistics(build, c):
    """rockset_analyze takes what the connector has stored, and counts what it has not."""
    # a collection by its columns, so that its _id is counted for a key when the table is created
    c.query("create table commons.counted as select cast(n as varchar) as _id, n % 10 as k, "
            "if(n % 4 = 0, 'x') as note, cast(current_timestamp as timestamp(6) with time zone) as _event_time "
            "from unnest(sequence(1, 1000)) as t(n)")
    c.query("create view commons.seen as select * from commons.counted")
    db = connect(build, c, "iceberg")
    for name in ("counted", "seen"):
        db.execute("CREATE VIRTUAL TABLE %s USING rockset('commons.%s')" % (name, name))
        rows = db.execute("SELECT rockset_analyze('%s')" % name).fetchone()[0]
        got = dict(db.execute("SELECT name, value FROM %s_rockset WHERE name IN ('_id', 'k', 'note', 'unique')" % name))
        unique = {"unique": "1"} if name == "counted" else {}  # a view has no key
        report(rows == 1000 and got == {"_id": "1000 0", "k": "10 0", "note": "1 750", **unique},
               "rockset_analyze of %s" % name, (rows, got))
    sent = [sql for (sql,) in db.execute("SELECT sql FROM rockset_log WHERE sql LIKE '%count(*)%\"commons\".\"counted\"%'")]
    report(len(sent) == 2 and all("note" not in sql and "count(DISTINCT" in sql for sql in sent),
           "only of the key is counted what is stored of the others", sent)


def run(build, c):
    c.empty()
    c.query("create schema if not exists commons")
    for test in (contracts, incremental, leftovers, statistics, coordinator_dies):
        test(build, c)
    print("%d passed, %d failed" % (number - failed, failed))
    return failed > 0
