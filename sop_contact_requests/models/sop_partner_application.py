import re
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype
from pytz import timezone, utc

from odoo.addons.sop_pipeline.tools.arguments import clean_text, or_nothing, takes, text

from ..tools import intervals

TAX_CODE = re.compile(r"\d{10}(-\d{3})?|\d{12}")
NAME_LENGTH, WORDS_LENGTH = 200, 2000
FILES, FILE_BYTES = 5, 5_000_000
#: What a licence or a tax certificate comes as
KINDS = ("application/pdf", "image/jpeg", "image/png")


class SopPartnerApplication(models.Model):
    """A seller asks to become a partner in a category of goods (source 001: "Đối Tác trong ngành hàng Điện tử").

    Approved by staff, it becomes a right of the kind "programme". Listings outside the category do not count for
    admission; once admitted, the right covers all listings of the seller, as the source says.
    """

    _name = "sop.partner.application"
    _description = "Application for the partner programme"
    _inherit = ["sop.seller.mixin", "sop.guard.mixin", "mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char("Company name", required=True, readonly=True)
    vat = fields.Char("Tax code", required=True, readonly=True)
    category_id = fields.Many2one("product.public.category", "Category of goods", required=True, readonly=True, ondelete="restrict")
    words = fields.Text("Applicant's words", readonly=True)
    seller_id = fields.Many2one("res.partner", required=True, readonly=True, index=True, ondelete="restrict")
    applicant_id = fields.Many2one("res.users", "Applied by", readonly=True, ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    file_ids = fields.One2many("ir.attachment", "res_id", "Files", domain=[("res_model", "=", "sop.partner.application")], readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("approved", "Approved"), ("refused", "Refused"), ("withdrawn", "Withdrawn")],
        required=True,
        readonly=True,
        default="waiting",
        tracking=True,
    )
    until = fields.Date("Partner until", help="Last day in the programme; empty: no known end.")
    answer = fields.Text(help="Shown to the seller with the decision.")
    decided_at = fields.Datetime("Decided on", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False, ondelete="set null")
    right_id = fields.Many2one("sop.seller.entitlement", "Entitlement", readonly=True, copy=False, ondelete="set null")
    listing_count = fields.Integer("Listings in the category", compute="_compute_listing_count", compute_sudo=True)

    def _compute_listing_count(self):
        """Listings that are shown now and stand in the category, or below it."""
        for application in self:
            application.listing_count = len(self._get_counting_listings(application.seller_id, application.category_id))

    @api.model
    def _get_counting_listings(self, seller, category):
        """What a seller sells in a category; sudo by the caller."""
        listings = self.env["product.template"]._sop_get_listings(seller)
        inside = self.env["product.public.category"].search([("id", "child_of", category.ids)])
        return listings.filtered(lambda listing: listing.is_published and listing.public_categ_ids & inside)

    # === GUARD === #

    @api.model
    def _sop_links(self):
        links = ("seller_id", "company_id", "category_id", "applicant_id", "decided_by_id", "right_id")
        return super()._sop_links() | dict.fromkeys(links, "read") | {"file_ids": "write"}

    @api.model
    def _sop_kept(self):
        """What was applied for is the seller's word, what was decided comes by the buttons; staff write answer and end."""
        return super()._sop_kept() | (self._fields.keys() & set(self._get_own_fields()))

    @api.model
    def _get_own_fields(self):
        applied = ("name", "vat", "category_id", "words", "seller_id", "applicant_id", "company_id", "file_ids", "holder_id")
        return (*applied, "state", "decided_at", "decided_by_id", "right_id")

    # === THE SELLER === #

    @api.model
    def _apply(self, params, files):
        """Take an application of the current user's company; sudo inside. One waits at a time.

        :param dict params: what the client sent: ``name``, ``vat``, ``category``, ``words``
        :param files: the uploaded files (werkzeug's), empty ones are none
        :return: dict of errors (field -> words), empty when it is stored
        """
        seller, company = self.env.user.commercial_partner_id, self.env.company
        values, errors = self._read_form(params, company)
        contents = [(clean_text(file.filename or "")[-120:], file.read(FILE_BYTES + 1)) for file in files if file.filename][: FILES + 1]
        if len(contents) > FILES or any(len(content) > FILE_BYTES for _name, content in contents):
            errors["files"] = self.env._("At most %(count)s files of 5 MB each.", count=FILES)
        elif any(guess_mimetype(content) not in KINDS for _name, content in contents):
            errors["files"] = self.env._("Files are PDF, JPG or PNG.")
        elif not contents:
            errors["files"] = self.env._("Please add your business licence.")
        if not errors and not self.sudo()._get_counting_listings(seller, values["category_id"]):  # sudo: the seller's own listings
            errors["category"] = self.env._("You have no published listing in this category yet. Listings elsewhere do not count.")
        if errors:
            return errors
        self.env["sop.seller.entitlement"]._lock_seller(seller)
        if self._get_current(seller, company).state == "waiting":
            return {"form": self.env._("Your application is waiting already.")}
        category = values.pop("category_id")
        # sudo: sellers may not write applications; all of this was checked above
        application = self.sudo().create(
            {**values, "category_id": category.id, "seller_id": seller.id, "company_id": company.id, "applicant_id": self.env.uid}
        )
        # sudo: the files belong to that application
        self.env["ir.attachment"].sudo().create(
            [{"name": name, "raw": content, "res_model": self._name, "res_id": application.id} for name, content in contents]
        )
        application._notify_staff()
        return {}

    @api.model
    def _read_form(self, params, company):
        """:return: tuple (clean values, errors)"""
        name, vat, words = (clean_text(str(params.get(key) or "")).strip() for key in ("name", "vat", "words"))
        chosen = str(params.get("category") or "")
        # sudo: what is offered on the page
        category = company.sudo().sop_programme_category_ids.filtered(lambda c: str(c.id) == chosen)
        errors = {}
        if not 0 < len(name) <= NAME_LENGTH:
            errors["name"] = self.env._("Please enter the name of your company.")
        if not TAX_CODE.fullmatch(vat := vat.replace(" ", "")):
            errors["vat"] = self.env._("A tax code has 10 digits, 10 and 3 for a branch, or 12.")
        if not category:
            errors["category"] = self.env._("Please choose a category of goods.")
        if len(words) > WORDS_LENGTH:
            errors["words"] = self.env._("At most %(count)s characters.", count=WORDS_LENGTH)
        return {"name": name, "vat": vat, "category_id": category, "words": words}, errors

    @api.model
    def _get_current(self, seller, company):
        """The last application of a seller, whatever became of it; sudo."""
        # sudo: of the user's own company
        return self.sudo().search([("seller_id", "=", seller.id), ("company_id", "=", company.id)], limit=1)

    def _notify_staff(self):
        """Notify the managers, who decide; sudo."""
        group = self.env.ref("sop_contact_requests.group_manager")
        managers = group.all_user_ids.filtered(lambda user: self.company_id in user.company_ids and user.active and not user._is_superuser())
        self.message_notify(
            partner_ids=managers.partner_id.ids,
            subject=self.env._("Application for the partner programme: %(seller)s", seller=self.name),
            body=self.env._("%(seller)s applies for %(category)s.", seller=self.name, category=self.category_id.name),
        )

    # === STAFF === #

    @takes(answer=or_nothing(text(WORDS_LENGTH)))
    def action_approve(self, answer=None):
        """Make the seller a partner from now on, until the last day entered, and notify them. Access: users who may write it.

        :param str answer: words for the seller, in place of those on the form
        :raise UserError: when it was decided already, or the last day is over
        """
        self._check_waiting()
        end = self._get_end()
        now = fields.Datetime.now()
        if end <= now:
            raise UserError(self.env._("The last day in the programme is over."))
        right = self.env["sop.seller.entitlement"].create(
            {
                "seller_id": self.seller_id.id,
                "company_id": self.company_id.id,
                "kind": "programme",
                "start": now,
                "end": end,
                "note": self.category_id.name,
            }
        )
        self._decide("approved", answer, right_id=right.id)
        return True

    @takes(answer=or_nothing(text(WORDS_LENGTH)))
    def action_refuse(self, answer=None):
        """Refuse, with words the seller reads. Access: users who may write it.

        :raise UserError: without words, or when it was decided already
        """
        self._check_waiting()
        if not (answer or self.answer or "").strip():
            raise UserError(self.env._("Write the reason first: the seller reads it."))
        self._decide("refused", answer)
        return True

    def _check_waiting(self):
        """:raise UserError: when there is nothing to decide"""
        self.ensure_one()
        self.check_access("write")
        if self.state != "waiting":
            raise UserError(self.env._("This application was decided already."))

    def _get_end(self):
        """First moment that is no longer covered: after the last day in the company's calendar."""
        if not self.until:
            return intervals.OPEN_END
        midnight = datetime.combine(self.until + timedelta(days=1), time.min)
        return timezone(str(self.company_id._sop_zone())).localize(midnight).astimezone(utc).replace(tzinfo=None)

    def _decide(self, state, answer=None, **vals):
        now = fields.Datetime.now()
        words = {"answer": answer.strip()} if answer else {}
        self._sop_keeping().write({"state": state, "decided_at": now, "decided_by_id": self.env.uid, **words, **vals})
        template = self.env.ref("sop_contact_requests.mail_template_application", raise_if_not_found=False)
        people = self.seller_id.filtered("email") or self.applicant_id.partner_id.filtered("email")
        if template and people:
            # sudo: the mail is the shop's
            template.sudo().send_mail(self.id, email_values={"recipient_ids": [(6, 0, people.ids)], "email_to": False})
            self.env["sop.contact.request"]._send_mails_now()

    @api.model
    def _is_offered(self):
        """Whether the current user finds the programme in their portal: while the company takes applications."""
        return self.env.user._is_portal() and bool(self.env.company.sudo().sop_programme_category_ids)  # sudo: a setting that its page shows

    @api.model
    def _get_programme_values(self):
        """What the page of the programme shows the current visitor.

        :return: dict ``categories``, ``conditions``, ``application`` (the last one), ``is_partner`` (now)
        """
        user, company = self.env.user, self.env.company.sudo()  # sudo: settings that are shown to everybody
        seller = user.commercial_partner_id if not user._is_public() else user.browse().partner_id
        return {
            "categories": company.sop_programme_category_ids,
            "conditions": company.sop_programme_conditions,
            "application": self._get_current(seller, company) if seller else self.browse(),
            "is_partner": bool(seller) and seller.sudo()._sop_is_partner(),  # sudo: their own
        }
