from odoo import api, fields, models

from ..tools.rendering import is_rendering


class SopHiddenMixin(models.AbstractModel):
    """Fields with ``NO_ACCESS`` are read by no template, whatever rights it takes (``tools/rendering.py``)."""

    _name = "sop.hidden.mixin"
    _description = "Has Fields Hidden from Templates"

    def _has_field_access(self, field, operation):
        """Whether a field may be used; see core for the contract. Core asks with all rights too, before it reads from the database."""
        if operation == "read" and field.groups == fields.NO_ACCESS and is_rendering():
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _sop_hide(self):
        """Forget the hidden values read until now; what waits for them is computed and stored before."""
        self.flush_model()
        self._invalidate_cache([name for name, field in self._fields.items() if field.groups == fields.NO_ACCESS])
