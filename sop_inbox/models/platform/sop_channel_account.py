from odoo import api, fields, models
from odoo.exceptions import UserError

_TECHNICAL = {"dataset_ref", "test_event_code", "human_agent", "transaction_messages"}


class SopChannelAccount(models.Model):
    """What only some platforms have: templates, and what each has allowed the page."""

    _inherit = "sop.channel.account"

    human_agent = fields.Boolean(help="Meta has approved the page to answer within 7 days (people only, no bots).")
    transaction_messages = fields.Boolean(help="The OA may send paid order messages after 48 hours.")
    dataset_ref = fields.Char("Dataset", copy=False, groups="base.group_system", help="Where Meta keeps the page's conversions; found by itself.")
    test_event_code = fields.Char(copy=False, groups="base.group_system", help="Events show in Meta's test tool; they count all the same.")

    @api.model
    def _sop_kept(self):
        """What a platform has allowed is an administrator's to note."""
        return super()._sop_kept() | (set() if self.env.user.has_group("base.group_system") else _TECHNICAL)

    def action_fetch_templates(self):
        """Fetch the account's templates from its platform. Idempotent."""
        self.ensure_one()
        self.check_access("write")
        if self.is_disconnected:
            raise UserError(self._check_problems()[0])
        self.env["sop.channel.template"].sudo()._fetch(self.sudo())  # sudo: the token is used, never shown; users cannot write rows
        return self._open("sop.channel.template", self.env._("Templates"), [])
