import secrets
import time
import unicodedata
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import hmac

from odoo.addons.sop_pipeline.tools.phone import normalize_phone

from ..tools import stamp
from .sop_contact_request import NOTE_LENGTH

NAME_LENGTH = 80
MESSAGE_LENGTH = 1000
TYPED_LENGTH = 10_000
STAMP_HOURS = 12
SAME_REQUEST_HOURS = 24
TICKED = ("1", "on", "true", True, 1)
#: Ways of reaching the buyer, beside a call, that they may agree to in the form
WAYS = ("zalo", "sms")


class FormStamp(NamedTuple):
    """What a form's stamp says: what it was opened for, with which consent text, and when (epoch seconds)."""

    listing_id: int
    nonce: str
    outside: list | None
    consent_id: int | bool
    moment: int

    @property
    def opened(self):
        """When the form was opened, naive UTC."""
        return datetime.fromtimestamp(self.moment, timezone.utc).replace(tzinfo=None)


class SopContactRequest(models.Model):
    """The buyer's side: the public form, and what it stores (row C1)."""

    _inherit = "sop.contact.request"

    # === STAMPS ===

    @api.model
    def _get_secret(self):
        # sudo: the database's secret, never sent anywhere
        return hmac(self.env(su=True), "sop_contact_requests", "stamp").encode()

    @api.model
    def _make_stamp(self, listing, external=None, consent=None):
        """Hidden field of a form opened now for this listing, with a number of its own.

        :param external: tuple (site, dict) for a listing on another web site (row C17); its words
            travel inside the stamp, so that they are still the signed ones when the form comes back
        :param consent: the text shown in the form, which is the one agreed to
        """
        outside = [external[0].id, external[1]] if external else None
        values = [listing.id if listing else 0, secrets.token_hex(16), outside, consent.id if consent else False]
        return stamp.sign(self._get_secret(), "form", values, time.time())

    @api.model
    def _read_stamp(self, text):
        """:return: :class:`FormStamp`, or None"""
        try:
            values, moment = stamp.verify(self._get_secret(), "form", text)
            return FormStamp(*values, moment)
        except (stamp.StampError, TypeError):  # a form opened before an upgrade may have other values
            return None

    @api.model
    def _get_form_target(self, params, website):
        """What a submitted form is about and may be about now.

        :return: tuple (listing or empty, (site, dict) of another web site or None)
        """
        read = self._read_stamp(params.get("stamp"))
        opened = read and read.opened
        listing = self._get_form_listing(params.get("listing_id"), website, opened)
        if listing or not read or not read.outside:
            return listing, None
        site_id, words = read.outside
        site = self.env["sop.embed.site"].sudo().browse(site_id).exists()  # sudo: the stamp is ours
        site = site._get_site(site.key, opened) if site else site
        return listing, (site, words) if site else None

    @api.model
    def _get_form_company(self, external, website):
        """Whose market a form belongs to, with its limits and its consent text."""
        return external[0].company_id if external else website.company_id

    @api.model
    def _get_shown_consent(self, stamp_text, company):
        """The text a form shows: the one in its stamp when it comes back to be put right, else the current one; sudo."""
        texts = self.env["sop.consent.text"].sudo()  # sudo: it is shown to everybody
        read = self._read_stamp(stamp_text)
        return texts.browse(read.consent_id).exists() if read and read.consent_id else texts._get_current(company)

    @api.model
    def _get_receivers(self, listing, external, website):
        """Who is given what a buyer leaves: the names of the seller, and of the shop whose staff look after this seller.

        :return: dict ``seller``, ``shop``
        """
        company = self._get_form_company(external, website).sudo()  # sudo: names that the page shows
        seller = external[0].seller_id if external else listing.sudo()._sop_get_seller(company) if listing else company.partner_id
        return {"seller": seller.commercial_partner_id.name, "shop": company.name}

    # === LISTING ===

    @api.model
    def _get_form_listing(self, listing_id, website, opened=None):
        """The listing a visitor may ask about, or nothing: published, of this website, seller entitled.

        :param listing_id: whatever the client sent
        :param datetime opened: when the form that comes in was opened; see ``_sop_get_button_state``
        """
        Listing = self.env["product.template"]
        try:
            listing = Listing.browse(int(listing_id)).exists()
        except (TypeError, ValueError, OverflowError):
            return Listing
        # The visitor's own rights decide what is shown, and staff see no more here.
        if not listing or not listing.has_access("read"):
            return Listing
        if not (listing.active and listing.website_published and listing.sale_ok):
            return Listing
        if listing.website_id and listing.website_id != website:
            return Listing
        if listing.company_id and listing.company_id != website.company_id:
            return Listing
        return listing if listing._sop_get_button_state(website.company_id, opened) else Listing

    # === SUBMIT ===

    @api.model
    def _receive_form(self, params, website, address):
        """Check a submitted form and store it (row C1). Idempotent by the form's number.

        The answer is the same whether or not the number is known already.

        :param dict params: the client's fields, anything at all
        :param website: current website
        :param str address: network address of the client
        :return: dict with ``link`` (path of the private link), or ``errors`` (field -> message)
        """
        checked = self._check_form(params, website)
        if "errors" in checked:
            return checked
        company = self._get_form_company(checked["external"], website)
        if not self._within_limits(company, address, checked["phone"]):
            error = self.env._("Too many requests were sent from here. Please try again in an hour.")
            return {"errors": {"form": error}, "status": 429}
        # sudo: visitors may not write requests; everything in them was checked above
        entry = self.sudo().with_company(company)._store_form(checked, website)
        return {"link": entry.request_id._get_buyer_path(entry)}

    @api.model
    def _check_form(self, params, website):
        """:return: dict of clean values, or ``errors`` (and ``status``) to show in the form"""
        read = self._read_stamp(params.get("stamp"))
        listing, external = self._get_form_target(params, website)
        if not listing and not external:
            return {"errors": {"form": self.env._("This listing takes no requests at the moment.")}, "status": 404}
        name = self._clean(params.get("buyer_name"))
        message = self._clean(params.get("message"), multiline=True)
        phone = normalize_phone(self._clean(params.get("phone")))
        errors = {}
        age = time.time() - read.moment if read else 0
        company = self._get_form_company(external, website)
        if not read or read.listing_id != (listing.id or 0) or age > STAMP_HOURS * 3600:
            errors["form"] = self.env._("This form is out of date. Please check it and send it again.")
        elif age < company.sudo().sop_min_fill_seconds:  # sudo: a setting
            errors["form"] = self.env._("That was very quick. Please check the form and send it again.")
        if not 0 < len(name) <= NAME_LENGTH:
            errors["buyer_name"] = self.env._("Please enter your name, at most %(count)s characters.", count=NAME_LENGTH)
        if not phone or not self._is_mobile(phone):
            errors["phone"] = self.env._("Please enter a Vietnamese mobile number, e.g. 0912 345 678.")
        if len(message) > MESSAGE_LENGTH:
            errors["message"] = self.env._("The message has at most %(count)s characters.", count=MESSAGE_LENGTH)
        if params.get("consent") not in TICKED:
            errors["consent"] = self.env._("Without your consent the seller may not call you.")
        if errors:
            return {"errors": errors, "status": 400}
        return {
            "listing": listing,
            "external": external,
            "nonce": read.nonce,
            "name": name,
            "phone": phone,
            "message": message,
            "consent_id": read.consent_id,
            "ways": [name for name in WAYS if params.get(f"way_{name}") in TICKED],
        }

    @api.model
    def _clean(self, value, multiline=False):
        """Text of a client's field: composed letters, plain blanks, no control characters; '' for anything else."""
        text = unicodedata.normalize("NFC", value[:TYPED_LENGTH]) if isinstance(value, str) else ""
        lines = text.replace("\r\n", "\n").split("\n") if multiline else [text]
        # A blank that keeps words together, as web pages have it, is a blank; a mark that turns the direction is nothing.
        lines = ["".join(" " if c.isspace() else c if c.isprintable() else "" for c in line) for line in lines]
        return "\n".join(" ".join(line.split()) for line in lines).strip()

    @api.model
    def _is_mobile(self, e164):
        """A Vietnamese mobile number: +84 and nine digits, the first 3, 5, 7, 8 or 9."""
        return e164.startswith("+84") and len(e164) == 12 and e164[3] in "35789"

    @api.model
    def _within_limits(self, company, address, phone):
        """Count this attempt against the address and the number; see ``sop.rate.limit``."""
        company, limits = company.sudo(), self.env["sop.rate.limit"]  # sudo: settings
        by_address = limits._hit("submit:address", limits._get_network(address), company.sop_submit_limit, 3600)
        by_phone = limits._hit("submit:phone", phone, company.sop_phone_limit, 3600)
        return by_address and by_phone

    @api.model
    def _store_form(self, checked, website):
        """Store a checked form: on the buyer's request of the last 24 hours, or a new one; sudo.

        Forms of one buyer and listing follow one another, so that two at once make one request.
        """
        listing, nonce = checked["listing"].sudo(), self._get_form_number(checked)  # sudo: the seller of the listing
        about = self._get_about_values(listing, checked.get("external"), website.company_id)
        self.env["sop.rate.limit"]._serialize("form", f"{listing.id}:{about.get('external_ref')}:{checked['phone']}")
        Entry = self.env["sop.contact.entry"]
        entry = Entry.search([("nonce", "=", nonce)], limit=1)
        if entry:
            return entry  # the same form again: a double click, or a resend on a bad network
        consent = self.env["sop.consent.text"].browse(checked.get("consent_id")).exists()
        values = {
            "company_id": website.company_id.id,
            "website_id": website.id,
            **about,
            "buyer_name": checked["name"],
            "phone": checked["phone"],
            "message": checked["message"],
            "consent_text_id": consent.id,
            "consent_at": fields.Datetime.now(),
        }
        request = self._find_same(values)
        if request:
            request._append(values)
        else:
            request = self._create_from_entry_values(values)
        return Entry.create(
            {
                "request_id": request.id,
                "nonce": nonce,
                "name": checked["name"],
                "phone": checked["phone"],
                "message": checked["message"],
                "consent_text_id": consent.id,
                **{f"allow_{way}": True for way in checked.get("ways", ())},
            }
        )

    @api.model
    def _get_form_number(self, checked):
        """What distinguishes a form sent again from another one: the number in its stamp and what was filled in.

        Filled in anew (somebody went back, or shares the page with others), it is a form of its own with a link of its own.
        """
        words = [*(checked[name] for name in ("nonce", "name", "phone", "message")), *checked.get("ways", ())]
        return hmac(self.env(su=True), "sop_contact_requests.form", words)  # sudo: the database's secret, which goes nowhere

    @api.model
    def _get_about_values(self, listing, external, company):
        """Fields that say what the request is about: a listing of the shop, or of another web site."""
        if listing:
            return {"listing_id": listing.id, "seller_id": listing._sop_get_seller(company).id}
        site, words = external
        return {
            "listing_id": False,
            "seller_id": site.seller_id.commercial_partner_id.id,
            "company_id": site.company_id.id,
            "listing_name": words["title"],
            "external_url": words["url"],
            "external_ref": f"{site.id}:{words['ref']}",
        }

    @api.model
    def _find_same(self, values):
        """The request this buyer made on this listing within the last 24 hours, if any; of its seller today."""
        since = fields.Datetime.now() - timedelta(hours=SAME_REQUEST_HOURS)
        return self.search(
            Domain("listing_id", "=", values["listing_id"])
            & Domain("external_ref", "=", values.get("external_ref", False))
            & Domain("company_id", "=", values["company_id"])
            & Domain("seller_id", "=", values["seller_id"])
            & Domain("phone", "=", values["phone"])
            & Domain("requested_at", ">", since),
            limit=1,
        )

    @api.model
    def _create_from_entry_values(self, values):
        """A new request from a form, announced to open lists and, if set, on its way to a lead."""
        company = self.env["res.company"].browse(values["company_id"])
        request = (
            self.with_context(
                mail_create_nolog=True,
                mail_create_nosubscribe=True,
                tracking_disable=True,
            )
            .create({**values, "lead_wanted": company.sop_auto_lead, "news_wanted": True})
            .with_env(self.env)
        )
        request._notify_changed()
        request._notify_news()
        if company.sop_auto_lead:
            self.env.ref("sop_contact_requests.cron_lead")._trigger()
        return request

    def _append(self, values):
        """The same buyer asked again: count it, add the new message, highlight the request again."""
        numbers = self._get_numbers()
        shown = self._get_message_values(values["message"], numbers)["message"]
        full = "\n".join(filter(None, [self.message_full or self.message, values["message"]]))
        message = self._get_message_values(full, numbers)
        note = "\n".join(filter(None, [self.note, shown]))[:NOTE_LENGTH]
        self.write(
            {
                **message,
                "note": note if shown and shown not in (self.note or "") else self.note,
                "request_count": self.request_count + 1,
                "last_requested_at": fields.Datetime.now(),
                "touched_at": False,
                "known_price": self.listing_id.list_price,
                "news_wanted": True,
                "consent_text_id": values["consent_text_id"],
                "consent_at": values["consent_at"],
                "consent_withdrawn_at": False,
            }
        )
        self._notify_news()
        self.lead_id._sop_renew_consent(self.phone)
