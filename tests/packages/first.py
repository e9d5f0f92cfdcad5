"""first.sql by Python's own module, with the package rockset_ext."""
import sqlite3
import sys

import rockset_ext

db = sqlite3.connect("app.db", isolation_level=None)
rockset_ext.load(db)
for line in open(sys.argv[1]):
    for row in db.execute(line):
        print(*row)
