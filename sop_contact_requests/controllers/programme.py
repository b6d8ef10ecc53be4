from odoo import http
from odoo.http import request


class PartnerProgramme(http.Controller):
    """The partner programme: what it asks, and the application of a seller."""

    def _render(self, values=None, errors=None, done=False):
        page = request.env["sop.partner.application"]._get_programme_values()
        response = request.render(
            "sop_contact_requests.programme_page",
            {**page, "values": values or {}, "errors": errors or {}, "done": done, "is_guest": request.env.user._is_public()},
            status=400 if errors else 200,
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @http.route("/partner-programme", type="http", auth="public", website=True, methods=["GET"])
    def programme(self):
        """Conditions for everybody, the form and the state of the last application for who is logged in."""
        return self._render()

    @http.route("/partner-programme/apply", type="http", auth="user", website=True, methods=["POST"], sitemap=False)
    def apply(self, **params):
        """Take an application; see ``sop.partner.application._apply``."""
        files = request.httprequest.files.getlist("files")
        errors = request.env["sop.partner.application"]._apply(params, files)
        if errors:
            return self._render(params, errors)
        return request.redirect("/partner-programme")
