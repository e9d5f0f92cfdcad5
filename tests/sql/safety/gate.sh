#!/bin/sh
# The gate in front of every function: a file whose tables call functions, connections that only
# read, and lockdown. Every function and place is tried by tests/attack/schema.py and reading.py.
set -u
shell() { sqlite3 -batch -cmd ".load $ROCKSET_EXT" "$@" 2>&1; }
sql() { shell "$@" | sed 's/^Error[^:]*: stepping, /Error: /'; }

echo 'a CHECK that SQLite lets call functions'
# made without the extension: a function that SQLite does not know may stand in a text that it reads
/usr/bin/python3 - <<'END'
import sqlite3
def open_(file):
    db = sqlite3.connect(file, isolation_level=None)
    for name in ("rockset_trust", "rockset_exec"):
        db.create_function(name, -1, lambda *a: 1, deterministic=True)
    return db
open_("evil.db").executescript("""CREATE TABLE harmless(rockset_trust, x CHECK(x <> 'rockset_trust(1)')); -- rockset_trust(1)
CREATE TABLE n(body, CHECK(rockset_trust(1)));
INSERT INTO n VALUES (1); INSERT INTO harmless VALUES (1, 2)""")
open_("generated.db").executescript("""CREATE TABLE g(a, b AS ("ROCKSET_EXEC" /* ( */ ('create table commons.x(a int)')));
INSERT INTO g(a) VALUES (1)""")
END
sql evil.db 'INSERT INTO n VALUES (2);'
sql evil.db 'SELECT count(*), rockset_trust() FROM n;'
echo 'a generated column that was read before the functions were there'
sqlite3 -batch generated.db 'SELECT count(*) FROM g' ".load $ROCKSET_EXT" 'SELECT b FROM g' 2>&1 |
  sed 's/^Error[^:]*: stepping, /Error: /'
ls ./*.duckdb 2>/dev/null
echo 'any function in a statement on such a file; not in one that reads no table'
sql evil.db "SELECT rockset_render('{{ x }}') FROM harmless;"
sql evil.db "SELECT rockset_render('{{ 1 + 1 }}'); ATTACH 'other.db' AS o;
  CREATE TABLE o.t(x); INSERT INTO o.t VALUES (1); SELECT rockset_render('{{ 2 + 2 }}') FROM o.t;"
sql evil.db "ATTACH 'other.db' AS o; SELECT rockset_render('{{ 3 + 3 }}') FROM o.t;
  DROP TABLE n; SELECT rockset_render('{{ 4 + 4 }}') FROM harmless;"
echo 'trust: a plain SELECT, alone'
sql :memory: 'CREATE TABLE t(a); INSERT INTO t SELECT rockset_trust(1);'
sql :memory: 'SELECT rockset_trust(1) FROM (SELECT 1);'
sql :memory: 'SELECT rockset_trust(1) WHERE 1 IN (SELECT 1);'
sql :memory: 'select /* from */ rockset_trust(1) AS "from"; SELECT rockset_trust() FROM (SELECT 1);'

echo 'connections that only read'
sqlite3 -batch shop.db 'CREATE TABLE t(a); INSERT INTO t VALUES (1);'
sql -readonly shop.db "SELECT rockset_exec('create table commons.x(a int)');"
sql shop.db "PRAGMA query_only = 1; SELECT rockset_exec('create table commons.x(a int)');"
sql shop.db "PRAGMA query_only = 1; SELECT * FROM rockset_run('*');"
sql -readonly shop.db "SELECT rockset_profile('d', 'p',
  '{\"p\":{\"outputs\":{\"d\":{\"type\":\"duckdb\",\"path\":\":memory:\"}}}}') ->> 'path';
  SELECT c1 FROM rockset_query('select 42');"
for field in '"library":"/nowhere.so"' '"allow_external_access":true' '"settings":{"extension_directory":"/x"}' \
  '"attach":[{"path":"x.db","type":"sqlite"}]'; do
  sql -readonly shop.db "SELECT rockset_profile('d', 'p',
    '{\"p\":{\"outputs\":{\"d\":{\"type\":\"duckdb\",\"path\":\":memory:\",$field}}}}');"
done
sql -readonly shop.db "SELECT rockset_profile('d', 'p',
  '{\"p\":{\"outputs\":{\"d\":{\"type\":\"adbc\",\"driver\":\"/nowhere.so\"}}}}');"

echo 'lockdown'
sql :memory: 'SELECT rockset_lockdown(3);'
sql :memory: 'SELECT rockset_lockdown(), rockset_lockdown(2); SELECT rockset_lockdown(1);'
sql :memory: 'BEGIN; SELECT rockset_lockdown(1);'
sql :memory: "SELECT rockset_lockdown(1); SELECT c1 FROM rockset_query('select 42');
  CREATE VIRTUAL TABLE t USING rockset(query='select 1 as a', target='other');"
sql :memory: "SELECT rockset_lockdown(1); SELECT rockset_profile();"
sql :memory: "CREATE VIRTUAL TABLE t USING rockset(query='select 7 as a');
  SELECT rockset_lockdown(2); SELECT a FROM t; SELECT * FROM rockset_query('select 42');"
export ROCKSET_LOCKDOWN
for ROCKSET_LOCKDOWN in 2 0 ''; do sql :memory: 'SELECT rockset_lockdown();'; done
ROCKSET_LOCKDOWN=on sql :memory: '' | head -n 1
