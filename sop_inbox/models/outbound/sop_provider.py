from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.transactions import replayed


class SopProvider(models.AbstractModel):
    """The job that renews access tokens before they end."""

    _inherit = "sop.provider"

    @api.model
    @replayed
    def _cron_renew(self):
        """Renew the access tokens that end soon, of every platform that can; each account in a transaction of its own."""
        for name, service in self._installed().items():
            for account in self._ending(name, service._renew_ahead) if service._renew_ahead else ():
                if not service.renew(account):
                    account._note_failure(account._reason_text("refresh"))
                if not self.env["ir.cron"]._commit_progress(1):
                    return  # the time of this run is up; a token that ends meanwhile is renewed when it is refused

    @api.model
    def _ending(self, name, hours):
        """Return the accounts of a platform whose access token ends within so many hours, or is not known."""
        soon = fields.Datetime.add(fields.Datetime.now(), hours=hours)
        domain = [("provider", "=", name), ("refresh_token", "!=", False), ("is_paused", "=", False)]
        accounts = self.env["sop.channel.account"].search([*domain, "|", ("token_expires_at", "=", False), ("token_expires_at", "<", soon)])
        return accounts.filtered(lambda account: account.app_id and not account.is_disconnected)
