from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import html2plaintext, plaintext2html

from odoo.addons.sop_pipeline.tools.arguments import named, takes

from ...tools.amount import read_amount, read_percent
from ...tools.order_input import PAYMENTS, InputError, clean_address, clean_id, clean_lines, clean_number, clean_quantity, clean_text

ADDRESS_FIELDS = ("name", "phone", "email", "street", "city")


class SopOrderForm(models.AbstractModel):
    """The order form beside the chat. A half-filled form is a draft order of the conversation, or nothing.

    The client sends what a person just changed and gets the whole order back, so that two agents
    with the form open see the same, and a reload loses nothing.
    """

    _name = "sop.order.form"
    _inherit = "sop.conversation.part.mixin"
    _description = "Order Form of a Conversation"

    # === READING ===

    def get_order_form(self):
        """Return everything the order form shows when it opens, as plain values."""
        self._open("read")
        warehouses = self._order_warehouses()
        priorities = dict(self.conversation._fields["priority"]._description_selection(self.env))
        return {
            "conversation_id": self.id,
            "priority": priorities.get(self.conversation.priority, ""),
            "currency_id": self.conversation.company_id.currency_id.id,
            "order": self._order_values(self._draft_order()),
            "customer": self._order_customer(),
            "history": self._order_history(),
            "provinces": [
                {"id": state.id, "name": state.name}
                for state in self.env["res.country.state"].search([("country_id", "=", self._order_country().id)], order="name")
            ],
            "warehouses": [{"id": warehouse.id, "name": warehouse.name} for warehouse in warehouses],
            "payments": [list(item) for item in self.env["sale.order"]._fields["sop_payment"]._description_selection(self.env)],
            "recent": self._order_recent(),
        }

    def _order_country(self):
        partner = self.conversation.partner_id.sudo()  # sudo: which country, to offer its provinces
        return partner.country_id or self.conversation.company_id.country_id or self.env.ref("base.vn")

    def _draft_order(self):
        """Return the draft the form works on: the newest one of this conversation, from any agent."""
        domain = [("sop_conversation_id", "=", self.id), ("state", "in", ("draft", "sent"))]
        return self.env["sale.order"].search(domain, order="id desc", limit=1)

    def _order_customer(self):
        conversation, partner = self.conversation, self.conversation._seen_partner()
        identity = conversation.identity_id
        if not partner:
            return {
                "id": conversation.partner_id.id, "name": conversation.name, "phone": conversation.phone or identity.phone or "",
                "email": identity.email or "", "street": "", "city": "", "state_id": False,
            }  # fmt: skip
        values = {name: partner[name] or "" for name in ADDRESS_FIELDS}
        return {"id": partner.id, **values, "state_id": partner.state_id.id, "phone": partner.phone or conversation.phone or ""}

    def _order_recent(self):
        """Orders made here that are no draft any more, newest first."""
        orders = self.env["sale.order"].search([("sop_conversation_id", "=", self.id), ("state", "in", ("sale", "cancel"))], order="id desc", limit=5)
        return [
            {
                "id": order.id,
                "name": order.name,
                "state": order.state,
                "total": order.amount_total,
                "currency_id": order.currency_id.id,
                "paid": order.sop_is_paid,
                "missing": order.sop_amount_missing,
                "call": order._sop_call_values() if order.state == "sale" else False,
            }
            for order in orders
        ]

    def _order_values(self, order):
        """Return an order for the form; False without one."""
        if not order:
            return False
        stock = order.order_line.product_id._sop_stock(order.warehouse_id)
        goods = order._sop_goods()
        return {
            "id": order.id,
            "name": order.name,
            "state": order.state,
            "currency_id": order.currency_id.id,
            "partner": self._order_customer_name(order),
            "user": order.user_id.name or "",
            "lines": [self._order_line_values(line, stock) for line in goods],
            "extras": self._order_extra_values(order),
            "totals": order._sop_totals(),
            "carrier": {"id": order.carrier_id.id, "name": order.carrier_id.name} if order.carrier_id else False,
            "carrier_cost": order.sop_carrier_cost,
            "fee_by_hand": order.sop_fee_by_hand,
            "fee_stale": order.recompute_delivery_price,
            "payment": order.sop_payment or "cod",
            "deposit": order.sop_deposit,
            "note": html2plaintext(order.note or "").strip(),
            "warehouse_id": order.warehouse_id.id,
            "call_first": order._sop_mark_call() if order.state == "draft" else order.sop_call_first,
            "call": order._sop_call_values(),
            "short": any(line["short"] for line in (self._order_line_values(line, stock) for line in goods)),
        }

    def _order_extra_values(self, order):
        """What makes the order cheaper, one row a name: core splits a discount by taxes, which means nothing to an agent."""
        lines = order.order_line.filtered(lambda line: line._sop_is_discount())
        return [
            {"id": same[:1].id, "name": name, "total": sum(same.mapped("price_total")), "reward": reward}
            for (name, reward), same in lines.grouped(lambda line: (line.name.split("\n")[0], line.is_reward_line)).items()
        ]

    def _order_line_values(self, line, stock):
        product = line.product_id
        row = next(iter(stock.get(product.id, [])), {})
        free = row.get("free")
        return {
            "id": line.id,
            "product_id": product.id,
            "name": product.display_name,
            "qty": line.product_uom_qty,
            "uom": line.product_uom_id.name,
            "price": line.price_reduce_taxinc,
            "discount": line.discount,
            "total": line.price_total,
            "note": self._line_note(line),
            "free": free,
            "expected": row.get("expected"),
            "short": free is not None and not product.sop_sell_without_stock and line.product_qty > free,
        }

    def _line_note(self, line):
        """What a person added to a line: the words after the product's own."""
        return (line.name or "")[len(self._line_own_words(line)) :].strip("\n")

    def _line_own_words(self, line):
        """What a line says of its product by itself: its name, and the words the shop sells it with, in the customer's language."""
        name = line.name or ""
        lang = line.order_id.sudo()._get_lang()  # sudo: the customer may be a colleague's, whom one may not read
        own = line.product_id.with_context(lang=lang).get_product_multiline_description_sale()
        return own if f"{name}\n".startswith(f"{own}\n") else name.partition("\n")[0]

    # === CHANGES ===

    def action_update_order(self, vals):
        """Change the draft of this conversation, or begin one; nothing is kept of a change that is refused.

        :param vals: dict with any of: ``customer`` (name, phone, email, street, city = ward, state_id),
            ``add`` (product_id, qty), ``line`` (id, and qty, discount or note), ``remove`` (id of a line),
            ``warehouse_id``, ``carrier_id`` (False takes the fee off) with ``fee`` (set by hand),
            ``promo_code``, ``promotions`` (True counts them again), ``discount`` (an amount off the whole order,
            0 takes it off; a text is read as people type it: "50k", "10%"), ``payment``, ``deposit`` (see
            ``action_create_order``, 0 asks for none), ``note``
        :return: dict ``order`` and ``customer`` as ``get_order_form`` gives them
        """
        self._open("write")
        unknown = set(vals) - {"fee"} - set(self._order_changes()) if isinstance(vals, dict) else {str(vals)}
        if unknown:
            raise UserError(self._order_input_sentence(InputError("unknown", ", ".join(map(str, unknown)))))
        self.conversation._lock()
        try:
            if "customer" in vals:
                self._change_customer(vals["customer"])
            order = self._draft_order()
            for key, change in self._order_changes().items():
                if key in vals and change:
                    order = order or self._begin_order()
                    change(order, vals)
        except InputError as error:
            raise UserError(self._order_input_sentence(error))
        return {"order": self._order_values(order), "customer": self._order_customer()}

    def _order_changes(self):
        """Changes in the order they are made: key -> function of order and vals."""
        return {
            "customer": None,
            "warehouse_id": self._change_warehouse,
            "add": self._change_add,
            "line": self._change_line,
            "remove": self._change_remove,
            "promo_code": self._change_code,
            "promotions": lambda order, vals: self._after_lines(order),
            "discount": self._change_discount,
            "carrier_id": self._change_carrier,
            "payment": self._change_payment,
            "deposit": self._change_deposit,
            "note": lambda order, vals: order.write({"note": plaintext2html(clean_text(vals["note"], "note"))}),
        }

    def _begin_order(self):
        """Return a new draft of this conversation's customer, known or not."""
        empty = {"payment": "cod", "note": "", "warehouse_id": False}
        values = self._prepare_order_values(self._draft_partner(), empty)
        return self.env["sale.order"].with_company(self.conversation.company_id).create(values)

    def _change_customer(self, values):
        """Write what the person typed about the customer; who has no customer yet gets one, found or made."""
        if not isinstance(values, dict):
            raise InputError("customer", values)
        typed = {name: clean_text(values.get(name), name, 200) for name in ADDRESS_FIELDS if name in values}
        state = self.env["res.country.state"].browse(clean_id(values.get("state_id"), "state_id") or []).exists()
        if not self.conversation.partner_id:
            self.conversation.action_create_partner({name: typed.get(name) for name in ADDRESS_FIELDS})
        if "name" in typed and not typed["name"]:
            raise UserError(self.env._("The customer needs a name."))
        partner = self.conversation.partner_id
        if not partner.phone:
            typed.setdefault("phone", self.conversation.phone or "")  # the form shows the chat's number then
        if state:
            typed |= {"state_id": state.id, "country_id": state.country_id.id}
        changed = {name: value for name, value in typed.items() if (partner[name].id if name.endswith("_id") else partner[name] or "") != value}
        if changed:
            partner.write(changed)

    def _change_warehouse(self, order, vals):
        order.warehouse_id = self._order_warehouse(clean_id(vals["warehouse_id"], "warehouse"))

    def _change_add(self, order, vals):
        """One more of a product: on its line when there is one without a discount of its own."""
        [line] = clean_lines([vals["add"]])
        products = self._order_products([line["product_id"]], order)
        same = order._sop_goods().filtered(lambda known: known.product_id == products and known.discount == line["discount"] and not line["note"])
        if same:
            same[:1].product_uom_qty += line["qty"]
        else:
            lang = order.sudo()._get_lang()  # sudo: see _line_own_words
            order.write({"order_line": [self._prepare_line_command(products.with_context(lang=lang), line)]})
        self._after_lines(order)

    def _change_line(self, order, vals):
        line, values = self._own_line(order, vals["line"]), {}
        if "qty" in vals["line"]:
            values["product_uom_qty"] = clean_quantity(vals["line"]["qty"])
        if "discount" in vals["line"]:
            values["discount"] = self._read_share(vals["line"]["discount"])
        if "note" in vals["line"]:
            values["name"] = "\n".join(filter(None, [self._line_own_words(line), clean_text(vals["line"]["note"], "note")]))
        line.write(values)
        self._after_lines(order)

    def _change_remove(self, order, vals):
        line = self._own_line(order, {"id": vals["remove"]})
        if line.is_reward_line:
            line.reward_id and order.applied_coupon_ids and order.write({"applied_coupon_ids": [Command.unlink(line.coupon_id.id)]})
        line.unlink()
        self._after_lines(order)

    def _own_line(self, order, values):
        line = self.env["sale.order.line"].browse(clean_id(isinstance(values, dict) and values.get("id"), "line") or []).exists()
        if not line or line.order_id != order:
            raise UserError(self.env._("A colleague has taken this line off meanwhile."))
        return line

    def _change_code(self, order, vals):
        order._sop_apply_code(clean_text(vals["promo_code"], "promo_code", 64))
        self._after_lines(order)

    def _after_lines(self, order):
        """What follows from another sum or other lines: promotions, a fee that may be another."""
        order._sop_apply_promotions()
        if order.carrier_id and not order.sop_fee_by_hand:
            order.recompute_delivery_price = True

    def _change_discount(self, order, vals):
        """An amount off the whole order; a new one takes the place of the old one."""
        order.order_line.filtered(lambda line: line._sop_is_discount() and not line.is_reward_line).unlink()
        amount = self._read_money(order, vals["discount"], "discount", 1e12, whole=order._sop_totals()["goods"])
        if amount > order.amount_total:
            raise UserError(self.env._("The discount is more than the order."))
        if amount:
            # sudo: the first discount of a company makes its product, which a seller may not
            wizard = self.env["sale.order.discount"].sudo().create({"sale_order_id": order.id, "discount_type": "amount", "discount_amount": amount})
            wizard.action_apply_discount()
        self._after_lines(order)

    def _read_money(self, order, value, code, most, whole=None):
        """Return an amount: a number, or as people type it ("30k", "1tr2"); a share where it is known of what."""
        if isinstance(value, str):
            try:
                # the box shows it with the sign of its currency
                value = read_amount(value.replace(order.currency_id.symbol or "", ""), whole, order.currency_id.decimal_places)
            except ValueError:
                raise UserError(self.env._("“%(text)s” is no amount of money. Write 30k, 30.000 or 1tr2.", text=value.strip()[:40]))
        return clean_number(value, code, 0, most)

    def _read_share(self, value):
        """Return a discount in percent: a number, or as people type it."""
        if isinstance(value, str):
            try:
                value = read_percent(value)
            except ValueError:
                raise UserError(self.env._("“%(text)s” is no discount in percent. Write 10 or 12,5%%.", text=value.strip()[:40]))
        return clean_number(value, "discount", 0, 100)

    def _change_carrier(self, order, vals):
        fee = vals.get("fee")
        fee = None if fee in (None, False) and not isinstance(fee, int | float) or fee is False else fee
        carrier = clean_id(vals["carrier_id"], "carrier")
        order._sop_set_carrier(
            self._order_carrier(carrier) if carrier else self.env["delivery.carrier"],
            None if fee is None else self._read_money(order, fee, "fee", 1e9),
        )
        order._sop_apply_promotions()

    def _change_payment(self, order, vals):
        if vals["payment"] not in PAYMENTS:
            raise InputError("payment", vals["payment"])
        order.sop_payment = vals["payment"]

    def _change_deposit(self, order, vals):
        """What the customer is to transfer first: an amount, or a part of the total ("30%")."""
        amount = self._read_money(order, vals["deposit"] or 0, "deposit", 1e12, whole=order.amount_total)
        if order.currency_id.compare_amounts(amount, order.amount_total) > 0:
            raise UserError(self.env._("The deposit is more than the order."))
        order.sop_deposit = amount

    # === QUOTES ===

    @takes(vals=named)
    def get_shipping_quotes(self, vals=None):
        """Return what every carrier asks, before there is an order: nothing is kept but the prices, for minutes.

        :param vals: dict; ``order_id``, or ``lines`` as ``action_create_order`` takes them (default: the draft
            of this conversation, else a parcel of ``weight`` grams, 0 for a small one) and ``address`` (street, city = ward, state_id) when
            it is another one
        :return: list of dict, see ``delivery.carrier._sop_quote``
        """
        self._open("write")
        vals = vals or {}
        try:
            lines = clean_lines(vals["lines"]) if vals.get("lines") else None
            address = clean_address(vals.get("address"))
            weight = clean_number(vals.get("weight") or 0, "weight", 0, 1e6)
        except InputError as error:
            raise UserError(self._order_input_sentence(error))
        carriers = self.env["delivery.carrier"].search([("company_id", "in", (False, self.conversation.company_id.id))])
        if not lines and not address and not weight:
            order = self._own_order(vals["order_id"]) if vals.get("order_id") else self._draft_order()
            if not order:
                raise UserError(self.env._("Choose at least one product."))
            return carriers._sop_quote(order)
        answered = {}
        rows = self._quote_imaginary(carriers, lines, address, answered, weight)
        carriers._sop_keep_rates(answered)
        return rows

    def _quote_imaginary(self, carriers, lines, address, answered, weight=0):
        """Quote an order that is taken back before anybody sees it; its name is given so that no number is used up."""
        savepoint = self.env.cr.savepoint(flush=True)
        try:
            order = self._imaginary_order(lines, address, weight)
            return carriers._sop_quote(order, answered)
        finally:
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all()

    def _imaginary_order(self, lines, address, weight=0):
        lines = lines or [
            {"product_id": x.product_id.id, "qty": x.product_uom_qty, "discount": 0, "note": ""}
            for x in ([] if weight else self._draft_order()._sop_goods())
        ]
        lines = lines or [{"product_id": self._imaginary_parcel(weight).id, "qty": 1, "discount": 0, "note": ""}]
        products = self._order_products([line["product_id"] for line in lines])
        # sudo: a customer made for a moment, who is gone before the answer is
        quiet = self.env["res.partner"].sudo().with_context(tracking_disable=True, mail_create_nolog=True, no_vat_validation=True)
        state = self.env["res.country.state"].browse(address.get("state_id") or [])
        partner = self.conversation.partner_id
        if address or not partner:
            partner = quiet.create(
                {
                    "name": self.conversation.name,
                    "street": address.get("street"),
                    "city": address.get("city"),
                    "state_id": state.id,
                    "country_id": state.country_id.id or self._order_country().id,
                }
            )
        values = self._prepare_order_values(partner, {"payment": "cod", "note": "", "warehouse_id": False})
        values |= {"name": "?", "sop_conversation_id": False, "order_line": [self._prepare_line_command(products, x) for x in lines]}
        return self.env["sale.order"].with_company(self.conversation.company_id).with_context(tracking_disable=True).create(values)

    def _imaginary_parcel(self, grams):
        """Return goods of this weight that are gone before the answer is: who asks for a fee has chosen none yet."""
        products = self.env["product.product"].sudo()  # sudo: see above
        unit = products.product_tmpl_id._get_weight_uom_id_from_ir_config_parameter()
        weight = self.env.ref("uom.product_uom_gram")._compute_quantity(grams, unit, round=False)
        values = {"name": "?", "type": "consu", "sale_ok": True, "list_price": 0, "weight": weight, "company_id": self.conversation.company_id.id}
        return products.with_context(tracking_disable=True, mail_create_nolog=True).create(values)
