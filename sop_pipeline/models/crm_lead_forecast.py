from datetime import timedelta

from odoo import api, fields, models

from ..tools.moves import CODES
from ..tools.signals import received, send
from ..tools.transactions import replayed

#: Name of the parameter in which core keeps the fields it learns the probability from
SCORED = "crm.pls_fields"


class CrmLead(models.Model):
    """What is expected of a lead: core's probability learns from the faces, and the closing date is proposed from the stages' times."""

    _inherit = "crm.lead"

    sop_deadline_proposed = fields.Boolean(
        "Closing Date Proposed",
        readonly=True,
        copy=False,
        help="Nobody chose the date: it follows from the median time of the stages that are left, and moves with the lead.",
    )

    def _sop_with_chosen_deadline(self, vals):
        """The values of a write: a closing date that somebody writes is theirs, and no proposal. Step of ``write``."""
        if "date_deadline" in vals and not received(self.env, "sop_proposing"):
            vals = {**vals, "sop_deadline_proposed": False}
        return vals

    @api.model
    def _sop_score_by_interest(self, score=True):
        """Let core's predictive scoring learn from the interest too, or no longer. Its other fields stay as they are."""
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: called by the hooks and the demo data
        names = [name for name in (parameters.get_param(SCORED) or "").split(",") if name and name != "sop_interest"]
        parameters.set_param(SCORED, ",".join([*names, "sop_interest"] if score else names))

    @api.model
    @replayed
    def _cron_propose_deadlines(self):
        """Propose closing dates for open leads of the process that have none of a person's. Every night."""
        rows = self.env["sop.pipeline.report"].get_funnel(date_from=fields.Date.today() - timedelta(days=365))
        medians = {row["code"]: row["median_days"] for row in rows}
        if not any(medians.values()):
            return
        left = {code: sum(medians[later] for later in CODES[CODES.index(code) : -1]) for code in CODES[:-1]}
        leads = self.search(
            [
                ("won_status", "=", "pending"),
                ("team_id.sop_process", "=", True),
                ("sop_code", "in", list(left)),
                "|",
                ("date_deadline", "=", False),
                ("sop_deadline_proposed", "=", True),
            ]
        )
        tomorrow = fields.Date.today() + timedelta(days=1)

        def deadline(lead):
            since = lead.date_last_stage_update or lead.create_date
            return max(tomorrow, (since + timedelta(days=left[lead.sop_code])).date())

        for day, group in leads.grouped(deadline).items():
            changed = group.filtered(lambda lead: lead.date_deadline != day or not lead.sop_deadline_proposed)  # noqa: B023
            send(changed.with_context(mail_notrack=True), sop_proposing=True).write({"date_deadline": day, "sop_deadline_proposed": True})
