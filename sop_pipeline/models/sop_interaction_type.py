from odoo import api, fields, models, tools
from odoo.exceptions import UserError

PHASES = [
    ("awareness", "Awareness"),
    ("consideration", "Consideration"),
    ("acquisition", "Acquisition"),
    ("experience", "Experience"),
    ("loyalty", "Loyalty"),
]


class SopInteractionType(models.Model):
    """A kind of touch between business and customer, in one of the five phases (rows G1-G5).

    Those with a code are recorded by facts or named by the source; people add their own freely. A type
    that is archived is neither offered nor recorded any more; what it recorded stays.
    """

    _name = "sop.interaction.type"
    _description = "Interaction Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(readonly=True, copy=False, index="btree_not_null", help="How facts and other apps name this type.")
    phase = fields.Selection(PHASES, required=True, default="awareness", index=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True)
    icon = fields.Char(default="fa-handshake-o", help="Name of a Font Awesome icon.")
    by_fact = fields.Boolean(
        "Records Itself", readonly=True, copy=False, help="Recorded by the system when it happens; not offered for recording by hand."
    )
    is_order = fields.Boolean("Is an Order", help="One of these makes a buyer (Experience), two make a loyal customer.")
    description = fields.Text(translate=True)

    _code_unique = models.UniqueIndex("(code) WHERE code IS NOT NULL", "Another type has this code.")

    @api.model_create_multi
    def create(self, vals_list):
        """Facts find a new type at once; see core for the contract."""
        types = super().create(vals_list)
        self.env.registry.clear_cache()
        return types

    def write(self, vals):
        """A type that counts differently brings interactions and customers in line; see core for the contract."""
        result = super().write(vals)
        if not {"code", "phase", "active", "is_order"}.isdisjoint(vals):
            self.env.registry.clear_cache()
        if not {"phase", "is_order"}.isdisjoint(vals):
            self._sop_phase_changed()
        return result

    def unlink(self):
        """See :meth:`create`."""
        self.env.registry.clear_cache()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_coded(self):
        """Facts look for their types by code: those are archived, not deleted."""
        if self.filtered("by_fact"):
            raise UserError(self.env._("This type is recorded by the system. Archive it instead: nothing more is recorded then."))

    def _sop_phase_changed(self):
        """Bring interactions and customers in line with a type that counts differently now."""
        self.flush_recordset()
        interactions = self.env["sop.interaction"]
        # sudo: the customers of all users, not only of the one who changes a type
        partners = (
            interactions.sudo()
            .with_context(active_test=False)
            ._read_group([("type_id", "in", self.ids), ("partner_id", "!=", False)], [], ["partner_id:recordset"])[0][0]
        )
        partners._sop_recompute_phase()

    @api.model
    @tools.ormcache()
    def _sop_by_code(self):
        """:return: dict code -> (id, phase, is an order, active) of all types with a code; cached"""
        # sudo: facts are recorded with any user's rights
        types = self.sudo().with_context(active_test=False).search([("code", "!=", False)])
        return {kind.code: (kind.id, kind.phase, kind.is_order, kind.active) for kind in types}
