#!/bin/sh
# Serves the demo's data: movies and flights, loaded when the data file is not there yet.
# Usage: serve.sh BUILD    (LISTEN=127.0.0.1:8080)
#
# Without ROCKSETD_ADMIN_KEY in the environment a key is made and shown.
set -eu
build=$(cd "$1" && pwd)
data=$build/deps/vega-datasets/data
database=$build/serve.duckdb
DUCKDB_LIBRARY=${DUCKDB_LIBRARY:-$build/deps/duckdb/libduckdb.so}
export DUCKDB_LIBRARY
if [ -z "${ROCKSETD_ADMIN_KEY:-}" ]; then
  ROCKSETD_ADMIN_KEY=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  export ROCKSETD_ADMIN_KEY
  echo "the API key of this run: $ROCKSETD_ADMIN_KEY"
fi
exec "$build/rocksetd" --database "$database" --listen "${LISTEN:-127.0.0.1:8080}" \
  --load "commons.movies=$data/movies.json" --load "commons.flights=$data/flights-3m.parquet"
