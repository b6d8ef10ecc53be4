from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.arguments import at_most, takes, text
from odoo.addons.sop_pipeline.tools.transactions import made_once


class SopPicture(models.Model):
    """A picture that was sent to a customer and may be sent again: one row per company and content."""

    _name = "sop.picture"
    _description = "Picture Sent Before"
    _inherit = ["sop.guard.mixin"]
    _order = "last_used_at desc, id desc"

    name = fields.Char(required=True, index="trigram")
    active = fields.Boolean(default=True)
    attachment_id = fields.Many2one("ir.attachment", required=True, ondelete="cascade", index=True)
    image = fields.Binary(related="attachment_id.datas", string="Picture")
    checksum = fields.Char(required=True, size=40)
    company_id = fields.Many2one("res.company", required=True, index=True)
    use_count = fields.Integer(default=1)
    last_used_at = fields.Datetime(default=lambda self: fields.Datetime.now())

    _content_unique = models.UniqueIndex("(company_id, checksum)", "This picture is in the library already.")

    @api.model
    def _sop_kept(self):
        """Everybody of the company sees the file: it is a copy of what was sent, and none that a person points at."""
        return super()._sop_kept() | {"attachment_id", "checksum", "company_id", "use_count", "last_used_at"}

    @api.model
    def _remember(self, attachments, company):
        """Keep pictures a person of ours sent; one sent again counts its use. Idempotent per message.

        :param attachments: ``ir.attachment`` of a message just posted
        """
        pictures = attachments.filtered(lambda a: (a.mimetype or "").startswith("image/") and "svg" not in a.mimetype)
        if not pictures:
            return
        known = {
            picture.checksum: picture
            for picture in self.with_context(active_test=False).search(
                [("company_id", "=", company.id), ("checksum", "in", pictures.mapped("checksum"))]
            )
        }
        for attachment in pictures:
            picture = known.get(attachment.checksum)
            if picture:
                picture.write({"use_count": picture.use_count + 1, "last_used_at": fields.Datetime.now()})
            else:
                with made_once(self.env):
                    known[attachment.checksum] = self.create(self._prepare_values(attachment, company))

    @api.model
    def _prepare_values(self, attachment, company):
        """Values of a picture: a file of its own, so that deleting the message leaves the library whole."""
        own = attachment.copy({"res_model": self._name, "res_id": 0})
        return {
            "name": attachment.name,
            "attachment_id": own.id,
            "checksum": attachment.checksum,
            "company_id": company.id,
        }

    @api.model
    @takes(text=text(200), limit=at_most(60))
    def search_pictures(self, text="", limit=24):
        """Return pictures for the library's panel: id, name, address, uses; newest first."""
        domain = [("name", "ilike", text.strip())] if text.strip() else []
        return [
            {
                "id": picture.id,
                "name": picture.name,
                "uses": picture.use_count,
                "url": f"/web/image/sop.picture/{picture.id}/image",
            }
            for picture in self.search(domain, limit=limit)
        ]
