/*
** The points of the main job at which fault_main_job.c lets every allocation fail.
**
** Each step runs in a process of its own: its database is in memory, the target an embedded DuckDB
** in memory with one thread. To add a step: one line here.
*/
#ifndef MAIN_JOB_STEPS_H
#define MAIN_JOB_STEPS_H
#include <stddef.h>

struct step {
  const char *name;
  long from;          /* the first allocation to fail; those before are another step's */
  long by;            /* where all from one on fail: every so many is the one; 1: each */
  const char *before; /* runs once, with all the memory it wants */
  const char *sql;    /* what runs while allocations fail; several statements are fine */
  const char *verify; /* must give 1 afterwards, when memory is back and sql ran once more */
  const char *undo;   /* brings back the state before, may fail */
};

#define PROFILE                                                                            \
  "SELECT rockset_profile('dev', 'p', '{\"p\":{\"outputs\":{\"dev\":{\"type\":\"duckdb\"," \
  "\"settings\":{\"threads\":1}}}}}');"
/* A collection of three rows: numbers, texts, lists. */
#define ROWS                                                                     \
  PROFILE "SELECT rockset_exec('create schema if not exists commons');"          \
          "SELECT rockset_exec('create table commons.t as select * from (values" \
          " (1, ''a'', [1]), (2, ''b'', null), (3, ''c'', [2, 3])) v(n, name, tags)');"
/* A column of floats with a sidecar: an integer, a float, a date, an object. */
#define SIDED                                                                                   \
  PROFILE "SELECT rockset_exec('create schema commons');"                                       \
          "SELECT rockset_exec('create table commons.s(n bigint, f double, \"f~x\" varchar)');" \
          "SELECT rockset_exec('insert into commons.s values (1, 1, ''i1''), (2, 2.5, null),"   \
          " (3, null, ''d2020-01-02''), (4, null, ''g{\"type\":\"Point\"}''), (5, null, ''n'')');"
/* Columns of types that need no stage, one row. */
#define PLAIN                                                                                \
  "SELECT rockset_exec('create schema if not exists commons');"                              \
  "SELECT rockset_exec('create table commons.t(n bigint, name varchar, f double, d date)');" \
  "SELECT rockset_exec('insert into commons.t values (1, ''a'', null, null)');"
/* A view, an ephemeral model, a table with a loop in its template. */
#define MODELS                                                                     \
  "INSERT OR REPLACE INTO rockset_models(name, materialized, sql) VALUES"          \
  " ('a', 'view', 'select * from {{ source(\"commons\", \"t\") }}'),"              \
  " ('b', 'ephemeral', 'select n, name from {{ ref(\"a\") }}'),"                   \
  " ('c', 'table', '{{ config(tags=[\"x\"]) }}{% for i in [1, 2] %}"               \
  "select n + {{ i }} as n from {{ ref(\"b\") }}{% if not loop.last %} union all " \
  "{% endif %}{% endfor %}');"
#define INIT ROWS "SELECT rockset_init();"
#define BUILT INIT MODELS "SELECT rockset_run('*');"
#define SIX "SELECT c1 = 6 FROM rockset_query('select count(*) from commons.c')"
/* Models that are built already, so that a run takes their incremental way. */
#define GROWING(config)                                                                     \
  INIT "INSERT INTO rockset_models(name, materialized, sql) VALUES('g', 'incremental',"     \
       " '" config "select n, name from {{ source(\"commons\", \"t\") }}"                   \
       "{% if is_incremental() %} where n >= (select max(n) from {{ this }}){% endif %}');" \
       "SELECT rockset_run('g');"

/* A table that a collection follows; a row has changed, one is gone, one has come. */
#define FOLLOWED                                                                   \
  INIT "CREATE TABLE shops(id INTEGER PRIMARY KEY, town TEXT UNIQUE);"             \
       "INSERT INTO shops VALUES (1, 'a'), (2, 'b'), (3, 'c');"                    \
       "SELECT rockset_follow('shops', 'commons.shops');"                          \
       "UPDATE shops SET town = 'x' WHERE id = 1; DELETE FROM shops WHERE id = 2;" \
       "INSERT INTO shops VALUES (4, 'd');"

/* More rows than a copy of all is worth for a few. */
#define LOCAL                                                                          \
  PROFILE "CREATE TABLE shops(id INTEGER PRIMARY KEY, town TEXT UNIQUE);"              \
          "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s LIMIT 2200)" \
          "INSERT INTO shops SELECT i, 'town ' || i FROM s;"

/* The longest first: they are dealt out to the processors in this order. */
static const struct step steps[] = {
  {"load", 1, 4, /* each opens a DuckDB of its own, which takes long */ ROWS,
   "SELECT rockset_load('commons.l', 'rows.json', '{\"mode\":\"replace\"}')",
   "SELECT c1 = 3 FROM rockset_query('select count(*) from commons.l')", ""},
  // staging is as above
  {"load, append", 150, 4,
   ROWS "SELECT rockset_load('commons.l', 'rows.json', '{\"id_field\":\"n\"}')",
   "SELECT rockset_load('commons.l', 'more.ndjson', '{\"mode\":\"append\",\"id_field\":\"n\"}')",
   "SELECT c1 = 4 FROM rockset_query('select count(*) from commons.l')", ""},
  {"run", 1, 1, INIT MODELS, "SELECT * FROM rockset_run('*')", SIX, ""},
  {"retry", 20, 8,
   INIT MODELS "SELECT rockset_run('*'); UPDATE rockset_results SET status = 'error';",
   "SELECT * FROM rockset_retry()", SIX, ""},
  {"run, incremental", 1, 8, GROWING(""), "SELECT * FROM rockset_run('g')",
   "SELECT c1 >= 3 AND c2 = 3 FROM rockset_query("
   "'select count(*), count(distinct n) from commons.g')",
   ""},
  {"run, upsert", 1, 8, GROWING("{{ config(unique_key=\"n\") }}"), "SELECT rockset_run('g')",
   "SELECT c1 = 3 FROM rockset_query('select count(*) from commons.g')", ""},
  // the table is there and is replaced; the view that it reads is missing and is built first
  {"materialize", 1, 8, BUILT, "SELECT rockset_materialize('c', 'table')", SIX,
   "SELECT rockset_exec('drop view commons.a')"},
  {"follow", 1, 4,
   INIT "CREATE TABLE shops(id INTEGER PRIMARY KEY, town TEXT UNIQUE);"
        "INSERT INTO shops VALUES (1, 'a'), (2, 'b');",
   "SELECT rockset_follow('shops', 'commons.shops', '{\"replace\":true}')",
   "SELECT c1 = 2 FROM rockset_query('select count(*) from commons.shops')",
   "SELECT rockset_unfollow('shops'); SELECT rockset_drop_collection('commons.shops')"},
  {"sync", 1, 4, FOLLOWED, "SELECT rockset_sync()",
   "SELECT c1 = 8 AND c2 = 3 FROM rockset_query('select sum(id), count(*) from commons.shops')",
   "UPDATE shops SET town = town || 'y'"},
  // the rows that an index finds, then all
  {"local tables", 1, 1, LOCAL,
   "SELECT * FROM rockset_query('select town from sqlite.shops"
   " where id in (1, 2) and town = ''town 1''');"
   "SELECT * FROM rockset_query('select max(id), max(town) from sqlite.shops')",
   "SELECT c1 = 2200 AND c2 = 2200 FROM rockset_query("
   "'select count(*), count(distinct town) from sqlite.shops')",
   "UPDATE shops SET town = town || 'y' WHERE id = 7"},
  {"the extension itself", 1, 1, "", "", "SELECT 1", ""},
  {"profile", 1, 1, "", PROFILE, "SELECT 1", ""},
  {"init", 1, 1, PROFILE, "SELECT rockset_init()", "SELECT count(*) >= 0 FROM rockset_models",
   "DROP TABLE rockset_models; DROP TABLE rockset_meta"},
  {"exec", 1, 1, ROWS, "SELECT rockset_exec('update commons.t set n = n')", "SELECT 1", ""},
  {"exec, parameters", 1, 1, ROWS,
   "SELECT rockset_exec('update commons.t set n = n + ? where name <> ?', '[0,\"zz\"]');"
   "SELECT rockset_exec('update commons.t set n = :n where n = :n', '{\"n\":3}')",
   "SELECT c1 = 6 FROM rockset_query('select sum(n) from commons.t')", ""},
  {"query", 1, 1, ROWS,
   "SELECT row, c1, c2 FROM rockset_query('select * from commons.t where n > :n', '{\"n\":1}')",
   "SELECT 1", ""},
  {"compile", 1, 1, BUILT, "SELECT rockset_compile('c')",
   "SELECT rockset_compile('c') LIKE '%__dbt__cte__b%'", ""},
  {"compile, options", 1, 8,
   INIT "INSERT INTO rockset_models(name, materialized, sql) VALUES('v', 'incremental',"
        " 'select {{ var(\"x\")[0] }} as x{% if is_incremental() %} where 1 = 0{% endif %}')",
   "SELECT rockset_compile('v', '{\"vars\":{\"x\":[7,{\"y\":\"z\"}]},\"full_refresh\":true}')",
   "SELECT rockset_compile('v', '{\"vars\":{\"x\":[7]}}') = 'select 7 as x'", ""},
  {"ls", 1, 1, INIT MODELS, "SELECT rockset_ls('+c')",
   "SELECT json_array_length(rockset_ls('*')) = 3", ""},
  {"create", 1, 1, ROWS, "CREATE VIRTUAL TABLE t USING rockset('commons.t')",
   "SELECT count(*) = 3 FROM t", "DROP TABLE IF EXISTS t"},
  {"create, over a query", 1, 1, ROWS,
   "CREATE VIRTUAL TABLE q USING rockset(query='select n, name from commons.t where n > :least')",
   "SELECT count(*) = 2 FROM q(1)", "DROP TABLE IF EXISTS q"},
  {"scan", 1, 1, ROWS "CREATE VIRTUAL TABLE t USING rockset('commons.t')",
   "SELECT n, name, tags FROM t WHERE n >= 2 AND name IN ('b', 'c') ORDER BY n DESC LIMIT 2",
   "SELECT count(*) = 2 FROM t WHERE n > 1", ""},
  {"scan, over a query", 1, 1,
   ROWS "CREATE VIRTUAL TABLE q USING rockset(query='select n, name from commons.t where n > :a')",
   "SELECT n, name FROM q(1) WHERE name <> 'b' ORDER BY n LIMIT 1",
   "SELECT count(*) = 1 FROM q(1) WHERE name <> 'b'", ""},
  // the third row's text is replaced, the second row goes, two come
  {"write", 1, 1, ROWS "CREATE VIRTUAL TABLE t USING rockset('commons.t', key='n')",
   "BEGIN; INSERT INTO t VALUES(7, 'g', '[1]'), (8, 'h', NULL); DELETE FROM t WHERE n IN (2, 8);"
   "SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; UPDATE t SET name = 'C' WHERE n = 3;"
   "SELECT * FROM t ORDER BY n; UPDATE t SET n = 9 WHERE n = 7; COMMIT",
   "SELECT count(*) = 3 AND max(n) = 9 AND sum(name = 'C') = 1 FROM t",
   "SAVEPOINT u; ROLLBACK; SELECT rockset_exec('create or replace table commons.t as select * from "
   "(values"
   " (1, ''a'', [1]), (2, ''b'', null), (3, ''c'', [2, 3])) v(n, name, tags)')"},
  {"create, sided", 1, 1, SIDED, "CREATE VIRTUAL TABLE s USING rockset('commons.s', key='n')",
   "SELECT count(*) = 4 AND sum(typeof(f) = 'integer') = 1 FROM s WHERE f IS NOT NULL",
   "DROP TABLE IF EXISTS s"},
  {"scan, sided", 1, 1, SIDED "CREATE VIRTUAL TABLE s USING rockset('commons.s', key='n')",
   "SELECT f, typeof(f) FROM s WHERE f > 0 ORDER BY f",
   "SELECT group_concat(typeof(f)) = 'integer,real,text,text' FROM (SELECT f FROM s WHERE f > 0 "
   "ORDER BY n)",
   ""},
  {"write, sided", 1, 1, SIDED "CREATE VIRTUAL TABLE s USING rockset('commons.s', key='n')",
   "BEGIN; UPDATE s SET f = 7 WHERE n = 3; SELECT f FROM s; ROLLBACK",
   "SELECT f = '2020-01-02' FROM s WHERE n = 3", "ROLLBACK"},
  // rows that go straight into the relation: without a key, by column; with one, its keys staged
  {"append", 1, 1, PROFILE PLAIN "CREATE VIRTUAL TABLE t USING rockset('commons.t')",
   "BEGIN; INSERT INTO t VALUES(7, 'g', 0.5, '2026-01-02'), (8, NULL, NULL, NULL);"
   "SAVEPOINT s; INSERT INTO t VALUES(9, 'h', 1, '2026-01-03'); ROLLBACK TO s;"
   "SELECT * FROM t ORDER BY n; COMMIT",
   "SELECT count(*) = 3 AND sum(n) = 16 AND max(d) = '2026-01-02' FROM t",
   "SAVEPOINT u; ROLLBACK; SELECT rockset_exec('delete from commons.t where n > 1')"},
  // rows that go to the engine before COMMIT, on another thread: a block and a bit
  {"append, in bulk", 1, 8,
   PROFILE PLAIN
   "CREATE VIRTUAL TABLE t USING rockset('commons.t'); CREATE TEMP TABLE source AS WITH"
   " RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 9001)"
   " SELECT i FROM n",
   "BEGIN; INSERT INTO t SELECT i, 'g', 0.5, NULL FROM source; SAVEPOINT s;"
   "INSERT INTO t VALUES(-1, 'h', 1, '2026-01-03'); ROLLBACK TO s; COMMIT",
   "SELECT count(*) = 9001 AND min(n) = 1 AND max(n) = 9001 AND count(DISTINCT n) = 9001 FROM t",
   "SAVEPOINT u; ROLLBACK; SELECT rockset_exec('delete from commons.t where n > 1')"},
  {"append, keyed", 1, 1,
   PROFILE PLAIN "CREATE VIRTUAL TABLE t USING rockset('commons.t', key='n')",
   "BEGIN; INSERT OR IGNORE INTO t VALUES(1, 'x', 0, NULL), (5, NULL, 0, NULL), (7, 'g', 0, NULL);"
   "INSERT OR REPLACE INTO t VALUES(8, 'h', 1, NULL), (7, 'i', 2, NULL); COMMIT",
   "SELECT count(*) = 4 AND sum(n) = 21 AND sum(name = 'i') = 1 FROM t",
   "SAVEPOINT u; ROLLBACK; SELECT rockset_exec('delete from commons.t where n > 1')"},
  {"catalog, columns", 1, 1, ROWS, "SELECT *, types FROM rockset_columns",
   "SELECT count(*) > 0 FROM rockset_columns", ""},
  {"catalog, workspaces", 1, 1, ROWS, "SELECT * FROM rockset_workspaces",
   "SELECT count(*) > 0 FROM rockset_workspaces", ""},
  {"catalog, collections", 1, 1, ROWS, "SELECT * FROM rockset_collections",
   "SELECT count(*) = 1 FROM rockset_collections", ""},
  {"catalog, views", 1, 1, ROWS "SELECT rockset_exec('create view commons.v as from commons.t')",
   "SELECT * FROM rockset_views", "SELECT count(*) = 1 FROM rockset_views", ""},
  {"debug", 1, 1, ROWS, "SELECT * FROM rockset_debug", "SELECT count(*) > 3 FROM rockset_debug",
   ""},
  {"log", 1, 1, ROWS, "SELECT id, at, sql, error FROM rockset_log ORDER BY id DESC LIMIT 3",
   "SELECT count(*) > 0 FROM rockset_log", ""},
  {"attach", 1, 1, ROWS, "SELECT rockset_attach('commons', 'c_', 't*')",
   "SELECT count(*) = 3 FROM c_t", "SELECT rockset_detach('commons')"},
  {"detach", 1, 1, ROWS, "SELECT rockset_detach('commons', 'c_')",
   "SELECT count(*) = 0 FROM temp.sqlite_schema WHERE name = 'c_t'",
   "SELECT rockset_attach('commons', 'c_')"},
  {"create and drop a workspace", 1, 1, PROFILE,
   "SELECT rockset_create_workspace('w'); SELECT rockset_drop_workspace('w')",
   "SELECT count(*) = 0 FROM rockset_workspaces WHERE name = 'w'",
   "SELECT rockset_drop_workspace('w')"},
  {"create a collection", 1, 1, PROFILE, "SELECT rockset_create_collection('w.n')",
   "SELECT count(*) = 1 FROM rockset_collections WHERE name = 'n'",
   "SELECT rockset_exec('drop table if exists w.n')"},
  {"drop a collection", 1, 1, PROFILE "SELECT rockset_create_workspace('w')",
   "SELECT rockset_drop_collection('w.n')", "SELECT count(*) = 0 FROM rockset_collections",
   "SELECT rockset_exec('create table if not exists w.n(n int)')"},
  {"drop a view", 1, 1, ROWS, "SELECT rockset_drop_view('commons.v')",
   "SELECT count(*) = 0 FROM rockset_views",
   "SELECT rockset_exec('create or replace view commons.v as from commons.t')"},
};

#define NSTEPS (sizeof steps / sizeof steps[0])
#endif
