-- Rows of a query in a template, as agate's Table has them; print() line by line.
.mode list
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('a',
  'select 1 -- {% set t = run_query("select 1 as id, ''x, y'' as name, date ''2020-01-02'' as d, 1.5 as f, 10000 as n union all select 2, null, null, 2.25, 3 order by ' ||
  '1") %}{% if execute %}{% do t.print_table() %}{% do t.print_table(max_rows=1, max_columns=2) %}{% do t.print_csv() %}{% do print("a
b") %}{{ t.columns[0].values() }} {{ t.columns.id.values() }} {{ t.columns["name"].values_without_nulls() }} {{ t.columns["n"].values_distinct() }} {{ ' ||
  't.columns.get("n").name }} {{ t.columns.keys() }} {% for k, v in t.columns.items() %}{{ k }}={{ v | length }} {% endfor %}{{ t.rows | length }} {{ t | length }} {{ ' ||
  't.rows.values() | length }} {{ t.rows[1].dict() }} {{ t.rows[0].get("zz", 7) }} {{ t.rows[0].d.year }} {{ t.rows[0] }} {{ t.rows[-1].id }} {{ t.rows[9] is defined }}{% endif %}'),
 ('b', 'select 1 -- {% set t = run_query("select 1 as id, ''x'' as name, timestamp ''2020-01-02 03:04:05'' as ts, true as b") %}{% if execute %}{{ t.select(["name", ' ||
  '"id"]).rows[0].values() }} {{ t.exclude("name").column_names }} {{ t.limit(0) | length }} {{ t.rows[0].ts.strftime("%H:%M") }} {{ t.rows[0].ts }}{% endif %}'),
 ('c', '{% set t = run_query("select 1 as id, ''x'' as name, date ''2020-01-02'' as d, true as b, 1.5 as f") %}{% if execute %}select 1 /*
{{ t }}*/{% endif %}'),
 ('d', '{% set t = run_query("select 1 as id") %}{% if execute %}{{ t.select("no") }}{% endif %}');
.mode list
SELECT rockset_compile('a');
SELECT rockset_compile('b');
SELECT rockset_compile('c');
SELECT rockset_compile('d');
