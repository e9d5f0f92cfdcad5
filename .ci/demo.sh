#!/bin/sh
# Runs sql/demo.sql in the sqlite3 shell, in a folder of its own that is removed afterwards.
# Usage: demo.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
[ -f "$root/sql/demo.sql" ] || { echo 'sql/demo.sql is not there yet' >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/demo"
cd "$work/demo"
for file in movies.json flights-3m.parquet; do
  ln -s "$build/deps/vega-datasets/data/$file" .
done
unset DBT_PROFILES_DIR
HOME=$work/home sqlite3 -batch -bail -cmd ".load $build/rockset_ext.so" demo.db \
  <"$root/sql/demo.sql"
