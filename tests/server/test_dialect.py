"""Models in Rockset's dialect and rocksetd over one file: a table holds what rocksetd answers to the
model's own text, and is a collection to it. With the dbt-rockset project of tests/dbt/shop."""
import json
import os
import shutil
import subprocess
import tempfile

from harness import ROCKSETD, ROOT, Server, main
from test_values import Maker, compare, of_one_type, write_lines

EXT = os.path.join(os.path.dirname(os.path.abspath(ROCKSETD)), "rockset_ext.so")
FOLDER = tempfile.mkdtemp(prefix="rocksetd-dialect-")
FILE = os.path.join(FOLDER, "shop.duckdb")
PROFILE = json.dumps({"type": "duckdb", "path": FILE, "workspace": "shop", "dialect": "rockset"})

# Over the collection commons.events, whose documents differ.
MODELS = {
    "names": "select id, name.first as first, name.last from commons.events where name is not undefined",
    "halves": "select id / 2 as half, COUNT(*) as n, COUNT_IF(v = 1) as ones from commons.events group by id / 2",
    "kinds": "select id, TYPEOF(v) as kind, v is null as nothing from commons.events",
    "tags": "select e.id, t.tag from commons.events e, UNNEST(e.tags AS tag) as t",
    "objects": "select id, {'a': id, 'b': [id, 'x']} as o, IF(v is undefined, 'none', 'some') as has from commons.events",
    "keyed": "select CONCAT('k', CAST(id AS string)) as _id, id, TO_HEX(SHA256(CAST(id AS string))) as h from commons.events",
}
DOCS = [{"_id": "1", "id": 1, "v": 1, "name": {"first": "A", "last": "B"}, "tags": ["x", "y"]},
        {"_id": "2", "id": 2, "v": 2.5, "tags": []}, {"_id": "3", "id": 3, "v": None, "name": {"first": "C"}},
        {"_id": "4", "id": 4, "name": None, "tags": ["z"]}]


def shell(*statements):
    """In the sqlite3 shell, with the extension: the lines it prints."""
    set_up = "SELECT rockset_profile(NULL, NULL, '%s') IS NOT NULL" % PROFILE.replace("'", "''")
    got = subprocess.run(["sqlite3", "-batch", "-bail", "-cmd", ".load " + EXT, os.path.join(FOLDER, "app.db")],
                         input=";\n".join((set_up,) + statements) + ";\n", stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, timeout=100)
    assert got.returncode == 0, got.stdout
    return got.stdout.splitlines()[1:]


def without_ids(rows):
    """Nulls neither: in a table they are undefined, which a star leaves out."""
    plain = [{k: v for k, v in row.items() if k not in ("_id", "_event_time") and v is not None} for row in rows]
    return sorted(plain, key=lambda row: json.dumps(row, sort_keys=True))


def make():
    with Server(database=FILE) as s:
        s.collection("events", DOCS)
    shell("SELECT rockset_init()", "SELECT rockset_import('%s')" % os.path.join(ROOT, "tests", "dbt", "shop"),
          *("INSERT INTO rockset_models(name, materialized, sql) VALUES('%s', 'table', '%s')"
            % (name, sql.replace("'", "''")) for name, sql in MODELS.items()))


make()


def test_models_keep_documents():
    """Values of several types, nulls apart from undefined: as a table, as an incremental one, as a view."""
    nasty = Maker(7)
    documents = {str(k): nasty.document(k) for k in range(150)}
    with Server(database=FILE) as s:
        s.collection("nasty", list(documents.values())[:100])
    shell("INSERT INTO rockset_models(name, materialized, sql) VALUES"
          "('nasty_all', 'table', 'select * from commons.nasty'), ('nasty_view', 'view', 'select * from commons.nasty'),"
          "('nasty_more', 'incremental', 'select * from commons.nasty'),"
          "('nasty_one', 'table', 'select _id, n1 as m from commons.nasty')",
          "SELECT node FROM rockset_run('nasty_all nasty_view nasty_more nasty_one')")
    with Server(database=FILE) as s:
        s.post("/ws/commons/collections/nasty/docs", {"data": list(documents.values())[100:]})
    shell("SELECT node FROM rockset_run('nasty_all nasty_more nasty_one')")
    with Server(database=FILE) as s:
        for name in ("nasty_all", "nasty_more", "nasty_view"):
            compare(s, documents, "select * from shop." + name)
        compare(s, {k: dict({"_id": k}, **{"m": d["n1"]} if "n1" in d else {}) for k, d in documents.items()},
                "select * from shop.nasty_one")


def test_rockset_load_keeps_documents():
    """With `documents`, and where rows are added to a collection that has such values."""
    nasty = Maker(8)
    parts = [{"%d-%d" % (p, k): dict(nasty.document(0), _id="%d-%d" % (p, k)) for k in range(60)} for p in range(3)]
    parts.append({"a" + k: dict(d, _id="a" + k) for k, d in of_one_type(nasty).items()})
    parts.append({"0-%d" % k: {"_id": "0-%d" % k, "n1": k} for k in range(5)})  # take the place of others
    parts.append({"b%d" % k: {"_id": "b%d" % k, "i": str(k), "time": k, "o": 1.5} for k in range(5)})
    expected = {}
    for p, documents in enumerate(parts):
        path = write_lines(FOLDER, "part%d" % p, documents)[1].split("=")[1]
        options = {"mode": "append", **({"documents": True} if p < 2 else {})}
        rows = shell("SELECT rockset_load('commons.loaded', '%s', '%s')" % (path, json.dumps(options)))
        assert rows == [str(len(documents))], rows
        expected.update(documents)
    with Server(database=FILE) as s:
        compare(s, expected, "select * from loaded")
    # a typed table stays one
    for p in range(2):
        write_lines(FOLDER, "rows%d" % p, {k: {"n": k, "t": None if k % 2 else "x", "o": {"x": k}} for k in range(60)})
    shell("SELECT rockset_load('commons.rows', '%s')" % os.path.join(FOLDER, "rows0.ndjson"),
          "SELECT rockset_load('commons.rows', '%s', '{\"mode\":\"append\"}')" % os.path.join(FOLDER, "rows1.ndjson"))
    with Server(database=FILE) as s:
        rows = s.sql("select * from rows").rows
        assert len(rows) == 120 and all(v is not None for row in rows for v in row.values()), rows[:3]


def test_tables_hold_the_answers():
    shell("SELECT node FROM rockset_run('%s')" % " ".join(MODELS))
    with Server(database=FILE) as s:
        for name, sql in MODELS.items():
            asked, built = s.sql(sql).rows, s.sql('select * from shop."%s"' % name).rows
            assert without_ids(asked) == without_ids(built), (name, asked, built)
            assert len({row["_id"] for row in built}) == len(built), (name, built)
            assert all(row["_event_time"] for row in built), (name, built)
        assert {row["_id"] for row in s.sql("select _id from shop.keyed").rows} == {"k1", "k2", "k3", "k4"}


def test_tables_are_collections():
    with Server(database=FILE) as s:
        a = s.post("/ws/shop/collections/keyed/docs", {"data": [{"_id": "k1", "id": 100}, {"_id": "k9", "id": 9}]})
        assert [d["status"] for d in a.data] == ["REPLACED", "ADDED"], a
        assert s.sql("select id from shop.keyed where _id = 'k1'").rows == [{"id": 100}]
        assert s.sql("select count(*) as n from shop.keyed").rows == [{"n": 5}]
        a = s.delete("/ws/shop/collections/keyed/docs", body={"data": [{"_id": "k9"}]})
        assert a.data[0]["status"] == "DELETED", a


def test_project_of_dbt_rockset():
    for _ in range(2):
        lines = shell("SELECT node, status FROM rockset_build('package:shop', '{\"raise\":false}')")
        bad = [line for line in lines if line.split("|")[1] not in ("success", "pass")]
        assert len(lines) > 10 and not bad, lines
    with Server(database=FILE) as s:
        rows = s.sql("select name, city, orders, revenue from shop.revenue order by revenue").rows
        assert [row["name"] for row in rows] == ["Grace", "Ada", "Edsger"], rows
        assert sorted(row["_id"] for row in s.sql("select _id from shop.ledger").rows) == ["lo%d" % i for i in range(1, 6)]
        path = "/ws/shop/lambdas/best_customers/tags/%s"
        for tag in ("latest", "live"):
            assert s.post(path % tag, {}).rows == [{"name": "Ada", "revenue": 42.5}]
        a = s.post(path % "live", {"parameters": [{"name": "city", "type": "string", "value": "Rotterdam"}]})
        assert a.rows == [{"name": "Edsger", "revenue": 100.0}], a


try:
    main(globals())
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
