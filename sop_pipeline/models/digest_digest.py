from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class DigestDigest(models.Model):
    """Success and speed in the weekly mail."""

    _inherit = "digest.digest"

    kpi_sop_success_rate = fields.Boolean("Success Rate (%)")
    kpi_sop_success_rate_value = fields.Float(compute="_compute_kpi_sop_success_rate_value")
    kpi_sop_response_time = fields.Boolean("Hours to the First Call")
    kpi_sop_response_time_value = fields.Float(compute="_compute_kpi_sop_response_time_value")

    def _sop_check_reader(self):
        if not self.env.user.has_group("sales_team.group_sale_salesman"):
            raise AccessError(self.env._("Do not have access, skip this data for user's digest email"))

    def _compute_kpi_sop_success_rate_value(self):
        """Won of won and lost in the period, as the funnel counts them."""
        self._sop_check_reader()
        start, end, companies = self._get_kpi_compute_parameters()
        values = {}
        for company in companies:
            summary = self.env["sop.pipeline.report"].get_summary([("company_id", "=", company.id)], start, end)
            values[company.id] = round(100 * summary["success_rate"], 1)
        for digest in self:
            digest.kpi_sop_success_rate_value = values.get((digest.company_id or self.env.company).id, 0)

    def _compute_kpi_sop_response_time_value(self):
        """Median hours from a lead's creation to the first call, of leads created in the period that were called."""
        self._sop_check_reader()
        start, end, companies = self._get_kpi_compute_parameters()
        report = self.env["sop.pipeline.report"]
        # the leads the reader may see
        leads = report._sop_leads([("create_date", ">=", start), ("create_date", "<", end), ("company_id", "in", companies.ids)])
        values = dict(
            self.env.execute_query(
                SQL(
                    """
            SELECT company_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch', first - create_date) / 3600)
              FROM (SELECT lead.company_id, lead.create_date, MIN(call.started_at) AS first
                      FROM crm_lead lead JOIN sop_call call ON call.lead_id = lead.id AND call.started_at >= lead.create_date
                     WHERE lead.id IN %s GROUP BY lead.id) answered
          GROUP BY company_id
            """,
                    leads,
                )
            )
        )
        for digest in self:
            digest.kpi_sop_response_time_value = round(values.get((digest.company_id or self.env.company).id) or 0, 1)

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("crm.crm_menu_root").id
        actions["kpi_sop_success_rate"] = f"sop_pipeline.sop_funnel_action?menu_id={menu}"
        actions["kpi_sop_response_time"] = f"sop_pipeline.sop_call_action?menu_id={menu}"
        return actions
