#!/usr/bin/env python3
"""Writes html_names.txt: the names of HTML's character references, as Python's html module has them.

python3 gen_html.py > html_names.txt

Each is written NAME;HEX where a semicolon must follow the name, NAME:HEX where it need not, with two
numbers HEX,HEX for two characters. All names of a line begin with the same letter.
"""
from html.entities import html5

line = ""
for name in sorted((n[:-1] for n in html5 if n.endswith(";")), key=str.encode):
    chars = ",".join("%X" % ord(c) for c in html5[name + ";"])
    entry = name + (":" if name in html5 else ";") + chars
    assert html5.get(name, html5[name + ";"]) == html5[name + ";"]
    if line and (line[0] != name[0] or len(line) + 1 + len(entry) > 100):
        print(line)
        line = ""
    line += (" " if line else "") + entry
print(line)
assert all(n + ";" in html5 for n in html5 if not n.endswith(";"))
