#!/bin/sh
# rockset_load of Arrow's IPC format (tests/fixtures/arrow): files, streams, Feather; each type, packed buffers,
# dictionaries; what is cut off or damaged is an error.
set -u
load() {
  printf '%s\n' "-- $1 ${2:-}"
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: >out 2>&1 <<END
SELECT rockset_load('t', '$1'${2:+, '$2'});
SELECT json_remove(row, '\$._id', '\$._event_time') FROM rockset_query('select * from commons.t limit 4');
END
  sed '/rockset_query: Catalog/d; s/ \[remote SQL:.*//' out
}
cp "$FIXTURES"/arrow/*.a* "$FIXTURES"/arrow/*.f* .
for f in types.arrow types.arrows zstd.arrows lz4.feather none.arrow; do load $f; done
sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: "SELECT rockset_load('t', 'types.arrow')" \
  "SELECT row FROM rockset_query('select column_name, column_type from (describe t)')"
echo '# two, with other columns; packed; without a name'
mkdir two
cp types.arrow two/1.arrow
cp other.arrow two/2.arrow
sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: "SELECT rockset_load('t', 'two')" \
  "SELECT row FROM rockset_query('select i8, typeof(i8) as t, s, more from t order by 1')"
gzip -k other.arrow
load other.arrow.gz
cp other.arrow data
load data '{"format":"arrow"}'
load data '{"format":"arrow","null":"x"}'
echo '# what is not read'
for f in v1.feather half.arrow union.arrow delta.arrows; do load $f; done
echo '# damaged'
LD_PRELOAD=${RS_PRELOAD:-} ASAN_OPTIONS=detect_leaks=0 /usr/bin/python3 - <<'END'
import collections, glob, re, sqlite3, os
def load(name):
    c = sqlite3.connect(":memory:"); c.enable_load_extension(True); c.load_extension(os.environ["ROCKSET_EXT"])
    try:
        return "rows: %d" % c.execute("SELECT rockset_load('t', ?)", [name]).fetchone()[0]
    except sqlite3.Error as e:
        return re.sub(r"(column '|byte )[^' ]*", r"\1...", str(e))
# cut anywhere: never rows
for name in ("types.arrow", "types.arrows", "zstd.arrows"):
    whole, seen = open(name, "rb").read(), collections.Counter()
    for n in range(0, len(whole) - 8, 401):
        open("cut" + name[5:] if name[0] == "t" else "cut.arrows", "wb").write(whole[:n])
        seen[load("cut" + os.path.splitext(name)[1])] += 1
    rows = [k for k in seen if k.startswith("rows") and name.endswith(".arrow")]
    print(name, "cut: rows" if rows else "cut: an error that names the file", sorted(k for k in seen if "file 'cut" not in k and not k.startswith("rows")))
# a byte changed anywhere: rows or an error about the file
for name in ("types.arrow", "lz4.feather"):
    whole, bad = open(name, "rb").read(), set()
    for n in range(8, len(whole), 311):
        open("bad.arrow", "wb").write(whole[:n] + bytes([whole[n] ^ 0xff]) + whole[n + 1:])
        got = load("bad.arrow")
        if not got.startswith("rows") and "file 'bad.arrow'" not in got: bad.add(got)
    print(name, "changed:", sorted(bad))
END
