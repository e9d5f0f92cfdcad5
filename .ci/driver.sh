#!/bin/sh
# Fetches an ADBC driver that tests want: a wheel of PyPI, of which only the .so is used.
#
# Usage: driver.sh NAME DIR      NAME: postgresql, sqlite
#
# A second run finds it and needs no network.
#
# Fails with one line where it can't be had; the tests then skip with a line of their own.
set -eu
name=${1:?usage: driver.sh NAME DIR}
dir=${2:?usage: driver.sh NAME DIR}
lock=$(cd "$(dirname "$0")" && pwd)/drivers.lock

say() { echo "driver: $*" >&2; }

line=$(grep "^adbc-driver-$name " "$lock" | grep " $(uname -s)-$(uname -m) " || true)
if [ -z "$line" ]; then
  say "no $name driver is known for $(uname -s)-$(uname -m)"
  exit 1
fi
if [ "$(cat "$dir/.lock" 2>/dev/null)" = "$line" ]; then exit 0; fi
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
  say "$1 $2: the file's sha256 is not the one in drivers.lock; it is not used"
  exit 1
fi
python3 -m zipfile -e "$wheel" "$tmp/new"
mv "$tmp/new/adbc_driver_$name/libadbc_driver_$name.so" "$dir/"
echo "$line" >"$dir/.lock"
