#!/bin/sh
# Sets up what building, testing and the demo need.
#
# Usage: deps.sh DIR          install packages, fetch DuckDB's library and the data into DIR
#        deps.sh DIR check    only look whether the extension can be built; installs nothing
#        deps.sh DIR lint     as check, and clang-format
#        deps.sh DIR clients  as check, and what Rockset's and dbt's clients are installed with
#        deps.sh DIR browser  as check, and what the console is tested with
#        deps.sh DIR bench    as check, and wrk
#        deps.sh DIR site     as check, and what the site is made with
#        deps.sh DIR packages as check, and what packages are made with
#        deps.sh DIR machines as check, and what they are tried on
#        deps.sh DIR library  fetch DuckDB's library only, of DEPS_MACHINE (uname: system-machine)
#
# Each need is looked for as such (does the compiler find the header, is the command there), so any
# system will do; only where something is missing does Debian's apt come in. What is fetched is
# listed in deps.lock. A second run finds everything and needs no network.
#
# Environment: CC, DUCKDB_LIBRARY (your own libduckdb; then none is fetched), DEPS_CACHE (a folder
# with tarballs as `npm pack` names them, tried before the network).
set -eu
dir=${1:?usage: deps.sh DIR [check|lint|clients|browser|site|bench]}
what=${2:-all}
here=$(cd "$(dirname "$0")" && pwd)
CC=${CC:-}
machine=${DEPS_MACHINE:-$(uname -s)-$(uname -m)}

say() { echo "deps: $*" >&2; }

# --- Packages -------------------------------------------------------------------------------------

missing=

# need PACKAGE COMMAND...: the package is missing unless the command succeeds
need() {
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}

find_cc() {
  for c in $CC cc gcc clang; do
    if command -v "$c" >/dev/null 2>&1; then
      CC=$c
      return 0
    fi
  done
  return 1
}

# can_link HEADER LIBRARY: header and library are there, whoever installed them
can_link() {
  try=$(mktemp -d)
  # cmocka.h wants the others before it
  printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h "$1" >"$try/a.c"
  printf '%s\n' 'int main(void) { return 0; }' >>"$try/a.c"
  rc=0
  $CC "$try/a.c" -o "$try/a" -l"$2" || rc=1
  rm -rf "$try"
  return $rc
}

has_fetched() {
  while read -r kind name version integrity for_machine; do
    is_wanted "$kind" "$for_machine" || continue
    [ "$(cat "$dir/$(folder_of "$kind")/.integrity" 2>/dev/null)" = "$integrity" ] || return 1
  done <"$here/deps.lock"
}

console_lock=$here/../src/console/package-lock.json
has_console() { cmp -s "$console_lock" "$dir/console/.integrity"; }

look() {
  missing=
  # libraries can only be looked for with a compiler: without one, all of them are asked for
  if ! find_cc; then
    missing=' gcc libc6-dev'
    CC=false
  fi
  need make command -v make
  need pkg-config command -v pkg-config
  need libcjson-dev can_link cjson/cJSON.h cjson
  need libyaml-dev can_link yaml.h yaml
  need libcurl4-openssl-dev can_link curl/curl.h curl # loaded, not linked
  need zlib1g-dev can_link zlib.h z
  need libsqlite3-dev can_link sqlite3ext.h sqlite3
  need libmicrohttpd-dev can_link microhttpd.h microhttpd
  case $what in
    all)
      need sqlite3 command -v sqlite3
      need libcmocka-dev can_link cmocka.h cmocka
      need python3 test -x /usr/bin/python3
      need openssl command -v openssl
      need librdkafka1 /usr/bin/python3 -c 'import ctypes; ctypes.CDLL("librdkafka.so.1")'
      # glibc: what a locale with a decimal comma is made of (tests/run)
      ! command -v localedef >/dev/null 2>&1 || need locales test -e /usr/share/i18n/locales/de_DE
      { has_fetched && has_console; } || need npm command -v npm
      ;;
    lint) need clang-format command -v clang-format ;;
    browser)
      need nodejs command -v node
      need npm command -v npm
      need chromium command -v chromium
      ;;
    clients)
      need python3-venv python3 -c 'import ensurepip, venv'
      need nodejs command -v node
      need npm command -v npm
      ;;
    packages)
      need npm command -v npm
      need python3-venv python3 -c 'import ensurepip, venv'
      need dpkg-dev command -v dpkg-shlibdeps
      need tcl command -v tclsh # SQLite's sources
      ;;
    machines) # that packages are tried on
      need mmdebstrap command -v mmdebstrap
      need qemu-user-static command -v qemu-aarch64-static
      ;;
    site) need python3-venv python3 -c 'import ensurepip, venv' ;;
    bench)
      need wrk command -v wrk
      need python3 command -v python3
      ;;
  esac
  [ "$CC" != false ] || CC=
}

may_install() {
  [ "$what" != check ] || return 1
  command -v apt-get >/dev/null 2>&1 || return 1
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
  else
    return 1
  fi
}

apt_install() {
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}

packages() {
  look
  [ -n "$missing" ] || return 0
  if may_install; then
    say "installing$missing"
    # A list of packages that is missing or out of date is the usual cause of a failure
    apt_install >/dev/null 2>&1 || {
      $as_root apt-get update -q >/dev/null
      apt_install >/dev/null
    }
    look
    [ -n "$missing" ] || return 0
    say "still not usable after installing:$missing"
    exit 1
  fi
  if command -v apt-get >/dev/null 2>&1; then
    say 'some packages are missing; run this and try again:'
    echo "  sudo apt-get install -y$missing" >&2
  else
    say 'please install what these Debian packages hold, and try again:'
    echo " $missing" >&2
    say 'DUCKDB_LIBRARY=/path/libduckdb.so names a DuckDB library of yours'
  fi
  exit 1
}

# --- Fetched files --------------------------------------------------------------------------------


# is_wanted KIND MACHINE: a line of deps.lock (not a comment) that concerns this machine
is_wanted() {
  case $1 in '' | '#'*) return 1 ;; esac
  [ "$1" = duckdb ] || [ "$what" != library ] || return 1
  [ "$1" != duckdb ] || [ -z "${DUCKDB_LIBRARY:-}" ] || return 1
  [ "$2" = any ] || [ "$2" = "$machine" ]
}

folder_of() {
  case $1 in duckdb) echo duckdb ;; data) echo vega-datasets ;; esac
}

# The integrity is the base64 of the sha512's bytes; compared in hex, which coreutils alone can do
check_sum() {
  expected=$(printf %s "${2#sha512-}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  actual=$({ sha512sum "$1" 2>/dev/null || shasum -a 512 "$1"; } | cut -d' ' -f1)
  [ ${#expected} = 128 ] && [ "$expected" = "$actual" ]
}

# fetch KIND NAME VERSION INTEGRITY
fetch() {
  to=$dir/$(folder_of "$1")
  if [ "$(cat "$to/.integrity" 2>/dev/null)" = "$4" ]; then return 0; fi
  say "fetching $2@$3"
  tmp=$(mktemp -d "$dir/.fetch.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  tarball=$(printf %s "$2" | sed 's/^@//; s,/,-,g')-$3.tgz
  if [ -f "${DEPS_CACHE:-/nonexistent}/$tarball" ]; then
    cp "$DEPS_CACHE/$tarball" "$tmp/"
  elif ! (cd "$tmp" && npm pack --silent "$2@$3" >npm.log 2>&1); then
    cat "$tmp/npm.log" >&2
    say "npm can't fetch $2@$3 (no network?)"
    exit 1
  fi
  if ! check_sum "$tmp/$tarball" "$4"; then
    say "$2@$3: the file's sha512 is not the one in .ci/deps.lock; it is not used"
    exit 1
  fi
  tar -xzf "$tmp/$tarball" -C "$tmp"
  # All in place before the mark is: an interrupted run starts over
  mkdir "$tmp/new"
  case $1 in
    duckdb) mv "$tmp"/package/libduckdb.* "$tmp/package/LICENSE" "$tmp/new/" ;;
    data)
      # no LICENSE file of its own: package.json names the package's, datapackage.json each file's
      mv "$tmp/package/data" "$tmp/package/package.json" "$tmp/package/datapackage.json" "$tmp/new/"
      ;;
  esac
  printf '%s\n' "$4" >"$tmp/new/.integrity"
  rm -rf "$to"
  mv "$tmp/new" "$to"
  rm -rf "$tmp"
  trap - EXIT
}

# What rocksetd's console is made with; npm checks each package against the lock
console() {
  ! has_console || return 0
  say 'fetching the packages of the console'
  rm -rf "$dir/console"
  mkdir -p "$dir/console"
  cp "$here/../src/console/package.json" "$console_lock" "$dir/console/"
  (cd "$dir/console" && npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1) || {
    cat "$dir/console/npm.log" >&2
    say "npm can't fetch the console's packages (no network?)"
    exit 1
  }
  cp "$console_lock" "$dir/console/.integrity"
}

files() {
  mkdir -p "$dir"
  if [ -z "${DUCKDB_LIBRARY:-}" ] && ! grep -q "^duckdb .* $machine\$" "$here/deps.lock"; then
    say "no DuckDB library is known for $machine; name yours: DUCKDB_LIBRARY=/path/libduckdb.so"
    exit 1
  fi
  while read -r kind name version integrity for_machine; do
    is_wanted "$kind" "$for_machine" || continue
    fetch "$kind" "$name" "$version" "$integrity" </dev/null
  done <"$here/deps.lock"
  console
  touch "$dir/stamp"
}

[ "$what" = library ] || packages
case $what in all | library) files ;; esac
