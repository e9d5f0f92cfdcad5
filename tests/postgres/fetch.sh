#!/bin/sh
# Sets up what the tests on PostgreSQL need: the server's package and, in DIR, its ADBC driver.
#
# Usage: fetch.sh DIR            a second run finds both and needs no network
#
# Fails with one line where they can't be had; the tests then skip with a line of their own.
set -eu
dir=${1:?usage: fetch.sh DIR}

say() { echo "postgres: $*" >&2; }

has_server() { ls /usr/lib/postgresql/*/bin/initdb || command -v initdb; }

if ! has_server >/dev/null 2>&1; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say 'the server is missing: apt-get install postgresql'
    exit 1
  fi
  say 'installing postgresql'
  # the package would start a cluster of its own
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -q --no-install-recommends postgresql >/dev/null 2>&1 || {
    apt-get update -q >/dev/null
    apt-get install -y -q --no-install-recommends postgresql >/dev/null
  }
fi

exec sh "$(dirname "$0")/../../.ci/driver.sh" postgresql "$dir"
