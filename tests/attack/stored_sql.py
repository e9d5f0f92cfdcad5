#!/usr/bin/env python3
"""Stored SQL: every function of the engine's catalog is called from a virtual table's query, by its
parameter types; then the ways to hide a call, a file or a name. None may change anything, touch a
file or end the process, and every name of the catalog must be on one of the lists (callable_names.c).
"""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import attack

suite = attack.Suite("stored_sql", minimum=300)
VARIANTS = 3  # calls of one function, over its overloads


class Place:
    """A folder with a database and its DuckDB file, each as a crafted one may be."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="stored-")
        self.db = os.path.join(self.folder, "a.db")
        self.duck = self.db + ".duckdb"
        self.run("select rockset_exec('create schema commons');"
                 "select rockset_exec('create table commons.t as select range a, ''x'' b from range(3)');"
                 "select rockset_exec('create sequence s');"
                 "select rockset_exec('create schema if not exists _rockset');"
                 "select rockset_exec('create table if not exists _rockset.secret as select ''hidden-row'' v');")
        os.mkdir(self.duck + ".tmp")
        with open(self.duck + ".tmp/x.csv", "w") as f:
            f.write("c\nread-file\n")
        with open(os.path.join(self.folder, "y.csv"), "w") as f:
            f.write("c\nread-file\n")

    def run(self, sql, timeout=300):
        return attack.shell(sql, self.db, self.folder, timeout=timeout)

    def files(self):
        """All but the two databases, which change by being opened."""
        found = {}
        for at, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(at, name)
                if not path.startswith(self.db) or ".tmp/" in path:
                    found[path] = open(path, "rb").read()
        return found

    def close(self):
        shutil.rmtree(self.folder)


# What the engine is like: settings, databases, relations, rows, the sequence, the log, the parser
STATE = """select md5(string_agg(x, '|')) from (
 select name || '=' || coalesce(value, '') x from duckdb_settings() where name not like '%memory%'
 union all select database_name || coalesce(path, '') from duckdb_databases()
 union all select schema_name || table_name || estimated_size from duckdb_tables()
 union all select schema_name || view_name from duckdb_views()
 union all select sequence_name || coalesce(last_value, -1) from duckdb_sequences()
 union all select name || value from duckdb_variables()
 union all select 'logs' || count(*) from duckdb_logs()
 union all select 'rows' || count(*) from commons.t /* nested /* as ever */ still */ order by 1)"""


def quoted(text):
    return text.replace("'", "''")


def probe(n, query):
    """One input: its rows count, then what the engine is like."""
    return (".print @%d\ncreate virtual table temp.v%d using rockset(query='%s');\n"
            "select v.* from temp.v%d v limit 50;\n.print =%d\nselect c1 from rockset_query('%s');\n"
            % (n, n, quoted(query), n, n, quoted(STATE.replace("\n", " "))))


def try_all(place, queries, hidden=("hidden-row", "read-file", "secret")):
    """Tries each; the process begins anew behind one that ends it."""
    queries = [q for q in dict.fromkeys(queries) if q not in suite.inputs]
    before = place.run("select c1 from rockset_query('%s');" % quoted(STATE.replace("\n", " ")))[1].strip()
    files = place.files()
    done = 0
    while done < len(queries):
        part = list(enumerate(queries))[done:done + 150]
        status, out = place.run("".join(probe(n, q) for n, q in part))
        died = attack.died(status, out)
        seen = dict((int(n), text) for n, text in re.findall(r"(?ms)^@(\d+)$(.*?)(?=^@\d+$|\Z)", out))
        changed = place.files() != files
        for n, query in part:
            text = seen.get(n)
            if text is None:
                break
            done = n + 1
            answer, _, state = text.partition("=%d\n" % n)
            why = None
            if before not in state:
                why = died if died and n == max(seen) else "the engine is another: " + attack.shorten(state)
            elif "is not known to be free of effects" in answer:
                why = "on neither list of callable_names.c"
            elif any(h in re.sub(r"(?m)^.*rror near line.*$", "", answer) for h in hidden):
                why = "it was read: " + attack.shorten(answer)
            suite.tried(query, why)
        if not seen:
            suite.tried(part[0][1], "the shell said: " + attack.shorten(out))
            done += 1
        if changed:
            suite.tried("files after %d inputs" % done,
                        "files changed: %s" % sorted(set(place.files()) ^ set(files)))
            files = place.files()


# ---- every function --------------------------------------------------------------------------

def catalog(place):
    sql = ("select distinct function_type t, lower(function_name) n, parameter_types p"
           " from duckdb_functions() where function_name ~ '^[a-zA-Z_]\\w*$' order by all")
    status, out = place.run("select row from rockset_query('%s');" % quoted(sql))
    if status != 0:
        sys.exit("the catalog can't be read: " + out)
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def value(kind, place, turn):
    kind = (kind or "VARCHAR").upper()
    texts = ["'s'", "'%s'" % place.duck, "'copy (select 1) to ''out.csv'''", "'commons.t'"]
    if kind.endswith("[]"):
        return "[%s]" % value(kind[:-2], place, turn)
    if kind.startswith("DECIMAL") or kind in ("DOUBLE", "FLOAT"):
        return "1.5"
    if "INT" in kind and "INTERVAL" not in kind:
        return "1"
    given = {"BOOLEAN": "true", "DATE": "date '2020-01-02'", "TIME": "time '01:02:03'",
             "TIMESTAMP": "timestamp '2020-01-02 03:04:05'", "INTERVAL": "interval 1 day",
             "TIMESTAMP WITH TIME ZONE": "timestamptz '2020-01-02 03:04:05+00'", "BLOB": "'\\x00'::blob",
             "JSON": "'{\"a\":1}'::json", "UUID": "uuid()", "BIT": "'101'::bit", "POINTER": "1",
             "MAP": "map {'a': 1}", "STRUCT": "{'a': 1}", "LAMBDA": "lambda x: x", "TABLE": "(from commons.t)"}
    for name, text in given.items():
        if kind == name or (kind.startswith(name) and name in ("MAP", "STRUCT", "LAMBDA")):
            return text
    return texts[turn % len(texts)]


def calls(place):
    tried, queries = {}, []
    rows = catalog(place)
    for row in rows:
        kind, name = row["t"], row["n"]
        n = tried.get((kind, name), 0)
        if n >= VARIANTS:
            continue
        types = row["p"] if isinstance(row["p"], list) else json.loads(row["p"] or "[]")
        for turn in range(VARIANTS if len(types) else 1):
            args = ", ".join(value(t, place, turn + i) for i, t in enumerate(types))
            for shape in shapes(kind, name, args):
                if tried.get((kind, name), 0) < VARIANTS and shape not in queries:
                    queries.append(shape)
                    tried[kind, name] = tried.get((kind, name), 0) + 1
    return queries, {row["n"] for row in rows}


def shapes(kind, name, args):
    if kind == "aggregate":
        return ["select %s(%s) from commons.t" % (name, args)]
    if kind in ("table", "table_macro"):
        return ["select * from %s(%s)" % (name, args), "select * from %s()" % name]
    if kind == "pragma":
        return ["select * from %s(%s)" % (name, args), "pragma %s" % name, "call %s()" % name]
    return ["select %s(%s)" % (name, args)]


# ---- other ways to say it --------------------------------------------------------------------

HARM = ["enable_peg_parser", "enable_logging", "enable_profiling", "disable_logging", "checkpoint",
        "force_checkpoint", "truncate_duckdb_logs", "read_blob", "glob", "query", "duckdb_settings"]
FORMS = ["select * from {f}()", 'select * from "{f}"()', "select * from main.{f}()",
         'select * from system.main."{F}" ( )', "from {f}()", "from {f} /* a /* b */ */ ()",
         "select * from {f} -- a\n ()", "with a as (from {f}()) select * from a",
         "with a as materialized (select * from {f}()) from a", "select (select count(*) from {f}())",
         "select 1 where exists (from {f}())", "select * from commons.t, lateral (from {f}())",
         "select * from commons.t join {f}() on true", "from (from (from {f}()))",
         "pivot (from {f}()) on a using count(*)", "describe select * from {f}()",
         "summarize select * from {f}()", "explain analyze select * from {f}()",
         "select [x for x in (select list(1) from {f}())]", "select list_transform([1], lambda x: {f}(x))",
         "values ((select count(*) from {f}()))", "select 1 union all select count(*) from {f}()",
         "select columns(c -> {f}(c)) from commons.t", "select a.{f}() from commons.t",
         "select 'x'.{f}()", "select {f}(a) over () from commons.t", "call {f}()", "pragma {f}",
         "(call {f}())", "from (call {f}())", "select distinct on (a) {f}(a) from commons.t",
         "select * from commons.t order by {f}(a)", "select * from commons.t limit {f}()",
         "select case when true then {f}(1) end", "select $${f}$$, * from {f}()", "from {f}( ) as t(a, b)"]
STATEMENTS = ["set threads = 1", "pragma threads = 1", "reset threads", "set global memory_limit = '1GB'",
              "call pragma_version()", "attach ':memory:' as z", "detach _db", "use memory", "checkpoint",
              "copy commons.t to 'out.csv'", "export database 'out'", "import database 'out'", "install x",
              "load x", "prepare p as select 1", "execute p", "insert into commons.t values (9, 'z')",
              "delete from commons.t", "update commons.t set a = 9", "drop table commons.t",
              "create table commons.z(a int)", "create secret z (type s3)", "vacuum", "analyze",
              "explain analyze delete from commons.t", "explain analyze insert into commons.t values (9, '')",
              "with d as (delete from commons.t returning *) select * from d",
              "with d as (insert into commons.t values (9, '') returning a) from d",
              "select * into commons.z from commons.t", "set variable z = 1", "begin", "commit"]


def files(place):
    own = [place.duck, place.duck + ".wal", place.duck + ".tmp/x.csv", place.duck + ".tmp/*.csv",
           os.path.basename(place.duck) + ".tmp/x.csv", place.folder + "/y.csv", "y.csv"]
    forms = ["select * from '{p}'", 'select * from "{p}"', "from '{p}'", 'from "{p}" select *',
             "select * from commons.t, '{p}'", "select * from commons.t positional join '{p}'",
             "describe '{p}'", "summarize '{p}'", 'summarize "{p}"', "table '{p}'",
             "pivot '{p}' on c using count(*)", "from (from '{p}')", "select * from E'{p}'",
             "select * from $${p}$$", "select * from read_csv('{p}')", "select * from read_text(['{p}'])",
             "select * from query_table('{p}')", "select * from query('from ''{p}''')",
             "with a as (from '{p}') from a", "select (select count(*) from '{p}')",
             "select * from commons.t where a in (select 1 from '{p}')", "from '{p}' t(z)"]
    found = [f.format(p=p) for f in forms for p in own]
    for cut in (place.duck.rindex("."), place.duck.index(".")):
        path = place.duck + ".tmp/x"
        found.append('select * from "%s"."%s"."csv"' % (path[:cut], path[cut + 1:]))
        found.append('select * from "%s" . "%s.csv"' % (path[:cut], path[cut + 1:]))
    return found


HIDDEN = ["select * from _rockset.secret", 'select * from "_rockset"."secret"', "from _ROCKSET.secret",
          "select * from _db._rockset.secret", 'from "_db" . "_RockSet" . secret',
          "select * from _rockset/**/.secret", "table _rockset.secret", "summarize _rockset.secret",
          "describe _rockset.secret", 'from U&"\\005frockset".secret', "show all tables", "describe",
          "from (show all tables)", "from (describe)", "show tables from _rockset", "show schemas",
          "select * from duckdb_tables()", "select * from duckdb_tables", "from main.duckdb_tables",
          "from system.main.duckdb_schemas", "from duckdb_columns()", "from sqlite_master",
          "from pg_catalog.pg_class", "from pg_class", "from pg_tables", "from pg_namespace",
          "select table_name from information_schema.tables", "from information_schema.tables t",
          'from "information_schema"."tables"', "from system.information_schema.tables",
          "from INFORMATION_SCHEMA.Columns as c", "from information_schema.schemata",
          "select (select count(*) from information_schema.tables where table_name = 'sec' || 'ret') "
          "|| repeat('hidden-', 0)", "from information_schema.table_constraints",
          "from information_schema.key_column_usage", "from information_schema.check_constraints",
          "select * from query_table('_rockset.secret')", "from query_table('_rock' || 'set.secret')",
          "from query('from _rock' || 'set.secret')", "from histogram('_rock' || 'set.secret', v)",
          "from histogram_values('_rock' || 'set.secret', v)", "select json_serialize_plan('from _rockset.secret')",
          "from json_execute_serialized_sql(json_serialize_sql('select * from _rock' || 'set.secret'))",
          "from sql_auto_complete('from _rock')", "from pragma_table_info('_rockset.secret')",
          "from pragma_show('_rockset.secret')", "from pragma_storage_info('_rockset.secret')",
          "from duckdb_views()", "from duckdb_constraints()", "select current_setting('search_path')",
          "select getenv('HOME')", "from duckdb_secrets()", "from which_secret('s3://a', 's3')"]


# ---- what was made elsewhere -----------------------------------------------------------------

def crafted(place):
    """The same in a file whose schema was written without the extension."""
    status, out = place.run("create virtual table x using rockset(query='select 1 as a'); select * from x;")
    if status != 0:
        sys.exit("a table can't be made: " + out)
    last = "select 1 as a"
    for form in FORMS[:24]:
        query = form.format(f="enable_peg_parser", F="ENABLE_PEG_PARSER")
        con = sqlite3.connect(place.db)
        con.execute("pragma writable_schema = on")
        con.execute("update sqlite_master set sql = ? where name = 'x'",
                    ("create virtual table x using rockset(query='%s')" % quoted(query),))
        for table, column in con.execute("select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c"
                                         " where m.name like 'x~_%' escape '~'").fetchall():
            con.execute('update "%s" set "%s" = ? where "%s" = ?' % (table, column, column),
                        (query, last))
        con.commit()
        con.close()
        last = query
        status, out = place.run("select * from x;\nselect rockset_refresh('x');\n"
                                "select 'sta' || 'te', c1 from rockset_query('select 7 /* a /* b */ c */');")
        suite.tried("in a file: " + query, attack.died(status, out) or
                    (None if "state|7" in out else "the parser is another: " + attack.shorten(out)))


def shipped():
    """A DuckDB file that holds the call itself: it is not opened."""
    for what in ("create view commons.v as select * from {f}()", "create macro lower(x) as (select count(*) from {f}())",
                 "create macro commons.m() as table from {f}()", "create macro sum(x) as (select 1 from {f}())",
                 "create view commons.lower as with a as (from {f}()) from a"):
        for f in ("enable_logging", "enable_profiling", "enable_peg_parser", "force_checkpoint",
                  "json_execute_serialized_sql", "query"):
            made = what.format(f=f).replace("query()", "query('select 1')").replace(
                "json_execute_serialized_sql()", "json_execute_serialized_sql(json_serialize_sql('select 1'))")
            place = Place()
            status, out = place.run("select rockset_exec('%s');" % quoted(made))
            _, out = place.run("select 'opened', c1 from rockset_query('select lower(''A'')');")
            suite.tried("in a DuckDB file: " + made,
                        "it was opened: " + attack.shorten(out) if "opened|" in out or status != 0 else None)
            place.close()


def main():
    place = Place()
    queries, names = calls(place)
    if len(names) < 300:
        sys.exit("the catalog has %d names" % len(names))
    print("# %d functions of the engine's catalog, %d calls" % (len(names), len(queries)), flush=True)
    try_all(place, queries)
    try_all(place, [f.format(f=h, F=h.upper()) for h in HARM for f in FORMS])
    try_all(place, STATEMENTS + files(place) + HIDDEN)
    crafted(place)
    place.close()
    shipped()
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
