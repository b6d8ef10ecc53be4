from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.transactions import made_once


class SopConversionEvent(models.Model):
    """ "Added to cart" and "purchased", once per order, and "lead", once per conversation, waiting to be sent to its platform.

    The sender takes rows in state 'queued', and writes 'sent', 'failed' or 'skipped'; an order that is
    cancelled takes back what was not sent yet.
    """

    _name = "sop.conversion.event"
    _inherit = ["sop.queue.mixin"]
    _description = "Conversion Event"
    _order = "id"
    _rec_name = "event_key"
    _queue_job = "sop_inbox.sop_conversion_event_cron_send"

    order_id = fields.Many2one("sale.order", ondelete="cascade", index=True, readonly=True)
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    conversation_id = fields.Many2one("sop.conversation", ondelete="cascade", index="btree_not_null", readonly=True)
    account_id = fields.Many2one(related="conversation_id.account_id", store=True, precompute=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    kind = fields.Selection([("add_to_cart", "Added to cart"), ("purchase", "Purchased"), ("lead", "Lead")], required=True, readonly=True)
    event_key = fields.Char(required=True, readonly=True, help="The platform ignores a second event with the same key.")
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    value = fields.Float(readonly=True)
    currency = fields.Char("Currency Code", readonly=True)
    currency_id = fields.Many2one(related="order_id.currency_id", export_string_translation=False)
    contents = fields.Json(readonly=True, help="Products and quantities: list of dict id, quantity, item_price.")
    state = fields.Selection(
        [("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed"), ("cancelled", "Taken back"), ("skipped", "Not sent")],
        required=True,
        default="queued",
        readonly=True,
    )
    error = fields.Char(readonly=True)
    answer = fields.Char("Platform's Answer", readonly=True)

    _once = models.UniqueIndex("(order_id, kind)", "This event of the order is recorded already.")
    _lead_once = models.UniqueIndex("(conversation_id) WHERE kind = 'lead'", "The lead of this conversation has already been sent.")
    _queue_idx = models.Index("(id) WHERE state = 'queued'")

    @api.model
    def _record(self, orders, *kinds):
        """Record events of orders made in conversations, each once; the value is the order's of that moment. Batch.

        :param kinds: 'add_to_cart', 'purchase'
        An event taken back with its order is sent after all when the order is confirmed again.

        :return: the new rows; none for what is there already, for orders that came from no conversation and for drafts whose customer is not known
        """
        events = self.sudo()  # sudo: a payment on the portal purchases too, and users cannot write here
        orders = orders.filtered(lambda order: order.sop_conversation_id and not order.partner_id.sudo().sop_is_unknown)  # sudo: only whether it is
        of_orders = [("order_id", "in", orders.ids), ("kind", "in", kinds)]
        there = events.search_fetch(of_orders, ["order_id", "kind", "state"]) if orders else events
        known = {(event.order_id.id, event.kind) for event in there}
        for event in there.filtered(lambda event: event.state == "cancelled" and event.order_id.state != "cancel"):
            event.write({**self._prepare(event.order_id, event.kind), **self._again_values()})
        missing = [self._prepare(order, kind) for order in orders for kind in kinds if (order.id, kind) not in known]
        if not missing:  # a savepoint for nothing would also write the tracking of a change that goes on
            return events
        with made_once(self.env, flush=False):  # in the middle of a confirmation, which writes its tracking at its end
            return events.create(missing)

    @api.model
    def _again_values(self):
        """Columns of an event that waits anew."""
        now = fields.Datetime.now()
        return {"state": "queued", "at": now, "error": False, "attempts": 0, "next_attempt_at": now}

    @api.model
    def _prepare(self, order, kind):
        goods = order.order_line.filtered(lambda line: line.product_id and not line.is_delivery and line.price_total >= 0)
        return {
            "order_id": order.id,
            "conversation_id": order.sop_conversation_id.id,
            "company_id": order.company_id.id,
            "kind": kind,
            "event_key": f"{self.env.cr.dbname}-{order.id}-{kind}",
            "value": order.amount_total,
            "currency": order.currency_id.name,
            "contents": [
                {
                    "id": str(line.product_id.id),
                    "quantity": line.product_uom_qty,
                    "item_price": order.currency_id.round(line.price_total / line.product_uom_qty) if line.product_uom_qty else 0,
                }
                for line in goods
            ],
        }

    @api.model
    def _take_back(self, orders):
        """Events of cancelled orders that were not sent yet are not sent."""
        # sudo: see _record
        self.sudo().search([("order_id", "in", orders.ids), ("state", "in", ("queued", "failed"))]).state = "cancelled"
