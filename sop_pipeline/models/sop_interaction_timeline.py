from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.arguments import at_most, choice, record_id, takes, text
from ..tools.phases import derive_phase, suggest_types

HOLDERS = {"res.partner": "partner_id", "crm.lead": "lead_id"}


class SopInteraction(models.Model):
    """The timeline of a customer or lead, and recording by hand in two clicks."""

    _inherit = "sop.interaction"

    @api.model
    @api.readonly
    @takes(res_model=choice(*HOLDERS), res_id=record_id, limit=at_most(500))
    def get_journey(self, res_model, res_id, limit=40):
        """What a customer, or a lead and its customer, lived through with us.

        :param str res_model: res.partner or crm.lead
        :param int limit: how many interactions, latest first
        :return: dict ``phase``, ``phases`` (code, label, count), ``items``, ``more`` (how many are not in the list), ``hidden`` (how many
            there are of colleagues' leads, which the user may not see),
            ``types`` (what can be recorded by hand; ``acts``: it can be carried out, see :meth:`action_start`) and ``suggestions`` (ids of
            types that fit next)
        :raise UserError: for another model
        :raise AccessError: for users who may not see the record
        """
        record = self._sop_holder(res_model, res_id, "read")
        mine = self._sop_holder_domain(record)
        counts = dict(self._read_group(mine, ["phase"], ["__count"]))
        items = self.search(mine, limit=limit or 1)
        partner = record if res_model == "res.partner" else record.partner_id
        phase = partner.sop_phase or derive_phase(counts, 0)
        types = self.env["sop.interaction.type"].search([("by_fact", "=", False)])
        done = {kind.id for (kind,) in self._read_group(mine, ["type_id"])}
        fitting = [(kind.id, kind.phase) for kind in types]
        ways = self._sop_ways(record)
        return {
            "phase": phase or False,
            "phases": [{"code": code, "label": label, "count": counts.get(code, 0)} for code, label in self.get_phases()],
            "items": [item._sop_timeline_item() for item in items],
            "more": sum(counts.values()) - len(items),
            "hidden": self._sop_count_hidden(mine, sum(counts.values())),
            "types": [{"id": kind.id, "name": kind.name, "phase": kind.phase, "icon": kind.icon, "acts": kind.code in ways} for kind in types],
            "suggestions": suggest_types(phase, fitting, done),
        }

    @api.model
    @takes(res_model=choice(*HOLDERS), res_id=record_id, type_id=record_id, note=text(2000))
    def action_add(self, res_model, res_id, type_id, note=None):
        """Record an interaction by hand, now.

        The same press sent twice within a few seconds, by a double click or a bad connection, is one interaction.

        :param str res_model: res.partner or crm.lead
        :param int type_id: ``sop.interaction.type`` that people may record
        :return: the interaction's id
        :raise UserError: for a type that records itself or is not there
        :raise AccessError: for users who may not work on the record
        """
        record = self._sop_holder(res_model, res_id, "write")
        kind = self.env["sop.interaction.type"].browse(type_id).exists()
        if not kind or not kind.active or kind.by_fact:
            raise UserError(self.env._("This interaction cannot be recorded by hand."))
        just_now = self.search(
            [
                (HOLDERS[res_model], "=", record.id),
                ("type_id", "=", kind.id),
                ("create_uid", "=", self.env.uid),
                ("res_id", "=", False),
                ("at", ">", fields.Datetime.subtract(fields.Datetime.now(), seconds=5)),
            ],
            limit=1,
        )
        return (just_now or self.create({HOLDERS[res_model]: record.id, "type_id": kind.id, "note": note})).id

    @api.model
    def _sop_holder(self, res_model, res_id, operation):
        self.check_access("read")
        record = self.env[res_model].browse(res_id).exists()
        if not record:
            raise UserError(self.env._("This record is not there any more."))
        record.check_access(operation)
        return record

    @api.model
    def _sop_holder_domain(self, record):
        """A lead shows its own interactions and those of its customer."""
        if record._name == "res.partner":
            return [("partner_id", "=", record.id)]
        if not record.partner_id:
            return [("lead_id", "=", record.id)]
        return ["|", ("lead_id", "=", record.id), ("partner_id", "=", record.partner_id.id)]

    @api.model
    def _sop_count_hidden(self, mine, seen):
        """How many interactions of a holder the user may not see, in the companies they work in: their number is no secret."""
        # sudo: to count what the rules hide
        return self.sudo().search_count([*mine, ("company_id", "in", self.env.companies.ids)]) - seen

    def _sop_timeline_item(self):
        self.ensure_one()
        kind = self.type_id
        return {
            "id": self.id,
            "name": kind.name,
            "icon": kind.icon,
            "phase": self.phase,
            "at": fields.Datetime.to_string(self.at),
            "note": self.note or "",
            "channel": self.channel or "",
            "by_fact": bool(self.res_id),
            "mine": not self.res_id and self.create_uid == self.env.user,
            "user": self.user_id.sudo().name or "",  # sudo: the name of a colleague
        }
