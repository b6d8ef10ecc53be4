import hashlib
import hmac
import re
import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import consteq

FIELDS = ("ref", "title", "url")
LENGTH = 500
LABEL = "[a-z0-9]([a-z0-9_-]*[a-z0-9])?"
ORIGIN = re.compile(rf"https?://(?i:{LABEL}(\.{LABEL})*)(:[0-9]{{1,5}})?", re.ASCII)


class SopEmbedSite(models.Model):
    """Another web site that shows the button for a seller's listings there (row C17).

    That site's server signs each listing with the secret, so that requests cannot be left on
    made-up listings in the seller's name; the form opens in a frame that only this site may show.
    """

    _name = "sop.embed.site"
    _description = "Site with embedded button"
    _inherit = ["sop.guard.mixin"]
    _order = "name, id"

    name = fields.Char(required=True)
    seller_id = fields.Many2one("res.partner", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    origin = fields.Char("Address", required=True, help="e.g. https://shop.example.com; the button works there only.")
    key = fields.Char(readonly=True, required=True, copy=False, default=lambda self: secrets.token_urlsafe(12))
    secret = fields.Char(
        readonly=True, required=True, copy=False, groups="sop_contact_requests.group_manager", default=lambda self: secrets.token_urlsafe(32)
    )
    snippet = fields.Text(compute="_compute_snippet", groups="sop_contact_requests.group_manager")
    active = fields.Boolean(default=True)

    _key_unique = models.UniqueIndex("(key)")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | dict.fromkeys(("seller_id", "company_id"), "read")

    @api.model
    def _sop_kept(self):
        """Keys are drawn, never chosen."""
        return super()._sop_kept() | {"key", "secret"}

    @api.depends("key", "secret")
    def _compute_snippet(self):
        for site in self:
            signature = site._sign({"ref": "SKU-1", "title": "iPhone 13", "url": f"{site.origin}/iphone-13"})
            site.snippet = (
                f'<script async src="{site.get_base_url()}/sop/embed/{site.key}/button.js"\n'
                f'        data-ref="SKU-1" data-title="iPhone 13" data-url="{site.origin}/iphone-13"\n'
                f'        data-signature="{signature}"></script>'
            )

    @api.constrains("origin")
    def _check_origin(self):
        # it stands in a header of the form's page, where a name with accents is written as browsers do: xn--...
        for site in self:
            if not ORIGIN.fullmatch(site.origin or ""):
                raise ValidationError(self.env._("The address looks like https://shop.example.com, without anything behind it."))

    def _sign(self, listing):
        """Signature of a listing: HMAC-SHA256 in hex over ref, title and url, one per line.

        :param dict listing: ``ref``, ``title``, ``url``
        """
        self.ensure_one()
        text = "\n".join(listing.get(name) or "" for name in FIELDS)
        return hmac.new((self.secret or "").encode(), text.encode(), hashlib.sha256).hexdigest()

    @api.model
    def _get_site(self, key, opened=None):
        """The site of a key whose seller is entitled now, or nothing; sudo.

        :param datetime opened: see ``product.template._sop_get_button_state``
        """
        # sudo: visitors of another site read nothing but the button
        wanted = key if isinstance(key, str) and re.fullmatch(r"[\w-]{1,100}", key) else ""
        site = self.sudo().search(Domain("key", "=", wanted), limit=1)
        right = site.seller_id.with_company(site.company_id)
        if not site.seller_id.commercial_partner_id.active or not ORIGIN.fullmatch(site.origin or ""):
            return site.browse()  # an address written by an earlier version may not stand in a header
        return site if right.sop_entitled or (site and opened and right._sop_was_entitled(opened)) else site.browse()

    def _read_listing(self, params):
        """The listing a request names, if its signature and address are right, else None."""
        listing = {name: str(params.get(name) or "") for name in FIELDS}
        if not self or not listing["ref"] or not listing["title"] or any(len(value) > LENGTH for value in listing.values()):
            return None
        # A line break would move words from one field into the next under the same signature.
        if not all(value.isprintable() for value in listing.values()):
            return None
        if not consteq(self._sign(listing).encode(), str(params.get("signature") or "").encode()):
            return None
        return listing if listing["url"].startswith(f"{self.origin}/") else None
