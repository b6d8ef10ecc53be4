from odoo import models

from ..tools.person import Person


class PrivacyLookupWizard(models.TransientModel):
    """Odoo's privacy lookup, the administrator's list of records that name somebody, shows what the suite found of them too."""

    _inherit = "privacy.lookup.wizard"

    def action_lookup(self):
        """Add what the models of the suite declare of the person with this name and e-mail; see core for the contract."""
        result = super().action_lookup()
        person = Person(wide=True)
        person.learn(emails=[self.email.strip()], names=[self.name.strip()])
        privacy = self.env["sop.privacy"]
        known = {(line.res_model, line.res_id) for line in self.line_ids}
        self.line_ids = [
            (
                0,
                0,
                {
                    "res_model_id": self.env["ir.model"]._get(records._name).id,
                    "res_id": record.id,
                    "is_active": record.active if "active" in record._fields else True,
                },
            )
            for records in privacy._get_found(privacy._collect(person))
            for record in records
            if (record._name, record.id) not in known
        ]
        return result
