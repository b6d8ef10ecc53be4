from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..channel_common import TalkCommon


@tagged("post_install", "-at_install")
class TestFeedback(TalkCommon):
    """How it was, 1 to 5, after Done: asked once in thirty days inside the window; the answer is core's rating."""

    def setUp(self):
        super().setUp()
        self.north.sop_ask_rating = True
        self.reply(self.talk, "Dạ còn ạ")

    def close(self):
        self.talk.with_user(self.agent).action_done()
        if self.talk.feedback_due_at:
            self.talk.feedback_due_at = fields.Datetime.now() - timedelta(minutes=1)
        self.env["sop.conversation.feedback"]._cron_ask()

    def ratings(self):
        return self.env["rating.rating"].search([("res_model", "=", "discuss.channel"), ("res_id", "=", self.talk.channel_id.id)])

    def test_asked_answered_and_still_done(self):
        self.close()
        row = self.env["sop.channel.message"].search([("conversation_id", "=", self.talk.id), ("part", "=", "text")], order="id desc", limit=1)
        self.assertEqual(len(row.payload["choices"]), 5)
        self.assertEqual(self.ratings().rated_partner_id, self.agent.partner_id)
        ours = [("conversation_id", "=", self.talk.id), ("direction", "=", "out")]
        before = self.env["sop.channel.message"].search(ours)
        self.hear_text("4 ⭐", "m_2", 5)
        self.assertEqual(self.env["sop.channel.message"].search(ours), before, "the customer's own words are not sent back to them")
        self.assertEqual((self.ratings().rating, self.ratings().consumed), (4, True))
        self.assertEqual((self.talk.state, self.talk.is_unanswered, self.talk.unread_count), ("done", False, 0))
        self.assertEqual(self.env["sop.conversation.recount"]._find_drift(self.talk.ids), [])

    def test_other_words_open_it_again(self):
        self.close()
        self.hear_text("5 cái nữa nhé", "m_2", 5)
        self.assertFalse(self.ratings().consumed)
        self.assertEqual(self.talk.state, "open")

    def test_once_in_thirty_days(self):
        self.close()
        self.hear_text("Còn màu đen không", "m_2", 5)
        self.close()
        self.assertEqual(len(self.ratings()), 1)

    def test_not_when_done_was_undone(self):
        self.talk.with_user(self.agent).action_done()
        self.talk.with_user(self.agent).action_reopen()
        self.assertFalse(self.talk.feedback_due_at)

    def test_not_after_the_window_nor_where_the_team_does_not_want_it(self):
        self.talk.last_inbound_at = fields.Datetime.now() - timedelta(days=2)
        self.close()
        self.assertFalse(self.ratings())
        self.talk.with_user(self.agent).action_reopen()
        self.north.sop_ask_rating = False
        self.talk.with_user(self.agent).action_done()
        self.assertFalse(self.talk.feedback_due_at)

    def test_a_number_nobody_asked_for(self):
        self.hear_text("5", "m_2", 90)
        self.assertFalse(self.ratings())
        self.assertTrue(self.talk.is_unanswered)

    def test_a_number_that_answers_an_agent_is_no_rating(self):
        self.close()
        self.talk.with_user(self.agent).action_reopen()
        self.reply(self.talk, "Chị lấy mấy cái ạ?")
        before = self.talk.unread_count
        self.hear_text("2", "m_2", 5)
        self.assertFalse(self.ratings().consumed)
        self.assertEqual(self.talk.unread_count, before + 1, "an agent sees it")
