from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class SopContactReveal(models.Model):
    """Log of revealed numbers: who, when, from where, how. Append-only (row C12)."""

    _name = "sop.contact.reveal"
    _description = "Revealed phone"
    _order = "id desc"
    _rec_name = "request_id"

    request_id = fields.Many2one("sop.contact.request", required=True, readonly=True, index=True, ondelete="restrict")
    seller_id = fields.Many2one(related="request_id.seller_id", store=True, index=True)
    company_id = fields.Many2one(related="request_id.company_id", store=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    revealed_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    address = fields.Char("Network address", readonly=True)
    how = fields.Selection(
        [("portal", "Portal"), ("office", "Back office"), ("lead", "Opportunity made"), ("job", "Opportunity made by itself"), ("other", "Other")],
        required=True,
        readonly=True,
        default="other",
    )

    _budget_idx = models.Index("(user_id, revealed_at)")

    def write(self, vals):  # pylint: disable=method-required-super
        """:raise AccessError: always; a log is not corrected"""
        raise AccessError(self.env._("The log of revealed numbers cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("The log of revealed numbers cannot be changed."))

    @api.model
    def _log(self, request, how, address):
        """Write one line and count it against the user's budget of this hour.

        The budget counts different requests: seeing the same number twice is one exposure.
        Two sessions of one user wait for each other on a counter row, and the one whose
        snapshot is then too old is replayed by Odoo: the budget holds under races.

        :raise UserError: when the budget is used up; the number must then not be given out
        """
        self.env["sop.rate.limit"]._serialize("reveal", self.env.uid)
        company = request.company_id
        seen = self._get_seen()
        count = len(seen | request)
        if count > company.sop_reveal_budget:
            raise UserError(
                self.env._(
                    "You have revealed %(count)s numbers within the last hour, which is the limit. Please go on later.",
                    count=company.sop_reveal_budget,
                )
            )
        # sudo: the log cannot be written by users
        self.sudo().create(
            {
                "request_id": request.id,
                "user_id": self.env.uid,
                "how": how,
                "address": address,
            }
        )
        if count == company.sop_reveal_alert and request not in seen:
            self._alert(company, count)

    @api.model
    def _get_seen(self):
        """Requests whose number the current user was given within the last hour."""
        since = fields.Datetime.now() - timedelta(hours=1)
        return self.sudo()._read_group(  # sudo: people may not read the log, their own included
            Domain("user_id", "=", self.env.uid) & Domain("revealed_at", ">", since), aggregates=["request_id:recordset"]
        )[0][0]

    @api.model
    def _get_left(self, request):
        """How many more numbers the current user may be given this hour, this request's included."""
        return max(0, request.company_id.sop_reveal_budget - len(self._get_seen() - request))

    @api.model
    def _alert(self, company, count):
        """Notify the administrators that a user reveals many numbers; once per crossing of the threshold."""
        group = self.env.ref("sop_contact_requests.group_manager").sudo()  # sudo: to find them
        managers = group.all_user_ids.filtered(lambda user: company in user.company_ids and user.active)
        company.partner_id.sudo().message_notify(  # sudo: a portal user may not write messages
            partner_ids=managers.partner_id.ids,
            subject=self.env._("Many phone numbers revealed by %(user)s", user=self.env.user.name),
            body=self.env._("%(user)s has revealed %(count)s buyers' numbers within one hour.", user=self.env.user.name, count=count),
        )
