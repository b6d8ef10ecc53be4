from datetime import datetime, timedelta

from odoo.tests import Form, freeze_time, tagged, warmup

from ..channel_common import ChannelCommon
from ..order_common import OrderCommon

ALLOWED = 1.2  # what a confirmation in the chat may cost of the same one in Odoo's own form
# Queries of the confirmation alone that are ours: conversation and its rights, locks, events, what the number has
# refused before, whether money is waited for, and some 20 of core's for a message.
EXTRA = 37
QUEUED = 4  # the receipt queued for the platform, its sender woken


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderSpeed(OrderCommon, ChannelCommon):
    """What a confirmation in the chat costs more than the same order's in Odoo's own form (row H10)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "Đội SOP", "company_id": cls.company.id, "sop_process": True})
        cls.stock(cls.shirt, 1000)
        cls.stock(cls.cap, 1000)
        cls.partner.lang = "en_US"

    def draft(self, conversation, linked=True):
        """Return an order of three lines of an opportunity of its own."""
        lead = self.env["crm.lead"].create(
            {"name": "Đo", "type": "opportunity", "partner_id": self.partner.id, "team_id": self.team.id, "user_id": self.agent.id}
        )
        conversation.write({"partner_id": self.partner.id, "lead_id": lead.id})
        products = (self.shirt, self.cap, self.advice)
        return (
            self.env["sale.order"]
            .with_user(self.agent)
            .with_context(lang="en_US")
            .create(
                {
                    "partner_id": self.partner.id,
                    "opportunity_id": lead.id,
                    "sop_payment": "cod",
                    "sop_conversation_id": linked and conversation.id,
                    "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 1}) for product in products],
                }
            )
        )

    def later(self):
        """Return the next minute, standing still: whether a second passes changes which columns are written again."""
        self.minutes = getattr(self, "minutes", 0) + 1
        return freeze_time(datetime.now() + timedelta(minutes=self.minutes))

    def queries(self, run):
        """Return the number of queries of a whole request, what runs before the commit included."""
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        run()
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def compare(self, conversation):
        """Return the queries (chat, chat and form read again, Odoo's form, Odoo's form read again), each the second time."""
        talk = conversation.with_user(self.agent).with_context(lang="en_US")
        for _warm in range(2):
            ours = self.draft(conversation)
            with self.later():
                chat = self.queries(lambda: talk._order_form.action_confirm_order(ours.id))  # noqa: B023
            chat_read = chat + self.queries(talk.get_order_form)
            theirs = self.draft(conversation, linked=False)
            shown = Form(theirs)._view["fields_spec"]
            with self.later():
                own = self.queries(lambda: theirs.action_confirm())  # noqa: B023
            own_read = own + self.queries(lambda: theirs.web_read(shown))  # noqa: B023
        self.assertEqual((ours.state, theirs.state), ("sale", "sale"))
        return chat, chat_read, own, own_read

    @warmup
    def test_confirm_in_live_chat(self):
        """Two requests either way: the confirmation, and the screen that is read again."""
        chat, chat_read, own, own_read = self.compare(self.conversation)
        self.assertLessEqual(chat - own, EXTRA)
        self.assertLessEqual(chat_read, ALLOWED * own_read)
        self.assertEqual(len(self.messages()), 2, "and the receipts are in the chat")

    @warmup
    def test_confirm_in_messenger(self):
        self.hear_text("chốt nhé")
        conversation = self.chat(self.page)
        chat, chat_read, own, own_read = self.compare(conversation)
        self.assertLessEqual(chat - own, EXTRA + QUEUED)
        self.assertLessEqual(chat_read, ALLOWED * own_read)
        self.assertEqual(self.env["sop.channel.message"].search_count([("conversation_id", "=", conversation.id), ("direction", "=", "out")]), 2)

    @warmup
    def test_a_good_customer_costs_no_more(self):
        """Earlier orders and leads of the customer add no query."""
        few = self.compare(self.conversation)[0]
        for _order in range(6):
            self.draft(self.conversation).action_confirm()
        self.assertLess(self.compare(self.conversation)[0], few + 4, "not one for each")

    # === THE COUNT UNDER THE LOCK ===

    def test_count_under_the_lock_promises_never_more_than_odoo(self):
        """What one statement says is free is Odoo's own number, or less where goods move in steps."""
        product = self.goods("Áo đếm", 20)
        place = product.with_context(warehouse_id=self.warehouse.id)

        def count():
            self.env.flush_all()
            product.invalidate_recordset()
            return product._sop_lock_stock(self.warehouse)[product.id], place._sop_free()

        self.assertEqual(count(), (20, 20))
        self.order(product=product, qty=3, confirm=True)
        self.assertEqual(count(), (17, 17), "reserved")
        self.warehouse.out_type_id.reservation_method = "manual"
        self.order(product=product, qty=4, confirm=True, request_ref="manual")
        self.assertEqual(count(), (13, 13), "promised, not reserved")
        other = self.env["stock.warehouse"].create({"name": "Kho Bắc", "code": "BAC", "company_id": self.company.id})
        self.stock(product, 50, other)
        self.assertEqual(count(), (13, 13), "what is elsewhere is not here")
        self.warehouse.delivery_steps = "pick_ship"
        self.order(product=product, qty=5, confirm=True, request_ref="steps")
        certain, free = count()
        self.assertEqual(free, 8)
        self.assertLessEqual(certain, free)
        self.order(product=product, qty=8, confirm=True, request_ref="rest")
        self.assertEqual(count()[1], 0, "the last pieces are sold although the quick count doubted")
