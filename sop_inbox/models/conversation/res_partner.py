from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.transactions import made_once

from ..channel.sop_channel_account import READERS


class ResPartner(models.Model):
    """A customer and their conversations on every channel; a person of ours; who a draft is for while its customer is not known."""

    _name = "res.partner"
    _inherit = ["res.partner", "sop.guard.mixin"]

    sop_conversation_ids = fields.One2many("sop.conversation", "partner_id", "Conversations", groups=READERS)
    sop_identity_ids = fields.One2many("sop.identity", "partner_id", "Known on Channels as", groups=READERS)
    sop_is_unknown = fields.Boolean("Unknown Customer", readonly=True, copy=False, help="Has the draft orders of chats with no customer yet.")

    _sop_unknown_unique = models.UniqueIndex("(company_id) WHERE sop_is_unknown IS TRUE", "A company has one unknown customer.")

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {"sop_is_unknown"}

    def _sop_is_staff(self):
        """Whether this is a person of ours, also one who has left: an archived user was staff when they wrote."""
        users = self.with_context(active_test=False).user_ids
        return any(not user.share for user in users)

    # === UNKNOWN CUSTOMER ===

    @api.model
    def _sop_unknown(self, company):
        """Return the unknown customer of a company: archived, without a user, and of its country, so that prices are a new customer's."""
        # sudo: one for all sellers, whatever they may do with contacts
        partners = self.sudo().with_context(active_test=False, tracking_disable=True, lang=company.sudo().partner_id.lang)
        unknown = partners.search([("sop_is_unknown", "=", True), ("company_id", "=", company.id)], limit=1)
        country = company.sudo().country_id
        if not unknown:
            values = {"name": partners.env._("Customer not known yet"), "lang": partners.env.context["lang"], "country_id": country.id}
            with made_once(self.env):
                unknown = partners.create({**values, "company_id": company.id, "active": False, "sop_is_unknown": True})
        elif unknown.country_id != country:
            unknown.country_id = country
        return self.browse(unknown.id)

    def _compute_is_public(self):
        """The unknown customer is no person either: no card, point or voucher is theirs; see core for the contract."""
        super()._compute_is_public()
        self.filtered("sop_is_unknown").is_public = True


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """The unknown customer is never a double; conversations follow the contact they are with."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Core moves links in SQL: what conversations keep of their customer is computed again; see core for the contract."""
        conversations = self.env["sop.conversation"].sudo().search([("partner_id", "in", src_partners.ids)])  # sudo: of all teams and companies
        super()._update_foreign_keys(src_partners, dst_partner)
        conversations.invalidate_recordset(["partner_id"])
        conversations.modified(["partner_id"])

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """See core for the contract. :raise UserError: one of them is the unknown customer of a company"""
        if self.env["res.partner"].browse(partner_ids).exists().filtered("sop_is_unknown") or (dst_partner and dst_partner.sop_is_unknown):
            raise UserError(self.env._("The unknown customer stands for many people and cannot be merged."))
        return super()._merge(partner_ids, dst_partner, extra_checks)
