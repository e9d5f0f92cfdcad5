#!/bin/sh
# Runs sql/demo.sql in the sqlite3 shell, in a folder of its own that is removed afterwards.
# Usage: demo.sh BUILD
# Environment: TARGET (an output of your profile, found as always, that it runs on: commons.movies,
# flights, stg_flights, delays and daily there are made anew; without it: an embedded DuckDB, also
# removed afterwards)
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
[ -f "$root/sql/demo.sql" ] || { echo 'sql/demo.sql is not there yet' >&2; exit 1; }
if [ -n "${TARGET:-}" ]; then
  # the demo's folder is another one than the caller's, whose profile counts
  if [ -z "${DBT_PROFILES_DIR:-}" ] && [ -f profiles.yml ]; then
    DBT_PROFILES_DIR=$PWD
    export DBT_PROFILES_DIR
  fi
  case $TARGET in *"'"*) echo "demo: TARGET is no name: $TARGET" >&2; exit 1 ;; esac
  choose="CREATE TEMP TABLE chosen AS SELECT rockset_profile('$TARGET')"
else
  unset DBT_PROFILES_DIR
  choose='SELECT 1 WHERE 0'
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/demo"
cd "$work/demo"
for file in movies.json flights-3m.parquet; do
  ln -s "$build/deps/vega-datasets/data/$file" .
done
[ -n "${TARGET:-}" ] || export HOME="$work/home"
sqlite3 -batch -bail -cmd ".load $build/rockset_ext.so" -cmd "$choose" demo.db <"$root/sql/demo.sql"
