#!/usr/bin/env python3
"""Writes html_tables.h: the names of HTML's character references, as Python's html module has them.

python3 gen_html.py > html_tables.h
"""
import html
from html.entities import html5


def text(chars):
    return "".join("\\x%02X" % b for b in chars.encode())


print("""/*
** HTML's named character references, sorted by name; and what the numbers 0x80 to 0x9F stand for.
** Written by gen_html.py from Python's tables: don't edit.
*/
#ifndef RS_JINJA_HTML_TABLES_H
#define RS_JINJA_HTML_TABLES_H

static const struct {
  const char *name, *text;
} html_names[] = {""")
for name in sorted(html5, key=lambda n: n.encode()):
    print('  {"%s", "%s"},' % (name, text(html5[name])))
print("};\n\nstatic const uint16_t html_latin[32] = {")
for i in range(0x80, 0xA0, 8):
    print("  " + " ".join("0x%04X," % ord(html.unescape("&#%d;" % c)) for c in range(i, i + 8)))
print("};\n#endif")
