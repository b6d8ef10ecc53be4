import sys
import time
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from psycopg2.errors import SerializationFailure

from ...models.carrier import delivery_carrier as delivery_carrier_module
from ..order_common import OrderCommon

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # the doubles stand beside the addons
from doubles.carriers import FEES, Carriers


class CarrierCommon(OrderCommon):
    """The shop with accounts at GHN, GHTK, Viettel Post and J&T, which a double plays over real HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the good ones answer within it on a busy machine too
        cls.startClassPatcher(patch.object(delivery_carrier_module, "QUOTE_BUDGET", 15))
        cls.double = Carriers()
        cls.double.start()
        cls.addClassCleanup(cls.double.stop)
        cls.env["delivery.carrier"].search([("id", "not in", (cls.slow.id, cls.fast.id))]).active = False
        cls.company.partner_id.write(
            {"phone": "02838221234", "street": "12 Nguyễn Huệ", "city": "Bến Thành", "state_id": cls.saigon.id, "country_id": cls.vietnam.id}
        )
        cls.ghn = cls.make_carrier("ghn", sop_token="ghn-token", sop_shop="885")
        cls.ghtk = cls.make_carrier("ghtk", sop_token="ghtk-token", sop_shop="S123")
        cls.vtp = cls.make_carrier("viettelpost", sop_username="shop", sop_password="secret", sop_service="VCN")
        cls.jt = cls.make_carrier("jt", sop_username="JT01", sop_password="jt-secret", sop_shop="jt-account", sop_token="jt-key")
        cls.env["sop.carrier.place"].create(
            [
                {"delivery_type": "ghn", "state_id": cls.saigon.id, "ward": ward, "district": "Quận 1", "district_code": "1442", "ward_code": code}
                for ward, code in (("Phường Bến Nghé", "20101"), ("P. Bến Thành", "20102"))
            ]
        )
        cls.conversation.partner_id = cls.partner

    @classmethod
    def make_carrier(cls, delivery_type, **values):
        return cls.carrier(delivery_type, 0, delivery_type=delivery_type, sop_api_url=f"{cls.double.url}/{delivery_type}", **values)

    def carriers(self):
        return {"ghn": self.ghn, "ghtk": self.ghtk, "viettelpost": self.vtp, "jt": self.jt}

    def setUp(self):
        super().setUp()
        self.double.mood.update(dict.fromkeys(self.double.mood, "ok"))
        self.double.calls.clear()

    def quotes(self, **vals):
        vals.setdefault("lines", [{"product_id": self.shirt.id, "qty": 2}])
        return {row["id"]: row for row in self.talk.get_shipping_quotes(vals)}


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderQuotes(CarrierCommon):
    """Fees of all carriers before the order exists (row H9)."""

    def test_all_carriers_before_there_is_an_order(self):
        rows = self.quotes()
        prices = {self.slow.id: 25_000, self.fast.id: 45_000, self.ghn.id: 31_000, self.ghtk.id: 28_500, self.vtp.id: 35_000, self.jt.id: 33_000}
        self.assertEqual({id_: row["price"] for id_, row in rows.items()}, prices)
        self.assertEqual([row["id"] for row in rows.values() if row["cheapest"]], [self.slow.id])
        self.assertEqual([row["id"] for row in rows.values() if row["fastest"]], [self.fast.id])
        self.assertEqual(rows[self.vtp.id]["days"], 2)
        self.assertFalse(self.conversation.order_ids, "nothing was made")
        asked = next(body for kind, path, body in self.double.calls if kind == "ghn")
        self.assertEqual((asked["weight"], asked["insurance_value"], asked["to_ward_code"], asked["cod_value"]), (400, 300_000, "20101", 300_000))

    def test_no_number_is_used_up(self):
        before = self.env["ir.sequence"].search([("code", "=", "sale.order")], limit=1).number_next_actual
        self.quotes()
        self.assertEqual(self.env["ir.sequence"].search([("code", "=", "sale.order")], limit=1).number_next_actual, before)

    @patch.object(delivery_carrier_module, "QUOTE_BUDGET", 6)
    def test_one_failing_carrier_never_hides_the_others(self):
        for mood in ("slow", "drip", "error", "rubbish", "html", "list", "negative", "refuse", "down"):
            for kind, carrier in (("ghn", self.ghn), ("ghtk", self.ghtk), ("viettelpost", self.vtp), ("jt", self.jt)):
                if mood in ("slow", "drip") and kind != "ghn":
                    continue
                with self.subTest(mood=mood, kind=kind):
                    self.env["sop.carrier.rate"].search([]).unlink()
                    self.double.mood.update({**dict.fromkeys(FEES, "ok"), kind: mood})
                    started = time.monotonic()
                    rows = self.quotes()
                    self.assertLess(time.monotonic() - started, 20, "the budget for all together, and ours")
                    self.assertFalse(rows[carrier.id]["ok"])
                    self.assertIn(carrier.name, rows[carrier.id]["error"])
                    self.assertEqual(sum(row["ok"] for row in rows.values()), 5)

    def test_a_conflict_is_replayed(self):
        """What the database asks to do again is no answer of a carrier's: the request is replayed, no price is missing by a race."""
        with (
            patch.object(type(self.ghn), "rate_shipment", side_effect=SerializationFailure("could not serialize access")),
            self.assertRaises(SerializationFailure),
        ):
            self.quotes()

    @patch.object(delivery_carrier_module, "QUOTE_BUDGET", 2)
    def test_all_slow_at_once_hold_nobody_up(self):
        self.double.mood.update(dict.fromkeys(FEES, "slow"))
        started = time.monotonic()
        rows = self.quotes()
        self.assertLess(time.monotonic() - started, 20, "the carriers take a minute")
        self.assertEqual([row["ok"] for row in rows.values()], [True, True, False, False, False, False])

    def test_kept_for_minutes(self):
        self.quotes()
        asked = len(self.double.calls)
        self.assertEqual(self.quotes()[self.ghn.id]["price"], 31_000)
        self.assertEqual(len(self.double.calls), asked, "nobody is asked again")
        self.quotes(lines=[{"product_id": self.shirt.id, "qty": 3}])
        self.assertGreater(len(self.double.calls), asked, "another parcel is another price")
        asked = len(self.double.calls)
        self.env.cr.execute("UPDATE sop_carrier_rate SET quoted_at = quoted_at - interval '11 minutes'")
        self.env.invalidate_all()
        self.quotes()
        self.assertGreater(len(self.double.calls), asked)

    def test_kept_by_what_decides_the_price(self):
        self.quotes()
        asked = len(self.double.calls)
        self.partner.write({"name": "Tên Khác", "phone": "0909999999"})
        self.quotes()
        self.assertEqual(len(self.double.calls), asked, "another name is no other price")
        self.partner.city = "Phường Bến Thành"
        self.quotes()
        self.assertGreater(len(self.double.calls), asked)

    def test_failures_are_not_kept(self):
        self.double.mood["ghn"] = "error"
        self.assertFalse(self.quotes()[self.ghn.id]["ok"])
        self.double.mood["ghn"] = "ok"
        self.assertTrue(self.quotes()[self.ghn.id]["ok"])

    def test_unknown_address(self):
        rows = self.quotes(address={"street": "1 Phố Lạ", "city": "Xã Không Có", "state_id": self.saigon.id})
        self.assertFalse(rows[self.ghn.id]["ok"], "no code for this ward")
        self.assertTrue(rows[self.ghtk.id]["ok"], "goes by names")
        rows = self.quotes(address={"street": "1 Phố Lạ"})
        self.assertEqual([row["ok"] for row in rows.values()], [True, True, False, False, False, False])
        self.assertEqual(self.env["res.partner"].search_count([("street", "=", "1 Phố Lạ")]), 0)

    def test_wrong_account(self):
        self.ghn.sop_token = "old"
        self.vtp.sop_password = "wrong"
        rows = self.quotes()
        self.assertIn("Token is not valid", rows[self.ghn.id]["error"])
        self.assertIn("Sai tài khoản", rows[self.vtp.id]["error"])

    def test_free_over_and_margin_count(self):
        self.ghn.write({"free_over": True, "amount": 100_000})
        self.ghtk.write({"margin": 0.1, "fixed_margin": 1_000})
        rows = self.quotes()
        self.assertEqual((rows[self.ghn.id]["price"], rows[self.ghn.id]["cost"]), (0, 31_000))
        self.assertEqual((rows[self.ghtk.id]["price"], rows[self.ghtk.id]["cost"]), (32_350, 28_500))

    def test_fee_on_the_order(self):
        order = self.order(carrier_id=self.ghn.id, qty=2)
        self.assertEqual((order.amount_total, order.sop_carrier_cost), (331_000, 31_000))
        self.double.mood["ghtk"] = "error"
        with self.assertRaisesRegex(UserError, "ghtk"):
            self.talk.action_update_order({"carrier_id": self.ghtk.id})
        self.assertEqual(order.carrier_id, self.ghn)
        self.talk.action_update_order({"carrier_id": self.ghtk.id, "fee": 20_000})
        self.assertEqual((order.amount_total, order.carrier_id, order.sop_fee_by_hand), (320_000, self.ghtk, True))

    def test_no_order_to_an_address_the_carrier_does_not_know(self):
        self.partner.write({"city": "Xã Không Có"})
        with self.assertRaisesRegex(UserError, "ghn"), self.env.cr.savepoint():
            self.order(carrier_id=self.ghn.id, confirm=True)
        self.assertFalse(self.conversation.order_ids, "nothing is left of it")
        order = self.order(carrier_id=self.ghn.id, fee=30_000, confirm=True)
        self.assertEqual((order.state, order.amount_total), ("sale", 180_000), "a person who knows the fee may set it")

    def test_core_wizard_quotes_too(self):
        """Odoo's own "Add shipping" goes the same way."""
        order = self.order()
        wizard = self.env["choose.delivery.carrier"].create({"order_id": order.id, "carrier_id": self.vtp.id})
        wizard.update_price()
        wizard.button_confirm()
        self.assertEqual(order.amount_total, 185_000)

    def test_secrets_stay_with_the_system(self):
        for name in ("sop_token", "sop_password", "sop_username", "sop_api_url"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.ghn.with_user(self.manager).read([name])
        self.assertNotIn("ghn-token", str(self.quotes()))

    # === SHIPMENT ===

    def test_parcels_are_handed_over_and_taken_back(self):
        for kind, carrier in self.carriers().items():
            with self.subTest(kind=kind):
                order = self.order(carrier_id=carrier.id, qty=1, request_ref=kind, confirm=True)
                picking = order.picking_ids
                [sent] = carrier.send_shipping(picking)
                self.assertEqual(sent["exact_price"], FEES[kind])
                body = self.double.parcels[sent["tracking_number"]]
                cod = body.get("cod_amount") or body.get("pick_money") or body.get("MONEY_COLLECTION") or body.get("codMoney")
                self.assertEqual(int(cod), order.amount_total, "the carrier collects what the receipt says")
                picking.carrier_tracking_ref = sent["tracking_number"]
                self.assertIn(sent["tracking_number"], carrier.get_tracking_link(picking))
                carrier.cancel_shipment(picking)
                picking.carrier_tracking_ref = "UNKNOWN"
                with self.assertRaises(UserError):
                    carrier.cancel_shipment(picking)

    def test_no_cash_for_what_is_paid_otherwise(self):
        order = self.order(carrier_id=self.ghn.id, payment="transfer", confirm=True)
        [sent] = self.ghn.send_shipping(order.picking_ids)
        self.assertEqual(self.double.parcels[sent["tracking_number"]]["cod_amount"], 0)

    def test_refused_parcel(self):
        order = self.order(carrier_id=self.ghn.id, confirm=True)
        self.double.mood["ghn"] = "refuse"
        with self.assertRaisesRegex(UserError, "tạm ngưng"):
            self.ghn.send_shipping(order.picking_ids)
