#!/usr/bin/env python3
"""A file by its name in the place of a table. The places are found, not listed: into each gap of
queries, and for each of their words, goes a name that the engine can't open; where it says so, it
takes the name for a file, and then the same stored text with a file that the engine may open (in
the folder of its database) must be refused. Elsewhere a quoted name may look like a file.
"""
import os
import re
import shutil
import sys
import tempfile

import attack

suite = attack.Suite("files", minimum=1500)
# as a table, a column, an alias; words that end a list of tables, and tables and aliases of that name
QUERIES = [
    "select a , b x from t , t u where a = 1 group by a having a > 1 order by a limit 1",
    "from a : t , b : t", "from only t , only ( t )", "table only t", "from ( t join a : t on true )",
    "from t as set , t", "from t values , t", "from set , t", "from main . where , t", "from update set , t",
    "from t as set ( z , y ) , t", "from ( from t set , t )", "from t trim , t position", "from set : t , t",
    "select 1 as distinct from t", "select x . distinct from t x , t", "select a is not distinct from 1 from t",
    "select trim ( both from 'x' ) , extract ( year from now ( ) ) from t",
    "from t left join t u using ( a ) cross join t w", "from t positional join t", "from t asof join t u on t . a >= u . a",
    "from t semi join t u on t . a = u . a , t", "from t join t u on u . a is distinct from 1 , t",
    "from t natural full outer join t , lateral ( select 1 ) l",
    "with c as ( select 1 ) , d ( z ) as materialized ( table t ) from c , d",
    "with recursive r as ( select 1 z union all select z + 1 from r where z < 3 ) from r",
    "select 1 union all select a from t except from t intersect table t", "values ( 1 , 2 ) , ( 3 , 4 )",
    "select ( from t limit 1 ) , exists ( from t ) , [ x for x in [ 1 ] ] , { 'a' : ( table t ) }",
    "pivot t on a using count ( * )", "pivot only t on a", "unpivot a : t on c into name n value v",
    "from t pivot ( count ( * ) for a in ( 1 ) )", "pivot_wider ( from t ) on a", "pivot ( t cross join t ) on a",
    "describe t", "summarize t", "show t", "desc t", "describe table t", "from ( summarize t )", "from ( describe t )",
    "explain from t", "from t tablesample 10 , t", "from t at ( version => 1 )", "from range ( 1 ) , t",
    "select row_number ( ) over w from t window w as ( order by a ) qualify true",
    "from t join t u on mode ( ) within group ( order by a ) = 1 , t", "select a in ( from t ) , a = any ( from t ) from t",
    "from t select * exclude ( a ) , columns ( b )", "select * replace ( 1 as a ) from t", "( from t ) union ( from t )",
]
GONE = "nowhere/x.csv"
SPELLINGS = ["'{p}'", '"{p}"', '"{d}x".csv', '"{d}" . "x.csv"', "E'{p}'", "$${p}$$"]
MAKE = "".join("select rockset_exec('create table main.%s as select range a, ''x'' b from range(3)');" % t
               for t in ("t", '"set"', '"where"', '"update"'))


def gaps():
    """Each query with {} in a gap, or instead of a word."""
    for query in QUERIES:
        words = query.split()
        for i in range(len(words) + 1):
            for end in (i, i + 1):
                with_gap = words[:i] + ["@"] + words[end:]
                text = " ".join(with_gap)
                if end <= len(words):
                    yield text


def spelled(text, spelling, path):
    folder = os.path.dirname(path) + "/"
    return text.replace("@", spelling.format(p=path, d=folder))


def ask(place, statements):
    """What each statement prints."""
    said = []
    for start in range(0, len(statements), 300):
        part = statements[start:start + 300]
        script = "".join(".print @%d@\n%s;\n" % (i, s) for i, s in enumerate(part))
        status, out = attack.shell(script, os.path.join(place, "a.db"), place, timeout=300)
        if attack.died(status, out):
            sys.exit("not ok - " + attack.died(status, out))
        found = dict(zip(*[iter(re.split(r"@(\d+)@\n", out)[1:])] * 2))
        said += [found.get(str(i), "it did not get there") for i in range(len(part))]
    return said


def main():
    place = tempfile.mkdtemp(prefix="files-")
    status, out = attack.shell(MAKE, os.path.join(place, "a.db"), place)
    if status != 0:
        sys.exit(out)
    own = os.path.join(place, "a.db.duckdb.tmp")
    os.mkdir(own)
    with open(os.path.join(own, "x.csv"), "w") as f:
        f.write("a\nread-file\n")
    texts = [(spelled(t, s, GONE), spelled(t, s, os.path.join(own, "x.csv")))
             for t in dict.fromkeys(gaps()) for s in SPELLINGS]
    quote = lambda text: text.replace("'", "''")  # noqa: E731
    typed = ask(place, ["select * from rockset_query('%s')" % quote(gone) for gone, _ in texts])
    stored = ask(place, ["create virtual table temp.v%d using rockset(query='%s'); select * from temp.v%d"
                         % (i, quote(text), i) for i, (_, text) in enumerate(texts)])
    places = 0
    for (gone, text), told, said in zip(texts, typed, stored):
        is_file = "file system operations are disabled" in told
        places += is_file
        why = None
        if "read-file" in said:
            why = "it was read"
        elif is_file and "is a file" not in said and "names a file" not in said:
            why = "DuckDB looks for a file there; we said: " + said
        suite.tried(text.replace(place, ""), why and attack.shorten(why))
    print("# %d of them in the place of a table" % places, flush=True)
    suite.tried("places", None if places > 300 else "only %d places of a table were found" % places)
    accepted = ask(place, ["create virtual table temp.w%d using rockset(query='%s'); select 'ok' from temp.w%d limit 1"
                           % (i, quote(text), i) for i, text in enumerate(ACCEPTED)])
    for text, said in zip(ACCEPTED, accepted):
        suite.tried(text, None if said.strip() == "ok" else "it is refused: " + attack.shorten(said))
    shutil.rmtree(place)
    return suite.finish()


# a quoted name that is no table
ACCEPTED = [q.replace("@", '"w/o U.S."') for q in (
    "select a as @ from t", "select @ from (select a as @ from t)", "select q.@ from (select a @ from t) q",
    "select 1 from (select a as @ from t) where @ = 0 order by @", "from (select 1 as @) p join (select 1 as @) q using (@)",
    "from (select 1 as @) p join (select 1 as @) q on p.@ is not distinct from q.@",
    "select count(@), [@], {'k': @} from (select a as @ from t) group by @ having @ is distinct from 7",
    "with c as (select a as @ from t) select max(@) over (partition by @ order by @) from c",
    "pivot (select a as @ from t) on @ using count(@)", "select * exclude (@) from (select a as @, b from t)",
    "with c(@) as (select 1) select case when @ = 1 then @ end from c window w as (order by @)",
    "select coalesce(null, @) from (values (1)) v(@)")]


if __name__ == "__main__":
    sys.exit(main())
