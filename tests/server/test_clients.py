"""Clients that are slow, many, or say in two ways where their request ends."""
import os
import socket
import tempfile
import threading
import time

from harness import ADMIN, Server, check_error, main, run, until

KEY = b"Authorization: ApiKey " + ADMIN.encode() + b"\r\n"
HEAD = b"POST /v1/orgs/self/queries HTTP/1.1\r\nHost: x\r\n" + KEY
BODY = b'{"sql":{"query":"select 1 x"}}'


def raw(server, data):
    """All that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as c:
        c.sendall(data)
        out = b""
        while True:
            more = c.recv(65536)
            if not more:
                return out
            out += more


def drip(server, data, every, ended):
    """A byte now and then, until the server closes; appends how long that took."""
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as c:
        c.settimeout(every)
        for byte in data:
            try:
                c.sendall(bytes([byte]))
                if c.recv(1) == b"":
                    break
            except socket.timeout:
                continue
            except OSError:
                break
        else:
            return
    ended.append(time.monotonic() - start)


def slow(server, data, n=20):
    """20 of them, and what others see of it: the longest wait for an answer."""
    ended, longest = [], 0
    threads = [threading.Thread(target=drip, args=(server, data, 0.3, ended)) for _ in range(n)]
    for t in threads:
        t.start()
    time.sleep(0.5)
    while any(t.is_alive() for t in threads):
        before = time.monotonic()
        until(lambda: answers(server), "an answer for others", 20)
        longest = max(longest, time.monotonic() - before)
        time.sleep(0.1)
    for t in threads:
        t.join()
    return ended, longest


def test_slow_heads():
    with Server("--max-connections", "20", "--head-timeout", "1") as s:
        ended, longest = slow(s, b"GET /healthz HTTP/1.1\r\n" + b"X-Y: z\r\n" * 20)
        assert len(ended) == 20 and max(ended) < 4, ended
        assert longest < 4, "shut out for %.1f s" % longest


def test_slow_heads_of_a_later_request():
    with Server("--idle-timeout", "1", "--head-timeout", "1") as s:
        ended = []
        with socket.create_connection(("127.0.0.1", s.port), timeout=20) as c:
            c.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert c.recv(4096).startswith(b"HTTP/1.1 200")
            start = time.monotonic()
            try:
                for byte in b"GET /healthz HTTP/1.1\r\n" + b"X-Y: z\r\n" * 20:
                    c.sendall(bytes([byte]))
                    time.sleep(0.3)
                    assert time.monotonic() - start < 10
            except OSError:
                ended.append(1)
        assert ended


def test_slow_bodies():
    with Server("--max-connections", "20", "--head-timeout", "1") as s:
        ended, longest = slow(s, HEAD + b"Content-Length: 60\r\n\r\n" + BODY * 2, n=3)
        assert len(ended) == 3 and max(ended) < 6, ended
    for limits in (("--head-timeout", "1"), ("--min-rate", "0", "--body-timeout", "1")):
        with Server(*limits) as s, socket.create_connection(("127.0.0.1", s.port), timeout=20) as c:
            c.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{")
            start, closed = time.monotonic(), False
            while not closed and time.monotonic() - start < 10:
                c.settimeout(0.3)
                try:
                    c.sendall(b" ")
                    closed = c.recv(1) == b""
                except socket.timeout:
                    pass
                except OSError:
                    closed = True
            assert closed, limits


def test_who_is_slow_but_not_too_slow():
    with Server("--head-timeout", "2", "--min-rate", "1") as s:
        with socket.create_connection(("127.0.0.1", s.port), timeout=20) as c:
            c.sendall(HEAD + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(BODY))
            for i in range(0, len(BODY), 6):
                c.sendall(BODY[i:i + 6])
                time.sleep(0.7)
            assert c.recv(100).startswith(b"HTTP/1.1 200")


def test_connections_of_one_address():
    with Server("--max-connections-per-address", "3") as s:
        held = [socket.create_connection(("127.0.0.1", s.port), timeout=20) for _ in range(3)]
        time.sleep(0.3)
        with socket.create_connection(("127.0.0.1", s.port), timeout=20) as c:
            try:
                c.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert c.recv(100) == b""
            except OSError:
                pass  # reset
        for c in held:
            c.close()
        until(lambda: answers(s), "they count no more")


def answers(server):
    try:
        return server.get("/healthz").status == 200
    except OSError:
        return False


def test_two_ends_of_a_request():
    with Server() as s:
        n = b"Content-Length: %d\r\n" % len(BODY)
        chunks = b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"
        assert raw(s, HEAD + b"Connection: close\r\n" + n + b"\r\n" + BODY).startswith(b"HTTP/1.1 200")
        assert raw(s, HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                   + chunks).startswith(b"HTTP/1.1 200")
        for bad in (n + b"Content-Length: 5\r\n\r\n" + BODY, n + n + b"\r\n" + BODY,
                    n + b"Transfer-Encoding: chunked\r\n\r\n" + chunks,
                    b"Transfer-Encoding: chunked\r\n" + n + b"\r\n" + chunks,
                    b"Transfer-Encoding: xchunked\r\n\r\n" + chunks,
                    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunks,
                    b"Content-Length: +5\r\n\r\n" + BODY, b"Content-Length: -5\r\n\r\n" + BODY):
            # one answer, and then the end: what follows is no second request
            out = raw(s, HEAD + bad + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert out.startswith(b"HTTP/1.1 400") and b"HTTP/1.1 200" not in out, (bad, out)


def test_nul():
    with Server() as s:
        for body in ('{"sql":{"query":"select 1\\u0000, 2"}}', '{"sql":{"query":"select 1\x00, 2"}}',
                     '{"sql":{"query":"select :a","parameters":[{"name":"a","value":"x\\u0000y"}]}}'):
            a = s.post("/queries", body)
            check_error(a, 400, "INVALIDINPUT")
            assert "NUL" in a.json["message"], a
        assert s.sql("select '\\u0041\\\\u0000' x").rows == [{"x": "\\u0041\\\\u0000"}]


def test_nul_in_a_head():
    """libmicrohttpd refuses it in a name; a value and a URL it hands over up to the NUL, so that
    what stands behind is as if it had not been sent."""
    key = b"Host: x\r\nConnection: close\r\nAuthorization: ApiKey %s\r\n" % ADMIN.encode()
    with Server() as s:
        for head in (b"GET /v1/orgs/self/ws HTTP/1.1\r\nX\0A: b\r\n", b"GET /v1/orgs/self/ws%00x HTTP/1.1\r\n"):
            assert raw(s, head + key + b"\r\n").startswith(b"HTTP/1.1 400"), head
        cut = b"GET /v1/orgs/self/ws\0/none HTTP/1.1\r\n"
        assert raw(s, cut + key + b"\r\n").startswith(b"HTTP/1.1 200")
        wrong = key.replace(ADMIN.encode(), b"wrong\0" + ADMIN.encode())
        assert raw(s, b"GET /v1/orgs/self/ws HTTP/1.1\r\n" + wrong + b"\r\n").startswith(b"HTTP/1.1 401")


def test_types_of_members():
    with Server() as s:
        for sql in ("select 1", 5, ["select 1"], True):
            a = s.post("/queries", {"sql": sql})
            check_error(a, 400, "INVALIDINPUT")
            assert "'sql' must be an object" in a.json["message"], a
            a = s.post("/ws/commons/lambdas", {"name": "l", "sql": sql})
            assert a.status == 400 and "'sql' must be an object" in a.json["message"], a
        assert "'sql' is missing" in s.post("/queries", {}).json["message"]


def test_what_is_no_file():
    with tempfile.TemporaryDirectory() as folder:
        fifo = os.path.join(folder, "fifo")
        os.mkfifo(fifo)
        for path, what in ((fifo, "a named pipe"), (folder, "a directory"), ("/dev/null", "a device")):
            status, _, err = run("--database", path, "--listen", "127.0.0.1:0",
                                 env={"ROCKSETD_ADMIN_KEY": ADMIN})
            assert status == 1 and what in err and path in err, (status, err)


def test_keys_leave_the_environment():
    with Server(env={"DBT_ENV_SECRET_X": "a secret of a profile"}) as s:
        with open("/proc/%d/environ" % s.process.pid, "rb") as f:
            assert ADMIN.encode() not in f.read()


if __name__ == "__main__":
    main(globals())
