#!/bin/sh
# Builds the extension and the server for one machine, as packages hold them: they need libc only,
# 2.28 or newer (libcurl and DuckDB are loaded when they are first used).
#
# Usage: binaries.sh BUILD MACHINE [test]
#
#   BUILD/packages/MACHINE/build/rockset_ext.so, rocksetd      stripped
#   BUILD/packages/aarch64-macos/build/rockset_ext.dylib       rocksetd uses Linux's calls
#   BUILD/packages/MACHINE/test      with `test`: all that tests/run wants, for this machine
set -eu
build=$(mkdir -p "$1" && cd "$1" && pwd)
machine=$2
cd "$(dirname "$0")/../.."
dir=$build/packages/$machine
to=$dir/${3:-build}
sh .ci/packages/libraries.sh "$build" "$machine"
mkdir -p "$to"
touch "$to/checked" # nothing of this machine's is used
flags="-L$dir/lib -s"
include=
case $machine/${3:-} in
  */test)
    # the tests' own libraries, cmocka and SQLite, are this machine's, and its libc is newer
    ln -sfn "$build/deps" "$to/deps"
    system=$(dirname "$(${CC:-cc} -print-file-name=libcmocka.so)")
    flags="-L$dir/lib -L$system -Wl,--allow-shlib-undefined"
    include='-idirafter /usr/include'
    programs=test-programs
    ;;
  *-macos/) programs=$to/rockset_ext.dylib ;;
  *) programs="$to/rockset_ext.so $to/rocksetd" ;;
esac
# shellcheck disable=SC2086
"${MAKE:-make}" --no-print-directory BUILD="$to" CC="$dir/cc" AR="$dir/ar" \
  CJSON_CFLAGS="-I$dir/include" CPPFLAGS="$include ${CPPFLAGS:-}" \
  CONSOLE_PACKAGES="$build/deps/console" SQLITE_LIB="$dir/lib/libsqlite3.a" \
  LIBS="$dir/lib/libdeps.a -lpthread -ldl -lm" LDFLAGS="$flags ${LDFLAGS:-}" $programs
