"""What README.md and docs/*.md name is there, and what is there has its line: links between pages, files of the tree,
make's targets; functions, tables, their arguments, columns and options; fields of profiles; flags of rocksetd.

tests/run gives ROCKSET_EXT, ROCKSETD, DATA and DUCKDB_LIBRARY; the current folder is empty.
"""
import glob
import os
import re
import subprocess
import sys
from pages import FENCE, ROOT, failures, folder, pages, read, report, shell

PAGES = pages()
ALL = "\n".join(PAGES.values())
# A file that a page tells to make, and one of the reader's dbt project
NOT_OURS = {"src/engine/csvdir/csvdir.c", "tests/fixtures/*.csv"}


def sources(pattern):
    return "".join(read(os.path.relpath(p, ROOT)) for p in sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True)))


def rows(text, head):
    """The cells of each row below this head, wherever it stands in the text."""
    for part in text.split("\n" + head + "\n")[1:]:
        for line in part.split("\n\n")[0].splitlines()[1:]:
            yield [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]


def anchors(page):
    heads = re.findall(r"^#+ (.*)", FENCE.sub("", PAGES[page]), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


def check_links():
    targets = re.findall(r"^([\w-]+):", read("Makefile"), re.M)
    for page, text in PAGES.items():
        prose, bad = FENCE.sub("", text), []
        for to, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", prose):
            target = os.path.normpath(os.path.join(os.path.dirname(page), to)) if to else page
            if not os.path.exists(os.path.join(ROOT, target)) or anchor and anchor not in anchors(target):
                bad.append("no page or heading %s#%s" % (to, anchor))
        for path in re.findall(r"`((?:src|ext|tests|sql|docs)/[\w./*?-]*\w)`", prose):
            if path not in NOT_OURS and not glob.glob(os.path.join(ROOT, path)):
                bad.append("no file " + path)
        bad += ["no target " + t for t in re.findall(r"(?:`|\$ )make ([a-z-]+)(?!/)\b", text) if t not in targets]
        report("%s: links, files, targets of make" % page, "\n".join(bad))


def signatures(page):
    """{name: arguments} of headings and first cells; names of a list share those that follow."""
    found = {}
    for heading, cell in re.findall(r"^###? (.*)|^\| (`rockset_.*?) \|", page, re.M):
        shared = ""
        for name, arguments in reversed(re.findall(r"(rockset_\w+)(?:\(([^)]*)\))?", heading or cell)):
            shared = found[name] = arguments or shared
    return found


def arities(arguments):
    """a [, b [, c]]: 1, 2, 3"""
    most = len(re.findall(r"[^\[\], ][^\[\],]*", arguments))
    return set(range(most - arguments.count("["), most + 1))


def check_functions():
    functions, columns, bad = {}, {}, []
    for row in shell("SELECT name, narg FROM pragma_function_list WHERE name GLOB 'rockset_*';").split():
        functions.setdefault(row.split("|")[0], set()).add(int(row.split("|")[1]))
    for row in shell("SELECT m.name, c.name FROM pragma_module_list m, pragma_table_info(m.name) c "
                     "WHERE m.name GLOB 'rockset_*' AND m.name NOT GLOB '*_module';").split():
        columns.setdefault(row.split("|")[0], []).append(row.split("|")[1])
    # the triggers of rockset_follow have a number in their names
    stored = set(shell(".output /dev/null\nSELECT rockset_init();\nCREATE TABLE t(id INTEGER PRIMARY KEY);\n"
                       "SELECT rockset_follow('t', 'commons.t');\n.output\n"
                       "SELECT name FROM sqlite_schema WHERE type <> 'index' AND name NOT GLOB '*[0-9]*';").split())
    page = PAGES["docs/functions.md"]
    index, lines = page.split("## Session")[0], signatures(page)
    for name in sorted(set(functions) | set(columns)):
        if name not in lines or "`%s`" % name not in index:
            bad.append("%s has no line in docs/functions.md, or is not in its index" % name)
        elif name in functions:
            # some take no argument only to say what they want
            if functions[name] - {0} != arities(lines[name]) - {0}:
                bad.append("%s(%s) takes %s" % (name, lines[name], sorted(functions[name])))
    for name, arguments in re.findall(r"`(rockset_\w+)\(([^'`]*?)\)", ALL):
        if name in functions and not arities(arguments) <= functions[name]:
            bad.append("%s(%s) takes %s" % (name, arguments, sorted(functions[name])))
    for name, these in sorted(columns.items()):
        if not any(name in text and all(re.search(r"\b%s\b" % c, text) for c in these) for text in PAGES.values()):
            bad.append("no page names all columns of %s: %s" % (name, these))
    bad += [name + " is on no page" for name in sorted(stored) if name not in ALL]
    known = set(functions) | set(columns) | stored | {"rockset_ext", "rockset_run_module"}
    bad += ["there is no " + name for name in sorted(set(re.findall(r"\brockset_[a-z_]*[a-z]\b", ALL)) - known)]
    report("functions and tables, their arguments and columns", "\n".join(bad))


def check_errors():
    """The words of errors in rockset_help() are those of a message in the sources, whatever stands for the `...`."""
    code = re.sub(r'"\s*(?:\\\s*)?"', "", sources("src/**/*.c") + sources("ext/**/*.c"))
    bad = []
    for entry in re.findall(r"^  Errors: (.*?)(?=^  >|^\S)", read("sql/help.txt"), re.M | re.S):
        for words in re.findall(r'"([^"]*)"', " ".join(entry.split())):
            bad += ["no message has: " + w for w in words.split("...") if w.strip(" '") and w.strip(" '") not in code]
    report("errors of rockset_help", "\n".join(bad))


def check_options():
    there = set(re.findall(r'"(\w+)", RS_OPT_', sources("ext/**/*.[ch]") + sources("src/engine/*.[ch]")))
    said = {name for cells in rows(ALL, "| option | |") for name in re.findall(r"`(\w+)`", cells[0])}
    bad = ["option %s is on no page" % o for o in sorted(there) if "`%s`" % o not in ALL]
    bad += ["there is no option " + o for o in sorted(said - there)]
    there = set(re.findall(r'\[OPT_\w+\] = "(\w+)"', sources("ext/collection/args.c")))
    said = set(re.findall(r"`(\w+)=", "".join(c[0] + c[1] for c in rows(PAGES["docs/virtual-tables.md"], "| argument | |"))))
    report("options", "\n".join(bad + ["of virtual tables: " + o for o in sorted(there ^ said)]))


def check_profiles():
    there, said, bad, type_ = {}, {}, [], ""
    tables = [(os.path.basename(os.path.dirname(p)), row)
              for p in sorted(glob.glob(os.path.join(ROOT, "src/engine/*/profile.c")))
              for row in re.findall(r'^  RS_(ROW|CHOICE|INT|IGNORED|UNSUPPORTED)\((.*?)(?:, (.*?), (.*?)(?:, (.*))?)?\),',
                                    re.sub(r",\n {5,}", ", ", read(os.path.relpath(p, ROOT))), re.M)]
    for kind, (macro, *texts) in tables:
        name, third, _, last = [t.strip('"') for t in texts]
        if macro in ("IGNORED", "UNSUPPORTED"):
            bad += [] if "`%s`" % name in PAGES["docs/profiles.md"] else ["%s of %s is not told" % (name, kind)]
            continue
        default = last.split(", ")[-1].strip('"') if macro == "ROW" else third
        default = {"NULL": None, "RS_DEFAULT_WORKSPACE": "commons"}.get(default, default)
        for n in [name] + ([third] if macro == "ROW" and third != "NULL" else []):
            there[kind, n] = default
    for cells in rows(PAGES["docs/profiles.md"], "| type | field | value | default |"):
        type_ = cells[0] or type_
        names, defaults = re.findall(r"\w+", cells[1]), [d.strip(" `") for d in cells[3].split(";")]
        for i, name in enumerate(names):
            said[type_, name] = defaults[i] if len(defaults) == len(names) else None
    bad += ["%s: %s" % key for key in sorted(set(there) ^ set(said)) if key[1] != "threads"]
    bad += ["%s: %s is %s, not %s" % (*key, there[key], said[key]) for key in sorted(set(there) & set(said))
            if there[key] and said[key] is not None and there[key] != said[key]]
    report("fields of profiles and their defaults", "\n".join(bad))


def check_settings():
    text = subprocess.run([os.environ["ROCKSETD"], "--help"], stdout=subprocess.PIPE, text=True).stdout + "--help"
    there, said = (set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", t)) for t in (text, PAGES["docs/rocksetd.md"]))
    report("flags of rocksetd", "\n".join(sorted(there ^ said)))
    report("variables of the environment", "\n".join(
        n for n in sorted(set(re.findall(r'\bgetenv\("(\w+)"', sources("src/**/*.c"))) - {"HOME"}) if n not in ALL))


folder("all")
check_links()
check_functions()
check_errors()
check_options()
check_profiles()
check_settings()
sys.exit(bool(failures))
