"""What a carrier's busy day costs: a second's webhooks sent on a clock over HTTP to parcels on their way, and a long statement of collected cash.

- answers: from when a webhook was due until it was answered, so that a queue before the door counts; the target is a p95 below 300 ms
- the floor: the same clock against a controller of core that does nothing, what the machine takes at that rate whatever the door is
- applied: seconds from the last webhook until every parcel has moved; the job runs beside the door
- statement: seconds until a file of 10 000 lines is compared with the parcels and shown, in the background with its progress
"""

import base64
import io
import json
import time

import psycopg2
from bench_channels import Server
from odoo_bench import environment, row, storm
from openpyxl import Workbook

#: open parcels, webhooks a second, seconds, lines of the statement
SIZES = {"small": (1_000, 50, 2, 1_000), "medium": (5_000, 100, 5, 5_000), "large": (10_000, 200, 10, 10_000)}
ANSWER_MS, STATEMENT_S = 300, 60
SECRET = "bench-parcels"
FLOOR = "/web/health"


def prepare(database, count):
    """A carrier with open parcels; returns (its id, its hook's key)."""
    with environment(database, commit=True, tracking_disable=True) as env:
        product = env["product.product"].create({"name": "Bench", "type": "service"})
        facts = {"name": "Bench", "delivery_type": "viettelpost", "product_id": product.id, "sop_hook_secret": SECRET}
        carrier = env["delivery.carrier"].create({**facts, "sop_username": "bench", "sop_password": "bench"})
        env.cr.execute(
            """INSERT INTO sop_parcel (company_id, carrier_id, attempt, our_ref, tracking_ref, state, cod_amount, price, declared, owed,
                                       create_date, write_date, create_uid, write_uid)
               SELECT %s, %s, 1, 'B' || %s || '-' || n, 'B' || %s || 'X' || n, 'waiting', 150000 + n, 35000, 500, 0,
                      now() at time zone 'UTC', now() at time zone 'UTC', 1, 1 FROM generate_series(1, %s) n""",
            [env.company.id, carrier.id, carrier.id, carrier.id, count],
        )
        return carrier.id, carrier.sop_hook_key


def body(carrier, number):
    """A webhook of Viettel Post: the parcel was handed to the courier."""
    stamp = time.strftime("%d/%m/%Y %H:%M:%S", time.gmtime(time.time() + 7 * 3600))
    facts = {
        "ORDER_NUMBER": f"B{carrier}X{number}",
        "ORDER_REFERENCE": "",
        "ORDER_STATUSDATE": stamp,
        "ORDER_STATUS": 105,
        "STATUS_NAME": "picked",
        "NOTE": "",
        "PRODUCT_WEIGHT": 500,
        "ORDER_SERVICE": "VCN",
    }
    return json.dumps({"DATA": facts, "TOKEN": SECRET}).encode(), {"Content-Type": "application/json", "Authorization": SECRET}


def one(database, query, *parameters):
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()[0] if cursor.description else None


def when_none(database, query, since, *parameters):
    """Seconds since then until a count is 0."""
    while one(database, query, *parameters) and time.perf_counter() - since < 600:
        time.sleep(0.5)
    return time.perf_counter() - since


def webhooks(database, scale):
    """Answers while they come beside the job that applies them, and how long the job needs afterwards."""
    open_ones, rate, seconds, _lines = SIZES[scale]
    carrier, key = prepare(database, open_ones)
    job = "id = (SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND name = 'sop_parcel_news_cron')"
    one(database, f"UPDATE ir_cron SET active = TRUE WHERE {job}")
    one(database, f"UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day' WHERE NOT {job}")
    number = rate * seconds
    posts = [body(carrier, index + 1) for index in range(number)]
    server = Server(database, "--workers=4", "--max-cron-threads=1", "--gevent-port=8178")
    try:
        storm(server.url, FLOOR, [(None, {})] * 200, 50)  # each worker has its registry
        floor = storm(server.url, FLOOR, [(None, {})] * number, rate)
        values = storm(server.url, f"/sop/parcel/viettelpost/{key}", posts, rate)
        last = time.perf_counter()
        stored = one(database, "SELECT count(*) FROM sop_parcel_news WHERE carrier_id = %s", carrier)
        after = when_none(database, "SELECT count(*) FROM sop_parcel_news WHERE carrier_id = %s AND state = 'new'", last, carrier)
    finally:
        server.stop()
    moved = one(database, "SELECT count(*) FROM sop_parcel WHERE carrier_id = %s AND state = 'picked'", carrier)
    note = f"{rate} a second for {seconds} s over {open_ones} open parcels; {stored} of {number} stored; target p95 < {ANSWER_MS} ms"
    return carrier, [
        row("the floor", number, "ms", floor, floor, f"{FLOOR} of core at the same rate, which asks the database nothing of its own"),
        row("parcel webhooks answered", number, "ms", values, floor, f"{note}; baseline: the floor"),
        row("parcel webhooks applied after the last", number, "s", [after], [seconds], f"{moved} of {number} parcels moved; baseline: the storm"),
    ]


def sheet(carrier, lines):
    """A statement as Viettel Post mails it."""
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["BẢNG KÊ CHI TIỀN COD"])
    page.append(["STT", "Mã vận đơn", "Trọng lượng (g)", "Tiền thu hộ (COD)", "Tổng cước", "Thực nhận"])
    for number in range(1, lines + 1):
        page.append([number, f"B{carrier}X{number}", 500, 150_000 + number, 35_000, 115_000 + number])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def statement(database, carrier, lines):
    """Seconds of reading a statement, and how often its progress was seen to move."""
    one(database, "UPDATE sop_parcel SET state = 'delivered', owed = cod_amount, since = now() at time zone 'UTC' WHERE carrier_id = %s", carrier)
    with environment(database, commit=True) as env:
        content = base64.b64encode(sheet(carrier, lines))
        found = env["sop.cod.statement"].create({"name": "bench.xlsx", "carrier_id": carrier, "file": content})
        began, seen = time.perf_counter(), []
        found.action_read()
        env.cr.commit()
        model, write = type(found), type(found)._work_part
        model._work_part = lambda part, rows: (write(part, rows), seen.append(part.progress))[0]
        try:
            found._cron_work()
        finally:
            model._work_part = write
        took = time.perf_counter() - began
        env.invalidate_all()
        assert (found.state, found.line_count, found.claim_count) == ("read", lines, 0), (found.state, found.line_count, found.claim_count)
        found.action_accept()
        env.cr.commit()
        accepted = time.perf_counter() - began - took
    note = f"progress seen {len(seen)} times; accepting it {accepted:.1f} s; baseline: the target of {STATEMENT_S} s"
    return row("COD statement read", lines, "s", [took], [STATEMENT_S], note)


def run(scale, suite):
    carrier, rows = webhooks(suite, scale)
    return [*rows, statement(suite, carrier, SIZES[scale][3])]
