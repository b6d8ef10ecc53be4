from odoo import fields, models
from odoo.exceptions import UserError


class SopParcelExclude(models.TransientModel):
    """Why parcels say nothing about their buyer."""

    _name = "sop.parcel.exclude"
    _description = "Parcels That Do Not Count"
    _inherit = ["sop.guard.mixin"]

    parcel_ids = fields.Many2many("sop.parcel", string="Parcels", required=True, default=lambda self: self.env.context.get("active_ids"))
    reason = fields.Char("Because", required=True, size=200)

    def _sop_links(self):
        return super()._sop_links() | {"parcel_ids": "write"}

    def action_confirm(self):
        """Have the parcels count no more; see ``sop.parcel.action_exclude``.

        :raise UserError: no reason was given
        :raise AccessError: for who may not write all of the parcels
        """
        self.check_access("write")
        for wizard in self:
            if not (reason := (wizard.reason or "").strip()):
                raise UserError(self.env._("Say why, please."))
            wizard.sudo().parcel_ids.with_env(self.env).action_exclude(reason)  # sudo: also those the user may not see, which are refused
        return {"type": "ir.actions.act_window_close"}


class SopParcel(models.Model):
    """Buttons for parcels that do not count."""

    _inherit = "sop.parcel"

    def action_include(self):
        """Have parcels count again. Idempotent, batch. Right: writing parcels."""
        self.action_exclude("")
