#!/bin/sh
# Fetches the broker of kafka.lock, Apache Kafka's jars, into DIR/lib. A second run finds them.
#
# Usage: fetch.sh DIR
# Exit status: 3: they can't be had here, and why is said; 1: what came is not what the lock says.
set -eu
dir=${1:?usage: fetch.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
lock=$here/kafka.lock

say() { echo "kafka: $*" >&2; }
. "$here/../support/maven.sh"

if cmp -s "$lock" "$dir/lib/.lock"; then exit 0; fi
mkdir -p "$dir"
tmp=$(mktemp -d "$dir/.fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
need_maven || exit 3

# the lock has all there is to fetch: what a jar asks for itself is left out
alone='<exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion>'
{
  echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
  echo '<groupId>local</groupId><artifactId>broker</artifactId><version>1</version><dependencies>'
  grep -v '^#' "$lock" | while IFS=': ' read -r group name version _; do
    echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId>"
    echo "<version>$version</version><exclusions>$alone</exclusions></dependency>"
  done
  echo '</dependencies></project>'
} >"$tmp/pom.xml"
say 'fetching the broker'
mvn -q -B -f "$tmp/pom.xml" \
  org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
  "-DoutputDirectory=$tmp/lib" >"$tmp/mvn.log" 2>&1 </dev/null || {
  cat "$tmp/mvn.log" >&2
  say "maven can't fetch the broker (no network?)"
  exit 3
}
while read -r artifact sum; do
  case $artifact in '' | '#'*) continue ;; esac
  file=$(echo "$artifact" | cut -d: -f2)-$(echo "$artifact" | cut -d: -f3).jar
  if [ "$(sha256sum "$tmp/lib/$file" | cut -d' ' -f1)" != "$sum" ]; then
    say "$artifact: the file's sha256 is not the one in kafka.lock; it is not used"
    exit 1
  fi
done <"$lock"
cp "$lock" "$tmp/lib/.lock"
rm -rf "$dir/lib"
mv "$tmp/lib" "$dir/lib"
