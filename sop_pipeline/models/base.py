from odoo import models
from odoo.api import NewId
from odoo.exceptions import MissingError


class Base(models.AbstractModel):
    """Ids that are none: core hands on what a client sent as it came, and the database would stumble over it."""

    _inherit = "base"

    def _check_access(self, operation):
        """Records whose ids cannot be ids are not there, for whatever is to be done with them; see core for the contract."""
        if any((type(id_) is not int or id_ < 1) and not isinstance(id_, NewId) for id_ in self._ids):
            return self, lambda: MissingError(self.env._("This record does not exist."))
        return super()._check_access(operation)
