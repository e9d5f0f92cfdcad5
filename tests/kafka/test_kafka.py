"""Sources of Kafka against a real broker: every message comes in once, also over kills of the
server; what is no document is told; brokers that may not be asked are not, whoever names them."""
import contextlib
import json
import os
import signal
import sys
import tempfile
import threading
import time

from broker import SECRET, USER, Broker
from harness import ADMIN, Server, check_error, main, until

KEY = os.path.join(tempfile.mkdtemp(prefix="rocksetd-kafka-key-"), "key")
with open(KEY, "w") as key_file:
    key_file.write("ab" * 32)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the broker has to be stopped then, too
STACK = contextlib.ExitStack()
B = STACK.enter_context(Broker())
COLLECTIONS = "/ws/commons/collections"


def server(*more, hosts=None, **kw):
    hosts = hosts or "%s,%s,%s" % (B.plain, B.sasl, B.astray)
    s = Server("--source-hosts", hosts, "--integrations-key-file", KEY, "--source-scan", "1", *more, **kw)
    return s


def integrate(s, name="k", **kafka):
    kafka.setdefault("bootstrap_servers", B.plain)
    a = s.post("/integrations", {"name": name, "kafka": kafka})
    assert a.status in (200, 409), a
    return a


def source(topic, integration="k", **more):
    return {"integration_name": integration, "kafka": dict(kafka_topic_name=topic, **more)}


def make(s, name, *sources, **more):
    a = s.post(COLLECTIONS, dict(name=name, sources=list(sources), **more))
    assert a.status == 200, a
    return a.data["sources"]


def of(s, name):
    return s.get("%s/%s/sources" % (COLLECTIONS, name)).data


def count(s, name):
    return s.sql("select count(*) n from commons.%s" % name).rows[0]["n"]


def ready(s, name, n, state="WATCHING", seconds=40):
    """Until its source rests and the collection has n documents."""
    def rests():
        x = of(s, name)[0]
        if x["status"]["state"] == state and count(s, name) == n:
            return x
        return None
    try:
        return until(rests, "%s: %s and %d documents" % (name, state, n), seconds)
    except AssertionError:
        raise AssertionError("%s: %r, %d documents" % (name, of(s, name), count(s, name)))


def says(s, name, text, state="ERROR", seconds=30):
    def said():
        x = of(s, name)[0]["status"]
        return x["state"] == state and text in x["message"]
    try:
        until(said, text, seconds)
    except AssertionError:
        raise AssertionError("%r: %r" % (text, of(s, name)))


def many(topic, n, partitions, begin=0, own_id=False):
    B.send(topic, [(i % partitions, json.dumps(dict({"n": i, "t": "x%d" % i},
                                                    **({"_id": "id%d" % i} if own_id else {}))).encode())
                   for i in range(begin, begin + n)])


def each_once(s, name, n):
    r = s.sql("select count(*) n, count(distinct n) d, min(n) a, max(n) b, sum(n) s, "
              "count(distinct _id) i from commons.%s" % name).rows[0]
    assert r == {"n": n, "d": n, "a": 0, "b": n - 1, "s": n * (n - 1) // 2, "i": n}, r


def test_all_come_once():
    B.create("orders", 5)
    many("orders", 10000, 5)
    with server() as s:
        a = integrate(s, use_v3=True, kafka_data_format="JSON", kafka_topic_names=["orders"]).data
        assert a["kafka"]["bootstrap_servers"] == B.plain and a["kafka"]["use_v3"] is True, a
        assert a["kafka"]["kafka_topic_names"] == ["orders"], a
        made = make(s, "orders", source("orders", offset_reset_policy="EARLIEST", use_v3=True))[0]
        assert made["kafka"]["kafka_topic_name"] == "orders" and len(made["id"]) == 36, made
        assert made["kafka"]["status"]["state"] == "NO_DOCS_YET", made
        x = ready(s, "orders", 10000)
        each_once(s, "orders", 10000)
        many("orders", 2000, 5, 10000)  # it goes on reading
        x = ready(s, "orders", 12000)
        each_once(s, "orders", 12000)
        k = x["kafka"]["status"]
        assert k["state"] == "ACTIVE" and k["num_documents_processed"] == 12000, x
        assert k["last_consumed_time"] and x["status"]["message"] == "", x
        assert x["status"]["total_processed_items"] == 12000, x
        assert k["kafka_partitions"] == [{"partition_number": i, "partition_offset": 2400,
                                          "offset_lag": 0} for i in range(5)], x
        got = s.get("%s/orders" % COLLECTIONS).data["sources"][0]
        assert got["kafka"]["status"]["kafka_partitions"] == k["kafka_partitions"], got
        i = s.get("/integrations/k").data
        assert i["kafka"]["source_status_by_topic"]["orders"]["num_documents_processed"] == 12000, i
        assert i["collections"] == [{"name": "orders", "workspace": "commons"}], i
        check_error(s.delete("/integrations/k"), 409, "DEPENDENTRESOURCES")
        B.widen("orders", 7)  # partitions that come later are read from their begin
        B.send("orders", [(6, b'{"n": 12000}'), (5, b' {"n":12001} ')])
        x = ready(s, "orders", 12002)
        assert len(x["kafka"]["status"]["kafka_partitions"]) == 7, x
        # one of many documents of the same batch was not written twice either
        each_once(s, "orders", 12002)


def test_killed_amid():
    """Killed amid it, again and again. A rollup can't hide a batch that was added twice."""
    B.create("kills", 4)
    many("kills", 1500, 4)
    s = server("--max-documents", "25")
    folder, s.own_folder = s.folder, False
    database, seen = s.database, []
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: __import__("shutil").rmtree(folder, ignore_errors=True))
        integrate(s)
        make(s, "plain", source("kills"))
        make(s, "sums", source("kills"), field_mapping_query={
            "sql": "select 1 one, count(*) n, sum(n) s from _input group by 1"})
        for i in range(5):
            with s:
                until(lambda: sums(s)["n"] >= 50 + 200 * i, "more than before")
                s.stop(signal.SIGKILL)
            s = server("--max-documents", "25", folder=folder, database=database)
            seen.append(sums(s)["n"])
        with s:
            for name, n in (("plain", 1500), ("sums", 1)):
                x = ready(s, name, n)["kafka"]["status"]
                assert x["num_documents_processed"] == 1500, (name, x)
                assert [p["offset_lag"] for p in x["kafka_partitions"]] == [0, 0, 0, 0], (name, x)
            each_once(s, "plain", 1500)
            assert sums(s) == {"n": 1500, "s": 1500 * 1499 // 2}, (sums(s), seen)
    assert seen[-1] < 1500, "nothing was left to do after the kills: %r" % seen


def sums(s):
    rows = s.sql("select n, s from commons.sums").rows
    # a query that is read before the fields are there sees none
    return rows[0] if rows and rows[0]["n"] is not None else {"n": 0, "s": 0}


def test_definitions_hold():
    B.create("defined", 2)
    B.send("defined", [(i % 2, json.dumps({"at": 1700000000 + i, "g": i % 3, "v": i}).encode())
                       for i in range(300)])
    with server() as s:
        integrate(s)
        make(s, "timed", source("defined"),
             event_time_info={"field": "at", "format": "seconds_since_epoch"})
        make(s, "rolled", source("defined"), field_mapping_query={
            "sql": "select g, count(*) n, sum(v) v from _input group by g"})
        make(s, "chosen", source("defined"), field_mapping_query={
            "sql": "select v * 2 twice from _input where g = 1"})
        ready(s, "timed", 300)
        ready(s, "rolled", 3)
        ready(s, "chosen", 100)
        r = s.sql("select min(_event_time) a, max(_event_time) b from timed").rows[0]
        assert "2023-11-14T22:13:20" in str(r["a"]) and "2023-11-14T22:18:19" in str(r["b"]), r
        r = s.sql("select g, n, v from rolled order by g").rows
        assert r == [{"g": g, "n": 100, "v": sum(range(g, 300, 3))} for g in range(3)], r
        assert s.sql("select sum(twice) s from chosen").rows[0]["s"] == 2 * sum(range(1, 300, 3))


def test_what_is_no_document():
    B.create("odd", 1)
    big = b'{"n": 7, "t": "' + b"x" * 900000 + b'"}'
    bad = [b"{", b"no", b"[1]", b'[{"a":1}]', b"7", b"", b'{"n": 1} {"n": 2}', b'{"t": "\xff\xfe"}',
           b'{"_id": 5, "n": 9}']
    B.send("odd", [(0, b'{"n": 5}')] + [(0, b) for b in bad] +
           [(0, None), (0, b'\n {"n": 6, "u": "\xc3\xa9"}\n'), (0, big), (0, b"{}")])
    with server() as s:
        integrate(s)
        make(s, "odd", source("odd"))
        x = ready(s, "odd", 4)
        said = x["status"]["message"]
        assert "%d messages were refused" % len(bad) in said, x
        assert "partition 0, offset %d: " % len(bad) in said, x
        assert x["kafka"]["status"]["kafka_partitions"][0]["offset_lag"] == 0, x
        r = s.sql("select n, u, length(t) l from odd where n is not null order by n").rows
        assert [q["n"] for q in r] == [5, 6, 7] and r[1]["u"] == "\xe9" and r[2]["l"] == 900000, r


def test_keys():
    B.create("closed", 1)
    many("closed", 10, 1)
    with server() as s:
        check_error(s.post("/integrations", {"name": "x", "kafka": {
            "bootstrap_servers": "PLAINTEXT://" + B.sasl,
            "security_config": {"api_key": USER, "secret": SECRET}}}), 400, "INVALIDINPUT")
        check_error(s.post("/integrations", {"name": "x", "kafka": {
            "bootstrap_servers": "SASL_PLAINTEXT://" + B.sasl}}), 400, "INVALIDINPUT")
        servers = "SASL_PLAINTEXT://" + B.sasl
        a = integrate(s, "k", bootstrap_servers=servers,
                      security_config={"api_key": USER, "secret": "not-" + SECRET})
        assert a.data["kafka"]["security_config"] == {"api_key": USER, "secret": "*****"}, a
        make(s, "closed", source("closed"))
        says(s, "closed", "uthentication")
        # a key that is kept goes to no other brokers
        a = s.ask("PUT", "/integrations/k", {"kafka": {"bootstrap_servers": B.plain}})
        assert a.status == 200 and "security_config" not in a.data["kafka"], a
        a = s.ask("PUT", "/integrations/k", {"kafka": {
            "bootstrap_servers": servers, "security_config": {"api_key": USER, "secret": SECRET}}})
        assert a.status == 200, a
        many("closed", 5, 1, 10)
        ready(s, "closed", 15)
        check_error(s.ask("PUT", "/integrations/k", {"s3": {"aws_access_key": {
            "aws_access_key_id": "a", "aws_secret_access_key": "b-secret"}}}), 400, "INVALIDINPUT")
        told = s.stderr() + s.get("/integrations/k").body + s.get(COLLECTIONS).body
        with open(s.log) as f:
            told += f.read()
        assert SECRET not in told, told
        folder, database = s.folder, s.database
        s.stop()
        with open(database, "rb") as f:
            assert SECRET.encode() not in f.read(), "the secret lies in the database in clear"
        with Server("--source-hosts", B.sasl, folder=folder, database=database) as other:
            says(other, "closed", "--integrations-key-file")
            check_error(other.post("/integrations", {"name": "y", "kafka": {
                "bootstrap_servers": servers, "security_config": {"api_key": "a", "secret": "b1234"}}}),
                409, "BADREQUEST")


def comes(listener, seconds):
    """Has somebody connected?"""
    listener.settimeout(seconds)
    try:
        listener.accept()[0].close()
        return True
    except OSError:
        return False


def test_who_may_be_asked():
    B.create("rule", 1)
    many("rule", 3, 1)
    with server(hosts=B.astray) as s:
        for servers in (B.sasl, "localhost:9092", B.astray + "," + B.sasl, "SSL://example.com:9093"):
            a = s.post("/integrations", {"name": "x", "kafka": {"bootstrap_servers": servers}})
            check_error(a, 403, "FORBIDDEN")
            assert "--source-hosts" in a.json["message"], a
        # a broker that names another address
        integrate(s, bootstrap_servers=B.astray)
        make(s, "rule", source("rule"))
        says(s, "rule", "'%s' is not one of this server's --source-hosts" % B.elsewhere)
        assert count(s, "rule") == 0 and not comes(B.canary, 1)
        # a source that can't be read holds up neither the server nor another source
        assert s.stop() == 0
    with server(hosts=B.astray + "," + B.elsewhere) as s:
        integrate(s, bootstrap_servers=B.astray)
        make(s, "rule", source("rule"))
        assert comes(B.canary, 20), "an address that may be asked was not"
    while comes(B.canary, 0.2):
        pass  # it has tried more than once
    # without a list: TLS, and nothing of this machine's or its network's
    with Server("--integrations-key-file", KEY) as s:
        for servers in (B.plain, "kafka.example.com:9092", "SASL_PLAINTEXT://kafka.example.com"):
            security = {"security_config": {"api_key": "a", "secret": "b1234"}} if "SASL" in servers else {}
            a = s.post("/integrations", {"name": "x", "kafka": dict(bootstrap_servers=servers, **security)})
            check_error(a, 403, "FORBIDDEN")
        integrate(s, bootstrap_servers="SSL://" + B.elsewhere)
        make(s, "rule", source("rule"))
        says(s, "rule", "at no address of the public internet")
        assert not comes(B.canary, 1)


def test_no_broker():
    B.create("later", 2)
    many("later", 100, 2)
    with server() as s:
        integrate(s)
        make(s, "later", source("later"))
        ready(s, "later", 100)
        B.stop()
        says(s, "later", "Kafka: ")
        integrate(s, "gone", bootstrap_servers=B.plain)
        make(s, "first", source("later", "gone"))
        says(s, "first", "Kafka: ")
        assert of(s, "first")[0]["kafka"]["status"] == {
            "state": "NO_DOCS_YET", "num_documents_processed": 0, "kafka_partitions": []}
        B.start()
        ready(s, "first", 100)
        many("later", 50, 2, 100)
        ready(s, "later", 150)
        each_once(s, "later", 150)


def test_stops_and_goes_on():
    B.create("stops", 1)
    many("stops", 10, 1)
    with server() as s:
        integrate(s)
        x = make(s, "stops", source("stops"))[0]
        make(s, "latest", source("stops", offset_reset_policy="LATEST"))
        ready(s, "stops", 10)
        ready(s, "latest", 0)
        at = "%s/stops/sources/%s" % (COLLECTIONS, x["id"])
        assert s.post(at + "/suspend", {}).data["status"]["state"] == "SUSPENDED"
        time.sleep(0.7)  # a message's wait of 200 ms and a batch's of 500 are over
        many("stops", 10, 1, 10)
        ready(s, "latest", 10)
        assert count(s, "stops") == 10 and of(s, "stops")[0]["status"]["state"] == "SUSPENDED"
        assert s.post(at + "/resume").status == 200
        ready(s, "stops", 20)
        each_once(s, "stops", 20)
        assert s.delete(at).status == 200
        time.sleep(0.7)
        many("stops", 10, 1, 20)
        ready(s, "latest", 20)
        assert count(s, "stops") == 20 and of(s, "stops") == []
        assert s.delete(COLLECTIONS + "/latest").status == 200
        until(lambda: s.delete("/integrations/k").status == 200, "nobody uses it")
        # all over: the server ends at once
        begin = time.time()
        assert s.stop() == 0 and time.time() - begin < 10


def test_lost_and_made_anew():
    B.create("lost", 1)
    many("lost", 100, 1)
    s = server()
    folder, s.own_folder = s.folder, False
    with s:
        integrate(s)
        make(s, "lost", source("lost"))
        ready(s, "lost", 100)
    many("lost", 100, 1, 100)
    B.forget("lost", 0, 150)
    with server(folder=folder, database=s.database) as s:
        x = ready(s, "lost", 150)
        assert "50 messages were no longer in the topic" in x["status"]["message"], x
        B.drop("lost")  # while it is read
        says(s, "lost", "there is no topic 'lost'")
        B.create("lost", 1)
        many("lost", 5, 1)
        says(s, "lost", "made anew")
        assert count(s, "lost") == 150
    __import__("shutil").rmtree(folder, ignore_errors=True)


def test_what_is_refused():
    B.create("refused", 1)
    with server() as s:
        integrate(s, kafka_topic_names=["refused", "other"])
        make(s, "c")
        at = COLLECTIONS + "/c/sources"
        for body, status, kind in (
                (source("nothing of the list"), 400, "INVALIDINPUT"), (source("elsewhere"), 400, "INVALIDINPUT"),
                (source("refused", "no"), 404, "NOTFOUND"), ({"kafka": {"kafka_topic_name": "refused"}}, 400, "INVALIDINPUT"),
                (source("refused", offset_reset_policy="MIDDLE"), 400, "INVALIDINPUT"),
                (source("refused", use_v3=False), 501, "NOTIMPLEMENTEDYET"),
                (source("refused", consumer_group_id="g"), 501, "NOTIMPLEMENTEDYET"),
                (source("refused", client_id="a b"), 400, "INVALIDINPUT"),
                (dict(source("refused"), s3={"bucket": "file://"}), 400, "INVALIDINPUT"),
                (dict(source("refused"), format_params={"csv": {}}), 501, "NOTIMPLEMENTEDYET"),
                (dict(source("refused"), ingest_transformation={"sql": "x"}), 501, "NOTIMPLEMENTEDYET"),
                ({"integration_name": "k", "s3": {"bucket": "my-bucket"}}, 400, "INVALIDINPUT")):
            check_error(s.post(at, body), status, kind)
        for body, status, kind in (
                ({}, 400, "INVALIDINPUT"), ({"bootstrap_servers": ""}, 400, "INVALIDINPUT"),
                ({"bootstrap_servers": "a b:1"}, 400, "INVALIDINPUT"),
                ({"bootstrap_servers": "HTTP://" + B.plain}, 400, "INVALIDINPUT"),
                ({"bootstrap_servers": "SSL://%s,%s,PLAINTEXT://%s" % (B.plain, B.plain, B.plain)}, 400, "INVALIDINPUT"),
                ({"bootstrap_servers": B.plain, "kafka_data_format": "AVRO"}, 501, "NOTIMPLEMENTEDYET"),
                ({"bootstrap_servers": B.plain, "use_v3": False}, 501, "NOTIMPLEMENTEDYET"),
                ({"bootstrap_servers": B.plain, "kafka_topic_names": [1]}, 400, "INVALIDINPUT"),
                ({"bootstrap_servers": B.plain, "schema_registry_config": {"url": "u"}}, 501, "NOTIMPLEMENTEDYET"),
                ({"bootstrap_servers": B.plain, "aws_role": {"aws_role_arn": "u"}}, 501, "NOTIMPLEMENTEDYET"),
                ({"connection_string": "x"}, 501, "NOTIMPLEMENTEDYET")):
            check_error(s.post("/integrations", {"name": "x", "kafka": body}), status, kind)
        check_error(s.post("/integrations", {"name": "x"}), 400, "INVALIDINPUT")
        for _ in range(16):
            assert s.post(at, source("refused", client_id="me")).status == 200
        a = s.post(at, source("refused"))
        check_error(a, 400, "INVALIDINPUT")
        assert "16" in a.json["message"], a
        x = of(s, "c")[0]
        assert x["kafka"]["client_id"] == "me", x
        check_error(s.ask("PUT", "%s/%s" % (at, x["id"]), source("other")), 400, "INVALIDINPUT")


def test_a_server_with_much_to_read_answers():
    """As many sources as may be do not take the sessions that requests need."""
    B.create("wide", 8)
    B.send("wide", [(i % 8, b'{"n": 1, "t": "' + b"y" * 1000 + b'"}') for i in range(1000)])
    with server() as s:
        integrate(s)
        make(s, "wide", *[source("wide") for _ in range(16)])
        slowest = 0
        end = time.time() + 40
        while time.time() < end and count(s, "wide") < 16000:
            begin = time.time()
            assert s.get("/integrations/k").status == 200
            slowest = max(slowest, time.time() - begin)
            time.sleep(0.1)
        assert count(s, "wide") == 16000 and slowest < 10, (count(s, "wide"), slowest)


if __name__ == "__main__":
    try:
        main(dict(globals()))
    finally:
        STACK.close()
