-- feature: attach and catalog tables
SELECT rockset_load('att.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
SELECT rockset_load('att.numbers', '@CASES@/numbers.csv', '{"mode":"replace"}');
SELECT rockset_attach('att', 'r_') IS NOT '';
SELECT name FROM temp.sqlite_master WHERE name IN ('r_people', 'r_numbers') ORDER BY 1;
SELECT count(*) FROM r_numbers;
SELECT name FROM r_people WHERE born = 1930;
SELECT rockset_detach('att') IS NOT '';
SELECT count(*) FROM temp.sqlite_master WHERE name LIKE 'r\_%' ESCAPE '\';
SELECT name FROM rockset_collections WHERE workspace = 'att' ORDER BY name;
SELECT name FROM rockset_columns WHERE workspace = 'att' AND relation = 'numbers' ORDER BY position;
