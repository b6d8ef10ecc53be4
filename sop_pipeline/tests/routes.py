"""Rubbish for the suite's routes: every address a controller of ours answers, and what it says to nonsense.

A route that the table of its addon does not know fails the test, so does a line without its route. Whatever is
sent: a status below 500, or over JSON-RPC one of Odoo's own errors; at most one line in the log, no traceback
there, and neither SQL nor Python in the answer.
"""

import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import unwrap
from urllib.parse import quote

from .doors import RUBBISH, spoil

#: What stands in an address, a query or a form, as texts; halves of surrogate pairs are sent as the bytes they would be
TEXTS = (
    "",
    "\x00",
    "a\x00b",
    "\ud800",
    "é",
    "²",
    "٣",
    "-1",
    "0",
    "99999999999999999999",
    "1e309",
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00_1",
    "9999-12-31T23:59:59-14:00_1",
    "2026-01-01T00:00:00_²",
    "_",
    "x" * 3000,
    "[1]",
    "{}",
    "<b>{{7*7}}%s",
    "'\"--",
)
NOT_NUMBERS = ("²", "-1", "x", "99999999999999999999", "%00")
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "image/png", "?")
BODIES = (b"", b"{", b"[]", b"null", b"\x00", b"\xff\xfe\x00", b"a=1&a=2&%ZZ", b"x" * 1_000_000)
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "FOO")
#: Errors that Odoo tells clients in words
WORDS = ("odoo.exceptions.", "werkzeug.exceptions.", "odoo.http.SessionExpiredException")
NEVER_TOLD = ("Traceback (most", "psycopg2", "SELECT ", "LINE 1:")


@dataclass
class Route:
    """One route of the table.

    :param path: values that lead to something, by the name of each part of the address
    :param query: parameters of a GET; ``form``: fields of a POST; ``params``: of a JSON-RPC call
    :param user: log-in (and password) of who calls, None for a visitor
    :param headers: function of the raw body -> headers that let it in (a signature)
    :param said: what a machine that signs may say, as JSON: every part of it is spoiled, and signed
    """

    path: dict = field(default_factory=dict)
    query: dict = field(default_factory=dict)
    form: dict = field(default_factory=dict)
    params: dict = field(default_factory=dict)
    user: str = None
    headers: object = None
    said: dict = field(default_factory=dict)


class Records(logging.Handler):
    """What was logged as a warning or worse."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.records = []

    def emit(self, record):
        self.records.append(record)


class RoutesCase:
    """Mix into an HttpCase that sets ``addon`` and ``routes``: dict of (rule, type) -> :class:`Route`."""

    addon = None
    routes = {}

    def find_routes(self):
        """:return: dict of (rule, type) -> methods, of the addon's own controllers"""
        found = {}
        for rule, endpoint in self.env["ir.http"]._generate_routing_rules(sorted(self.env.registry._init_modules), {}):
            if unwrap(endpoint.func).__module__.startswith(f"odoo.addons.{self.addon}."):
                found[rule, endpoint.routing["type"]] = endpoint.routing.get("methods") or ["GET", "POST"]
        return found

    def test_every_route_is_in_the_table(self):
        self.assertEqual(set(self.find_routes()), set(self.routes))

    def test_rubbish_gets_no_traceback(self):
        self.wrong = []
        for (rule, kind), methods in self.find_routes().items():
            route = self.routes[rule, kind]
            self.authenticate(route.user, route.user)
            for send in (self.send_addresses, self.send_bodies, self.send_params if kind == "jsonrpc" else self.send_fields):
                send(rule, kind, methods, route)
        self.assertFalse(self.wrong, "\n" + "\n".join(self.wrong))

    # === WHAT IS SENT ===

    def address(self, rule, route, **parts):
        """The address of a rule, its parts percent-encoded, but those given as they stand."""
        path = rule
        for name, value in route.path.items():
            for converter in ("string", "int"):
                path = path.replace(f"<{converter}:{name}>", parts.get(name) or quote(str(value), safe=""))
        return path

    def send_addresses(self, rule, kind, methods, route):
        """Nonsense in each part of the address, and by every method there is."""
        for name in route.path:
            numbers = f"<int:{name}>" in rule
            for text in NOT_NUMBERS if numbers else TEXTS:
                self.send(kind, methods[0], self.address(rule, route, **{name: quote(text, safe="%", errors="surrogatepass") or "%20"}), body=b"{}")
        for method in METHODS:
            self.send(kind, method, self.address(rule, route), body=None if method == "GET" else b"{}")

    def send_bodies(self, rule, kind, methods, route):
        """Broken, empty and large bodies of every content type."""
        if "POST" not in methods:
            return
        for content_type in KINDS:
            for body in BODIES:
                self.send(kind, "POST", self.address(rule, route), body=body, headers=self.headers(route, content_type, body))
        for spoiled in spoil(route.said) if route.said else ():
            self.send_said(rule, kind, route, json.dumps(spoiled))
        for rubbish in (*('{"a":' * depth + "1" + "}" * depth for depth in (99, 300, 600, 900)), "1e999", "NaN") if route.said else ():
            self.send_said(rule, kind, route, json.dumps(route.said | {"more": "RUBBISH"}).replace('"RUBBISH"', rubbish))
            self.send_said(rule, kind, route, rubbish)

    def send_said(self, rule, kind, route, text):
        """One body that is signed."""
        body = text.encode()
        self.send(kind, "POST", self.address(rule, route), body=body, headers=self.headers(route, KINDS[0], body))

    def send_fields(self, rule, kind, methods, route):
        """Nonsense in each parameter of the query, and each field of the form."""
        address = self.address(rule, route)
        for name in route.query:
            for text in TEXTS:
                values = {**route.query, name: text}
                query = "&".join(f"{key}={quote(str(value), errors='surrogatepass')}" for key, value in values.items())
                self.send(kind, "GET", f"{address}?{query}")
            self.send(kind, "GET", f"{address}?{name}=1&{name}=2&{name}[]=3")
        for name in route.form:
            for text in TEXTS:
                values = {**route.form, name: text}
                body = "&".join(f"{key}={quote(str(value), errors='surrogatepass')}" for key, value in values.items())
                self.send(kind, "POST", address, body=body.encode(), headers=self.headers(route, KINDS[1]))
            if name != "csrf_token":  # read by core before any route
                self.send(kind, "POST", address, data=route.form, files={name: ("x.txt", b"x")})

    def send_params(self, rule, kind, methods, route):
        """Nonsense in each parameter of a JSON-RPC call, at any depth."""
        for name, value in route.params.items():
            for spoiled in spoil(value, RUBBISH):
                body = json.dumps({"jsonrpc": "2.0", "params": {**route.params, name: spoiled}}).encode()
                self.send(kind, "POST", self.address(rule, route), body=body, headers=self.headers(route, KINDS[0]))

    def headers(self, route, content_type, body=b""):
        return {"Content-Type": content_type, **(route.headers(body) if route.headers else {})}

    # === WHAT COMES BACK ===

    def send(self, kind, method, address, body=None, data=None, headers=None, files=None):
        if headers is None and body is not None:
            headers = {"Content-Type": KINDS[0]}
        with self.logged() as records:
            answer = self.opener.request(
                method,
                self.base_url() + address,
                data=body if data is None else data,
                headers=headers,
                files=files,
                timeout=60,
                allow_redirects=False,
            )
        for news in self.judge(kind, answer, records):
            self.wrong.append(f"{method} {address[:160]} {headers or ''} {body or data or ''!r:.160}: {news}")

    def judge(self, kind, answer, records):
        """What is wrong with an answer, as texts."""
        if answer.status_code >= 500:
            yield f"status {answer.status_code}"
        text = answer.text
        if kind == "jsonrpc" and answer.status_code == 200:
            error = answer.json().get("error")
            name = (error or {}).get("data", {}).get("name", WORDS[0])
            if not name.startswith(WORDS):
                yield f"{name}: {error['data']['message']}"
            text = "" if error else text  # core shows whoever calls where an error was raised
        yield from (f"tells {words}" for words in NEVER_TOLD if words in text)
        if any(record.exc_info or record.levelno >= logging.ERROR for record in records) or len(records) > 1:
            yield f"logged {[record.getMessage()[:200] for record in records]}"

    @contextmanager
    def logged(self):
        handler, root = Records(), logging.getLogger()
        root.addHandler(handler)
        try:
            yield handler.records
        finally:
            root.removeHandler(handler)
