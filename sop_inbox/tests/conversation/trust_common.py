from odoo.tests import HttpCase, JsonRpcException, new_test_user
from odoo.tools import mute_logger

from ..channel_common import TalkCommon


class TrustCommon(TalkCommon, HttpCase):
    """A customer of team North has written on the page; others knock over JSON-RPC, as a browser or a script does.

    ``outsiders`` are people who may not see that conversation: everyone's log-in by who they are.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = new_test_user(cls.env, "inbox_plain", "base.group_user", name="Phúc", company_id=cls.company.id)
        cls.boss_b = new_test_user(
            cls.env,
            "inbox_boss_b",
            "base.group_user,sop_inbox.sop_inbox_group_manager",
            name="Bình",
            company_id=cls.company_b.id,
            company_ids=[(6, 0, cls.company_b.ids)],
        )
        cls.outsiders = {
            "plain internal user": cls.plain,
            "agent of another team": cls.other,
            "agent of another company": cls.foreign,
            "manager of another company": cls.boss_b,
            "portal": cls.portal,
            "public": None,
        }

    def setUp(self):
        super().setUp()
        self.hear_text("Số em 0901234567", "m_2", 1)
        self.assertEqual(self.talk.phone, "+84901234567")

    def call(self, user, model, method, *args, **kwargs):
        """Call a public method over JSON-RPC as ``user`` (None: nobody is logged in) and return what it answers."""
        self.env.flush_all()
        self.authenticate(*(2 * [user and user.login]))
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        try:
            return self.make_jsonrpc_request("/web/dataset/call_kw", params)
        finally:
            self.env.invalidate_all()

    def post(self, user, thread, post_data, context=None):
        """Post by the route of the composer."""
        self.env.flush_all()
        if user is not False:
            self.authenticate(*(2 * [user and user.login]))
        data = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment", **post_data}
        params = {"thread_model": thread._name, "thread_id": thread.id, "post_data": data, "context": context or {}}
        try:
            return self.make_jsonrpc_request("/mail/message/post", params)
        finally:
            self.env.invalidate_all()

    def refused(self, user, model, method, *args, **kwargs):
        """The call is answered with a sentence for people, never with a result and never with an accident."""
        sentences = r"AccessError|UserError|ValidationError|AccessDenied|SessionExpired|MissingError|NotFound"
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.models"), self.assertRaisesRegex(JsonRpcException, sentences):
            self.call(user, model, method, *args, **kwargs)

    def said(self, channel=None):
        """Messages of a chat that have a side, the latest first."""
        channel = channel or self.talk.channel_id
        domain = [("model", "=", "discuss.channel"), ("res_id", "=", channel.id), ("sop_side", "!=", False)]
        return self.env["mail.message"].search(domain, order="id desc")

    def outgoing(self):
        return self.env["sop.channel.message"].search([("direction", "=", "out"), ("account_id", "in", (self.page | self.oa).ids)])
