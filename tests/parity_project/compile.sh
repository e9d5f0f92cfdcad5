#!/bin/sh
# Compiles the models and analyses of an imported project (database $1) into a folder laid out as
# dbt's target/compiled ($2): needs sqlite3 and $ROCKSET_EXT.
set -eu
sqlite3 -batch "$1" "SELECT coalesce(nullif(m.package, ''), p.value) || '/' || m.path || ' ' ||
  coalesce(nullif(m.package, ''), p.value) || '.' || m.name ||
  CASE WHEN m.version <> '' THEN '.v' || m.version ELSE '' END
  FROM (SELECT package, name, version, path FROM rockset_models
    UNION ALL SELECT package, name, '', path FROM rockset_analyses) AS m, rockset_project AS p
  WHERE p.key = 'name' ORDER BY 1" |
  while read -r path model; do
    mkdir -p "$2/$(dirname "$path")"
    # an error, e.g. of a disabled model, leaves no file, as with dbt
    sqlite3 -batch "$1" -cmd ".load $ROCKSET_EXT" \
      "SELECT writefile('$2/$path', rockset_compile('$model'))" 2>&1 >/dev/null |
      sed -n "s/.*stepping, //p; s/^Runtime error[^:]*: //p; s/^Error in [^:]*: //p" |
      sed 's/ ([0-9]*)$//'
  done
