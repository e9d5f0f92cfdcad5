"""Sources in buckets: moto stands for S3 and checks every signature. Integrations, lists of several
pages, names of every kind, changes, wrong keys, restarts, and that no secret is told or kept."""
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3

from harness import Server, check_error, main, until

FOLDER = tempfile.mkdtemp(prefix="rocksetd-s3-")
KEY_FILE = os.path.join(FOLDER, "key")
with open(KEY_FILE, "w") as f:
    f.write("0123456789abcdef" * 4 + "\n")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


PORT = free_port()
URL = "http://127.0.0.1:%d" % PORT
LOG = open(os.path.join(FOLDER, "moto"), "w")
MOTO = subprocess.Popen([os.path.join(os.path.dirname(sys.executable), "moto_server"), "-H",
                         "127.0.0.1", "-p", str(PORT)], stdout=LOG, stderr=LOG)
BOTO = dict(endpoint_url=URL, region_name="us-east-1")
S3 = ID = SECRET = None
S = None


def auth(n):
    """So many requests are not checked from now on."""
    r = urllib.request.Request(URL + "/moto-api/reset-auth", data=str(n).encode(), method="POST",
                               headers={"Content-Type": "text/plain"})
    urllib.request.urlopen(r, timeout=30).read()


def begin():
    global S3, ID, SECRET
    def answers():
        try:
            return urllib.request.urlopen(URL + "/moto-api/", timeout=5).status == 200
        except OSError:
            return False
    until(answers, "moto", 60)
    iam = boto3.client("iam", aws_access_key_id="x", aws_secret_access_key="x", **BOTO)
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    ID, SECRET = key["AccessKeyId"], key["SecretAccessKey"]
    iam.put_user_policy(UserName="reader", PolicyName="all", PolicyDocument=json.dumps(
        {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
    auth(0)
    S3 = boto3.client("s3", aws_access_key_id=ID, aws_secret_access_key=SECRET, **BOTO)
    S3.create_bucket(Bucket="data")


def put(name, text, bucket="data"):
    S3.put_object(Bucket=bucket, Key=name, Body=text if isinstance(text, bytes) else text.encode())


def server(*more, **kw):
    return Server("--s3-endpoint", URL, "--integrations-key-file", KEY_FILE, "--source-scan", "1",
                  *more, **kw)


def integration(s, name="s3", secret=None, **more):
    return s.post("/integrations", dict({"name": name, "s3": {"aws_access_key": {
        "aws_access_key_id": ID, "aws_secret_access_key": secret or SECRET}}}, **more))


def source(integration="s3", bucket="data", **more):
    return {"integration_name": integration, "s3": dict(bucket=bucket, **more)}


def make(s, name, *sources):
    a = s.post("/ws/commons/collections", {"name": name, "sources": list(sources)})
    assert a.status == 200, a


def of(s, name):
    return s.get("/ws/commons/collections/%s/sources" % name).data


def count(s, name):
    return s.sql("select count(*) n from commons.%s" % name).rows[0]["n"]


def ready(s, name, n, state="WATCHING"):
    try:
        return until(lambda: (lambda x: x if all(y["status"]["state"] == state for y in x) and
                              count(s, name) == n else None)(of(s, name)), name, 15)
    except AssertionError as e:
        raise AssertionError("%s: %r, %d documents" % (e, of(s, name), count(s, name)))


def test_00_begin():
    begin()


def test_signatures_are_checked():
    other = boto3.client("s3", aws_access_key_id=ID, aws_secret_access_key="x" * 40, **BOTO)
    try:
        other.list_objects_v2(Bucket="data")
    except other.exceptions.ClientError as e:
        assert "SignatureDoesNotMatch" in str(e), e
    else:
        raise AssertionError("moto takes any signature: this suite would show nothing")


def test_integrations():
    with server() as s:
        a = integration(s, description="d")
        assert a.status == 200, a
        d = a.data
        assert d["name"] == "s3" and d["description"] == "d" and d["created_by"], d
        assert d["s3"]["aws_access_key"]["aws_access_key_id"] == ID, d
        assert s.get("/integrations/s3").data == d and s.get("/integrations").data == [d]
        check_error(integration(s), 409, "ALREADYEXISTS")
        check_error(integration(s, name="a b"), 400, "INVALIDINPUT")
        for bad in ({"name": "x"}, {"name": "x", "s3": {}}, {"name": "x", "s3": 1},
                    {"name": "x", "s3": {"aws_access_key": {"aws_access_key_id": "a"}}},
                    {"name": "x", "s3": {"aws_access_key": {"aws_access_key_id": "a b",
                                                            "aws_secret_access_key": "s"}}}):
            check_error(s.post("/integrations", bad), 400, "INVALIDINPUT")
        for other in ({"kinesis": {"x": 1}}, {"gcs": {"x": 1}}, {"snowflake": {"x": 1}},
                      {"s3": {"aws_role": {"aws_role_arn": "x"}}}):
            check_error(s.post("/integrations", dict(other, name="x")), 501, "NOTIMPLEMENTEDYET")
        a = s.ask("PUT", "/integrations/s3", {"description": "e"})
        assert a.data["description"] == "e", a
        put("use.json", '{"a": 1}')
        make(s, "uses", source(prefix="use"))
        ready(s, "uses", 1)
        assert s.get("/integrations/s3").data["collections"] == [{"name": "uses", "workspace": "commons"}]
        a = s.delete("/integrations/s3")
        check_error(a, 409, "DEPENDENTRESOURCES")
        assert "uses" in a.json["message"], a
        assert s.delete("/ws/commons/collections/uses").status == 200
        assert s.delete("/integrations/s3").data["name"] == "s3"
        check_error(s.get("/integrations/s3"), 404, "NOTFOUND")
        check_error(s.delete("/integrations/s3"), 404, "NOTFOUND")
        check_error(s.ask("PUT", "/integrations/s3", {"description": "e"}), 404, "NOTFOUND")
        check_error(s.post("/ws/commons/collections", {"name": "n", "sources": [source()]}), 404,
                    "NOTFOUND")
        key = s.post("/users/self/apikeys", {"name": "m", "role": "member"}).data["key"]
        check_error(s.post("/integrations", {"name": "x"}, key=key), 403, "FORBIDDEN")


def test_no_key_no_secret():
    with Server("--s3-endpoint", URL) as s:
        a = integration(s)
        check_error(a, 409, "BADREQUEST")
        assert "--integrations-key-file" in a.json["message"], a
        assert s.get("/integrations").data == []


def test_secrets_are_kept_sealed():
    folder = tempfile.mkdtemp(prefix="rocksetd-test-")
    secret = "Sh0uldNotBeSeen/Anywhere+AtAll=="
    try:
        with server(folder=folder) as s:
            answers = [integration(s, secret=secret)]
            make(s, "w", source())
            until(lambda: of(s, "w")[0]["status"]["state"] == "ERROR", "refused", 40)
            answers += [s.get("/integrations"), s.get("/integrations/s3"), s.get("/collections"),
                        s.get("/ws/commons/collections/w/sources"),
                        s.post("/integrations", {"name": "y", "s3": {"aws_access_key": secret}})]
            message = of(s, "w")[0]["status"]["message"]
            assert "403" in message and "127.0.0.1" in message, message
            assert not any(secret in a.body for a in answers), answers
            # given again, it works
            a = s.ask("PUT", "/integrations/s3", {"s3": {"aws_access_key": {
                "aws_access_key_id": ID, "aws_secret_access_key": SECRET}}})
            assert a.status == 200 and SECRET not in a.body, a
            until(lambda: of(s, "w")[0]["status"]["state"] == "WATCHING", "mended", 10)
            s.stop()
            for at in os.listdir(folder):
                with open(os.path.join(folder, at), "rb") as f:
                    text = f.read()
                assert secret.encode() not in text and SECRET.encode() not in text, at
        # another key, and none: the error says so; the secret is not asked of the bucket
        other = os.path.join(FOLDER, "other")
        with open(other, "w") as f:
            f.write("f" * 64)
        with Server("--s3-endpoint", URL, "--integrations-key-file", other, "--source-scan", "1",
                    folder=folder) as s:
            until(lambda: "another key" in of(s, "w")[0]["status"]["message"], "another key", 40)
        with Server("--s3-endpoint", URL, "--source-scan", "1", folder=folder) as s:
            until(lambda: "without" in of(s, "w")[0]["status"]["message"], "no key", 40)
        env = {"ROCKSETD_INTEGRATIONS_KEY": "0123456789abcdef" * 4}
        with Server("--s3-endpoint", URL, "--source-scan", "1", folder=folder, env=env) as s:
            until(lambda: of(s, "w")[0]["status"]["state"] == "WATCHING", "by the environment", 40)
            with open("/proc/%d/environ" % s.process.pid, "rb") as f:
                assert env["ROCKSETD_INTEGRATIONS_KEY"].encode() not in f.read()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_keys_that_are_none():
    for text in ("", "x" * 64, "ab", "0" * 63, "0" * 65):
        with open(os.path.join(FOLDER, "bad"), "w") as f:
            f.write(text)
        p = subprocess.run([os.environ["ROCKSETD"], "--database", ":memory:", "--listen",
                            "127.0.0.1:0", "--integrations-key-file", os.path.join(FOLDER, "bad")],
                           capture_output=True, text=True, timeout=60)
        assert p.returncode != 0 and "64 hex digits" in p.stderr, p


def test_objects():
    names = ["o/a.json", "o/with blank.json", "o/plus+and&amp;=.json", "o/\u00e4\u20ac.json",
             "o/sub/d%20.json", "o/'quote\".json", "o/(a)!*~.json", "o/x/"]
    for i, name in enumerate(names):
        put(name, '{"n": %d}' % i if not name.endswith("/") else "")
    put("o/t.csv.gz", gzip.compress(b"n,t\n100,x\n"))
    put("other/b.json", '{"n": -1}')
    with server() as s:
        assert integration(s).status == 200
        make(s, "obj", source(prefix="o/"))
        ready(s, "obj", 8)
        got = [r["n"] for r in s.sql("select n from obj where n is not null").rows]
        assert sorted(map(str, got)) == sorted(map(str, list(range(7)) + [100])), got
        make(s, "pat", source(pattern="o/*.json"))
        ready(s, "pat", 6)
        make(s, "deep", source(pattern="o/**/*.json"))
        ready(s, "deep", 7)
        # changes are seen by their ETag
        put("o/a.json", '{"n": 50}{"n": 51}')
        ready(s, "pat", 7)
        assert s.sql("select count(*) c from pat where n = 0").rows[0]["c"] == 0
        x = of(s, "pat")[0]
        assert x["s3"]["object_count_total"] == x["s3"]["object_count_downloaded"] == 6, x
        make(s, "none", source(bucket="nowhere"))
        until(lambda: "404" in of(s, "none")[0]["status"]["message"] or "not found" in
              of(s, "none")[0]["status"]["message"], "no bucket", 40)


def test_pages():
    n = 1200  # a page of the list has 1000
    S3.create_bucket(Bucket="pages")
    auth(10 ** 6)  # for speed
    for i in range(n):
        put("p/%05d.json" % i, '{"v": %d}' % i, "pages")
    auth(0)
    folder = tempfile.mkdtemp(prefix="rocksetd-test-")
    try:
        with server(folder=folder) as s:
            assert integration(s).status == 200
            make(s, "pages", source(bucket="pages"))
            until(lambda: count(s, "pages") > 20, "begun", 60)
            s.stop(signal.SIGKILL)
        with server(folder=folder) as s:
            x = until(lambda: count(s, "pages") == n and of(s, "pages")[0]["status"]["state"] ==
                      "WATCHING" and of(s, "pages"), "all of them", 150)[0]
            got = s.sql("select count(distinct v) d, max(v) m from pages").rows[0]
            assert got == {"d": n, "m": n - 1}, got
            assert x["s3"]["object_count_downloaded"] == n, x
    finally:
        shutil.rmtree(folder, ignore_errors=True)


try:
    main(globals())
finally:
    MOTO.terminate()
    MOTO.wait(30)
    LOG.close()
    shutil.rmtree(FOLDER, ignore_errors=True)
