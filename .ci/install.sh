#!/bin/sh
# Installs or removes the extension, the static library, its header and pkg-config file.
#
# Usage: install.sh install|uninstall BUILD
# Environment: PREFIX (/usr/local), EXTDIR (below), DESTDIR (put before every path), CC, VERSION
#
# `.load rockset_ext` makes SQLite call dlopen("rockset_ext"), then dlopen("rockset_ext.so"): bare
# names, which the loader looks up in its cache and in its built-in folders. The cache lists only
# names that begin with lib, so /usr/local/lib never works; the built-in folders do, and EXTDIR is
# by default the one for libraries of the system: /usr/lib/<triplet> on Debian, /usr/lib64 or
# /usr/lib elsewhere.
#
#   PREFIX/include/rockset_ext.h
#   PREFIX/lib/librockset_ext.a
#   PREFIX/lib/pkgconfig/rockset_ext.pc
#   EXTDIR/rockset_ext.so
#   EXTDIR/rockset_ext/libduckdb.so       looked for there, next to the extension, at run time
#   EXTDIR/rockset_ext/LICENSE.duckdb
set -eu
action=$1
build=$2
root=$(cd "$(dirname "$0")/.." && pwd)
PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}
header=$root/ext/rockset_ext.h
duckdb=$build/deps/duckdb/libduckdb.so

default_extdir() {
  triplet=$({ ${CC:-cc} -print-multiarch || dpkg-architecture -qDEB_HOST_MULTIARCH; } 2>/dev/null |
    head -1)
  for d in ${triplet:+/usr/lib/$triplet} /usr/lib64 /usr/lib; do
    if [ -d "$d" ]; then
      echo "$d"
      return
    fi
  done
}
EXTDIR=${EXTDIR:-$(default_extdir)}

put() { # put MODE FROM TO
  mkdir -p "$(dirname "$DESTDIR$3")"
  install -m "$1" "$2" "$DESTDIR$3"
  echo "  $DESTDIR$3"
}

pc_file() {
  cat <<END
prefix=$PREFIX
Name: rockset_ext
Description: Rockset collections, dbt-style models and DuckDB inside SQLite
Version: $VERSION
Requires: sqlite3 libcjson yaml-0.1 zlib
Cflags: -I\${prefix}/include
Libs: -L\${prefix}/lib -lrockset_ext -lpthread -ldl -lm
END
}

install_all() {
  # a header that is not written yet does not stop the rest
  [ ! -f "$header" ] || put 644 "$header" "$PREFIX/include/rockset_ext.h"
  put 644 "$build/librockset_ext.a" "$PREFIX/lib/librockset_ext.a"
  pc_file >"$build/rockset_ext.pc"
  put 644 "$build/rockset_ext.pc" "$PREFIX/lib/pkgconfig/rockset_ext.pc"
  put 755 "$build/rockset_ext.so" "$EXTDIR/rockset_ext.so"
  put 755 "$build/rocksetd" "$PREFIX/bin/rocksetd"
  if [ -f "$duckdb" ]; then
    put 644 "$duckdb" "$EXTDIR/rockset_ext/libduckdb.so"
    put 644 "$build/deps/duckdb/LICENSE" "$EXTDIR/rockset_ext/LICENSE.duckdb"
    # where rocksetd, which knows only its own place, looks for it
    mkdir -p "$DESTDIR$PREFIX/lib/rockset_ext"
    ln -sf "$EXTDIR/rockset_ext/libduckdb.so" "$DESTDIR$PREFIX/lib/rockset_ext/libduckdb.so"
    echo "  $DESTDIR$PREFIX/lib/rockset_ext/libduckdb.so"
  else
    echo 'DuckDB was not fetched, so it is not installed: make deps, and install again,'
    echo 'or name your own: DUCKDB_LIBRARY=/path/libduckdb.so'
  fi
  [ -z "$DESTDIR" ] || return 0 # a package being made: the files are not where they will be used
  check_load
}

# As a user has it: from another folder, by the bare name, else by the full path
check_load() {
  cd /
  if sqlite3 -batch :memory: '.load rockset_ext' 2>/dev/null; then
    echo 'In the sqlite3 shell:  .load rockset_ext'
  elif why=$(sqlite3 -batch :memory: ".load $EXTDIR/rockset_ext" 2>&1); then
    echo "In the sqlite3 shell:  .load $EXTDIR/rockset_ext"
  else
    echo "the sqlite3 shell can't load $EXTDIR/rockset_ext.so: $why" >&2
    exit 1
  fi
}

uninstall_all() {
  for f in "$PREFIX/include/rockset_ext.h" "$PREFIX/lib/librockset_ext.a" \
    "$PREFIX/lib/pkgconfig/rockset_ext.pc" "$EXTDIR/rockset_ext.so" "$PREFIX/bin/rocksetd" \
    "$PREFIX/lib/rockset_ext/libduckdb.so" \
    "$EXTDIR/rockset_ext/libduckdb.so" "$EXTDIR/rockset_ext/LICENSE.duckdb"; do
    if [ -f "$DESTDIR$f" ] || [ -L "$DESTDIR$f" ]; then
      rm -f "$DESTDIR$f"
      echo "  removed $DESTDIR$f"
    fi
  done
  rmdir "$DESTDIR$EXTDIR/rockset_ext" "$DESTDIR$PREFIX/lib/rockset_ext" 2>/dev/null || true
}

case $action in
  install) install_all ;;
  uninstall) uninstall_all ;;
  *) echo 'usage: install.sh install|uninstall BUILD' >&2 && exit 2 ;;
esac
