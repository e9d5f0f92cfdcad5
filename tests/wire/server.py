#!/usr/bin/python3
"""A scripted TCP or TLS server for tests: says per connection what to answer and where to break.

Usage: server.py [--tls CERT KEY [--client-ca FILE]]

Standard input: a line with the script's length in bytes, then the script. The server then runs until
standard input ends, so it cannot outlive its test. Standard output: first `port N`, then what
happened, a line each:
    conn C                      connection C (1, 2, ...) was accepted
    req C METHOD TARGET         a request was read on it
    hdr C Name: value           one of its headers
    body C N TEXT               its body: N bytes, the first 200 of them escaped
    sent C N                    all N bytes of a `fill` or `chunks` were taken by the peer
    gone C                      the peer closed while the script was waiting for something
    error C TEXT                the script itself is wrong

The script: one command a line, blank lines and lines that begin with # are skipped. TEXT knows \\r \\n
\\t \\\\ and \\xNN.
    conn            the commands that follow are for the next connection
    conn *          ... for each connection that has no commands of its own
    read            reads one request (by its Content-Length, or chunks)
    send TEXT       sends TEXT
    reply STATUS [HEADER|HEADER...] ;TEXT
                    a whole answer with a Content-Length
    cut N TEXT      sends the first N bytes of TEXT, then closes
    slow MS TEXT    sends TEXT byte by byte with a pause after each
    fill N          sends N bytes of a repeated text
    chunks N SIZE   sends N chunks of SIZE bytes each, without the last one
    sleep MS
    stall           waits until the peer closes
    close           closes in an orderly way (and is what the end of the commands does)
    reset           closes with a TCP reset
    again           starts over with this connection's first command (keep-alive)
"""
import os
import socket
import ssl
import struct
import sys
import threading
import time

FILL = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-" * 1024
lock = threading.Lock()


def say(*words):
    # one write: print makes several where Python runs unbuffered, and the test reads half a line
    with lock:
        os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def unescape(text):
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def parse(script):
    """[commands of connection 1, ...], commands of all others"""
    own, rest, now = [], [("close", "")], None
    for line in script.split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, text = line.partition(" ")
        if word == "conn":
            now = []
            if text.strip() == "*":
                rest = now
            else:
                own.append(now)
        elif now is None:
            raise ValueError("commands before the first conn")
        else:
            now.append((word, text))
    return own, rest


class Gone(Exception):
    """The peer closed."""


class Connection:
    def __init__(self, sock, number):
        self.sock, self.number, self.pending = sock, number, b""

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise Gone
        self.pending += data

    def take_line(self):
        while b"\n" not in self.pending:
            self.more()
        line, _, self.pending = self.pending.partition(b"\n")
        return line.rstrip(b"\r")

    def take(self, n):
        while len(self.pending) < n:
            self.more()
        data, self.pending = self.pending[:n], self.pending[n:]
        return data

    def read(self, _):
        method, target, _ = (self.take_line().decode("latin-1") + "  ").split(" ", 2)
        lines, length, chunked = [f"req {self.number} {method} {target}"], 0, False
        while True:
            header = self.take_line().decode("latin-1")
            if not header:
                break
            lines.append(f"hdr {self.number} {header}")
            name, _, value = header.partition(":")
            if name.lower() == "content-length":
                length = int(value)
            if name.lower() == "transfer-encoding":
                chunked = True
        body = b""
        while chunked:
            n = int(self.take_line(), 16)
            body += self.take(n)
            self.take_line()
            if n == 0:
                break
        else:
            body = self.take(length)
        shown = body[:200].decode("latin-1").encode("unicode_escape").decode("ascii")
        lines.append(f"body {self.number} {len(body)} {shown}")
        say("\n".join(lines))

    def send(self, text):
        self.sock.sendall(unescape(text))

    def reply(self, text):
        head, _, body = text.partition(";")
        status, _, headers = head.strip().partition(" ")
        lines = [f"HTTP/1.1 {status} Scripted", f"Content-Length: {len(unescape(body))}"]
        lines += [h.strip() for h in headers.split("|") if h.strip()]
        self.sock.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + unescape(body))

    def cut(self, text):
        n, _, what = text.partition(" ")
        self.sock.sendall(unescape(what)[: int(n)])
        raise EOFError

    def slow(self, text):
        ms, _, what = text.partition(" ")
        for byte in unescape(what):
            self.sock.sendall(bytes([byte]))
            time.sleep(float(ms) / 1000)

    def fill(self, text):
        left = total = int(text)
        while left > 0:
            self.sock.sendall(FILL[: min(left, len(FILL))])
            left -= min(left, len(FILL))
        say("sent", self.number, total)

    def chunks(self, text):
        n, size = (int(word) for word in text.split())
        chunk = f"{size:x}\r\n".encode() + (FILL * (size // len(FILL) + 1))[:size] + b"\r\n"
        for _ in range(n):
            self.sock.sendall(chunk)
        say("sent", self.number, n * size)

    def sleep(self, text):
        time.sleep(float(text) / 1000)

    def stall(self, _):
        while True:
            self.more()

    def close(self, _):
        raise EOFError

    def reset(self, _):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionResetError

    def run(self, commands):
        at = 0
        while at < len(commands):
            word, text = commands[at]
            at += 1
            if word == "again":
                at = 0
            else:
                getattr(self, word)(text)


def serve(raw, number, commands, context):
    sock = raw
    try:
        if context:
            sock = context.wrap_socket(raw, server_side=True)
        Connection(sock, number).run(commands)
        raise EOFError
    except EOFError:
        try:
            # what the peer sent and nobody read would turn an orderly close into a reset
            sock.shutdown(socket.SHUT_WR)
            sock.settimeout(2)
            while sock.recv(65536):
                pass
        except (OSError, ValueError):
            pass
    except ConnectionResetError:
        pass
    except (Gone, OSError):
        say("gone", number)
    except Exception as problem:  # the script's author wants to know
        say("error", number, repr(problem))
    try:
        sock.close()
    except OSError:
        pass


def main():
    words, context = sys.argv[1:], None
    if words[:1] == ["--tls"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(words[1], words[2])
        if words[3:4] == ["--client-ca"]:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(words[4])
    script = sys.stdin.buffer.read(int(sys.stdin.buffer.readline())).decode("latin-1")
    own, rest = parse(script)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    say("port", listener.getsockname()[1])

    def accept():
        number = 0
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number += 1
            say("conn", number)
            commands = own[number - 1] if number <= len(own) else rest
            args = (sock, number, commands, context)
            threading.Thread(target=serve, args=args, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.buffer.read()


main()
