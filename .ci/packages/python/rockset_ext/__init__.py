"""rockset_ext for Python: a SQLite extension that runs queries, tables and dbt-style models on DuckDB, Trino,
Rockset's REST API or any ADBC driver.

    import sqlite3, rockset_ext

    db = sqlite3.connect("app.db")
    rockset_ext.load(db)
    db.execute("SELECT * FROM rockset_query('select 42 as answer')").fetchall()

DuckDB comes from the package duckdb, which pip installs beside this one. Do not let a second copy of DuckDB open
the same file in one process: neither would see the other's lock.
"""

import os

__all__ = ["LoadError", "load", "loadable_path"]
__version__ = "@VERSION@"

_FOLDER = os.path.dirname(os.path.abspath(__file__))

_NO_EXTENSIONS = (
    "this Python's sqlite3 was built without loadable extensions (python.org's and pyenv's are). "
    "Ways out: a connection of another module (pip install apsw, pysqlite3-binary or sqlean.py; load() takes each of "
    "them), Python from your system or from uv, or pyenv with "
    "PYTHON_CONFIGURE_OPTS=--enable-loadable-sqlite-extensions"
)


class LoadError(RuntimeError):
    """The extension can't be loaded into this connection; the text says why and what to do."""


def loadable_path():
    """The extension's path as SQLite's load_extension() wants it: without `.so`, which SQLite adds."""
    return os.path.join(_FOLDER, "rockset_ext")


def load(connection):
    """Loads the extension into a connection of sqlite3, apsw, pysqlite3 or sqlean; loading of other extensions is
    left disabled. Raises LoadError."""
    enable = getattr(connection, "enable_load_extension", None)
    load_extension = getattr(connection, "load_extension", None)
    if enable is None or load_extension is None:
        if type(connection).__module__.partition(".")[0] == "sqlite3":
            raise LoadError(_NO_EXTENSIONS)
        raise LoadError("rockset_ext.load() wants a connection to SQLite, not %r" % type(connection).__name__)
    try:
        enable(True)
    except Exception as error:  # each module has its own class
        raise LoadError("%s (%s)" % (_NO_EXTENSIONS, error)) from error
    try:
        load_extension(loadable_path())
    except Exception as error:
        raise LoadError("SQLite can't load %s: %s" % (loadable_path(), error)) from error
    finally:
        enable(False)
