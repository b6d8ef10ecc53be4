from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.arguments import record_id, takes, text
from ..tools.phone import read_cell

#: An attempt older than this is over, whether or not its result was recorded
DIALING_MINUTES = 30


class SopCall(models.Model):
    """Whatever number of a lead or customer is dialled, on whatever screen, is an attempt (row P2)."""

    _inherit = "sop.call"

    @api.model
    @takes(number=text(64), res_model=text(64), res_id=record_id)
    def action_dial(self, number, res_model=None, res_id=None):
        """Record that a link to a telephone number was pressed. Idempotent while the attempt has no result.

        :param str number: as the link has it
        :param str res_model: model of the record the number was shown on
        :param int res_id: its id
        :return: client action ``sop_call``; False when the number belongs to none the user may work on, so that it is merely dialled
        """
        if not self.has_access("read"):
            return False
        number = next(iter(read_cell(number)), None) or "".join(char for char in number if char in "+0123456789")
        if len(number) < 7:
            return False
        lead, partner = self._sop_whose(number, res_model, res_id)
        if lead:
            return lead._sop_start_call(number)
        return self._sop_call_partner(partner, number) if partner else False

    @api.model
    def _sop_whose(self, number, res_model, res_id):
        """The person a number on a record belongs to: the lead or customer shown, else whose number it is.

        :return: (``crm.lead``, ``res.partner``), at most one of each; the lead is the user's to work on
        """
        lead, partner = self.env["crm.lead"], self.env["res.partner"]
        if res_id and res_model in ("crm.lead", "res.partner", "sop.call"):
            record = self.env[res_model].browse(res_id).exists()
            record = record if record.has_access("read") else record.browse()
            if res_model == "sop.call":
                lead, partner = record.lead_id, record.partner_id
            elif res_model == "crm.lead":
                lead = record
            else:
                partner = record
        if lead and lead.has_access("write"):
            return lead, partner
        owned = Domain("partner_id", "=", partner.id) if partner else lead._sop_has_number([number])
        leads = lead.search(owned & Domain("won_status", "=", "pending"), order="write_date desc, id desc", limit=20)
        leads = leads._filtered_access("write")
        lead = leads.filtered(lambda lead: lead.user_id == self.env.user)[:1] or leads[:1]
        return lead, partner or partner.search([("phone_sanitized", "=", number)], limit=1)

    @api.model
    def _sop_call_partner(self, partner, number):
        """Record an attempt on a customer without an open lead."""
        # sudo: people have no right to write calls
        Call = self.sudo()
        mine = [("lead_id", "=", False), ("partner_id", "=", partner.id), ("user_id", "=", self.env.uid)]
        call = Call.search([*mine, ("state", "=", "dialing"), ("source", "=", "button")])._sop_under_way(number)
        call = call or Call.create({"partner_id": partner.id, "user_id": self.env.uid, "company_id": partner.company_id.id, "number": number})
        return call._sop_client_action()

    def _sop_under_way(self, number):
        """Of open attempts, the one on this number that has just been made; the others are over: they wait for their result as unknown."""
        young = self.filtered(lambda call: call.started_at >= fields.Datetime.now() - timedelta(minutes=DIALING_MINUTES) and call.number == number)
        (self - young[:1]).write({"state": "unknown"})
        return young[:1]
