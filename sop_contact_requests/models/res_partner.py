from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import intervals


class ResPartner(models.Model):
    """Sellers: are they entitled now, and until when (union of all their rights)."""

    _inherit = "res.partner"

    sop_entitlement_ids = fields.One2many("sop.seller.entitlement", "seller_id", "Entitlements", groups="sop_contact_requests.group_user")
    sop_entitled = fields.Boolean("Entitled seller", compute="_compute_sop_entitled", search="_search_sop_entitled", compute_sudo=True)
    sop_entitled_until = fields.Datetime("Entitled until", compute="_compute_sop_entitled", compute_sudo=True)
    sop_entitlement_rev = fields.Integer(groups=fields.NO_ACCESS, copy=False)
    sop_news_mail = fields.Selection(
        [("now", "At once"), ("hour", "Once an hour"), ("off", "No mail")],
        "Mail about new requests",
        default="now",
        required=True,
        help="How this seller is notified of new contact requests by mail.",
    )
    sop_news_at = fields.Datetime(groups=fields.NO_ACCESS, copy=False)
    sop_request_team_id = fields.Many2one(
        "crm.team",
        "Team for contact requests",
        domain=[("sop_process", "=", True)],
        ondelete="set null",
        help="Opportunities made of this seller's contact requests go to this team.",
    )

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"sop_request_team_id": "read"}

    # === SELLERS COME AND GO === #

    def write(self, vals):
        """Who joins a company or leaves it takes along what is theirs; see core for the contract."""
        result = super().write(vals)
        if {"parent_id", "is_company"} & vals.keys():
            self._sop_follow()
        return result

    def _sop_follow(self):
        """Rights and requests of these partners, and of all below them, go where they belong now. Idempotent."""
        partners = self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])  # sudo: as in the calls
        self.env["sop.contact.request"]._sop_follow_sellers(partners)
        self.env["sop.partner.application"]._sop_follow_sellers(partners)
        moved = self.env["sop.seller.entitlement"]._sop_follow_sellers(partners)
        moved._reschedule([partners.commercial_partner_id])

    # === COMPUTE === #

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_sop_entitled(self):
        """By query and clock, never by a job: nothing is wrong when a job is late."""
        now = fields.Datetime.now()
        own = self.env.company.partner_id if self.env.company.sop_own_listings else self.browse()
        rights = (
            self.env["sop.seller.entitlement"]
            .search([("seller_id", "in", self.commercial_partner_id.ids), ("company_id", "=", self.env.company.id), ("end", ">", now)])
            .grouped("seller_id")
        )
        for partner in self:
            seller = partner.commercial_partner_id
            stretch = intervals.covering(rights[seller]._get_intervals(), now) if seller in rights else None
            partner.sop_entitled_until = stretch.end if stretch and stretch.end < intervals.OPEN_END else False
            partner.sop_entitled = bool(stretch) or (bool(seller) and seller == own)

    def _sop_get_right(self):
        """What this seller has now.

        :return: dict ``partner`` (in the programme, without a known end), ``until`` (end of all their rights, or False)
        """
        self.ensure_one()
        rights = self.env["sop.seller.entitlement"]
        domain = Domain("seller_id", "=", self.commercial_partner_id.id) & Domain("company_id", "=", self.env.company.id)
        is_open = domain & rights._get_valid_domain() & Domain("kind", "=", "programme") & Domain("end", ">=", intervals.OPEN_END)
        return {"partner": bool(rights.search_count(is_open, limit=1)), "until": self.sop_entitled_until}

    def _sop_is_partner(self):
        """Whether a right of the programme runs now, with or without a known end; sudo."""
        rights = self.env["sop.seller.entitlement"]
        own = Domain("seller_id", "=", self.commercial_partner_id.id) & Domain("company_id", "=", self.env.company.id)
        return bool(rights.search_count(own & rights._get_valid_domain() & Domain("kind", "=", "programme"), limit=1))

    def _sop_was_entitled(self, moment):
        """Whether a right that may have run out since covered *moment*; one that was taken away does not count. sudo.

        :param datetime moment: naive UTC
        """
        self.ensure_one()
        rights = self.env["sop.seller.entitlement"]
        return bool(
            rights.search_count(
                rights._get_valid_domain(moment)
                & Domain("revoked_at", "=", False)
                & Domain("company_id", "=", self.env.company.id)
                & Domain("seller_id", "=", self.commercial_partner_id.id),
                limit=1,
            )
        )

    def _search_sop_entitled(self, operator, value):
        if operator != "in":
            return NotImplemented
        entitlement = self.env["sop.seller.entitlement"].sudo()  # sudo: a yes or no is no secret
        rights = entitlement._search(entitlement._get_valid_domain() & Domain("company_id", "=", self.env.company.id))
        domain = Domain("commercial_partner_id", "in", rights.subselect("seller_id"))
        if self.env.company.sop_own_listings:
            domain |= Domain("commercial_partner_id", "=", self.env.company.partner_id.id)
        return domain if True in value else ~domain

    def action_sop_entitlements(self):
        """Open this seller's rights. Access: that of the rights themselves."""
        self.ensure_one()
        self.check_access("read")
        self.env["sop.seller.entitlement"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sop_contact_requests.sop_seller_entitlement_action")
        action["domain"] = [("seller_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"default_seller_id": self.commercial_partner_id.id}
        return action
