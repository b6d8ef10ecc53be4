"""A month of parcels, for bin/simulate: orders, waybills, what becomes of them, and the carriers' statements of the cash.

Needs bin/run --with-doubles: the double of the carriers plays the couriers and calls the webhooks, that of the bank pays the carriers'
money out. What is left for a person is the accountant's part: read the statements and accept them.
"""

import json
import random
import time
import urllib.error
import urllib.request
import xmlrpc.client
from pathlib import Path

#: what becomes of a parcel, and how often
ENDS = ((85, ("picked", "moving", "out", "delivered")), (5, ("picked", "out", "failed", "out", "delivered")))
BACK = ("picked", "moving", "out", "failed", "returning", "returned")
REASONS = {"ghn": ("GHN-DCD0A8", "GHN-DFC1A4"), "ghtk": ("130", "131"), "viettelpost": ("30", "36"), "jt": ("", "")}
CARRIERS = ("ghn", "ghtk", "viettelpost", "jt")
AT_ONCE = 50
#: (ward, code of the province, GHN's codes of the old district and ward)
PLACES = (
    ("Phường Bến Thành", "VN-SG", "1442", "20102"),
    ("Phường Sài Gòn", "VN-SG", "1442", "20101"),
    ("Phường Hoàn Kiếm", "VN-HN", "1489", "1A0201"),
    ("Phường Ba Đình", "VN-HN", "1484", "1A0101"),
)


class Shop:
    """The running instance, over XML-RPC."""

    def __init__(self, url, database, name):
        self.database, self.name = database, name
        try:
            self.uid = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common").authenticate(database, name, name, {})
        except OSError as error:
            raise SystemExit(f"✗ {url} does not answer ({error}). Is bin/run running?") from None
        if not self.uid:
            raise SystemExit(f"✗ {name} cannot log in to {database}: give the database with --database.")
        self.models = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)

    def call(self, model, method, *args, **kwargs):
        return self.models.execute_kw(self.database, self.uid, self.name, model, method, args, kwargs)


def play_parcels(options):
    """Make orders with cash on delivery, hand them over, play their lives, and have the carriers pay.

    Statements are left in the folder ``--folder``; the shop's own sum and the carriers' are said, which must be the same.
    """
    number, dice = int(options.text or 20), random.Random(4)
    shop, double = Shop(options.url, options.database, "admin"), f"http://127.0.0.1:{options.doubles_port + 2}"
    rows = shop.call(
        "delivery.carrier", "search_read", [["delivery_type", "in", CARRIERS], ["sop_api_url", "=like", f"{double}/%"]], ["delivery_type"]
    )
    carriers = {row["delivery_type"]: row["id"] for row in rows}
    if not carriers:
        raise SystemExit("✗ No carrier is joined to the double. Start bin/run with --with-doubles.")
    set_places(shop)
    set_journals(shop, carriers)
    pickings = make_orders(shop, carriers, number, dice)
    waybills = hand_over(shop, pickings)
    print(f"✓ {len(waybills)} of {number} parcels are at their carriers")
    for played, (waybill, carrier) in enumerate(waybills.items(), 1):
        play_life(double, waybill, carrier, dice)
        while played % 20 == 0 and ask(double, "told", {})["undelivered"] > AT_ONCE:
            time.sleep(0.5)  # a month has more hours than this machine has connections
        if played % 200 == 0:
            print(f"  {played} parcels were carried")
    delivered = wait_for_ends(shop, double, pickings)
    invoice(shop, delivered)
    print(f"✓ {len(delivered)} were delivered and invoiced, {len(waybills) - len(delivered)} came back")
    settle(shop, options, double, carriers)


def settle(shop, options, double, carriers):
    """Have each carrier mail its statement and pay it; say what the shop and the carriers make of the cash."""
    bank, cash, payout = f"http://127.0.0.1:{options.doubles_port + 3}", 0, 0
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for carrier in carriers:
        answer = ask(double, "statement", {"carrier": carrier})
        path = folder / f"BangKeCOD_{carrier}.csv"
        path.write_text(answer["csv"], encoding="utf-8")
        cash, payout = cash + answer["cash"], payout + answer["payout"]
        ask(bank, "transfer", {"amount": answer["payout"], "words": f"{carrier.upper()} THANH TOAN COD"})
        print(f"✓ {path}: {answer['lines']} lines, {answer['cash']:,} đ collected, {answer['payout']:,} đ paid out")
    unpaid = [["carrier_id", "in", list(carriers.values())], ["state", "=", "delivered"], ["settled_id", "=", False]]
    rows = shop.call("sop.parcel", "search_read", unpaid, ["cod_amount"])
    ours = round(sum(row["cod_amount"] for row in rows))
    print(f"{'✓' if ours == cash else '✗'} the shop: {ours:,} đ delivered; the carriers: {cash:,} đ collected, {payout:,} đ paid out")


def set_places(shop):
    """Give warehouses without an address in the country one, and GHN its codes of the wards where its own list has not come yet."""
    vietnam = find(shop, "res.country", ["code", "=", "VN"])
    listed = shop.call("sop.carrier.place", "search_count", [["delivery_type", "=", "ghn"], ["fetched_at", "!=", False]])
    for ward, code, district, number in () if listed else PLACES:
        state = find(shop, "res.country.state", ["code", "=", code], ["country_id", "=", vietnam])
        where = [["delivery_type", "=", "ghn"], ["state_id", "=", state], ["ward", "=", ward]]
        if not shop.call("sop.carrier.place", "search_count", where):
            values = {"delivery_type": "ghn", "state_id": state, "ward": ward, "district_code": district, "ward_code": number}
            shop.call("sop.carrier.place", "create", [values])
    address = {"street": "12 Lê Lợi", "city": PLACES[0][0], "country_id": vietnam, "phone": "02838221234"}
    address["state_id"] = find(shop, "res.country.state", ["code", "=", PLACES[0][1]], ["country_id", "=", vietnam])
    wards = [ward for ward, *_codes in PLACES]
    for row in shop.call("stock.warehouse", "search_read", [], ["partner_id"]):
        if row["partner_id"] and shop.call("res.partner", "search_count", [["id", "=", row["partner_id"][0]], ["city", "not in", wards]]):
            shop.call("res.partner", "write", [row["partner_id"][0]], address)


def set_journals(shop, carriers):
    """Give carriers that have none a journal for their cash."""
    for row in shop.call("delivery.carrier", "read", list(carriers.values()), ["name", "sop_cod_journal_id"]):
        if not row["sop_cod_journal_id"]:
            values = {"name": f"COD {row['name']}", "code": f"CD{row['id']}", "type": "bank"}
            [journal] = shop.call("account.journal", "create", [values])
            shop.call("delivery.carrier", "write", [row["id"]], {"sop_cod_journal_id": journal})


def make_orders(shop, carriers, number, dice):
    """Return the deliveries of new confirmed orders."""
    product = find(shop, "product.product", ["sale_ok", "=", True], ["type", "=", "consu"])
    vietnam = find(shop, "res.country", ["code", "=", "VN"])
    codes = {code for _ward, code, *_numbers in PLACES}
    cities = {code: find(shop, "res.country.state", ["code", "=", code], ["country_id", "=", vietnam]) for code in codes}
    orders = []
    for begin in range(0, number, AT_ONCE):
        part = range(begin, min(number, begin + AT_ONCE))
        buyers = []
        for index in part:
            ward, code, *_numbers = dice.choice(PLACES)
            phone = f"09{dice.randrange(10**7, 10**7 + max(2, number // 2)):08}"  # some buy twice
            place = {"street": f"{index + 1} Lê Lợi", "city": ward, "state_id": cities[code], "country_id": vietnam}
            buyers.append({"name": f"Khách {index + 1}", "phone": phone, **place})
        lines = [{"product_id": product, "product_uom_qty": 1, "price_unit": dice.randrange(100, 500) * 1000} for _buyer in buyers]
        partners = shop.call("res.partner", "create", buyers)
        values = [
            {"partner_id": partner, "carrier_id": dice.choice(list(carriers.values())), "sop_payment": "cod", "order_line": [[0, 0, line]]}
            for partner, line in zip(partners, lines, strict=True)
        ]
        made = shop.call("sale.order", "create", values)
        shop.call("sale.order", "action_confirm", made)
        orders += made
        print(f"  {len(orders)} orders")
    rows = shop.call("sale.order", "read", orders, ["picking_ids"])
    return [picking for row in rows for picking in row["picking_ids"]]


def find(shop, model, *domain):
    """Return the id of a record that must be there."""
    found = shop.call(model, "search", list(domain), limit=1)
    if not found:
        raise SystemExit(f"✗ no {model} with {list(domain)}: is this the demo database?")
    return found[0]


def hand_over(shop, pickings):
    """Hand deliveries over in batches and wait; return dict waybill -> carrier's type."""
    for begin in range(0, len(pickings), 500):
        shop.call("stock.picking", "action_sop_hand_over", pickings[begin : begin + 500])
    waiting, before = [["picking_id", "in", pickings], ["state", "=", "queued"]], None
    while left := shop.call("sop.parcel.batch.row", "search_count", waiting):
        if left != before:
            print(f"  {left} wait for a waybill")
        before = left
        time.sleep(5)
    refused = shop.call("sop.parcel.batch.row", "search_read", [["picking_id", "in", pickings], ["state", "=", "failed"]], ["message"])
    for words in sorted({row["message"] for row in refused}):
        print(f"✗ {words}")
    rows = shop.call("sop.parcel", "search_read", [["picking_id", "in", pickings], ["tracking_ref", "!=", False]], ["tracking_ref", "carrier_id"])
    types = {row["id"]: row["delivery_type"] for row in shop.call("delivery.carrier", "search_read", [], ["delivery_type"])}
    return {row["tracking_ref"]: types[row["carrier_id"][0]] for row in rows}


def play_life(double, waybill, carrier, dice):
    """Move one parcel to one of its ends."""
    chance = dice.randrange(100)
    steps = next((steps for share, steps in ENDS if (chance := chance - share) < 0), BACK)
    for index, step in enumerate(steps):
        reason = dice.choice(REASONS[carrier]) if step == "failed" else ""
        answer = ask(double, "step", {"waybill": waybill, "to": step, "code": reason, "ago": 3600 * (len(steps) - index)})
        if "error" in answer:
            raise SystemExit(f"✗ {waybill}: {answer['error']}")


def wait_for_ends(shop, double, pickings):
    """Wait until the webhooks are told and applied, and what they do not prove was asked; return the orders that were delivered.

    A carrier gives a webhook up that is not answered in time: it is told to report those parcels again.
    """
    moving = [["picking_id", "in", pickings], ["tracking_ref", "!=", False], ["state", "not in", ["delivered", "returned"]]]
    before = None
    while left := ask(double, "told", {})["undelivered"] or shop.call("sop.parcel", "search_count", moving):
        if left != before:
            print(f"  {left} parcels or webhooks on their way")
        elif not ask(double, "told", {})["undelivered"]:
            for row in shop.call("sop.parcel", "search_read", moving, ["tracking_ref"], limit=AT_ONCE):
                ask(double, "report", {"waybill": row["tracking_ref"]})
        before = left
        time.sleep(5)
    rows = shop.call("sop.parcel", "search_read", [["picking_id", "in", pickings], ["state", "=", "delivered"]], ["order_id"])
    return sorted({row["order_id"][0] for row in rows})


def invoice(shop, orders):
    """Invoice orders, and post the invoices."""
    for begin in range(0, len(orders), AT_ONCE):
        part = orders[begin : begin + AT_ONCE]
        [wizard] = shop.call("sale.advance.payment.inv", "create", [{"sale_order_ids": [[6, 0, part]], "advance_payment_method": "delivered"}])
        shop.call("sale.advance.payment.inv", "create_invoices", [wizard])
        rows = shop.call("sale.order", "read", part, ["invoice_ids"])
        shop.call("account.move", "action_post", [move for row in rows for move in row["invoice_ids"]])


def ask(double, name, data):
    """Pull a string of the double."""
    request = urllib.request.Request(f"{double}/_/{name}", json.dumps(data).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.URLError as error:
        raise SystemExit(f"✗ {double} does not answer ({error}). Start bin/run with --with-doubles.") from None
