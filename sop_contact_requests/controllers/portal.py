from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

FILTERS = ("state", "outcome", "only", "listing", "date_from", "date_to", "search")


class ContactRequestPortal(CustomerPortal):
    """The seller's page. Each change is one call of one model method; times are shown in the zone they are filtered by."""

    def _use_zone(self):
        """Show times to a seller who never said where they are as those of the market."""
        request.update_context(tz=request.env.company._sop_zone(request.env.user))

    @http.route("/my/contact-requests", type="http", auth="user", website=True)
    def contact_requests(self, before=None, **params):
        """The list with its filters."""
        self._use_zone()
        filters = {name: params.get(name) or "" for name in FILTERS}
        values = self._prepare_portal_layout_values()
        values.update(request.env["sop.contact.request"]._get_page_values(filters, before), page_name="contact_requests", prices=self._get_prices())
        response = request.render("sop_contact_requests.portal_contact_requests", values)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _get_prices(self):
        """Packages of this shop and what each costs the user: dict product -> price in the website's currency."""
        Product = request.env["product.template"]
        packages = Product.search(Product._sop_get_package_domain() & Domain(request.website.sale_product_domain()), order="list_price, id", limit=20)
        return packages._sop_get_prices(request.website)

    @http.route("/my/contact-requests/package", type="http", auth="user", website=True)
    def package(self):
        """To the package in the shop; where there is a choice, or no need of one, a page that says so comes first."""
        self._use_zone()
        prices, right = self._get_prices(), request.env["product.template"]._sop_get_package_words()
        if not prices:
            return request.redirect("/shop")
        if len(prices) == 1 and not (right and right["partner"]):
            return request.redirect(next(iter(prices)).website_url)
        values = self._prepare_portal_layout_values()
        return request.render(
            "sop_contact_requests.portal_packages", {**values, "prices": prices, "right": right, "page_name": "contact_requests_package"}
        )

    @http.route("/my/contact-requests/poll", type="jsonrpc", auth="user", website=True)
    def poll(self, filters=None, after=None, shown=None):
        """What arrived since the newest row on the page, what changed in the rows shown, which of them are gone, and the counters."""
        self._use_zone()
        Request = request.env["sop.contact.request"]
        filters = filters if isinstance(filters, dict) else {}
        arrivals, cells = Request._get_arrivals(filters, after), Request._get_shown(shown)
        return {
            "rows": request.env["ir.qweb"]._render(
                "sop_contact_requests.portal_request_rows",
                {
                    **Request._get_page_values(filters),
                    "requests": arrivals,
                    "joined": Request._get_joined(arrivals),
                    "shown_by": Request._get_shown_by(arrivals),
                },
            )
            if arrivals
            else "",
            "cells": cells,
            "gone": [row_id for row_id in Request._read_shown(shown) if row_id not in cells],
            "counts": Request._get_counts(),
            "reminders": [{"key": r._get_reminder_key(), "name": r.buyer_name} for r in Request._get_fired_reminders()],
        }

    @http.route("/my/contact-requests/news", type="http", auth="user", website=True, methods=["POST"])
    def news(self, mail=None, push=None):
        """How the seller is notified of new requests by mail, and whether the user's own devices are; back to the list."""
        if push in ("on", "off"):
            request.env.user.sudo().sop_news_push = push == "on"  # sudo: the user's own switch
        if mail in dict(request.env["res.partner"]._fields["sop_news_mail"].selection):
            # sudo: a setting of the user's own company as a seller
            request.env.user.commercial_partner_id.sudo().sop_news_mail = mail
        return request.redirect("/my/contact-requests#sop_news")

    @http.route("/my/contact-requests/device", type="jsonrpc", auth="user", website=True)
    def device(self, endpoint=None, wanted=None):
        """Whether this device of the user's own is told of new requests; it is no longer when *wanted* is false."""
        device = request.env.user._sop_get_device(endpoint)
        if wanted is False:
            device.unlink()
        return {"on": bool(device.exists())}

    def _get_request(self, request_id):
        """The request, if it is the user's to see. :raise MissingError, AccessError: otherwise"""
        record = request.env["sop.contact.request"].browse(request_id).exists()
        if not record:
            raise MissingError(request.env._("This request is no longer there."))
        record.check_access("read")
        if record.seller_id != request.env.user.commercial_partner_id and not request.env.user._is_internal():
            raise AccessError(request.env._("This request is not yours."))
        return record

    @http.route("/my/contact-requests/<int:request_id>/reveal", type="jsonrpc", auth="user", website=True)
    def reveal(self, request_id):
        """The number, and the message with the numbers in it."""
        record = self._get_request(request_id)
        return {"phone": record.action_reveal_phone(), "message": record._get_full_message(), **record._get_portal_cells()}

    @http.route("/my/contact-requests/<int:request_id>/state", type="jsonrpc", auth="user", website=True)
    def state(self, request_id, value=None):
        """Set the status; see ``action_set_state``."""
        record = self._get_request(request_id)
        record.action_set_state(value)
        return record._get_portal_cells()

    @http.route("/my/contact-requests/<int:request_id>/note", type="jsonrpc", auth="user", website=True)
    def note(self, request_id, value=None, seen=None):
        """Replace the note that was seen; see ``action_set_note``. Answers with it as it is kept, the number masked."""
        record = self._get_request(request_id)
        record.action_set_note(value, seen)
        return record._get_portal_cells()

    @http.route("/my/contact-requests/<int:request_id>/reminder", type="jsonrpc", auth="user", website=True)
    def reminder(self, request_id, value=None):
        """Set or clear the reminder; see ``action_set_reminder``."""
        self._use_zone()
        record = self._get_request(request_id)
        record.action_set_reminder(record._read_when(value))
        return {
            **record._get_portal_cells(),
            "reminder": request.env["ir.qweb"]._render("sop_contact_requests.portal_reminder_label", {"row": record}),
        }

    @http.route("/my/contact-requests/<int:request_id>/lead", type="jsonrpc", auth="user", website=True)
    def lead(self, request_id):
        """Make the opportunity; see ``action_create_lead``."""
        record = self._get_request(request_id)
        record.action_create_lead()
        return {**record._get_portal_cells(), "has_lead": record.has_lead}
