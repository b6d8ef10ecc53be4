from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.sop_pipeline.tests.queries import cold_queries

from ..common import InboxCommon

SPECIFICATION = {
    "name": {},
    "unread_count": {},
    "preview": {},
    "has_avatar": {},
    "account_id": {"fields": {"display_name": {}}},
    "user_id": {"fields": {"display_name": {}}},
    "tag_ids": {"fields": {"display_name": {}}},
}


@tagged("post_install", "-at_install")
class TestSpeed(InboxCommon):
    """The number of queries does not grow with what is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.conversations = [cls.make(f"K{i}") for i in range(30)]
        for conversation in cls.conversations:
            cls.env["sop.conversation"].browse(conversation.id)._post_inbound("Alo")
            conversation.with_user(cls.agent).action_claim()
        cls.mine = cls.env["sop.conversation"].with_user(cls.agent)

    def queries(self, run):
        """Queries of ``run`` on a cold cache, once everything that is kept for good is warm."""
        run()
        return cold_queries(self.env, run)

    def test_a_page_of_the_list(self):
        few = self.queries(lambda: self.mine.web_search_read([], SPECIFICATION, limit=3))
        many = self.queries(lambda: self.mine.web_search_read([], SPECIFICATION, limit=29))
        self.assertLessEqual(many, few + 1, "whether anybody of the page has a customer may cost one look")
        self.assertLessEqual(many, 14)

    def test_counters_are_one_statement_with_saved_views_too(self):
        self.env["ir.filters"].with_user(self.agent).create(
            [
                {"name": name, "model_id": "sop.conversation", "domain": domain, "user_ids": [(4, self.agent.id)], "action_id": action}
                for name, domain, action in (
                    ("Chưa đọc", "[('unread_count', '>', 0)]", False),
                    ("Hỏng", "[('nothing', '=', ", False),
                    ("Lưu trên màn hình", "[('unread_count', '=', 0)]", self.env.ref("sop_inbox.sop_conversation_action").id),
                )
            ]
        )
        counters = self.mine.get_counters()
        saved = {name: number for name, number in counters.items() if name.startswith("favorite_")}
        self.assertEqual(sorted(saved.values()), [0, 30], "a broken view is left out, the others count, wherever they were saved")
        self.mine.get_counters()
        with self.assertQueryCount(3):  # the saved views, and one statement that counts
            self.mine.get_counters()

    def test_a_message_into_a_busy_conversation(self):
        quiet, busy = self.conversations[:2]
        for _time in range(20):
            self.say(busy)
        with freeze_time(fields.Datetime.now()):  # a second that passes between two messages is a statement more
            first = self.queries(lambda: self.say(quiet))
            self.assertLessEqual(self.queries(lambda: self.say(busy)), first, "the hundredth costs no more than the second")

    def test_the_panel(self):
        conversation = self.conversations[0].with_user(self.agent)
        one = self.queries(conversation.get_panel)
        for number in range(5):
            other = self.make("K0", kind="comment", thread_ref=f"p{number}")
            self.env["sale.order"].create({"partner_id": self.portal.partner_id.id, "sop_conversation_id": other.id})
        self.assertLessEqual(self.queries(conversation.get_panel), one + 2)
