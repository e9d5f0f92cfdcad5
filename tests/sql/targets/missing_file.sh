#!/bin/sh
# Reading makes no DuckDB file. A SQLite file that was renamed or copied alone: errors name the file
# that is missing and what to do, and nothing is made that would hide it.
set -u
q() {
  file=$1
  shift
  sqlite3 -batch "$file" -cmd ".load $ROCKSET_EXT" 2>&1 |
    sed -e 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//' -e "s, \[remote SQL:.*,,; s,$PWD/,,g"
}
echo "-- a new file: all that reads"
q new.db <<'END'
SELECT * FROM rockset_query('select 42 as answer');
SELECT count(*) FROM rockset_collections;
SELECT name FROM rockset_workspaces;
SELECT step, status, detail FROM rockset_debug WHERE step = 'workspace';
SELECT * FROM rockset_query('select * from commons.nothing');
CREATE VIRTUAL TABLE t USING rockset('commons.nothing');
CREATE VIRTUAL TABLE q USING rockset(query='select 1 as one');
SELECT one FROM q;
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('m', 'select 1 as a');
SELECT rockset_compile('m');
SELECT change FROM rockset_plan('m');
SELECT rockset_query_lambda('nolambda');
END
ls
echo "-- what writes makes it"
q new.db <<'END'
SELECT status FROM rockset_run('m');
CREATE VIRTUAL TABLE m USING rockset('commons.m');
SELECT * FROM m;
SELECT rockset_exec('create table commons.w(_id varchar, n int)') IS NULL;
CREATE VIRTUAL TABLE w USING rockset('commons.w');
INSERT INTO w(_id, n) VALUES('a', 1);
END
ls -d *.duckdb
echo "-- renamed alone"
mv new.db named.db
q named.db <<'END'
SELECT * FROM m;
SELECT count(*) FROM w WHERE n = 1;
INSERT INTO w(_id, n) VALUES('b', 1);
DELETE FROM w;
SELECT rockset_refresh('m');
SELECT rockset_analyze('m');
SELECT * FROM rockset_query('select * from commons.m');
ATTACH 'named.db' AS other;
SELECT * FROM other.m;
DROP TABLE q;
END
ls -d *.duckdb
mv new.db.duckdb named.db.duckdb
q named.db <<'END'
SELECT * FROM m;
SELECT * FROM w;
END
echo "-- attached"
mv named.db.duckdb away
q other.db <<'END'
ATTACH 'named.db' AS a;
SELECT * FROM a.m;
END
mv away named.db.duckdb
echo "-- while others use it: the file comes while a session has an empty one in its place"
q late.db <<'END'
SELECT * FROM rockset_query('select * from commons.m');
.shell cp named.db.duckdb late.db.duckdb
SELECT * FROM rockset_query('select * from commons.m');
END
echo "-- a profile's path, and what it attaches"
q p.db <<'END'
SELECT rockset_profile(NULL, NULL, '{"type":"duckdb","path":"far.duckdb","attach":[{"path":"named.db.duckdb","alias":"here"},{"path":"gone.duckdb"}]}') IS NULL;
SELECT * FROM rockset_query('select * from here.commons.m');
SELECT * FROM rockset_query('select * from commons.m');
SELECT * FROM rockset_query('select * from gone.commons.m');
END
q p.db <<'END'
SELECT rockset_profile(NULL, NULL, '{"type":"duckdb","path":"far.duckdb","read_only":true}') IS NULL;
SELECT * FROM rockset_query('select 1');
END
ls -d *.duckdb
