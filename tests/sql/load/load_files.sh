#!/bin/sh
# Several files in one rockset_load, one of which can't be read as the others are: the error names
# it; files that only have other columns or types are read.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
good=$(printf 'id,name,amount\n1,a,1.5\n2,b,2.5\n')

# load NAME: what the folder NAME gives, with good files on both sides of the other one
load() {
  printf '%s\n' "$good" >"$1/a.csv"
  printf '%s\n' "$good" >"$1/c.csv"
  echo "-- $1"
  sqlite3 :memory: ".load $ROCKSET_EXT" ".mode list" "SELECT rockset_load('commons.t', '$1/*.csv')" \
    "SELECT name || ' ' || type FROM pragma_table_info('t') WHERE name NOT LIKE '\_%' ESCAPE '\\'" 2>&1 |
    sed 's,^.*rockset_load: ,rockset_load: ,' | cut -c1-190
}

for name in encoding late_encoding long quote wide narrow delimiter utf16 text late_text missing more order empty; do
  mkdir $name
done
printf 'id,name,amount\n1,\377\376,1.5\n' >encoding/b.csv
{
  printf 'id,name,amount\n'
  seq -f '%g,x,1.5' 30000
  printf '1,\351t\351,1.5\n'
} >late_encoding/b.csv
{
  printf 'id,name,amount\n1,'
  head -c 3000000 /dev/zero | tr '\0' x
  printf ',1.5\n'
} >long/b.csv
printf 'id,name,amount\n1,"open,1.5\n2,b,1.5\n' >quote/b.csv
printf 'id,name,amount\n1,b,1.5\n2,b,1.5,9\n' >wide/b.csv
printf 'id,name,amount\n1,b,1.5\n2,b\n' >narrow/b.csv
printf 'id;name;amount\n1;b;1.5\n' >delimiter/b.csv
printf '\377\376i\0d\0\n\0' >utf16/b.csv
printf 'id,name,amount\n1,b,dear\n' >text/b.csv
{
  printf 'id,name,amount\n'
  seq -f '%g,x,1.5' 30000
  printf 'last,x,1.5\n'
} >late_text/b.csv
printf 'id,name\n1,b\n' >missing/b.csv
printf 'id,name,amount,more\n1,b,1.5,2\n' >more/b.csv
printf 'name,id,amount\nb,1,1.5\n' >order/b.csv
: >empty/b.csv
for name in encoding late_encoding long quote wide narrow delimiter utf16 text late_text missing more order empty; do
  load $name
done
