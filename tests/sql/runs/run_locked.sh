#!/bin/sh
# While another connection writes, a run can't be recorded: it goes on, and says so once, at its
# end.
set -u
sql() { sqlite3 -batch -cmd ".load $ROCKSET_EXT" "$@" 2>&1; }

sql shop.db <<'END'
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('a', 'select 1 as x'),
  ('b', 'select * from {{ ref("a") }}');
END

mkfifo hold
sqlite3 -batch shop.db <hold &
exec 3>hold
echo 'BEGIN IMMEDIATE; UPDATE rockset_meta SET value = value; SELECT "held";' >&3
sleep 0.5
sql shop.db <<'END'
SELECT node, status FROM rockset_run('*');
SELECT json_extract(x, '$.success'), json_extract(x, '$.not_recorded')
  FROM (SELECT rockset_run('*', '{"raise":false}') AS x);
SELECT count(*) FROM rockset_invocations;
END
echo 'COMMIT;' >&3
exec 3>&-
wait

echo 'a database that can only be read'
chmod a-w shop.db
sql -readonly shop.db "SELECT node, status FROM rockset_run('b');"

echo 'loading while the file is locked, or is no database'
chmod u+w shop.db
mkfifo hold2
sqlite3 -batch shop.db <hold2 &
exec 3>hold2
echo 'BEGIN EXCLUSIVE; SELECT "held";' >&3
sleep 0.5
sql shop.db "SELECT rockset_version() LIKE 'rockset_ext%';"
sql shop.db "SELECT * FROM rockset_run('*');"
echo 'COMMIT;' >&3
exec 3>&-
wait
yes 'this is no database, whatever its name says' | head -n 30 >text.db
sql text.db "SELECT rockset_version() LIKE 'rockset_ext%';" |
  sed 's/^Error.*near line [0-9]*/Error/'

echo 'selections from a table that is being read'
sql shop.db <<'END'
SELECT m.name, r.node, r.status FROM rockset_models AS m CROSS JOIN rockset_run(m.name) AS r
  ORDER BY m.name;
SELECT name, json_extract(rockset_materialize(name), '$.message') FROM rockset_models ORDER BY name;
SELECT selection, status FROM rockset_invocations ORDER BY rowid;
PRAGMA journal_mode = wal;
SELECT r.node, r.status FROM rockset_models AS m CROSS JOIN rockset_run(m.name) AS r
  ORDER BY m.name;
PRAGMA locking_mode = exclusive;
INSERT INTO rockset_vars(name, value) VALUES('x', 1);
SELECT node, status FROM rockset_run('a');
SELECT count(*), sum(status = 'success') FROM rockset_invocations;
END
