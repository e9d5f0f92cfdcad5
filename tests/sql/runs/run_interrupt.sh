#!/bin/sh
# An interrupt (Ctrl-C in the shell) stops a run within a second: the engine stops, the old relation
# stays, the rest is recorded as skipped although SQLite refuses every statement after an interrupt.
set -u

sqlite3 -batch -cmd ".load $ROCKSET_EXT" shop.db <<'END'
SELECT rockset_init();
SELECT rockset_exec('create schema if not exists commons');
SELECT rockset_exec('create table commons.slow as select 7 as n');
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('first', 'view', 'select 1 as a'),
  ('slow', 'table', 'select count(*) as n from range(1000000000000) t(i)
    where sqrt(i) < (select min(a) - 9 from {{ ref("first") }})'),
  ('after', 'table', 'select * from {{ ref("slow") }}');
END

# interrupted STATEMENT CONDITION: runs it in a shell and sends SIGINT once a row of the tables says
# that the slow model is being built
interrupted() {
  printf '%s\n' "$1" 'SELECT 1;' >script.sql
  echo '.quit' >>script.sql
  LD_PRELOAD= sh -c 'exec "$0" -batch -cmd ".load $ROCKSET_EXT" shop.db <script.sql' \
    "$(command -v sqlite3)" >out.txt 2>&1 &
  shell=$!
  i=0
  while ! sqlite3 -batch -readonly shop.db "SELECT 1 FROM rockset_invocations AS i WHERE $2" \
    2>/dev/null | grep -q 1; do
    i=$((i + 1))
    [ $i -lt 200 ] || break
    sleep 0.05
  done
  sleep 0.3
  # a run holds no lock: others read and write meanwhile
  sqlite3 -batch shop.db "INSERT OR REPLACE INTO rockset_vars(name, value) VALUES('n', 1)" 2>&1
  begin=$(date +%s%N)
  kill -INT "$shell"
  wait "$shell"
  took=$((($(date +%s%N) - begin) / 1000000))
  [ $took -lt 2000 ] && echo 'stopped in time' || echo "took $took ms"
  # newer shells say it once more
  sed -e 's/near line [0-9]*: //' -e '/^Program interrupted\.$/d' out.txt
}

first="status = 'running' AND (SELECT count(*) FROM rockset_results WHERE invocation_id = i.id) = 1"
interrupted "SELECT node, status FROM rockset_run('*');" "$first"
interrupted "SELECT rockset_run('*');" "$first"

sqlite3 -batch -cmd ".load $ROCKSET_EXT" shop.db <<'END'
SELECT status, message, finished_at IS NOT NULL FROM rockset_invocations ORDER BY rowid;
SELECT node, status, message FROM rockset_results ORDER BY rowid;
SELECT row FROM rockset_query('select * from commons.slow');
END

echo 'materialize'
interrupted "SELECT json_extract(rockset_materialize('first'), '$.status');
SELECT rockset_materialize('slow');" \
  "status = 'running' AND selection = 'slow'"
sqlite3 -batch shop.db "SELECT command, selection, status, message FROM rockset_invocations
  ORDER BY rowid DESC LIMIT 1"
