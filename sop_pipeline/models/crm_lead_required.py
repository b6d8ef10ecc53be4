from odoo import api, models

from .sop_stage_requirement import MissingFieldsError


class CrmLead(models.Model):
    """What a stage requires of a lead (row P9), and the columns' bar that says how interested customers are."""

    _inherit = "crm.lead"

    def _sop_check_required(self, stage):
        """Refuse leads that leave fields empty which their stage requires.

        :raise ValidationError: naming the first such lead and the fields
        """
        for lead in self:
            if names := lead._sop_get_missing_names(stage.sop_code):
                message = self.env._(
                    "“%(lead)s” cannot enter %(stage)s yet. Fill in first: %(fields)s.",
                    lead=lead.name,
                    stage=stage.name,
                    fields=", ".join(lead._sop_get_missing(stage.sop_code)),
                )
                mine = lead.sudo(False)  # whose screen offers boxes
                writable = [name for name in names if mine._has_field_access(lead._fields[name], "write")]
                raise MissingFieldsError(message, lead, stage, writable)

    def _sop_get_missing(self, code):
        """Labels of the fields a stage of this lead's team requires and the lead leaves empty.

        :param str code: a stage's code, or a false value, which requires nothing
        :return: list of translated labels
        """
        return [self._fields[name]._description_string(self.env) for name in self._sop_get_missing_names(code)]

    def _sop_get_missing_names(self, code):
        """Like :meth:`_sop_get_missing`, the names of the fields."""
        self.ensure_one()
        if not code or not self.team_id.sop_process:
            return []
        names = self.env["sop.stage.requirement"]._get_required().get((self.team_id.id, code), ())
        lead = self.sudo()  # sudo: a field may be for other people's eyes; only whether it is empty counts
        return [name for name in names if not lead[name]]

    # === COLUMNS ===

    @api.model
    def _sop_colours_by_interest(self):
        """Whether the columns' bars say how interested the customers are: the user's teams run the process, or there are no other teams."""
        mine = self.env.user.sudo().crm_team_ids  # sudo: whether one's own teams run the process
        teams = mine or self.env["crm.team"].search([("active", "=", True)])
        return bool(teams) and all(teams.mapped("sop_process"))

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, view_type == "kanban" and self._sop_colours_by_interest())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Colour the columns' bars by interest; see core for the contract."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "kanban" and arch.get("default_group_by") == "stage_id" and self._sop_colours_by_interest():
            for bar in arch.iter("progressbar"):
                bar.set("field", "sop_interest")
                bar.set("colors", '{"interested": "success", "thinking": "warning", "not_interested": "danger"}')
                bar.set("help", self.env._("The bar shows how interested the customers are."))
        return arch, view
