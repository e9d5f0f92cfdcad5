-- feature: errors
CREATE TEMP TABLE made AS SELECT rockset_create_collection('commons.zebra'); -- the texts: the object and the cause
.bail off
CREATE VIRTUAL TABLE nope USING rockset('commons.nope');
SELECT rockset_load('commons.people', '/no/such/file.json');
SELECT c1 FROM rockset_query('select 1; select 2');
SELECT rockset_drop_collection('commons.nope');
