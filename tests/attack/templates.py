#!/usr/bin/env python3
"""Hostile templates. What compiles, lists or compares must change nothing, whatever the templates of
a database file do; every name of a template's context must be harmless in every mode; a template
ends within its limits.

Methods of `adapter` and names of the context are read out of the sources, so that a new one is
tried without an edit here. Many inputs share a shell,
and the target is dumped before and after them; a batch that achieved something is halved until the
input is known."""
import concurrent.futures
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import threading

import attack

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MEMORY = 256 + 64 + 96  # MiB: a template's values and output, and what an idle process has
SECONDS = 60 if os.environ.get("RS_PRELOAD") else 20
SECRET = "s3cr3t-value"


def source(*names):
    return "\n".join(open(os.path.join(ROOT, "src", "project", "names", n), encoding="utf-8").read() for n in names)


def methods():
    """The tables of project/names/adapter.c and ddl.c."""
    return sorted(set(re.findall(r'\{"(\w+)", \w+\}', source("adapter.c", "ddl.c"))))


def globals_():
    """dbt's names, macros of each kind, Jinja's own."""
    text = source("names.c", "base.c")
    found = set(re.findall(r'\{"(\w+)", \w+\}', text)) | set(re.findall(r'IS\("(\w+)"\)', text))
    return sorted(found | {"dbt", "project", "pack", "plain", "nosuch", "pre_hooks", "post_hooks", "statement",
                           "run_query", "is_incremental", "range", "dict", "lipsum", "namespace"})


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


# ---- what changes something -----------------------------------------------------------------------

KEPT = "api.Relation.create(schema='shop', identifier='kept')"
STATEMENTS = [
    "drop table shop.kept", "insert into shop.kept values (9, 'x')", "update shop.kept set b = 'x'",
    "delete from shop.kept", "truncate shop.kept", "alter table shop.kept add column c int",
    "create table shop.more as select 1", "create temp table more as select 1", "create view shop.v as select 1",
    "create schema other", "drop schema shop cascade", "create sequence shop.s", "create macro shop.f() as 1",
    "create type shop.e as enum ('a')", "copy shop.kept to 'stolen.csv'", "export database 'stolen'",
    "attach 'stolen.duckdb' as stolen", "detach shop", "use shop", "set threads = 1", "reset threads",
    "pragma enable_profiling", "checkpoint", "vacuum", "analyze", "install json", "load json", "begin",
    "call enable_logging()", "explain analyze delete from shop.kept", "with x as (select 1) delete from shop.kept",
    "select 1; drop table shop.kept", "comment on table shop.kept is 'x'", "prepare p as select 1",
    "insert into shop.kept select * from shop.kept returning *", "(select 1); delete from shop.kept"]


def payloads():
    """Expressions that would change the target: each method with what it might take, statements."""
    for m in methods():
        for args in ("", KEPT, KEPT + ", " + KEPT, KEPT + ", 'select 9 as a, 9 as b'",
                     "'drop table shop.kept'", "'drop table shop.kept', true, true"):
            yield "adapter.%s(%s)" % (m, args)
    for s in STATEMENTS:
        yield 'run_query("%s")' % s
        yield 'adapter.execute("%s", fetch=true)' % s
        yield 'adapter.get_column_schema_from_query("%s")' % s
        yield 'builtins["adapter"].execute("%s", auto_begin=true)' % s
        yield 'context["adapter"]["execute"]("%s")' % s
        yield 'dbt["run_query"]("%s")' % s


def places(x):
    """SQL that puts the expression somewhere in the project, by a name of the place."""
    do = "{% do " + x + " %}"
    model = "INSERT INTO rockset_models(name, sql) VALUES('m', %s);"
    yield "body", model % quoted(do + "select 1 as a")
    yield "execute", model % quoted("{% if execute %}" + do + "{% endif %}select 1 as a")
    yield "config", model % quoted("{{ config(alias=(" + x + ") | string) }}select 1 as a")
    yield "macro", ("INSERT INTO rockset_macros(name, sql) VALUES('evil', %s);" % quoted(
        "{% macro evil() %}" + do + "{% endmacro %}") + model % quoted("{{ evil() }}select 1 as a"))
    yield "naming", ("INSERT INTO rockset_macros(name, sql) VALUES('generate_schema_name', %s);" % quoted(
        "{% macro generate_schema_name(name, node) %}" + do + "shop{% endmacro %}") + model % quoted("select 1 as a"))
    yield "hook", ("INSERT INTO rockset_hooks(event, sql) VALUES('on-run-start', %s);" % quoted(do)
                   + "INSERT INTO rockset_models(name, sql, config) VALUES('m', 'select 1 as a', json_object('pre_hook', %s));"
                   % quoted(do))
    yield "test", ("INSERT INTO rockset_tests(name, sql) VALUES('t', %s);" % quoted(do + "select 1 where false")
                   + model % quoted("select 1 as a"))
    yield "snapshot", ("INSERT INTO rockset_snapshots(name, config, sql) VALUES('s', "
                       "'{\"target_schema\":\"shop\",\"strategy\":\"check\",\"unique_key\":\"a\",\"check_cols\":\"all\"}', %s);"
                       % quoted(do + "select 1 as a") + model % quoted("select 1 as a"))
    yield "yml", ("INSERT INTO rockset_sources(source, name, description, identifier) VALUES('s', 'x', %s, %s);"
                  % (quoted(do), quoted("{{ " + x + " }}"))
                  + "INSERT INTO rockset_exposures(name, type, owner, description, depends_on) VALUES('e', 'dashboard', "
                    "'{\"name\":\"n\"}', %s, json_array('ref(''m'')', %s));" % (quoted(do), quoted("{{ " + x + " }}"))
                  + "INSERT INTO rockset_vars(name, value) VALUES('v', %s);" % quoted("{{ " + x + " }}")
                  + "INSERT INTO rockset_configs(resource_type, config) VALUES('models', json_object('alias', %s));"
                  % quoted("{{ " + x + " }}") + model % quoted("{{ var('v') }}select * from {{ source('s', 'x') }}"))


LOOKING = {
    "compile": "SELECT length(rockset_compile('m'));",
    "compile all": "SELECT count(message) FROM rockset_compile('*', '{\"tests\":true}');",
    "diff": "SELECT count(*) FROM rockset_diff('m');",
    "plan": "SELECT count(*) FROM rockset_plan('*');",
    "ls": "SELECT length(rockset_ls());",
    "graph": "SELECT count(*) FROM rockset_graph;",
    "lineage": "SELECT count(*) FROM rockset_lineage;",
    "artifacts": "SELECT length(rockset_artifacts('target'));",
    "docs": "SELECT length(rockset_docs_generate('target'));",
}

DUMP = """CREATE TEMP VIEW dumped(v) AS SELECT * FROM rockset_query(
'select concat_ws(''|'', (select string_agg(k::varchar, '';'' order by a) from shop.kept k),
 (select string_agg(schema_name || ''.'' || table_name, '','' order by schema_name, table_name) from duckdb_tables()),
 (select string_agg(view_name, '','' order by view_name) from duckdb_views() where not internal),
 (select string_agg(schema_name, '','' order by schema_name) from duckdb_schemas() where not internal),
 (select string_agg(database_name, '','' order by database_name) from duckdb_databases()),
 (select count(*) from duckdb_sequences()), (select count(*) from duckdb_functions() where not internal),
 (select count(*) from duckdb_types() where not internal),
 (select string_agg(name || coalesce(value, ''''), '','' order by name) from duckdb_settings() where name in
  (''threads'', ''enable_profiling'', ''search_path'', ''enable_logging'', ''lock_configuration'', ''enable_external_access'')),
 (select any_value(comment) from duckdb_tables() where table_name = ''kept'')) as v');
CREATE TEMP VIEW dump AS SELECT '@dump ' || v FROM dumped;
"""


class World:
    """A folder with the victim's database and target."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "victim.txt"), "w", encoding="utf-8") as f:
            f.write("untouched\n")
        status, out = self.run(
            "SELECT rockset_init(); SELECT rockset_exec('create schema shop');"
            "SELECT rockset_exec('create table shop.kept as select 1 as a, ''one'' as b');"
            "INSERT INTO rockset_packages(name) VALUES('pack');"
            "INSERT INTO rockset_macros(name, sql) VALUES('plain', '{% macro plain() %}p{% endmacro %}');")
        assert status == 0 and "rror" not in out, out
        _, out = self.run("SELECT * FROM dump;")
        assert out.startswith("@dump"), out

    def run(self, sql, **env):
        return attack.shell(DUMP + sql, "app.db", self.folder, timeout=300, DBT_ENV_SECRET_KEY=SECRET,
                            AWS_SECRET_ACCESS_KEY=SECRET, **env)

    def files(self):
        """What is there, but for what a target and artifacts are."""
        names = []
        for at, _, files in os.walk(self.folder):
            rest = os.path.relpath(at, self.folder)
            if rest.split(os.sep)[0] != "target":
                names += [os.path.normpath(os.path.join(rest, f)) for f in files]
        text = open(os.path.join(self.folder, "victim.txt"), encoding="utf-8").read()
        return sorted(n for n in names if not n.endswith((".wal", "-journal"))), text


def run_batch(world, inputs):
    """Tries inputs, (name, SQL put in, SQL that looks), in one process. None if each was reached,
    showed no secret, and the target and the files are what they were; else why not."""
    script = ["SELECT * FROM dump;"]
    for i, (_, put, look) in enumerate(inputs):
        script.append(".print @@%d\nSAVEPOINT s;%s\n%s\nROLLBACK TO s;RELEASE s;" % (i, put, look))
    files = world.files()
    status, out = world.run("\n".join(script) + "\n.print @@end\nSELECT * FROM dump;\n")
    dumps = re.findall(r"^@dump .*$", out, flags=re.M)
    if attack.died(status, out):
        return attack.died(status, out)
    if "@@end" not in out:
        return "the process ended: " + attack.shorten(out[-300:])
    if world.files() != files:
        return "files: %s" % (set(world.files()[0]) ^ set(files[0]))
    if len(dumps) != 2 or dumps[0] != dumps[1]:
        return "the target is another: " + " / ".join(attack.shorten(d) for d in dumps)
    return "it shows a secret" if SECRET in out else None


def try_all(suite, new_world, inputs, world=None):
    """Tries a batch; one that achieved something is halved until the input is known."""
    why = run_batch(world or new_world(), inputs)
    if why and len(inputs) > 1:
        for half in (inputs[:len(inputs) // 2], inputs[len(inputs) // 2:]):
            try_all(suite, new_world, half)
        return
    for name, _, _ in inputs:
        suite.tried(name, why)


def in_groups(inputs, size):
    inputs = list(inputs)
    return [inputs[i:i + size] for i in range(0, len(inputs), size)]


def looking():
    for x in payloads():
        spots = dict(places(x))
        # each expression in each place; each looking function over a rotating choice of them
        for place, put in spots.items():
            for fn, look in LOOKING.items():
                yield "%s in %s by %s" % (x, place, fn), put, look


def thinned(inputs, keep):
    """A sample that meets every payload, place and function, the same in each run."""
    return [one for i, one in enumerate(inputs) if i % keep == (i // keep) % keep]


# ---- names of the context ---------------------------------------------------------------------------

FORMS = ["{{ context['N'] }}", "{{ context.N }}", "{{ context['N']() }}", "{{ context.N('shop', 'kept') }}",
         "{{ context.get('N') }}", "{{ context['N'] is defined }}{{ N is defined }}", "{{ N }}{{ N.x }}{{ N['x'] }}",
         "{{ N(1, x=2) }}", "{{ builtins['N'] }}{{ builtins.N }}", "{{ builtins.N('a') }}", "{{ N.config.vars }}"]


def named():
    """Each name in each form: rendered alone in each mode, and compiled as a model of the project
    and of a package."""
    for n in globals_():
        for form in FORMS:
            text = form.replace("N", n)
            for options in ('{"mode":"execute"}', '{"mode":"parse"}', '{"mode":"native"}',
                            '{"macros":"{% macro plain() %}p{% endmacro %}"}'):
                yield ("render %s %s" % (text, options), "",
                       "SELECT length(rockset_render(%s, NULL, %s));" % (quoted(text), quoted(options)))
            for package in ("", "pack"):
                put = "INSERT INTO rockset_models(package, name, sql) VALUES(%s, 'm', %s);" % (
                    quoted(package), quoted("select 1 as a -- " + text))
                yield "compile %s in '%s'" % (text, package), put, LOOKING["compile"]


def built():
    """The same where nodes are built and unit tests run: there the process only has to live."""
    for n in globals_():
        puts = []
        for i, form in enumerate(FORMS):
            text = form.replace("N", n)
            puts.append("INSERT INTO rockset_models(package, name, sql) VALUES(%s, 'm%d', %s);"
                        % (quoted("pack" if i % 2 else ""), i, quoted("select 1 as a -- {% if execute %}" + text + "{% endif %}")))
        puts.append("INSERT INTO rockset_unit_tests(name, model, given, expect) VALUES('u', 'm0', '[]', '{\"rows\":[{\"a\":1}]}');")
        yield n, " ".join(puts)


def try_built(suite, world):
    clean = ("DELETE FROM rockset_models; DELETE FROM rockset_unit_tests;")
    script, names = [], []
    for n, put in built():
        script.append(".print @@%d\n%s%s\nSELECT count(*) FROM rockset_run('*');SELECT count(*) FROM rockset_test('*');"
                      % (len(names), clean, put))
        names.append(n)
    status, out = world.run("\n".join(script) + "\n" + clean + "\n.print @@end\n")
    reached = re.findall(r"^@@(\w+)$", out, flags=re.M)
    for i, n in enumerate(names):
        last = str(i) == (reached[-1] if reached else None)
        why = attack.died(status, out) or "the process ended" if last else None
        suite.tried("run and test " + n, why if str(i) in reached else "it was never reached")


# ---- escapes and secrets ------------------------------------------------------------------------------

def escapes():
    starts = ["''", "[]", "{}", "1", "1.5", "none", "true", "range(3)", "context", "builtins", "modules", "modules.re",
              "modules.datetime.datetime", "modules.itertools", "namespace()", "cycler(1)", "joiner()", "lipsum",
              "dict", "self", "caller", "log", "exceptions", "plain", "run_started_at", "loop"]
    ends = ["__class__", "__class__.__mro__[1].__subclasses__()", "__init__.__globals__", "__dict__", "__globals__",
            "__builtins__", "_TemplateReference__context", "gi_frame", "func_globals", "f_back"]
    for s in starts:
        for e in ends:
            first, _, rest = e.partition(".")
            yield "{{ (%s).%s }}" % (s, e)
            yield "{{ ((%s)|attr('%s'))%s }}" % (s, first, "." + rest if rest else "")
    for s in ("'{0.__class__.__init__.__globals__}'.format(context)", "'%s' % context.__class__",
              "'{0[__class__]}'.format_map({'0': log})", "modules.re.sys", "modules.os.system('id')",
              "modules.datetime.sys.modules", "modules.pytz.open_resource('/etc/passwd')",
              "[log]|map(attribute='__globals__')|list", "fromyaml('!!python/object/apply:os.system [id]')",
              "fromjson('{\"__class__\":1}').__class__.x", "tojson(context)", "toyaml(builtins)",
              "target.get('password', target.user)", "target | string", "graph | string | length"):
        yield "{{ %s }}" % s
    for v in ("DBT_ENV_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "HOME", "PATH", "LD_PRELOAD", "", "DBT_ENV_SECRET_", "A=B",
              "dbt_env_secret_key", "DBT_ENV_SECRET_KEY\\0", " DBT_ENV_SECRET_KEY", "ROCKSET_API_KEY"):
        for form in ("{{ env_var('V') }}", "{{ env_var('V', 'x') }}", "{{ context['env_var']('V') }}",
                     "{{ builtins.env_var('V', none) }}", "{{ dbt_metadata_envs['V'] }}"):
            yield form.replace("V", v)
    yield "{% include '/etc/passwd' %}"
    yield "{% import 'victim.txt' as x %}{{ x }}"
    yield "{% extends 'victim.txt' %}"


def escaping():
    for text in escapes():
        yield "render " + text, "", "SELECT rockset_render(%s);" % quoted(text)
        yield ("compile " + text, "INSERT INTO rockset_models(name, sql) VALUES('m', %s);" % quoted("select 1 -- " + text),
               "SELECT rockset_compile('m');")


# ---- bombs ----------------------------------------------------------------------------------------------

TEXTS = [
    "{{ range(10**9) | list | length }}", "{% for i in range(10**9) %}{% endfor %}", "{{ range(10**18) | sum }}",
    "{{ 'x' * 10**9 }}", "{{ ('x' * 10**6) * 10**6 }}", "{{ [0] * 10**9 }}", "{{ (1, 2) * 10**10 }}",
    "{% for i in range(10**5) %}{% for j in range(10**5) %}x{% endfor %}{% endfor %}",
    "{% for i in range(10**8) %}{{ 'x' * 1000 }}{% endfor %}",
    "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s | length }}",
    "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s | length }}",
    "{{ 10**10**7 }}", "{{ 9**9**9**9 }}", "{{ 10**(10**6) % 7 }}", "{{ 2**10**9 }}", "{{ (10**4000)**4000 }}", "{{ '9' * 10**7 | int }}",
    "{{ ('9' * 10**6) | int }}", "{{ 7**(2**20) * 7**(2**20) }}",
    "{{ '%1000000000d' % 1 }}", "{{ '%.1000000000f' % 1 }}", "{{ '{:1000000000}'.format(1) }}", "{{ 'x'.ljust(10**10) }}",
    "{{ 'x'.center(10**9) }}", "{{ 'x'.zfill(10**9) }}", "{{ '\\t'.expandtabs(10**9) }}", "{{ 'x' | center(10**9) }}",
    "{{ 'x\\n' * 1000 | indent(10**6) }}", "{{ ('x\\n' * 10000) | indent(100000) }}", "{{ 'aaaa' | replace('', 'y' * 10**6) * 1000 }}",
    "{{ ('a' * 10**5) | replace('a', 'b' * 10**5) }}", "{{ ('x' * 10**6).join(range(10**6) | map('string')) }}",
    "{{ (range(10**6) | list | join('x' * 1000)) | length }}", "{{ range(10**7) | batch(1, 'x') | list | length }}",
    "{{ [1] | batch(10**9, 'x') | list | length }}", "{{ range(10) | slice(10**9) | list | length }}", "{{ range(10**9) | sort | first }}",
    "{{ range(10**9) | unique | list }}", "{{ range(10**9) | groupby('real') | list }}", "{{ lipsum(n=10**7) }}",
    "{{ modules.re.match('(a+)+$', 'a' * 40 ~ 'b') }}", "{{ modules.re.match('(a|aa)+$', 'a' * 60 ~ 'b') }}",
    "{{ modules.re.match('(.*)*(.*)*(.*)*x', 'a' * 5000) }}", "{{ modules.re.sub('a*', 'b' * 10**5, 'a b' * 10**5) }}",
    "{{ modules.re.compile('a{1,65535}{1,65535}') }}", "{{ modules.re.compile('(' * 10**5 ~ ')' * 10**5) }}",
    "{{ modules.itertools.product(range(10**3), repeat=6) | list }}", "{{ modules.itertools.permutations(range(20)) | list }}",
    "{{ modules.itertools.count() | list }}", "{{ modules.itertools.repeat(1) | list }}", "{{ modules.itertools.cycle([1]) | list }}",
    "{% set a = [] %}{% for i in range(1000) %}{% do a.append(a) %}{% endfor %}{{ a }}",
    "{% set d = {} %}{% do d.update({'d': d}) %}{{ tojson(d) }}{{ d }}", "{{ '[' * 10**6 }}{{ fromjson('[' * 10**6) }}",
    "{{ fromjson('[' * 10**5 ~ ']' * 10**5) }}", "{{ fromyaml('[' * 10**5) }}", "{{ fromyaml('a: &a [1]\\nb: [*a]' ~ ', *a' * 10**5) }}",
    "{{ " + "(" * 20000 + "1" + ")" * 20000 + " }}", "{{ " + "not " * 50000 + "1 }}", "{{ " + "1+" * 100000 + "1 }}",
    "{% if 1 %}" * 5000 + "{% endif %}" * 5000, "{{ x" + ".y" * 50000 + " }}", "{{ [" * 5000, "{{ " + "-" * 100000 + "1 }}",
    "{{ ''.join(['x'] * 10**8) }}", "{{ set(range(10**8)) | length }}", "{{ zip(range(10**9), range(10**9)) | list | length }}",
    "{{ local_md5('x' * 10**9) }}", "{{ ('é' * 10**7) | upper | length }}", "{{ ('x ' * 10**7) | wordwrap(1) | length }}",
    "{{ ('x' * 10**7) | urlencode | length }}", "{{ ('<' * 10**7) | e | length }}", "{{ ('http://x ' * 10**6) | urlize | length }}",
    "{{ range(10**7) | list | pprint | length }}", "{{ (range(10**7) | list | tojson) | length }}", "{{ '%s' * 10**6 % (1,) }}",
    "{{ ('x' * 10**7)[::-1] | reverse | list | length }}", "{{ range(10**6) | map('string') | map('center', 10**6) | list }}",
]

# a text that is rendered, macros beside it
BOMBS = [(text, None) for text in TEXTS] + [
    ("{{ f(0) }}", "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}"),
    ("{{ f(40) }}", "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}"),
    ("{{ f() }}", "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}"),
    ("{{ f(f) }}", "{% macro f(g) %}{{ g(g) }}{% endmacro %}"),
    ("{% call f() %}{{ f() }}{% endcall %}", "{% macro f() %}{{ caller() }}{{ caller() }}{% endmacro %}"),
    ("{{ f(26) }}", "{% macro f(n) %}{% if n %}{{ f(n - 1) ~ f(n - 1) }}{% else %}xxxx{% endif %}{% endmacro %}")]


def bomb(one, folder):
    """Why it got through; None if it ended within its limits of time and memory."""
    text, macros = one
    folder = tempfile.mkdtemp(dir=folder)
    env = attack.environment(HOME=folder)
    if os.environ.get("RS_PRELOAD"):
        env["LD_PRELOAD"] = os.environ["RS_PRELOAD"]
    script, out = os.path.join(folder, "bomb.sql"), os.path.join(folder, "bomb.out")
    with open(script, "w", encoding="utf-8") as f:
        f.write("SELECT length(rockset_render(%s, NULL, %s));\n"
                % (quoted(text), quoted(json.dumps({"macros": macros or "{% macro x() %}{% endmacro %}"}))))
    with open(script, "rb") as given, open(out, "wb") as shown:
        p = subprocess.Popen(["sqlite3", "-batch", "-cmd", ".load " + attack.EXTENSION, ":memory:"],
                             stdin=given, stdout=shown, stderr=subprocess.STDOUT, cwd=folder, env=env)
    late = threading.Timer(SECONDS, p.kill)
    late.start()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if not late.is_alive():
        return "no end within %d s" % SECONDS
    late.cancel()
    with open(out, encoding="utf-8", errors="replace") as f:
        ended = attack.died(p.returncode, f.read())
    if ended:
        return ended
    mib = used.ru_maxrss >> 10
    # a sanitizer's shadow and quarantine need far more
    return "it took %d MiB" % mib if mib > MEMORY and not os.environ.get("RS_PRELOAD") else None


def control(world):
    """What the class takes for a change is one: a session that is trusted lets it happen."""
    put = dict(places('run_query("drop table shop.kept")'))["execute"]
    _, out = world.run("SELECT * FROM dump;SELECT rockset_trust(1);%s SELECT rockset_compile('m'); SELECT * FROM dump;" % put)
    dumps = re.findall(r"^@dump .*$", out, flags=re.M)
    return None if len(dumps) < 2 or dumps[0] != dumps[1] else "the dump of the target does not show a dropped table"


def main():
    suite = attack.Suite("templates", minimum=300)
    with tempfile.TemporaryDirectory() as top:
        numbers = itertools.count()

        def new_world():
            folder = os.path.join(top, str(next(numbers)))
            os.mkdir(folder)
            return World(folder)

        suite.tried("control", control(new_world()))
        at = new_world()
        for inputs in (thinned(list(looking()), 61), list(named()), thinned(list(escaping()), 3)):
            for group in in_groups(inputs, 200):
                try_all(suite, new_world, group, at)
        try_built(suite, new_world())
        # each needs a process of its own, whose memory is its own
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for one, why in zip(BOMBS, pool.map(lambda one: bomb(one, top), BOMBS)):
                suite.tried("bomb " + attack.shorten(" / ".join(filter(None, one))) + " #%d" % len(one[0]), why)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
