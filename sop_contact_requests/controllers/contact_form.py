from odoo import http
from odoo.http import request

from odoo.addons.sop_pipeline.tools.phone import spaced

CAPTCHA = "sop_contact_request"
TRAP = "website_url"
SELF = "'self'"
# The address is the key: no counter or chat of a third party on this page may learn it.
PRIVATE_POLICY = (
    "default-src 'self' data:; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline' https:; "
    "font-src 'self' data: https:; frame-ancestors 'none'"
)


class ContactForm(http.Controller):
    """The public form and the buyer's private page (rows C1, C14)."""

    def _render_form(
        self, state, listing=None, external=None, values=None, errors=None, link=None, fragment=False, status=200, stamp=None, framed=False
    ):
        """A page of its own, or what the dialog on the listing's page shows.

        :param external: site and signed listing of another web site, instead of *listing*
        :param framed: it stands on another web site
        :param stamp: of a form that comes back to be put right; it stays as it was opened
        """
        Request = request.env["sop.contact.request"]
        consent = Request._get_shown_consent(stamp, Request._get_form_company(external, request.website))
        framed = bool(framed or external)
        kind = "fragment" if fragment else "frame" if framed and not self._has_captcha() else "page"
        response = request.render(
            f"sop_contact_requests.contact_{kind}",
            {
                "state": state,
                "listing": listing,
                "external": external,
                "values": values or {},
                "errors": errors or {},
                "link": link,
                "title": external[1]["title"] if external else listing and listing.name,
                "framed": framed,
                "stamp": stamp or Request._make_stamp(listing, external, consent) if listing or external else None,
                "consent": consent,
                "receivers": Request._get_receivers(listing, external, request.website),
            },
            status=status,
        )
        response.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
        if state != "closed":  # a word of explanation may stand anywhere, what can be clicked may not
            response.headers["Content-Security-Policy"] = f"frame-ancestors {external[0].origin if external else SELF}"
        return response

    def _has_captcha(self):
        """Whether a captcha is set up: its script needs the whole page of the web site around the form."""
        session = request.env["ir.http"].get_frontend_session_info()
        return bool(session.get("recaptcha_public_key") or session.get("turnstile_site_key"))

    @http.route("/sop/contact-request/<int:listing_id>", type="http", auth="public", website=True, sitemap=False, methods=["GET"])
    def form(self, listing_id, fragment=None, **kwargs):
        """The form of a listing; 404 with a word of explanation when it takes no requests."""
        Request = request.env["sop.contact.request"]
        listing = Request._get_form_listing(listing_id, request.website)
        if not listing:
            error = request.env._("This listing takes no requests at the moment.")
            return self._render_form("closed", errors={"form": error}, fragment=fragment, status=404)
        return self._render_form("form", listing, fragment=fragment)

    # No session is used or changed and the signed stamp ties the form to this server, so that the
    # form also works without cookies; a token of the session would add nothing.
    @http.route(
        "/sop/contact-request",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        csrf=False,
        captcha=CAPTCHA,
        sitemap=False,
        save_session=False,
    )
    def submit(self, fragment=None, **params):
        """Take the form; a machine that fills in the trap gets the same thanks and leaves nothing."""
        Request = request.env["sop.contact.request"]
        listing, external = Request._get_form_target(params, request.website)
        if params.get(TRAP):
            return self._render_form("thanks", listing, external, fragment=fragment)
        result = Request._receive_form(params, request.website, request.httprequest.remote_addr)
        if "link" in result:
            return self._render_form("thanks", listing, external, link=result["link"], fragment=fragment)
        errors = result["errors"]
        return self._render_form(
            "form" if listing or external else "closed",
            listing,
            external,
            values=params,
            errors=errors,
            fragment=fragment,
            status=result["status"],
            stamp=None if "form" in errors else params.get("stamp"),
            framed=not params.get("listing_id"),
        )

    @http.route("/sop/my-request/<string:token>", type="http", auth="public", website=True, methods=["GET", "POST"], sitemap=False)
    def my_request(self, token, action=None, **params):
        """The buyer's own page: see, correct, withdraw, delete. Only what is sent from its forms changes anything."""
        act = action and request.httprequest.method == "POST"
        done, errors = request.env["sop.contact.request"]._handle_buyer(token, action, params) if act else (None, {})
        entry, zone = self._get_entry(token)
        # templates read no hidden field
        form = {"buyer_name": entry.name, "phone": spaced(entry.phone) or entry.phone, "message": entry.message or ""}
        if errors:  # what was typed stays
            form.update((name, params[name]) for name in form if isinstance(params.get(name), str))
        return self._keep_private(
            request.render(
                "sop_contact_requests.buyer_page",
                {
                    "entry": entry,
                    "form": form,
                    "done": done,
                    "errors": errors,
                    "tz": zone,
                    "asked": act and action == "ask_delete",
                    "data": entry._export() if entry else None,
                    "data_path": f"/sop/my-request/{token}/data",
                },
            )
        )

    @http.route("/sop/my-request/<string:token>/data", type="http", auth="public", website=True, methods=["GET"], sitemap=False)
    def my_request_data(self, token):
        """What is kept of the form behind a private link, as a file (JSON); 404 for any other text, and once deleted."""
        entry, _zone = self._get_entry(token)
        if not entry:
            raise request.not_found()
        body = request.env["sop.privacy"]._export_json(entry._export())
        return self._keep_private(
            request.make_response(
                body, [("Content-Type", "application/json; charset=utf-8"), ("Content-Disposition", http.content_disposition("my-request.json"))]
            )
        )

    def _get_entry(self, token):
        """:return: tuple (form behind a private link, sudo, speaking in the market's time; its time zone)"""
        zone = request.website.company_id._sop_zone()
        return request.env["sop.contact.request"]._get_entry_of(token).with_context(tz=str(zone)), zone

    def _keep_private(self, response):
        """Headers of what only the holder of a link may see: it is not cached, framed, or sent on as a referrer."""
        response.headers.update(
            {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Content-Security-Policy": PRIVATE_POLICY}
        )
        return response
