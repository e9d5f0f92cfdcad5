#!/usr/bin/python3
"""Makes the wheels of rockset-ext and rockset-ext-duckdb for one machine.

Usage: python.py PACKAGES MACHINE VERSION DUCKDB DUCKDB_VERSION

PACKAGES/MACHINE/build has the programs (binaries.sh), DUCKDB libduckdb.so and its LICENSE; the wheels go to PACKAGES.
The folder of a wheel is laid out here; PyPI's `wheel` packs it and writes its list of files and sums.
"""
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

METADATA = """\
Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: {summary}
License: MIT
Keywords: sqlite, duckdb, rockset, dbt, trino, analytics
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Classifier: Topic :: Database
Requires-Python: {python}
{requires}Description-Content-Type: text/markdown

{text}"""


def layout(folder, name, version, tag, summary, text, requires=(), python=">=3.8", scripts=""):
    """The .dist-info of a wheel whose other files are there."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    lines = "".join(f"{line}\n" for line in requires)
    (info / "METADATA").write_text(METADATA.format(
        name=name, version=version, summary=summary, python=python, requires=lines, text=text))
    (info / "WHEEL").write_text(f"Wheel-Version: 1.0\nGenerator: rockset_ext\nRoot-Is-Purelib: false\nTag: {tag}\n")
    if scripts:
        (info / "entry_points.txt").write_text(f"[console_scripts]\n{scripts}\n")
    (info / "licenses").mkdir()
    return info / "licenses"


def main():
    packages, machine, version, duckdb, duckdb_version = sys.argv[1:]
    packages = pathlib.Path(packages)
    built = packages / machine / "build"
    duckdb = pathlib.Path(duckdb)
    tag = f"py3-none-manylinux_2_28_{machine.partition('-')[0]}"
    work = packages / machine / "wheels"
    shutil.rmtree(work, ignore_errors=True)

    folder = work / "rockset-ext"
    shutil.copytree(HERE / "python/rockset_ext", folder / "rockset_ext")
    init = folder / "rockset_ext/__init__.py"
    init.write_text(init.read_text().replace("@VERSION@", version))
    for name, mode in (("rockset_ext.so", 0o644), ("rocksetd", 0o755)):
        shutil.copy(built / name, folder / "rockset_ext" / name)
        (folder / "rockset_ext" / name).chmod(mode)
    licenses = layout(
        folder, "rockset-ext", version, tag, "DuckDB, Trino, Rockset's API and dbt-style models inside SQLite",
        (HERE / "python/README.md").read_text(), python=">=3.9", scripts="rocksetd = rockset_ext.server:main",
        requires=("Requires-Dist: duckdb>=1.5.3,<1.6", "Provides-Extra: server",
                  "Requires-Dist: rockset-ext-duckdb>=1.5.3,<1.6; extra == 'server'"))
    shutil.copy(ROOT / "LICENSE", licenses)
    for library, path in (("cjson", "LICENSE"), ("libyaml", "License"), ("zlib", "debian/copyright"),
                          ("libmicrohttpd", "COPYING")):
        shutil.copy(packages / "source" / library / path, licenses / f"LICENSE.{library}")

    folder = work / "rockset-ext-duckdb"
    (folder / "rockset_ext_duckdb").mkdir(parents=True)
    (folder / "rockset_ext_duckdb/__init__.py").write_text('"""DuckDB\'s library, where rockset_ext looks for it."""\n')
    shutil.copy(duckdb / "libduckdb.so", folder / "rockset_ext_duckdb")
    licenses = layout(folder, "rockset-ext-duckdb", duckdb_version, tag, "DuckDB's library, for rockset-ext",
                      "DuckDB's library, unchanged, for the sqlite3 shell and rocksetd of rockset-ext.\n")
    shutil.copy(duckdb / "LICENSE", licenses / "LICENSE.duckdb")

    for folder in sorted(work.iterdir()):
        subprocess.run([sys.executable, "-m", "wheel", "pack", "--dest-dir", packages, folder], check=True,
                       stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
