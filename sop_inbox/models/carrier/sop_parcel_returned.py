import logging

from odoo import fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class SopParcel(models.Model):
    """A parcel that came back: core's return waits for the person who scans it, and a credit note is proposed."""

    _inherit = "sop.parcel"

    return_id = fields.Many2one("stock.picking", readonly=True, copy=False, ondelete="set null")

    def _propose_return(self):
        """Make core's return of the whole delivery, to be validated when the goods are there; none where there is one."""
        picking = self.picking_id
        if picking.state != "done" or picking.return_ids.filtered(lambda back: back.state != "cancel"):
            return
        try:
            with self.env.cr.savepoint():
                action = self.env["stock.return.picking"].create({"picking_id": picking.id}).action_create_returns_all()
                self.return_id = action["res_id"]
        except UserError as error:  # nothing left to return
            _logger.info("no return was made for parcel %s: %s", self.id, type(error).__name__)
        order, user = self.order_id, self._seller()
        if user and order.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type == "out_invoice"):
            env = self.with_context(lang=user.lang).env
            order.activity_schedule("mail.mail_activity_data_todo", summary=env._("The parcel came back: make the credit note"), user_id=user.id)
