import time
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...models.carrier import sop_carrier
from ...tools import carrier_ghtk
from ...tools.carrier_base import Address, Config, Item, Parcel, cut
from ...tools.transport import make_send
from .test_order_carriers import CarrierCommon


class ParcelCommon(CarrierCommon):
    def setUp(self):
        super().setUp()
        self.number = 0
        self.double.repeats_same = False

    def picking(self, carrier, qty=1, product=None, **values):
        """Return the delivery of a new confirmed order that goes with a carrier."""
        self.number += 1
        self.stock(product or self.shirt, qty)
        values = {"carrier_id": carrier.id, "fee": 30_000, "request_ref": f"parcel {self.number}", "confirm": True, **values}
        return self.order(product=product, qty=qty, **values).picking_ids

    def send(self, picking):
        """Hand a delivery over as core does; return its waybill."""
        picking.send_to_shipper()
        return picking.carrier_tracking_ref

    def lose(self, carrier, mood="lose_answer", **values):
        """Hand a delivery over on a line that breaks; return it."""
        picking = self.picking(carrier, **values)
        with self.mooded(carrier, mood), self.assertRaisesRegex(UserError, "It may have the parcel all the same"):
            picking.send_to_shipper()
        return picking

    def mooded(self, carrier, mood):
        """A carrier that is not well."""
        return patch.dict(self.double.mood, {carrier.delivery_type: mood})

    def declared(self, picking):
        return self.double.parcels[picking.carrier_tracking_ref]

    def asked(self, word):
        """Return the bodies of the calls whose path has a word in it."""
        return [body for _carrier, path, body in self.double.calls if word in path]


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelRules(ParcelCommon):
    """What the carriers' documents say of a parcel, which the double enforces."""

    def test_ghtk_hears_the_weight_there_is(self):
        self.shirt.weight = 0.25
        for qty, grams in ((1, 250), (3, 750)):
            picking = self.picking(self.ghtk, qty=qty)
            self.assertEqual(self.double.ghtk_grams[self.send(picking)], grams)
        self.shirt.weight = 0
        self.assertEqual(self.double.ghtk_grams[self.send(self.picking(self.ghtk, qty=4))], 500, "what weighs nothing is assumed to")

    def test_ghtk_says_it_has_the_parcel_already(self):
        place = Address("A", "0901234567", "1 Lê Lợi", "Bến Nghé", "", "TP HCM")
        parcel = Parcel(place, place, 500, reference="r-1-1", items=(("Áo", 1),))
        config = Config(f"{self.double.url}/ghtk", token="ghtk-token", shop="S", trusted=self.double.url)
        first, again = (carrier_ghtk.create(config, parcel, make_send(time.monotonic() + 60, self.double.url)) for _time in range(2))
        self.assertEqual(first.tracking, again.tracking)

    def test_what_was_picked_up_is_not_cancelled(self):
        for kind, carrier in self.carriers().items():
            with self.subTest(kind=kind):
                picking = self.picking(carrier)
                waybill = self.send(picking)
                self.double.play_move(waybill, "picked")
                with self.assertRaises(UserError):
                    picking.cancel_shipment()
                self.assertEqual((picking.carrier_tracking_ref, self.double.states[waybill]), (waybill, "picked"))
                self.double.play_move(waybill, "waiting")
                picking.cancel_shipment()
                self.assertEqual((picking.carrier_tracking_ref, self.double.states[waybill]), (False, "cancelled"))
                self.assertEqual(picking.sop_parcel_ids.state, "cancelled")

    def test_two_are_taken_back_at_once(self):
        """Core asks the carrier for all of them once for each."""
        pickings = self.picking(self.vtp) | self.picking(self.vtp)
        codes = [self.send(picking) for picking in pickings]
        pickings.cancel_shipment()
        self.assertEqual([self.double.states[code] for code in codes], ["cancelled", "cancelled"])

    def test_viettelpost_gets_no_long_text(self):
        name = ("Áo thun cổ tròn tay lỡ màu đỏ đô phối ren trắng size lớn " * 3)[:165].strip()
        self.shirt.name = name
        self.partner.street = "Số 12 ngõ 345 đường Nguyễn Thị Minh Khai nối dài, tòa nhà Phú Mỹ Hưng, tầng 12, căn hộ số 1208, khu B"
        declared = self.declared_after(self.picking(self.vtp))
        self.assertGreater(len(name.encode()), 150)
        self.assertTrue(all(len(value.encode()) <= 150 for value in declared.values() if isinstance(value, str)))
        self.assertTrue(name.startswith(declared["PRODUCT_NAME"]) and len(declared["PRODUCT_NAME"].encode()) > 140)
        self.assertTrue(declared["RECEIVER_ADDRESS"].endswith("Thành phố Hồ Chí Minh"), "a courier goes to the right province")
        street = declared["RECEIVER_ADDRESS"].split(", Phường")[0]
        self.assertEqual(f"{street} {declared['ORDER_NOTE']}".replace(" ", ""), self.partner.street.replace(" ", ""), "no part of the street is lost")

    def declared_after(self, picking):
        self.send(picking)
        return self.declared(picking)

    def test_cut(self):
        for text, size, short in (("đường", 7, "đườ"), ("đường", 6, "đư"), ("abc", 3, "abc"), ("", 5, "")):
            self.assertEqual(cut(text, size), short)

    def test_ghn_service_goes_by_weight(self):
        heavy = self.goods("Bao gạo", 1, list_price=90_000, weight=19.9)
        self.assertEqual(self.declared_after(self.picking(self.ghn, product=heavy))["service_type_id"], 2)
        heavy.weight = 20
        declared = self.declared_after(self.picking(self.ghn, product=heavy))
        self.assertEqual((declared["service_type_id"], declared["weight"], declared["items"][0]["weight"]), (5, 20_000, 20_000))
        self.double.calls.clear()
        heavy.weight = 50.1
        with self.assertRaisesRegex(UserError, "50 kg"):
            self.send(self.picking(self.ghn, product=heavy))
        self.assertFalse(self.asked("create"), "said before it is sent")

    def test_viettelpost_logs_in_once(self):
        self.quotes()
        self.env["sop.carrier.rate"].search([]).unlink()
        self.quotes()
        self.send(self.picking(self.vtp))
        self.assertEqual(len(self.asked("/user/")), 2, "a short token and a long one, once")
        self.double.play_expire()
        self.send(self.picking(self.vtp))
        self.assertEqual((len(self.asked("/user/")), len(self.asked("createOrder"))), (4, 3), "renewed once")
        self.assertIn(self.vtp.sop_session, self.double.tokens)
        self.vtp.sop_password = "other"
        self.assertFalse(self.vtp.sop_session)
        self.assertFalse(self.quotes(lines=[{"product_id": self.shirt.id, "qty": 4}])[self.vtp.id]["ok"])

    def test_weights_of_the_pieces_make_the_parcel(self):
        parcel = Parcel(Address(), Address(), 1000, items=(Item("a", 2, 100), Item("b", 1, 300)))
        self.assertEqual([item.grams for item in parcel.weighed()], [200, 600])
        parcel = Parcel(Address(), Address(), 1000, items=(Item("a", 3, 100), Item("b", 1)))
        self.assertEqual([item.grams for item in parcel.weighed()], [250, 250])


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelOutcomes(ParcelCommon):
    """Done, refused or unknown: and never two parcels of one delivery."""

    def count(self, picking):
        """Return how many parcels of a delivery its carrier has."""
        carrier = picking.carrier_id.delivery_type
        references = picking.sop_parcel_ids.mapped("our_ref")
        return sum(name == carrier and reference.split("#")[0] in references for name, reference in self.double.waybills)

    def test_three_outcomes(self):
        moods = (("lose_request", 0), ("lose_answer", 1), ("error", 1), ("rubbish", 1), ("html", 1), ("list", 1))
        for kind, carrier in self.carriers().items():
            self.vtp.sop_session = False
            self.send(self.picking(carrier))  # logged in
            for mood, there in moods:
                with self.subTest(kind=kind, mood=mood):
                    picking = self.lose(carrier, mood)
                    self.assertEqual((picking.sop_parcel_ids.state, picking.sop_parcel_unknown), ("unknown", True))
                    self.assertEqual((self.count(picking), picking.carrier_tracking_ref), (there, False))
                    self.double.repeats_same = True
                    self.assertTrue(self.send(picking))
                    self.assertEqual((self.count(picking), picking.sop_parcel_ids.state), (1, "waiting"), "one parcel, whatever was lost")
            with self.subTest(kind=kind, mood="refuse"):
                picking = self.picking(carrier)
                with self.mooded(carrier, "refuse"), self.assertRaisesRegex(UserError, kind) as caught:
                    picking.send_to_shipper()
                self.assertNotIn("may have", str(caught.exception))
                self.assertEqual((picking.sop_parcel_ids.state, picking.sop_parcel_unknown, self.count(picking)), ("new", False, 0))
                self.send(picking)
                self.assertEqual(self.count(picking), 1)

    @patch.object(sop_carrier, "SHIP_BUDGET", 1.5)
    def test_slow_is_unknown(self):
        for mood in ("slow", "drip"):
            self.lose(self.ghn, mood)

    def test_unreachable_is_refused(self):
        picking = self.picking(self.ghn)
        self.ghn.sop_api_url = "http://127.0.0.1:1"
        with self.assertRaisesRegex(UserError, "cannot be reached"):
            picking.send_to_shipper()
        self.assertEqual(picking.sop_parcel_ids.state, "new", "nothing left here")

    def test_a_refusal_after_an_unknown_outcome_is_unknown(self):
        for carrier in (self.vtp, self.ghn):
            picking = self.lose(carrier)
            with self.mooded(carrier, "refuse"), self.assertRaisesRegex(UserError, "may have"):
                picking.send_to_shipper()
            self.assertEqual((picking.sop_parcel_ids.state, self.count(picking)), ("unknown", 1))

    def test_viettelpost_is_answered_by_a_person(self):
        """A repetition is refused there in words nobody has documented."""
        picking = self.lose(self.vtp)
        with self.assertRaisesRegex(UserError, "may have"):
            picking.send_to_shipper()
        parcel = picking.sop_parcel_ids
        with self.assertRaisesRegex(UserError, "cannot be asked"):
            parcel.action_ask()
        with self.assertRaisesRegex(UserError, "Type in"):
            parcel.action_found()
        parcel.tracking_ref = next(code for (name, reference), code in self.double.waybills.items() if reference == parcel.our_ref)
        parcel.action_found()
        self.assertEqual((self.send(picking), self.count(picking)), (parcel.tracking_ref, 1))

    def test_the_carrier_is_asked(self):
        for carrier in (self.ghn, self.ghtk, self.jt):
            with self.subTest(carrier=carrier.name):
                there, nowhere = self.lose(carrier), self.lose(carrier, "lose_request")
                self.double.calls.clear()
                parcels = (there | nowhere).sop_parcel_ids
                with self.mooded(carrier, "rubbish"), self.assertRaises(UserError):
                    parcels.action_ask()
                self.assertEqual(set(parcels.mapped("state")), {"unknown"})
                (there | nowhere).action_sop_ask_carrier()
                self.assertEqual((there.sop_parcel_ids.state, nowhere.sop_parcel_ids.state), ("waiting", "new"))
                self.assertFalse(any(self.asked(word) for word in ("create", "addOrder", "order/?", "shipment/order")), "only asked")
                self.assertEqual((self.send(there), self.count(there)), (there.sop_parcel_ids.tracking_ref, 1))
                self.assertTrue(self.send(nowhere))

    def test_the_job_asks(self):
        there, post = self.lose(self.ghn), self.lose(self.vtp)
        parcels = (there | post).sop_parcel_ids
        self.run_job()
        self.assertEqual(parcels.mapped("state"), ["unknown", "unknown"], "not in the first two minutes")
        self.wait_long(parcels)
        with self.mooded(self.ghn, "error"):
            self.run_job()
        asked = there.sop_parcel_ids
        self.assertEqual((asked.state, asked.attempts, bool(asked.message)), ("unknown", 1, True))
        self.assertGreater(asked.next_attempt_at, fields.Datetime.now(), "again after a pause")
        for attempts in range(2, 12):
            self.wait_long(parcels)
            with self.mooded(self.ghn, "error"):
                self.run_job()
            self.assertEqual(asked.state, "unknown", attempts)
        self.wait_long(parcels)
        self.run_job()
        self.assertEqual(parcels.mapped("state"), ["waiting", "unknown"])

    def wait_long(self, parcels):
        parcels.sudo().write({"claimed_at": False, "next_attempt_at": "2026-01-01 00:00:00"})

    def run_job(self):
        with (
            patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60),
            patch.object(type(self.env["sop.parcel"]), "_in_own_transaction", lambda model, work: work()),
        ):
            self.env["sop.parcel"]._cron_ask()

    def test_the_chat_says_it_and_nothing_is_made_beside(self):
        """The order in the chat says that the outcome is unknown; the order is not cancelled before that is known."""
        picking = self.lose(self.ghn)
        parcel, order = picking.sop_parcel_ids, picking.sale_id
        [shown] = next(row["parcels"] for row in self.talk.get_order_form()["recent"] if row["id"] == order.id)
        self.assertEqual((shown["state"], shown["can_ask"]), ("unknown", False), "an agent who may not hand over does not ask")
        self.assertIn("did not say whether it has this parcel", shown["why"])
        with self.assertRaisesRegex(UserError, "not known yet"):
            self.talk._order_form.action_cancel_order(order.id)
        parcel.action_ask()
        self.assertEqual((order.state, self.count(picking)), ("sale", 1))
        parcel.action_take_back()
        self.talk._order_form.action_cancel_order(order.id)
        self.assertEqual((order.state, picking.state), ("cancel", "cancel"))

    def test_the_chat_says_why_it_was_refused(self):
        picking = self.picking(self.ghn)
        with self.mooded(self.ghn, "refuse"), self.assertRaisesRegex(UserError, "refused"):
            picking.send_to_shipper()
        [shown] = next(row["parcels"] for row in self.talk.get_order_form()["recent"] if row["id"] == picking.sale_id.id)
        self.assertIn("tạm ngưng", shown["why"])

    def test_a_changed_content_waits_for_the_answer(self):
        picking = self.lose(self.ghn)
        self.partner.street = "99 Đường Khác"
        with self.assertRaisesRegex(UserError, "content has changed"):
            picking.send_to_shipper()
        picking.sop_parcel_ids.action_ask()
        with self.assertRaisesRegex(UserError, "another content"):
            picking.send_to_shipper()
        picking.sop_parcel_ids.action_take_back()
        self.send(picking)
        self.assertEqual(sorted(picking.sop_parcel_ids.mapped("state")), ["cancelled", "waiting"])
        self.assertIn("99 Đường Khác", self.declared(picking)["to_address"])

    def test_another_carrier_waits_for_the_answer(self):
        picking = self.lose(self.vtp)
        picking.carrier_id = self.ghtk
        with self.assertRaisesRegex(UserError, "not known yet"):
            picking.send_to_shipper()
        picking.sop_parcel_ids.tracking_ref = "V1"
        picking.sop_parcel_ids.action_found()
        with self.assertRaisesRegex(UserError, "already, as V1"):
            picking.send_to_shipper()
        refused = self.picking(self.ghn)
        with self.mooded(self.ghn, "refuse"), self.assertRaisesRegex(UserError, "refused"):
            refused.send_to_shipper()
        refused.carrier_id = self.jt
        self.send(refused)
        self.assertEqual((refused.sop_parcel_ids.carrier_id, self.count(refused)), (self.jt, 1))

    def test_a_carriers_words_go_with_the_person(self):
        picking = self.picking(self.ghn)
        with self.mooded(self.ghn, "refuse"), self.assertRaisesRegex(UserError, "refused"):
            picking.send_to_shipper()
        person = self.partner._sop_person()
        parcels = self.env["sop.parcel"]._sop_personal_find(person)
        self.assertIn(picking.sop_parcel_ids, parcels)
        self.assertIn("tạm ngưng", str(parcels._sop_personal_export(person)))
        parcels._sop_personal_erase(person)
        self.assertFalse(parcels.filtered("message"))

    def test_one_at_a_time(self):
        picking = self.lose(self.ghn)
        picking.sop_parcel_ids.sudo().claimed_at = "2999-01-01"
        for act in (picking.send_to_shipper, picking.sop_parcel_ids.action_ask):
            with self.assertRaisesRegex(UserError, "right now"):
                act()

    def test_references(self):
        """No other database and no earlier attempt has it: the carrier would answer with that one's parcel."""
        picking = self.picking(self.ghn)
        first = self.send(picking)
        [parcel] = picking.sop_parcel_ids
        key, number, attempt = parcel.our_ref.split("-")
        self.assertEqual((int(number), int(attempt)), (picking.id, 1))
        self.assertNotIn(picking.name, str(self.double.parcels[first]))
        picking.cancel_shipment()
        self.assertNotEqual(self.send(picking), first, "GHN has the cancelled one under its reference for ever")
        self.assertEqual(picking.sop_parcel_ids.sorted("attempt")[-1].our_ref, f"{key}-{picking.id}-2")
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.assertNotEqual(self.env["sop.parcel"]._database_key(), key)

    def test_cash_is_collected_once(self):
        """By the first parcel of an order, though the validation that sent it was rolled back."""
        picking = self.lose(self.ghn, qty=2, payment="cod")
        other = picking.copy({"move_ids": [], "sale_id": picking.sale_id.id})
        self.assertEqual(picking.sop_parcel_ids.cod_amount, picking.sale_id.amount_total)
        self.assertEqual(self.ghn._sop_picking_parcel(other).cod, 0)

    def test_several_validated_at_once(self):
        """The third is refused: the first two keep their waybills, the third says why."""
        pickings = self.env["stock.picking"].union(*[self.picking(self.ghn) for _number in range(3)])
        stranger = self.partner.copy({"phone": False, "name": "Không Số"})
        pickings[2].partner_id = stranger
        pickings.button_validate()
        self.assertEqual(pickings.mapped("state"), ["done"] * 3)
        self.assertEqual([bool(picking.carrier_tracking_ref) for picking in pickings], [True, True, False])
        self.assertIn("to_phone", str(pickings[2].activity_ids.mapped("note")))
        self.assertEqual((pickings[2].sop_parcel_ids.state, self.double.count("ghn") >= 2), ("new", True))
        stranger.phone = "0901234567"
        self.assertTrue(self.send(pickings[2]), "and goes when that is mended")

    def test_who_may(self):
        parcel = self.lose(self.ghn).sop_parcel_ids
        packer = new_test_user(self.env, "packer", "stock.group_stock_user")
        for act in ("action_ask", "action_found", "action_absent", "action_take_back"):
            with self.subTest(act=act), self.assertRaises(AccessError):
                getattr(parcel.with_user(self.agent), act)()
        with self.assertRaises(AccessError):
            parcel.with_user(packer).state = "new"
        with self.assertRaises(AccessError):
            parcel.with_user(packer).create({"our_ref": "x", "carrier_id": self.ghn.id})
        parcel.with_user(packer).action_ask()
        self.assertEqual(parcel.state, "waiting")
        with self.assertRaisesRegex(UserError, "waybill is typed in only"):
            parcel.with_user(packer).tracking_ref = "X"

    def test_declared_absent(self):
        picking = self.lose(self.vtp, "lose_request")
        picking.sop_parcel_ids.action_absent()
        self.assertTrue(self.send(picking))
        self.assertEqual((self.count(picking), len(picking.sop_parcel_ids)), (1, 2))


@tagged("post_install", "-at_install", "sop_orders")
class TestCancelledOrder(ParcelCommon):
    """An order is cancelled while its parcel is at the carrier: it is taken back, or a person sees it; none is orphaned."""

    def order_of(self, carrier, done=False):
        """Return (order, waybill) of a parcel that waits for pick-up, its delivery validated or not."""
        picking = self.picking(carrier)
        if done:
            picking.move_ids.picked = True
            picking._action_done()
        return picking.sale_id, picking.carrier_tracking_ref or self.send(picking)

    def test_a_waiting_parcel_is_taken_back(self):
        for name, carrier in self.carriers().items():
            for done in (False, True):
                with self.subTest(carrier=name, done=done):
                    order, waybill = self.order_of(carrier, done)
                    order._action_cancel()
                    self.assertEqual((order.state, self.double.states[waybill]), ("cancel", "cancelled"))
                    self.assertEqual(order.sop_parcel_ids.mapped("state"), ["cancelled"])
                    self.assertFalse(order.activity_ids.filtered(lambda duty, waybill=waybill: waybill in (duty.note or "")))

    def test_what_the_carrier_does_not_let_go(self):
        """It was picked up a moment ago: the order stays as it is, and whoever cancels is told."""
        order, waybill = self.order_of(self.ghn)
        self.double.play_move(waybill, "picked")
        with self.assertRaises(UserError):
            order._action_cancel()
        self.assertNotEqual(self.double.states[waybill], "cancelled")
        self.assertEqual(order.sop_parcel_ids.state, "waiting")

    def test_unknown_comes_first(self):
        """Nobody cancels while the carrier may have the parcel; once asked, it is taken back with the order."""
        picking = self.lose(self.ghtk)
        order = picking.sale_id
        for done in (False, True):
            if done:
                picking.state = "done"
            with self.assertRaisesRegex(UserError, "not known yet"):
                order._action_cancel()
            self.assertEqual(order.state, "sale")
        picking.state = "assigned"
        self.env.flush_all()
        picking.sop_parcel_ids.write({"claimed_at": False})
        picking.sop_parcel_ids.action_ask()
        waybill = picking.sop_parcel_ids.tracking_ref
        order._action_cancel()
        self.assertEqual((order.state, self.double.states[waybill]), ("cancel", "cancelled"))

    def test_one_on_its_way_is_seen(self):
        """What was picked up cannot be taken back: who sold it has it on their list, once."""
        for done, state in ((False, "moving"), (True, "moving"), (True, "failed")):
            order, waybill = self.order_of(self.vtp, done)
            parcel = order.sop_parcel_ids
            parcel._absorb([parcel._by_person(state)])
            order._action_cancel()
            duties = order.activity_ids.filtered(lambda duty, waybill=waybill: waybill in (duty.note or ""))
            self.assertEqual((order.state, len(duties), duties.user_id), ("cancel", 1, order.user_id))

    def test_nothing_is_sent_of_a_cancelled_order(self):
        """A delivery chosen for a batch, whose order is cancelled before its turn, makes no parcel."""
        picking = self.picking(self.ghn)
        picking.action_sop_hand_over()
        picking.sale_id._action_cancel()
        row = self.env["sop.parcel.batch.row"].search([("picking_id", "=", picking.id)])
        row.sudo()._hand_over()
        self.assertEqual((row.state, picking.sop_parcel_ids.ids), ("failed", []))
        self.assertIn(picking.name, row.message, "it says which")
