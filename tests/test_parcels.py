"""Parcels through the real stack: a double of the carriers over HTTP, a line that loses answers, transactions of their own."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from harness import ROOT, RpcError, administer

sys.path.insert(0, str(ROOT))
from doubles.carriers import Carriers

ACCOUNTS = {
    "ghn": {"sop_token": "ghn-token", "sop_shop": "885"},
    "ghtk": {"sop_token": "ghtk-token", "sop_shop": "S123"},
    "viettelpost": {"sop_username": "shop", "sop_password": "secret", "sop_service": "VCN"},
    "jt": {"sop_username": "JT01", "sop_password": "jt-secret", "sop_shop": "jt-account", "sop_token": "jt-key"},
}


class Desk:
    """The demo shop with accounts at four carriers, and one buyer."""

    def __init__(self, server):
        self.server, self.double = server, Carriers(seed=7)
        self.double.repeats_same = True
        self.log_in()
        url, call = self.double.start(), self.admin.call
        [fee] = self.admin.search("product.product", ["type", "=", "service"], limit=1)
        self.carriers = {
            kind: self.admin.create("delivery.carrier", name=kind, delivery_type=kind, product_id=fee, sop_api_url=f"{url}/{kind}", **account)
            for kind, account in ACCOUNTS.items()
        }
        [vietnam] = self.admin.search("res.country", ["code", "=", "VN"])
        [self.saigon] = self.admin.search("res.country.state", ["code", "=", "VN-SG"], ["country_id", "=", vietnam])
        place = {"state_id": self.saigon, "district": "Quận 1", "district_code": "1442"}
        for ward, code in (("Phường Bến Nghé", "20101"), ("Phường Bến Thành", "20102")):
            self.admin.create("sop.carrier.place", delivery_type="ghn", ward=ward, ward_code=code, **place)
        address = {"phone": "0901234567", "street": "12 Lê Lợi", "state_id": self.saigon, "country_id": vietnam}
        self.buyer = self.admin.create("res.partner", name="Nguyễn Văn An", city="Phường Bến Nghé", **address)
        for warehouse in call("stock.warehouse", "search_read", [], ["partner_id"]):
            if warehouse["partner_id"]:
                call("res.partner", "write", [warehouse["partner_id"][0]], {**address, "city": "Phường Bến Thành", "phone": "02838221234"})
        self.shirt = self.admin.create("product.product", name="Áo kiện hàng", type="consu", list_price=150_000, weight=0.25)

    def log_in(self):
        self.admin = self.server.client("admin")
        self.admin.context = {**self.admin.context, "lang": "en_US"}

    def picking(self, kind, buyer=None):
        """Return the delivery of a new confirmed order."""
        line = {"product_id": self.shirt, "product_uom_qty": 1}
        order = self.admin.create("sale.order", partner_id=buyer or self.buyer, carrier_id=self.carriers[kind], order_line=[[0, 0, line]])
        self.admin.call("sale.order", "action_confirm", [order])
        return self.admin.call("sale.order", "read", [order], ["picking_ids"])[0]["picking_ids"][0]

    def validate(self, *pickings):
        """Validate deliveries as a person does who sends no text messages."""
        return self.admin.call("stock.picking", "button_validate", pickings, context={**self.admin.context, "skip_sms": True})

    def facts(self, *pickings):
        return self.admin.call("stock.picking", "read", pickings, ["state", "carrier_tracking_ref", "sop_parcel_ids"])

    def parcels(self, *pickings):
        rows = self.admin.call(
            "sop.parcel", "search_read", [["picking_id", "in", pickings]], ["picking_id", "state", "tracking_ref", "our_ref", "message"]
        )
        return {row["picking_id"][0]: row for row in rows}

    def at_carriers(self, our_ref):
        """Return the waybills the carriers have under a reference of ours."""
        return [waybill for (_carrier, reference), waybill in self.double.waybills.items() if reference.split("#")[0] == our_ref]


@pytest.fixture(scope="module")
def one_desk(server):
    desk = Desk(server)
    yield desk
    desk.double.stop()


@pytest.fixture
def desk(one_desk):
    """The desk, its carriers well."""
    one_desk.double.mood.update(dict.fromkeys(ACCOUNTS, "ok"))
    one_desk.double.faults.update(one_desk.double.FAULTS)
    return one_desk


def test_what_the_carrier_did_outlives_the_transaction(desk):
    """Validated together: the answer to the second is lost, which undoes nothing of the first."""
    first, second, third = (desk.picking("ghn") for _number in range(3))
    desk.double.mood["ghn"] = "lose_answer"
    with pytest.raises(RpcError, match="may have the parcel"):
        desk.validate(first)
    assert desk.facts(first)[0]["state"] == "assigned", "the validation was rolled back"
    assert desk.parcels(first)[first]["state"] == "unknown", "what the carrier may have was not"
    desk.double.mood["ghn"] = "ok"
    desk.validate(first, second, third)
    parcels = desk.parcels(first, second, third)
    for row in desk.facts(first, second, third):
        assert row["state"] == "done"
        assert [row["carrier_tracking_ref"]] == desk.at_carriers(parcels[row["id"]]["our_ref"])


def test_a_refusal_of_the_third_loses_nothing_of_the_first_two(desk):
    [stranger] = desk.admin.call("res.partner", "copy", [desk.buyer], {"phone": False})
    pickings = [desk.picking("ghn"), desk.picking("ghn"), desk.picking("ghn", stranger)]
    desk.validate(*pickings)
    facts, parcels = desk.facts(*pickings), desk.parcels(*pickings)
    assert [bool(row["carrier_tracking_ref"]) for row in facts] == [True, True, False]
    assert (parcels[pickings[2]]["state"], "to_phone" in parcels[pickings[2]]["message"]) == ("new", True)


@pytest.mark.concurrency
def test_pressed_by_three_at_once(desk):
    """The carrier takes its time: one parcel, whoever was first."""
    picking = desk.picking("ghn")
    desk.double.faults["delay"] = 2
    clients = [desk.server.client("admin") for _number in range(3)]

    def validate(client):
        try:
            client.call("stock.picking", "button_validate", [picking], context={**client.context, "skip_sms": True})
        except RpcError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(validate, clients))
    [row], parcels = desk.facts(picking), desk.parcels(picking)
    assert "" in said, said
    assert (row["state"], [row["carrier_tracking_ref"]]) == ("done", desk.at_carriers(parcels[picking]["our_ref"]))
    assert desk.admin.call("sop.parcel", "search_count", [["picking_id", "=", picking]]) == 1


@pytest.mark.concurrency
def test_killed_while_the_carrier_is_spoken_to(own_server):
    """The carrier takes the parcel all the same: that it may have it is known afterwards, and it is asked, not given another."""
    desk = Desk(own_server.start("--max-cron-threads=0"))
    try:
        picking = desk.picking("ghn")
        desk.double.mood["ghn"] = "drip"
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(desk.validate, picking)
            while not desk.double.count("ghn"):
                time.sleep(0.1)
            own_server.kill()
            with pytest.raises(requests.RequestException):
                waiting.result()
        own_server.start("--max-cron-threads=0")
        desk.double.mood["ghn"] = "ok"
        desk.log_in()
        [parcel] = desk.parcels(picking).values()
        assert (parcel["state"], desk.facts(picking)[0]["state"]) == ("unknown", "assigned")
        with pytest.raises(RpcError, match="right now"):
            desk.validate(picking)
        own_server.sql("UPDATE sop_parcel SET claimed_at = claimed_at - interval '2 minutes'")
        desk.validate(picking)
        [row] = desk.facts(picking)
        assert (row["state"], [row["carrier_tracking_ref"]]) == ("done", desk.at_carriers(parcel["our_ref"]))
    finally:
        desk.double.stop()


@pytest.mark.concurrency
def test_killed_in_the_midst_of_a_batch(own_server):
    """Deliveries handed over together, the server killed twice meanwhile: each has one waybill, and so has its carrier."""
    desk, number = Desk(own_server.start()), int(os.environ.get("SOP_BATCH", "12"))

    def until(done):
        """Scheduled jobs look at once for what is due; a server that has just begun does so by itself after a minute."""
        deadline = time.monotonic() + 300
        while not done():
            assert time.monotonic() < deadline, "nothing moves"
            administer(f"SELECT pg_notify('cron_trigger', '{own_server.database}')")
            time.sleep(0.1)

    try:
        pickings = [desk.picking(list(ACCOUNTS)[turn % 4]) for turn in range(number)]
        taken = [number // 3]

        def before(_mood):
            """The carriers take so many for now, and the next one is on the wire when the server dies."""
            while len(desk.double.waybills) >= taken[0]:
                time.sleep(0.05)

        desk.double.before = before
        batch = desk.admin.call("stock.picking", "action_sop_hand_over", pickings)["res_id"]
        for more in (number // 3, number):
            until(lambda: len(desk.double.waybills) == taken[0])
            own_server.kill()
            taken[0] += more
            # the leases of who died, and a minute on the wire, are over
            own_server.sql("UPDATE sop_parcel_batch_row SET next_attempt_at = now() AT TIME ZONE 'UTC' WHERE state = 'queued'")
            own_server.sql("UPDATE sop_parcel SET claimed_at = claimed_at - interval '2 minutes'")
            own_server.sql("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id = %s", own_server.ref("sop_inbox.sop_parcel_batch_cron"))
            own_server.start()
            desk.log_in()
        until(lambda: not own_server.sql("SELECT 1 FROM sop_parcel_batch_row WHERE state = 'queued'"))
        rows = own_server.sql("SELECT picking_id, state, message FROM sop_parcel_batch_row WHERE batch_id = %s", batch)
        assert {row[1] for row in rows} == {"done"}, rows
        parcels = desk.parcels(*pickings)
        assert len(parcels) == len(desk.double.waybills) == number
        for row in desk.facts(*pickings):
            assert [row["carrier_tracking_ref"]] == desk.at_carriers(parcels[row["id"]]["our_ref"]), row
    finally:
        desk.double.stop()


def test_one_answer_in_five_is_lost(desk):
    """Four carriers, twenty parcels: exactly one each, and every waybill is known."""
    pickings = [desk.picking(kind) for kind in ACCOUNTS for _number in range(5)]
    desk.double.faults["lose_answer"] = 0.2
    lost = 0
    for _turn in range(8):
        for row in desk.facts(*pickings):
            if row["state"] != "done":
                try:
                    desk.validate(row["id"])
                except RpcError as error:
                    assert "may have the parcel" in str(error) or "cannot be reached" in str(error), error
                    lost += 1
    facts, parcels = desk.facts(*pickings), desk.parcels(*pickings)
    assert lost, "the line was not bad at all"
    assert {row["state"] for row in facts} == {"done"}
    for row in facts:
        assert [row["carrier_tracking_ref"]] == desk.at_carriers(parcels[row["id"]]["our_ref"])
