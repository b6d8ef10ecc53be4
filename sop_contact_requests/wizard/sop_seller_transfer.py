from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SopSellerTransfer(models.TransientModel):
    """Give rights to another seller: bought with the wrong account, or by somebody who has left. With a reason, kept in each right's log."""

    _name = "sop.seller.transfer"
    _description = "Give Rights to Another Seller"
    _inherit = ["sop.guard.mixin"]

    right_ids = fields.Many2many(
        "sop.seller.entitlement", default=lambda self: [Command.set(self._get_active_ids())], required=True, readonly=True, string="Rights"
    )
    seller_id = fields.Many2one("res.partner", "New seller", required=True)
    reason = fields.Char(required=True)

    def _get_active_ids(self):
        context = self.env.context
        return context.get("active_ids", []) if context.get("active_model") == "sop.seller.entitlement" else []

    def _sop_links(self):
        return super()._sop_links() | {"right_ids": "write", "seller_id": "read"}

    def action_give(self):
        """Move the rights; see ``sop.seller.entitlement._give_to``. Access: users who may write them.

        :raise UserError: without a right, or for a seller of another company
        """
        self.check_access("write")
        self.ensure_one()
        rights = self.sudo().right_ids.with_env(self.env)  # sudo: all that is meant is checked, not only what one may see
        rights.check_access("write")
        if not rights:
            raise UserError(self.env._("Choose the rights to give first."))
        if self.seller_id.company_id and rights.company_id != self.seller_id.company_id:
            raise UserError(self.env._("%(seller)s belongs to another company.", seller=self.seller_id.name))
        rights._give_to(self.seller_id, self.reason)
        return True
