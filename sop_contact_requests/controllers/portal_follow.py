from odoo import fields, http
from odoo.http import request

from .portal import FILTERS, ContactRequestPortal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ContactRequestFollowPortal(ContactRequestPortal):
    """The seller follows up: outcomes, who to speak to again, figures, colleagues, the list as a file."""

    @http.route("/my/contact-requests/<int:request_id>/outcome", type="jsonrpc", auth="user", website=True)
    def outcome(self, request_id, value=None):
        """Say what became of it; see ``action_set_outcome``."""
        record = self._get_request(request_id)
        record.action_set_outcome(value)
        return record._get_portal_cells()

    @http.route("/my/contact-requests/<int:request_id>/speak", type="jsonrpc", auth="user", website=True)
    def speak(self, request_id, value=None):
        """Call or write to the buyer again; see ``action_speak_again``."""
        record = self._get_request(request_id)
        return {**record.action_speak_again(value), **record._get_portal_cells()}

    @http.route("/my/contact-requests/<int:request_id>/hand", type="jsonrpc", auth="user", website=True)
    def hand(self, request_id, value=None):
        """Hand it over to a colleague; see ``action_hand_over``."""
        record = self._get_request(request_id)
        record.action_hand_over(value)
        return record._get_portal_cells()

    @http.route("/my/contact-requests/figures", type="http", auth="user", website=True, methods=["GET"])
    def figures(self):
        """What became of the seller's requests, by listing and by month."""
        self._use_zone()
        values = self._prepare_portal_layout_values()
        # sudo: the seller's own figures
        report = request.env["sop.seller.report"].sudo()._get_funnel(request.env.user.commercial_partner_id)
        return request.render("sop_contact_requests.portal_figures", {**values, **report, "page_name": "contact_requests_figures"})

    @http.route("/my/contact-requests/export", type="http", auth="user", website=True, methods=["GET"])
    def export(self, **params):
        """The list as a file, with the filters of the page."""
        self._use_zone()
        content = request.env["sop.contact.request"]._export_list({name: params.get(name) or "" for name in FILTERS})
        word, today = request.env._("contacts"), fields.Date.context_today(request.env["res.users"])
        headers = [("Content-Type", XLSX), ("Content-Disposition", http.content_disposition(f"{word}-{today}.xlsx")), ("Cache-Control", "no-store")]
        return request.make_response(content, headers)
