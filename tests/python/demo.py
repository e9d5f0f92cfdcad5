"""The demo from Python: its SQL statements run in order, its results equal what DuckDB's own answers are.

tests/run gives ROCKSET_EXT (the extension's path) and DATA (the folder of movies.json ...).
"""
import os
import shutil
import sqlite3
import tempfile


def statements(path):
    """The SQL of a shell script, without dot-commands, one complete statement at a time."""
    text = ""
    for line in open(path, encoding="utf-8"):
        if not text.strip() and line.startswith((".", "--")):
            continue
        text += line
        if sqlite3.complete_statement(text):
            yield text
            text = ""


def main(extension, data):
    here = os.path.dirname(os.path.abspath(__file__))
    script = os.path.join(here, "..", "..", "sql", "demo.sql")
    folder = tempfile.mkdtemp()
    for name in ("movies.json", "flights-3m.parquet"):
        os.symlink(os.path.join(data, name), os.path.join(folder, name))
    os.chdir(folder)
    try:
        db = sqlite3.connect("demo.db", isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(extension)
        results = [db.execute(sql).fetchall() for sql in statements(script)]
        flat = [row for rows in results for row in rows]

        def engine(sql):
            """What DuckDB itself answers: the whole statement runs inside it."""
            n = len(db.execute("SELECT row FROM rockset_query(?) LIMIT 1", (sql,)).fetchall())
            assert n == 1, sql
            width = engine.width
            columns = ", ".join(f"c{i + 1}" for i in range(width))
            return db.execute(f"SELECT {columns} FROM rockset_query(?)", (sql,)).fetchall()

        checks = [
            ("3201 movies",), ("3000000 flights",), ("movies loaded:  3201",),
            ("flights loaded: 3000000",),
        ]
        for row in checks:
            assert row in flat, f"the demo did not print {row}"
        engine.width = 2
        drama = engine("""select Title::varchar, "IMDB Rating" from commons.movies
                          where "Major Genre" = 'Drama'
                          order by "IMDB Rating" desc nulls last, Title::varchar limit 5""")
        assert drama in results, f"the five best dramas differ: {drama}"
        engine.width = 5
        delays = engine("""
            with busy as (select origin from commons.flights where delay is not null
                          group by origin having count(*) > 50000)
            select origin, count(*), round(avg(delay), 1),
                   count(*) filter (where delay > 15), count(*) filter (where delay > 60)
            from commons.flights where delay is not null and origin in (from busy)
            group by origin order by 3 desc, 1 limit 5""")
        assert delays in results, f"the five worst airports differ: {delays}"
        engine.width = 2
        days = engine("""select count(distinct cast(date as date)), max(cast(date as date))
                         from commons.flights
                         where date < timestamp '2001-07-01' and delay is not null""")
        assert (f"{days[0][0]} days, the last {days[0][1]}",) in flat, f"daily differs: {days}"
        runs = {row[0]: row for row in flat if len(row) == 5 and row[2] == "success"}
        assert {"stg_flights", "delays", "daily"} <= set(runs), f"the run lacks models: {list(runs)}"
        engine.width = 1
        june = engine("""select count(distinct cast(date as date)) from commons.flights
                         where date >= timestamp '2001-06-01' and date < timestamp '2001-07-01'""")
        assert runs["daily"][3] == june[0][0], f"the second run added {runs['daily'][3]} days"
        db.close()
    finally:
        os.chdir("/")
        shutil.rmtree(folder)
    print("ok")


main(os.environ["ROCKSET_EXT"], os.environ["DATA"])
