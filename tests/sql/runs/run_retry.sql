-- rockset_retry tells when it can't read what was run before; it took a part for the whole.
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES('a', 'table', 'select error(''a'') as x'),
  ('b', 'table', 'select error(''b'') as x');
SELECT node, status FROM rockset_run('*', '{"raise":false}') ORDER BY node;
SELECT node, status FROM rockset_retry('{"raise":false}') ORDER BY node;
ALTER TABLE rockset_results RENAME TO old_results;
CREATE VIEW rockset_results AS SELECT * FROM old_results
  WHERE CASE WHEN unique_id LIKE '%.b' THEN json('{') ELSE 1 END;
SELECT node, status FROM rockset_retry('{"raise":false}') ORDER BY node;
