from unittest.mock import patch

from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL

from ..tools import http_out


class InboxCommon(TransactionCase):
    """A shop with one page and one official account.

    company A: team North (agent, mate), team South (other), manager
    company B: foreign (agent)
    nobody's: portal
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(http_out, "resolve", return_value=[]))  # no test reaches the internet
        cls.company = cls.env.company
        cls.company_b = cls.env["res.company"].create({"name": "Cửa hàng B"})
        cls.set_aside()
        groups = "base.group_user,sop_inbox.sop_inbox_group_user"
        cls.agent = new_test_user(cls.env, "inbox_agent", groups, name="Lan", company_id=cls.company.id)
        cls.mate = new_test_user(cls.env, "inbox_mate", groups, name="Minh", company_id=cls.company.id)
        cls.other = new_test_user(cls.env, "inbox_other", groups, name="Oanh", company_id=cls.company.id)
        cls.manager = new_test_user(
            cls.env, "inbox_manager", "base.group_user,sop_inbox.sop_inbox_group_manager", name="Mai", company_id=cls.company.id
        )
        cls.foreign = new_test_user(
            cls.env, "inbox_foreign", groups, name="Phong", company_id=cls.company_b.id, company_ids=[(6, 0, cls.company_b.ids)]
        )
        cls.portal = new_test_user(cls.env, "inbox_portal", "base.group_portal", name="Khách")
        cls.north, cls.south = cls.env["crm.team"].create([{"name": name, "company_id": cls.company.id, "sequence": 90} for name in ("Bắc", "Nam")])
        cls.env["crm.team.member"].create(
            [
                {"crm_team_id": cls.north.id, "user_id": cls.agent.id},
                {"crm_team_id": cls.north.id, "user_id": cls.mate.id},
                {"crm_team_id": cls.south.id, "user_id": cls.other.id},
            ]
        )
        cls.app = cls.env["sop.channel.app"].create({"provider": "facebook", "app_ref": "app-test", "app_secret": "s3cret"})
        cls.account = cls.env["sop.channel.account"].create(
            # a platform without windows: these tests are about the inbox, not about a platform
            {
                "name": "Trang thử",
                "provider": "livechat",
                "external_id": "page-test",
                "team_id": cls.north.id,
                "access_token": "t0ken",
            }
        )

    @classmethod
    def set_aside(cls):
        """What a database in use holds besides would be found, tagged, given away and quoted here: these tests begin with an empty shop."""
        for model in ("sop.tag.rule", "loyalty.program", "delivery.carrier"):
            cls.env[model].search([]).active = False
        cls.env["product.template"].search([("sale_ok", "=", True)]).sale_ok = False
        cls.env["mail.canned.response"].search([]).unlink()
        for table in ("sale_order", "sale_order_line"):  # orders are not deleted: they are another company's
            cls.env.cr.execute(SQL("UPDATE %s SET company_id = %s", SQL.identifier(table), cls.company_b.id))
        cls.env.invalidate_all()

    @classmethod
    def make(cls, name="Nguyễn Văn An", account=None, kind="message", thread_ref="", external_id=None, **values):
        """Return a new conversation of a new person."""
        account = account or cls.account
        identity = cls.env["sop.identity"]._get_or_create(account, external_id or f"psid-{name}", name=name)
        return cls.env["sop.conversation"]._get_or_create(account, kind, identity, thread_ref, **values)

    def say(self, conversation, body="Chào shop", **kwargs):
        """The customer writes."""
        return conversation._post_inbound(body, **kwargs)

    def reply(self, conversation, body="Dạ chào bạn", user=None, **kwargs):
        """A person of ours writes, as the composer does it: through the chat."""
        channel = conversation.channel_id.with_user(user or self.agent)
        return channel.sudo().message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_comment", **kwargs)
