#!/bin/sh
# rockset_load from where the rows lie: a path in a JSON document, a folder, Hive partitions, standard input.
set -u
load() {
  printf '%s\n' "-- $1 ${2:-}"
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: >out 2>&1 <<END
SELECT rockset_load('t', '$1'${2:+, '$2'});
SELECT json_remove(row, '\$._id', '\$._event_time') FROM rockset_query('select * from commons.t order by 3 limit 4');
END
  sed '/rockset_query: Catalog/d; s/ \[remote SQL:.*//' out
}

echo '# path'
cat >geo.json <<'END'
{"type":"FeatureCollection", "features_":[{"a":"wrong"}], "bbox":[1,2,{"features":[7]}],
 "meta":{"features":[{"a":"wrong"}],"n":"\"features\":[1]","deep":{"er":{"rows":[{"x":12345678901234567890.5},{"x":2}]}}},
 "features" : [ {"a":1,"text":"tab\t ]}, \" [","p":{"q":[1,
   2]}} ,
  {"a":2,"text":"ü","p":{"q":[]}}, {"a":3,"p":null}]
}
END
gzip -k geo.json
cp geo.json geo.geojson
printf '\357\273\277{"\\u0061\\"b":[{"n":1}]}' >names.json
printf '{"d":[{"n":1}]}\n{"d":[{"n":2},{"n":3}]}\n{"d":[]}\n' >docs.ndjson
printf '{"d":[]}' >none.json
printf '{"d":[1,2,"x"]}' >scalars.json
printf '{"d":[{"n":1},' >cut.json
printf '{"d":[{"n":1},]}' >comma.json
printf '{"d":[{"n":1},,{"n":2}]}' >commas.json
printf '{"d":[{"n":1}{"n":2}]}' >no_comma.json
printf '{"d":[{"n":1]}' >bracket.json
printf '{"d":[{"n":1}]]}' >closed.json
printf '[{"d":[1]}]' >array.json
printf '{"d":{"n":1},"m":3}' >object.json
printf '{"d":"n\n1"}' >text.json
load geo.json '{"path":"features"}'
load geo.json.gz '{"path":"features"}'
load geo.geojson '{"path":"meta.deep.er.rows"}'
load names.json '{"path":"a\"b"}'
load docs.ndjson '{"path":"d"}'
load none.json '{"path":"d"}'
for f in scalars cut comma commas no_comma bracket closed array object text; do load $f.json '{"path":"d"}'; done
load object.json '{"path":"m.x"}'
load geo.json '{"path":"Features"}'
load geo.json '{"path":"meta..n"}'
load geo.json '{"path":""}'

echo '# folders'
mkdir -p plain/sub plain/_temporary mixed empty odd
echo '{"n":1}' >plain/a.ndjson
echo '{"n":2,"m":1}' >plain/sub/b.ndjson
echo x | tee plain/_SUCCESS plain/.a.crc plain/_temporary/x.csv >/dev/null
printf 'n\n3\n' >mixed/c.csv
cp plain/a.ndjson mixed
cp plain/a.ndjson odd/part-0
load plain
load plain/
load mixed
load empty
load odd
load odd '{"format":"ndjson"}'
load 'mixed/*'
load nosuch/

echo '# partitions'
for y in 2023 2024; do
  for m in 1 12; do
    mkdir -p "hive/year=$y/month=$m" "packed/year=$y"
    printf 'n,t\n%s,x\n' $m >"hive/year=$y/month=$m/x.csv"
    printf '{"n":%s,"y":1}\n' $m >"hive/year=$y/month=$m/x.ndjson"
    printf 'n,t\n%s,x\n' $m | xz >"packed/year=$y/$m.csv.xz"
  done
done
sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: >/dev/null 2>&1 <<'END'
SELECT rockset_profile(NULL, NULL, '{"x":{"target":"d","outputs":{"d":{"type":"duckdb","path":":memory:","allow_external_access":true}}}}');
SELECT rockset_exec('copy (select 1 a, ''de'' country union all select 2, ''fr'') to ''parquet'' (format parquet, partition_by (country))');
END
load 'hive/*/*/*.csv'
load 'hive/**/*.ndjson'
load 'hive/*/*/*.csv' '{"hive":false}'
load parquet
load parquet '{"hive":false}'
load packed
load packed '{"hive":false}'
load 'hive/*/*/*.csv' '{"hive":1}'

echo '# standard input'
pipe() {
  printf '%s\n' "-- $2"
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: "SELECT rockset_load('t', '-', '$2')" \
    "SELECT json_remove(row, '\$._id', '\$._event_time') FROM rockset_query('select * from commons.t order by 3 limit 3')" \
    <"$1" 2>&1 | sed '/rockset_query: Catalog/d; s/ \[remote SQL:.*//; /^ *SELECT /d; /error here/d'
}
printf 'n,t\n1,x\n2,y\n' >in.csv
gzip -k in.csv
xz -k in.csv
printf 'n,t\n1,x\n2,y,z\n' >uneven.csv
cat in.csv | pipe /dev/stdin '{"format":"csv"}'
pipe in.csv '{"format":"csv"}'
pipe in.csv.gz '{"format":"csv","compression":"gzip"}'
cat in.csv.xz | pipe /dev/stdin '{"format":"csv","compression":"xz"}'
pipe geo.json '{"format":"json","path":"features"}'
pipe uneven.csv '{"format":"csv"}'
pipe /dev/null '{"format":"csv"}'
pipe in.csv '{}'
pipe /dev/null '{"format":"ndjson"}'
