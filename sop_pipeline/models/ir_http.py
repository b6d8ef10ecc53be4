from odoo import api, models


class IrHttp(models.AbstractModel):
    """A salesperson's day begins on Today."""

    _inherit = "ir.http"

    @api.private  # the page itself calls it; no client does
    def session_info(self):
        """Open Today first for salespeople who chose no home action of their own; see core for the contract."""
        result = super().session_info()
        if not result.get("home_action_id") and self._sop_starts_with_today():
            result["home_action_id"] = self.env.ref("sop_pipeline.sop_today_action").id
        return result

    def _sop_starts_with_today(self):
        """Hook: whether the user works leads of the process: salespeople in a team that runs it; not their managers."""
        user = self.env.user
        if not user._is_internal() or not user.has_group("sales_team.group_sale_salesman") or user.has_group("sales_team.group_sale_manager"):
            return False
        return any(user.sudo().crm_team_ids.mapped("sop_process"))  # sudo: whether one's own teams run the process
