#!/bin/sh
# rockset_docs_generate: one file with a project's data. tests/console opens it in a browser.
set -u
q() { sqlite3 -batch "${db:-a.db}" -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//; s/^in prepare, //'; }
# data PATH: what the page holds there
data() {
  sed -n 's,.*<script type="application/json" id="data">\(.*\)</script>.*,\1,p' "${page:-site/docs/index.html}" >data.json
  q "SELECT value FROM (SELECT json_extract(CAST(readfile('data.json') AS TEXT), '$1') AS value)"
}
q "SELECT rockset_docs_generate('site')"
q "SELECT rockset_init();
  INSERT INTO rockset_project(key, value) VALUES('name', 'shop');
  INSERT INTO rockset_models(name, sql, materialized, tags, description, columns) VALUES
    ('orders', 'SELECT 1 AS id, ''</script><script>alert(1)</script><!--'' AS t', 'table', 'core', 'All </SCRIPT> orders <!-- ', '[{\"name\":\"id\"}]'),
    ('daily', 'SELECT count(*) AS n FROM {{ ref(''orders'') }}', NULL, NULL, NULL, NULL),
    ('odd', 'SELECT {{', NULL, NULL, NULL, NULL);
  INSERT INTO rockset_tests(name, test, model, column_name, arguments) VALUES
    ('never', 'accepted_values', 'ref(''orders'')', 'id', '{\"values\":[2]}')"
echo '-- before a run'
q "SELECT rockset_docs_generate('site/docs')"
data '$.graph.project'
data '$.runs'
data '$.graph.nodes[0].last'
q "DELETE FROM rockset_models WHERE name = 'odd'; SELECT count(*) FROM rockset_build('*', '{\"raise\":false}')"
q "SELECT rockset_docs_generate('site/docs')"
echo '-- one file, no request, nothing that ends its element'
ls site/docs
grep -c 'Content-Security-Policy' site/docs/index.html
grep -o 'https\?://[a-z./0-9]*' site/docs/index.html | sort -u
sed -n 's,.*<script type="application/json" id="data">\(.*\)</script>.*,\1,p' site/docs/index.html | grep -c '<'
echo '-- what it holds'
data '$.graph.nodes[0].description'
data '$.nodes."model.shop.orders".sql'
data '$.nodes."model.shop.daily".compiled'
data '$.nodes."model.shop.orders".columns'
q "SELECT value ->> 'node', value ->> 'resource_type', value ->> '\$.last.status', value -> 'depends_on' FROM json_each(CAST(readfile('data.json') AS TEXT), '\$.graph.nodes')"
q "SELECT value ->> 'command', value ->> 'status', json_array_length(value, '\$.results') FROM json_each(CAST(readfile('data.json') AS TEXT), '\$.runs')"
echo '-- refused'
q "SELECT rockset_docs_generate(NULL)"
q "SELECT rockset_docs_generate('')"
q "SELECT rockset_docs_generate()"
echo text >file
q "SELECT rockset_docs_generate('file')"
q "CREATE VIEW v AS SELECT rockset_docs_generate('no'); SELECT * FROM v"
q "PRAGMA query_only = 1; SELECT rockset_docs_generate('no')"
q "SELECT rockset_lockdown(1); SELECT rockset_docs_generate('no')"
ls
