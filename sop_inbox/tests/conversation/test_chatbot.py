from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ...tools import facebook_api
from ..channel_common import ChannelCommon


@tagged("post_install", "-at_install")
class TestChatbot(ChannelCommon):
    """Live chat's scripts on a page and an official account: what the customer writes drives them, what they say goes through the outbox."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["crm.tag"].create({"name": "Hỏi giá sỉ"})
        cls.script = cls.env["chatbot.script"].create({"title": "Bé Na"})
        step = cls.step(message="<p>Chào bạn, shop nghe ạ.</p>")
        cls.question = cls.step(
            message="<p>Bạn cần gì?</p>",
            step_type="question_selection",
            answer_ids=[Command.create({"name": "Mua sỉ", "sequence": 1}), Command.create({"name": "Mua lẻ", "sequence": 2})],
        )
        cls.wholesale, cls.retail = cls.question.answer_ids.sorted()
        cls.wish = cls.step(
            message="<p>Dạ shop có bảng giá sỉ.</p>",
            triggering_answer_ids=[Command.link(cls.wholesale.id)],
            sop_tag_ids=[Command.link(cls.tag.id)],
            sop_team_id=cls.south.id,
        )
        cls.phone = cls.step(message="<p>Cho shop xin số điện thoại ạ.</p>", step_type="question_phone")
        cls.handover = cls.step(message="<p>Bạn chờ nhân viên nhé.</p>", step_type="forward_operator")
        cls.last = cls.step(message="<p>Sáng mai shop gọi lại ạ.</p>")
        cls.first = step
        cls.rules = cls.env["im_livechat.channel.rule"].create(
            [{"sop_account_id": account.id, "chatbot_script_id": cls.script.id} for account in (cls.page, cls.oa)]
        )

    @classmethod
    def step(cls, **values):
        return cls.env["chatbot.script.step"].create({"chatbot_script_id": cls.script.id, **values})

    def on_duty(self, user, is_on=True):
        duty = self.env["sop.duty"].search([("user_id", "=", user.id)]) or self.env["sop.duty"].create({"user_id": user.id})
        duty.on_duty = is_on

    def said(self, talk):
        """What the script said, oldest first: plain words."""
        domain = [("model", "=", "discuss.channel"), ("res_id", "=", talk.channel_id.id), ("sop_side", "=", "auto")]
        messages = self.env["mail.message"].search(domain, order="id")
        return [" ".join(message._sop_preview().split()) for message in messages]

    def platform(self, call):
        self.count = getattr(self, "count", 0) + 1
        if "zalo" in call.url or "oa/message" in call.url:
            return {"error": 0, "data": {"message_id": f"zm{self.count}"}}
        return {"message_id": f"fm{self.count}", "recipient_id": "7000001"}

    # === THE WHOLE WAY ===

    def test_on_facebook(self):
        self.on_duty(self.other)
        self.hear_text("Shop ơi")
        talk = self.chat()
        self.assertEqual(self.said(talk), ["Chào bạn, shop nghe ạ.", "Bạn cần gì? 1. Mua sỉ 2. Mua lẻ"])
        self.assertTrue(talk.is_unanswered, "a script is no answer")
        calls = self.deliver(self.platform, rounds=2)
        self.assertEqual(
            calls[1].json["message"]["quick_replies"],
            [{"content_type": "text", "title": name, "payload": name} for name in ("Mua sỉ", "Mua lẻ")],
        )
        self.assertEqual(calls[1].json["messaging_type"], "RESPONSE")
        self.hear_text("mua si", "m_2", 1, quick_reply={"payload": "Mua sỉ"})
        self.assertEqual(self.said(talk)[2:], ["Dạ shop có bảng giá sỉ.", "Cho shop xin số điện thoại ạ."])
        self.assertEqual((talk.tag_ids, talk.team_id), (self.tag, self.south))
        self.hear_text("để mình hỏi đã", "m_3", self.later())
        self.assertIn("0901 234 567", self.said(talk)[4], "what is no number is asked for again")
        self.hear_text("0912 345 678 nhé", "m_4", self.later())
        self.assertEqual(self.said(talk)[5:], ["Bạn chờ nhân viên nhé."])
        self.assertEqual(talk.phone, "+84912345678")
        self.assertFalse(talk.channel_id.chatbot_current_step_id, "a person has it now")
        self.hear_text("alo", "m_5", self.later())
        self.assertEqual(len(self.said(talk)), 6)
        answers = talk.channel_id.chatbot_message_ids
        self.assertEqual(answers.user_script_answer_id, self.wholesale, "core's own statistics know the choice")

    def test_on_zalo_by_number(self):
        self.hear_zalo(text="Shop ơi")
        talk = self.chat(self.oa)
        calls = self.deliver(self.platform, rounds=2)
        self.assertEqual(calls[1].json["message"]["text"], "Bạn cần gì?\n\n1. Mua sỉ\n2. Mua lẻ")
        self.hear_zalo(mid="z2", text="2", seconds=1)
        self.assertEqual(self.said(talk)[2:], ["Cho shop xin số điện thoại ạ."], "the step of the other choice is left out")
        self.hear_zalo(mid="z3", text="0912345678", seconds=2)
        self.assertEqual(self.said(talk)[3:], ["Sáng mai shop gọi lại ạ."], "nobody is there: the further steps")
        self.assertFalse(talk.channel_id.chatbot_current_step_id)

    def test_long_choices_are_answered_by_number(self):
        self.assertEqual(facebook_api.quick_replies({"choices": ["x" * 21]}), {})
        self.assertEqual(facebook_api.quick_replies({"choices": ["x"] * 14}), {})

    # === ENDS ===

    def test_a_person_who_replies_ends_it(self):
        self.hear_text("Shop ơi")
        talk = self.chat()
        self.reply(talk, "Dạ em nghe")
        self.hear_text("1", "m_2", 1)
        self.assertEqual(len(self.said(talk)), 2)

    def test_what_is_not_understood_goes_to_people(self):
        self.hear_text("Shop ơi")
        talk = self.chat()
        for number in range(2, 6):
            self.hear_text("ủa là sao", f"m_{number}", self.later())
        self.assertEqual(len(self.said(talk)), 4, "asked three times in all")
        self.assertFalse(talk.channel_id.chatbot_current_step_id)

    def test_what_was_written_before_the_question_is_no_answer_to_it(self):
        """Customers write in bursts and press a button twice: the script asks again only those who have seen the question."""
        for number, text in enumerate(("Shop ơi", "cho mình hỏi", "giá sao ạ")):
            self.hear_text(text, f"m_{number}", number)
        talk = self.chat()
        self.assertEqual(len(self.said(talk)), 2)
        self.hear_text("1", "m_4", 4)
        self.hear_text("Mua sỉ", "m_5", 4)
        self.assertEqual(self.said(talk)[2:], ["Dạ shop có bảng giá sỉ.", "Cho shop xin số điện thoại ạ."], "a right answer counts at any time")

    def test_an_archived_script_says_nothing_more(self):
        self.hear_text("Shop ơi")
        talk = self.chat()
        self.script.active = False
        self.hear_text("1", "m_2", self.later())
        self.assertEqual((len(self.said(talk)), talk.tag_ids.ids), (2, []))
        self.assertFalse(talk.channel_id.chatbot_current_step_id)

    def test_a_deleted_step_ends_it(self):
        self.hear_text("Shop ơi")
        talk = self.chat()
        self.question.unlink()
        self.hear_text("1", "m_2", self.later())
        self.assertEqual((len(self.said(talk)), talk.preview), (2, "1"))

    def test_a_choice_within_another_choice(self):
        self.wholesale.name, self.retail.name = "Đồng ý", "Không đồng ý"
        self.hear_text("Shop ơi")
        talk = self.chat()
        self.hear_text("dạ không đồng ý nhé", "m_2", self.later())
        self.assertEqual((talk.tag_ids.ids, self.said(talk)[2:]), ([], ["Cho shop xin số điện thoại ạ."]))

    def test_an_address_is_looked_at(self):
        """Core takes an address alone and breaks the script for all else; rubbish is asked for again, and at last done without."""
        self.phone.step_type = "question_email"
        self.hear_text("Shop ơi")
        talk = self.chat()
        self.hear_text("2", "m_2", self.later())
        for number, rubbish in enumerate(("😀", "<b>a@</b> {{ object.env }}", "không có ạ")):
            self.assertEqual(len(self.said(talk)), 3 + number)
            self.hear_text(rubbish, f"m_3{number}", self.later())
        self.assertEqual(self.said(talk)[5:], ["Sáng mai shop gọi lại ạ."])

    def test_an_address_among_other_words(self):
        self.phone.step_type = "question_email"
        self.hear_text("Shop ơi")
        talk = self.chat()
        self.hear_text("2", "m_2", self.later())
        self.hear_text("email em là an@example.com, nhé", "m_3", self.later())
        self.assertEqual(self.said(talk)[3:], ["Sáng mai shop gọi lại ạ."])
        found = talk.channel_id._chatbot_find_customer_values_in_messages({"question_email": "email"})
        self.assertEqual(found, {"email": "an@example.com"})

    def test_an_agent_who_left_takes_nothing_over(self):
        self.hear_text("Shop ơi")
        talk = self.chat()
        talk._assign(self.agent)
        self.on_duty(self.agent)
        self.agent.active = False
        self.hear_text("2", "m_2", self.later())
        self.hear_text("0912345678, 0987654321", "m_3", self.later())
        self.assertEqual(self.said(talk)[3:], ["Sáng mai shop gọi lại ạ."])
        self.assertEqual((talk.user_id.ids, set(talk.phones.split())), ([], {"+84912345678", "+84987654321"}))

    def test_a_broken_script_costs_no_message(self):
        def broken(step, channel):
            raise ValueError("broken")

        self.patch(type(self.first), "_process_step", broken)
        with self.assertLogs("odoo.addons.sop_inbox.models.conversation.sop_conversation_bot", "ERROR"):
            self.hear_text("Shop ơi")
        self.assertEqual(self.chat().preview, "Shop ơi")

    def test_not_after_the_window_and_not_to_late_messages(self):
        self.hear_text("Hôm qua", seconds=-90_000)
        self.assertEqual(self.said(self.chat()), [])

    def test_nobody_is_given_what_a_script_is_asking(self):
        self.north.sop_distribution = "even"
        self.on_duty(self.agent)
        self.hear_text("Shop ơi")
        talk = self.chat()
        self.assertFalse(talk.user_id)
        self.env["sop.conversation"]._cron_distribute()
        self.assertFalse(talk.user_id)
        self.hear_text("Mua lẻ", "m_2", 1)
        self.hear_text("0912345678", "m_3", 2)
        self.assertEqual(talk.user_id, self.agent)

    def test_an_unanswered_script_is_given_after_a_while(self):
        self.north.sop_distribution = "even"
        self.on_duty(self.agent)
        self.hear_text("Shop ơi")
        talk = self.chat()
        talk.last_message_at = "2026-01-01 00:00:00"
        self.env["sop.conversation"]._cron_distribute()
        self.assertEqual(talk.user_id, self.agent)

    # === WHEN ===

    def works_now(self, works):
        self.patch(type(self.north), "_sop_works_now", lambda team, company: works)

    def test_out_of_hours_only(self):
        self.rules.write({"chatbot_enabled_condition": "sop_closed"})
        self.works_now(True)
        self.hear_zalo(text="Shop ơi")
        talk = self.chat(self.oa)
        self.assertEqual(self.said(talk), [])
        self.works_now(False)
        self.hear_zalo(mid="z2", text="Shop ngủ chưa", seconds=1)
        self.assertEqual(len(self.said(talk)), 2, "in the middle of a talk, too: nobody answers")

    def test_not_while_a_person_still_answers(self):
        self.rules.write({"chatbot_enabled_condition": "sop_closed"})
        self.works_now(True)
        self.hear_zalo(text="Shop ơi")
        talk = self.chat(self.oa)
        self.reply(talk, "Dạ em nghe")
        self.works_now(False)
        self.hear_zalo(mid="z2", text="Giá bao nhiêu", seconds=1)
        self.assertEqual(self.said(talk), [])

    def test_hours_are_those_of_the_team(self):
        never, always = self.env["resource.calendar"].create(
            [{"name": name, "company_id": self.company.id, "attendance_ids": [Command.clear()]} for name in ("Nghỉ", "Cả tuần")]
        )
        always.attendance_ids = [
            Command.create({"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24, "day_period": "morning"}) for day in range(7)
        ]
        self.north.sop_calendar_id = never
        self.assertFalse(self.north._sop_works_now(self.company))
        self.north.sop_calendar_id = always
        self.assertTrue(self.north._sop_works_now(self.company))

    def test_once_in_a_while(self):
        self.hear_text("Shop ơi")
        talk = self.chat()
        self.reply(talk, "Dạ")
        talk.with_user(self.agent).action_done()
        self.hear_text("Cảm ơn", "m_2", 1)
        self.assertEqual(len(self.said(talk)), 2, "a thank-you is not greeted")

    # === LIVE CHAT ===

    def test_live_chat_takes_tags_and_phone_too(self):
        channel = self.env["discuss.channel"].create({"name": "x", "channel_type": "group"})
        self.assertEqual(self.phone._process_answer(channel, "chưa có"), self.phone, "the same step again")
        self.assertEqual(self.phone._process_answer(channel, "0912345678"), self.handover)
        self.assertEqual(self.phone._process_answer(channel, "+91 98765 43210"), self.handover, "a number of another country")
        self.assertEqual(self.phone._process_answer(channel, "+ rẻ thôi nhé"), self.phone)
        talk = self.make("Khách web", kind="livechat")
        self.wish._process_step(talk.channel_id.sudo()._sop_posting("auto"))
        self.assertEqual(talk.tag_ids, self.tag)

    def test_a_live_chat_rule_for_closed_hours(self):
        livechat = self.env["im_livechat.channel"].create({"name": "Web", "user_ids": [Command.link(self.agent.id)]})
        account = self.env["sop.channel.account"]._for_livechat(livechat)
        account.team_id = self.north
        rule = self.env["im_livechat.channel.rule"].create(
            {"channel_id": livechat.id, "chatbot_script_id": self.script.id, "chatbot_enabled_condition": "sop_closed"}
        )
        self.patch(type(self.north), "_sop_works_now", lambda team, company: True)
        self.assertFalse(rule.match_rule(livechat.id, "/"))
        self.patch(type(self.north), "_sop_works_now", lambda team, company: False)
        self.assertEqual(rule.match_rule(livechat.id, "/"), rule)

    # === RIGHTS ===

    def test_a_script_that_is_tried_speaks_for_itself(self):
        """Core's page for trying a script opens the chat as a person of ours: what the script says is the bot's all the same."""
        tester = new_test_user(self.env, "tester", groups="base.group_user,im_livechat.im_livechat_group_manager")
        bot = self.script.operator_partner_id
        members = [
            Command.create({"partner_id": partner.id, "livechat_member_type": kind})
            for partner, kind in ((bot, "bot"), (tester.partner_id, "visitor"))
        ]
        values = {"name": self.script.title, "channel_type": "livechat", "livechat_operator_id": bot.id, "channel_member_ids": members}
        chat = self.env["discuss.channel"].with_user(tester).create(values)
        said = self.script.with_user(tester)._post_welcome_steps(chat)
        self.assertEqual(said.mapped(lambda message: (message.author_id, message.preview)), [(bot, "Chào bạn, shop nghe ạ."), (bot, "Bạn cần gì?")])
        self.assertEqual(said.env.user, tester)

    def test_managers_of_the_inbox_write_scripts(self):
        script = self.env["chatbot.script"].with_user(self.manager).create({"title": "Mới"})
        rule = self.rules[:1].with_user(self.manager)
        rule.write({"chatbot_script_id": script.id, "sequence": 3})
        with self.assertRaises(AccessError):
            self.rules[:1].with_user(self.agent).write({"sequence": 4})
