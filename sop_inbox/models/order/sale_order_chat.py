from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare

from odoo.addons.sop_pipeline.tools.phone import normalize_phone
from odoo.addons.sop_pipeline.tools.signals import received


class SaleOrder(models.Model):
    """An order made in a conversation: how it is paid, whether it may be confirmed, what follows from it.

    The rules hold on every way such an order is confirmed or cancelled: the chat, Odoo's own
    form, a payment, the portal. Orders that come from no conversation are Odoo's alone.
    """

    _inherit = "sale.order"

    sop_payment = fields.Selection(
        [("cod", "Cash on delivery"), ("transfer", "Bank transfer"), ("link", "Payment link"), ("later", "Later")],
        "Paid by",
        copy=False,
    )
    sop_account_id = fields.Many2one(
        related="sop_conversation_id.account_id", string="Channel", store=True, index="btree_not_null", groups="base.group_user"
    )
    sop_carrier_cost = fields.Monetary(
        "Carrier's Price", copy=False, readonly=True, groups="base.group_user", help="What the carrier asked when it was quoted."
    )
    sop_fee_by_hand = fields.Boolean("Fee Set by Hand", copy=False, readonly=True, groups="base.group_user")
    sop_call_first = fields.Boolean("Call to Confirm", copy=False, readonly=True, groups="base.group_user")
    sop_request_ref = fields.Char(copy=False, readonly=True, groups="base.group_user")
    sop_receipt_at = fields.Datetime("Receipt Sent", copy=False, readonly=True, groups="base.group_user")
    sop_is_paid = fields.Boolean("Paid", compute="_compute_sop_is_paid", search="_search_sop_is_paid", compute_sudo=True)

    _sop_request_unique = models.UniqueIndex(
        "(sop_conversation_id, sop_request_ref) WHERE sop_request_ref IS NOT NULL", "This order was made already."
    )
    _sop_list_idx = models.Index("(date_order DESC, id DESC) WHERE sop_conversation_id IS NOT NULL")

    # === COMPUTE ===

    @api.depends("transaction_ids.state", "invoice_ids.payment_state", "amount_total")
    def _compute_sop_is_paid(self):
        for order in self:
            paid = order.currency_id.compare_amounts(order.amount_paid, order.amount_total) >= 0
            order.sop_is_paid = bool(order.amount_total) and (paid or order._sop_is_paid())

    def _search_sop_is_paid(self, operator, value):
        """Orders with a finished payment or a settled invoice; part payments are separated when they are read."""
        if operator != "in":
            return NotImplemented
        paid = Domain("transaction_ids.state", "in", ("authorized", "done")) | Domain(
            "order_line.invoice_lines.move_id",
            "any",
            [("move_type", "=", "out_invoice"), ("state", "=", "posted"), ("payment_state", "in", ("paid", "in_payment"))],
        )
        # sudo: a seller may filter by it without reading payments
        orders = self.sudo().search(paid & Domain("state", "!=", "cancel"))
        return Domain("id", "in", orders.filtered("sop_is_paid").ids)

    # === CONFIRM ===

    def action_confirm(self):
        """Make a customer of an unknown one, refuse what is not there, confirm, then inform the customer and the platform: once each."""
        self._sop_find_customer()
        chat = self.filtered("sop_conversation_id")
        chat._sop_check_before_confirm()
        result = super().action_confirm()
        chat._sop_after_confirm()
        return result

    def _sop_check_before_confirm(self):
        """Raise UserError when an order of a conversation cannot be sent as it is.

        Takes the stock's lock: of two orders for the last piece, one gets past here.
        """
        if self:  # of two people who confirm one order the second begins anew, and sees that it is confirmed
            self.env.flush_all()
            self.env.cr.execute(SQL("SELECT id FROM sale_order WHERE id IN %s ORDER BY id FOR NO KEY UPDATE", tuple(self.ids)))
        for order in self:
            if not order._sop_goods():
                raise UserError(self.env._("Order %(name)s has no product.", name=order.name))
            order._sop_check_collectable()
            order._sop_link_lead()
            order._sop_check_stock()
        self._sop_judge_unjudged()

    def _sop_check_collectable(self):
        """Raise UserError when a carrier is to collect the money and does not know the address, or a number to call."""
        self.ensure_one()
        if self.sop_payment != "cod" or not self.carrier_id:
            return
        customer, place = self.partner_id.sudo(), self.partner_shipping_id.sudo()  # sudo: only what is missing is shown
        missing = [
            label
            for label, there in (
                (self.env._("phone"), place.phone or customer.phone),
                (self.env._("house number and street"), place.street),
                (self.env._("ward or province"), place.city or place.state_id),
            )
            if not there
        ]
        if missing:
            raise UserError(self.env._("Cash on delivery needs the customer's %(missing)s.", missing=", ".join(missing)))
        called = place if place.phone else customer
        if not normalize_phone(called.phone) and not called.phone_sanitized:
            raise UserError(self.env._("“%(phone)s” is no phone number that the carrier can call. Correct it first.", phone=called.phone))

    def _sop_goods(self):
        """Lines the customer buys: not the fee, not discounts and rewards, not titles."""
        return self.order_line.filtered(
            lambda line: line.product_id and not line.display_type and not line.is_delivery and not line._sop_is_discount()
        )

    def _sop_check_stock(self):
        """Raise UserError that names what is short and how much is left, under the lock of the products."""
        self.ensure_one()
        wanted = {}
        for line in self._sop_goods():
            quantity = line.product_uom_id._compute_quantity(line.product_uom_qty, line.product_id.uom_id)
            wanted[line.product_id] = wanted.get(line.product_id, 0) + quantity
        # sudo: the lock touches rows a seller may not write
        products = self.env["product.product"].sudo().union(*wanted)._sop_needs_stock()
        free = products._sop_lock_stock(self.warehouse_id)
        short = []
        for product in products.with_context(warehouse_id=self.warehouse_id.id):
            quantity, left = wanted[product.with_env(self.env)], free[product.id]
            if float_compare(quantity, left, precision_rounding=product.uom_id.rounding) > 0:
                product.invalidate_recordset(["free_qty", "qty_available", "outgoing_qty"])
                left = product._sop_free()
            if float_compare(quantity, left, precision_rounding=product.uom_id.rounding) > 0:
                short.append(
                    self.env._("%(product)s: %(left)g left, %(wanted)g wanted", product=product.display_name, left=max(0, left), wanted=quantity)
                )
        if short:
            # sudo: the name of a warehouse, for any user who confirms
            warehouse = self.warehouse_id.sudo()
            raise UserError(self.env._("Not enough in %(warehouse)s.\n%(lines)s", warehouse=warehouse.name, lines="\n".join(short)))

    def _sop_after_confirm(self):
        """What follows from a confirmed order of a conversation, in the same transaction and only once.

        Signal ``sop_no_receipt``: orders of the past (a demo's) inform no customer.
        """
        sold = self.filtered(lambda order: order.state == "sale")
        if not received(self.env, "sop_no_receipt"):
            for order in sold.filtered(lambda order: not order.sop_receipt_at):
                conversation = order.sop_conversation_id.sudo()  # sudo: a payment on the portal confirms orders too
                if conversation._personal_thread():
                    order._sop_post_receipt()
                else:
                    order._message_log(body=self.env._("No receipt was sent.") + " " + conversation._sending._no_private_way())

    def _sop_link_lead(self):
        """The order belongs to the conversation's lead, also when that was made after the order."""
        lead = self.sop_conversation_id.sudo().lead_id  # sudo: the lead may be a colleague's
        if lead.active and lead.type == "opportunity" and not self.opportunity_id and not self.sudo().opportunity_id:
            self.sudo().opportunity_id = lead

    # === PROMOTIONS ===

    def _sop_apply_promotions(self):
        """Bring the automatic programmes up to date with the lines; those with a choice of rewards wait for a person."""
        self.ensure_one()
        if not self._sop_has_programs():
            return
        self._update_programs_and_rewards()
        if self._sop_claim(self._get_claimable_rewards()):
            self._update_programs_and_rewards()

    def _sop_has_programs(self):
        """Whether any programme could touch this draft; most shops have none most of the year.

        Gift cards and wallets that are bought are made by the confirmation.
        """
        if any(line.is_reward_line for line in self.order_line):
            return True
        today = self._get_confirmed_tx_create_date()  # core's day: the company's, or that of the payment
        running = Domain("trigger", "=", "auto") & Domain("program_type", "not in", ("gift_card", "ewallet"))
        running &= Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        return bool(self.env["loyalty.program"].search_count(running, limit=1))

    def _sop_claim(self, claimable):
        """Take every reward that leaves nothing to choose; return whether there was one."""
        claimed = False
        for coupon, rewards in claimable.items():
            for reward in rewards:
                choice = len(coupon.program_id.reward_ids) != 1 or reward.reward_type == "product" and reward.multi_product
                if not choice and not coupon.program_id.is_nominative and reward not in self.order_line.reward_id:
                    self._apply_program_reward(reward, coupon)
                    claimed = True
        return claimed

    def _sop_apply_code(self, code):
        """Use a promotion code or coupon; UserError says why it cannot be used."""
        self.ensure_one()
        status = self._try_apply_code(code)
        if "error" in status:
            raise UserError(status["error"])
        self._sop_claim(status)
        self._update_programs_and_rewards()

    # === PRICE ===

    def _sop_taxes(self, product):
        """Return the taxes a line of this order has for a product."""
        return self.fiscal_position_id.map_tax(product.taxes_id._filter_taxes_by_company(self.company_id))

    def _sop_unit_price(self, product, price):
        """Return what a line has to say so that the customer pays ``price`` for one, taxes included."""
        self.ensure_one()
        order = self.sudo()  # sudo: taxes, for any user who sells
        taxes = order._sop_taxes(product.with_env(order.env))
        details = taxes._get_tax_details(price, 1.0, rounding_method="round_globally", special_mode="total_included")
        return details["total_excluded"] + sum(part["tax_amount"] for part in details["taxes_data"] if part["tax"].price_include)

    def _sop_paid_price(self, product, unit_price):
        """Return what the customer pays for one when its line says ``unit_price``: the other way round."""
        self.ensure_one()
        order = self.sudo()  # sudo: see _sop_unit_price
        taxes = order._sop_taxes(product.with_env(order.env))
        return self.currency_id.round(taxes._get_tax_details(unit_price, 1.0, rounding_method="round_globally")["total_included"])

    # === FEE ===

    def _sop_set_carrier(self, carrier, fee=None):
        """Put the carrier's fee on the order.

        :param carrier: ``delivery.carrier``; empty takes the fee off
        :param fee: amount set by hand, as the customer pays it; default what the carrier asks now
        """
        self.ensure_one()
        if not carrier:
            self._remove_delivery_line()
            self._sop_keeping().write({"carrier_id": False, "sop_carrier_cost": 0, "sop_fee_by_hand": False})
            return
        quote = next(iter(carrier._sop_quote(self)), None)
        if not quote or not quote["ok"] and fee is None:
            raise UserError(quote and quote["error"] or self.env._("%(carrier)s does not deliver there.", carrier=carrier.name))
        self.set_delivery_line(carrier, self._sop_unit_price(carrier.product_id, quote["price"] if fee is None else fee))
        self._sop_keeping().write({"sop_carrier_cost": quote["cost"], "sop_fee_by_hand": fee is not None, "recompute_delivery_price": False})
        self._sop_refresh_shipping_reward()

    def _sop_refresh_shipping_reward(self):
        """A reward of free shipping follows the fee."""
        if any(line.reward_id.reward_type == "shipping" for line in self.order_line):
            self._update_programs_and_rewards()
