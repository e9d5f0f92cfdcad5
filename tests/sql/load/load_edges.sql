-- rockset_load: integers of JSON at both ends of 64 bits are BIGINT; what lies beyond stays HUGEINT
.mode list
.separator ' | '
.output in.json
SELECT '[{"a":-9223372036854775808,"b":-1,"s":{"x":-9223372036854775808,"HUGEINT":1},"l":[-9223372036854775808,null]},';
SELECT '{"a":9223372036854775807,"b":18446744073709551615,"s":{"x":9223372036854775807},"l":[9223372036854775807]},';
SELECT '{"a":null,"b":5,"s":{"x":7},"l":[]},{"a":7,"b":null,"s":null,"l":null}]';
.output beyond.json
SELECT '[{"s":{"x":-1},"l":[-1]},{"s":{"x":18446744073709551615},"l":[18446744073709551615]}]';
.output
SELECT rockset_load('edges', 'in.json'), rockset_load('beyond', 'beyond.json');
SELECT c1, c2, c3 FROM rockset_query(
  'select table_name, column_name, data_type from information_schema.columns
   where table_name in (''edges'', ''beyond'') and column_name[1] <> ''_'' order by 1, 2');
CREATE VIRTUAL TABLE edges USING rockset('commons.edges');
SELECT name, type FROM pragma_table_info('edges') WHERE name IN ('a', 'b');

.print -- values, and comparisons by INTEGER affinity
SELECT a, typeof(a), b, typeof(b), s, l FROM edges ORDER BY a;
SELECT count(*) FROM edges WHERE a = '9223372036854775807';
SELECT count(*) FROM edges WHERE a > '-1';
