from collections import defaultdict

from markupsafe import Markup
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ...tools.qr_picture import draw


class SaleOrder(models.Model):
    """The receipt of an order in the chat: as data for channels that have a form for it, and in words."""

    _inherit = "sale.order"

    def action_sop_send_receipt(self):
        """Send the receipt of confirmed orders into their conversations again.

        :return: True
        """
        for order in self:
            order.check_access("read")
            if not order.sop_conversation_id or order.state != "sale":
                raise UserError(self.env._("Only a confirmed order of a conversation has a receipt."))
            order.sop_conversation_id.check_access("write")
            order._sop_post_receipt()
        return True

    def _sop_post_receipt(self, kind="receipt"):
        """Post the order into its conversation, in the customer's language.

        It names the customer and opens their order: below a post it goes as a private answer, or where the conversation continued.

        :param kind: 'receipt', 'quotation' or 'order_cancelled'
        :return: the ``mail.message``
        :raise UserError: when nothing but a public comment would reach the customer
        """
        self.ensure_one()
        # sudo: a payment on the portal confirms orders too; who calls has the order's access checked
        order = self.sudo().with_context(lang=self.partner_id.lang or self.company_id.partner_id.lang or self.env.lang)
        payload = order._sop_receipt(kind)
        conversation = order.sop_conversation_id._personal_thread()
        if not conversation:
            raise UserError(order.sop_conversation_id._sending._no_private_way())
        window = conversation._panel._panel_window()["open"]
        user = self.env.user if self.env.user._is_internal() else order.user_id
        message = conversation._post_outbound(
            order._sop_receipt_body(payload),
            attachments=order._sop_receipt_files(payload),
            user=user,
            # with the window closed it is the system's: the channel may have a form that still goes
            auto=not window or not user,
            payload=payload,
            # a chat is not answered by mail: no address is looked up for it
            reply_to=False,
            record_alias_domain_id=False,
        )
        if kind == "receipt":
            order.sop_receipt_at = fields.Datetime.now()
        return message

    # === DATA ===

    def _sop_receipt(self, kind="receipt"):
        """Return the order as plain data; amounts are numbers in ``currency``, taxes included unless named.

        Always: sum of line totals + shipping + discount + rounding = total, and untaxed + tax = total.
        """
        self.ensure_one()
        parts = self._sop_totals()
        address = self.partner_shipping_id
        return {
            "type": kind,
            "version": 1,
            "order": self.name,
            "order_id": self.id,
            "date": fields.Datetime.to_string(self.date_order),
            "currency": self.currency_id.name,
            "customer": {"name": self.partner_id.name or "", "phone": address.phone or self.partner_id.phone or ""},
            "address": self._sop_address(address),
            "lines": [self._sop_receipt_line(line) for line in self._sop_goods()],
            **parts,
            "discounts": self._sop_receipt_discounts(),
            "carrier": self.carrier_id.name or "",
            "payment": self.sop_payment or "",
            "payment_label": dict(self._fields["sop_payment"]._description_selection(self.env)).get(self.sop_payment, ""),
            "url": self._sop_url(),
            "bank": self._sop_bank(self._sop_transfer_due()) if kind == "receipt" and self._sop_asks_transfer() else None,
            "asked": self._sop_transfer_due(),
            "pay_url": self._sop_pay_url(parts["due"]) if kind == "receipt" and self.sop_payment == "link" else "",
        }

    def _sop_receipt_discounts(self):
        """Discounts as the customer knows them: core's lines of one, split by tax, are one; what takes nothing off is none."""
        totals = defaultdict(float)
        for line in self.order_line.filtered(lambda line: line._sop_is_discount()):
            totals[line.name] += line.price_total
        currency = self.currency_id
        return [{"name": name, "total": currency.round(total)} for name, total in totals.items() if not currency.is_zero(total)]

    def _sop_receipt_line(self, line):
        return {
            "product_id": line.product_id.id,
            "name": line.product_id.with_context(display_default_code=False).display_name,
            "qty": line.product_uom_qty,
            "uom": line.product_uom_id.name,
            "price": line.price_reduce_taxinc,
            "discount": line.discount,
            "total": line.price_total,
            "image_url": f"/web/image/product.product/{line.product_id.id}/image_256",
        }

    def _sop_totals(self):
        """Return the parts of the total; ``due`` is what is still to pay, ``cod`` what the carrier collects of it."""
        goods = sum(self._sop_goods().mapped("price_total"))
        shipping = sum(self.order_line.filtered("is_delivery").mapped("price_total"))
        discount = sum(self.order_line.filtered(lambda line: line._sop_is_discount()).mapped("price_total"))
        currency = self.currency_id
        due = currency.round(max(0, self.amount_total - self.amount_paid))
        return {
            "goods": currency.round(goods),
            "shipping": currency.round(shipping),
            "discount": currency.round(discount),
            "rounding": currency.round(self.amount_total - goods - shipping - discount),
            "untaxed": self.amount_untaxed,
            "tax": self.amount_tax,
            "total": self.amount_total,
            "paid": currency.round(self.amount_paid),
            "due": due,
            "cod": due if self.sop_payment == "cod" else 0,
        }

    def _sop_address(self, partner):
        """Return an address in one line: street, ward, province."""
        return ", ".join(filter(None, [partner.street, partner.street2, partner.city, partner.state_id.name]))

    def _sop_url(self):
        """Return the customer's own page of the order, with its key."""
        self._portal_ensure_token()
        return f"{self.get_base_url()}{self.get_portal_url()}"

    def _sop_pay_url(self, amount):
        """Return the link that pays ``amount``; empty when nothing is due."""
        if self.currency_id.is_zero(amount):
            return ""
        wizard = self.env["payment.link.wizard"].with_context(active_model=self._name, active_id=self.id)
        return wizard.create({"amount": amount}).link

    # === TEXTS ===

    def _sop_receipt_body(self, payload):
        """Return the words of a payload as safe markup that reads well as plain text too."""
        title = {
            "receipt": self.env._("Receipt of order %(name)s", name=self.name),
            "quotation": self.env._("Quotation %(name)s", name=self.name),
            "order_cancelled": self.env._("Order %(name)s was cancelled", name=self.name),
        }[payload["type"]]
        lines = [Markup("<b>%s</b>") % title]
        if payload["type"] != "order_cancelled":
            lines += self._sop_receipt_words(payload)
        return Markup('<div class="o_inbox_receipt">%s</div>') % Markup("<br/>").join(lines)

    def _sop_receipt_words(self, payload):
        def money(amount):
            """An amount as the customer reads it."""
            return format_amount(self.env, amount, self.currency_id).replace("\xa0", " ")

        words = [f"{line['qty']:g} × {line['name']}: {money(line['total'])}" for line in payload["lines"]]
        amounts = [
            (self.env._("Shipping fee"), payload["shipping"], payload["carrier"]),
            (self.env._("Discount"), payload["discount"], payload["discount"]),
            (self.env._("Rounding"), payload["rounding"], payload["rounding"]),
            (self.env._("Tax included"), payload["tax"], payload["tax"]),
        ]
        words += [f"{label}: {money(amount)}" for label, amount, shown in amounts if shown]
        words.append(Markup("<b>%s: %s</b>") % (self.env._("Total"), money(payload["total"])))
        words += self._sop_payment_words(payload, money)
        if payload["address"]:
            words.append(self.env._("Deliver to: %(address)s", address=payload["address"]))
        words.append(Markup('%s <a href="%s" target="_blank">%s</a>') % (self.env._("Your order:"), payload["url"], payload["url"]))
        return words

    def _sop_payment_words(self, payload, money):
        words = []
        if payload["paid"]:
            words.append(self.env._("Paid: %(amount)s", amount=money(payload["paid"])))
        if payload["payment"] == "cod":
            words.append(self.env._("To pay on delivery (COD): %(amount)s", amount=money(payload["cod"])))
        if payload["bank"]:
            words.append(self.env._("Transfer %(amount)s to %(account)s", amount=money(payload["asked"]), **payload["bank"]))
            words.append(self.env._("Message of the transfer: %(reference)s", reference=payload["bank"]["reference"]))
        if payload["pay_url"]:
            words.append(Markup('%s <a href="%s" target="_blank">%s</a>') % (self.env._("Pay here:"), payload["pay_url"], payload["pay_url"]))
        return words

    # === BANK TRANSFER ===

    def _sop_bank(self, amount):
        """Return where to transfer ``amount`` to, with the text of its VietQR picture; None without an account."""
        bank = self._sop_bank_account()
        if not bank:
            return None
        return {
            "account": " - ".join(filter(None, [bank.acc_number, bank.bank_id.name, bank.acc_holder_name or bank.partner_id.name])),
            "reference": self._sop_reference(),
            "qr": self._sop_qr(bank, amount),
        }

    def _sop_bank_account(self):
        """Return the account whose movements are reported, else the company's first one a VietQR can be made for, else its first."""
        if fed := self._sop_fed_account():
            return fed
        banks = self.company_id.partner_id.bank_ids.filtered("active")
        return banks.filtered(lambda bank: not self._sop_qr_error(bank))[:1] or banks[:1]

    def _sop_reference(self):
        """Text of the transfer, by which the bank's report finds the order again."""
        return self._sop_get_payment_ref()

    def _sop_qr_error(self, bank):
        arguments = ("emv_qr", self.partner_id, self.currency_id)
        return bank._get_error_messages_for_qr(*arguments) or bank._check_for_qr_code_errors(
            "emv_qr", self.amount_total, self.currency_id, self.partner_id, "", self._sop_reference()
        )

    def _sop_qr(self, bank, amount):
        """Return the VietQR text for exactly ``amount`` and this order; empty when there can be none."""
        if self._sop_qr_error(bank) or self.currency_id.is_zero(amount):
            return ""
        # The reference rides along whatever the account's own setting says: a payment is found by it.
        draft = bank.new({"include_reference": True}, origin=bank)
        return draft._get_qr_vals("emv_qr", amount, self.currency_id, self.partner_id, "", self._sop_reference())

    def _sop_receipt_files(self, payload):
        """Return the files of a receipt: the VietQR picture, where there is one."""
        code = payload["bank"] and payload["bank"]["qr"]
        if not code:
            return []
        return [(f"VietQR-{self._sop_reference()}.png", draw(code))]
