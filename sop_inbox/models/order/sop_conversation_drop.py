from odoo import api, fields, models
from odoo.tools.mail import html_to_inner_content

from ...tools.address import read_addresses
from ...tools.words import split_words, word_finder

BUYING = "lấy, lay, mua, đặt hàng, dat hang, chốt, chot, chốt đơn, ship, cọc, coc, gửi về, gui ve"
TEXT_LIMIT = 2000  # characters of a message that are looked at


@api.depends("talk_product_id", "drop_due_at")
def compute_drop_value(conversations):
    """What the product in talk costs this customer: what a dropped order may have been worth."""
    for conversation in conversations:
        product = conversation.drop_due_at and conversation.talk_product_id.sudo()  # sudo: a price the shop tells anyway
        prices, currency = conversation._customer_prices(product) if product else ({}, conversation.company_id.currency_id)
        conversation.drop_value, conversation.drop_currency_id = prices.get(product.id, 0) if product else 0, currency


class SopConversation(models.Model):
    """Orders that were nearly made: the customer said they buy, or gave a number or an address, and there is no order."""

    _inherit = "sop.conversation"

    drop_due_at = fields.Datetime("Order Dropped Since", readonly=True, copy=False, help="When an order should have been there.")
    drop_value = fields.Monetary("Worth", compute=compute_drop_value, currency_field="drop_currency_id", help="The price of the product in talk.")
    drop_currency_id = fields.Many2one("res.currency", compute=compute_drop_value, export_string_translation=False)

    _drop_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE drop_due_at IS NOT NULL")

    def _inbound_values(self, message):
        vals = super()._inbound_values(message)
        minutes, desk = self.company_id.sop_drop_minutes, self.env["sop.conversation.drop"].browse(self.id)
        if minutes > 0 and not self.drop_due_at and not self.order_count and desk._wants_to_buy(message, vals):
            vals["drop_due_at"] = desk._due(message.date, minutes)
        return vals


class SopConversationDrop(models.AbstractModel):
    """When a customer wants to buy, and until when there should be an order."""

    _name = "sop.conversation.drop"
    _inherit = "sop.conversation.part.mixin"
    _description = "Dropped Orders"

    def _wants_to_buy(self, message, vals):
        """Whether a message says so: by a word of the settings, a phone number, or an address."""
        if vals.get("phone"):
            return True
        text = html_to_inner_content(message.body or "")[:TEXT_LIMIT]
        words = self.conversation.company_id.sop_buying_words
        return word_finder(text)(split_words(words)) or bool(len(text) > 12 and read_addresses(text))

    def _due(self, since, minutes):
        """Return the moment so many working minutes later (naive UTC)."""
        calendar = self.conversation.team_id._sop_calendar(self.conversation.company_id)
        later = calendar and calendar.plan_hours(minutes / 60, since, compute_leaves=True)
        return later or fields.Datetime.add(since, minutes=minutes)


class SaleOrder(models.Model):
    """The order is there: nothing was dropped."""

    _inherit = "sale.order"

    @api.model
    def _sop_end_drop(self, conversations):
        """Conversations that have an order dropped none. Step of ``_sop_recount``."""
        # sudo: a column only our code writes
        conversations.sudo().filtered(lambda conversation: conversation.drop_due_at and conversation.order_count).drop_due_at = False


class ResCompany(models.Model):
    """What counts as wanting to buy, and how long an order may take."""

    _inherit = "res.company"

    sop_drop_minutes = fields.Integer("Order Within (working minutes)", default=60, help="0: no conversation is a dropped order.")
    sop_buying_words = fields.Char("Buying Words", default=BUYING, help="Separated by commas; written without accents they meet both spellings.")


class ResConfigSettings(models.TransientModel):
    """What counts as a dropped order."""

    _inherit = "res.config.settings"

    sop_drop_minutes = fields.Integer(related="company_id.sop_drop_minutes", readonly=False)
    sop_buying_words = fields.Char(related="company_id.sop_buying_words", readonly=False)
