-- Numbers of a query in a template are Python's: integers, and Decimals with their digits. What each line
-- prints is what dbt-duckdb 1.7.5 printed for it.
.mode list
SELECT rockset_init();
INSERT INTO rockset_macros(name, sql) VALUES
  ('row', '{% macro row() %}{{ return(run_query("select 10 as i, 1.50::decimal(10,2) as d, 0.1::double as f, 1e20::double as g, 100::decimal(10,2) as e, 0 as z, {''a'': ' ||
  '1} as st, [1,2] as ar, 170141183460469231731687303715884105727::hugeint as hg, 1.0/3 as third, 123456789012345678901234567890.12::decimal(38,2) as long, ' ||
  '-0.5::decimal(3,1) as m").rows[0]) }}{% endmacro %}'),
  ('w', '{% macro w(r) %}{{ return(r.id > 2) }}{% endmacro %}'),
  ('k', '{% macro k(r) %}{{ return(0 - r.id) }}{% endmacro %}');
INSERT INTO rockset_models(name, sql) VALUES('m', '{% set r = row() if execute %}{% if execute %}select 1
-- {{ r.d }} {{ r.d + 1 }} {{ r.d * 2 }} {{ 10 - r.d }} {{ r.d / 2 }} {{ 1 / r.d }} {{ r.d // 1 }} {{ r.d % 1 }} {{ r.d ** 2 }} {{ -r.d }} {{ r.i / 3 }} {{ r.i * r.d }}
-- {{ r.d | round }} {{ r.d | round(1) }} {{ r.d | round(3) }} {{ r.d | int }} {{ r.d | float }} {{ r.d | abs }} {{ r.m | abs }} {{ r.m | round }} {{ r.i | round(0, ' ||
  '"ceil") }} {{ r.d | round(0, "floor") }} {{ "%.3f" % r.d }} {{ "{:.1f}".format(r.d) }} {{ "{}".format(r.d) }}
-- {{ r.d == 1.5 }} {{ r.f == 0.1 }} {{ r.d > 1 }} {{ r.i > r.d }} {{ r.d is number }} {{ r.d is float }} {{ r.d in [1.5] }} {{ [r.i, r.d, r.f] | sort }} {{ [r.d, r.i] | ' ||
  'max }} {{ [r.d, r.e] | sum }} {{ "yes" if r.z else "no" }}
-- {{ r.f }} {{ r.g }} {{ r.e }} {{ r.third }} {{ r.third * 3 }} {{ r.hg * 2 }} {{ r.long }} {{ r.long + 1 }} {{ r.long * r.long }} {{ r.e * 1 }} {{ r.st }} {{ r.ar }} ' ||
  '{{ r.d ~ "x" }} {{ r.d | string | length }} {{ r.d.is_nan() }} {{ r.e.normalize() }}
{% endif %}'),
 ('j', '{% set r = row() if execute %}{{ tojson(r.d) if execute }}'),
 ('x', '{% set r = row() if execute %}{{ r.d * 1.5 if execute }}'),
 ('o', '{% set r = row() if execute %}{{ r.d / r.z if execute }}'),
 ('t', '{% set t = run_query("select * from (values (1,''b'',2.50),(2,''a'',1.00),(3,null,3.25),(4,''a'',null)) x(id,g,v)") %}{% if execute %}select 1
-- {{ t.order_by("g").columns.id.values() }} {{ t.order_by("g", reverse=true).columns.id.values() }} {{ t.order_by(["g", "v"], reverse=true).columns.id.values() }} {{ ' ||
  't.order_by(k).columns.id.values() }} {{ t.where(w).columns.id.values() }}
-- {{ t.group_by("g").keys() }} {{ t.group_by("g") | length }} {{ t.group_by("g")["a"].columns.id.values() }} {{ t.distinct("g").columns.id.values() }} {{ t.distinct() | length }}
-- {{ t.rename({"g": "h"}).column_names }} {{ t.rename(["x", "y", "z"]).rows[0].x }} {{ t.limit(1, 3).columns.id.values() }} {{ t.limit(0, 4, 2).columns.id.values() }} ' ||
  '{{ t.columns.v.values_sorted() }} {{ t.columns.v.values_without_nulls() | sum }} {{ t.column_types | length }} {{ t.row_names }}{% do t.print_json() %}
{% endif %}'),
 ('l', '{% set r = run_query("select 1e250::double as a").rows[0] if execute %}{% if execute %}select 1 -- {% set b = r.a | round(100) %}{{ b * b }} {{ b ** 3 }} {{ b - 1 == b }}{% endif %}'),
 ('n', '{% set t = run_query("select 1 as id") %}{% if execute %}{{ t.where(1) }}{% endif %}');
SELECT rockset_compile('m');
SELECT rockset_compile('j');
SELECT rockset_compile('x');
SELECT rockset_compile('o');
SELECT rockset_compile('t');
SELECT rockset_compile('n');
SELECT rockset_compile('l');
