from functools import partial

from markupsafe import Markup
from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.arguments import choice, record_id, takes
from .sop_interaction_timeline import HOLDERS

#: Programs that may be offered to anybody; coupons belong to one customer
OFFERED = ("promo_code", "promotion", "buy_x_get_y")


class SopInteraction(models.Model):
    """Interactions that can really be carried out from the journey: a survey is asked, an offer is sent, a message is written.

    What there is no way to (no e-mail, no such app, no running program) is only recorded, and its button says so.
    """

    _inherit = "sop.interaction"

    @api.model
    @takes(res_model=choice(*HOLDERS), res_id=record_id, type_id=record_id)
    def action_start(self, res_model, res_id, type_id):
        """Open what carries out an interaction. Nothing is recorded yet: the screen does that once it was sent.

        :param str res_model: res.partner or crm.lead
        :param int type_id: ``sop.interaction.type``
        :return: window action; False where there is no way to, and a person records it by hand
        :raise UserError: for another model, or a record that is not there
        :raise AccessError: for users who may not work on the record
        """
        record = self._sop_holder(res_model, res_id, "write")
        way = self._sop_ways(record).get(self.env["sop.interaction.type"].browse(type_id).exists().code)
        return way() if way else False

    @api.model
    def _sop_ways(self, record):
        """Hook: what can be carried out for the customer of a record.

        :return: dict of a type's code -> function without arguments that gives the window action
        """
        partner = record if record._name == "res.partner" else record.partner_id
        if not partner.email or not partner.has_access("read"):
            return {}
        ways = {"personal_message": partial(self._sop_compose, record, partner, self.env._("A word for %(name)s", name=partner.name))}
        if "rating.rating" in self.env:
            ways["survey"] = partial(self._sop_ask_opinion, record, partner)
        if offer := self._sop_find_offer(partner):
            ways["promotion"] = ways["offer_after_sale"] = partial(self._sop_send_offer, record, partner, offer)
        return ways

    @api.model
    def _sop_compose(self, record, partner, subject, body=""):
        """Core's mail composer, to the customer, on the record's chatter."""
        context = {
            "default_model": record._name,
            "default_res_ids": record.ids,
            "default_composition_mode": "comment",
            "default_partner_ids": partner.ids,
            "default_subject": subject,
            "default_body": body,
        }
        action = {"type": "ir.actions.act_window", "name": subject, "res_model": "mail.compose.message", "views": [(False, "form")], "target": "new"}
        return {**action, "context": context}

    @api.model
    def _sop_ask_opinion(self, record, partner):
        """A mail with core's three ratings, each one press; the answer comes back as "Rating by the customer"."""
        speech = self.with_context(lang=partner.lang or self.env.lang).env
        token = record._rating_get_access_token(partner=partner)
        faces = ((5, "😀", speech._("Satisfied")), (3, "😐", speech._("So so")), (1, "😞", speech._("Not satisfied")))
        links = Markup(" &#160; ").join(
            Markup('<a href="%s/rate/%s/%s">%s %s</a>') % (record.get_base_url(), token, value, face, label) for value, face, label in faces
        )
        question = speech._("Hello %(name)s, how satisfied are you with us? One press is enough:", name=partner.name)
        return self._sop_compose(record, partner, speech._("How satisfied are you with us?"), Markup("<p>%s</p><p>%s</p>") % (question, links))

    @api.model
    def _sop_find_offer(self, partner):
        """The customer's own coupon that still counts, else the first program that runs and that anybody may use; or nothing."""
        if "loyalty.card" not in self.env or not self.env["loyalty.card"].has_access("read"):
            return None
        today = fields.Date.context_today(self)
        running = Domain("active", "=", True) & Domain("company_id", "in", [False, *self.env.companies.ids])
        for name, operator in (("date_from", "<="), ("date_to", ">=")):
            running &= Domain(name, "=", False) | Domain(name, operator, today)
        unused = Domain([("partner_id", "=", partner.id), ("points", ">", 0), ("program_id.program_type", "in", ("coupons", "next_order_coupons"))])
        unused &= Domain("expiration_date", "=", False) | Domain("expiration_date", ">=", today)
        card = self.env["loyalty.card"].search(unused & Domain("program_id", "any", running), limit=1)
        return card or self.env["loyalty.program"].search(running & Domain("program_type", "in", OFFERED), order="sequence, id desc", limit=1)

    @api.model
    def _sop_send_offer(self, record, partner, offer):
        """A coupon goes out by core's own mail of coupons; a program is sent in words, with its code."""
        if offer._name == "loyalty.card":
            return offer.action_coupon_send()
        speech = self.with_context(lang=partner.lang or self.env.lang).env
        offer = offer.with_env(speech)
        gifts = ", ".join(filter(None, offer.reward_ids.mapped("description"))) or offer.name
        code = offer.rule_ids.filtered("code")[:1].code
        words = speech._("Hello %(name)s, there is something for you: %(gift)s.", name=partner.name, gift=gifts)
        how = speech._("Tell us the code %(code)s when you order.", code=code) if code else ""
        return self._sop_compose(record, partner, offer.name, Markup("<p>%s</p><p>%s</p>") % (words, how))
