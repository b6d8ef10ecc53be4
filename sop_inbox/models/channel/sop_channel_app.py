import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.http_out import Broken, read_url


class SopChannelApp(models.Model):
    """A platform's app: whose signature its events carry and where they arrive.

    One app serves several pages or official accounts (``sop.channel.account``).
    Secrets are for system administrators only; they are never logged, copied or exported by us.
    """

    _name = "sop.channel.app"
    _inherit = ["sop.hidden.mixin"]
    _description = "Channel App"
    _order = "name, id"

    def _default_token(self):
        return secrets.token_urlsafe(24)

    name = fields.Char(compute="_compute_name", store=True, readonly=False, precompute=True, required=True)
    active = fields.Boolean(default=True)
    provider = fields.Selection(selection="_selection_provider", required=True, default=lambda self: self._selection_provider()[0][0])
    uses = fields.Char(compute="_compute_uses", export_string_translation=False, help="See ``sop.provider._uses``.")
    app_ref = fields.Char("App ID", help="The app's identifier on the platform.")
    app_secret = fields.Char(groups="base.group_system", copy=False, help="Signs what the platform sends.")
    oa_secret = fields.Char("OA Secret Key", groups="base.group_system", copy=False, help="The key for webhooks, where it is not the app's.")
    verify_token = fields.Char(
        groups="base.group_system",
        copy=False,
        default=lambda self: self._default_token(),
        help="Word the platform repeats when the webhook is set up.",
    )
    webhook_key = fields.Char(
        groups="base.group_system",
        copy=False,
        required=True,
        default=lambda self: self._default_token(),
        help="Last part of the webhook's address.",
    )
    webhook_url = fields.Char(compute="_compute_webhook_url", groups="base.group_system")
    api_url = fields.Char("Platform Address", groups="base.group_system", help="Only for a test stand-in; empty means the real platform.")
    is_demo = fields.Boolean(
        "Demo", readonly=True, copy=False, groups="base.group_system", help="For a test stand-in only: not connected without its address."
    )
    account_ids = fields.One2many("sop.channel.account", "app_id", string="Accounts")

    _webhook_key_unique = models.UniqueIndex("(webhook_key)", "This webhook key is used already.")
    _app_ref_unique = models.UniqueIndex("(provider, app_ref) WHERE app_ref IS NOT NULL", "This app is set up already.")

    @api.constrains("api_url")
    def _check_api_url(self):
        for app in self.filtered("api_url"):
            try:
                read_url(app.api_url)
            except Broken:
                raise ValidationError(self.env._("This is no address of a server, such as https://example.com: %(address)s", address=app.api_url))

    @api.depends("provider", "app_ref")
    def _compute_name(self):
        labels = dict(self._fields["provider"]._description_selection(self.env))
        for app in self:
            app.name = app.name or " ".join(filter(None, [labels.get(app.provider), app.app_ref]))

    @api.depends("provider")
    def _compute_uses(self):
        for app in self:
            app.uses = self.env["sop.provider"]._uses_of(app.provider)

    @api.depends("provider", "webhook_key")
    def _compute_webhook_url(self):
        for app in self:
            app.webhook_url = f"{app.get_base_url()}/sop/webhook/{app.provider}/{app.webhook_key}"

    def _trusted(self):
        """Return the address calls for this app's accounts may go to wherever it is (see ``http_out.exchange``): what the administrator has set."""
        return self.api_url or ""

    @api.model
    def _selection_provider(self):
        """Platforms a person can set an app up for: those installed."""
        return [(name, service.label()) for name, service in self.env["sop.provider"]._installed().items() if service._is_remote]
