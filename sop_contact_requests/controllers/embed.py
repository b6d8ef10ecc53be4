from odoo import http
from odoo.http import request
from odoo.tools import file_open

from .contact_form import ContactForm


class EmbeddedButton(ContactForm):
    """The button on other web sites (row C17): a script, and the form in a frame."""

    @http.route("/sop/embed/<string:key>/button.js", type="http", auth="public", sitemap=False, methods=["GET"], save_session=False)
    def script(self, key):
        """The script that makes the button; empty while the seller is not entitled."""
        body = b""
        if request.env["sop.embed.site"]._get_site(key):
            with file_open("sop_contact_requests/static/src/embed/button.js", "rb") as script:
                body = script.read()
        return request.make_response(body, [("Content-Type", "text/javascript; charset=utf-8"), ("Cache-Control", "max-age=300")])

    @http.route("/sop/embed/<string:key>/form", type="http", auth="public", website=True, sitemap=False, methods=["GET"], save_session=False)
    def embedded_form(self, key, **params):
        """The form for a signed listing of that site; only that site may show it in a frame."""
        site = request.env["sop.embed.site"]._get_site(key)
        listing = site._read_listing(params)
        if not listing:
            error = request.env._("This listing takes no requests at the moment.")
            return self._render_form("closed", errors={"form": error}, status=404, framed=True)
        return self._render_form("form", external=(site, listing))
