#!/bin/sh
# A file from somebody else that says what is to be sent: opening and reading it sends nothing to a
# target that is not its own.
sql() {
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" "$@" 2>&1
}

cat > profiles.yml <<'END'
rockset_ext:
  target: own
  outputs:
    own: {type: duckdb, path: own.duckdb, schema: commons}
END
sql made.db <<'END'
CREATE TABLE orders(id INTEGER PRIMARY KEY, a TEXT);
INSERT INTO orders VALUES (1, 'theirs');
SELECT rockset_follow('orders', 'commons.orders');
INSERT INTO orders VALUES (2, 'theirs');
END
# the victim's own rows, under the name that the file says
sql victim.db "SELECT rockset_drop_collection('commons.orders'); SELECT rockset_push('SELECT ''mine'' AS a', 'commons.orders');"
sqlite3 made.db 'UPDATE rockset_follows SET whole = 1'
echo '-- what reads sends nothing'
sql made.db "SELECT row FROM rockset_query('SELECT a FROM commons.orders');" \
  "CREATE VIRTUAL TABLE v USING rockset('commons.orders'); SELECT a FROM v;"
echo '-- who asks for it gets it'
sql made.db "SELECT rockset_sync(); SELECT row FROM rockset_query('SELECT a FROM commons.orders ORDER BY a');"
