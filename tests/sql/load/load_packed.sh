#!/bin/sh
# rockset_load of files packed with xz, zstd and zip: by name and by option; members of a zip file; what is cut off,
# damaged or protected is an error that names the file.
set -u
load() {
  printf '%s\n' "-- $1 ${2:-}"
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: >out 2>&1 <<END
SELECT rockset_load('t', '$1'${2:+, '$2'});
SELECT json_remove(row, '\$._id', '\$._event_time') FROM rockset_query('select * from commons.t order by 3 limit 2');
END
  sed '/rockset_query: Catalog/d; s/ \[remote SQL:.*//' out
}

/usr/bin/python3 - <<'END'
import base64, gzip, io, lzma, os, struct, zipfile
rows = "".join("%d,x%d\n" % (i, i) for i in range(100000))
csv = ("n,t\n" + rows).encode()
lines = b"".join(b'{"n":%d,"t":"x%d"}\n' % (i, i) for i in range(3))
def put(name, data):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    open(name, "wb").write(data)
def pack(name, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(name, "w", method) as z:
        for m, data in members: z.writestr(zipfile.ZipInfo(m) if method == 0 else m, data)
packed = lzma.compress(csv)
put("a.csv.xz", packed)
put("two.csv.xz", lzma.compress(b"n,t\n0,x0\n") + lzma.compress(b"1,x1\n"))
put("cut.csv.xz", packed[:len(packed) // 2])
put("bad.csv.xz", packed[:300] + b"\xff\xff\xff\xff" + packed[304:])
put("no.csv.xz", csv)
put("empty.csv.xz", lzma.compress(b""))
put("a.data", packed)
put("plain.csv.gz", csv)
put("a.ndjson.xz", lzma.compress(lines))
put("b.csv", b"n,t\n7,x7\n")
pack("a.csv.zip", [("a.csv", csv)])
pack("stored.zip", [("in/a.ndjson", lines)], zipfile.ZIP_STORED)
pack("mac.zip", [("folder/", b""), ("folder/a.csv", csv), ("__MACOSX/folder/._a.csv", b"x")])
pack("several.zip", [("a.csv", csv), ("b.ndjson", lines), ("../../evil.csv", b"n,t\n1,e\n")])
pack("many.zip", [("f%d.csv" % i, b"n\n1\n") for i in range(30)])
pack("none.zip", [])
pack("lzma.zip", [("a.csv", csv)], zipfile.ZIP_LZMA)
pack("quoted.zip", [("a.csv", b'n,t\n1,"x\n')])
whole = open("a.csv.zip", "rb").read()
put("cut.zip", whole[:len(whole) // 2])
put("bad.zip", whole[:5000] + b"\xff" * 8 + whole[5008:])
size = whole.find(b"PK\1\2")
put("crc.zip", whole[:size + 16] + b"\0\0\0\0" + whole[size + 20:])
put("secret.zip", whole[:6] + b"\1" + whole[7:size + 8] + b"\1" + whole[size + 9:])
put("far.zip", whole[:size + 42] + b"\xf0\xff\xff\x7f" + whole[size + 46:])
put("fake.zip", csv)
# a frame of raw blocks and one that is said to be longer than it is: no zstd is needed to write them
frame = lambda data, cut=0: b"\x28\xb5\x2f\xfd\x20" + bytes([len(data)]) + struct.pack("<I", len(data) << 3 | 1)[:3] + data[:len(data) - cut]
put("a.csv.zst", frame(b"n,t\n0,x0\n1,x1\n"))
put("two.csv.zst", frame(b"n,t\n0,x0\n") + frame(b"1,x1\n"))
put("cut.csv.zst", frame(b"n,t\n0,x0\n1,x1\n", 3))
put("bad.csv.zst", b"\x28\xb5\x2f\xfd\x20\x05\x2f\0\0abcde")
put("many/1.csv.zst", frame(b"n,t\n0,x0\n"))
put("many/2.csv.xz", lzma.compress(b"n,t\n1,x1\n"))
put("many/3.csv", b"n,t\n2,x2\n")
put("uneven/1.csv.xz", lzma.compress(b"n,t\n1,x1\n"))
put("uneven/2.csv.xz", lzma.compress(b"n,t\n1,x1,z\n"))
END

echo '# xz'
for f in a.csv.xz two.csv.xz a.ndjson.xz cut.csv.xz bad.csv.xz no.csv.xz empty.csv.xz; do load $f; done
load a.data '{"format":"csv","compression":"xz"}'
load b.csv '{"compression":"xz"}'
load plain.csv.gz '{"compression":"none"}'
load b.csv '{"compression":"rar"}'
echo '# zstd'
for f in a.csv.zst two.csv.zst cut.csv.zst bad.csv.zst; do load $f; done
echo '# zip'
for f in a.csv.zip stored.zip mac.zip several.zip many.zip none.zip lzma.zip quoted.zip cut.zip bad.zip crc.zip \
  secret.zip far.zip fake.zip; do load $f; done
load several.zip '{"member":"b.ndjson"}'
load several.zip '{"member":"../../evil.csv"}'
load several.zip '{"member":"c.csv"}'
load several.zip '{"member":"something/else"}'
load b.csv '{"member":"a.csv"}'
echo '# several'
load 'many/*'
load 'uneven/*'
ls | grep -c evil
export TMPDIR=/nosuch
load a.csv.zip
