-- The tables of a project, schema version 3: created by `SELECT rockset_init()`.
--
-- They are the source of truth and meant to be edited by hand: INSERT a model, UPDATE its text. Every
-- CHECK has a name that says what it wants. docs/models.md explains the columns.
-- `main.` stands for the schema that rockset_init(schema) names.

CREATE TABLE IF NOT EXISTS main.rockset_meta(
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT
) WITHOUT ROWID;

-- One row per model. A column wins over the same key of `config`; config() in the text wins over both,
-- and both over rockset_configs.
CREATE TABLE IF NOT EXISTS main.rockset_models(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  version      TEXT NOT NULL DEFAULT '', -- of a model with versions: '1', '2'
  sql          NOT NULL
    CONSTRAINT sql_is_text_or_blob CHECK(typeof(sql) IN ('text', 'blob')),
  materialized TEXT,               -- view (the default), table, incremental, ephemeral, query_lambda
  workspace    TEXT,               -- dbt's custom schema: 'finance' gives commons_finance
  alias        TEXT,               -- the relation's name, when it is not the model's
  tags         TEXT                -- 'nightly, core' or '["nightly","core"]'
    CONSTRAINT tags_are_words_or_json CHECK(tags IS NULL OR ltrim(tags) NOT LIKE '[%' OR json_valid(tags)),
  unique_key   TEXT                -- of an incremental model: 'id' or '["a","b"]'
    CONSTRAINT unique_key_is_name_or_json
    CHECK(unique_key IS NULL OR ltrim(unique_key) NOT LIKE '[%' OR json_valid(unique_key)),
  config       TEXT                -- everything else: a JSON object
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  description  TEXT,
  enabled      INTEGER NOT NULL DEFAULT 1
    CONSTRAINT enabled_is_0_or_1 CHECK(enabled IN (0, 1)),
  access       TEXT
    CONSTRAINT access_is_private_protected_or_public
    CHECK(access IS NULL OR access IN ('private', 'protected', 'public')),
  "group"      TEXT,
  columns      TEXT
    CONSTRAINT columns_is_json_list
    CHECK(columns IS NULL OR CASE WHEN json_valid(columns) THEN json_type(columns) = 'array' ELSE 0 END),
  constraints  TEXT
    CONSTRAINT constraints_is_json_list
    CHECK(constraints IS NULL OR CASE WHEN json_valid(constraints) THEN json_type(constraints) = 'array' ELSE 0 END),
  latest_version   TEXT,           -- the version that ref() without v= means
  deprecation_date TEXT,
  folder       TEXT,               -- below the model path: 'staging/core' puts it into the fqn
  patch_path   TEXT,               -- the file of its properties
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name, version)
);

-- Only where a source is not simply workspace and collection of the same names.
CREATE TABLE IF NOT EXISTS main.rockset_sources(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  source       TEXT NOT NULL CONSTRAINT source_is_not_empty CHECK(source <> ''),
  name         TEXT NOT NULL CONSTRAINT name_is_not_empty CHECK(name <> ''),
  database     TEXT,
  workspace    TEXT,               -- default: the source's name
  identifier   TEXT,               -- default: the name
  description  TEXT,
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  columns      TEXT
    CONSTRAINT columns_is_json_list
    CHECK(columns IS NULL OR CASE WHEN json_valid(columns) THEN json_type(columns) = 'array' ELSE 0 END),
  quoting      TEXT
    CONSTRAINT quoting_is_json_object
    CHECK(quoting IS NULL OR CASE WHEN json_valid(quoting) THEN json_type(quoting) = 'object' ELSE 0 END),
  freshness    TEXT
    CONSTRAINT freshness_is_json_object
    CHECK(freshness IS NULL OR CASE WHEN json_valid(freshness) THEN json_type(freshness) = 'object' ELSE 0 END),
  loaded_at_field  TEXT,
  loader       TEXT,
  meta         TEXT
    CONSTRAINT meta_is_json_object
    CHECK(meta IS NULL OR CASE WHEN json_valid(meta) THEN json_type(meta) = 'object' ELSE 0 END),
  tags         TEXT CONSTRAINT tags_is_json CHECK(tags IS NULL OR json_valid(tags)),
  external     TEXT CONSTRAINT external_is_json CHECK(external IS NULL OR json_valid(external)),
  source_description TEXT,
  path         TEXT,               -- the file it came from, below its package's folder
  local_table  TEXT                -- a table or view of this database that is its contents
    CONSTRAINT local_table_is_a_name
    CHECK(local_table IS NULL OR (typeof(local_table) = 'text' AND local_table <> '')),
  PRIMARY KEY(package, source, name)
) WITHOUT ROWID;

-- `{% macro %}`, `{% test %}`, `{% materialization %}` texts; the macros' own names count. A row that was
-- imported holds one of them and has its name.
CREATE TABLE IF NOT EXISTS main.rockset_macros(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL CONSTRAINT name_is_not_empty CHECK(name <> ''),
  sql          NOT NULL
    CONSTRAINT sql_is_text_or_blob CHECK(typeof(sql) IN ('text', 'blob')),
  description  TEXT,
  arguments    TEXT
    CONSTRAINT arguments_is_json_list
    CHECK(arguments IS NULL OR CASE WHEN json_valid(arguments) THEN json_type(arguments) = 'array' ELSE 0 END),
  meta         TEXT
    CONSTRAINT meta_is_json_object
    CHECK(meta IS NULL OR CASE WHEN json_valid(meta) THEN json_type(meta) = 'object' ELSE 0 END),
  patch_path   TEXT,               -- the file of its properties
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

-- var('name'): the value as it is stored; with is_json = 1 it is JSON text (lists, maps, true, null).
-- The package is the one that says it, the scope the one it is for ('': all).
CREATE TABLE IF NOT EXISTS main.rockset_vars(
  package      TEXT NOT NULL DEFAULT '',
  scope        TEXT NOT NULL DEFAULT '',
  name         TEXT NOT NULL CONSTRAINT name_is_not_empty CHECK(name <> ''),
  value,
  is_json      INTEGER NOT NULL DEFAULT 0
    CONSTRAINT is_json_is_0_or_1 CHECK(is_json IN (0, 1)),
  CONSTRAINT value_is_json_when_is_json_says_so
    CHECK(is_json = 0 OR (value IS NOT NULL AND json_valid(value))),
  CONSTRAINT value_is_not_a_blob CHECK(typeof(value) <> 'blob'),
  PRIMARY KEY(package, scope, name)
) WITHOUT ROWID;

-- What dbt_project.yml says of the project: name, version, profile, model-paths ... A text is itself,
-- everything else JSON.
CREATE TABLE IF NOT EXISTS main.rockset_project(
  key          TEXT PRIMARY KEY NOT NULL,
  value        TEXT
) WITHOUT ROWID;

-- The packages that the project uses, each with what its own dbt_project.yml says, as JSON.
CREATE TABLE IF NOT EXISTS main.rockset_packages(
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  path         TEXT,               -- below the project's folder: dbt_packages/dbt_utils
  project      TEXT
    CONSTRAINT project_is_json_object
    CHECK(project IS NULL OR CASE WHEN json_valid(project) THEN json_type(project) = 'object' ELSE 0 END),
  PRIMARY KEY(name)
);

-- Configs of folders: of dbt_project.yml's models:, seeds: ... `fqn` is '' for all, else a dotted prefix:
-- 'shop.staging'. Longer ones win; the project's own win over those of a package.
CREATE TABLE IF NOT EXISTS main.rockset_configs(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  resource_type TEXT NOT NULL
    CONSTRAINT resource_type_is_one_of_dbts
    CHECK(resource_type IN ('models', 'seeds', 'snapshots', 'tests', 'sources', 'exposures', 'analyses',
                            'metrics', 'semantic-models', 'saved-queries', 'unit_tests')),
  fqn          TEXT NOT NULL DEFAULT '',
  config       TEXT NOT NULL
    CONSTRAINT config_is_json_object
    CHECK(CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  PRIMARY KEY(package, resource_type, fqn)
) WITHOUT ROWID;

-- SQL before and after a run.
CREATE TABLE IF NOT EXISTS main.rockset_hooks(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  event        TEXT NOT NULL
    CONSTRAINT event_is_on_run_start_or_on_run_end CHECK(event IN ('on-run-start', 'on-run-end')),
  position     INTEGER NOT NULL DEFAULT 0,
  sql          TEXT NOT NULL,
  PRIMARY KEY(package, event, position)
) WITHOUT ROWID;

-- A seed: its CSV text with a header line.
CREATE TABLE IF NOT EXISTS main.rockset_seeds(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  csv          NOT NULL
    CONSTRAINT csv_is_text_or_blob CHECK(typeof(csv) IN ('text', 'blob')),
  description  TEXT,
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  columns      TEXT
    CONSTRAINT columns_is_json_list
    CHECK(columns IS NULL OR CASE WHEN json_valid(columns) THEN json_type(columns) = 'array' ELSE 0 END),
  folder       TEXT,
  patch_path   TEXT,               -- the file of its properties
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

-- A snapshot: the query inside its block.
CREATE TABLE IF NOT EXISTS main.rockset_snapshots(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  sql          NOT NULL
    CONSTRAINT sql_is_text_or_blob CHECK(typeof(sql) IN ('text', 'blob')),
  description  TEXT,
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  columns      TEXT
    CONSTRAINT columns_is_json_list
    CHECK(columns IS NULL OR CASE WHEN json_valid(columns) THEN json_type(columns) = 'array' ELSE 0 END),
  folder       TEXT,
  patch_path   TEXT,               -- the file of its properties
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

-- A test. A generic one names its `test` (unique, not_null, package.name ...), what it is for and the
-- arguments; a singular one has `sql`.
CREATE TABLE IF NOT EXISTS main.rockset_tests(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  test         TEXT,
  model        TEXT,               -- ref('orders'), source('shop', 'orders')
  column_name  TEXT,
  arguments    TEXT
    CONSTRAINT arguments_is_json_object
    CHECK(arguments IS NULL OR CASE WHEN json_valid(arguments) THEN json_type(arguments) = 'object' ELSE 0 END),
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  description  TEXT,
  sql          TEXT,
  folder       TEXT,
  path         TEXT,               -- the file it came from, below its package's folder
  CONSTRAINT test_has_a_test_and_a_model_or_sql CHECK((sql IS NULL) = (test IS NOT NULL AND model IS NOT NULL)),
  PRIMARY KEY(package, name)
);

-- A unit test (dbt 1.8).
CREATE TABLE IF NOT EXISTS main.rockset_unit_tests(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  model        TEXT NOT NULL,
  description  TEXT,
  given        TEXT
    CONSTRAINT given_is_json_list
    CHECK(given IS NULL OR CASE WHEN json_valid(given) THEN json_type(given) = 'array' ELSE 0 END),
  expect       TEXT
    CONSTRAINT expect_is_json_object
    CHECK(expect IS NULL OR CASE WHEN json_valid(expect) THEN json_type(expect) = 'object' ELSE 0 END),
  overrides    TEXT
    CONSTRAINT overrides_is_json_object
    CHECK(overrides IS NULL OR CASE WHEN json_valid(overrides) THEN json_type(overrides) = 'object' ELSE 0 END),
  versions     TEXT CONSTRAINT versions_is_json CHECK(versions IS NULL OR json_valid(versions)),
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

-- Analyses are compiled and not run.
CREATE TABLE IF NOT EXISTS main.rockset_analyses(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  sql          NOT NULL
    CONSTRAINT sql_is_text_or_blob CHECK(typeof(sql) IN ('text', 'blob')),
  description  TEXT,
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  columns      TEXT
    CONSTRAINT columns_is_json_list
    CHECK(columns IS NULL OR CASE WHEN json_valid(columns) THEN json_type(columns) = 'array' ELSE 0 END),
  folder       TEXT,
  patch_path   TEXT,               -- the file of its properties
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

-- What uses the models.
CREATE TABLE IF NOT EXISTS main.rockset_exposures(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  label        TEXT,
  type         TEXT
    CONSTRAINT type_is_one_of_dbts
    CHECK(type IS NULL OR type IN ('dashboard', 'notebook', 'analysis', 'ml', 'application')),
  url          TEXT,
  maturity     TEXT
    CONSTRAINT maturity_is_high_medium_or_low
    CHECK(maturity IS NULL OR maturity IN ('high', 'medium', 'low')),
  owner        TEXT
    CONSTRAINT owner_is_json_object
    CHECK(owner IS NULL OR CASE WHEN json_valid(owner) THEN json_type(owner) = 'object' ELSE 0 END),
  description  TEXT,
  depends_on   TEXT
    CONSTRAINT depends_on_is_json_list
    CHECK(depends_on IS NULL OR CASE WHEN json_valid(depends_on) THEN json_type(depends_on) = 'array' ELSE 0 END),
  tags         TEXT CONSTRAINT tags_is_json CHECK(tags IS NULL OR json_valid(tags)),
  meta         TEXT
    CONSTRAINT meta_is_json_object
    CHECK(meta IS NULL OR CASE WHEN json_valid(meta) THEN json_type(meta) = 'object' ELSE 0 END),
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

-- `{% docs name %}` texts, for doc('name').
CREATE TABLE IF NOT EXISTS main.rockset_docs(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  text         TEXT NOT NULL,
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

-- Groups of models, for `group` and access.
CREATE TABLE IF NOT EXISTS main.rockset_groups(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  owner        TEXT
    CONSTRAINT owner_is_json_object
    CHECK(owner IS NULL OR CASE WHEN json_valid(owner) THEN json_type(owner) = 'object' ELSE 0 END),
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

-- The semantic layer: kept, checked and listed, not executed (no more does dbt).
CREATE TABLE IF NOT EXISTS main.rockset_metrics(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  label        TEXT NOT NULL,
  type         TEXT NOT NULL
    CONSTRAINT type_is_one_of_dbts CHECK(type IN ('simple', 'ratio', 'derived', 'cumulative', 'conversion')),
  type_params  TEXT NOT NULL
    CONSTRAINT type_params_is_json_object
    CHECK(CASE WHEN json_valid(type_params) THEN json_type(type_params) = 'object' ELSE 0 END),
  description  TEXT,
  filter       TEXT CONSTRAINT filter_is_json CHECK(filter IS NULL OR json_valid(filter)), -- a text or a list
  time_granularity TEXT,           -- dbt 1.9
  tags         TEXT CONSTRAINT tags_is_json CHECK(tags IS NULL OR json_valid(tags)),
  meta         TEXT
    CONSTRAINT meta_is_json_object
    CHECK(meta IS NULL OR CASE WHEN json_valid(meta) THEN json_type(meta) = 'object' ELSE 0 END),
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

CREATE TABLE IF NOT EXISTS main.rockset_semantic_models(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  model        TEXT NOT NULL,      -- ref('orders')
  label        TEXT,
  description  TEXT,
  defaults     TEXT
    CONSTRAINT defaults_is_json_object
    CHECK(defaults IS NULL OR CASE WHEN json_valid(defaults) THEN json_type(defaults) = 'object' ELSE 0 END),
  primary_entity TEXT,
  entities     TEXT
    CONSTRAINT entities_is_json_list
    CHECK(entities IS NULL OR CASE WHEN json_valid(entities) THEN json_type(entities) = 'array' ELSE 0 END),
  dimensions   TEXT
    CONSTRAINT dimensions_is_json_list
    CHECK(dimensions IS NULL OR CASE WHEN json_valid(dimensions) THEN json_type(dimensions) = 'array' ELSE 0 END),
  measures     TEXT
    CONSTRAINT measures_is_json_list
    CHECK(measures IS NULL OR CASE WHEN json_valid(measures) THEN json_type(measures) = 'array' ELSE 0 END),
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

CREATE TABLE IF NOT EXISTS main.rockset_saved_queries(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  name         TEXT NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
  label        TEXT,
  description  TEXT,
  query_params TEXT NOT NULL       -- metrics, group_by, where
    CONSTRAINT query_params_is_json_object
    CHECK(CASE WHEN json_valid(query_params) THEN json_type(query_params) = 'object' ELSE 0 END),
  exports      TEXT
    CONSTRAINT exports_is_json_list
    CHECK(exports IS NULL OR CASE WHEN json_valid(exports) THEN json_type(exports) = 'array' ELSE 0 END),
  config       TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  path         TEXT,               -- the file it came from, below its package's folder
  PRIMARY KEY(package, name)
);

-- Every file that was imported, verbatim: what rockset_export() writes where nothing has changed.
CREATE TABLE IF NOT EXISTS main.rockset_files(
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  path         TEXT NOT NULL,
  content      NOT NULL,
  hash         TEXT NOT NULL,      -- SHA-256 of the content
  PRIMARY KEY(package, path)
);

-- Which rows rockset_import() made, from which folder and file, and the hash that each had then: a row
-- with another one has been edited since.
CREATE TABLE IF NOT EXISTS main.rockset_imported(
  table_name   TEXT NOT NULL,
  row_key      TEXT NOT NULL,      -- a JSON list
  origin       TEXT NOT NULL,      -- the project's folder
  package      TEXT NOT NULL DEFAULT '', -- '' is the project itself
  path         TEXT,               -- the file it came from, below its package's folder
  hash         TEXT NOT NULL,
  PRIMARY KEY(table_name, row_key)
) WITHOUT ROWID;

-- For reading: everything that has a name. The id of a generic test ends in a hash: rockset_ls() knows it.
CREATE VIEW IF NOT EXISTS main.rockset_nodes AS
WITH p(project) AS (SELECT coalesce((SELECT value FROM rockset_project WHERE key = 'name'), 'project')),
n(resource_type, package, name, version, description, path, id_name) AS (
  SELECT 'model', package, name, version, description, path,
         name || CASE version WHEN '' THEN '' ELSE '.v' || version END FROM rockset_models
  UNION ALL SELECT 'source', package, source || '.' || name, '', description, path, source || '.' || name
    FROM rockset_sources
  UNION ALL SELECT 'seed', package, name, '', description, path, name FROM rockset_seeds
  UNION ALL SELECT 'snapshot', package, name, '', description, path, name FROM rockset_snapshots
  UNION ALL SELECT 'test', package, name, '', description, path, CASE WHEN sql IS NULL THEN NULL ELSE name END
    FROM rockset_tests
  UNION ALL SELECT 'unit_test', package, name, '', description, path, model || '.' || name
    FROM rockset_unit_tests
  UNION ALL SELECT 'analysis', package, name, '', description, path, name FROM rockset_analyses
  UNION ALL SELECT 'exposure', package, name, '', description, path, name FROM rockset_exposures
  UNION ALL SELECT 'metric', package, name, '', description, path, name FROM rockset_metrics
  UNION ALL SELECT 'semantic_model', package, name, '', description, path, name FROM rockset_semantic_models
  UNION ALL SELECT 'saved_query', package, name, '', description, path, name FROM rockset_saved_queries
  UNION ALL SELECT 'macro', package, name, '', description, path, name FROM rockset_macros)
SELECT resource_type, package, name, version, description, path,
       resource_type || '.' || CASE package WHEN '' THEN project ELSE package END || '.' || id_name AS unique_id
FROM n, p;

-- What was run. status: running, success, error, cancelled. Times are UTC.
CREATE TABLE IF NOT EXISTS main.rockset_invocations(
  id          TEXT PRIMARY KEY NOT NULL,
  command     TEXT NOT NULL,       -- run, test, seed, build, retry ..., materialize
  selection   TEXT,
  options     TEXT,                -- JSON, as it was given
  target      TEXT,                -- the profile's target: dev
  started_at  TEXT NOT NULL,
  finished_at TEXT,
  status      TEXT NOT NULL,
  message     TEXT
);

-- One row per node of a run, in the order in which they finished. status: success, error, skipped; of
-- tests pass, warn, fail; of sources pass, warn, error, runtime error.
CREATE TABLE IF NOT EXISTS main.rockset_results(
  invocation_id TEXT NOT NULL REFERENCES rockset_invocations(id) ON DELETE CASCADE,
  unique_id     TEXT NOT NULL,     -- model.project.delays
  node          TEXT NOT NULL,
  kind          TEXT NOT NULL,
  status        TEXT NOT NULL,
  relation      TEXT,
  rows          INTEGER,
  ms            REAL,
  message       TEXT,
  started_at    TEXT,
  compiled      TEXT,              -- the SQL that was sent
  failures      INTEGER,           -- of a test
  worker        INTEGER,           -- of the run, from 1 on; NULL: none, SQLite's own thread
  PRIMARY KEY(invocation_id, unique_id)
);
CREATE INDEX IF NOT EXISTS main.rockset_results_node ON rockset_results(node, started_at);

-- What each node was made of when it was last built on a target, as hashes of its text, configs, macros
-- ...: state:modified and rockset_plan compare with it. Deleting a row makes its node new.
CREATE TABLE IF NOT EXISTS main.rockset_state(
  target        TEXT NOT NULL,
  unique_id     TEXT NOT NULL,
  hashes        TEXT NOT NULL,     -- JSON
  invocation_id TEXT NOT NULL,
  PRIMARY KEY(target, unique_id)
) WITHOUT ROWID;

-- Local copies: how far rockset_push and rockset_pull have come by a cursor column. The next one goes on
-- at `mark`; deleting a row makes the next one whole.
CREATE TABLE IF NOT EXISTS main.rockset_copies(
  direction     TEXT NOT NULL
    CONSTRAINT direction_is_push_or_pull CHECK(direction IN ('push', 'pull')),
  local         TEXT NOT NULL,     -- the table; of a pushed query its text
  remote        TEXT NOT NULL,     -- the collection: commons.orders; of a pulled query its text
  target        TEXT NOT NULL,     -- the profile's target: dev
  "cursor"      TEXT NOT NULL,     -- the column
  key           TEXT NOT NULL,     -- by which rows are replaced, as a JSON list
  mark,                            -- the greatest value of the cursor that was copied
  rows          INTEGER,           -- copied the last time
  copied_at     TEXT NOT NULL,     -- UTC
  PRIMARY KEY(direction, local, remote, target)
) WITHOUT ROWID;

-- For reading: the last invocation that ran nodes, node by node.
CREATE VIEW IF NOT EXISTS main.rockset_last_run AS
SELECT r.unique_id, r.node, r.kind, r.status, r.relation, r.rows, r.ms, r.message, r.started_at,
       i.id AS invocation_id, i.command, i.selection, i.target, i.started_at AS run_started_at,
       i.finished_at AS run_finished_at, i.status AS run_status
FROM rockset_results r JOIN rockset_invocations i ON i.id = r.invocation_id
WHERE i.id = (SELECT invocation_id FROM rockset_results ORDER BY rowid DESC LIMIT 1);
