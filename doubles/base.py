"""What the platforms' doubles share: an HTTP server, faults on demand, and webhooks delivered at least once.

Each double is a program of its own; tests also start one in a thread (``Double.start``). Below
``/_/`` lie the strings a test pulls: ``GET /_/state``, ``POST /_/faults``, ``POST /_/say`` ...
Nothing of the suite is imported here: the rules are written down a second time, apart from it.
"""

import argparse
import itertools
import json
import random
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000040000000408020000002693092900000013494441540"
    "8d763f8cfc0c0f01f8c81880400c7230ff18d5f0f690000000049454e44ae426082"
)


class Dropped(Exception):
    """The connection ends without an answer."""


class Drip(tuple):
    """A (status, content) that leaves one byte a second."""

    def __new__(cls, status, content):
        return super().__new__(cls, (status, content))


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a worker's eight connections and a test's sixteen wait for a busy machine


class Handler(BaseHTTPRequestHandler):
    """One connection to the double of its server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer("GET")

    def do_POST(self):
        self.answer("POST")

    def do_DELETE(self):
        self.answer("DELETE")

    def answer(self, method):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        try:
            answer = self.server.double.serve(method, parts.path, query, read_form(body, self.headers), self.headers)
        except Dropped:
            self.close_connection = True
            return
        status, content = answer
        kind = "image/png" if isinstance(content, bytes) else "application/json"
        raw = content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.send(raw, isinstance(answer, Drip))

    def send(self, raw, drip):
        for at in range(0, len(raw), 1 if drip else len(raw) or 1):
            try:
                self.wfile.write(raw[at : at + 1] if drip else raw)
                self.wfile.flush()
            except OSError:
                self.close_connection = True  # the other side has gone
                return
            time.sleep(1 if drip else 0)

    def log_message(self, *args):
        """Quiet."""


class Double:
    """State and rules of one platform. A platform adds ``route(method, path, query, form, headers)``."""

    #: chance (0 to 1) of each fault, and seconds; see ``trouble``
    FAULTS = {"lose_request": 0, "lose_answer": 0, "error_after": 0, "delay": 0, "echo_late": 0, "echo_twice": 0, "echo_first": 0, "rate": 0}

    def __init__(self, hook="", lenient=False, seed=1):
        self.hook = hook
        self.lenient = lenient
        self.lock = threading.RLock()
        self.dice = random.Random(seed)
        self.numbers = itertools.count(1)
        self.faults = dict(self.FAULTS)
        self.sent = []  # every message that arrived, in order
        self.calls = []
        self.people = {}  # customer -> time of their last message
        self.undelivered = 0
        self.boot = int(time.time() * 1000)

    # === FAULTS ===

    def happens(self, name):
        with self.lock:
            return self.dice.random() < self.faults[name]

    def trouble_before(self):
        """Faults before anything is done."""
        if self.faults["delay"]:
            time.sleep(self.dice.uniform(0, self.faults["delay"]))
        if self.happens("lose_request"):
            raise Dropped

    def trouble_after(self):
        """Faults after it was done: the caller cannot know."""
        if self.happens("lose_answer"):
            raise Dropped
        return (500, {}) if self.happens("error_after") else None

    # === WEBHOOKS ===

    def new_id(self, prefix):
        return f"{prefix}{self.boot}{next(self.numbers):06}"  # as long as any other: their order as texts is that of time

    def notify(self, body, delay=0.0, times=1):
        """Deliver a webhook in the background until it is answered 200, as platforms do."""
        raw = json.dumps(body).encode()
        with self.lock:
            self.undelivered += times  # before anything runs: who looks now must not take it for delivered
        for _time in range(times):
            threading.Thread(target=self.deliver, args=(raw, delay), daemon=True).start()

    def deliver(self, raw, delay=0.0):
        """Deliver one webhook that is counted as undelivered already."""
        time.sleep(delay)
        for attempt in range(200):
            if not self.hook:
                break
            if self.post(raw) == 200:
                break
            time.sleep(min(0.2 * 1.5**attempt, 3))
        with self.lock:
            self.undelivered -= 1

    def notify_all(self, bodies, connections=16):
        """Deliver webhooks over so many connections at once and wait until each was answered 200."""
        with self.lock:
            self.undelivered += len(bodies)
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(lambda body: self.deliver(json.dumps(body).encode()), bodies))

    def post(self, raw):
        request = urllib.request.Request(self.hook, raw, {"Content-Type": "application/json", **self.sign(raw)})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status
        except (OSError, HTTPException) as error:  # refused, or cut off in the middle of an answer
            return getattr(error, "code", 0)

    def echo(self, body):
        """Report what was sent: before it is answered, late or twice when asked to; like any webhook until it is taken."""
        with self.lock:
            self.undelivered += 1
        if not (self.happens("echo_first") and self.hook and self.post(json.dumps(body).encode()) == 200):
            self.notify(body, self.dice.uniform(0, self.faults["echo_late"]), 2 if self.happens("echo_twice") else 1)
        with self.lock:
            self.undelivered -= 1

    # === STRINGS FOR TESTS ===

    def control(self, name, data):
        """Pull one of the strings below ``/_/``."""
        if name == "state":
            with self.lock:
                return {"sent": self.sent, "calls": len(self.calls), "undelivered": self.undelivered, "people": self.people}
        if name == "faults":
            self.faults.update(data)
            return self.faults
        if name == "hook":
            self.hook = data["url"]
            return {}
        if name == "know":
            self.know(**data)
            return {}
        return getattr(self, f"play_{name}")(**data)

    def know(self, person, ago=0):
        """A customer who wrote past this double: replies to them are taken."""
        self.people[person] = time.time() - ago

    # === SERVER ===

    def start(self, port=0, host="127.0.0.1"):
        """Serve in a thread; returns the address."""
        self.server = Listener((host, port), Handler)
        self.server.double = self
        self.url = f"http://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.url

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, method, path, query, form, headers):
        if path.startswith("/_/"):
            return 200, self.control(path[3:], form)
        if path.startswith("/media/"):
            return 200, PNG
        with self.lock:
            self.calls.append((method, path))
        return self.route(method, path.strip("/"), query, form, headers)


def read_form(body, headers):
    """Return the fields of a request: JSON, a form, or a multipart upload (whose file becomes its size)."""
    kind = headers.get("Content-Type") or ""
    if kind.startswith("application/json"):
        return json.loads(body or b"{}")
    if kind.startswith("application/x-www-form-urlencoded"):
        return {name: values[-1] for name, values in parse_qs(body.decode()).items()}
    return {"size": len(body)} if body else {}


def main(make, port, description):
    """Run a double as a program of its own until it is stopped."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--hook", default="", help="webhook address of the suite")
    options, rest = parser.parse_known_args()
    double = make(options.hook, dict(word.lstrip("-").split("=", 1) for word in rest))
    print(f"{description} {double.start(options.port)}", flush=True)
    threading.Event().wait()
