"""What a bank's storm costs: a second's webhooks sent on a clock over HTTP, stored and answered, then every order confirmed by the worker.

- answers: from when a webhook was due until it was answered, so that a queue before the door counts
- confirmed: seconds from the last webhook until every order is; the target of 30 s is for 200 a second over 10 s
- posted: seconds from the last webhook until core has posted every payment, which nobody waits for
"""

import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import psycopg2
import requests
from bench_channels import Server, timed
from odoo_bench import environment, row

RATES = {"small": (20, 2), "medium": (100, 5), "large": (200, 10)}  # webhooks a second, seconds
ACCOUNT, SECRET = "777000777", "bench-bank"


def prepare(database, count):
    """A feed and quotations that wait for a transfer; returns the feed's key and the references."""
    with environment(database, commit=True, tracking_disable=True) as env:
        feed = env["sop.bank.feed"].search([("account_number", "=", ACCOUNT)]) or env["sop.bank.feed"].create(
            {"name": "bench", "account_number": ACCOUNT, "secret": SECRET}
        )
        partners = env["res.partner"].create([{"name": f"Bench {number}"} for number in range(count)])
        product = env["product.product"].create({"name": "Bench", "type": "service", "list_price": 100_000, "taxes_id": False})
        line = [(0, 0, {"product_id": product.id, "price_unit": 100_000, "tax_ids": False})]
        orders = env["sale.order"].create([{"partner_id": partner.id, "order_line": line} for partner in partners])
        orders._sop_get_payment_ref()
        return feed.key, orders.mapped("sop_payment_ref")


def body(number, reference):
    raw = json.dumps(
        {
            "id": time.time_ns() + number,
            "transactionDate": "2026-11-29 09:00:00",
            "accountNumber": ACCOUNT,
            "content": f"MBVCB.{number}.{reference}.CT",
            "transferType": "in",
            "transferAmount": 100_000,
            "accumulated": 1,
            "referenceCode": f"FT{number}",
        }
    ).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return raw, {"Content-Type": "application/json", "X-SePay-Timestamp": stamp, "X-SePay-Signature": f"sha256={digest}"}


def storm(address, path, references, rate):
    """Send the webhooks on a clock, with as little work of the sender's as can be; returns the milliseconds of each answer."""
    bodies = [body(number, reference) for number, reference in enumerate(references)]
    begin = time.perf_counter() + 0.5

    def post(number):
        due = begin + number / rate
        time.sleep(max(0, due - time.perf_counter()))
        with closing(HTTPConnection(address, timeout=60)) as connection:
            connection.request("POST", path, *bodies[number])
            assert connection.getresponse().status == 200
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(post, range(len(bodies))))


def when_none(database, waiting, since):
    """Seconds since then until no movement is left for which this holds."""
    while time.perf_counter() - since < 900:
        with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM sop_bank_line WHERE {waiting} LIMIT 1")
            if not cursor.fetchone():
                break
        time.sleep(0.5)
    return time.perf_counter() - since


def ledger(database, references):
    """How many orders there are, are confirmed with the right sum, and have exactly one posted payment of it."""
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(*) FILTER (WHERE state = 'sale' AND sop_amount_received = 100000), count(*) FILTER (WHERE (
                        SELECT array_agg(p.amount) FROM account_payment p JOIN sale_order_transaction_rel r ON r.transaction_id = p.payment_transaction_id
                         WHERE r.sale_order_id = sale_order.id AND p.state IN ('in_process', 'paid')) = ARRAY[100000.0])
                 FROM sale_order WHERE sop_payment_ref = ANY(%s)""",
            [references],
        )
        return cursor.fetchone()


def run(scale, suite):
    rate, seconds = RATES[scale]
    key, references = prepare(suite, rate * seconds)
    with psycopg2.connect(dbname=suite) as connection, connection.cursor() as cursor:
        ours = "id IN (SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND name IN ('ir_cron_bank', 'ir_cron_bank_2'))"
        cursor.execute(f"UPDATE ir_cron SET active = TRUE WHERE {ours}")
        cursor.execute(f"UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day' WHERE NOT {ours}")
    server, session = Server(suite, "--workers=4", "--max-cron-threads=2", "--gevent-port=8178"), requests.Session()
    try:
        idle = timed(session, 100, lambda client, _number: client.get(f"{server.url}/web/webclient/version_info", timeout=30))
        values = storm(server.url.partition("//")[2], f"/sop/bank/sepay/{key}", references, rate)
        last = time.perf_counter()
        confirmed = when_none(suite, "state = 'new'", last)
        posted = when_none(suite, "state = 'new' OR to_post", last)
    finally:
        server.stop()
    total, paid, booked = ledger(suite, references)
    note = f"{rate} a second for {seconds} s; {paid} of {total} orders paid once; baseline: /web/webclient/version_info alone"
    return [
        row("bank webhooks answered", len(values), "ms", values, idle, note),
        row("bank orders confirmed after the last", len(values), "s", [confirmed], [30], "baseline: the target of 30 s"),
        row("bank payments posted after the last", len(values), "s", [posted], [30], f"{booked} of {total} have one payment; baseline: as above"),
    ]
