from functools import partial

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.transport import perform

#: who may read channels, conversations and identities, as ir.model.access.csv says: fields of core's models that lead there are theirs only
READERS = "sop_inbox.sop_inbox_group_user,base.group_system"


class SopChannelAccount(models.Model):
    """A page, an official account or a live chat of the site: where conversations come from.

    Tokens are for system administrators only. The health fields are written by the code that moves
    events in and out (``_note_event``, ``_note_failure``).
    """

    _name = "sop.channel.account"
    _inherit = ["sop.hidden.mixin"]
    _description = "Channel Account"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True, readonly=False, precompute=True, required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    app_id = fields.Many2one("sop.channel.app", ondelete="restrict", index="btree_not_null")
    livechat_channel_id = fields.Many2one("im_livechat.channel", "Live Chat", ondelete="restrict", index="btree_not_null")
    provider = fields.Selection(
        selection="_selection_provider", compute="_compute_provider", store=True, precompute=True, required=True, readonly=False
    )
    uses = fields.Char(compute="_compute_uses", export_string_translation=False, help="See ``sop.provider._uses``.")
    external_id = fields.Char("Page or OA ID", required=True, index=True)
    image_128 = fields.Image("Logo", max_width=128, max_height=128)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    team_id = fields.Many2one("crm.team", "Sales Team", check_company=True, ondelete="set null", index="btree_not_null")
    access_token = fields.Char(groups="base.group_system", copy=False)
    refresh_token = fields.Char(groups="base.group_system", copy=False)
    token_expires_at = fields.Datetime(readonly=True, copy=False)
    last_event_at = fields.Datetime("Last Event", readonly=True, copy=False)
    last_lag = fields.Float("Last Lag (s)", readonly=True, copy=False, aggregator="max", help="Seconds from the platform's event to our screen.")
    failure_count = fields.Integer("Failures in a Row", readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False)

    _external_unique = models.UniqueIndex("(provider, external_id)", "This page or account is set up already.")
    _livechat_unique = models.UniqueIndex("(livechat_channel_id) WHERE livechat_channel_id IS NOT NULL", "This live chat is in the inbox already.")

    @api.constrains("app_id", "active")
    def _check_only_one(self):
        for account in self.filtered(lambda account: account.app_id and account._is_only_one()):
            # sudo: channels of any company
            if self.sudo().search_count([("app_id", "=", account.app_id.id), ("active", "=", True)], limit=2) > 1:
                values = {"platform": account._get_provider().label(), "app": account.app_id.name}
                raise ValidationError(self.env._("%(platform)s does not say which channel a message is for, and %(app)s has one already.", **values))

    @api.depends("provider", "external_id", "livechat_channel_id")
    def _compute_name(self):
        labels = dict(self._fields["provider"]._description_selection(self.env))
        for account in self:
            account.name = (
                account.name or account.livechat_channel_id.name or " ".join(filter(None, [labels.get(account.provider), account.external_id])) or "/"
            )

    @api.depends("app_id", "livechat_channel_id")
    def _compute_provider(self):
        for account in self:
            account.provider = "livechat" if account.livechat_channel_id else account.app_id.provider or account.provider or "livechat"

    @api.model
    def _selection_provider(self):
        return [(name, service.label()) for name, service in self.env["sop.provider"]._installed().items()]

    @api.depends("provider")
    def _compute_uses(self):
        for account in self:
            account.uses = self.env["sop.provider"]._uses_of(account.provider)

    def _get_provider(self):
        """Return the service ``sop.provider.<name>`` of this account; UserError when none is installed."""
        self.ensure_one()
        return self.env["sop.provider"]._get(self.provider)

    def _is_only_one(self):
        """Whether the account's app has no other, as the platform's events do not say which one they are of."""
        service = self.env["sop.provider"]._find(self.provider)
        return service is not None and not service._names_account

    def _events_domain(self):
        """Domain of this account's events: those of its page, or all of its app where they name none."""
        self.ensure_one()
        page = [] if self._is_only_one() else [("page_ref", "=", self.external_id)]
        return [("app_id", "=", self.app_id.id), *page]

    def _transport(self, **limits):
        """Return function(Call) -> Answer for calls made for this account (see ``tools.transport.perform``)."""
        return partial(perform, trusted=self.app_id._trusted(), **limits)

    def _note_event(self, at, lag=0.0):
        """Record that an event of the platform arrived and was applied; clears the failures.

        :param at: naive UTC datetime of the platform's event
        :param lag: seconds between that moment and now
        """
        self.write({"last_event_at": at, "last_lag": lag, "failure_count": 0, "last_error": False})

    def _note_failure(self, error):
        """Record one more failure in a row with its reason (a sentence without secrets)."""
        for account in self:
            account.write({"failure_count": account.failure_count + 1, "last_error": error[:500]})

    @api.model
    def _for_livechat(self, livechat_channel):
        """Return the account of a site's live chat, made at first use. Race safe by unique index."""
        account = self.with_context(active_test=False).search([("livechat_channel_id", "=", livechat_channel.id)], limit=1)
        return account or self.create(self._prepare_livechat_values(livechat_channel))

    @api.model
    def _prepare_livechat_values(self, livechat_channel):
        """Values of the account made for a live chat: company and team of its operators, else the main ones."""
        company = livechat_channel.user_ids[:1].company_id or self.env.ref("base.main_company")
        team = self.env["crm.team"].search([("sop_process", "=", True), ("company_id", "in", [company.id, False])], limit=1)
        return {
            "livechat_channel_id": livechat_channel.id,
            "provider": "livechat",
            "external_id": f"livechat:{livechat_channel.id}",
            "company_id": company.id,
            "team_id": team.id,
        }
