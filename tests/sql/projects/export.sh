#!/bin/sh
# rockset_export: what was not changed comes back byte for byte; changed and new texts become files.
set -u
cp -r "$FIXTURES/shop" p
printf '\r\nselect 1\r\n\r\n' >p/models/windows.sql
printf '\377\376' >p/models/bytes.bin
q() { sqlite3 -batch a.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
q "SELECT rockset_init()"
q "SELECT json_array_length(rockset_import('p'), '\$.added') > 30"
echo '-- everything, byte for byte'
q "SELECT json_array_length(rockset_export('out/deep'), '\$.written') > 15"
diff -r p out/deep && echo same
q "SELECT rockset_export('out/deep')"
echo '-- changed and new'
q "UPDATE rockset_models SET sql = 'select 7' WHERE name = 'orders';
UPDATE rockset_models SET description = 'mine' WHERE name = 'stg_orders';
UPDATE rockset_macros SET sql = '{% macro other() %}y{% endmacro %}' WHERE name = 'other';
UPDATE rockset_docs SET text = 'short' WHERE name = 'id';
UPDATE rockset_snapshots SET sql = 'select 3';
INSERT INTO rockset_models(name, sql, folder) VALUES('fresh', 'select 5', 'marts');
INSERT INTO rockset_seeds(name, csv) VALUES('more', 'a' || char(10) || '1' || char(10));
INSERT INTO rockset_groups(name, owner) VALUES('team', '{\"name\":\"x\"}');"
q "SELECT rockset_export('out/deep')"
q "SELECT rockset_export('out/deep', '{\"force\":true}')"
diff -r p out/deep
echo '-- only below the folder'
q "UPDATE rockset_files SET path = '../x.yml' WHERE path = 'packages.yml'"
q "SELECT rockset_export('out2')"
ls
