from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.arguments import at_most, record_id, takes, text

from ...tools.words import fold


class MailCannedResponse(models.Model):
    """A canned answer may carry pictures and a product, and is sent from the inbox at one click."""

    _name = "mail.canned.response"
    _inherit = ["mail.canned.response", "sop.guard.mixin"]

    sop_attachment_ids = fields.Many2many(
        "ir.attachment", "sop_canned_attachment_rel", "canned_id", "attachment_id", string="Pictures", bypass_search_access=True
    )
    sop_product_id = fields.Many2one("product.product", "Product", ondelete="set null", index="btree_not_null")
    sop_send_card = fields.Boolean("Send the Product's Card", help="Picture, price, stock and link follow the text.")

    @api.model
    def _sop_links(self):
        """Users of the answer send its pictures to customers: the user who adds them needs the right to read them."""
        return super()._sop_links() | {"sop_attachment_ids": "read", "sop_product_id": "read"}

    @api.model
    @takes(text=text(200), limit=at_most(60), conversation_id=record_id, product_id=record_id)
    def search_canned(self, text="", limit=20, conversation_id=None, product_id=None):
        """Return the canned answers the user may use, for the inbox: id, shortcut, text, pictures, product.

        :param conversation_id: whose customer they would go to: ``text`` is what they would read, ``error`` why it cannot go
        :param product_id: the product price and stock would be told of; default the answer's own, else the one in talk
        """
        conversation = self.env["sop.conversation.reply"].browse(conversation_id or [])
        words, found = fold(" ".join(text.split())), self.search([], order="last_used desc, source", limit=1000)  # a shop has some dozens
        rows = []
        for canned in found.filtered(lambda canned: words in fold(f"{canned.source} {canned.substitution}"))[:limit]:
            shown = conversation.preview_canned(canned.id, product_id) if conversation else {"text": canned.substitution, "error": ""}
            pictures, product = len(canned.sop_attachment_ids), canned.sop_product_id.display_name or ""
            rows.append({"id": canned.id, "source": canned.source, **shown, "pictures": pictures, "product": product})
        return rows
