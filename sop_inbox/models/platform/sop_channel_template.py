import re

from odoo import api, fields, models
from odoo.exceptions import UserError


class SopChannelTemplate(models.Model):
    """An account's template: words about an order or appointment its platform has approved, which go at any time (H19).

    Made and approved there, fetched here; blanks ``{{1}}``, ``{{2}}`` are filled when it is sent.
    """

    _name = "sop.channel.template"
    _description = "Template on the Platform"
    _order = "name, language, id"

    account_id = fields.Many2one("sop.channel.account", "Channel", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    name = fields.Char(required=True, readonly=True)
    language = fields.Char(required=True, readonly=True)
    body = fields.Text("Content", readonly=True)
    state = fields.Selection([("approved", "Approved"), ("other", "Not approved")], required=True, readonly=True)

    _name_unique = models.UniqueIndex("(account_id, name, language)", "This template is known already.")

    @api.depends("name", "language")
    def _compute_display_name(self):
        for template in self:
            template.display_name = f"{template.name} ({template.language})"  # a platform has one template in several languages

    @api.model
    def _fetch(self, account):
        """Bring an account's templates up to date with what its platform has; UserError with the reason when it refuses."""
        templates = account._get_provider().templates(account, account._transport())
        known = {(row.name, row.language): row for row in self.search([("account_id", "=", account.id)])}
        found = {(vals["name"], vals["language"]): vals for vals in templates}
        for key, vals in found.items():
            if key in known:
                known[key].write(vals)
        self.create([{**vals, "account_id": account.id} for key, vals in found.items() if key not in known])
        self.browse([row.id for key, row in known.items() if key not in found]).unlink()

    @api.model
    def _open_for(self, conversation):
        """Return the templates that may go to this customer."""
        account = conversation.account_id
        if conversation.kind != "message" or "templates" not in (account.uses or ""):
            return self.browse()
        return self.search([("account_id", "=", account.id), ("state", "=", "approved")])

    def _blanks(self):
        """Return the names of the blanks in the order they are filled."""
        return list(dict.fromkeys(re.findall(r"{{\s*(\w+)\s*}}", self.body or "")))

    def _fill(self, values):
        """Return the words with the blanks filled; UserError when one is missing or empty.

        :param values: list of texts, one for each blank
        """
        self.ensure_one()
        blanks = self._blanks()
        values = [str(value).strip() for value in values or []]
        if len(values) != len(blanks) or not all(values):
            raise UserError(self.env._("Fill in every blank of the template."))
        filled = dict(zip(blanks, values, strict=True))
        return re.sub(r"{{\s*(\w+)\s*}}", lambda match: filled[match[1]], self.body or "")
