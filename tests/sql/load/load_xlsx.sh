#!/bin/sh
# rockset_load of workbooks (.xlsx): sheets by name and number, types of columns, dates by their format; what is
# damaged, protected or missing is an error that names the file.
set -u
load() {
  printf '%s\n' "-- $1 ${2:-}"
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: >out 2>&1 <<END
SELECT rockset_load('t', '$1'${2:+, '$2'});
SELECT json_remove(row, '\$._id', '\$._event_time') FROM rockset_query('select * from commons.t');
END
  sed '/rockset_query: Catalog/d; s/ \[remote SQL:.*//' out
}
/usr/bin/python3 - <<'END'
import zipfile
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
TEXTS = ["id", "when", "at", "Name", "name", "a \"q\" &amp; ü", "007", "x"]
def book(name, rows, texts=None, styles="", extra="", pr="", drop=(), head="", sheet2=""):
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {MAIN}>{pr}<sheets><sheet name="Data" sheetId="1" r:id="rId1"/>'
            f'<sheet name="Two &amp; more" sheetId="2" r:id="rId2"/><sheet name="Chart" sheetId="3" r:id="rId3"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
            f'<Relationship Id="rId1" Type="{REL}worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{REL}worksheet" Target="/xl/worksheets/sheet2.xml"/>'
            f'<Relationship Id="rId3" Type="{REL}chartsheet" Target="chartsheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {MAIN}>" + "".join(f"<si><t>{t}</t></si>" for t in TEXTS)
            + "<si><r><t>ri</t></r><r><t>ch</t></r><rPh><t>phonetic</t></rPh></si></sst>",
        "xl/styles.xml": f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm:ss.000"/>'
            '<numFmt numFmtId="165" formatCode="[Red]0.00 &quot;days&quot;"/><numFmt numFmtId="166" formatCode="[h]:mm:ss"/>'
            '<numFmt numFmtId="167" formatCode="mm:ss"/><numFmt numFmtId="168" formatCode="mmm yy"/></numFmts>'
            '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>'
            + "".join(f'<xf numFmtId="{n}"/>' for n in (0, 14, 164, 165, 166, 167, 168)) + "</cellXfs></styleSheet>",
        "xl/worksheets/sheet1.xml": f"{head}<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
        "xl/worksheets/sheet2.xml": f"<worksheet {MAIN}><sheetData>{sheet2}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as z:
        for part, text in parts.items():
            if part not in drop: z.writestr(part, text)
def row(n, *cells): return f'<row r="{n}">' + "".join(cells) + "</row>"
def c(ref, v, t=None, s=None):
    return f'<c r="{ref}"' + (f' t="{t}"' if t else "") + (f' s="{s}"' if s else "") + f"><v>{v}</v></c>"
names = row(2, *(c("ABCDE"[i] + "2", i, "s") for i in range(5)), c("G2", "sum", "str"))
data = (names
    + row(3, c("A3", 1), c("B3", 45293, s=1), c("C3", "45293.5000115741", s=2), c("D3", 5, "s"), c("E3", 6, "s"), c("G3", "1.10"))
    + row(4) + row(5, c("A5", 9007199254740993), c("B5", 59, s=1), c("C5", 1, s=2), c("D5", 8, "s"), c("E5", "#N/A", "e"), c("G5", 2))
    + row(6, c("A6", "1E3"), '<c r="D6" t="inlineStr"><is><t>in</t><t>line</t></is></c>', '<c r="E6" s="1"/>', c("I6", 1, "b")))
formats = row(1, *(c("ABCDEF"[i] + "1", "nmhiso"[i], "str") for i in range(6))) + row(2, c("A2", "2.5", s=3), c("B2", 45293, s=6),
    c("C2", "1.5", s=4), c("D2", "0.0005", s=5), c("E2", "2024-01-02T03:04:05", "d"), c("F2", "-1", s=1))
book("a.xlsx", data, sheet2=formats)
book("b.xlsx", row(1, c("A1", "d", "str")) + row(2, c("A2", 0, s=1)), pr='<workbookPr date1904="1"/>')
book("bare.xlsx", "<row><c t='str'><v>n</v></c><c t='str'><v>n</v></c></row><row><c><v>1</v></c><c><v>2</v></c></row>",
     drop=("xl/sharedStrings.xml", "xl/styles.xml"))
book("empty.xlsx", "")
book("no_text.xlsx", row(1, c("A1", 99, "s")))
book("order.xlsx", row(1, c("A1", "x", "str")) + row(2, c("B2", 1), c("A2", 2)))
book("twice.xlsx", row(1, c("A1", "x", "str"), c("A1", "y", "str")))
book("wide.xlsx", row(1, c("ZZZZ1", 1)))
book("bomb.xlsx", row(1, "<c t='str'><v>&b;</v></c>"), head='<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>')
book("xml.xlsx", "<row><c>")
book("gone.xlsx", "", drop=("xl/worksheets/sheet1.xml",))
book("other.xlsx", "", drop=("xl/workbook.xml",))
whole = open("a.xlsx", "rb").read()
open("cut.xlsx", "wb").write(whole[:-100])
at = whole.find(b"xl/worksheets/sheet1.xml") + 40
open("damaged.xlsx", "wb").write(whole[:at] + b"\xff" * 20 + whole[at + 20:])
open("locked.xlsx", "wb").write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000)
open("text.xlsx", "wb").write(b"a,b\n1,2\n")
END
load a.xlsx
load a.xlsx '{"sheet":2}'
load a.xlsx '{"sheet":"two & MORE","header":false,"skip":1}'
for f in b bare empty; do load $f.xlsx; done
sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: "SELECT rockset_load('t', 'a.xlsx')" \
  "SELECT row FROM rockset_query('select column_name, column_type from (describe t)')"
echo '# wrong'
load a.xlsx '{"sheet":"Dat"}'
load a.xlsx '{"sheet":4}'
load a.xlsx '{"sheet":0}'
load a.xlsx '{"sheet":[1]}'
load a.xlsx '{"sheet":"Chart"}'
load a.xlsx '{"null":"x"}'
load a.xlsx '{"skip":-1}'
load a.xlsx '{"format":"csv","sheet":1}'
for f in no_text order twice wide bomb xml gone other cut damaged locked text; do load $f.xlsx; done
