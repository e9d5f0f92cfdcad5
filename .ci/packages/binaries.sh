#!/bin/sh
# Builds the extension and the server for one machine, as packages hold them: they need libc only,
# 2.28 or newer (libcurl and DuckDB are loaded when they are first used).
#
# Usage: binaries.sh BUILD MACHINE
#
#   BUILD/packages/MACHINE/build/rockset_ext.so, rocksetd      stripped
#   BUILD/packages/aarch64-macos/build/rockset_ext.dylib       rocksetd uses Linux's calls
set -eu
build=$(mkdir -p "$1" && cd "$1" && pwd)
machine=$2
cd "$(dirname "$0")/../.."
dir=$build/packages/$machine
sh .ci/packages/libraries.sh "$build" "$machine"
mkdir -p "$dir/build"
touch "$dir/build/checked" # nothing of this machine's is used
case $machine in
  *-macos) programs=$dir/build/rockset_ext.dylib ;;
  *) programs="$dir/build/rockset_ext.so $dir/build/rocksetd" ;;
esac
# shellcheck disable=SC2086
"${MAKE:-make}" --no-print-directory BUILD="$dir/build" CC="$dir/cc" AR="$dir/ar" \
  CJSON_CFLAGS="-I$dir/include" LIBS="$dir/lib/libdeps.a -lpthread -ldl -lm" \
  LDFLAGS="-L$dir/lib -s ${LDFLAGS:-}" $programs
