#!/bin/sh
# Makes the packages of Debian and Ubuntu for this machine and this release, from what
# `make install` installs: rockset-ext (extension, server, systemd unit) and rockset-ext-duckdb
# (DuckDB's library).
#
# Usage: deb.sh BUILD VERSION DUCKDB_VERSION
#
# The system's own cJSON, libyaml, zlib and libmicrohttpd are used (TLS included), so a package is
# good for the release that it was made on.
set -eu
build=$(cd "$1" && pwd)
version=$2
duckdb_version=$3
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
arch=$(dpkg --print-architecture)
folder=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
work=$build/packages/deb
rm -rf "$work"
mkdir -p "$work/all" "$work/debian"

"${MAKE:-make}" -C "$root" --no-print-directory install BUILD="$build" DESTDIR="$work/all" \
  PREFIX=/usr EXTDIR="$folder" >/dev/null

# take PACKAGE PATH...: moves what was installed into a package
take() {
  package=$work/$1
  shift
  for path in "$@"; do
    mkdir -p "$package$(dirname "$path")"
    mv "$work/all$path" "$package$path"
  done
}

# document PACKAGE LICENSE
document() {
  mkdir -p "$work/$1/usr/share/doc/$1"
  cp "$2" "$work/$1/usr/share/doc/$1/copyright"
}

# needs FILE...: the packages that the loader needs for them, with the versions
needs() {
  printf 'Source: rockset-ext\n\nPackage: rockset-ext\nArchitecture: any\n' >"$work/debian/control"
  (cd "$work" && dpkg-shlibdeps -O --ignore-missing-info "$@" 2>/dev/null) |
    sed -n 's/^shlibs:Depends=//p'
}

# control PACKAGE VERSION FIELDS DESCRIPTION, as one binary package's
control() {
  mkdir -p "$work/$1/DEBIAN"
  cat >"$work/$1/DEBIAN/control" <<END
Package: $1
Version: $2
Architecture: $arch
Maintainer: the rockset_ext authors <rockset-ext@localhost>
Section: database
Priority: optional
Installed-Size: $(du -sk "$work/$1" | cut -f1)
$3
Description: $4
END
  find "$work/$1" -type d -exec chmod 755 {} +
  dpkg-deb --root-owner-group -Zxz --build "$work/$1" "$build/packages" >/dev/null
}

take rockset-ext "$folder/rockset_ext.so" /usr/bin/rocksetd
take rockset-ext-duckdb "$folder/rockset_ext/libduckdb.so"
install -D -m 644 "$here/deb/rocksetd.service" \
  "$work/rockset-ext/usr/lib/systemd/system/rocksetd.service"
install -D -m 755 "$here/deb/postinst" "$work/rockset-ext/DEBIAN/postinst"
install -D -m 755 "$here/deb/prerm" "$work/rockset-ext/DEBIAN/prerm"
# rocksetd looks below its own prefix
mkdir -p "$work/rockset-ext-duckdb/usr/lib/rockset_ext"
ln -s "..${folder#/usr/lib}/rockset_ext/libduckdb.so" \
  "$work/rockset-ext-duckdb/usr/lib/rockset_ext/libduckdb.so"
document rockset-ext "$root/LICENSE"
document rockset-ext-duckdb "$work/all$folder/rockset_ext/LICENSE.duckdb"

curl='libcurl4 | libcurl4t64 | libcurl3-gnutls | libcurl3t64-gnutls'
control rockset-ext "$version" "Depends: $(needs "rockset-ext$folder/rockset_ext.so" \
  rockset-ext/usr/bin/rocksetd), passwd
Recommends: rockset-ext-duckdb, sqlite3, $curl" \
  "DuckDB, Trino, Rockset's API and dbt-style models inside SQLite
 A SQLite extension (.load rockset_ext) with collections as virtual tables, queries
 at the engine's speed and models in tables; and rocksetd, a server that speaks
 Rockset's REST API v1."
control rockset-ext-duckdb "$duckdb_version" "Depends: $(needs \
  "rockset-ext-duckdb$folder/rockset_ext/libduckdb.so")" \
  "DuckDB's library for rockset-ext
 The embedded engine of the SQLite extension rockset_ext and of rocksetd."
