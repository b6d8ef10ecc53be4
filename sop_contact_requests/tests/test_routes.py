"""Rubbish for the buyer's form, the buyer's private page, the button on other sites, and the seller's pages."""

from odoo import http
from odoo.tests import HttpCase, tagged

from odoo.addons.sop_pipeline.tests.routes import Route, RoutesCase

from .common import RequestCase

FORM = {"listing_id": "", "buyer_name": "An", "phone": "0912345678", "message": "Còn không?", "consent": "1", "stamp": "", "fragment": "1"}
FILTERS = {"state": "contacted", "only": "new", "listing": 1, "date_from": "2026-01-01", "date_to": "2026-01-31", "search": "An"}
OWN = "/my/contact-requests/<int:request_id>"


@tagged("post_install", "-at_install")
class TestRoutes(RoutesCase, RequestCase, HttpCase):
    addon = "sop_contact_requests"

    def setUp(self):
        super().setUp()
        self.seller.password = "sop_seller"
        self.company.write({"sop_submit_limit": 100_000, "sop_phone_limit": 100_000, "sop_min_fill_seconds": 0})
        Request = self.env["sop.contact.request"]
        entry = Request._store_form({"listing": self.listing, "nonce": "x", "name": "An", "phone": "+84912345678", "message": ""}, self.website)
        token = Request._get_buyer_path(entry).rpartition("/")[2]
        site = self.env["sop.embed.site"].create({"name": "Trang khác", "seller_id": self.an.id, "origin": "https://other.example.com"})
        listing = {"ref": "A", "title": "Máy", "url": "https://other.example.com/a"}
        own = {"request_id": entry.request_id.id}
        self.authenticate(None, None)
        self.routes = {
            ("/sop/contact-request/<int:listing_id>", "http"): Route({"listing_id": self.listing.id}, {"fragment": "1"}),
            ("/sop/contact-request", "http"): Route(form={**FORM, "listing_id": self.listing.id, "stamp": Request._make_stamp(self.listing)}),
            ("/sop/my-request/<string:token>", "http"): Route(
                {"token": token},
                form={"action": "correct", "buyer_name": "An", "phone": "0912345678", "message": "x", "csrf_token": http.Request.csrf_token(self)},
            ),
            ("/sop/my-request/<string:token>/data", "http"): Route({"token": token}),
            ("/sop/embed/<string:key>/button.js", "http"): Route({"key": site.key}),
            ("/sop/embed/<string:key>/form", "http"): Route({"key": site.key}, {**listing, "signature": site._sign(listing)}),
            ("/my/contact-requests", "http"): Route(query={**FILTERS, "before": "2026-01-01T00:00:00_1"}, user="sop_seller"),
            ("/my/contact-requests/package", "http"): Route(user="sop_seller"),
            ("/my/contact-requests/news", "http"): Route(
                form={"mail": "hour", "push": "off", "csrf_token": http.Request.csrf_token(self)}, user="sop_seller"
            ),
            ("/my/contact-requests/device", "jsonrpc"): Route(params={"endpoint": "https://push.example.com/1", "wanted": False}, user="sop_seller"),
            ("/my/contact-requests/poll", "jsonrpc"): Route(
                params={"filters": FILTERS, "after": "2026-01-01T00:00:00_1", "shown": [own["request_id"]]}, user="sop_seller"
            ),
            (f"{OWN}/reveal", "jsonrpc"): Route(own, user="sop_seller"),
            (f"{OWN}/state", "jsonrpc"): Route(own, params={"value": "contacted"}, user="sop_seller"),
            (f"{OWN}/note", "jsonrpc"): Route(own, params={"value": "Gọi lại", "seen": ""}, user="sop_seller"),
            (f"{OWN}/reminder", "jsonrpc"): Route(own, params={"value": "2030-01-31 08:30:00"}, user="sop_seller"),
            (f"{OWN}/outcome", "jsonrpc"): Route(own, params={"value": "sold"}, user="sop_seller"),
            (f"{OWN}/speak", "jsonrpc"): Route(own, params={"value": "call"}, user="sop_seller"),
            (f"{OWN}/hand", "jsonrpc"): Route(own, params={"value": self.seller_b.id}, user="sop_seller"),
            ("/partner-programme", "http"): Route(user="sop_seller"),
            ("/partner-programme/apply", "http"): Route(
                form={"name": "An", "vat": "0312345678", "category": "1", "words": "x", "csrf_token": http.Request.csrf_token(self)},
                user="sop_seller",
            ),
            ("/my/contact-requests/figures", "http"): Route(user="sop_seller"),
            ("/my/contact-requests/export", "http"): Route(query=FILTERS, user="sop_seller"),
            (f"{OWN}/lead", "jsonrpc"): Route(own, user="sop_seller"),
        }
