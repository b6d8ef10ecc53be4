from ast import literal_eval
from datetime import timedelta

from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from ...tools.parcel_life import ParcelEvent
from .test_parcel_news import LifeCommon


class ChatCommon(LifeCommon):
    def setUp(self):
        super().setUp()
        self.clock = fields.Datetime.now() - timedelta(hours=2)

    def moved(self, parcel, *states, **values):
        """The carrier says that a parcel moved, now."""
        for state in states:
            self.clock += timedelta(minutes=1)
            parcel._absorb([self.event(parcel, state, self.clock, **values)])
        return parcel

    def event(self, parcel, state, at, **values):
        return ParcelEvent(parcel.tracking_ref, at, state, state, **values)

    def said(self):
        return [message.body for message in self.messages()]


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelChat(ChatCommon):
    """Parcels beside the chat: chips, strip, and one click."""

    def test_chips_count_what_is_there(self):
        parcel = self.shipped(self.vtp)
        chips = ("parcel_failed", "parcel_returning", "parcel_late")

        def counted():
            self.env.flush_all()
            return [self.talk.get_counters()[chip] for chip in chips]

        self.assertEqual(counted(), [0, 0, 0])
        self.moved(parcel, "out", "failed")
        self.assertEqual(counted(), [1, 0, 0])
        self.moved(parcel, "returning")
        self.assertEqual(counted(), [0, 1, 0])
        late = self.shipped(self.ghtk)
        late.due_at = fields.Datetime.now() - timedelta(hours=1)
        self.assertEqual(counted(), [0, 1, 1])
        self.assertEqual(self.env["sop.conversation"].search([("parcel_ids", "any", [("due_at", "<", "now")])]), self.conversation)

    def test_late_by_what_was_promised(self):
        """Late after the carrier's promise, else after the usual time on the way; what has arrived, failed or is coming back is not."""
        parcel = self.shipped(self.vtp)

        def late():
            self.env.flush_all()
            [shown] = next(row["parcels"] for row in self.talk.get_order_form()["recent"] if row["id"] == parcel.order_id.id)
            return self.talk.get_counters()["parcel_late"], shown["late"]

        self.moved(parcel, "out")
        self.assertEqual((parcel.due_at, late()), (parcel.create_date + timedelta(days=5), (0, False)))
        self.vtp.sop_days = 2
        self.moved(parcel, "moving")
        self.assertEqual(parcel.due_at, parcel.create_date + timedelta(days=3))
        promised = (fields.Datetime.now() - timedelta(minutes=30)).replace(microsecond=0)
        self.moved(parcel, "out", expected=promised)
        self.assertEqual((parcel.due_at, late()), (promised, (1, True)))
        self.moved(parcel, "failed")
        self.assertEqual(late(), (0, False))
        self.moved(parcel, "out")
        self.assertEqual(late(), (1, True))
        self.moved(parcel, "delivered")
        self.assertEqual(late(), (0, False))

    def test_people_of_another_team_see_no_parcel(self):
        """Who the customer is, and why they refused, is for those who see the chat; the warehouse and the accountant see all."""
        parcel = self.moved(self.shipped(self.vtp), "out", "failed", reason="Chị Giang hẹn mai")
        self.assertTrue(parcel.conversation_id.team_id)
        packer = new_test_user(self.env, "parcel_packer", "stock.group_stock_user", company_id=self.company.id)
        clerk = new_test_user(self.env, "parcel_clerk", "account.group_account_invoice", company_id=self.company.id)
        for user, sees in ((self.agent, True), (self.manager, True), (packer, True), (clerk, True), (self.other, False), (self.foreign, False)):
            self.env.invalidate_all()
            own = self.env["sop.parcel"].with_user(user)
            self.assertEqual(bool(own.search([("id", "=", parcel.id)])), sees, user.login)
            self.assertEqual(parcel.with_user(user).has_access("read"), sees, user.login)
            if user != clerk:
                self.assertEqual(bool(self.env["sop.parcel.event"].with_user(user).search([("parcel_id", "=", parcel.id)])), sees, user.login)
        parcel.order_id.user_id = self.other
        self.env.invalidate_all()
        self.assertTrue(parcel.with_user(self.other).has_access("read"), "an order of one's own")

    def test_filters_are_the_chips(self):
        """The list's filters find what the chips count."""
        arch = etree.fromstring(self.env["sop.conversation"].get_view(view_type="search")["arch"])
        chips = self.env["sop.inbox.screen"]._chip_domains()
        for chip in ("parcel_failed", "parcel_returning", "parcel_late"):
            [shown] = arch.xpath(f"//filter[@name='{chip}']/@domain")
            self.assertEqual(literal_eval(shown), chips[chip])

    def test_the_strip(self):
        parcel = self.shipped(self.ghn)
        self.moved(parcel, "out", "failed", "out")
        parcel.expected_at = fields.Datetime.to_datetime("2026-11-29 03:00:00")
        [strip] = [row["parcels"] for row in self.talk.with_context(lang="en_US").get_order_form()["recent"]][0]
        self.assertEqual(strip["text"], "Out for Delivery, try 2, due 29/11")
        self.assertEqual((strip["tracking"], strip["can_decide"]), (parcel.tracking_ref, False))
        self.assertIn(parcel.tracking_ref, strip["url"])

    def test_where_is_it_in_one_click(self):
        self.partner.lang = "en_US"
        parcel = self.shipped(self.ghtk)
        self.moved(parcel, "out", "failed", reason="Không gọi được")
        before = len(self.said())
        self.talk._order_form.action_send_parcel(parcel.order_id.id)
        text = self.said()[before]
        for word in (parcel.order_id.name, "Không gọi được", parcel.tracking_ref, "Delivery Failed"):
            self.assertIn(word, text)
        order = self.order(confirm=True, request_ref="no parcel")
        with self.assertRaisesRegex(UserError, "no parcel"):
            self.talk._order_form.action_send_parcel(order.id)


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelFailed(ChatCommon):
    """A failed delivery is somebody's task until the parcel moves."""

    def task(self, parcel):
        return parcel.order_id.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref("sop_inbox.sop_activity_parcel_failed")
        )

    def test_a_task_that_closes_by_itself(self):
        parcel = self.shipped(self.vtp)
        self.moved(parcel, "out", "failed", reason="Khách hẹn", reason_code="35")
        task = self.task(parcel)
        self.assertEqual((len(task), task.user_id), (1, parcel.order_id.user_id))
        for word in ("Khách hẹn", self.partner.phone, parcel.tracking_ref):
            self.assertIn(word, task.note)
        self.moved(parcel, "failed", reason="Lại hẹn")
        self.assertEqual(self.task(parcel), task, "one task for one failure")
        self.moved(parcel, "out")
        self.assertFalse(self.task(parcel))
        self.moved(parcel, "failed")
        self.assertEqual(len(self.task(parcel)), 1)

    def test_whose_task_it_is(self):
        parcel = self.shipped(self.vtp)
        parcel.order_id.user_id.active = False
        self.conversation.user_id = self.manager
        self.moved(parcel, "out", "failed")
        self.assertEqual(self.task(parcel).user_id, self.manager)

    def test_deliver_again_and_send_back(self):
        for carrier, state in ((self.ghn, "moving"), (self.vtp, "out")):
            parcel = self.shipped(carrier)
            for step in ("picked", "out", "failed"):
                self.double.play_step(parcel.tracking_ref, step)
            self.moved(parcel, "out", "failed")
            mine = parcel.with_user(self.agent)
            with self.mooded(carrier, "lose_request"), self.assertRaisesRegex(UserError, "may have arrived"):
                mine.action_deliver_again()
            self.assertFalse(parcel.decided)
            mine.action_deliver_again()
            mine.action_deliver_again()
            self.assertEqual((parcel.decided, self.double.states[parcel.tracking_ref]), ("again", state))
            self.double.play_step(parcel.tracking_ref, "out")
            self.double.play_step(parcel.tracking_ref, "failed")
            self.moved(parcel, "out", "failed")
            self.assertFalse(parcel.decided, "what was decided is done with")
            parcel.order_id.with_user(self.agent).action_sop_send_back()
            self.assertEqual((parcel.decided, self.double.states[parcel.tracking_ref]), ("back", "returning"))

    def test_who_may_decide(self):
        parcel = self.shipped(self.ghn)
        self.moved(parcel, "out", "failed")
        with self.assertRaises(AccessError):
            parcel.with_user(self.other).action_send_back()
        parcel = self.shipped(self.ghtk)
        self.moved(parcel, "out", "failed")
        with self.assertRaisesRegex(UserError, "its own site"):
            parcel.action_send_back()
        self.assertFalse(parcel._strip()["can_decide"])


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelNotices(ChatCommon):
    """News to the customer, inside the window, once."""

    def setUp(self):
        super().setUp()
        self.say(self.conversation, "Em ơi")
        self.notices = {notice.event: notice for notice in self.env["sop.parcel.notice"].with_context(active_test=False).search([])}
        self.notices["failed"].active = True

    def hear_of(self, parcel, *states):
        before = len(self.said())
        self.moved(parcel, *states)
        return self.said()[before:]

    def test_each_event_once(self):
        parcel = self.shipped(self.vtp)
        self.assertEqual(
            [len(self.hear_of(parcel, state)) for state in ("picked", "moving", "out", "failed", "out", "delivered")], [1, 0, 1, 1, 1, 1]
        )
        self.assertEqual(self.hear_of(parcel, "out"), [])
        self.assertIn(parcel.tracking_ref, self.said()[-5])

    def test_off_and_words(self):
        parcel = self.shipped(self.vtp)
        self.notices["picked"].active = False
        self.assertEqual(self.hear_of(parcel, "picked"), [])
        for lang, _name in self.env["res.lang"].get_installed():  # whatever language the customer reads
            self.notices["out"].with_context(lang=lang).words = "Đơn {order} đang giao\nLý do {reason}"
        [text] = self.hear_of(parcel, "out")
        self.assertIn(f"Đơn {parcel.order_id.name} đang giao", text)
        self.assertNotIn("Lý do", text)
        for words in ("{x}", "{", "{order.id}", "{0}"):
            with self.assertRaises(ValidationError, msg=words):
                self.notices["out"].words = words

    def test_a_parcel_of_no_conversation(self):
        parcel = self.shipped(self.vtp)
        parcel.order_id.sudo().sop_conversation_id = False
        self.assertEqual(self.hear_of(parcel, "out"), [])

    def test_old_news_is_none(self):
        parcel = self.shipped(self.vtp)
        before = len(self.said())
        parcel._absorb([self.event(parcel, "out", fields.Datetime.now() - timedelta(days=1))])
        self.assertEqual((parcel.state, len(self.said())), ("out", before))


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelPortal(ChatCommon, HttpCase):
    def test_the_customers_page(self):
        parcel = self.shipped(self.ghtk)
        self.moved(parcel, "out", "failed", reason="Không gọi được")
        page = self.url_open(parcel.order_id.get_portal_url()).text
        for word in (parcel.tracking_ref, 'id="sop_parcels"', "Không gọi được"):
            self.assertIn(word, page)


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelAfter(ChatCommon):
    """What follows when a parcel has arrived, or come back."""

    def test_a_return_waits_for_the_person_who_scans(self):
        picking = self.picking(self.vtp)
        picking = picking.with_context(skip_sms=True)
        picking.button_validate()
        parcel, order = picking.sop_parcel_ids, picking.sale_id
        order._create_invoices().action_post()
        stock = self.shirt.with_company(self.company).qty_available
        self.moved(parcel, "out", "failed", "returning", "returned")
        back = parcel.return_id
        self.assertEqual((back.return_id, back.state in ("assigned", "confirmed"), back.move_ids.product_uom_qty), (picking, True, 1))
        self.shirt.invalidate_recordset()
        self.assertEqual(self.shirt.qty_available, stock, "nothing is back before it is there")
        self.assertRegex(" ".join(order.activity_ids.mapped("summary")), "credit note|điều chỉnh giảm")
        back.move_ids.quantity = 1
        back.button_validate()
        self.shirt.invalidate_recordset()
        self.assertEqual(self.shirt.qty_available, stock + 1)

    def test_one_that_was_never_validated_has_no_return(self):
        parcel = self.shipped(self.vtp)
        self.moved(parcel, "out", "returning", "returned")
        self.assertFalse(parcel.return_id)

    def test_a_purchase_when_it_is_delivered(self):
        recorded = []
        model = type(self.env["sop.conversion.event"])
        self.patch(model, "_record", lambda events, orders, *names: recorded.extend((order.id, name) for order in orders for name in names))
        self.company.sop_purchase_at = "delivery"
        parcel = self.shipped(self.vtp)
        order = parcel.order_id
        self.assertEqual(set(recorded), {(order.id, "add_to_cart")})
        self.moved(parcel, "out", "delivered")
        self.assertEqual(recorded[-1], (order.id, "purchase"))
        self.company.sop_purchase_at = "confirm"
        recorded.clear()
        other = self.shipped(self.vtp)
        self.moved(other, "out", "delivered")
        self.assertEqual(sorted(recorded)[-1], (other.order_id.id, "purchase"))
        self.assertEqual([name for _id, name in recorded].count("purchase"), 1, "at its confirmation, and not again")
