from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.phone import normalize_phone
from odoo.addons.sop_pipeline.tools.values import written

from ..tools import masking

STATES = [
    ("not_contacted", "Not contacted"),
    ("contact_again", "Contact again"),
    ("contacted", "Contacted"),
]
NOTE_LENGTH = 5000


class SopContactRequest(models.Model):
    """A buyer's "I want to be advised" on a listing, as its seller works it (rows C1-C11).

    The telephone number is a field no user may read (``NO_ACCESS``): it leaves the server only
    through :meth:`action_reveal_phone`. Users change three fields, status, note and reminder,
    through :meth:`write` or the ``action_set_*`` methods; both check that the seller is
    entitled and take the highlight away. Everything else is written by the buyer's form.
    """

    _name = "sop.contact.request"
    _description = "Contact request"
    _inherit = ["sop.seller.mixin", "mail.thread", "mail.activity.mixin", "sop.hidden.mixin"]
    _order = "last_requested_at desc, id desc"
    _rec_name = "buyer_name"
    _check_company_auto = True

    buyer_name = fields.Char("Customer", required=True, readonly=True)
    requested_at = fields.Datetime("Requested on", required=True, readonly=True, default=fields.Datetime.now)
    last_requested_at = fields.Datetime("Last asked on", required=True, readonly=True, default=fields.Datetime.now)
    request_count = fields.Integer("Times asked", readonly=True, default=1)
    phone = fields.Char("Full phone number", groups=fields.NO_ACCESS, copy=False)
    phone_hint = fields.Char("Phone", compute="_compute_phone_hint", store=True)
    listing_id = fields.Many2one("product.template", readonly=True, index="btree_not_null", ondelete="set null")
    listing_name = fields.Char("Listing title", readonly=True)
    external_url = fields.Char("Page of the listing", readonly=True, help="Of a listing on another web site.")
    external_ref = fields.Char(readonly=True)
    seller_id = fields.Many2one("res.partner", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    website_id = fields.Many2one("website", readonly=True, ondelete="set null")
    message = fields.Text("Buyer's message", readonly=True)
    message_full = fields.Text(groups=fields.NO_ACCESS, copy=False)
    note = fields.Text()
    state = fields.Selection(STATES, "Status", required=True, default="not_contacted", tracking=True)
    reminder_at = fields.Datetime("Reminder")
    reminder_user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    reminder_sent_at = fields.Datetime(readonly=True, copy=False)
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    touched_at = fields.Datetime("Last interaction", readonly=True, copy=False, help="By the seller.")
    staff_at = fields.Datetime("Last work by staff", readonly=True, copy=False)
    staff_user_id = fields.Many2one("res.users", "Staff who worked on it", readonly=True, copy=False, ondelete="set null")
    is_new = fields.Boolean("New", compute="_compute_is_new", search="_search_is_new")
    first_touched_at = fields.Datetime("First interaction", readonly=True, copy=False)
    response_hours = fields.Float("Hours to first interaction", compute="_compute_response_hours", store=True, aggregator="avg")
    escalated_at = fields.Datetime("Escalated on", readonly=True, copy=False)
    is_locked = fields.Boolean("Locked", compute="_compute_is_locked")
    consent_text_id = fields.Many2one("sop.consent.text", "Consent text", readonly=True, ondelete="restrict")
    consent_at = fields.Datetime(readonly=True)
    consent_withdrawn_at = fields.Datetime("Consent withdrawn on", readonly=True)
    erased_at = fields.Datetime("Erased on", readonly=True)
    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", readonly=True, copy=False, index="btree_not_null", ondelete="set null", groups="base.group_user"
    )
    has_lead = fields.Boolean(compute="_compute_has_lead", compute_sudo=True)
    lead_wanted = fields.Boolean(readonly=True, copy=False)
    lead_made = fields.Boolean("Opportunity made", readonly=True, copy=False, help="The opportunity was made of this request, not found.")
    entry_ids = fields.One2many("sop.contact.entry", "request_id", groups=fields.NO_ACCESS)
    reveal_ids = fields.One2many("sop.contact.reveal", "request_id", groups="sop_contact_requests.group_manager")
    active = fields.Boolean(default=True)

    _seller_idx = models.Index("(seller_id, last_requested_at DESC, id DESC) WHERE active IS TRUE")
    _newest_idx = models.Index("(last_requested_at DESC, id DESC) WHERE active IS TRUE")
    _seller_new_idx = models.Index("(seller_id, company_id) WHERE touched_at IS NULL AND active IS TRUE")
    _reminder_idx = models.Index("(reminder_at) WHERE reminder_at IS NOT NULL")
    _buyer_idx = models.Index("(phone, listing_id, last_requested_at)")
    _untouched_idx = models.Index("(requested_at) WHERE first_touched_at IS NULL AND escalated_at IS NULL AND active IS TRUE")
    _lead_wanted_idx = models.Index("(id) WHERE lead_wanted IS TRUE")

    # === COMPUTE === #

    @api.depends("phone")
    def _compute_phone_hint(self):
        for request in self:
            request.phone_hint = masking.phone_hint(request.phone)

    @api.depends("touched_at")
    def _compute_is_new(self):
        for request in self:
            request.is_new = not request.touched_at

    def _search_is_new(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("touched_at", "=" if True in value else "!=", False)

    @api.depends("reminder_at")
    def _compute_is_overdue(self):
        """A reminder that has come: of a contacted buyer it is an appointment."""
        now = fields.Datetime.now()
        for request in self:
            request.is_overdue = bool(request.reminder_at and request.reminder_at <= now)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("reminder_at", "<=", fields.Datetime.now())
        return overdue if True in value else ~overdue

    @api.depends("requested_at", "first_touched_at")
    def _compute_response_hours(self):
        for request in self:
            waited = request.first_touched_at and request.first_touched_at - request.requested_at
            request.response_hours = max(waited.total_seconds(), 0) / 3600 if waited else False

    def _read_group_select(self, aggregate_spec, query):
        """A request that was not worked on has no response time: it counts in no average, instead of as none waited."""
        if aggregate_spec.startswith("response_hours:"):
            moment, hours = self._field_to_sql(self._table, "first_touched_at", query), self._field_to_sql(self._table, "response_hours", query)
            known = SQL("CASE WHEN %s IS NOT NULL THEN %s END", moment, hours)
            functions = {"avg": "AVG", "min": "MIN", "max": "MAX", "sum": "SUM"}
            if function := functions.get(aggregate_spec.partition(":")[2]):
                return SQL("%s(%s)", SQL(function), known)
        return super()._read_group_select(aggregate_spec, query)

    @api.depends("seller_id")
    def _compute_is_locked(self):
        for company, requests in self.grouped("company_id").items():
            # sudo: whether the seller is entitled is no secret
            for request in requests.sudo().with_company(company):
                request.is_locked = not request.seller_id.sop_entitled

    @api.depends("lead_id")
    def _compute_has_lead(self):
        for request in self:
            request.has_lead = bool(request.lead_id)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Complete what the listing implies, and keep numbers out of readable texts."""
        for vals in vals_list:
            self._complete_values(vals)
        return super().create(vals_list)

    @api.model
    def _complete_values(self, vals):
        """Fill seller, company, title and the price the buyer knows from the listing; mask numbers in name, message, note."""
        listing = written(self, vals, "listing_id").sudo()  # sudo: see the seller below
        company = written(self, vals, "company_id") or listing.company_id or self.env.company
        seller = written(self, vals, "seller_id") or (listing and listing._sop_get_seller(company))
        vals["company_id"] = company.id
        vals["seller_id"] = seller.commercial_partner_id.id if seller else False
        vals.setdefault("listing_name", listing.name)
        vals.setdefault("known_price", listing.list_price)  # what it costs when they ask
        if vals.get("requested_at"):
            vals.setdefault("last_requested_at", vals["requested_at"])
        vals["phone"] = normalize_phone(vals.get("phone") or "") or vals.get("phone")
        own = {vals["phone"]} - {None, False}
        vals["buyer_name"] = masking.mask_numbers(vals.get("buyer_name"), own)
        vals.update(self._get_message_values(vals.get("message") or "", own))
        vals["note"] = masking.mask_numbers(vals["note"], own) if vals.get("note") else vals["message"]

    def write(self, vals):
        """Users change status, note, reminder and outcome; each takes the highlight away (row C10).

        :raise AccessError: for any other field
        :raise UserError: while the seller is not entitled, with the way to renew
        """
        if not self.env.su:
            self._check_user_write(vals)
        vals = self._mask_values(vals)
        if "reminder_at" in vals:
            vals = {**vals, "reminder_sent_at": False, "reminder_user_id": self.env.uid if vals["reminder_at"] else False}
        if vals.get("state") == "contacted" and "reminder_at" not in vals and (done := self.filtered("is_overdue")):
            super(SopContactRequest, done.sudo()).write({"reminder_at": False, "reminder_sent_at": False})  # sudo: it is done
        touching = self._get_user_fields() & vals.keys() and "touched_at" not in vals
        result = super().write(vals)
        if touching:
            self._touch()
        elif "touched_at" in vals:
            self._notify_changed()
        if vals.get("outcome"):
            self._follow_outcome(vals)
        if vals.get("reminder_at"):
            self._follow_reminder()
        return result

    @api.model
    def _get_user_fields(self):
        """What people may change, and what counts as an interaction."""
        return {"state", "note", "reminder_at", "outcome"}

    def _check_user_write(self, vals):
        """Gate of :meth:`write` for everyone but the server itself."""
        allowed = set(self._get_user_fields())
        if self.env.user.has_group("sop_contact_requests.group_manager"):
            allowed.add("active")
        if vals.keys() - allowed:
            raise AccessError(self.env._("Only status, outcome, note and reminder of a contact request can be changed."))
        self._check_entitled()
        self._check_values(vals)

    @api.model
    def _check_values(self, vals):
        """Refuse bad input. :raise UserError: for an over-long note"""
        if len(vals.get("note") or "") > NOTE_LENGTH:
            raise UserError(self.env._("A note has at most %(count)s characters.", count=NOTE_LENGTH))

    def _check_entitled(self):
        """:raise UserError: when a seller of these requests is not entitled now, with the way out"""
        for request in self:
            if request.is_locked:
                raise UserError(
                    self.env._(
                        "%(seller)s's right to work the contact list has ended. Renew the package and the list opens "
                        "again at once; nothing is lost meanwhile.",
                        seller=request.sudo().seller_id.name,  # sudo: their own seller's name
                    )
                )

    def _touch(self):
        """Somebody worked on these requests: of the seller, then no highlight, and the clock of the first response stops.

        What staff of the market do is noted beside it: the buyer still waits for the seller.
        sudo inside: callers have checked the right to the interaction itself.
        """
        now = fields.Datetime.now()
        # sudo: the moments are the server's, users may not write them
        sellers = self.sudo().filtered(lambda request: request._is_seller(self.env.user))
        if staff := self.sudo() - sellers:
            staff.write({"staff_at": now, "staff_user_id": self.env.uid})
            staff._notify_changed()
        for first, requests in sellers.grouped(lambda r: not r.first_touched_at).items():
            requests.write({"touched_at": now, **({"first_touched_at": now} if first else {})})
        self._take_in_hand()

    def _is_seller(self, user):
        """Whether a user acts for the seller: one of their people, or staff where the shop itself sells; sudo."""
        own = self.seller_id == self.company_id.partner_id.commercial_partner_id
        return user.commercial_partner_id == self.seller_id or (own and user._is_internal())

    def _notify_changed(self):
        """Notify open lists of staff that something changed; ids only, rights decide on reading."""
        group = self.env.ref("sop_contact_requests.group_user", raise_if_not_found=False)
        if group and self:
            group.sudo()._bus_send("sop_contact_requests/changed", {"ids": self.ids})  # sudo: groups are not readable by sellers

    @api.model
    def _load_demo(self):
        """Called by the demo data only; see ``demo/requests.py``."""
        from ..demo import home, requests, shop_words  # loaded with demo data only

        home.load(self.env)
        requests.load(self.env)
        shop_words.load(self.env)

    # === COUNTERS === #

    @api.model
    def get_counters(self):
        """What the badges show to the current user: highlighted and overdue requests they may see.

        Access: that of the requests. Two queries, both on partial indexes.

        :return: dict ``new``, ``overdue``
        """
        return {
            "new": self.search_count(Domain("is_new", "=", True)),
            "overdue": self.search_count(Domain("is_overdue", "=", True)),
        }
