from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import InboxCommon


@tagged("post_install", "-at_install")
class TestRights(InboxCommon):
    """Who sees and does what: role by model by operation, teams, companies, portal, public."""

    def test_who_sees_a_conversation(self):
        conversation = self.make()
        self.say(conversation)
        public = self.env.ref("base.public_user")
        expected = [
            (self.agent, True),
            (self.mate, True),
            (self.other, False),
            (self.manager, True),
            (self.foreign, False),
            (self.portal, False),
            (public, False),
        ]
        for user, sees in expected:
            with self.subTest(user=user.login):
                self.assertEqual(conversation.with_user(user).has_access("read"), sees)
                self.assertEqual(conversation.channel_id.with_user(user).has_access("read"), sees)
                self.assertEqual(bool(self._messages_seen_by(user, conversation)), sees)

    def _messages_seen_by(self, user, conversation):
        domain = [("model", "=", "discuss.channel"), ("res_id", "=", conversation.channel_id.id)]
        return self.env["mail.message"].with_user(user).search(domain)

    def test_assignee_of_another_team_sees_it(self):
        conversation = self.make()
        conversation.with_user(self.manager).action_assign(self.other.id)
        self.assertTrue(conversation.with_user(self.other).has_access("write"))

    def test_conversation_without_team_is_everybodys(self):
        conversation = self.make()
        conversation.team_id = False
        self.assertTrue(conversation.with_user(self.other).has_access("read"))
        self.assertFalse(conversation.with_user(self.foreign).has_access("read"))

    def test_actions_are_refused_to_who_may_not(self):
        conversation = self.make()
        calls = {
            "action_mark_read": [],
            "action_done": [],
            "action_reopen": [],
            "action_spam": [],
            "action_snooze": ["2099-01-01 00:00:00"],
            "action_assign": [self.agent.id],
            "action_claim": [],
        }
        for user in (self.other, self.foreign, self.portal, self.env.ref("base.public_user")):
            for name, arguments in calls.items():
                with self.subTest(user=user.login, call=name), self.assertRaises(AccessError):
                    getattr(conversation.with_user(user), name)(*arguments)

    def test_role_by_model_by_operation(self):
        table = {
            "sop.conversation": {"agent": "rw", "manager": "rw", "portal": ""},
            "sop.identity": {"agent": "r", "manager": "r", "portal": ""},
            "sop.channel.account": {"agent": "r", "manager": "rw", "portal": ""},
            "sop.channel.app": {"agent": "", "manager": "r", "portal": ""},
            "sop.response": {"agent": "r", "manager": "r", "portal": ""},
        }
        for model, roles in table.items():
            for role, allowed in roles.items():
                for operation, letter in (("read", "r"), ("write", "w"), ("create", "c"), ("unlink", "u")):
                    with self.subTest(model=model, role=role, operation=operation):
                        access = self.env[model].with_user(getattr(self, role)).has_access(operation)
                        self.assertEqual(access, letter in allowed)

    def test_secrets_are_for_the_system_only(self):
        account, app = self.account.with_user(self.manager), self.app.with_user(self.manager)
        for record, name in ((account, "access_token"), (account, "refresh_token"), (app, "app_secret"), (app, "webhook_key")):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    record.read([name])
                with self.assertRaises(AccessError):
                    record.search([(name, "=", "s3cret")])
                with self.assertRaises(UserError):
                    record.export_data([name])
                self.assertNotIn(name, record.fields_get())
        admin = self.env.ref("base.user_admin")
        self.assertEqual(self.app.with_user(admin).app_secret, "s3cret")
        self.assertFalse(self.account.copy({"external_id": "page-copy"}).access_token)

    def test_phone_of_a_chat_is_for_its_readers(self):
        conversation = self.make()
        self.say(conversation, "0901234567")
        self.assertEqual(conversation.with_user(self.agent).phone, "+84901234567")
        salesman = self.env["res.users"].create(
            {"name": "S", "login": "plain_sale", "group_ids": [(6, 0, [self.env.ref("sales_team.group_sale_salesman").id])]}
        )
        with self.assertRaises(AccessError):
            conversation.with_user(salesman).read(["phone"])
        with self.assertRaises(AccessError):
            conversation.with_user(self.other).read(["phone"])
        self.assertFalse(self.env["sop.conversation"].with_user(self.other).search([("phone", "=", "+84901234567")]))

    def test_team_may_reply_without_being_a_member(self):
        conversation = self.make()
        self.say(conversation)
        conversation.with_user(self.agent).action_claim()
        self.assertTrue(conversation.channel_id.with_user(self.mate).has_access("read"))
        self.assertFalse(conversation.channel_id.with_user(self.mate).has_access("write"))
        self.reply(conversation, user=self.mate)
        self.assertEqual(conversation.user_id, self.agent, "a colleague's reply does not take it over")
