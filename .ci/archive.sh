#!/bin/sh
# The static library: one object that shows nothing but sqlite3_rocksetext_init, so that no name of
# ours can meet one of the program it is linked into.
#
# Usage: archive.sh ARCHIVE OBJECT [LIBRARY]   LIBRARY: where the installed libduckdb will be
# Environment: CC, AR
set -eu
archive=$1 object=$2 library=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
set -- "$object"
if [ -n "$library" ]; then
  case $library in *[\"\\]*) echo "archive.sh: a path with quotes: $library" >&2; exit 1 ;; esac
  printf '%s\n%s\n' 'extern const char rs_duckdb_place[];' \
    "const char rs_duckdb_place[] = \"$library\";" >"$work/place.c"
  ${CC:-cc} -fPIC -fvisibility=hidden -c "$work/place.c" -o "$work/place.o"
  set -- "$object" "$work/place.o"
fi
${CC:-cc} -r -nostdlib -o "$work/rockset_ext.o" "$@"
objcopy --localize-hidden "$work/rockset_ext.o"
rm -f "$archive"
${AR:-ar} rcs "$archive" "$work/rockset_ext.o"
