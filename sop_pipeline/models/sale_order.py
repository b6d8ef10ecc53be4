from odoo import api, models

#: state an order enters -> the fact recorded on its lead
FACTS = {"sent": "quotation_sent", "sale": "order_confirmed", "cancel": "order_cancelled"}


class SaleOrder(models.Model):
    """Quotations and orders are the facts that move a lead (row V1).

    A quotation becomes "sent" in several ways (button, mail composer, payment, portal); all of
    them write the state, so the state is what is watched.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "sop.guard.mixin"]

    @api.model
    def _sop_links(self):
        """An order moves its lead: the user who links the two needs the right to change the lead."""
        return super()._sop_links() | {"opportunity_id": "write"}

    @api.model_create_multi
    def create(self, vals_list):
        """Record facts on the leads of new orders; an import may create them confirmed. See core for the contract."""
        orders = super().create(vals_list)
        orders._sop_notify_leads()
        return orders

    def write(self, vals):
        """Record facts on the leads of orders that changed their state or their lead; see core for the contract."""
        watched = self.browse()
        if "state" in vals or "opportunity_id" in vals:
            before = {order.id: (order.state, order.opportunity_id) for order in self}
        result = super().write(vals)
        if "state" in vals or "opportunity_id" in vals:
            watched = self.filtered(lambda order: before[order.id] != (order.state, order.opportunity_id))
        watched._sop_notify_leads()
        return result

    def unlink(self):
        """A deleted order was never there for the customer: its interactions go with it. See core for the contract."""
        # sudo: people may not change what a fact has recorded, nor see every interaction
        interactions = self.env["sop.interaction"].sudo().with_context(active_test=False)
        interactions = interactions.search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        result = super().unlink()
        interactions.unlink()
        return result

    def _sop_notify_leads(self):
        """Record on the leads of these orders, and as interactions, what state the orders are in."""
        self._sop_record_facts()
        self._sop_record_interactions()

    def _sop_record_facts(self):
        """Record on the leads of these orders what state the orders are in.

        A cancelled order counts only when it was the last confirmed one of its lead.
        """
        for order in self:
            fact = FACTS.get(order.state)
            # sudo: the user who sends or confirms an order (a buyer in the portal) may not own the lead
            lead = order.opportunity_id.sudo()
            if not fact or not lead or (fact == "order_cancelled" and "sale" in lead.order_ids.mapped("state")):
                continue
            lead._sop_apply_fact(fact, source=order)

    def _sop_is_paid(self):
        """Whether invoices settled in full cover the whole order."""
        self.ensure_one()
        invoices = self.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type == "out_invoice")
        settled = sum(invoices.filtered(lambda move: move.payment_state in ("paid", "in_payment")).mapped("amount_total"))
        return self.currency_id.compare_amounts(settled, self.amount_total) >= 0
