from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestDropped(OrderCommon):
    """Customers who said they buy and have no order after some working minutes; an order closes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"sop_drop_minutes": 30, "sop_buying_words": "chốt, lấy, lay"})
        cls.company.resource_calendar_id = False

    def chip(self):
        return self.env["sop.inbox.screen"].with_user(self.agent).get_counters()["dropped"]

    def test_words_numbers_addresses(self):
        for number, (text, wants) in enumerate(
            (
                ("Cho mình lấy 1 cái", True),
                ("Lay 2 cai nhe", True),
                ("Mình đang ở ngã tư lấp ló", False),
                ("0912 345 678", True),
                ("12 Lê Lợi, phường Bến Thành, TP HCM", True),
                ("Cái này bao nhiêu vậy shop", False),
            )
        ):
            talk = self.make(f"Khách {number}")
            self.say(talk, text)
            self.assertEqual(bool(talk.drop_due_at), wants, text)

    def test_after_some_minutes_and_not_before(self):
        before = self.chip()
        self.say(self.conversation, "Chốt mẫu này nhé")
        self.assertEqual(self.conversation.drop_due_at, self.conversation.last_inbound_at + timedelta(minutes=30))
        self.assertEqual(self.chip(), before)
        self.conversation.drop_due_at = fields.Datetime.now() - timedelta(minutes=1)
        self.assertEqual(self.chip(), before + 1)
        self.conversation.action_done()
        self.assertEqual(self.chip(), before, "who closes it has looked")

    def test_the_order_closes_it(self):
        self.say(self.conversation, "Chốt mẫu này nhé")
        self.order()
        self.assertFalse(self.conversation.drop_due_at)
        self.say(self.conversation, "Lấy thêm 1 cái")
        self.assertFalse(self.conversation.drop_due_at, "there is an order")

    def test_what_it_may_be_worth(self):
        self.conversation.talk_product_id = self.shirt
        self.say(self.conversation, "Chốt")
        self.assertEqual(self.conversation.drop_value, 150_000)

    def test_switched_off(self):
        self.company.sop_drop_minutes = 0
        self.say(self.conversation, "Chốt")
        self.assertFalse(self.conversation.drop_due_at)

    def test_only_working_minutes_count(self):
        calendar = self.env["resource.calendar"].create({"name": "Sáng", "company_id": self.company.id, "tz": "UTC"})
        calendar.attendance_ids.unlink()
        calendar.attendance_ids = [
            (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 8, "hour_to": 12, "day_period": "morning"}) for day in range(7)
        ]
        self.north.sop_calendar_id = calendar
        due = self.env["sop.conversation.drop"].browse(self.conversation.id)._due(fields.Datetime.to_datetime("2026-03-02 20:00:00"), 30)
        self.assertEqual(due, fields.Datetime.to_datetime("2026-03-03 08:30:00"))

    def test_rubbish_in_the_settings_costs_no_message(self):
        for words, minutes in ((False, 60), (", ,;", 60), ("%_\\", 60), ("lay", 2**31 - 1), ("lay", -5)):
            with self.subTest(words=words, minutes=minutes):
                self.company.write({"sop_buying_words": words, "sop_drop_minutes": minutes})
                talk = self.make(f"Khách {words} {minutes}")
                self.assertTrue(self.say(talk, "shop ơi cho em hỏi"))
                self.assertFalse(talk.drop_due_at)
                self.assertTrue(self.say(talk, "em lay nhé"))
