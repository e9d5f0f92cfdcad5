-- feature: workspaces and collections
SELECT 'create: ' || (rockset_create_workspace('ws_one') IS NOT '');
SELECT 'listed: ' || count(*) FROM rockset_workspaces WHERE name = 'ws_one';
SELECT 'collection: ' || (rockset_create_collection('ws_one.empty') IS NOT '');
SELECT 'listed: ' || count(*) FROM rockset_collections WHERE workspace = 'ws_one' AND name = 'empty';
CREATE VIRTUAL TABLE e USING rockset('ws_one.empty');
SELECT 'rows: ' || count(*) FROM e;
SELECT 'columns: ' || group_concat(name, ' ') FROM pragma_table_info('e');
SELECT 'drop: ' || (rockset_drop_collection('ws_one.empty') IS NOT '');
SELECT 'listed: ' || count(*) FROM rockset_collections WHERE workspace = 'ws_one';
SELECT 'drop: ' || (rockset_drop_workspace('ws_one') IS NOT '');
SELECT 'listed: ' || count(*) FROM rockset_workspaces WHERE name = 'ws_one';
