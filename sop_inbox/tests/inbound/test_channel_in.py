import itertools
import random
from datetime import UTC, datetime

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..channel_common import PAGE, POST, PSID, ChannelCommon


@tagged("post_install", "-at_install")
class TestChannelIn(ChannelCommon):
    """What platforms tell ends in conversations, in any order and any number of times."""

    def state_of(self, conversation):
        """Everything a person sees of a thread, without ids."""
        messages = self.env["mail.message"].search(
            [("model", "=", "discuss.channel"), ("res_id", "=", conversation.channel_id.id), ("message_type", "=", "comment")]
        )
        # without core's mark of a change, before which it puts a blank
        words = {m: str(m.body).replace('<span class="o-mail-Message-edited"></span>', "").replace(" </p>", "</p>") for m in messages}
        seen = sorted((m.date, m.sop_side, words[m]) for m in messages)
        rows = sorted(
            (row.external_ref, row.direction, row.state, row.is_removed, row.is_hidden, row.reactions) for row in conversation.channel_message_ids
        )
        # a late message is unread although it was answered: how many are depends on when a person looked
        unread = -1 if conversation.last_outbound_at else conversation.unread_count
        names = ("is_unanswered", "last_message_at", "last_inbound_at", "last_outbound_at", "has_phone", "phone")
        return seen, rows, [*[conversation[name] for name in names], unread]

    def orders(self, count):
        """The plain order, its reverse, and ten others."""
        orders = list(itertools.permutations(range(count)))
        return [orders[0], orders[-1], *random.Random(11).sample(orders[1:-1], 10)]

    def test_message_that_comes_after_its_answer(self):
        """Read where it was answered, when that was in the platform's tool; nobody here can have read it, when it was here."""
        self.hear_text("Một", "m_1", 0)
        self.hear_echo("Dạ", "m_e", 20, app_id="9")
        self.hear_text("Hai", "m_2", 10)
        talk = self.chat()
        self.assertEqual((talk.unread_count, talk.is_unanswered, talk.preview), (0, False, "Dạ"))
        self.reply(talk, "Shop đây")
        self.hear_text("Ba", "m_3", 40)
        self.assertEqual(talk.unread_count, 1)

    def test_text_makes_a_conversation_once(self):
        events = self.hear_text("Chào shop 0901234567")
        self.assertEqual((events.state, events.kind, events.account_id), ("done", "message", self.page))
        again = self.hear_text("Chào shop 0901234567")
        self.assertFalse(again, "a repetition is not even stored")
        chat = self.chat()
        self.assertEqual((chat.unread_count, chat.is_unanswered, chat.has_phone), (1, True, True))
        self.assertEqual(chat.phone, "+84901234567")
        self.assertEqual(chat.last_inbound_at, self.now)
        self.assertEqual(chat.team_id, self.north)

    def test_every_order_has_the_same_end(self):
        """Message, edit, reaction, read mark and echo of staff: twelve of their 120 orders."""
        bodies = [
            self.messenger(-50, message={"mid": "m_1", "text": "gọi 0901234567"}),
            self.messenger(-40, message_edit={"mid": "m_1", "text": "gọi 0901234567 nhé", "num_edit": 1}),
            self.messenger(-30, reaction={"mid": "e_1", "action": "react", "emoji": "❤"}),
            self.messenger(-10, read={"watermark": self.messenger(-15)["entry"][0]["time"]}),
            self.messenger(-20, PAGE, PSID, message={"mid": "e_1", "text": "Dạ", "is_echo": True, "app_id": 1}),
        ]
        wanted = None
        for order in self.orders(len(bodies)):
            with self.env.cr.savepoint() as savepoint:
                for index in order:
                    self.hear(self.fb_app, bodies[index])
                state = self.state_of(self.chat())
                wanted = wanted or state
                self.assertEqual(state, wanted, f"order {order}")
                savepoint.rollback()
        self.assertEqual([line[1:] for line in wanted[0]], [("in", "<p>gọi 0901234567 nhé</p>"), ("out", "<p>Dạ</p>")])
        self.assertEqual(wanted[1][0][:3], ("e_1", "out", "read"))

    def test_comment_orders_have_the_same_end(self):
        ref = f"{PAGE}_900_1"
        bodies = [
            self.comment_body("add", ref, "Giá? 0901234567", -50),
            self.comment_body("edited", ref, "Giá bao nhiêu? 0901234567", -40),
            self.comment_body("hide", ref, "", -30),
            self.comment_body("unhide", ref, "", -20),
            self.comment_body("add", f"{PAGE}_900_2", "Dạ 200k ạ", -10, sender=PAGE, parent_id=ref),
        ]
        wanted = None
        for order in self.orders(len(bodies)):
            with self.env.cr.savepoint() as savepoint:
                for index in order:
                    self.hear(self.fb_app, bodies[index])
                chat = self.chat(kind="comment")
                # hiding by itself is ours to ask for: whether it waits depends on when we heard of it
                chat.channel_message_ids.filtered(lambda row: row.part == "op").unlink()
                state = self.state_of(chat)
                wanted = wanted or state
                self.assertEqual(state, wanted, f"order {order}")
                savepoint.rollback()
        self.assertEqual([line[2] for line in wanted[0]], ["<p>Giá bao nhiêu? 0901234567</p>", "<p>Dạ 200k ạ</p>"])
        self.assertFalse(wanted[2][0], "the page's own comment is an answer")

    def test_removed_before_added(self):
        self.hear_comment("remove", text="")
        self.hear_comment("add", text="Xấu 0901234567")
        chat = self.chat(kind="comment")
        self.assertTrue(self.row(f"{PAGE}_900_1").is_removed)
        self.assertNotIn("Xấu", chat.preview)
        self.assertTrue(chat.has_phone, "the shop keeps the phone")

    def test_poison_item_leaves_the_others(self):
        body = self.messenger(0, message={"mid": "m_1", "text": "một"})
        body["entry"][0]["messaging"] += [
            {"sender": 5, "message": []},
            {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "message": {"mid": "m_2", "text": "\x00\ud800 hai"}},
            {"what": "is this"},
        ]
        events = self.hear(self.fb_app, body)
        self.assertEqual(sorted(events.mapped("state")), ["done", "done", "ignored", "ignored"])
        self.assertEqual(self.chat().unread_count, 2)

    def test_failing_event_is_tried_again_then_dead_then_replayed(self):
        def fail(*args):
            raise ValueError("broken")

        self.patch(type(self.env["sop.channel.applier"]), "_apply_message", fail)
        with self.assertLogs("odoo.addons.sop_inbox.models.inbound.sop_channel_event", "WARNING"):
            event = self.hear_text("khó")
            self.assertEqual((event.state, event.attempts), ("new", 1))
            self.assertGreater(event.next_attempt_at, fields.Datetime.now())
            for _attempt in range(7):
                event._apply()
        self.assertEqual((event.state, event.attempts), ("dead", 8))
        self.assertEqual(self.page.event_dead_count, 1)
        self.patch(type(self.env["sop.channel.applier"]), "_apply_message", lambda *args: None)
        event.with_user(self.manager).action_replay()
        event._apply()
        self.assertEqual(event.state, "done")

    def test_what_a_platforms_code_fails_over_leaves_the_others(self):
        """A parser that breaks, or a platform whose addon is gone, stops neither the customer's other events nor the job."""
        facebook = type(self.env["sop.provider.facebook"])
        read = facebook.understand

        def understand(service, item):
            if item.payload["messaging"]["message"]["mid"] == "m_1":
                raise KeyError("from")
            return read(service, item)

        self.patch(facebook, "understand", understand)
        body = self.messenger(0, message={"mid": "m_1", "text": "một"})
        body["entry"][0]["messaging"] += self.messenger(1, message={"mid": "m_2", "text": "hai"})["entry"][0]["messaging"]
        with self.assertLogs("odoo.addons.sop_inbox.models.inbound.sop_channel_event", "WARNING"):
            broken, good = self.hear(self.fb_app, body)
        self.assertEqual((broken.state, broken.attempts, broken.error), ("new", 1, "KeyError: 'from'"))
        self.assertEqual((good.state, self.chat().preview), ("done", "hai"))
        self.patch(facebook, "understand", read)
        broken._apply()
        self.assertEqual((broken.state, self.chat().unread_count), ("done", 2), "mended, nothing is lost")

    def test_a_parser_that_returns_no_fact_or_a_time_with_a_zone(self):
        """Slips in a platform's code: the event fails with words, its channel shows it, and the job goes on."""
        facebook = type(self.env["sop.provider.facebook"])
        read = facebook.understand
        aware = datetime(2026, 11, 30, tzinfo=UTC)
        for mid, slip in (("m_1", lambda service, item: None), ("m_2", lambda service, item: read(service, item)._replace(at=aware))):
            self.patch(facebook, "understand", slip)
            with self.assertLogs("odoo.addons.sop_inbox.models.inbound.sop_channel_event", "WARNING"):
                event = self.hear_text("Alo", mid)
            self.assertEqual((event.state, event.attempts, event.account_id, event.error[:9]), ("new", 1, self.page, "TypeError"))

    def understood(self, **values):
        """Apply a text of which a platform's parser has returned a fact with these values; returns the event and what was logged."""
        facebook = type(self.env["sop.provider.facebook"])
        read = facebook.understand
        self.patch(facebook, "understand", lambda service, item: read(service, item)._replace(**values))
        with self.assertLogs("odoo.addons.sop_inbox.models.inbound.sop_channel_event", "WARNING") as logs:
            event = self.hear_text("Alo")
        return event, "\n".join(logs.output)

    def test_a_name_that_no_fact_has_is_refused(self):
        """A parser's slip is not silence: the event fails, and its error says which names there are."""
        event, logged = self.understood(data={"reply_too": "m_0"})
        self.assertEqual(event.state, "new")
        self.assertIn("'reply_too'", event.error)
        self.assertIn("'reply_to'", event.error)
        self.assertIn("ValueError", logged)
        self.assertFalse(self.page.conversation_ids)

    def test_a_kind_that_nothing_applies_is_refused(self):
        event, _logged = self.understood(kind="massage")
        self.assertEqual((event.state, event.error), ("new", "ValueError: There is no kind of fact 'massage'."))

    def test_a_module_s_own_kind_has_what_data_it_likes(self):
        """The door of docs/add_a_channel.md: a method ``_apply_<kind>``, and a name more by ``_data_names``."""
        applier, heard = type(self.env["sop.channel.applier"]), []
        applier._apply_poll = lambda _self, account, fact: heard.append((account, fact.data["votes"]))
        self.addCleanup(delattr, applier, "_apply_poll")
        facebook = type(self.env["sop.provider.facebook"])
        read = facebook.understand
        self.patch(facebook, "understand", lambda service, item: read(service, item)._replace(kind="poll", data={"votes": 3}))
        event = self.hear_text("Alo")
        self.assertEqual((event.state, heard), ("done", [(self.page, 3)]))

    def named(self, name, mid):
        """The customer writes on a platform that says their name with each message."""
        facebook = type(self.env["sop.provider.facebook"])
        read = facebook.understand
        self.patch(facebook, "understand", lambda service, item: read(service, item)._replace(data={"name": name}))
        event = self.hear_text("Alo", mid)
        self.patch(facebook, "understand", read)
        self.assertEqual(event.state, "done", event.error)

    def test_a_message_says_who_writes(self):
        """A name in the message is the customer's, in chat and list; an empty one, or one that shows nothing, is none."""
        self.named("\u200b", "m_1")
        self.assertTrue(self.chat().identity_id.is_nameless)
        self.named("Lê \u202eAn" + "n" * 300, "m_2")
        person = self.chat().identity_id
        self.assertEqual((person.is_nameless, person.name[:5], len(person.name)), (False, "Lê An", 200))
        self.assertEqual((self.chat().name, person.guest_id.name), (person.name, person.name))

    def test_a_message_s_name_never_overwrites(self):
        """What a colleague typed stays, and so does the name said first."""
        self.hear_text("Alo", "m_1")
        self.agent.group_ids |= self.env.ref("base.group_partner_manager")
        self.chat().with_user(self.agent).action_create_partner({"name": "Chị Tư"})
        self.named("tu.nguyen_98", "m_2")
        person = self.chat().identity_id
        self.assertEqual((self.chat().name, person.name, person.guest_id.name), ("Chị Tư", "Chị Tư", "Chị Tư"))

    def test_a_platform_that_names_no_account(self):
        """All that comes for the app is its one channel's, also what came before the channel was there; a second one is refused."""
        self.patch(type(self.env["sop.provider.facebook"]), "_names_account", False)
        app = self.env["sop.channel.app"].create({"provider": "facebook", "app_ref": "app2", "app_secret": "s", "webhook_key": "k2"})

        def say(mid):
            body = self.messenger(message={"mid": mid, "text": mid})
            body["entry"][0]["id"] = ""
            return self.hear(app, body)

        early = say("m_1")
        self.assertEqual((early.state, early.page_ref), ("ignored", ""))
        vals = {"app_id": app.id, "external_id": "whatever"}
        account = self.env["sop.channel.account"].create(vals)
        early._apply()
        now = say("m_2")
        self.assertEqual((early.account_id, now.account_id, account.conversation_ids.unread_count), (account, account, 2))
        with self.assertRaises(ValidationError):
            self.env["sop.channel.account"].create({**vals, "external_id": "second"})
        account.active = False
        second = self.env["sop.channel.account"].create({**vals, "external_id": "second"})
        third = say("m_3")
        self.assertEqual(third.account_id, second)
        self.assertEqual(self.env["sop.channel.event"].search(second._events_domain()), early | now | third, "found for erasure, and for echoes")
        with self.assertRaises(ValidationError):
            account.active = True
        self.assertFalse(self.page.conversation_ids, "another app's")

    def test_page_not_set_up_is_kept_until_it_is(self):
        body = self.messenger(message={"mid": "m_9", "text": "Alo"})
        body["entry"][0]["id"] = "2000"
        body["entry"][0]["messaging"][0]["recipient"]["id"] = "2000"
        event = self.hear(self.fb_app, body)
        self.assertEqual((event.state, bool(event.account_id)), ("ignored", False))
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env.company.partner_id.lang = "vi_VN"
        told = event.with_context(lang=None)._apply_one(self.env["sop.channel.account"], event._read_fact())
        self.assertEqual(told["error"], "Chưa thiết lập kênh cho trang này.", "the job writes in the company's language")
        account = self.env["sop.channel.account"].create({"app_id": self.fb_app.id, "external_id": "2000"})
        self.assertEqual(event.state, "new")
        event._apply()
        self.assertEqual((event.state, account.conversation_ids.unread_count), ("done", 1))

    def test_a_corrected_page_id_brings_what_came_before(self):
        """Nothing lost: a mistyped id, or a channel that was archived, is no reason to forget what customers wrote."""
        account = self.env["sop.channel.account"].create({"app_id": self.fb_app.id, "external_id": "20000"})
        body = self.messenger(message={"mid": "m_9", "text": "Alo"})
        body["entry"][0]["id"] = body["entry"][0]["messaging"][0]["recipient"]["id"] = "2000"
        event = self.hear(self.fb_app, body)
        self.assertEqual(event.state, "ignored")
        account.active = False
        account.external_id = "2000"
        self.assertEqual(event.state, "ignored")
        account.active = True
        self.assertEqual(event.state, "new")
        event._apply()
        self.assertEqual((event.state, account.conversation_ids.preview), ("done", "Alo"))

    def test_lines_stay_lines(self):
        """An address comes in three lines, and an edit of it too; what looks like markup is words."""
        self.hear_text("Nguyễn A\n12 Lê Lợi <b>\n0901234567")
        message = self.row("m_1").mail_message_id
        self.assertEqual(message.body, "<p>Nguyễn A<br>12 Lê Lợi &lt;b&gt;<br>0901234567</p>")
        self.hear(self.fb_app, self.messenger(5, message_edit={"mid": "m_1", "text": "Nguyễn B\n14 Lê Lợi", "num_edit": 1}))
        self.assertIn("Nguyễn B <br>14 Lê Lợi", message.body)
        self.hear_echo("Dạ\nvâng", "m_2", 10, app_id="9")
        self.assertIn("Dạ<br>vâng", self.row("m_2").mail_message_id.body)
        self.assertEqual((self.chat().phone, self.chat().preview), ("+84901234567", "Dạ vâng"))

    def test_a_comment_of_nobody_is_shown(self):
        """Meta may leave out who commented."""
        body = self.comment_body(text="Còn hàng không?")
        body["entry"][0]["changes"][0]["value"].pop("from")
        self.hear(self.fb_app, body)
        thread = self.chat(kind="comment")
        self.assertEqual((thread.preview, thread.unread_count), ("Còn hàng không?", 1))
        row = self.row(f"{POST}_1")
        self.assertEqual((row.direction, row.conversation_id), ("in", thread))

    def test_words_of_the_worker_are_the_company_s(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.company.partner_id.lang = "vi_VN"
        self.hear_text("bí mật")
        self.hear(self.fb_app, self.messenger(5, message={"mid": "m_1", "is_deleted": True}))
        self.assertEqual(self.chat().preview, "[Khách đã thu hồi tin nhắn này]")
        self.hear_comment()
        self.hear_comment(verb="remove", seconds=5)
        self.assertEqual(self.chat(kind="comment").preview, "[Bình luận đã bị xóa]")

    def test_old_events_go_in_rounds(self):
        """Whatever their number: who clears is told what is left."""
        event = self.hear_text()
        event.received_at = fields.Datetime.subtract(self.now, days=31)
        self.env.flush_all()
        self.assertEqual(self.env["sop.channel.event"]._gc_applied(), (1, 0))
        self.assertFalse(event.exists())

    def test_an_app_speaks_for_its_own_pages_only(self):
        other = self.env["sop.channel.app"].create({"provider": "facebook", "app_ref": "app2", "app_secret": "x"})
        event = self.hear(other, self.messenger(message={"mid": "m_1", "text": "giả"}))
        self.assertEqual(event.state, "ignored")
        self.assertFalse(self.page.conversation_ids)

    def test_delete_takes_words_and_files(self):
        self.hear_text("bí mật")
        self.hear(self.fb_app, self.messenger(5, message={"mid": "m_1", "is_deleted": True}))
        chat = self.chat()
        self.assertNotIn("bí mật", chat.preview)
        self.assertEqual(chat.unread_count, 1)

    def test_postback_referral_and_lead(self):
        referral = {"ref": "sale11", "ad_id": "ad7", "source": "ADS", "ads_context_data": {"ad_title": "Váy hoa"}}
        self.hear(self.fb_app, self.messenger(postback={"mid": "m_p", "title": "Bắt đầu", "payload": "START", "referral": referral}))
        chat = self.chat()
        self.assertEqual((chat.preview, chat.referral_source, chat.referral_ref), ("Bắt đầu", "ADS", "Váy hoa"))
        self.assertEqual(chat.ad_at, self.now)
        self.north.sop_process = True
        lead = self.env["crm.lead"].browse(chat.with_user(self.agent).action_create_lead())
        self.assertEqual((lead.referred, lead.source_id.name), ("ADS Váy hoa", "Facebook Ads"))

    def test_zalo_text_and_follow(self):
        self.hear_zalo()
        chat = self.chat(self.oa)
        self.assertEqual((chat.preview, chat.unread_count), ("Chào shop", 1))
        self.assertFalse(self.hear_zalo())
        follow = {
            "app_id": "123",
            "event_name": "follow",
            "oa_id": self.oa.external_id,
            "follower": {"id": chat.identity_id.external_id},
            "timestamp": "1",
        }
        self.hear(self.zalo_app, follow)
        self.assertTrue(chat.identity_id.is_following)

    def test_reply_shows_what_it_answers(self):
        self.hear_text("Hai", "m_2", reply_to={"mid": "m_1"})
        self.hear_text("Một", "m_1", -10)
        self.assertEqual(self.row("m_2").mail_message_id.parent_id, self.row("m_1").mail_message_id)

    def test_random_storm_equals_clean_run(self):
        """Forty events of five customers, each one to five times, shuffled, equal the clean run."""
        dice = random.Random(7)
        bodies = []
        for index in range(40):
            person = str(7000 + index % 5)
            bodies.append(self.messenger(index - 100, person, message={"mid": f"m_{index}", "text": f"tin {index}"}))
        with self.env.cr.savepoint() as savepoint:
            for body in bodies:
                self.hear(self.fb_app, body)
            clean = self.storm_state()
            savepoint.rollback()
        storm = [body for body in bodies for _time in range(dice.randint(1, 5))]
        dice.shuffle(storm)
        for body in storm:
            self.hear(self.fb_app, body)
        self.assertEqual(self.storm_state(), clean)
        self.assertEqual(len(clean), 5)

    def storm_state(self):
        chats = self.page.conversation_ids.sorted(lambda c: c.identity_id.external_id)
        return [(c.identity_id.external_id, *self.state_of(c)) for c in chats]
