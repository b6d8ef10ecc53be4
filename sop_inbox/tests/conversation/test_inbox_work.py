import unicodedata
from datetime import datetime, timedelta
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, freeze_time, tagged

from odoo.addons.sop_pipeline.tests.queries import cold_queries

from ...tools.assignment import Candidate, choose, has_room
from ...tools.words import has_word, split_words
from ..common import InboxCommon


@tagged("post_install", "-at_install")
class TestChoose(BaseCase):
    """Even shares within capacity, whatever comes."""

    @given(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8)), min_size=1, max_size=6),
        st.integers(0, 40),
    )
    def test_assignment_keeps_capacity_and_even_shares(self, people, rounds):
        loads = {key: load for key, (load, _capacity) in enumerate(people)}
        capacity = {key: capacity for key, (_load, capacity) in enumerate(people)}
        for _round in range(rounds):
            candidates = [Candidate(key, loads[key], capacity[key]) for key in loads]
            chosen = choose(candidates)
            if chosen is None:
                self.assertFalse(any(map(has_room, candidates)), "nobody waits while somebody has room")
                break
            self.assertEqual(loads[chosen], min(c.load for c in candidates if has_room(c)))
            loads[chosen] += 1
            self.assertTrue(not capacity[chosen] or loads[chosen] <= max(capacity[chosen], people[chosen][0]))

    def test_last_seller_first_while_they_have_room(self):
        people = [Candidate(1, 0), Candidate(2, 4, capacity=5), Candidate(3, 5, capacity=5)]
        self.assertEqual(choose(people, preferred=2), 2)
        self.assertEqual(choose(people, preferred=3), 1)
        self.assertEqual(choose(people, preferred=9), 1)

    def test_among_equals_the_longest_waiting(self):
        self.assertEqual(choose([Candidate(1, 0, 0, datetime(2026, 1, 2)), Candidate(2, 0, 0, datetime(2026, 1, 1))]), 2)
        self.assertEqual(choose([Candidate(1, 0, 0, datetime(2026, 1, 2)), Candidate(2, 0)]), 2)
        self.assertIsNone(choose([]))

    def test_words_with_and_without_accents(self):
        words = split_words("bán buôn, gia si;\nship\n bán  buôn ")
        self.assertEqual(words, ["bán buôn", "gia si", "ship"])
        self.assertTrue(has_word("Cho mình hỏi GIÁ SỈ với", words))
        self.assertTrue(has_word("Có ship Đà Nẵng không", words))
        self.assertFalse(has_word("ban buon", ["bán buôn"]), "a word with accents is met only with them")
        self.assertFalse(has_word("shipper", ["ship"]), "whole words only")
        self.assertFalse(has_word("gì cũng được", []))


@tagged("post_install", "-at_install")
class TestWork(InboxCommon):
    """Distribution, reply times, bulk, counters, customers and leads."""

    def on_duty(self, *users):
        for user in users:
            self.env["sop.duty"].with_user(user).action_set(True)

    def test_even_distribution_over_staff_on_duty(self):
        self.north.sop_distribution = "even"
        self.on_duty(self.agent, self.mate, self.other)
        conversations = [self.make(f"Khách {i}") for i in range(4)]
        for conversation in conversations:
            self.say(conversation)
        users = [c.user_id for c in conversations]
        self.assertEqual(sorted(u.login for u in users), ["inbox_agent"] * 2 + ["inbox_mate"] * 2)

    def test_capacity_leaves_the_rest_waiting_until_somebody_comes(self):
        self.north.write({"sop_distribution": "even", "sop_capacity": 1})
        self.on_duty(self.agent)
        first, second = self.make("A"), self.make("B")
        self.say(first)
        self.say(second)
        self.assertEqual((first.user_id, second.user_id.id), (self.agent, False))
        self.on_duty(self.mate)
        self.env["sop.conversation"]._cron_distribute()
        self.assertEqual(second.user_id, self.mate)

    def test_customer_who_comes_back_gets_their_seller(self):
        before = self.make("Chị Tư", kind="comment", thread_ref="p")
        before.with_user(self.mate).action_claim()
        before.with_user(self.mate).action_done()
        self.north.sop_distribution = "even"
        self.on_duty(self.agent, self.mate)
        again = self.make("Chị Tư")
        self.say(again)
        self.assertEqual(again.user_id, self.mate)

    def test_nobody_on_duty_leaves_it_unassigned(self):
        self.north.sop_distribution = "even"
        conversation = self.make()
        self.say(conversation)
        self.assertFalse(conversation.user_id)
        self.on_duty(self.agent)
        self.assertTrue(self.env["sop.duty"].with_user(self.agent).get_state())
        self.env["sop.duty"].with_user(self.agent).action_set(False)
        self.env["sop.conversation"]._cron_distribute()
        self.assertFalse(conversation.user_id)

    def test_reply_times_count_working_hours_and_persons_only(self):
        self.north.sop_reply_target = 30
        self.north.sop_calendar_id = self.env["resource.calendar"].create({"name": "8-12 13-17", "tz": "UTC"})
        conversation = self.make()
        friday, monday = datetime(2026, 3, 6, 16, 50), datetime(2026, 3, 9, 8, 40)
        self.say(conversation, at=friday)
        self.assertEqual(conversation.reply_due_at, datetime(2026, 3, 9, 8, 20))
        conversation._post_outbound("Bot đây", at=friday, auto=True)
        self.assertFalse(conversation.first_reply_at)
        with freeze_time(monday):
            self.assertIn(conversation, self.env["sop.conversation"].search([("reply_due_at", "<", "now")]))
        conversation._post_outbound("Dạ", at=monday, user=self.agent)
        response = self.env["sop.response"].search([("conversation_id", "=", conversation.id)])
        self.assertRecordValues(response, [{"kind": "first", "user_id": self.agent.id, "working_minutes": 50, "is_late": True, "hour": 23}])
        self.assertEqual(conversation.first_reply_at, monday)
        self.assertFalse(conversation.reply_due_at)
        conversation.with_user(self.agent).action_done()
        kinds = self.env["sop.response"].search([("conversation_id", "=", conversation.id)]).mapped("kind")
        self.assertCountEqual(kinds, ["first", "resolution"])

    def test_bulk_does_what_it_can_and_tells_the_rest(self):
        mine = self.make("A") | self.make("B")
        theirs = self.make("C", account=self.account.copy({"external_id": "south", "team_id": self.south.id}))
        results = (mine | theirs).with_user(self.agent).action_bulk("done")
        self.assertEqual([r["ok"] for r in results], [True, True, False])
        self.assertTrue(results[2]["error"])
        self.assertEqual(mine.mapped("state") + [theirs.state], ["done", "done", "open"])
        tag = self.env["crm.tag"].create({"name": "Sỉ"})
        mine.with_user(self.agent).action_bulk("tag", tag.ids)
        self.assertEqual(mine.tag_ids, tag)
        mine.with_user(self.agent).action_bulk("untag", tag.ids)
        self.assertFalse(mine.tag_ids)
        with self.assertRaises(UserError):
            mine.with_user(self.agent).action_bulk("unlink")

    def test_bulk_leaves_who_has_written_meanwhile(self):
        """What came after the press is told and left; what others are asked to do, or nobody asks about, is as ever."""
        tomorrow = fields.Datetime.to_string(fields.Datetime.add(fields.Datetime.now(), days=1))
        for operation, value in (("done", None), ("spam", None), ("snooze", tomorrow), ("read", None)):
            chats = self.make(f"{operation} A") | self.make(f"{operation} B") | self.make(f"{operation} C") | self.make(f"{operation} D")
            for chat in chats[:3]:
                self.say(chat, "Một")
            shown = chats.mapped("last_inbound_ref")
            self.say(chats[1], "Hai")
            results = chats.with_user(self.agent).action_bulk(operation, value, shown)
            with self.subTest(operation):
                self.assertEqual([result["ok"] for result in results], [True, False, True, True])
                self.assertEqual([result["name"] for result in results], chats.mapped("name"))
                self.assertEqual(results[1]["error"], f"{operation} B has written meanwhile, so nothing was changed. Read the new message first.")
                self.assertRecordValues(chats[1], [{"state": "open", "unread_count": 2}])
                self.assertTrue(chats[1].is_unanswered)
                [result] = chats[1].with_user(self.agent).action_bulk("assign", self.agent.id, shown[1:2])
                self.assertTrue(result["ok"], "nothing is taken as seen")
                [result] = chats[1].with_user(self.agent).action_bulk(operation, value)
                self.assertTrue(result["ok"])

    def test_bulk_asks_nothing_more_about_what_is_new(self):
        """Comparing with what the screen showed costs no query, nor does a conversation that is left."""

        def queries(count, with_shown):
            chats = self.make(f"{count} {with_shown} 0")
            for number in range(1, count):
                chats |= self.make(f"{count} {with_shown} {number}")
            for chat in chats:
                self.say(chat, "Một")
            self.env.flush_all()
            shown = chats.mapped("last_inbound_ref") if with_shown else None
            return cold_queries(self.env, lambda: chats.with_user(self.agent).action_bulk("done", None, shown))

        queries(1, True)
        for count in (1, 5):
            self.assertEqual(queries(count, True), queries(count, False))
        left = self.make("Ở lại 0") | self.make("Ở lại 1") | self.make("Ở lại 2")
        for chat in left:
            self.say(chat, "Một")

        def refused(chats):
            return cold_queries(self.env, lambda: chats.with_user(self.agent).action_bulk("done", None, [1] * len(chats)))

        self.assertEqual(refused(left), refused(left[:1]))

    def test_any_tag_is_found(self):
        """By a part of its name, with or without accents, however many there are; in one statement."""
        Tag = self.env["crm.tag"]
        Tag.create([{"name": f"Aa {number:03}"} for number in range(210)])
        tag = Tag.create({"name": "Zz Khách sỉ 50%_Đà Nẵng", "color": 4})
        screen = self.env["sop.inbox.screen"].with_user(self.agent)
        first = screen.get_tags()
        self.assertEqual(len(first), 200)
        self.assertEqual(first[0]["name"], "Aa 000")
        self.assertNotIn(tag.id, [row["id"] for row in first])
        for words in ("zz khach si", " KHÁCH SỈ ", unicodedata.normalize("NFD", "sỉ 50%"), "50%_đà", "da nang"):
            with self.subTest(words):
                self.assertEqual(screen.get_tags(words), [{"id": tag.id, "name": "Zz Khách sỉ 50%_Đà Nẵng", "color": 4}])
        for words in ("50_", "zz%nẵng", "không có"):
            self.assertEqual(screen.get_tags(words), [], words)
        for words in ("", "aa", "da nang"):
            self.env.invalidate_all()
            with self.subTest(words), self.assertQueryCount(1):
                screen.get_tags(words)

    def test_bulk_is_not_for_everything(self):
        """Too many at once, an operation that is none, or somebody who has left: said in words, nothing is done."""
        talk = self.make().with_user(self.agent)
        self.mate.active = False
        [result] = talk.action_bulk("assign", self.mate.id)
        self.assertFalse(result["ok"])
        self.assertIn("Minh", result["error"])
        with patch("odoo.addons.sop_inbox.models.conversation.sop_inbox_screen.BULK_LIMIT", 1), self.assertRaisesRegex(UserError, "At most 1 conv"):
            (talk | self.make("Hai").with_user(self.agent)).action_bulk("done")
        with self.assertRaisesRegex(UserError, "Unknown operation: write"):
            talk.action_bulk("write", {"state": "done"})
        self.assertRecordValues(talk, [{"state": "open", "user_id": False}])

    def agents(self, conversation, user):
        """The people one is offered to give a conversation to."""
        return self.env["sop.inbox.screen"].with_user(user).browse(conversation.id).get_agents()

    def test_who_a_conversation_may_be_given_to(self):
        """The company's staff, who is on duty first, with what each has; nobody of elsewhere, and nobody who has left."""
        left = self.agent.copy({"login": "inbox_left", "name": "Aa đã nghỉ"})
        left.active = False
        talk = self.make()
        for number, state in enumerate(("open", "open", "done")):
            self.make(f"Khách {number}", user_id=self.mate.id, state=state)
        self.on_duty(self.other)
        rows = self.agents(talk, self.agent)
        found = {row["id"]: row for row in rows}
        for user in (self.agent, self.mate, self.other, self.manager):
            self.assertEqual(found[user.id]["name"], user.name)
        for user in (self.foreign, self.portal, left):
            self.assertNotIn(user.id, found, user.login)
        self.assertEqual([row["on_duty"] for row in rows], sorted((row["on_duty"] for row in rows), reverse=True))
        self.assertTrue(found[self.other.id]["on_duty"])
        self.assertEqual((found[self.mate.id]["load"], found[self.agent.id]["load"]), (2, 0), "what is open")
        for user in (self.portal, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.agents(talk, user)

    def test_everybody_offered_may_have_it(self):
        """The list and the operation agree: nobody is offered who is then refused, and nobody else is taken."""
        talk = self.make()
        for row in self.agents(talk, self.manager):
            talk.with_user(self.manager).action_assign(row["id"])
            self.assertEqual(talk.user_id.id, row["id"])
        for user in (self.foreign, self.portal, self.env.ref("base.public_user")):
            with self.subTest(user.login), self.assertRaises(UserError):
                talk.with_user(self.manager).action_assign(user.id)

    def test_counters_are_what_the_chips_show(self):
        Conversation = self.env["sop.conversation"].with_user(self.agent)
        conversations = [self.make(f"K{i}", kind="comment" if i % 2 else "message", thread_ref=f"{i}") for i in range(6)]
        for conversation in conversations[:3]:
            self.say(conversation, "0901234567")
        self.reply(conversations[0])
        conversations[5].with_user(self.agent).action_done()
        counters = Conversation.get_counters()
        for name, chip in self.env["sop.inbox.screen"].with_user(self.agent)._chip_domains().items():
            with self.subTest(chip=name):
                self.assertEqual(counters[name], Conversation.search_count([("state", "=", "open"), *chip]))
        self.assertEqual((counters["unread"], counters["comment"]), (2, 2))
        with self.assertQueryCount(2):  # the user's saved views, and one statement that counts
            Conversation.get_counters()

    def test_customer_and_lead_are_made_once(self):
        conversation = self.make("Trần Bình")
        self.say(conversation, "sdt 0912345678")
        tag = self.env["crm.tag"].create({"name": "Mới"})
        mine = conversation.with_user(self.agent)
        mine.tag_ids = tag
        partner_id = mine.action_create_partner({"name": "Trần Văn Bình"})
        self.assertEqual(mine.action_create_partner(), partner_id)
        self.assertEqual(conversation.partner_id.name, "Trần Văn Bình")
        self.north.sop_process = True
        lead_id = mine.action_create_lead()
        self.assertEqual(mine.action_create_lead(), lead_id)
        lead = conversation.lead_id
        self.assertEqual((lead.stage_id.sop_code, lead.type, lead.partner_id.id), ("collect", "opportunity", partner_id))
        self.assertIn(tag, lead.tag_ids)
        late = self.env["crm.tag"].create({"name": "VIP"})
        mine.tag_ids = [(4, late.id)]
        self.assertIn(late, lead.tag_ids)
        self.assertEqual(conversation.channel_id.sop_conversation_id, conversation, "the thread stays")

    def test_customer_with_that_phone_is_not_made_twice(self):
        conversation = self.make()
        self.say(conversation, "0912345678")
        known = self.env["res.partner"].create({"name": "Cũ", "phone": "+84912345678"})
        self.assertEqual(conversation.with_user(self.agent).action_create_partner(), known.id)
        with self.assertRaises(UserError):
            self.make("Khác").with_user(self.agent).action_create_partner({"credit_limit": 1})

    def test_merged_lead_takes_its_conversations_along(self):
        conversation = self.make()
        leads = self.env["crm.lead"].create([{"name": "A", "type": "opportunity"}, {"name": "B", "type": "opportunity"}])
        conversation.lead_id = leads[1]
        kept = leads.merge_opportunity()
        self.assertEqual(conversation.lead_id, kept)

    def test_deleted_message_leaves_true_counters(self):
        conversation = self.make()
        self.say(conversation)
        self.say(conversation, "hai").unlink()
        self.assertEqual(conversation.unread_count, 1)
        self.assertFalse(self.env["sop.conversation.recount"]._find_drift(conversation.ids))
        conversation.unread_count = 7
        self.assertEqual([d["column"] for d in self.env["sop.conversation.recount"].browse(conversation.ids)._recount()], ["unread_count"])
        self.assertEqual(conversation.unread_count, 1)

    def test_activity_overdue(self):
        conversation = self.make().with_user(self.agent)
        conversation.activity_schedule("mail.mail_activity_data_todo", date_deadline=fields.Date.today() - timedelta(days=1))
        self.assertIn(conversation, conversation.search([("activity_date_deadline", "<", "today")]))
        conversation.activity_ids.action_feedback(feedback="Đã gọi")
        self.assertIn("Đã gọi", conversation.message_ids[0].body)

    def test_who_has_left_does_not_hold_a_conversation(self):
        """The user behind a member is archived: done, assigning and spam are for the others to press."""
        leaver = self.agent.copy({"login": "leaver", "name": "Leaver"})
        conversations = [self.make(f"Khách {number}", user_id=leaver.id) for number in range(3)]
        for conversation in conversations:
            conversation._sync_members()
            self.assertIn(leaver.partner_id, conversation.channel_id.channel_member_ids.partner_id)
        leaver.active = False
        done, given, spam = (conversation.with_user(self.manager) for conversation in conversations)
        done.action_done()
        given.action_assign(self.agent.id)
        spam.action_spam()
        self.assertEqual([c.state for c in (done, given, spam)], ["done", "open", "spam"])
        self.assertEqual(given.user_id, self.agent)
        for conversation in conversations:
            self.assertNotIn(leaver.partner_id, conversation.channel_id.channel_member_ids.partner_id)
