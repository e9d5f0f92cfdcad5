#!/bin/sh
# Fetches the Trino server of trino.lock and its plugins into DIR/server. A second run finds them.
#
# Usage: fetch.sh DIR
#
# Environment: TRINO_CACHE (a folder with the files as Maven names them, tried before the network).
set -eu
dir=${1:?usage: fetch.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
lock=$here/trino.lock

say() { echo "trino: $*" >&2; }
. "$here/../support/maven.sh"

if cmp -s "$lock" "$dir/server/.lock"; then exit 0; fi
mkdir -p "$dir"
tmp=$(mktemp -d "$dir/.fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
need_maven || exit 1

while read -r artifact sum; do
  case $artifact in '' | '#'*) continue ;; esac
  name=$(echo "$artifact" | cut -d: -f2)
  version=$(echo "$artifact" | cut -d: -f3)
  kind=$(echo "$artifact" | cut -d: -f4)
  file=$name-$version.$kind
  if [ -f "${TRINO_CACHE:-/nonexistent}/$file" ]; then
    cp "$TRINO_CACHE/$file" "$tmp/"
  else
    say "fetching $artifact"
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
      "-Dartifact=$artifact" "-DoutputDirectory=$tmp" >"$tmp/mvn.log" 2>&1 </dev/null || {
      cat "$tmp/mvn.log" >&2
      say "maven can't fetch $artifact (no network?)"
      exit 1
    }
  fi
  if [ "$(sha256sum "$tmp/$file" | cut -d' ' -f1)" != "$sum" ]; then
    say "$artifact: the file's sha256 is not the one in trino.lock; it is not used"
    exit 1
  fi
  case $kind in
    tar.gz) tar -xzf "$tmp/$file" -C "$tmp" && mv "$tmp/$name-$version" "$tmp/server" ;;
    zip) python3 -m zipfile -e "$tmp/$file" "$tmp/server/plugin" ;;
  esac
  rm -f "$tmp/$file"
done <"$lock"
cp "$lock" "$tmp/server/.lock"
rm -rf "$dir/server"
mv "$tmp/server" "$dir/server"
