#!/bin/sh
# Makes all packages below BUILD/packages: wheels and npm packages for x86_64 and aarch64, Debian's
# for this machine; and the extension for macOS on aarch64, which is linked but was never run.
#
# Usage: make.sh BUILD VERSION
#
# Environment: MACHINES, some of x86_64-linux aarch64-linux aarch64-macos; by default all.
set -eu
build=$(mkdir -p "$1" && cd "$1" && pwd)
version=$2
cd "$(dirname "$0")/../.."
packages=$build/packages
machines=${MACHINES:-x86_64-linux aarch64-linux aarch64-macos}
rm -f "$packages"/*.whl "$packages"/*.tgz "$packages"/*.deb

# duckdb MACHINE: fetches DuckDB's library for it; prints folder and version
duckdb() {
  uname=Linux-${1%%-*}
  DEPS_MACHINE=$uname sh .ci/deps.sh "$packages/$1/deps" library
  version_of=$(sed -n "s/^duckdb [^ ]* \([0-9.]*\)-.* $uname\$/\1/p" .ci/deps.lock)
  echo "$packages/$1/deps/duckdb $version_of"
}

for machine in $machines; do
  sh .ci/packages/binaries.sh "$build" "$machine"
done
for machine in $machines; do
  case $machine in *-macos) continue ;; esac
  # shellcheck disable=SC2046
  "$packages/zig/bin/python" .ci/packages/python.py "$packages" "$machine" "$version" \
    $(duckdb "$machine")
done
# shellcheck disable=SC2086
sh .ci/packages/npm.sh "$packages" "$version" $machines
if command -v dpkg-deb >/dev/null; then
  sh .ci/packages/deb.sh "$build" "$version" "$(duckdb "$(uname -m)-linux" | sed 's/.* //')"
fi
ls -l "$packages"/*.whl "$packages"/*.tgz "$packages"/*.deb | awk '{ print $5, $NF }'
