import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.sop_pipeline.tools.arguments import at_most, each, named, takes, text
from odoo.addons.sop_pipeline.tools.transactions import made_once

UPLOADS = 20  # pictures put into the library at once
UPLOAD_BYTES = 10 * 2**20  # of one of them
KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp")


class SopPicture(models.Model):
    """A picture for customers, sent before or put into the library: one row per company and content."""

    _name = "sop.picture"
    _description = "Picture Sent Before"
    _inherit = ["sop.guard.mixin"]
    _order = "last_used_at desc, id desc"

    name = fields.Char(required=True, index="trigram")
    folder = fields.Char(help="Pictures of one folder stand together: sizes, colours, the shop.")
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
    @takes(text=text(200), limit=at_most(60), folder=text(100))
    def search_pictures(self, text="", limit=24, folder=""):
        """Return pictures for the library's panel: id, name, folder, address, uses; newest first.

        :param folder: only those in it
        """
        domain = [("name", "ilike", text.strip())] if text.strip() else []
        if folder.strip():
            domain.append(("folder", "=", folder.strip()))
        return [picture._panel_values() for picture in self.search(domain, limit=limit)]

    def _panel_values(self):
        return {
            "id": self.id,
            "name": self.name,
            "folder": self.folder or "",
            "uses": self.use_count,
            "url": f"/web/image/sop.picture/{self.id}/image",
        }

    @api.model
    def get_folders(self):
        """Return the names of the library's folders, in their order."""
        rows = self._read_group([("folder", "!=", False)], ["folder"], order="folder")
        return [name for (name,) in rows]

    # === UPLOADS ===

    @api.model
    @takes(files=each(named, UPLOADS), folder=text(100))
    def action_upload(self, files, folder=""):
        """Put pictures into the library of the user's company; one that is there already comes into the folder. Idempotent.

        :param files: list of dict ``name`` and ``data`` (base64)
        :return: the pictures, as ``search_pictures`` has them
        :raise UserError: one is no picture, or too large; none of them is kept then
        """
        self.env["sop.conversation"].check_access("write")
        contents = [self._read_upload(file) for file in files]
        library, company, pictures = self.sudo(), self.env.company, self.browse()  # sudo: staff add pictures, and change none
        for name, content in contents:
            pictures |= library._add(name, content, company)
        if folder.strip():
            pictures.sudo().folder = folder.strip()  # sudo: of those just added
        return [picture._panel_values() for picture in pictures.with_env(self.env)]

    @api.model
    def _read_upload(self, file):
        """Return name and content of one file a client sent."""
        name, data = (str(file.get(key) or "") for key in ("name", "data"))
        name = text(200)(name[:200]).strip() or self.env._("Picture")
        try:
            content = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if guess_mimetype(content) not in KINDS:
            raise UserError(self.env._("“%(name)s” is no picture (PNG, JPEG, GIF or WebP).", name=name))
        if len(content) > UPLOAD_BYTES:
            raise UserError(self.env._("“%(name)s” is too large: at most %(size)s MB.", name=name, size=UPLOAD_BYTES // 2**20))
        return name, content

    @api.model
    def _add(self, name, content, company):
        """Return the picture of this content in the company's library, made when there is none."""
        attachments = self.env["ir.attachment"]
        domain = [("company_id", "=", company.id), ("checksum", "=", attachments._compute_checksum(content))]
        picture = self.with_context(active_test=False).search(domain)
        if picture:
            picture.write({"active": True, "last_used_at": fields.Datetime.now()})
            return picture
        own = attachments.create({"name": name, "raw": content, "res_model": self._name, "res_id": 0})
        with made_once(self.env):
            return self.create({"name": name, "attachment_id": own.id, "checksum": own.checksum, "company_id": company.id, "use_count": 0})
