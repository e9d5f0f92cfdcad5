#!/bin/sh
# A name without a workspace means the profile's workspace, which what is created by its name
# alone makes; reading makes nothing
sql() {
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" -cmd '.nullvalue NULL' a.db 2>&1 |
    sed -e 's/ \[remote SQL:.*//' -e 's/"ms":[0-9.]*/"ms":0/'
}
cat >profiles.yml <<END
rockset_ext:
  target: dev
  outputs:
    dev: {type: duckdb, path: '$PWD/file.duckdb', schema: sales, idle_close: 0}
END
export DBT_PROFILES_DIR=$PWD

echo '-- no workspace yet: main'
sql <<'END'
SELECT rockset_exec('create table main.x as select ''main'' as a');
SELECT c1, c2 FROM rockset_query('select a, current_schema() from x');
END
before=$(cksum <file.duckdb)

echo '-- reading leaves the file as it is'
sql <<'END'
SELECT c1 FROM rockset_query('select a from x');
SELECT c1 FROM rockset_query('select a from nosuch');
SELECT workspace, name FROM rockset_collections;
SELECT c1 FROM rockset_query('select count(*) from duckdb_schemas() where schema_name = ''sales''');
END
[ "$before" = "$(cksum <file.duckdb)" ] && echo same

echo '-- made in the session'
sql <<'END'
SELECT c1 FROM rockset_query('select a from x');
SELECT rockset_create_workspace('sales');
SELECT rockset_exec('create table x as select ''sales'' as a');
SELECT c1, c2 FROM rockset_query('select a, current_schema() from x');
SELECT workspace, name FROM rockset_collections;
CREATE VIRTUAL TABLE v USING rockset(query='select a from x');
SELECT a FROM v;
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES ('m', 'select a from x');
SELECT rockset_materialize('m', 'table');
SELECT c1 FROM rockset_query('select a from m');
END

echo '-- in the next one, and after it is gone'
sql <<'END'
SELECT c1 FROM rockset_query('select a from x');
SELECT a FROM v;
SELECT rockset_drop_workspace('sales', 1);
SELECT c1 FROM rockset_query('select a from x');
SELECT a FROM v;
SELECT rockset_exec('insert into x values (''more'')');
SELECT c1 FROM rockset_query('select count(*) from main.x');
END

echo '-- what is created by its name alone makes the workspace'
rm -f file.duckdb
sql <<'SQL'
SELECT rockset_exec('create temp table y as select 1 as a');
SELECT rockset_exec('create table if not exists main.y(a int)');
SELECT name FROM rockset_workspaces;
SELECT rockset_exec('CREATE OR REPLACE /* x.y */ TABLE "y"(a int)');
SELECT rockset_exec('create view v as select * from y');
SELECT rockset_exec('create table y2(a int)');
SELECT workspace, name FROM rockset_collections;
SELECT workspace, name FROM rockset_views;
SQL
