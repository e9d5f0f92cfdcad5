"""Models that use dbt's best known packages, each macro in one of its own."""
import os
import shutil
import subprocess

PACKAGES = """packages:
  - {package: dbt-labs/dbt_utils, version: 1.1.1}
  - {package: calogica/dbt_date, version: 0.10.0}
  - {package: calogica/dbt_expectations, version: 0.10.3}
"""
PROJECT = """name: user
version: '1.0'
config-version: 2
profile: shop
vars: {'dbt_date:time_zone': 'America/Los_Angeles'}
dispatch:
  - {macro_namespace: dbt_utils, search_order: [user, dbt_utils]}
"""
UTILS = [
    "dbt_utils.generate_surrogate_key(['a', 'b'])", "dbt_utils.date_spine('day', \"cast('2020-01-01' as date)\", 'now()')",
    "dbt_utils.pivot('color', ['red', 'blue'])", "dbt_utils.pivot('size', ['S'], agg='max', then_value='n', quote_identifiers=false)",
    "dbt_utils.safe_add(['a', 'b'])", "dbt_utils.safe_subtract(['a', 'b'])", "dbt_utils.safe_divide('a', 'b')",
    "dbt_utils.get_url_parameter('url', 'utm')", "dbt_utils.get_url_host('url')", "dbt_utils.get_url_path('url')",
    "dbt_utils.group_by(3)", "dbt_utils.haversine_distance(1, 2, 3, 4)", "dbt_utils.haversine_distance(1, 2, 3, 4, unit='km')",
    "dbt_utils.width_bucket('a', 1, 10, 5)", "dbt_utils.generate_series(7)", "dbt_utils.slugify('Hello, World 1')",
    "dbt_utils.pretty_time() | length > 0", "dbt_utils.deduplicate(ref('base'), 'n', 'n desc')",
    "dbt_utils.get_powers_of_two(9)", "dbt_utils.pretty_log_format('x') | length > 0",
    "dbt_utils.get_single_value('select 1', 2) if not execute else 1",
]
DATES = [
    "dbt_date.date_part('year', 'd')", "dbt_date.day_of_week('d')", "dbt_date.week_start('d')", "dbt_date.month_name('d', short=true)",
    "dbt_date.n_days_ago(3, date='d')", "dbt_date.last_month('UTC')", "dbt_date.day_name('d')", "dbt_date.iso_week_start('d')",
    "dbt_date.convert_timezone('t')", "dbt_date.round_timestamp('t')", "dbt_date.from_unixtimestamp('t')", "dbt_date.week_of_year('d')",
]
EXPECTATIONS = ["dbt_expectations.type_string()", "dbt_expectations.regexp_instr('a', 'x')", "dbt_expectations.log_natural('a')"]
NOT_YET = set()


def fetch(env, folder, profile):
    """Where the packages lie; None: they can't be had."""
    given = os.environ.get("PARITY_PACKAGES")
    if given:
        return given
    os.makedirs(folder)
    for name, text in {"dbt_project.yml": PROJECT, "packages.yml": PACKAGES, "profiles.yml": profile}.items():
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
    try:
        done = subprocess.run([os.path.join(env, "bin", "python"), "-m", "dbt.cli.main", "--quiet", "deps",
                               "--profiles-dir", "."], cwd=folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=60,
                              env=dict(os.environ, DBT_SEND_ANONYMOUS_USAGE_STATS="false"))
    except subprocess.TimeoutExpired:
        return None
    return os.path.join(folder, "dbt_packages") if done.returncode == 0 else None


def write(folder, where):
    def put(path, text):
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
    put("dbt_project.yml", PROJECT)
    put("models/base.sql", "select 1 as n")
    found = [p for p in ("dbt_utils", "dbt_date", "dbt_expectations") if os.path.isdir(os.path.join(where, p))]
    for p in found:
        shutil.copytree(os.path.join(where, p), os.path.join(folder, "dbt_packages", p),
                        ignore=shutil.ignore_patterns("integration_tests", ".*"))
    for package, expressions in (("dbt_utils", UTILS), ("dbt_date", DATES), ("dbt_expectations", EXPECTATIONS)):
        for i, e in enumerate(expressions if package in found else []):
            put("models/%s_%d.sql" % (package, i), "select [{{ %s }}]" % e)
    return len(found)
