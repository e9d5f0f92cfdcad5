#!/usr/bin/env python3
"""The tables of docs/functions.md from sql/help.txt, which rockset_help() shows: one text for both.

Usage: reference.py          writes what stands between <!-- help: TOPIC --> and <!-- end --> anew
       reference.py check    prints file:line of the first line that differs; fails then
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HELP, PAGE = "sql/help.txt", "docs/functions.md"
PART = re.compile(r"(<!-- help: (.*?) -->\n\n).*?(\n<!-- end -->)", re.S)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def topics(text):
    """{topic: [(name, signature, what it gives, text, errors)]}"""
    found, topic = {}, None
    for part in re.split(r"\n(?=\S)", text.split("\n\n", 1)[1]):
        if part.startswith("# "):
            topic = found[part[2:].strip()] = []
            continue
        head, *lines = part.rstrip().split("\n")
        said = " ".join(line.strip() for line in lines if not line.startswith("  >"))
        what, mark, errors = said.partition("Errors: ")
        if not mark:
            raise SystemExit("%s: %s has no `Errors:`" % (HELP, head))
        signature, _, gives = head.partition(" -> ")
        topic.append((re.match(r"\w+", head).group(), signature, gives, what.strip(), errors))
    return found


def link(name):
    return "below" if name == "functions" else "[%s](%s.md)" % (name.replace("-", " "), name)


def cell(text):
    """A cell of a table: an error's words and names are code, pages are links."""
    out = ""
    for code, page, rest in re.findall(r'("[^"]*"|\brockset_\w+(?:\(\w*\))?)|docs/([\w-]+)\.md|(.)',
                                       text.replace("Page: ", "More: "), re.S):
        out += "`%s`" % code.strip('"') if code else link(page) if page else re.sub(r"([*_<\\])", r"\\\1", rest)
    return out.replace("|", "\\|")


def table(entries):
    return "| | gives | | errors |\n|---|---|---|---|\n" + "".join(
        "| `%s` | %s | %s | %s |\n" % (signature, cell(gives), cell(what), cell(errors))
        for _, signature, gives, what, errors in entries)


def index(found):
    return "| | |\n|---|---|\n" + "".join(
        "| **%s** | %s |\n" % (topic, " ".join("`%s`" % e[0] for e in entries)) for topic, entries in found.items())


def write(page, found):
    shown = [topic for _, topic, _ in PART.findall(page)]
    if sorted(shown) != sorted(["index", *found]):
        raise SystemExit("%s: its tables are %s, the topics of %s %s" % (PAGE, shown, HELP, list(found)))
    return PART.sub(lambda m: m[1] + (index(found) if m[2] == "index" else table(found[m[2]])) + m[3], page)


def main():
    old = read(PAGE)
    new = write(old, topics(read(HELP)))
    if sys.argv[1:] == ["check"]:
        for n, (a, b) in enumerate(zip(old.split("\n"), new.split("\n")), 1):
            if a != b:
                raise SystemExit("%s:%d: is not what %s says: run .ci/reference.py" % (PAGE, n, HELP))
    elif new != old:
        with open(os.path.join(ROOT, PAGE), "w", encoding="utf-8") as f:
            f.write(new)


main()
