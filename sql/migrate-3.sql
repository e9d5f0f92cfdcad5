-- From schema 2: metrics, semantic models, saved queries (schema.sql makes their tables) are nodes, too.
DROP VIEW IF EXISTS main.rockset_nodes;
