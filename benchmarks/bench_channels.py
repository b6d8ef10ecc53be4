"""What platforms' events and replies cost: verify, store, parse, apply, queue.

- accept: a signed webhook over HTTP against a route of Odoo that does nothing, on an empty and a filled table
- apply: a worker's events of fifty customers, against posting the same messages to a plain chat
- the pure parts: signature and parser for each event
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import requests
from odoo_bench import environment, measure, row

ROOT = Path(__file__).resolve().parent.parent
ACCEPTS = {"small": 200, "medium": 1000, "large": 3000}
FILL = {"small": 20_000, "medium": 200_000, "large": 1_000_000}
EVENTS = {"small": 100, "medium": 500, "large": 1000}


def body(number, people=50):
    """A signed Messenger message and its headers."""
    from odoo.addons.sop_inbox.tools.facebook import sign as sign_facebook

    message = {"mid": f"m_bench_{number}_{time.time_ns()}", "text": "Shop ơi còn hàng không ạ, 0901234567"}
    stamp = int(time.time() * 1000)
    event = {"sender": {"id": str(number % people)}, "recipient": {"id": "bench"}, "timestamp": stamp, "message": message}
    raw = json.dumps({"object": "page", "entry": [{"id": "bench", "time": stamp, "messaging": [event]}]}).encode()
    return raw, {"Content-Type": "application/json", "X-Hub-Signature-256": sign_facebook("bench", raw)}


def app(env):
    """The benchmark's own app, with its page."""
    found = env["sop.channel.app"].search([("webhook_key", "=", "bench")])
    if not found:
        found = env["sop.channel.app"].create({"provider": "facebook", "app_ref": "bench", "app_secret": "bench", "webhook_key": "bench"})
        env["sop.channel.account"].create({"name": "bench", "app_id": found.id, "external_id": "bench", "access_token": "x"})
    return found


class Server:
    """A server over the database, without scheduled jobs: what is measured is the platform's request."""

    def __init__(self, database, *more, port=8179):
        self.url = f"http://127.0.0.1:{port}"
        # no --db-filter: with one, Odoo opens a connection for the list of databases at each request without a session
        options = [f"--addons-path={ROOT}", f"--data-dir={os.environ['SOP_HOME']}/data", "-d", database]
        options += [f"--http-port={port}", "--http-interface=127.0.0.1", "--max-cron-threads=0", "--log-level=error", *more]
        self.process = subprocess.Popen([sys.executable, f"{os.environ['SOP_HOME']}/odoo-bin", *options])
        for _second in range(240):
            try:
                requests.get(f"{self.url}/web/health", timeout=2)
                return
            except requests.RequestException:
                time.sleep(0.5)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def timed(session, count, call):
    """Milliseconds of each of ``count`` calls, after a few to warm up."""
    values = []
    for number in range(count + 10):
        start = time.perf_counter()
        call(session, number)
        values.append((time.perf_counter() - start) * 1000)
    return values[10:]


def accept(database, scale):
    """Time of a webhook beside that of a route which does nothing, before and after the table is filled."""
    with environment(database, commit=True) as env:
        app_id = app(env).id
    server, session, rows = Server(database), requests.Session(), []
    hook = f"{server.url}/sop/webhook/facebook/bench"

    def post(client, number):
        raw, headers = body(number)
        assert client.post(hook, raw, headers=headers, timeout=30).status_code == 200

    try:
        for filled in (0, FILL[scale]):
            if filled:
                fill(database, app_id, filled)
            idle = timed(session, ACCEPTS[scale], lambda client, _number: client.get(f"{server.url}/web/webclient/version_info", timeout=30))
            values = timed(session, ACCEPTS[scale], post)
            p99 = sorted(values)[int(len(values) * 0.99)]
            note = f"baseline: /web/webclient/version_info; p99 {p99:.1f} ms = {p99 / sorted(idle)[int(len(idle) * 0.99)]:.1f} x its p99"
            rows.append(row(f"channels accept, {filled} events stored", len(values), "ms", values, idle, note))
    finally:
        server.stop()
    return rows


def fill(database, app_id, count):
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO sop_channel_event (app_id, provider, key, page_ref, person_ref, payload, state, attempts, received_at, next_attempt_at)
               SELECT %s, 'facebook', 'fill' || n, 'bench', (n %% 10000)::text, '{}', 'done', 0, now(), now() FROM generate_series(1, %s) n""",
            [app_id, count],
        )
        cursor.execute("ANALYZE sop_channel_event")


def apply_events(database, scale):
    """Time to apply an event beside that of the same message posted to a chat of Odoo's own."""
    count = EVENTS[scale]
    with environment(database) as env:
        shop, events = app(env), env["sop.channel.event"]
        service = shop._get_service()
        values, plain, queries = [], [], []
        for number in range(count):
            events._store(shop, service.split(body(number)[0]))
            event = events.search([], limit=1)
            spent, asked = measure(env, lambda: event._apply({}))  # noqa: B023
            values.append(spent)
            queries.append(asked)
        channel = env["discuss.channel"].create({"name": "bench", "channel_type": "group"})
        post = {"body": "Shop ơi còn hàng không ạ, 0901234567", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        for _number in range(count):
            plain.append(measure(env, lambda: channel.message_post(**post))[0])
    note = f"{statistics.median(queries):.0f} queries an event, the first of a customer included; baseline: message_post in a plain chat"
    return [row("channels apply", count, "ms", values, plain, note)]


def pure():
    """Signature and parser, against decoding the JSON alone."""
    from odoo.addons.sop_inbox.tools import facebook
    from odoo.addons.sop_inbox.tools.facebook import check as check_facebook

    raw, headers = body(1)
    signed = headers["X-Hub-Signature-256"]

    def micro(work):
        values = []
        for _round in range(30):
            start = time.perf_counter()
            for _time in range(200):
                work()
            values.append((time.perf_counter() - start) / 200 * 1e6)
        return values

    decode = micro(lambda: json.loads(raw))
    return [
        row("channels verify", 6000, "µs", micro(lambda: check_facebook("bench", raw, signed)), decode, "baseline: json.loads"),
        row("channels parse", 6000, "µs", micro(lambda: facebook.parse(json.loads(raw))), decode, "baseline: json.loads"),
    ]


def run(scale, suite):
    return [*pure(), *accept(suite, scale), *apply_events(suite, scale)]
