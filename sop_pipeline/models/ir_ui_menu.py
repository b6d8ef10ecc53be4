from odoo import api, models


class IrUiMenu(models.Model):
    """A salesperson's CRM opens on Today, whichever way they come to it."""

    _inherit = "ir.ui.menu"

    @api.private  # the web client's own controller calls it; no client does
    def load_web_menus(self, debug):
        """Today is the first menu of CRM, and what its icon opens, for whom the day begins with it; see core for the contract."""
        menus = super().load_web_menus(debug)
        crm, today = (self.env["ir.model.data"]._xmlid_to_res_id(name) for name in ("crm.crm_menu_root", "sop_pipeline.sop_today_menu"))
        if crm in menus and today in menus and self.env["ir.http"]._sop_starts_with_today():
            menus[crm].update({name: menus[today][name] for name in ("actionID", "actionModel", "actionPath")})
            menus[crm]["children"] = [today, *(child for child in menus[crm]["children"] if child != today)]
        return menus
