from odoo import api, fields, models

from ..tools.rendering import is_rendering

#: fields of these groups are shown by no template
HIDDEN_GROUPS = (fields.NO_ACCESS, "base.group_system")


class SopHiddenMixin(models.AbstractModel):
    """Fields that no user or the system administrator alone may read are read by no template, whatever rights it takes
    (``tools/rendering.py``): a person's number, a recording, what a platform sent, keys and tokens.

    Every model of the suite with such a field inherits from this; a test finds those that do not.
    """

    _name = "sop.hidden.mixin"
    _description = "Has Fields Hidden from Templates"

    #: names of more fields: those of models that the system administrator alone reads, and raw data from outside
    _sop_hidden = ()

    @api.model
    def _sop_is_hidden(self, field):
        """Return whether no template may read a field of this model."""
        return field.groups in HIDDEN_GROUPS or field.name in self._sop_hidden

    def _has_field_access(self, field, operation):
        """Whether a field may be used; see core for the contract. Core asks with all rights too, before it reads from the database."""
        if operation == "read" and is_rendering() and self._sop_is_hidden(field):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _sop_hide(self):
        """Forget the hidden values read until now; what waits for them is computed and stored before."""
        self.flush_model()
        self._invalidate_cache([name for name, field in self._fields.items() if self._sop_is_hidden(field)])
