#!/bin/sh
# Makes npm's packages: rockset-ext, and one for each machine whose programs are built.
#
# Usage: npm.sh PACKAGES VERSION MACHINE...
set -eu
packages=$1
version=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..

# fields NAME DESCRIPTION: what each package.json begins with
fields() {
  cat <<END
{
  "name": "$1",
  "version": "$version",
  "description": "$2",
  "license": "MIT",
  "keywords": ["sqlite", "sqlite-extension", "duckdb", "rockset", "dbt", "trino"],
END
}

pack() { (cd "$1" && npm pack --silent --pack-destination "$packages" >/dev/null); }

optional=
for machine in "$@"; do
  case $machine in x86_64-linux) cpu=x64 ;; aarch64-linux) cpu=arm64 ;; *) continue ;; esac
  name=rockset-ext-linux-$cpu
  to=$packages/$machine/npm
  rm -rf "$to"
  mkdir -p "$to"
  cp "$packages/$machine/build/rockset_ext.so" "$root/LICENSE" "$to/"
  for library in cjson/LICENSE libyaml/License zlib/debian/copyright; do
    cp "$packages/source/$library" "$to/LICENSE.${library%%/*}"
  done
  {
    fields "$name" "rockset-ext for Linux on $cpu"
    cat <<END
  "os": ["linux"],
  "cpu": ["$cpu"],
  "libc": ["glibc"],
  "files": ["rockset_ext.so", "LICENSE*"],
  "dependencies": {
    "@duckdb/node-bindings-linux-$cpu": "~1.5.6-r.1 || ~1.5.5-r.1 || ~1.5.4-r.1 || ~1.5.3-r.1"
  }
}
END
  } >"$to/package.json"
  pack "$to"
  optional="$optional${optional:+, }\"$name\": \"$version\""
done

to=$packages/npm
rm -rf "$to"
mkdir -p "$to"
cp "$here"/npm/* "$root/LICENSE" "$to/"
{
  fields rockset-ext "DuckDB, Trino, Rockset's API and dbt-style models inside SQLite"
  cat <<END
  "main": "index.js",
  "types": "index.d.ts",
  "exports": {
    ".": { "types": "./index.d.ts", "import": "./index.mjs", "require": "./index.js" }
  },
  "files": ["index.js", "index.mjs", "index.d.ts"],
  "engines": { "node": ">=18" },
  "optionalDependencies": { $optional }
}
END
} >"$to/package.json"
pack "$to"
