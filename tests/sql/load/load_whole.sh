#!/bin/sh
# rockset_load of files that are cut off, uneven or odd: an error that names the file and the place,
# never fewer rows; and what is only unusual comes whole
load() {
  for f; do
    echo "-- $f"
    sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: >out 2>&1 <<END
SELECT rockset_load('t', '$f');
SELECT json_remove(row, '\$._id', '\$._event_time') FROM rockset_query('select * from commons.t');
END
    grep -v 'rockset_query: Catalog' out | sed 's/ \[remote SQL:.*//'
  done
}

echo '# JSON'
printf '[{"a":1},' >comma.json
printf '[{"a":1}' >bracket.json
printf '[{"a":1},]' >trailing.json
printf '[{"a":1}]\ngarbage' >behind.json
printf '[{"a":1},\n{"a":2' >record.json
printf '[{"a":1}] [{"a":2}]' >two.json
printf '{"a":1}\n{"a":2' >line.ndjson
printf '{"a":1}\n{"a":2}x\n' >x.ndjson
printf '{"a":1}\r\n\r\n{"a":2}' >fine.ndjson
printf '[{"a":1},' | gzip >comma.json.gz
printf '{"a":1}\n' | gzip >lines.ndjson.gz
head -c 20 lines.ndjson.gz >half.ndjson.gz
printf '[{"a":1}]' >glob1.json
printf '[{"a":2},' >glob2.json
load comma.json bracket.json trailing.json behind.json record.json two.json line.ndjson x.ndjson \
  fine.ndjson comma.json.gz lines.ndjson.gz half.ndjson.gz 'glob?.json'

echo '# names of fields'
printf '{"":1,"b":2}' >empty.ndjson
printf '{"o":{"":1}}' >nested.ndjson
printf '{"A":1,"a":2}\n{"a":3}\n{"A":"x"}' >case.ndjson
printf '{"o":{"A":1,"a":2}}' >inner.ndjson
printf '1' >one.ndjson
printf '{"a\\"b":1,"c.d":2,"e'\''f":3," ":4}' >quotes.ndjson
printf '{"C0":1,"column0":2}' >made.ndjson
printf '{"_id":[1],"a":1}' >id.ndjson
printf '{"_ID":7,"_Event_Time":"2024-01-02","a":1}' >upper.ndjson
printf '{"_event_time":{"x":1}}' >object.ndjson
printf '{"_event_time":true}\n{"_event_time":"x"}' >mixed.ndjson
printf '{"_event_time":"yesterday"}' >time.ndjson
load empty.ndjson nested.ndjson case.ndjson inner.ndjson one.ndjson quotes.ndjson made.ndjson id.ndjson upper.ndjson \
  object.ndjson mixed.ndjson time.ndjson

echo '# CSV'
printf 'a,b\n1,2,3\n' >more.csv
printf 'a,b\n1,2\n3\n4,5\n' >less.csv
printf 'a\tb\n1\t2\t3\n' >more.tsv
printf 'a,b\n1,2\n3,"4\n' >open.csv
printf 'a,b\n1,2,3\n' | gzip >more.csv.gz
printf 'a,b\n1,2\n#3,4\n' >comment.csv
printf 'a,b\n1,"x\r\ny, ""z"""\r\n2,q\r\n' | sed '1s/$/\r/' >quoted.csv
printf 'a,b\r\n1,"x\ny"\r\n' >excel.csv
printf '\357\273\277a,b\n1,2\n\n' >bom.csv
printf 'a,b\n' >header.csv
printf 'a\nx y\n\nz\n' >one.csv
printf '\n\na;b\n1;2,5\n' >blank.csv
printf 'a,b\n1,2\r\n3,4\n' >mixed.csv
printf 'a,b\n1,2\n' >even1.csv
printf 'a,b\n3,4,5\n' >even2.csv
printf 'c;d\n3;4\n' >way2.csv
printf 'a,b\n1,2\n' >way1.csv
load more.csv less.csv more.tsv open.csv more.csv.gz comment.csv quoted.csv excel.csv bom.csv header.csv \
  one.csv blank.csv mixed.csv 'even?.csv' 'way?.csv'
i=0
while [ $i -lt 20000 ]; do
  echo "$i,row $((i * 7919 % 20011))"
  i=$((i + 1))
done | gzip >large.csv.gz
head -c 40000 large.csv.gz >cut.csv.gz
load cut.csv.gz

echo '# not a file to read twice'
mkfifo pipe.csv
load pipe.csv
