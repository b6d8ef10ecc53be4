from datetime import timedelta
from uuid import uuid4

from odoo import api, models
from odoo.exceptions import MissingError, UserError
from odoo.fields import Command
from odoo.tools import SQL, plaintext2html

from odoo.addons.sop_pipeline.tools.arguments import flag, number, record_id, takes

from ...tools.order_input import InputError, clean_order, fingerprint

DOUBLE_CLICK = timedelta(seconds=30)  # the same order again within this time is the same click, replayed or not

HISTORY = """
    WITH person AS (SELECT id FROM res_partner WHERE commercial_partner_id = %(partner)s OR id = %(partner)s)
    SELECT count(*)::int AS orders, sum(o.amount_total / COALESCE(NULLIF(o.currency_rate, 0), 1)) AS total,
           (SELECT count(*)::int FROM stock_picking p JOIN sale_order s ON s.id = p.sale_id
             WHERE s.partner_id IN (SELECT id FROM person) AND s.company_id = %(company)s
               AND p.return_id IS NOT NULL AND p.state = 'done') AS returns,
           (SELECT count(*)::int FROM account_move m
             WHERE m.partner_id IN (SELECT id FROM person) AND m.company_id = %(company)s AND m.move_type = 'out_invoice'
               AND m.state = 'posted' AND m.payment_state IN ('not_paid', 'partial')) AS unpaid
      FROM sale_order o
     WHERE o.partner_id IN (SELECT id FROM person) AND o.company_id = %(company)s AND o.state = 'sale'
"""


class SopOrderForm(models.AbstractModel):
    """Orders made without leaving the conversation: real ``sale.order`` records, drafts included."""

    _inherit = "sop.order.form"

    # === MAKE ===

    def action_create_order(self, vals):
        """Make an order in this conversation, and confirm it when asked to. All or nothing.

        A repetition makes no second order: the same ``request_ref``, or the same content within thirty
        seconds (a double click, two agents at once), gives the id of the order that is there.

        :param vals: dict; ``lines`` (list of dict ``product_id``, ``qty``, and optionally ``discount``
            in percent and ``note``) is required, the rest optional: ``partner_id`` (default: the
            conversation's customer, found by phone or e-mail, else made), ``carrier_id``, ``fee``
            (set by hand), ``deposit`` (a sum, or "30%" of the total, to transfer before the rest is
            paid on delivery), ``promo_code``, ``payment`` (cod, transfer, link, later), ``warehouse_id``,
            ``note``, ``confirm``, ``request_ref``
        :return: id of the order
        :raise UserError: a sentence that says what cannot be; nothing was written then
        """
        self._open("write")
        try:
            cleaned = clean_order(vals)
        except InputError as error:
            raise UserError(self._order_input_sentence(error))
        self.conversation._lock()
        reference = cleaned.pop("request_ref") or False
        content = fingerprint(cleaned)
        order = self._find_same_order(reference, content)
        if order:
            return order.id
        order = self._make_order(cleaned, reference or f"auto:{content}:{uuid4().hex}")
        if cleaned["confirm"]:
            order.action_confirm()
        return order.id

    def _find_same_order(self, reference, content):
        """Return the order an earlier, equal request made here, or none."""
        orders = self.env["sale.order"].sudo()  # sudo: whichever user made it, there is to be no second one
        domain = [("sop_conversation_id", "=", self.id)]
        if reference:
            return orders.search([*domain, ("sop_request_ref", "=", reference)], limit=1)
        recent = [("sop_request_ref", "=like", f"auto:{content}:%"), ("create_date", ">", self.env.cr.now() - DOUBLE_CLICK)]
        return orders.search([*domain, *recent, ("state", "!=", "cancel")], limit=1)

    def _make_order(self, cleaned, reference):
        """Return a new draft with everything that was asked for on it."""
        partner = self._order_partner(cleaned["partner_id"])
        products = self._order_products([line["product_id"] for line in cleaned["lines"]]).with_context(lang=partner.lang or self.env.lang)
        values = self._prepare_order_values(partner, cleaned)
        values["order_line"] = [self._prepare_line_command(products, line) for line in cleaned["lines"]]
        orders = self.env["sale.order"].with_company(self.conversation.company_id)
        order = orders._sop_keeping().create(values | {"sop_request_ref": reference}).with_env(orders.env)
        self._order_extras(order, cleaned)
        return order

    def _order_extras(self, order, cleaned):
        """What needs the lines to be there: promotions, then the fee, then the marks."""
        order._sop_apply_promotions()
        if cleaned["promo_code"]:
            order._sop_apply_code(cleaned["promo_code"])
        if cleaned["carrier_id"]:
            order._sop_set_carrier(self._order_carrier(cleaned["carrier_id"]), cleaned["fee"])
        if cleaned["deposit"]:
            try:
                self._change_deposit(order, cleaned)
            except InputError as error:
                raise UserError(self._order_input_sentence(error))
        order._sop_mark_call()

    def _order_partner(self, partner_id=False):
        """Return the customer of an order: the one named, the conversation's, else found or made. UserError when they cannot be it."""
        if not partner_id:
            partner_id = self.conversation.partner_id.id or self.conversation.action_create_partner()
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner or not partner.active or (partner.company_id and partner.company_id != self.conversation.company_id):
            raise UserError(self.env._("This customer does not exist in this company any more."))
        if partner != self.conversation.partner_id:
            partner.check_access("read")
        if not self.conversation.partner_id:
            self.conversation.sudo().partner_id = partner  # sudo: the right to write the conversation was checked
        return partner

    def _order_products(self, ids, order=None):
        """Return products that can be sold here, or raise UserError that names the first that cannot.

        :param order: draft they come to: its own products are read along, in the same queries
        """
        products = self.env["product.product"].with_context(active_test=False).search([("id", "in", ids)])
        if order:
            products = products.with_prefetch(products.ids + order.order_line.product_id.ids)
        if len(products) != len(set(ids)):
            raise UserError(self.env._("A product of this order does not exist any more."))
        self._check_sold(products)
        return products

    def _check_sold(self, products):
        """Raise UserError that names the first product that is not sold here."""
        for product in products.sudo():  # sudo: the name of what was asked for, also when it is another company's
            foreign = product.company_id and product.company_id != self.conversation.company_id
            if not product.active or not product.sale_ok or foreign:
                raise UserError(self.env._("%(product)s is not sold any more.", product=product.display_name))

    def _order_carrier(self, carrier_id):
        carrier = self.env["delivery.carrier"].browse(carrier_id).exists()
        if not carrier or not carrier.active or (carrier.company_id and carrier.company_id != self.conversation.company_id):
            raise UserError(self.env._("This delivery method does not exist any more."))
        return carrier

    def _prepare_order_values(self, partner, cleaned):
        """Values of a new order but its lines. A draft of the unknown customer is no order of the lead: nobody has asked for it yet."""
        lead = self.conversation.sudo().lead_id  # sudo: the lead may be a colleague's
        values = {
            "partner_id": partner.id,
            "company_id": self.conversation.company_id.id,
            "sop_conversation_id": self.id,
            "user_id": self.env.uid if self.env.user._is_internal() and not self.env.su else self.conversation.user_id.id or self.env.uid,
            "sop_payment": cleaned["payment"],
            "note": cleaned["note"] and plaintext2html(cleaned["note"]),
        }
        if self.conversation.team_id:
            values["team_id"] = self.conversation.team_id.id
        if lead.active and lead.type == "opportunity" and not partner.sop_is_unknown:
            values["opportunity_id"] = lead.id
        if cleaned["warehouse_id"]:
            values["warehouse_id"] = self._order_warehouse(cleaned["warehouse_id"]).id
        return values

    def _order_warehouse(self, warehouse_id):
        if warehouse_id not in self._order_warehouses().ids:
            raise UserError(self.env._("This warehouse is not of this company."))
        return self.env["stock.warehouse"].browse(warehouse_id)

    def _order_warehouses(self):
        return self.env["stock.warehouse"].search([("company_id", "=", self.conversation.company_id.id)])

    def _prepare_line_command(self, products, line):
        values = {"product_id": line["product_id"], "product_uom_qty": line["qty"]}
        if line["discount"]:
            values["discount"] = line["discount"]
        if line["note"]:
            product = products.browse(line["product_id"])
            values["name"] = f"{product.get_product_multiline_description_sale()}\n{line['note']}"
        return Command.create(values)

    @api.model
    def _order_input_sentence(self, error):
        """Return what is wrong with an order as a sentence."""
        sentences = {
            "no_lines": self.env._("Choose at least one product."),
            "many_lines": self.env._("At most %(limit)s lines in one order.", limit=error.value),
            "product": self.env._("A product of this order does not exist any more."),
            "quantity": self.env._("The quantity must be above zero."),
            "discount": self.env._("The discount must be between 0 and 100 percent."),
            "fee": self.env._("The shipping fee must be zero or more."),
            "deposit": self.env._("A deposit is a sum, or a part of the total such as 30%."),
            "payment": self.env._("There is no such way to pay: %(name)s", name=error.value),
            "unknown": self.env._("An order has no %(name)s.", name=error.value),
        }
        return sentences.get(error.code) or self.env._("The order is not complete: %(name)s", name=error.code)

    # === CONFIRM, CANCEL ===

    @takes(order_id=record_id, total=number(-1e12, 1e12))
    def action_confirm_order(self, order_id, total=None):
        """Confirm a draft of this conversation; confirming it again changes nothing.

        :param total: the total the person saw; when a colleague or a promotion has changed it since, it is refused
        :return: id of the order
        """
        order = self._own_order(order_id)
        self.conversation._lock()
        if order.state == "sale":
            return order.id
        if order.state == "cancel":
            raise UserError(self.env._("Order %(name)s was cancelled.", name=order.name))
        if total is not None and order.currency_id.compare_amounts(total, order.amount_total):
            raise UserError(
                self.env._("A colleague has changed this order: it is %(total)s now.", total=order.currency_id.format(order.amount_total))
            )
        self._check_sold(order._sop_goods().product_id)  # since it was put on the draft, but not any more?
        order.action_confirm()
        if total is not None and order.currency_id.compare_amounts(total, order.amount_total):
            # a code that ran out since, say: the confirmation counts promotions again
            now = order.currency_id.format(order.amount_total)
            raise UserError(self.env._("A promotion has changed: the order is %(total)s now. It was not confirmed.", total=now))
        return order.id

    @takes(order_id=record_id)
    def action_send_quotation(self, order_id):
        """Send a draft to the customer as a quotation; its lead moves as for every quotation.

        :return: id of the message
        """
        order = self._own_order(order_id)
        if order.state not in ("draft", "sent") or not order._sop_goods():
            raise UserError(self.env._("Only a draft with products can be sent as a quotation."))
        order._sop_find_customer()
        order._sop_link_lead()
        message = order._sop_post_receipt("quotation")
        if order.state == "draft":
            order.action_quotation_sent()
        return message.id

    @takes(order_id=record_id)
    def action_send_receipt(self, order_id):
        """Send the receipt of a confirmed order again."""
        return self._own_order(order_id).action_sop_send_receipt()

    @takes(order_id=record_id, notify=flag)
    def action_cancel_order(self, order_id, notify=False):
        """Cancel an order of this conversation: stock is free again, the lead goes where a cancelled order sends it.

        :param notify: also send it to the customer in the chat
        :return: id of the order; cancelling it again changes nothing
        """
        order = self._own_order(order_id)
        self.conversation._lock()
        if order.state == "cancel":
            return order.id
        pickings = order.sudo().picking_ids  # sudo: a seller may not read deliveries, only whether there was one
        if any(picking.state == "done" and not picking.return_id for picking in pickings):
            raise UserError(self.env._("Order %(name)s was delivered already. Make a return instead.", name=order.name))
        order.action_cancel()
        if notify:
            order._sop_post_receipt("order_cancelled")
        return order.id

    def _own_order(self, order_id):
        """Return an order of this conversation; UserError for any other."""
        self._open("write")
        order = self.env["sale.order"].browse(order_id if isinstance(order_id, int) else [])
        try:
            own = order.sudo().sop_conversation_id == self.conversation  # sudo: only whose it is; the order itself is read with the person's rights
        except MissingError:
            own = False
        if not own:
            raise UserError(self.env._("This order was not made in this conversation."))
        return order

    @api.model
    def _load_order_demo(self):
        """Make the orders of the demo shop; called by its demo data only."""
        from ...demo import orders

        orders.load(self.env)

    # === CUSTOMER'S PAST ===

    def _order_history(self):
        """Return what the customer did before: dict ``orders`` (confirmed), ``total``, ``returns``, ``unpaid``."""
        partner = self.conversation._seen_partner().sudo().commercial_partner_id  # sudo: its head may be hidden
        if not partner:
            return {"orders": 0, "total": 0.0, "returns": 0, "unpaid": 0}
        self.env.flush_all()
        # one statement, whatever they bought and from whichever user: who talks to a customer knows their past
        [row] = self.env.execute_query_dict(SQL(HISTORY, partner=partner.id, company=self.conversation.company_id.id))
        return {name: float(value or 0) if name == "total" else value for name, value in row.items()}
