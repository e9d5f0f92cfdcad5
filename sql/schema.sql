-- The tables of a project, schema version 1: created by `SELECT rockset_init()`.
--
-- They are the source of truth and meant to be edited by hand: INSERT a model, UPDATE its text. Every
-- CHECK has a name that says what it wants. docs/models.md explains the columns.
-- `main.` stands for the schema that rockset_init(schema) names.

CREATE TABLE IF NOT EXISTS main.rockset_meta(
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT
) WITHOUT ROWID;

-- One row per model. A column wins over the same key of `config`; config() in the text wins over both.
CREATE TABLE IF NOT EXISTS main.rockset_models(
  name         TEXT PRIMARY KEY NOT NULL
    CONSTRAINT name_is_not_empty CHECK(typeof(name) = 'text' AND name <> ''),
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
    CONSTRAINT enabled_is_0_or_1 CHECK(enabled IN (0, 1))
);

-- Only where a source is not simply workspace and collection of the same names.
CREATE TABLE IF NOT EXISTS main.rockset_sources(
  source      TEXT NOT NULL CONSTRAINT source_is_not_empty CHECK(source <> ''),
  name        TEXT NOT NULL CONSTRAINT name_is_not_empty CHECK(name <> ''),
  workspace   TEXT,                -- default: the source's name
  identifier  TEXT,                -- default: the name
  description TEXT,
  config      TEXT
    CONSTRAINT config_is_json_object
    CHECK(config IS NULL OR CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  PRIMARY KEY(source, name)
) WITHOUT ROWID;

-- Whole `{% macro %}` texts; the row's name is for you, the macros' own names count.
CREATE TABLE IF NOT EXISTS main.rockset_macros(
  name        TEXT PRIMARY KEY NOT NULL CONSTRAINT name_is_not_empty CHECK(name <> ''),
  sql         NOT NULL
    CONSTRAINT sql_is_text_or_blob CHECK(typeof(sql) IN ('text', 'blob')),
  description TEXT
);

-- var('name'): the value as it is stored; with is_json = 1 it is JSON text (lists, maps, true, null).
CREATE TABLE IF NOT EXISTS main.rockset_vars(
  name    TEXT PRIMARY KEY NOT NULL CONSTRAINT name_is_not_empty CHECK(name <> ''),
  value,
  is_json INTEGER NOT NULL DEFAULT 0
    CONSTRAINT is_json_is_0_or_1 CHECK(is_json IN (0, 1)),
  CONSTRAINT value_is_json_when_is_json_says_so
    CHECK(is_json = 0 OR (value IS NOT NULL AND json_valid(value))),
  CONSTRAINT value_is_not_a_blob CHECK(typeof(value) <> 'blob')
) WITHOUT ROWID;

-- What was run. status: running, success, error, cancelled. Times are UTC.
CREATE TABLE IF NOT EXISTS main.rockset_invocations(
  id          TEXT PRIMARY KEY NOT NULL,
  command     TEXT NOT NULL,       -- run, materialize
  selection   TEXT,
  options     TEXT,                -- JSON, as it was given
  target      TEXT,                -- the profile's target: dev
  started_at  TEXT NOT NULL,
  finished_at TEXT,
  status      TEXT NOT NULL,
  message     TEXT
);

-- One row per model of a run, in the order in which they finished. status: success, error, skipped.
CREATE TABLE IF NOT EXISTS main.rockset_results(
  invocation_id TEXT NOT NULL REFERENCES rockset_invocations(id) ON DELETE CASCADE,
  node          TEXT NOT NULL,
  kind          TEXT NOT NULL,
  status        TEXT NOT NULL,
  relation      TEXT,
  rows          INTEGER,
  ms            REAL,
  message       TEXT,
  started_at    TEXT,
  compiled      TEXT,              -- the SQL that was sent
  PRIMARY KEY(invocation_id, node)
);
CREATE INDEX IF NOT EXISTS main.rockset_results_node ON rockset_results(node, started_at);
