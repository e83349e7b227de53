#!/usr/bin/env python3
"""What attacks cost a server: time of an answer, growth of its memory, and what it says.

Starts the release binary with the demo shop on loopback, where rates are off, so that every attack is met by the limits
behind them; the last ones are met by a rate. Nothing but Python's own library is needed, and Linux for the memory.

    cargo build --release && benches/attack/run.py
"""

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

BINARY = os.environ.get("BENCH_BINARY", "target/release/cloudbase-graphql")
ADMIN = "Bearer dev:openid:demo-admin"
TIMES = 10


class Server:
    """A server of its own, ended with the block it is made for."""

    def __init__(self, **settings):
        self.directory = tempfile.TemporaryDirectory()
        environment = {f"GATEWAY_{name}": value for name, value in settings.items()}
        self.process = subprocess.Popen(
            [BINARY, "serve", "--demo", "--listen", "127.0.0.1:0", "--store", f"sqlite:{self.directory.name}/shop.db"],
            env={**os.environ, "RUST_LOG": "error", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for line in self.process.stdout:
            if told := re.match(r"http://([\d.]+):(\d+)/graphql", line):
                self.address = (told[1], int(told[2]))
                break
        else:
            sys.exit("the server did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.directory.cleanup()

    def memory(self, what):
        """`VmRSS` now, `VmHWM` at most since `forget_peak`; in bytes."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(what))

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def connect(self):
        stream = socket.create_connection(self.address, timeout=60)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream


def head(server, method="POST", path="/graphql", **headers):
    headers = {"host": "{}:{}".format(*server.address), "authorization": ADMIN, **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


def answered(stream):
    """Status and body of the next answer on a connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(65536)
        if not more:
            return "cut", b""
        data += more
    before, body = data.split(b"\r\n\r\n", 1)
    length = re.search(rb"content-length: (\d+)", before.lower())
    while length and len(body) < int(length[1]):
        more = stream.recv(65536)
        if not more:
            break
        body += more
    return before.split(b" ")[1].decode(), body


def said(status, body):
    """`200 LIMIT_EXCEEDED`: the status, and the codes of errors."""
    codes = sorted(set(re.findall(rb'"code":"([A-Z_]+)"', body)))
    return " ".join([status, *(code.decode() for code in codes)])


def send(server, raw):
    with server.connect() as stream:
        try:
            stream.sendall(raw)
        except OSError:
            pass  # It has heard enough; what it says is there to be read.
        try:
            return said(*answered(stream))
        except OSError:
            return "cut"


def operation(server, query, variables=None, **headers):
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    return head(server, content_type="application/json", content_length=len(body), **headers) + body


def aliases(count, what):
    return " ".join(f"a{at}: {what}" for at in range(count))


def doubling(levels):
    fragments = " ".join(f"fragment F{at} on Query {{ ...F{at + 1} ...F{at + 1} }}" for at in range(levels))
    return f"{{ ...F0 }} {fragments} fragment F{levels} on Query {{ me {{ principal }} }}"


def introspecting(levels):
    inner = "name"
    for _ in range(levels):
        inner = f"fields {{ type {{ {inner} }} }}"
    return f"{{ __schema {{ types {{ {inner} }} }} }}"


def deep(levels):
    return "{ items { nodes { " + "a { " * levels + "b" + "}" * levels + "}}}"


DOCUMENTS = {
    "10,000 aliases of a list": "{ %s }" % aliases(10_000, "items { totalCount }"),
    "90 aliases of a full page": "{ %s }" % aliases(90, "orders(first: 500) { nodes { id status total remark user { nickname } } }"),
    "900 aliases of one text": "{ items(first: 500) { nodes { %s } } }" % aliases(900, "title"),
    "60,000 times one field": "{ me { %s } }" % ("principal " * 60_000)[:250_000],
    "19,000 times one field": "{ me { %s } }" % ("roles " * 19_000),
    "10,000 directives": "{ me { principal %s } }" % ("@skip(if: false) " * 10_000),
    "unknown directives": "{ me { principal %s } }" % ("@x " * 10_000),
    "10,000 levels of fields": deep(10_000),
    "50 levels of fields": deep(50),
    "100,000 brackets": "{ items(where: " + "[" * 100_000,
    "relations in a circle": "{ users(first: 500) { nodes { orders(first: 500) { nodes { user { orders(first: 500) { nodes { user { id } } } } } } } } }",
    "a fragment named __schema, 30 doublings": doubling(30).replace("F0", "__schema"),
    "fragments in a circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "introspection 8 lists deep": introspecting(8),
    "90 aliases of introspection, 450 selections": "{ %s }" % aliases(90, "__schema { types { name fields { name } } }"),
    "900 aliases of introspection": "{ %s }" % aliases(900, "__schema { types { name fields { name } } }"),
    "5,000 unknown fields": "{ items { nodes { %s } } }" % " ".join(f"f{at}" for at in range(5_000)),
    "bulk delete of everything": "mutation { deleteItems(where: {}, all: true, atMost: 100000) { matched } }",
}


def documents(server):
    for name, query in DOCUMENTS.items():
        yield name, lambda query=query: send(server, operation(server, query))


def requests(server):
    create = "mutation($all: [ItemCreate!]!) { createItems(input: $all) { ids } }"
    where = "query($in: [Int!]) { items(where: {price: {in: $in}}) { totalCount } }"
    nested = '{"query": "query($a: JSON) { me { principal } }", "variables": {"a": ' + "[" * 500_000
    huge = json.dumps({"query": "{ me { principal } }", "variables": {"a": "x" * 4_000_000}}).encode()
    batch = json.dumps([{"query": "{ me { principal } }"}] * 1_000).encode()
    json_type = {"content_type": "application/json"}
    raw = lambda body, **headers: head(server, content_length=len(body), **headers) + body
    get = "/graphql?query=" + urllib.parse.quote("mutation { deleteItem(id: \"item-0001\") { id } }")
    yield "a batch of 1,000", lambda: send(server, raw(batch, **json_type))
    yield "variables of 4 MB", lambda: send(server, raw(huge, **json_type))
    yield "variables 500,000 deep", lambda: send(server, raw(nested.encode(), **json_type))
    yield "100,000 values to look for", lambda: send(server, operation(server, where, {"in": list(range(100_000))}))
    yield "20,000 documents to create", lambda: send(server, operation(server, create, {"all": [{"title": "x"}] * 20_000}))
    yield "a mutation by GET", lambda: send(server, head(server, "GET", get))
    yield "GET from a foreign page", lambda: send(
        server, head(server, "GET", "/graphql?query=%7Bme%7Bprincipal%7D%7D", origin="https://evil.example", sec_fetch_site="cross-site")
    )
    yield "a form of a foreign page", lambda: send(server, raw(b"query=x", content_type="text/plain"))
    yield "an address of 1 MB", lambda: send(server, head(server, "GET", "/graphql?query=" + "x" * 1_000_000))
    yield "1 MB of headers", lambda: send(server, head(server, **{f"x_{at}": "x" * 1_000 for at in range(1_000)}))


def frame(kind, payload):
    """A frame of a client's, masked with zeros."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = bytes([0x80 | 126]) + struct.pack(">H", size)
    else:
        length = bytes([0x80 | 127]) + struct.pack(">Q", size)
    return bytes([0x80 | kind]) + length + bytes(4) + payload


def text(message):
    return frame(1, json.dumps(message).encode())


def upgraded(server, **headers):
    stream = server.connect()
    stream.sendall(
        head(
            server,
            "GET",
            connection="upgrade",
            upgrade="websocket",
            sec_websocket_version="13",
            sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==",
            sec_websocket_protocol="graphql-transport-ws",
            **headers,
        )
    )
    return stream, answered(stream)[0]


def everything(stream, seconds):
    """All that comes until it ends, or for so long."""
    stream.settimeout(0.5)
    data, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            more = stream.recv(1 << 20)
        except TimeoutError:
            continue
        except OSError:
            break
        if not more:
            break
        data += more
    return data


def closed(data):
    """With what code a socket was closed."""
    codes = re.findall(rb"\x88[\x02-\x7d](..)", data, re.S)
    return f"closed {struct.unpack('>H', codes[-1])[0]}" if codes else "cut"


def slow(server, count, raw):
    """So many who begin and do not go on; what they are told in the end, and whether others are answered meanwhile."""
    streams = [server.connect() for _ in range(count)]
    told = {}
    for stream in streams:
        stream.sendall(raw)
    begun = time.monotonic()
    meanwhile = send(server, operation(server, "{ me { principal } }"))
    waited = time.monotonic() - begun
    for stream in streams:
        try:
            answer = said(*answered(stream))
        except OSError:
            answer = "cut"
        told[answer] = told.get(answer, 0) + 1
        stream.close()
    told = ", ".join(f"{times} × {answer}" for answer, times in sorted(told.items()))
    return f"{told}; others {meanwhile} in {waited * 1000:.0f} ms"


def silent_sockets(server, **headers):
    """1,000 sockets that never say who they speak for."""
    opened = [upgraded(server, **headers) for _ in range(1_000)]
    told = {}
    end = closed(everything(opened[0][0], 10))
    for stream, status in opened:
        told[status] = told.get(status, 0) + 1
        stream.close()
    told = ", ".join(f"{times:,} × {status}" for status, times in sorted(told.items()))
    return f"{told}, in the end {end}"


def floods(server):
    unfinished = head(server)[:-4]
    yield "1,000 heads that do not end", lambda: slow(server, 1_000, unfinished)
    announced = head(server, content_type="application/json", content_length=500_000) + b"{"
    yield "1,000 large bodies that do not come", lambda: slow(server, 1_000, announced)
    small = head(server, content_type="application/json", content_length=5_000) + b"{"
    yield "1,000 small bodies that do not come", lambda: slow(server, 1_000, small)

    def socket_of(messages, seconds=5):
        stream, _ = upgraded(server)
        stream.sendall(text({"type": "connection_init", "payload": {"token": "dev:openid:demo-admin"}}))
        try:
            stream.sendall(messages)
        except OSError:
            pass
        data = everything(stream, seconds)
        stream.close()
        return data

    def subscribes():
        query = "subscription { items(first: %d) { nodes { id } } }"
        messages = [text({"id": str(at), "type": "subscribe", "payload": {"query": query % (1 + at % 500)}}) for at in range(5_000)]
        data = socket_of(b"".join(messages))
        begun, refused = data.count(b'"type":"next"'), data.count(b"LIMIT_EXCEEDED")
        return f"{begun:,} begun, {refused:,} × LIMIT_EXCEEDED"

    yield "1,000 sockets that say nothing", lambda: silent_sockets(server)
    yield "5,000 live lists on one socket", subscribes
    yield "a message of 8 MB", lambda: closed(socket_of(frame(1, b"x" * 8_000_000)))
    yield "500,000 pings", lambda: f"{socket_of(frame(9, b'x' * 100) * 500_000).count(bytes([0x8a])):,} pongs"
    yield "100,000 `ping` messages", lambda: f"{socket_of(text({'type': 'ping'}) * 100_000).count(b'pong'):,} pongs"


def strangers(server):
    """Documents that no cache has seen."""

    def all_of(count, filler):
        with server.connect() as stream:
            for at in range(count):
                fields = " ".join(f"n{at}_{n}: principal" for n in range(filler))
                stream.sendall(operation(server, "{ me { %s } }" % fields))
                status = said(*answered(stream))
            return f"{count:,} × {status}"

    yield "20,000 new documents, small", lambda: all_of(20_000, 5)
    yield "1,000 new documents, large", lambda: all_of(1_000, 900)


def measure(server, name, attack, times):
    server.forget_peak()
    before = server.memory("VmRSS")
    took = []
    for _ in range(times):
        begun = time.monotonic()
        told = attack()
        took.append((time.monotonic() - begun) * 1000)
    grown = max(0, server.memory("VmHWM") - before) / (1 << 20)
    print(f"| {name} | {told} | {min(took):,.1f} / {max(took):,.1f} | {grown:,.1f} |", flush=True)


def main():
    print("| attack | answer | ms, least / most | growth, MiB |\n|---|---|---|---|")
    patience = {"SERVER_HEADER_TIMEOUT": "3s", "SERVER_REQUEST_TIMEOUT": "3s", "SERVER_INIT_TIMEOUT": "3s"}
    with Server(**patience) as server:
        send(server, operation(server, "{ me { principal } }"))
        for attacks, times in [(documents, TIMES), (requests, TIMES), (floods, 1), (strangers, 1)]:
            for name, attack in attacks(server):
                measure(server, name, attack, times)
        print(f"\nThe server has {server.memory('VmRSS') / (1 << 20):,.0f} MiB after all of it.\n")
    limited = {"LIMITS_RATE": "50/s burst 200", "LIMITS_ADDRESS_SOCKETS": "64", "SERVER_CLIENT_ADDRESS": "forwarded"}
    with Server(**limited, **patience) as server:
        query = operation(server, "{ items { nodes { title } } }")

        def flood():
            told = {}
            for _ in range(2_000):
                answer = send(server, query)
                told[answer] = told.get(answer, 0) + 1
            return ", ".join(f"{times:,} × {answer}" for answer, times in sorted(told.items()))

        sockets = lambda: silent_sockets(server, x_forwarded_for="203.0.113.7")
        measure(server, "2,000 operations of one caller, at a rate of 50", flood, 1)
        measure(server, "1,000 sockets that say nothing, of one address", sockets, 1)


if __name__ == "__main__":
    main()
