from base64 import b64encode

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_amount

from ...tools.qr_picture import draw


class SaleOrder(models.Model):
    """An order of a conversation that is paid by transfer: it waits, the bank reports, the customer is thanked in the chat."""

    _inherit = "sale.order"

    sop_deposit = fields.Monetary("Deposit", copy=False, help="What the customer transfers before the rest is collected on delivery.")
    sop_awaits_transfer = fields.Boolean("Waits for a Transfer", compute="_compute_sop_awaits_transfer", store=True, compute_sudo=True)

    _sop_deposit_positive = models.Constraint("CHECK (sop_deposit IS NULL OR sop_deposit >= 0)", "A deposit is a sum above zero.")

    @api.depends(
        "state",
        "sop_payment",
        "sop_deposit",
        "amount_total",
        "sop_conversation_id",
        "transaction_ids.state",
        "transaction_ids.amount",
        "order_line.invoice_lines.move_id.payment_state",  # paid another way, and that payment taken off again
    )
    def _compute_sop_awaits_transfer(self):
        for order in self:
            open_ = order.sop_conversation_id and order.state in ("draft", "sent", "sale")
            order.sop_awaits_transfer = bool(open_ and order._sop_asks_transfer() and order._sop_still_asked() > 0)

    def _sop_asks_transfer(self):
        """Whether the customer is asked to transfer something: all of it, or a deposit."""
        return self.sop_payment == "transfer" or bool(self.sop_payment == "cod" and self.sop_deposit)

    def _sop_transfer_asked(self):
        """With cash on delivery the deposit is all that has to be transferred."""
        if self.sop_payment == "cod" and self.sop_deposit:
            return min(self.sop_deposit, self.amount_total)
        return super()._sop_transfer_asked()

    def _sop_still_asked(self):
        return self.currency_id.round(min(self._sop_transfer_asked() - self._sop_paid(), self._sop_due()))

    def _sop_money_came(self, line):
        """Thank the customer, where they talk with us, and notify every open inbox."""
        super()._sop_money_came(line)
        for order in self.filtered("sop_conversation_id"):
            try:
                with self.env.cr.savepoint():
                    order._sop_post_thanks(line.amount)
            except (UserError, ValidationError, AccessError) as error:
                order._message_log(body=self.env._("The customer was not notified of the payment: %(error)s", error=error))
            order.sop_conversation_id._push_update()

    def _sop_money_went(self):
        """The rows of the inbox follow."""
        super()._sop_money_went()
        self.sop_conversation_id._push_update()

    def _sop_post_thanks(self, amount):
        """Say in the chat what came and what is still missing, with the code for the rest; where nothing can be said any more, staff see it.

        :raise UserError: nothing but a public comment would reach the customer
        """
        # sudo: the bank's worker runs as the system
        order = self.sudo().with_context(lang=self.partner_id.lang or self.company_id.partner_id.lang or self.env.lang)
        conversation = order.sop_conversation_id._personal_thread()
        if not conversation:
            raise UserError(order.sop_conversation_id._sending._no_private_way())
        missing = order._sop_still_asked()
        values = {"amount": order._sop_amount_words(amount), "missing": order._sop_amount_words(missing), "reference": order._sop_reference()}
        if missing > 0:
            body = order.env._("%(amount)s received, thank you. %(missing)s still missing: message of the transfer %(reference)s", **values)
        else:
            body = order.env._("%(amount)s received, thank you!", **values)
        return conversation._post_outbound(body, attachments=order._sop_rest_code(missing), auto=True)

    def _sop_transfer_qr(self, bank, amount):
        """The picture is the receipt's, which needs no renderer of core's."""
        code = bank and self._sop_qr(bank, amount)
        return f"data:image/png;base64,{b64encode(draw(code)).decode()}" if code else super()._sop_transfer_qr(bank, amount)

    def _sop_rest_code(self, missing):
        bank = self._sop_bank_account() if missing > 0 else None
        code = bank and self._sop_qr(bank, missing)
        return [(f"VietQR-{self._sop_reference()}.png", draw(code))] if code else []

    def _sop_amount_words(self, amount):
        return format_amount(self.env, amount, self.currency_id).replace("\xa0", " ")
