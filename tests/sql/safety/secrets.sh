#!/bin/sh
# No error, log or table shows what a profile keeps secret, however the statement fails. Each call goes to a target that
# can't be reached, or refuses; how often the secret appears in all that is printed must be 0.
key=KEY-5f0c9a1b-not-to-be-seen
mkdir -p .dbt
cat >.dbt/profiles.yml <<END
rockset_ext:
  target: duck
  outputs:
    inside: {type: rockset, api_key: $key, api_server: 'http://user:$key@127.0.0.1:1'}
    env: {type: rockset, api_key: "{{ env_var('DBT_ENV_SECRET_KEY') }}", api_server: 'http://127.0.0.1:1'}
    trino: {type: trino, method: ldap, host: 127.0.0.1, port: 1, user: u, password: $key, database: memory, schema: s, http_scheme: https, retries: 0}
    jwt: {type: trino, method: jwt, host: 127.0.0.1, port: 1, user: u, jwt_token: $key, database: memory, schema: s, http_scheme: https, retries: 0}
    driver: {type: adbc, driver: /nonexistent/$key.so, username: u, password: $key, uri: 'postgresql://u:$key@127.0.0.1:1/d'}
    wrong: {type: rockset, api_key: $key, api_sever: 'http://127.0.0.1:1'}
    duck: {type: duckdb, path: ':memory:', settings: {s3_secret_access_key: $key}}
END
cat >calls.sql <<'END'
.mode list
SELECT rockset_profile(@OUT@);
CREATE VIRTUAL TABLE t USING rockset('ws.t');
CREATE VIRTUAL TABLE q USING rockset(query='select 1 as a');
CREATE VIRTUAL TABLE l USING rockset(query_lambda='ws.l');
SELECT * FROM rockset_query('select 1');
SELECT rockset_exec('select no syntax at all');
SELECT rockset_load('ws.t', 'calls.sql', '{"format":"ndjson"}');
SELECT rockset_create_workspace('w');
SELECT rockset_create_collection('ws.t');
SELECT rockset_attach('ws');
SELECT * FROM rockset_workspaces;
SELECT * FROM rockset_collections;
SELECT * FROM rockset_aliases;
SELECT * FROM rockset_query_lambdas;
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES('m', 'table', 'select 1 as a'), ('n', 'view', 'select {{ target }} as a'),
  ('o', 'view', 'select {{ profile_no }} as a'), ('p', 'table', 'select {{ target.password }}{{ target.api_key }}{{ env_var("DBT_ENV_SECRET_KEY") }}');
SELECT rockset_materialize('m', 'table');
SELECT rockset_materialize('p', 'table');
SELECT rockset_compile('n');
SELECT rockset_compile('p');
SELECT * FROM rockset_run('*', '{"raise": false}');
CREATE TABLE local(id INTEGER PRIMARY KEY, a);
INSERT INTO local VALUES(1, 2);
SELECT rockset_push('local', 'ws.local');
SELECT rockset_pull('ws.t', 'copied');

SELECT * FROM rockset_debug;
SELECT rockset_export('exported');
SELECT rockset_artifacts('target');
SELECT * FROM rockset_log;
SELECT rockset_profile();
SELECT * FROM rockset_run_results;
SELECT * FROM rockset_runs;
.dump
END
check() {
  name=$1
  # a connection that is refused is tried again for a while: there some calls are enough
  sed "s|@OUT@|'$name'|" calls.sql | if [ "$name" = env ]; then grep -v 'rockset_[acm][rlot][a-z]*(\|USING\|rockset_[acw][a-z]*;\|q.*_lambdas;\|_compile\|_run('; else cat; fi >"$name.sql"
  mkdir -p "$name" && cd "$name" || exit
  DBT_PROFILES_DIR=$HOME/.dbt DBT_ENV_SECRET_KEY=$key \
    sqlite3 -batch -cmd ".load $ROCKSET_EXT" "$HOME/$name.db" <"$HOME/$name.sql" >out.txt 2>&1
  cd "$HOME" || exit
  lines=$(grep -c '' "$name/out.txt")
  seen=$(cat "$name/out.txt" | grep -c "$key")
  files=$(grep -rl "$key" "$name" "$name.db" 2>/dev/null | grep -c '')
  echo "$name: $seen lines of $([ "$lines" -gt 20 ] && echo many) show it, $files files hold it"
  grep "$key" "$name/out.txt" | head -3 | cut -c1-300
}
for o in inside env trino jwt driver wrong duck; do check $o; done
