from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.sop_pipeline.tools.arguments import record_id, takes


class SopConversation(models.Model):
    """The parcels of the orders made in a conversation."""

    _inherit = "sop.conversation"

    # a user who may read a conversation may see its parcels: their rights are not checked one by one
    parcel_ids = fields.One2many("sop.parcel", "conversation_id", "Parcels", readonly=True, bypass_search_access=True)


class SopInboxScreen(models.AbstractModel):
    """Chips of parcels."""

    _inherit = "sop.inbox.screen"

    @api.model
    def _chip_domains(self):
        """Nothing is kept beside the parcels themselves: these numbers cannot drift."""
        return super()._chip_domains() | {
            "parcel_failed": [("parcel_ids", "any", [("state", "=", "failed")])],
            "parcel_returning": [("parcel_ids", "any", [("state", "=", "returning")])],
            "parcel_late": [("parcel_ids", "any", [("due_at", "<", "now")])],
        }


class SopOrderForm(models.AbstractModel):
    """The strip on an order, and the answer to "where is my order"."""

    _inherit = "sop.order.form"

    def _order_recent(self):
        rows = super()._order_recent()
        if not rows:
            return rows
        handed_over = Domain("state", "!=", "new") | Domain("message", "!=", False)  # one that was refused says why
        parcels = self.env["sop.parcel"].search(Domain("order_id", "in", [row["id"] for row in rows]) & handed_over, order="id")
        for row in rows:
            own = parcels.filtered(lambda parcel, row=row: parcel.order_id.id == row["id"])
            row["parcels"] = [parcel._strip() for parcel in own if parcel.state != "cancelled" or len(own) == 1]
        return rows

    @takes(order_id=record_id)
    def action_send_parcel(self, order_id):
        """Send the customer where the parcels of an order of this conversation are, with the carrier's page.

        :return: id of the message
        :raise UserError: there is no parcel yet, or nothing but a public comment would reach the customer
        """
        order = self._own_order(order_id)
        parcels = order.sop_parcel_ids.filtered(lambda parcel: parcel.tracking_ref and parcel.state != "cancelled")
        if not parcels:
            raise UserError(self.env._("Order %(name)s has no parcel at a carrier yet.", name=order.name))
        thread = self.conversation._personal_thread()
        if not thread:
            raise UserError(self.conversation._sending._no_private_way())
        parcels = parcels.with_context(lang=order.partner_id.lang or self.env.lang)
        return thread._post_outbound("\n\n".join(parcel._answer() for parcel in parcels)).id
