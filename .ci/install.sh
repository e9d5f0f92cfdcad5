#!/bin/sh
# Installs or removes the extension, the server, the static library, its header and pkg-config file.
#
# Usage: install.sh install|uninstall BUILD
# Environment: PREFIX, EXTDIR, DESTDIR (put before every path), CC, AR, VERSION
#
# `.load rockset_ext` makes SQLite call dlopen("rockset_ext"), then dlopen("rockset_ext.so"): bare
# names, which the loader looks up in its cache and in its built-in folders. The cache lists only
# names that begin with lib, so /usr/local/lib never works; the built-in folders do. So without a
# PREFIX the extension goes into the one for libraries of the system (/usr/lib/<triplet> on Debian,
# /usr/lib64 or /usr/lib elsewhere), the rest below /usr/local. With a PREFIX everything lies below
# it, and `.load` takes the path. EXTDIR overrides where the extension goes.
#
#   PREFIX/bin/rocksetd
#   PREFIX/include/rockset_ext.h
#   PREFIX/lib/librockset_ext.a           knows PREFIX/lib/rockset_ext/libduckdb.so
#   PREFIX/lib/pkgconfig/rockset_ext.pc
#   PREFIX/lib/rockset_ext/libduckdb.so   a link, unless it is the next but one
#   EXTDIR/rockset_ext.so
#   EXTDIR/rockset_ext/libduckdb.so       looked for there, next to the extension, at run time
#   EXTDIR/rockset_ext/LICENSE.duckdb
#
# What is installed is stripped; the symbols lie in a folder .debug next to it, where gdb looks.
set -eu
action=$1
build=$2
root=$(cd "$(dirname "$0")/.." && pwd)
given=${PREFIX:-}${EXTDIR:-}
DESTDIR=${DESTDIR:-}
header=$root/ext/rockset_ext.h
duckdb=$build/deps/duckdb/libduckdb.so

system_folder() {
  triplet=$({ ${CC:-cc} -print-multiarch || dpkg-architecture -qDEB_HOST_MULTIARCH; } 2>/dev/null |
    head -1)
  for d in ${triplet:+/usr/lib/$triplet} /usr/lib64 /usr/lib; do
    if [ -d "$d" ]; then
      echo "$d"
      return
    fi
  done
}
if [ -n "${PREFIX:-}" ]; then
  case $PREFIX in /*) ;; *) PREFIX=$(pwd)/$PREFIX ;; esac # programs look for it from anywhere
  EXTDIR=${EXTDIR:-$PREFIX/lib}
fi
PREFIX=${PREFIX:-/usr/local}
EXTDIR=${EXTDIR:-$(system_folder)}
case $EXTDIR in /*) ;; *) EXTDIR=$(pwd)/$EXTDIR ;; esac

put() { # put MODE FROM TO
  mkdir -p "$(dirname "$DESTDIR$3")"
  install -m "$1" "$2" "$DESTDIR$3"
  echo "  $DESTDIR$3"
}

debug_of() { # the file with the symbols of FILE
  echo "$(dirname "$1")/.debug/$(basename "$1").debug"
}

put_stripped() { # put_stripped MODE FROM TO
  put "$1" "$2" "$3"
  debug=$DESTDIR$(debug_of "$3")
  mkdir -p "$(dirname "$debug")"
  objcopy --only-keep-debug "$2" "$debug"
  chmod 644 "$debug"
  strip --strip-unneeded "$DESTDIR$3"
  objcopy --add-gnu-debuglink="$debug" "$DESTDIR$3"
  echo "  $debug"
}

pc_file() {
  cat <<END
prefix=$(printf "%s" "$PREFIX" | sed "s, ,\\\\ ,g")
Name: rockset_ext
Description: Rockset collections, dbt-style models and DuckDB inside SQLite
Version: $VERSION
Requires: sqlite3 libcjson yaml-0.1 zlib
Cflags: -I\${prefix}/include
Libs: -L\${prefix}/lib -lrockset_ext -lpthread -ldl -lm
END
}

install_duckdb() {
  if [ ! -f "$duckdb" ]; then
    echo 'DuckDB was not fetched, so it is not installed: make deps, and install again,'
    echo 'or name your own: DUCKDB_LIBRARY=/path/libduckdb.so'
    return
  fi
  put 644 "$duckdb" "$EXTDIR/rockset_ext/libduckdb.so"
  put 644 "$build/deps/duckdb/LICENSE" "$EXTDIR/rockset_ext/LICENSE.duckdb"
  # where rocksetd and the static library look for it
  mkdir -p "$DESTDIR$PREFIX/lib/rockset_ext"
  theirs=$(cd "$DESTDIR$PREFIX/lib/rockset_ext" && pwd -P)
  [ "$theirs" != "$(cd "$DESTDIR$EXTDIR/rockset_ext" && pwd -P)" ] || return 0
  ln -sf "$EXTDIR/rockset_ext/libduckdb.so" "$DESTDIR$PREFIX/lib/rockset_ext/libduckdb.so"
  echo "  $DESTDIR$PREFIX/lib/rockset_ext/libduckdb.so"
}

install_all() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  sh "$root/.ci/archive.sh" "$work/librockset_ext.a" "$build/obj/whole.o" \
    "$PREFIX/lib/rockset_ext/libduckdb.so"
  strip --strip-debug "$work/librockset_ext.a"
  pc_file >"$work/rockset_ext.pc"
  put 644 "$header" "$PREFIX/include/rockset_ext.h"
  put 644 "$work/librockset_ext.a" "$PREFIX/lib/librockset_ext.a"
  put 644 "$work/rockset_ext.pc" "$PREFIX/lib/pkgconfig/rockset_ext.pc"
  put_stripped 644 "$build/rockset_ext.so" "$EXTDIR/rockset_ext.so"
  put_stripped 755 "$build/rocksetd" "$PREFIX/bin/rocksetd"
  install_duckdb
  [ -z "$DESTDIR" ] || return 0 # a package being made: the files are not where they will be used
  check_load
}

# As a user has it: from another folder, by the bare name where that works, else by the path
check_load() {
  cd /
  if [ -z "$given" ] && sqlite3 -batch :memory: '.load rockset_ext' 2>/dev/null; then
    echo 'In the sqlite3 shell:  .load rockset_ext'
  elif why=$(sqlite3 -batch :memory: ".load '$EXTDIR/rockset_ext'" 2>&1); then
    echo "In the sqlite3 shell:  .load $EXTDIR/rockset_ext"
    echo 'SQLite finds the bare name only where the system keeps its libraries; make install'
    echo 'without PREFIX and EXTDIR puts it there.'
  else
    echo "the sqlite3 shell can't load $EXTDIR/rockset_ext.so: $why" >&2
    exit 1
  fi
}

uninstall_all() {
  for f in "$PREFIX/include/rockset_ext.h" "$PREFIX/lib/librockset_ext.a" \
    "$PREFIX/lib/pkgconfig/rockset_ext.pc" "$EXTDIR/rockset_ext.so" "$PREFIX/bin/rocksetd" \
    "$(debug_of "$EXTDIR/rockset_ext.so")" "$(debug_of "$PREFIX/bin/rocksetd")" \
    "$PREFIX/lib/rockset_ext/libduckdb.so" \
    "$EXTDIR/rockset_ext/libduckdb.so" "$EXTDIR/rockset_ext/LICENSE.duckdb"; do
    if [ -f "$DESTDIR$f" ] || [ -L "$DESTDIR$f" ]; then
      rm -f "$DESTDIR$f"
      echo "  removed $DESTDIR$f"
    fi
  done
  rmdir "$DESTDIR$EXTDIR/rockset_ext" "$DESTDIR$PREFIX/lib/rockset_ext" "$DESTDIR$EXTDIR/.debug" \
    "$DESTDIR$PREFIX/bin/.debug" 2>/dev/null || true
}

case $action in
  install) install_all ;;
  uninstall) uninstall_all ;;
  *) echo 'usage: install.sh install|uninstall BUILD' >&2 && exit 2 ;;
esac
