import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..tools.outcome import Answer
from .channel_common import TalkCommon
from .order.test_order_export import read
from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestSmaller(OrderCommon, TalkCommon):
    """What agents met and nobody should: each line of it."""

    def test_a_lead_in_a_colleague_s_conversation(self):
        """Whoever works on the conversation puts it into the pipeline; the lead is the assignee's."""
        self.agent.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        self.north.sop_process = True
        talk = self.make("Khách của Minh", user_id=self.mate.id)
        talk.user_id = self.mate
        lead = self.env["crm.lead"].browse(talk.with_user(self.agent).action_create_lead())
        self.assertEqual((lead.user_id, talk.lead_id), (self.mate, lead))

    def test_receipts_list_each_discount_once(self):
        """Core splits a discount by tax; the customer reads one, and none of 0 đ. The sum stays the order's."""
        order = self.order(qty=2)
        product = self.env["product.product"].create({"name": "Giảm", "type": "service", "list_price": 0, "taxes_id": False})
        self.company.sale_discount_product_id = product
        for name, price in (("Giảm 10%", -10_000), ("Giảm 10%", -5_000), ("Tặng", 0)):
            line = {"product_id": product.id, "name": name, "price_unit": price, "tax_ids": [Command.clear()]}
            order.sudo().order_line = [Command.create(line)]
        receipt = order._sop_receipt()
        self.assertEqual(receipt["discounts"], [{"name": "Giảm 10%", "total": -15_000}])
        self.assertEqual(receipt["discount"], sum(row["total"] for row in receipt["discounts"]))
        self.assertEqual(receipt["total"], sum(line["total"] for line in receipt["lines"]) + receipt["shipping"] + receipt["discount"])

    def test_a_card_says_what_its_number_is(self):
        self.talk.with_user(self.agent).action_send_product(self.shirt.id)
        rows = self.env["sop.channel.message"].search([("conversation_id", "=", self.talk.id), ("direction", "=", "out")])
        [card] = rows.filtered("payload").payload["cards"]
        self.assertRegex(card["subtitle"], r"150.000.* · (In stock|Còn hàng): 5$")
        self.assertEqual(self.talk.talk_product_id, self.shirt, "and variables of answers tell of it from now on")

    def test_people_whose_name_nobody_says(self):
        """They have no number for a name, are not called by it, and get their name from whoever says it first."""
        self.hear(self.fb_app, self.messenger(5, sender="70008113", message={"mid": "m_8113", "text": "Alo"}))
        person = self.env["sop.identity"].search([("external_id", "=", "70008113")])
        talk = person.conversation_ids
        self.assertNotIn("8113", f"{talk.display_name} {person.guest_id.name}")
        self.assertIn("Facebook", talk.name)
        canned = self.env["mail.canned.response"].create({"source": "chao", "substitution": "Chào {{customer}} ạ"})
        canned.group_ids = self.env.ref("sop_inbox.sop_inbox_group_user")
        mine = talk.with_user(self.agent)
        self.assertNotIn("Facebook", mine._replies.preview_canned(canned.id)["text"])
        # asked for again when they write on another day, until the platform says it
        profiles = self.env["sop.channel.media"].search([("identity_id", "=", person.id)])
        self.hear(self.fb_app, self.messenger(6, sender="70008113", message={"mid": "m_8114", "text": "Alo"}))
        self.assertEqual(self.env["sop.channel.media"].search_count([("identity_id", "=", person.id)]), len(profiles))
        profiles.state = "failed"
        self.env.flush_all()
        self.env.cr.execute("UPDATE sop_channel_media SET write_date = write_date - interval '2 days' WHERE id IN %s", [tuple(profiles.ids)])
        profiles.invalidate_recordset()
        self.hear(self.fb_app, self.messenger(7, sender="70008113", message={"mid": "m_8115", "text": "Alo"}))
        again = self.env["sop.channel.media"].search([("identity_id", "=", person.id)]) - profiles
        self.assertEqual(len(again), 1)
        self.agent.group_ids |= self.env.ref("base.group_partner_manager")
        self.assertFalse(mine.get_panel()["name"] != talk.name)
        mine.action_create_partner({"name": "Chị Tư"})
        self.assertEqual((talk.name, person.name, person.guest_id.name, person.is_nameless), ("Chị Tư", "Chị Tư", "Chị Tư", False))
        again._keep_profile(("Trần Thị Tư", ""), b"", "")
        self.assertEqual(talk.name, "Trần Thị Tư")

    def test_colleagues_hear_who_looks(self):
        """Told to the company's inboxes, and kept nowhere; whoever may not read the conversation says nothing about it."""
        talk = self.talk.with_user(self.agent)
        Bus = self.env["bus.bus"].sudo()
        last = Bus.search([], order="id desc", limit=1).id or 0
        for state in ("looking", "writing", "gone"):
            self.env["sop.inbox.screen"].with_user(self.agent).browse(talk.ids).action_look(state)
        self.env.cr.precommit.run()
        told = [json.loads(row.message) for row in Bus.search([("id", ">", last)], order="id")]
        told = [row["payload"] for row in told if row["type"] == "sop_inbox/look"]
        mine = {"id": self.agent.id, "name": "Lan"}
        self.assertEqual(told, [{"user": mine, "conversation": talk.id, "state": state} for state in ("looking", "writing", "gone")])
        for user in (self.other, self.foreign, self.portal):
            with self.assertRaises(AccessError):
                self.env["sop.inbox.screen"].with_user(user).browse(talk.ids).action_look("looking")
        with self.assertRaises(UserError):
            self.env["sop.inbox.screen"].with_user(self.agent).browse(talk.ids).action_look("x")

    def test_an_assigned_chat_puts_no_word_in_the_way(self):
        """Core greets whoever another person invites with a word on the screen: six chats at log-in covered a phone."""
        Bus = self.env["bus.bus"].sudo()
        last = Bus.search([], order="id desc", limit=1).id or 0
        self.talk.with_user(self.manager).action_assign(self.other.id)
        self.env.cr.precommit.run()
        joined = [json.loads(row.message) for row in Bus.search([("id", ">", last)])]
        joined = [row["payload"] for row in joined if row["type"] == "discuss.channel/joined"]
        self.assertEqual([row.get("invited_by_user_id") for row in joined], [None])
        self.assertIn(self.other.partner_id, self.talk.channel_id.channel_member_ids.partner_id)

    def test_a_reply_that_waits_again_says_why(self):
        """It was tried and did not go: the screen has the reason while it waits for the next time."""
        row = self.say_back()
        self.deliver(lambda call: Answer(0, {}, broken="unsent"))
        message = row.mail_message_id.with_context(lang="en_US")
        shown = message._sop_delivery()[message.id]
        self.assertEqual((shown["state"], shown["reason"]), ("queued", "The platform could not be reached; it is tried again."))

    def test_a_lost_reply_says_the_truth(self):
        """Whether the customer has it is not known, and nobody tries again by themselves: that is what the screen says."""
        row = self.say_back()
        self.deliver(lambda call: Answer(0, {}, broken="lost"))
        message = row.mail_message_id.with_context(lang="en_US")
        shown = message._sop_delivery()[message.id]
        self.assertEqual((shown["state"], shown["canRetry"], shown["canConfirm"]), ("unknown", True, True))
        self.assertRegex(shown["reason"], "answer was lost.*may have arrived")

    def test_a_check_shows_what_it_found(self):
        """Its words go by themselves, and the form is drawn anew: presses do not pile up."""
        action = self.page.with_user(self.manager).action_check()
        self.assertFalse(action["params"].get("sticky"))
        self.assertEqual(action["params"]["next"]["tag"], "soft_reload")

    def test_the_list_of_answers_shows_what_the_customer_would_read(self):
        """Filled with what is talked about; what cannot be filled is said before it is sent."""
        canned = self.env["mail.canned.response"].create({"source": "gia", "substitution": "Chào {{customer}}, {{product}} giá {{price}}"})
        canned.group_ids = self.env.ref("sop_inbox.sop_inbox_group_user")
        answers = self.env["mail.canned.response"].with_user(self.agent)
        [row] = answers.search_canned("gia", 5, self.talk.id)
        self.assertIn("{{product}}", row["error"])
        [row] = answers.search_canned("gia", 5, self.talk.id, self.cap.id)
        self.assertRegex(row["text"], r"^Chào .*, .*Mũ lưỡi trai giá 90.000")
        self.talk.talk_product_id = self.shirt
        [row] = answers.search_canned("gia", 5, self.talk.id)
        self.assertEqual(("Áo thun đen M" in row["text"], row["error"]), (True, ""))
        self.assertIn("{{product}}", answers.search_canned("gia")[0]["text"], "without a customer nothing is filled")

    def test_an_export_says_nothing_that_is_not_so(self):
        """No "False" where nothing is, a price that makes the line's total, the customer's note without the shop's terms."""
        self.company.invoice_terms = "<p>Hàng không đổi trả.</p>"
        tax = self.env["account.tax"].create({"name": "Thuế của bài thử", "amount": 10, "price_include_override": "tax_excluded"})
        self.shirt.taxes_id = tax
        order = self.order(qty=3, partner_id=self.env["res.partner"].create({"name": "Chỉ có tên"}).id)
        order.sudo().order_line[:1].discount = 10
        order.sudo().note = "<p>Hàng không đổi trả.</p><p>Giao buổi tối</p>"
        self.agent.group_ids |= self.env.ref("base.group_allow_export")
        exports = self.env["sop.order.export"].with_user(self.agent)
        export = exports.browse(exports.action_export([("id", "=", order.id)])["id"])
        [row] = read(base64.b64decode(export.file))[1]
        self.assertFalse([name for name, cell in row.items() if cell.value is False or cell.value == "False"])
        self.assertEqual(row["note"].value, "Giao buổi tối")
        self.assertAlmostEqual(row["unit_price"].value, 165_000)
        self.assertAlmostEqual(row["unit_price"].value * row["quantity"].value * 0.9, row["line_total"].value)
