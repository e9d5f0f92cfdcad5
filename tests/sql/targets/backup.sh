#!/bin/sh
# rockset_backup: the SQLite files and their DuckDB files, copied while they are in use; what the
# copies hold is tested by putting them in place somewhere else.
set -u
q() {
  file=$1
  shift
  sqlite3 -batch "$file" -cmd ".load $ROCKSET_EXT" 2>&1 |
    sed -e 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//' -e "s, \[remote SQL:.*,,; s,$PWD/,,g"
}
q shop.db >/dev/null <<'END'
PRAGMA journal_mode = wal;
CREATE TABLE local(x); INSERT INTO local VALUES('mine');
SELECT rockset_exec('create schema commons');
SELECT rockset_exec('create sequence commons.seq start 5');
SELECT rockset_exec('select nextval(''commons.seq'')');
SELECT rockset_exec('create type commons.color as enum (''red'', ''blue'')');
SELECT rockset_exec('create table commons.parent(id int primary key)');
SELECT rockset_exec('create table commons.t(_id varchar primary key, n int check (n < 100), c commons.color, p int references commons.parent(id), s int default nextval(''commons.seq''), twice int generated always as (n * 2))');
SELECT rockset_exec('insert into commons.parent values (1)');
SELECT rockset_exec('insert into commons.t(_id, n, c, p) values (''a'', 1, ''red'', 1), (''b'', 2, ''blue'', 1)');
SELECT rockset_exec('create index byn on commons.t(n)');
SELECT rockset_exec('create view commons.v as select _id, shop.commons.plus(n) as m from commons.t');
SELECT rockset_exec('create macro commons.plus(x) as x + 1');
SELECT rockset_exec('create or replace view commons.v as select _id, commons.plus(n) as m from commons.t');
SELECT rockset_exec('comment on table commons.t is ''kept''');
SELECT rockset_create_alias('other', 'commons.t');
SELECT rockset_create_query_lambda('commons.l', 'select :n + 1 as r', '[{"name":"n","type":"int","value":"1"}]');
CREATE VIRTUAL TABLE t USING rockset('commons.t');
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('m', 'select count(*) as n from commons.t');
SELECT * FROM rockset_run('m');
END
q more.db >/dev/null <<'END'
SELECT rockset_exec('create schema commons');
SELECT rockset_exec('create table commons.x(_id varchar, v int)');
CREATE VIRTUAL TABLE x USING rockset('commons.x');
INSERT INTO x(_id, v) VALUES('more', 1);
END
echo "-- made"
q shop.db <<'END'
ATTACH 'more.db' AS more;
ATTACH ':memory:' AS mem;
SELECT rockset_backup('saved');
SELECT rockset_backup('saved');
SELECT count(*) FROM t;
SELECT rockset_exec('insert into commons.t(_id, n) values (''later'', 3)');
BEGIN;
SELECT rockset_backup('again');
COMMIT;
SELECT rockset_backup('no/such/folder');
SELECT rockset_backup(NULL);
SELECT rockset_backup('again') FROM t LIMIT 1;
SELECT typeof(rockset_backup('second'));
SELECT count(*) FROM t;
END
ls -d saved/* second/*
[ -e again ] && echo "again is there"
cmp shop.db.duckdb second/shop.db.duckdb && echo "the same bytes"
echo "-- restored, under another name"
mkdir back
mv saved/shop.db back/store.db
mv saved/shop.db.duckdb back/store.db.duckdb
mv saved/more.db saved/more.db.duckdb back
q back/store.db <<'END'
PRAGMA integrity_check;
SELECT * FROM local;
SELECT _id, n, c, p, s, twice FROM t ORDER BY 1;
SELECT * FROM rockset_query('select * from commons.v order by 1');
SELECT * FROM rockset_query('select * from commons.other order by _id limit 1');
SELECT * FROM rockset_query_lambda('commons.l', '{"n": 41}');
SELECT * FROM rockset_query('select count(*) as c from commons.m');
SELECT * FROM rockset_query('select index_name, is_unique from duckdb_indexes() order by 1');
SELECT * FROM rockset_query('select comment from duckdb_tables() where table_name = ''t''');
SELECT * FROM rockset_query('select start_value, last_value from duckdb_sequences()');
SELECT rockset_exec('insert into commons.t(_id, n) values (''c'', 500)');
SELECT rockset_exec('insert into commons.t(_id, p) values (''c'', 77)');
SELECT rockset_exec('insert into commons.t(_id) values (''a'')');
SELECT rockset_exec('insert into commons.t(_id, n) values (''new'', 9)');
SELECT count(*), max(s) FROM t;
SELECT status FROM rockset_run('m');
ATTACH 'back/more.db' AS more;
SELECT * FROM more.x;
END
echo "-- a log that a crash has left"
q crash.db >/dev/null <<'END'
SELECT rockset_exec('create schema commons');
END
sqlite3 crash.db ".load $ROCKSET_EXT" "SELECT rockset_exec('create table commons.y as select range as n from range(1000)')" ".shell kill -9 \$PPID" >/dev/null 2>&1
ls crash.db.duckdb.wal
q crash.db <<'END'
SELECT rockset_backup('crashed');
END
q crashed/crash.db <<'END'
SELECT * FROM rockset_query('select count(*) as n from commons.y');
END
echo "-- other targets"
q :memory: <<'END'
SELECT rockset_backup('none');
ATTACH 'more.db' AS more;
SELECT rockset_backup('one');
END
q never.db <<'END'
CREATE TABLE only(x);
SELECT rockset_backup('two');
SELECT rockset_profile(NULL, NULL, '{"type":"duckdb","path":"more.db.duckdb"}') IS NULL;
SELECT rockset_backup('three');
SELECT rockset_profile(NULL, NULL, '{"type":"rockset","api_key":"kkkkkkkk"}') IS NULL;
SELECT rockset_backup('four');
END
ls -d one two three four none 2>/dev/null
true
