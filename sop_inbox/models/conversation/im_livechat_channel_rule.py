from odoo import api, fields, models, tools
from odoo.fields import Domain

from odoo.addons.sop_pipeline.tools.signals import received, send

CLOSED = "sop_closed"


class ImLivechatChannelRule(models.Model):
    """Which script answers: core's rules, for a page or official account as for the site's live chat, and also outside working hours."""

    _name = "im_livechat.channel.rule"
    _inherit = ["im_livechat.channel.rule", "sop.cached.mixin", "sop.guard.mixin"]

    sop_account_id = fields.Many2one("sop.channel.account", "Page or Official Account", index="btree_not_null", ondelete="cascade")
    chatbot_enabled_condition = fields.Selection(
        selection_add=[(CLOSED, "Only outside working hours")],
        ondelete={CLOSED: "cascade"},
        help="Working hours are those of the team that answers this channel.",
    )

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"sop_account_id": "write"}

    # === LIVE CHAT ===

    @api.private
    def match_rule(self, channel_id, url, country_id=False):
        """A rule for the hours in which no agent works counts in these hours alone; see core for the contract."""
        return super(ImLivechatChannelRule, send(self, sop_rules_of=channel_id)).match_rule(channel_id, url, country_id).with_env(self.env)

    @api.model
    def _search(self, domain, *args, **kwargs):
        if channel_id := received(self.env, "sop_rules_of"):
            # sudo: a visitor may not read the account; only whether its team works now
            account = self.env["sop.channel.account"].sudo().search([("livechat_channel_id", "=", channel_id)], limit=1)
            channel = self.env["im_livechat.channel"].sudo().browse(channel_id)  # sudo: the same
            team, company = account.team_id, account.company_id or channel.user_ids[:1].company_id or self.env.company
            if team._sop_works_now(company):
                domain = Domain(domain) & Domain("chatbot_enabled_condition", "!=", CLOSED)
        return super()._search(domain, *args, **kwargs)

    # === PAGES AND OFFICIAL ACCOUNTS ===

    @api.model
    @tools.ormcache("account_id")
    def _sop_ids_of(self, account_id):
        """Return the ids of an account's rules in their order, kept until a rule changes."""
        # sudo: a customer's message asks
        return tuple(self.sudo().search([("sop_account_id", "=", account_id), ("chatbot_script_id", "!=", False)]).ids)

    @api.model
    def _sop_match(self, account, available):
        """Return the first rule of an account that counts now, as superuser; none where people answer alone.

        :param available: function that returns whether a person is there to answer
        """
        conditions = {
            "always": lambda: True,
            "only_if_operator": available,
            "only_if_no_operator": lambda: not available(),
            CLOSED: lambda: not account.team_id._sop_works_now(account.company_id),
        }
        for rule in self.sudo().browse(self._sop_ids_of(account.id)):  # sudo: a customer's message asks
            script = rule.chatbot_script_id
            if script.active and script.script_step_ids and conditions[rule.chatbot_enabled_condition]():
                return rule
        return self.browse()
