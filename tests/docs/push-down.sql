SELECT rockset_create_workspace('ws');
SELECT rockset_exec('create table ws.w as select 1 as k, 10 as i, ''x'' as t');
CREATE VIRTUAL TABLE w USING rockset('ws.w');
SELECT writefile('people.json', '[{"name":"Ann","address":{"city":"Oslo","geo":{"lat":59.9}},"tags":["a"]},
  {"name":"Bob","address":{"city":"Bergen"}}]');
SELECT rockset_load('ws.people', 'people.json');
