# serve.sh ROCKSETD: starts the server over app.db.duckdb, asks it one query, stops it.
export ROCKSETD_ADMIN_KEY=$(printf 'k%039d' 1)
$1 --database app.db.duckdb --listen 127.0.0.1:0 --quiet >out 2>err &
server=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  grep -q listening out && break
  sleep 0.3
done
${PYTHON:-python3} - <<END || cat out err
import json, os, re, urllib.request
url = re.search("http://[0-9.:]+", open("out").read()).group()
body = json.dumps({"sql": {"query": "select max(people) as most from commons.countries"}})
ask = urllib.request.Request(url + "/v1/orgs/self/queries", body.encode())
ask.add_header("Authorization", "ApiKey " + os.environ["ROCKSETD_ADMIN_KEY"])
ask.add_header("Content-Type", "application/json")
print("rocksetd:", json.load(urllib.request.urlopen(ask))["results"])
END
kill $server
wait $server || true
