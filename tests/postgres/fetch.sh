#!/bin/sh
# Sets up what the tests on PostgreSQL need: the server's package and, in DIR, its ADBC driver.
#
# Usage: fetch.sh DIR            a second run finds both and needs no network
#
# Fails with one line where they can't be had; the tests then skip with a line of their own.
set -eu
dir=${1:?usage: fetch.sh DIR}
lock=$(cd "$(dirname "$0")" && pwd)/postgres.lock

say() { echo "postgres: $*" >&2; }

has_server() { ls /usr/lib/postgresql/*/bin/initdb || command -v initdb; }

if ! has_server >/dev/null 2>&1; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say 'the server is missing: apt-get install postgresql'
    exit 1
  fi
  say 'installing postgresql'
  # the package would start a cluster of its own
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -q --no-install-recommends postgresql >/dev/null 2>&1 || {
    apt-get update -q >/dev/null
    apt-get install -y -q --no-install-recommends postgresql >/dev/null
  }
fi

if cmp -s "$lock" "$dir/.lock"; then exit 0; fi
line=$(grep -v '^#' "$lock" | grep " $(uname -s)-$(uname -m) " || true)
if [ -z "$line" ]; then
  say "no driver is known for $(uname -s)-$(uname -m)"
  exit 1
fi
# shellcheck disable=SC2086
set -- $line
mkdir -p "$dir"
tmp=$(mktemp -d "$dir/.fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
say "fetching $1 $2"
python3 -m pip --version >/dev/null 2>&1 || {
  say 'pip is missing: apt-get install python3-pip'
  exit 1
}
python3 -m pip download -q --no-deps --only-binary :all: --platform "$5" --dest "$tmp" "$1==$2" \
  >"$tmp/pip.log" 2>&1 || {
  cat "$tmp/pip.log" >&2
  say "pip can't fetch $1 $2 (no network?)"
  exit 1
}
wheel=$(ls "$tmp"/*.whl)
if [ "$(sha256sum "$wheel" | cut -d' ' -f1)" != "$3" ]; then
  say "$1 $2: the file's sha256 is not the one in postgres.lock; it is not used"
  exit 1
fi
python3 -m zipfile -e "$wheel" "$tmp/new"
mv "$tmp"/new/adbc_driver_postgresql/libadbc_driver_postgresql.so "$dir/"
cp "$lock" "$dir/.lock"
