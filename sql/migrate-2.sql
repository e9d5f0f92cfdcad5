-- From schema 1: sources that are a table of this database, and local copies' places (rockset_copies, which
-- schema.sql makes).
ALTER TABLE main.rockset_sources ADD COLUMN local_table TEXT
  CONSTRAINT local_table_is_a_name
  CHECK(local_table IS NULL OR (typeof(local_table) = 'text' AND local_table <> ''));
