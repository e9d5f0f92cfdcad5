#!/usr/bin/python3
"""Projects for the tests of the Models page.

    project.py EXT small FILE    a shop, built: a test fails, a source is old
    project.py EXT big FILE      1,000 models in layers, with results of a run that are made up
    project.py EXT run FILE SELECTION   a run, which others can watch
    project.py EXT docs FILE FOLDER     rockset_docs_generate; prints its result
"""
import sqlite3
import sys

ORDERS = "SELECT i AS id, i %% 7 AS customer, (i * 37) %% 91 AS amount, DATE '2026-01-01' + CAST(i %% 90 AS INT) AS day FROM range(%d) r(i)"
MODELS = [
    ("stg_orders", "SELECT id, customer, amount, day FROM {{ source('shop', 'orders') }}", "view", "staging", "Orders as they come."),
    ("stg_customers", "SELECT id, name FROM {{ source('shop', 'customers') }}", "view", "staging", "Customers."),
    ("stg_cities", "SELECT * FROM {{ ref('cities') }}", "view", "staging", ""),
    ("orders", "SELECT o.*, c.name FROM {{ ref('stg_orders') }} o JOIN {{ ref('stg_customers') }} c ON c.id = o.customer", "table", "core",
     "One row per order, with its customer. The text </script> and \U0001f600 are no trouble."),
    ("customers", "SELECT c.id, c.name, count(o.id) AS orders, sum(o.amount) AS amount FROM {{ ref('stg_customers') }} c "
     "LEFT JOIN {{ ref('stg_orders') }} o ON o.customer = c.id GROUP BY 1, 2", "table", "core", "One row per customer."),
    ("daily", "SELECT day, count(*) AS orders, sum(amount) AS amount FROM {{ ref('orders') }} GROUP BY day", "table", "core nightly",
     "Revenue by day."),
    ("weekly", "SELECT date_trunc('week', day) AS week, sum(amount) AS amount FROM {{ ref('daily') }} GROUP BY 1", "view", "nightly", ""),
    ("top_customers", "SELECT * FROM {{ ref('customers') }} ORDER BY amount DESC LIMIT 3", "view", "", "The best three."),
    ("by_city", "SELECT ct.city, count(*) AS n FROM {{ ref('orders') }} o JOIN {{ ref('stg_cities') }} ct ON ct.id = o.customer GROUP BY 1",
     "table", "", ""),
    ("slow", "SELECT sum(a.i % b.i) AS n FROM range(1, 20000) a(i), range(1, 40000) b(i)", "table", "slow", "It takes a while."),
    ("behind", "SELECT n + 1 AS n FROM {{ ref('slow') }}", "table", "slow", ""),
]
TESTS = [("orders_have_ids", "not_null", "orders", "id", None), ("ids_are_unique", "unique", "orders", "id", None),
         ("customers_are_unique", "unique", "customers", "id", None),
         ("amounts_are_small", "accepted_values", "orders", "customer", '{"values":[0,1,2]}')]


def connect(ext, path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(ext)
    return db


def small(db):
    db.execute("SELECT rockset_init()")
    db.execute("INSERT INTO rockset_project(key, value) VALUES ('name', 'shop')")
    for text in ("CREATE SCHEMA shop", "CREATE TABLE shop.orders AS SELECT *, TIMESTAMP '2026-01-01' AS loaded FROM (%s)" % (ORDERS % 500),
                 "CREATE TABLE shop.customers AS SELECT i AS id, 'customer ' || i AS name, now()::TIMESTAMP AS loaded FROM range(7) r(i)"):
        db.execute("SELECT rockset_exec(?)", [text])
    db.executemany("INSERT INTO rockset_sources(source, name, description, freshness, loaded_at_field) VALUES "
                   "('shop', ?, ?, '{\"warn_after\":{\"count\":1,\"period\":\"day\"}}', 'loaded')",
                   [("orders", "The orders of the shop."), ("customers", "Its customers.")])
    db.execute("INSERT INTO rockset_seeds(name, csv) VALUES ('cities', ?)", ["id,city\n0,Rome\n1,Oslo\n2,Lima\n"])
    db.executemany("INSERT INTO rockset_models(name, sql, materialized, tags, description) VALUES (?,?,?,?,?)", MODELS)
    db.execute("UPDATE rockset_models SET columns = ? WHERE name = 'orders'",
               ['[{"name":"id","data_type":"bigint","description":"The key."},{"name":"amount","description":"In cents."}]'])
    db.executemany("INSERT INTO rockset_tests(name, test, model, column_name, arguments) VALUES (?, ?, 'ref(''' || ? || ''')', ?, ?)", TESTS)
    db.execute("UPDATE rockset_tests SET config = '{\"severity\":\"warn\"}' WHERE name = 'ids_are_unique'")
    db.execute("SELECT count(*) FROM rockset_run('+by_city +weekly +top_customers', '{\"raise\":false}')").fetchall()
    db.execute("SELECT count(*) FROM rockset_build('*', '{\"raise\":false,\"exclude\":\"tag:slow\"}')").fetchall()
    db.execute("SELECT count(*) FROM rockset_freshness('*', '{\"raise\":false}')").fetchall()


def big(db):
    db.execute("SELECT rockset_init()")
    models, results = [], []
    for i in range(1000):
        layer, k = divmod(i, 100)
        parents = [] if layer == 0 else sorted({(layer - 1) * 100 + (k * 7 + j * 31) % 100 for j in range(2)})
        text = " UNION ALL ".join("SELECT x FROM {{ ref('m%04d') }}" % p for p in parents) or "SELECT %d AS x" % i
        models.append(("m%04d" % i, text, "table" if i % 3 else "view", "layer%d%s" % (layer, " odd" if i % 2 else "")))
        results.append(("r", "model.project.m%04d" % i, "m%04d" % i, "table", "error" if i == 555 else "success", 5 + i % 50,
                        "2026-01-01 00:00:%02d.%03d" % (i // 40, (i % 40) * 20)))
    db.execute("BEGIN")
    db.executemany("INSERT INTO rockset_models(name, sql, materialized, tags) VALUES (?,?,?,?)", models)
    db.execute("INSERT INTO rockset_invocations(id, command, started_at, finished_at, status, target) VALUES "
               "('r', 'run', '2026-01-01 00:00:00', '2026-01-01 00:00:26', 'error', 'dev')")
    db.executemany("INSERT INTO rockset_results(invocation_id, unique_id, node, kind, status, ms, started_at) VALUES (?,?,?,?,?,?,?)", results)
    db.execute("COMMIT")


def main():
    ext, what, path = sys.argv[1:4]
    db = connect(ext, path)
    if what == "small":
        small(db)
    elif what == "big":
        big(db)
    elif what == "run":
        db.execute("SELECT count(*) FROM rockset_run(?)", [sys.argv[4]]).fetchall()
    elif what == "docs":
        print(db.execute("SELECT rockset_docs_generate(?)", [sys.argv[4]]).fetchone()[0])
    db.close()


main()
