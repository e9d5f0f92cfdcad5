#!/bin/sh
# Random queries of the differential test (tests/differential) in the shell: under a sanitizer nothing
# is leaked or touched that should not be
set -u
script=$(dirname "$FIXTURES")/differential/script
/usr/bin/python3 "$script" "${SEED:-7}" "${QUERIES:-200}" >script.sql || exit
sqlite3 -batch -cmd ".load $ROCKSET_EXT" -cmd '.output /dev/null' :memory: <script.sql
