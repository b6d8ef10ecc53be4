import base64

from odoo import api, fields, models


class SopPrivacyWizard(models.TransientModel):
    """All that is kept about one contact's person: to read, to hand over, to erase. Sales managers only.

    The row holds the contact and nothing else; what is shown is collected anew each time.
    """

    _name = "sop.privacy.wizard"
    _description = "Personal Data of a Customer"
    _inherit = ["sop.guard.mixin"]

    partner_id = fields.Many2one("res.partner", "Contact", required=True, readonly=True, ondelete="cascade")
    report = fields.Html("What is kept", compute="_compute_report", sanitize=False)
    data_file = fields.Binary("File", compute="_compute_report")
    data_name = fields.Char(compute="_compute_report")

    @api.depends("partner_id")
    @api.depends_context("lang", "tz", "uid", "allowed_company_ids")
    def _compute_report(self):
        privacy = self.env["sop.privacy"]
        for wizard in self:
            privacy._check_manager(wizard.partner_id)
            data = privacy._export(wizard.partner_id._sop_person(), self.env.user.company_ids)
            wizard.report = self.env["ir.qweb"]._render("sop_pipeline.personal_data", {"data": data})
            wizard.data_file = base64.b64encode(privacy._export_json(data))
            wizard.data_name = f"personal-data-{wizard.partner_id.id}.json"

    @api.model
    def _sop_links(self):
        """Who may change the contact may have the person erased, within their companies."""
        return super()._sop_links() | {"partner_id": "write"}

    def action_erase(self):
        """Erase this person everywhere, but for what the law wants kept. Idempotent.

        :return: action that closes the dialog
        :raise AccessError: for others than sales managers, or with data in companies the user does not work in
        """
        self.ensure_one()
        self.check_access("write")
        privacy, partner = self.env["sop.privacy"], self.partner_id
        privacy._check_manager(partner)
        person = partner._sop_person()
        privacy._check_companies(person)
        privacy._erase(person)
        privacy._log(person)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
