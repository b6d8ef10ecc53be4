import secrets
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import hmac

from odoo.addons.sop_pipeline.tools.phone import normalize_phone

from ..tools import stamp

NAME_LENGTH = 80
MESSAGE_LENGTH = 1000
STAMP_HOURS = 12
SAME_REQUEST_HOURS = 24


class SopContactRequest(models.Model):
    """The buyer's side: the public form, what it stores, and the private link (rows C1, C14)."""

    _inherit = 'sop.contact.request'

    # === STAMPS === #

    @api.model
    def _get_secret(self):
        # sudo: the database's secret, never sent anywhere
        return hmac(self.env(su=True), 'sop_contact_requests', 'stamp').encode()

    @api.model
    def _make_stamp(self, listing, external=None):
        """Hidden field of a form opened now for this listing, with a number of its own.

        :param external: tuple (site, dict) for a listing on another web site (row C17); its words
            travel inside the stamp, so that they are still the signed ones when the form comes back
        """
        outside = [external[0].id, external[1]] if external else None
        values = [listing.id if listing else 0, secrets.token_hex(16), outside]
        return stamp.sign(self._get_secret(), 'form', values, time.time())

    @api.model
    def _read_stamp(self, text):
        """:return: tuple (listing id, form number, external listing or None, age in seconds), or None"""
        try:
            (listing_id, nonce, outside), moment = stamp.verify(self._get_secret(), 'form', text)
        except stamp.StampError:
            return None
        return listing_id, nonce, outside, time.time() - moment

    @api.model
    def _get_form_target(self, params, website):
        """What a submitted form is about and may be about now.

        :return: tuple (listing or empty, (site, dict) of another web site or None)
        """
        listing = self._get_form_listing(params.get('listing_id'), website)
        read = not listing and self._read_stamp(params.get('stamp'))
        if not read or not read[2]:
            return listing, None
        site = self.env['sop.embed.site'].sudo().browse(read[2][0]).exists()  # sudo: the stamp is ours
        site = site._get_site(site.key) if site else site
        return listing, (site, read[2][1]) if site else None

    # === LISTING === #

    @api.model
    def _get_form_listing(self, listing_id, website):
        """The listing a visitor may ask about, or nothing: published, of this website, seller entitled.

        :param listing_id: whatever the client sent
        """
        Listing = self.env['product.template']
        try:
            listing = Listing.browse(int(listing_id)).exists()
        except (TypeError, ValueError, OverflowError):
            return Listing
        # The visitor's own rights decide what he sees, and staff see no more here than he.
        if not listing or not listing.has_access('read'):
            return Listing
        if not (listing.active and listing.website_published and listing.sale_ok):
            return Listing
        if listing.website_id and listing.website_id != website:
            return Listing
        if listing.company_id and listing.company_id != website.company_id:
            return Listing
        return listing if listing._sop_get_button_state(website.company_id) else Listing

    # === SUBMIT === #

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
        if 'errors' in checked:
            return checked
        company = website.company_id
        if not self._within_limits(company, address, checked['phone']):
            error = self.env._("Too many requests were sent from here. Please try again in an hour.")
            return {'errors': {'form': error}, 'status': 429}
        # sudo: visitors may not write requests; everything in them was checked above
        entry = self.sudo().with_company(company)._store_form(checked, website)
        return {'link': entry.request_id._get_buyer_path(entry)}

    @api.model
    def _check_form(self, params, website):
        """:return: dict of clean values, or ``errors`` (and ``status``) to show in the form"""
        read = self._read_stamp(params.get('stamp'))
        listing, external = self._get_form_target(params, website)
        if not listing and not external:
            return {'errors': {'form': self.env._("This listing takes no requests at the moment.")}, 'status': 404}
        name = self._clean(params.get('buyer_name'))
        message = self._clean(params.get('message'), multiline=True)
        phone = normalize_phone(self._clean(params.get('phone')))
        errors = {}
        if not read or read[0] != (listing.id or 0) or read[3] > STAMP_HOURS * 3600:
            errors['form'] = self.env._("This form is out of date. Please check it and send it again.")
        elif read[3] < website.company_id.sudo().sop_min_fill_seconds:  # sudo: a setting
            errors['form'] = self.env._("That was very quick. Please check the form and send it again.")
        if not 1 < len(name) <= NAME_LENGTH:
            errors['buyer_name'] = self.env._("Please enter your name, at most %(count)s characters.", count=NAME_LENGTH)
        if not phone or not self._is_mobile(phone):
            errors['phone'] = self.env._("Please enter a Vietnamese mobile number, e.g. 0912 345 678.")
        if len(message) > MESSAGE_LENGTH:
            errors['message'] = self.env._("The message has at most %(count)s characters.", count=MESSAGE_LENGTH)
        if params.get('consent') not in ('1', 'on', 'true', True, 1):
            errors['consent'] = self.env._("Without your consent the seller may not call you.")
        if errors:
            return {'errors': errors, 'status': 400}
        return {'listing': listing, 'external': external, 'nonce': read[1], 'name': name, 'phone': phone, 'message': message}

    @api.model
    def _clean(self, value, multiline=False):
        """Text of a client's field: a string without control characters, or ''."""
        text = value if isinstance(value, str) else ''
        text = ''.join(c for c in text if c.isprintable() or (multiline and c == '\n'))
        return text.strip()

    @api.model
    def _is_mobile(self, e164):
        """A Vietnamese mobile number: +84 and nine digits, the first 3, 5, 7, 8 or 9."""
        return e164.startswith('+84') and len(e164) == 12 and e164[3] in '35789'

    @api.model
    def _within_limits(self, company, address, phone):
        """Count this attempt against the address and the number; see ``sop.rate.limit``."""
        company, limits = company.sudo(), self.env['sop.rate.limit']  # sudo: settings
        by_address = limits._hit('submit:address', address, company.sop_submit_limit, 3600)
        by_phone = limits._hit('submit:phone', phone, company.sop_phone_limit, 3600)
        return by_address and by_phone

    @api.model
    def _store_form(self, checked, website):
        """Store a checked form: on the buyer's request of the last 24 hours, or a new one; sudo.

        Forms of one buyer and listing follow one another, so that two at once make one request.
        """
        listing, nonce = checked['listing'].sudo(), checked['nonce']  # sudo: the seller of the listing
        about = self._get_about_values(listing, checked.get('external'))
        self.env['sop.rate.limit']._serialize('form', f"{listing.id}:{about.get('external_ref')}:{checked['phone']}")
        Entry = self.env['sop.contact.entry']
        entry = Entry.search([('nonce', '=', nonce)], limit=1)
        if entry:
            return entry  # the same form again: a double click, or a resend on a bad network
        consent = self.env['sop.consent.text']._get_current(website.company_id)
        request = self._find_same(about, checked['phone'])
        values = {
            **about, 'company_id': website.company_id.id, 'website_id': website.id,
            'buyer_name': checked['name'], 'phone': checked['phone'], 'message': checked['message'],
            'consent_text_id': consent.id, 'consent_at': fields.Datetime.now(),
        }
        if request:
            request._append(values)
        else:
            request = self._create_from_entry_values(values)
        return Entry.create({
            'request_id': request.id, 'nonce': nonce, 'name': checked['name'], 'phone': checked['phone'],
            'message': checked['message'], 'consent_text_id': consent.id})

    @api.model
    def _get_about_values(self, listing, external):
        """Fields that say what the request is about: a listing of the shop, or of another web site."""
        if listing:
            return {'listing_id': listing.id}
        site, words = external
        return {'listing_id': False, 'seller_id': site.seller_id.id, 'listing_name': words['title'],
                'external_url': words['url'], 'external_ref': f"{site.id}:{words['ref']}"}

    @api.model
    def _find_same(self, about, phone):
        """The request this buyer made on this listing within the last 24 hours, if any."""
        since = fields.Datetime.now() - timedelta(hours=SAME_REQUEST_HOURS)
        return self.search(
            Domain('listing_id', '=', about['listing_id']) & Domain('external_ref', '=', about.get('external_ref', False))
            & Domain('phone', '=', phone) & Domain('requested_at', '>', since), limit=1)

    @api.model
    def _create_from_entry_values(self, values):
        """A new request from a form, announced to open lists and, if set, on its way to a lead."""
        company = self.env['res.company'].browse(values['company_id'])
        request = self.with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True,
        ).create({**values, 'lead_wanted': company.sop_auto_lead}).with_env(self.env)
        request._notify_changed()
        if company.sop_auto_lead:
            self.env.ref('sop_contact_requests.cron_lead')._trigger()
        return request

    def _append(self, values):
        """The same buyer asked again: count it, add his words, highlight the request again."""
        shown = self._get_message_values(values['message'])['message']
        full = '\n'.join(filter(None, [self.message_full or self.message, values['message']]))
        message = self._get_message_values(full)
        note = '\n'.join(filter(None, [self.note, shown]))
        self.write({
            **message, 'note': note if shown and shown not in (self.note or '') else self.note,
            'request_count': self.request_count + 1, 'last_requested_at': fields.Datetime.now(), 'touched_at': False,
            'consent_text_id': values['consent_text_id'], 'consent_at': values['consent_at'], 'consent_withdrawn_at': False})

    # === PRIVATE LINK === #

    def _get_buyer_path(self, entry):
        """Path of the buyer's private link; whoever holds it is the buyer."""
        token = stamp.sign(self._get_secret(), 'buyer', [entry.nonce], 0)
        return f'/sop/my-request/{token}'

    @api.model
    def _get_entry_of(self, token):
        """The form behind a private link, sudo; empty for any other text, and once erased."""
        entries = self.env['sop.contact.entry'].sudo()  # sudo: the signed link is the key
        try:
            [nonce], _moment = stamp.verify(self._get_secret(), 'buyer', token)
        except stamp.StampError:
            return entries
        return entries.search([('nonce', '=', nonce)], limit=1)

    @api.model
    def _handle_buyer(self, token, action, params):
        """What the buyer asked for on his private page; a repeat changes nothing more.

        :return: tuple (words for the buyer or None, errors)
        """
        entry = self._get_entry_of(token)
        if not entry:
            return None, {}
        if action == 'correct':
            errors = self._correct_form(entry, params)
            return (None if errors else self.env._("Your corrections are saved.")), errors
        if action == 'withdraw':
            entry._withdraw()
            return self.env._("The seller can no longer see your number. It will be erased within 15 days."), {}
        if action == 'delete':
            entry._erase()
        return None, {}

    @api.model
    def _correct_form(self, entry, params):
        """The buyer corrects his form. :return: dict of errors, empty when it is done"""
        name = self._clean(params.get('buyer_name'))
        message = self._clean(params.get('message'), multiline=True)
        phone = normalize_phone(self._clean(params.get('phone')))
        if not 1 < len(name) <= NAME_LENGTH or len(message) > MESSAGE_LENGTH:
            return {'form': self.env._("Please enter your name, at most %(count)s characters.", count=NAME_LENGTH)}
        if not phone or not self._is_mobile(phone):
            return {'phone': self.env._("Please enter a Vietnamese mobile number, e.g. 0912 345 678.")}
        entry._correct(name, phone, message)
        return {}

    def _recompose(self, before, after, **values):
        """The message is the forms' messages again; in the note, a changed one is replaced where it still stands."""
        self.ensure_one()
        full = '\n'.join(filter(None, self.entry_ids.mapped('message')))
        note = self.note or ''
        old, new = self._mask(before or ''), self._mask(after or '')
        if old and old in note:
            note = note.replace(old, new, 1).strip()
        elif new and new not in note:
            note = f'{note}\n{new}'.strip()
        if 'buyer_name' in values:
            values['buyer_name'] = self._mask(values['buyer_name'])
        self.write({**self._get_message_values(full), 'note': note, 'touched_at': False, **values})
