-- From schema 3: which worker of a run built a node.
ALTER TABLE main.rockset_results ADD COLUMN worker INTEGER;
