from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged

from ..tools import facebook_conversions as conversions
from ..tools.outcome import Answer, converse
from ..tools.transport import MediaError
from .channel_common import PAGE, POST, PSID, ChannelCommon
from .test_channel_out import PNG


@tagged("post_install", "-at_install")
class TestConversionWords(BaseCase):
    def test_hashes(self):
        self.assertEqual(conversions.digest_phone("+84901234567"), "f0a4b3a2d998485bc744a2e6fcb2dec760b843aba1f24a84edf4bf32c68e71d5")
        self.assertTrue(conversions.digest_phone("+1 (650) 555-1212").startswith("e323ec626319ca94"))
        self.assertTrue(conversions.digest_email(" John_Smith@gmail.com ").startswith("62a14e44f765419d"))
        self.assertEqual((conversions.digest_phone(""), conversions.digest_email(None)), ("", ""))

    def test_one_bad_event_does_not_take_the_batch(self):
        calls = []

        def meta(call):
            calls.append(len(call.json["data"]))
            bad = any(event["bad"] for event in call.json["data"])
            return Answer(400, {"error": {"code": 100, "message": "Invalid"}}) if bad else Answer(200, {"events_received": 1, "fbtrace_id": "T"})

        events = [{"bad": index == 13} for index in range(40)]
        outcomes = converse(conversions.talk("u", "d", "t", events), meta)
        self.assertEqual([outcome.state for outcome in outcomes].count("sent"), 39)
        self.assertEqual(outcomes[13].state, "failed")
        self.assertLess(len(calls), 14)

    def test_what_meta_would_refuse(self):
        now = fields.Datetime.now()
        event = conversions.build("purchase", "k", now, "P", "1", value=5, currency="VND")
        self.assertEqual(conversions.problem_of(event), "")
        old = conversions.build("purchase", "k", fields.Datetime.subtract(now, days=8), "P", "1", value=5, currency="VND")
        self.assertEqual(conversions.problem_of(old), "time")
        self.assertEqual(conversions.problem_of(conversions.build("lead", "k", now, "P", "")), "nobody")


@tagged("post_install", "-at_install")
class TestConversions(ChannelCommon):
    """Orders and leads told to Meta: with consent, once, never when cancelled."""

    def setUp(self):
        super().setUp()
        self.hear_text("0901234567")
        self.talk = self.chat()
        self.page.dataset_ref = "DS"
        partner = self.env["res.partner"].browse(self.talk.with_user(self.manager).sudo().action_create_partner())
        self.order = self.env["sale.order"].create({"partner_id": partner.id, "sop_conversation_id": self.talk.id})
        self.event = self.env["sop.conversion.event"]._record(self.order, "purchase")
        self.event = self.event or self.order.sop_conversion_event_ids.filtered(lambda e: e.kind == "purchase")

    def tell(self, answer=None):
        """Tell Meta what may be told now; returns the events it got."""
        events = self.order.sop_conversion_event_ids.filtered(lambda e: e.state == "queued" and not e._skip_reason()).filtered("has_consent")
        told = []

        def meta(call):
            told.extend(call.json["data"])
            return answer or Answer(200, {"events_received": 1, "fbtrace_id": "T1"})

        events and events._keep(converse(events._job(self.page), meta))
        return told

    def test_a_job_writes_in_the_company_s_language(self):
        """What a job keeps for people to read is in the language of their company; a person's own stands above it."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.company.partner_id.lang = "vi_VN"
        nobody, reader = self.page.with_context(lang=None), self.page.with_context(lang="en_US")
        self.assertEqual(nobody._reason_text("gone"), "Bình luận không còn tồn tại.")
        self.assertEqual(reader._reason_text("gone"), "The comment does not exist any more.")
        self.order.action_cancel()
        self.assertEqual(self.event.with_context(lang=None)._skip_reason(), "Đơn hàng đã hủy.")

    def test_consent_first(self):
        self.assertFalse(self.tell())
        self.order.partner_id.sop_tracking_consent = True
        self.assertTrue(self.order.partner_id.sop_tracking_consent_at)
        told = [event for event in self.tell() if event["event_name"] == "Purchase"]
        self.assertEqual(len(told), 1)
        self.assertEqual((told[0]["user_data"]["page_scoped_user_id"], told[0]["event_id"]), (PSID, self.event.event_key))
        self.assertEqual(told[0]["user_data"]["ph"], [conversions.digest_phone("+84901234567")])
        self.assertEqual((self.event.state, self.event.answer), ("sent", "T1"))
        self.assertFalse(self.tell(), "once")

    def test_consent_keeps_its_words(self):
        """Date, person and the words of that day stand with the consent; taking it back is dated too."""
        partner, company = self.order.partner_id, self.env.company
        company.sop_consent_text = "Bản 1"
        partner.with_user(self.manager).sudo().sop_tracking_consent = True
        self.assertEqual((partner.sop_tracking_consent_text, partner.sop_tracking_consent_by_id), ("Bản 1", self.manager))
        company.sop_consent_text = "Bản 2"
        partner.sop_tracking_consent = True
        self.assertEqual(partner.sop_tracking_consent_text, "Bản 1", "said again, nothing new was agreed to")
        partner.sop_tracking_consent = False
        self.assertEqual((partner.sop_tracking_consent_text, bool(partner.sop_tracking_consent_at)), (False, True))
        company.sop_consent_text = False
        new = self.env["res.partner"].create({"name": "Mới", "sop_tracking_consent": True})
        self.assertIn(company.name, new.sop_tracking_consent_text)

    def test_what_waits_for_consent_stands_in_nobodys_way(self):
        events = self.env["sop.conversion.event"]
        self.assertNotIn(self.event, events.search(events._due_domain()))
        self.order.partner_id.sop_tracking_consent = True
        self.assertIn(self.event, events.search(events._due_domain()))

    def test_cancelled_is_never_told(self):
        self.order.partner_id.sop_tracking_consent = True
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertFalse(self.tell())

    def test_confirmed_again_is_told_after_all(self):
        """Nothing lost: taken back with its order, and told once when the order is confirmed again."""
        self.order.partner_id.sop_tracking_consent = True
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(self.event.state, "cancelled")
        self.order.action_draft()
        self.order.order_line = [(0, 0, {"product_id": self.env["product.product"].create({"name": "Công may", "type": "service"}).id})]
        self.order.action_confirm()
        self.assertEqual(self.event.state, "queued")
        told = [event["event_name"] for event in self.tell()]
        self.assertEqual((told.count("Purchase"), self.event.state), (1, "sent"))
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.order.action_draft()
        self.order.action_confirm()
        self.assertFalse(self.tell(), "what was told is not told again")

    def test_a_stopped_page_stands_in_nobodys_way(self):
        events = self.env["sop.conversion.event"]
        self.order.partner_id.sop_tracking_consent = True
        self.assertEqual(self.event._still_due(), self.event)
        self.page.sudo().is_paused = True
        self.assertNotIn(self.event, events.search(events._due_domain()))
        self.order.partner_id.sop_tracking_consent = False
        self.assertFalse(self.event._still_due(), "taken back while another page was told")

    def test_it_stops_before_meta_counts_twice(self):
        self.order.partner_id.sop_tracking_consent = True
        self.tell(Answer(500, {}))
        self.assertEqual(self.event.state, "queued")
        self.event.at = fields.Datetime.subtract(self.now, hours=45)
        self.event._give_up_old()
        self.assertEqual(self.event.state, "failed")

    def test_a_lead_is_told_once(self):
        self.north.sop_process = True
        for _time in range(2):
            self.talk.with_user(self.agent).action_create_lead()
        self.assertEqual(len(self.env["sop.conversion.event"].search([("conversation_id", "=", self.talk.id), ("kind", "=", "lead")])), 1)


@tagged("post_install", "-at_install")
class TestErasureAndMedia(ChannelCommon):
    def test_erased_is_gone_everywhere(self):
        """Whatever table is searched, nothing the customer said or gave is found."""
        secret, phone = "chuyện riêng tư xyzzy", "0901234567"
        self.hear_text(f"{secret} {phone}")
        self.hear_comment(text=f"{secret} {phone}", sender=PSID)
        self.hear_comment(ref=f"{POST}_9", text=f"Dạ {secret}", sender=PAGE, parent_id=f"{POST}_1")
        chat = self.chat()
        self.north.sop_process = True
        lead = self.env["crm.lead"].browse(chat.with_user(self.agent).action_create_lead())
        lead.description = secret
        self.reply(chat, f"Nhắc lại {secret}", attachments=[("a.png", PNG)])
        identity = chat.identity_id
        with self.assertRaises(AccessError):
            identity.with_user(self.agent).action_erase()
        identity.with_user(self.manager).action_erase()
        self.env.flush_all()
        self.assertFalse(self.grep("xyzzy") | self.grep(phone) | self.grep("+84901234567"))
        self.assertFalse(identity.exists() or chat.exists())
        self.assertTrue(lead.exists(), "it still counts")

    def grep(self, text):
        """Tables of the suite and of messages that hold ``text`` in any column."""
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND (table_name LIKE 'sop_%%' OR table_name LIKE 'mail_%%' OR table_name IN ('discuss_channel', 'ir_attachment', 'crm_lead'))"
        )
        found = set()
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(f'SELECT 1 FROM "{table}" t WHERE t::text LIKE %s LIMIT 1', [f"%{text}%"])
            if self.env.cr.rowcount:
                found.add(table)
        return found

    def test_files_come_later_and_failures_are_seen(self):
        self.company.partner_id.lang = "en_US"
        self.hear_text("", attachments=[{"type": "image", "payload": {"url": "https://cdn.example/a.png"}}])
        chat = self.chat()
        self.assertEqual(chat.preview, "[Picture]")
        media = self.env["sop.channel.media"].search([("row_id.external_ref", "=", "m_1")])
        media._keep({media: MediaError("unreachable")})
        self.assertEqual((media.state, bool(media.reason)), ("queued", True))
        media._keep({media: ((), PNG, "image/png")})
        message = self.row("m_1").mail_message_id
        self.assertEqual((media.state, message.attachment_ids.mimetype), ("done", "image/png"))
        self.assertFalse(media.url, "the platform's address is not kept")
        media.write({"state": "queued", "attempts": 8})
        media._keep({media: MediaError("large", final=True)})
        self.assertEqual((media.state, self.page.media_failed_count), ("failed", 1))

    def test_a_refused_profile_is_asked_for_again(self):
        """Nothing lost: while the token is refused, names wait; Zalo says 200 all the same."""
        self.hear_zalo()
        self.hear_text()
        media = self.env["sop.channel.media"]
        for account, answer, final in (
            (self.oa, Answer(200, {"error": -216, "message": "token"}), False),
            (self.oa, Answer(200, {"error": -32}), False),
            (self.oa, Answer(200, {"error": -201}), True),
            (self.page, Answer(400, {"error": {"code": 190}}), False),
            (self.page, Answer(400, {"error": {"code": 100}}), True),
        ):
            item = media.search([("account_id", "=", account.id), ("kind", "=", "profile")])
            with patch("odoo.addons.sop_inbox.models.inbound.sop_channel_media.perform", return_value=answer):
                found = media._run(*item._job())
            self.assertEqual((isinstance(found, MediaError), found.final), (True, final), answer)

    def test_check_says_what_is_wrong(self):
        def meta(call):
            return Answer(200, {"data": []}) if call.url.endswith("subscribed_apps") else Answer(200, {"id": "other", "name": "Trang khác"})

        problems = self.page._get_provider().check(self.page, meta)
        self.assertEqual(len(problems), 3)
        self.assertIn("Trang khác", problems[0])
        self.page.access_token = False
        self.assertEqual(len(self.page._check_problems()), 1)

    def test_technical_columns_are_nobodys(self):
        """Over RPC a manager of the inbox sets who answers; what joins to the platform or was noted is not theirs."""
        account = self.page.with_user(self.manager)
        account.write({"name": "Trang mới", "team_id": self.south.id, "auto_hide": "all"})
        now = fields.Datetime.now()
        for name, value in {
            "is_paused": True,
            "paused_until": now,
            "pause_reason": "x",
            "token_expires_at": now,
            "last_event_at": now,
            "last_lag": 1,
            "failure_count": 0,
            "last_error": "x",
            "external_id": "1",
            "app_id": self.zalo_app.id,
            "provider": "zalo",
            "access_token": "x",
            "human_agent": True,
        }.items():
            with self.subTest(name), self.assertRaises(AccessError):
                account.write({name: value})
        for user in (self.agent, self.portal):
            with self.assertRaises(AccessError):
                self.page.with_user(user).write({"name": "x"})

    def test_secrets_are_found_by_nobody(self):
        """Neither read nor searched, sorted, grouped nor reached through another record."""
        secrets = {
            self.page: ("access_token", "refresh_token"),
            self.fb_app: ("app_secret", "oa_secret", "verify_token", "webhook_key"),
            self.env["delivery.carrier"].with_context(active_test=False).search([], limit=1): ("sop_token", "sop_password"),
        }
        for record, names in secrets.items():
            for user in (self.manager, self.agent, self.portal):
                mine = record.with_user(user)
                for name in names:
                    for way in (
                        lambda: mine.read([name]),  # noqa: B023
                        lambda: mine.web_read({name: {}}),  # noqa: B023
                        lambda: mine.search_read([], [name]),  # noqa: B023
                        lambda: mine.web_search_read([], {name: {}}),  # noqa: B023
                        lambda: mine.export_data([name]),  # noqa: B023
                        lambda: mine.search([(name, "=like", "T%")]),  # noqa: B023
                        lambda: mine.name_search("", [(name, "!=", False)]),  # noqa: B023
                        lambda: mine.search([], order=name),  # noqa: B023
                        lambda: mine.formatted_read_group([], [name], ["__count"]),  # noqa: B023
                    ):
                        with self.subTest(name=name, user=user.login), self.assertRaises(UserError):
                            way()
        for path in ("account_id.access_token", "account_id.app_id.app_secret"):
            with self.assertRaises(UserError):
                self.env["sop.conversation"].with_user(self.manager).search([(path, "=like", "T%")])

    def test_rights(self):
        """Role by model: who may read, and that nobody writes what methods keep."""
        self.hear_text()
        self.hear_comment()
        rows = {
            "sop.channel.event": self.env["sop.channel.event"].search([("account_id", "=", self.page.id)], limit=1),
            "sop.channel.message": self.row("m_1"),
            "sop.channel.post": self.env["sop.channel.post"].search([("account_id", "=", self.page.id)], limit=1),
            "sop.channel.media": self.env["sop.channel.media"].search([("account_id", "=", self.page.id)], limit=1),
        }
        allowed = {
            "sop.channel.event": (self.manager,),
            "sop.channel.message": (self.manager, self.agent),
            "sop.channel.post": (self.manager, self.agent),
            "sop.channel.media": (self.manager,),
        }
        for model, row in rows.items():
            for user in (self.manager, self.agent, self.other, self.foreign, self.portal):
                with self.subTest(model=model, user=user.login):
                    self.assertEqual(row.with_user(user).has_access("read"), user in allowed[model])
                    writes = model == "sop.channel.post" and user == self.manager
                    self.assertEqual(row.with_user(user).has_access("write"), writes)
                    self.assertFalse(row.with_user(user).has_access("unlink"))
