from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...tools.outcome import Answer
from ..channel_common import ChannelCommon


@tagged("post_install", "-at_install")
class TestAccount(ChannelCommon):
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

    # === HEALTH ===

    def opened(self, action, user=None):
        """What a button's list shows."""
        return self.env[action["res_model"]].with_user(user or self.manager).search(action["domain"]).with_env(self.env)

    def test_a_button_opens_what_it_counts(self):
        """Each channel its own: replies that did not go, events that wait or failed, files that are missing."""
        self.hear_text("", attachments=[{"type": "image", "payload": {"url": "https://cdn.example/a.png"}}])
        self.hear_zalo()
        page, oa = self.page.with_user(self.manager), self.oa.with_user(self.manager)
        for account, text in ((self.page, "Một"), (self.page, "Hai"), (self.oa, "Ba")):
            self.reply(self.chat(account), text)
        sent = self.env["sop.channel.message"].search([("direction", "=", "out"), ("account_id", "in", (self.page | self.oa).ids)], order="id")
        gone, doubtful, other = sent
        gone.state = other.state = "failed"
        doubtful.state = "unknown"  # its echo may come: it is counted as waiting
        self.assertEqual(self.opened(page.action_open_failed()), gone)
        self.assertEqual((page.failed_count, page.waiting_count, oa.failed_count), (1, 1, 1))
        event = self.env["sop.channel.event"].search([("account_id", "=", self.page.id)], limit=1)
        event.state = "dead"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.opened(page.action_open_events()), event, "what was applied needs nobody")
        self.assertEqual((page.event_dead_count, oa.event_dead_count), (1, 0))
        media = self.env["sop.channel.media"].search([("account_id", "=", self.page.id), ("kind", "=", "file")])
        media.state = "failed"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.opened(page.action_open_media()), media)
        self.assertEqual((page.media_failed_count, oa.media_failed_count), (1, 0))
        for name in ("action_open_failed", "action_open_events", "action_open_media"):
            for user in (self.foreign, self.portal):
                with self.subTest(name, user=user.login), self.assertRaises(AccessError):
                    getattr(self.page.with_user(user), name)()

    # === TOKEN ===

    def test_a_token_is_renewed_by_administrators_where_the_platform_can(self):
        zalo = type(self.env["sop.provider.zalo"])
        admin, tried = self.env.ref("base.user_admin"), []
        self.patch(zalo, "renew", lambda service, account: tried.append(account) or len(tried) < 2)
        with self.assertRaises(AccessError):
            self.oa.with_user(self.agent).action_renew()
        with self.assertRaisesRegex(UserError, "administrator"):
            self.oa.with_user(self.manager).action_renew()
        self.assertFalse(tried)
        self.assertTrue(self.oa.with_user(admin).action_renew())
        with self.assertRaisesRegex(UserError, "refresh token was used already"):
            self.oa.with_user(admin).with_context(lang="en_US").action_renew()
        with self.assertRaises(UserError):
            self.page.with_user(admin).action_renew()
        self.assertEqual(tried, [self.oa, self.oa], "a page has no such token")

    def test_a_platform_that_needs_no_subscription_says_so(self):
        with self.assertRaisesRegex(UserError, "switch the events on in its console"):
            self.oa.with_user(self.env.ref("base.user_admin")).action_subscribe()
