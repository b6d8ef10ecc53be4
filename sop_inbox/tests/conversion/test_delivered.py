from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..carrier.test_parcel_chat import ChatCommon
from ..channel_common import ChannelCommon


@tagged("post_install", "-at_install", "sop_orders")
class TestDelivered(ChannelCommon, ChatCommon):
    """A customer of the page gets their parcel: Meta hears of the purchase, they of the delivery, and they are asked how it was."""

    def setUp(self):
        super().setUp()
        self.north.sop_ask_rating = True
        self.company.sop_purchase_at = "delivery"
        self.partner.sop_tracking_consent = True
        self.hear_text("Cho em 1 áo", "m_buy")
        self.conversation = self.chat()
        self.conversation.partner_id = self.partner
        self.reply(self.conversation, "Dạ vâng ạ")

    def close(self, conversation):
        """Close without the question that follows Done."""
        self.north.sop_ask_rating = False
        conversation.with_user(self.agent).action_done()
        self.north.sop_ask_rating = True

    def ask(self):
        """The job, some minutes later."""
        due = self.conversation.feedback_due_at
        if due:
            self.assertGreater(due, fields.Datetime.now(), "the news of the delivery comes first")
            self.conversation.feedback_due_at = fields.Datetime.now() - timedelta(minutes=1)
        self.env["sop.conversation.feedback"]._cron_ask()
        return bool(due)

    def questions(self):
        return self.env["rating.rating"].search([("res_model", "=", "discuss.channel"), ("res_id", "=", self.conversation.channel_id.id)])

    def events(self, parcel):
        return set(self.env["sop.conversion.event"].search([("order_id", "=", parcel.order_id.id)]).mapped("kind"))

    def delivered(self):
        """A parcel of the conversation that arrives; returns it and what the customer heard of it."""
        parcel = self.shipped(self.vtp)
        self.close(self.conversation)
        before = len(self.said())
        self.assertEqual(self.events(parcel), {"add_to_cart"}, "a confirmed order is no purchase yet")
        self.moved(parcel, "out")
        self.assertEqual(self.events(parcel), {"add_to_cart"})
        self.moved(parcel, "delivered")
        return parcel, self.said()[before:]

    def test_purchase_news_and_question(self):
        parcel, heard = self.delivered()
        self.assertEqual(self.events(parcel), {"add_to_cart", "purchase"})
        self.assertEqual([parcel.order_id.name in words for words in heard], [True, True], "out for delivery, delivered")
        self.assertEqual(self.conversation.state, "done")
        self.assertFalse(self.questions())
        self.assertTrue(self.ask())
        self.assertEqual((len(self.questions()), len(self.said())), (1, len(self.said())))
        self.assertIn("5", self.said()[-1])
        self.hear_text("5 ⭐", "m_5", 30)
        self.assertEqual((self.questions().rating, self.questions().consumed), (5, True))

    def test_asked_once_in_thirty_days(self):
        self.delivered()
        self.ask()
        self.delivered()
        self.ask()
        self.assertEqual(len(self.questions()), 1)
        self.env.cr.execute("UPDATE rating_rating SET create_date = create_date - interval '31 days' WHERE id = %s", [self.questions().id])
        self.env.invalidate_all()
        self.delivered()
        self.ask()
        self.assertEqual(len(self.questions()), 2)

    def test_neither_after_the_window_nor_where_the_team_does_not_ask(self):
        self.conversation.last_inbound_at = fields.Datetime.now() - timedelta(days=2)
        _parcel, heard = self.delivered()
        self.ask()
        self.assertEqual((heard, self.questions().ids), ([], []))
        self.conversation.last_inbound_at = fields.Datetime.now()
        parcel = self.shipped(self.vtp)
        self.close(self.conversation)
        self.north.sop_ask_rating = False
        self.moved(parcel, "delivered")
        self.assertFalse(self.ask())

    def test_a_talk_that_goes_on_is_asked_after_done(self):
        parcel = self.shipped(self.vtp)
        self.moved(parcel, "delivered")
        self.assertFalse(self.ask(), "a number may be a quantity there")
        self.conversation.with_user(self.agent).action_done()
        self.assertTrue(self.ask())
        self.assertEqual(len(self.questions()), 1)

    def test_a_purchase_is_reported_at_confirmation_where_the_switch_is_off(self):
        self.company.sop_purchase_at = "confirm"
        parcel = self.shipped(self.vtp)
        self.assertEqual(self.events(parcel), {"add_to_cart", "purchase"})
