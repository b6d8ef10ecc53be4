from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.arguments import at_most, takes, text


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
    @takes(text=text(200), limit=at_most(60))
    def search_canned(self, text="", limit=20):
        """Return the canned answers the user may use, for the inbox: id, shortcut, text, pictures, product."""
        words = text.strip()
        domain = ["|", ("source", "ilike", words), ("substitution", "ilike", words)] if words else []
        return [
            {
                "id": canned.id,
                "source": canned.source,
                "text": canned.substitution,
                "pictures": len(canned.sop_attachment_ids),
                "product": canned.sop_product_id.display_name or "",
            }
            for canned in self.search(domain, limit=limit, order="last_used desc, source")
        ]
