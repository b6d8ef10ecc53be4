from odoo import api, fields, models
from odoo.tools import SQL


class SopSellerMixin(models.AbstractModel):
    """What belongs to a seller, ``seller_id``: always a company, or a person without one.

    People join companies and leave them, and companies are merged: what belongs to a seller goes along
    (:meth:`_sop_follow_sellers`). ``holder_id`` remembers a seller who became part of another, so that
    what was theirs is theirs again when they leave.
    """

    _name = "sop.seller.mixin"
    _description = "Belongs to a Seller"

    holder_id = fields.Many2one(
        "res.partner", "First given to", readonly=True, copy=False, index="btree_not_null", ondelete="set null", help="Before they joined the seller."
    )

    def write(self, vals):
        """Given to another seller, it is theirs from the start; see core for the contract."""
        result = super().write(vals)
        if "seller_id" in vals and "holder_id" not in vals:
            self.sudo().filtered("holder_id").holder_id = False  # sudo: users cannot write it
        return result

    @api.model
    def _sop_follow_sellers(self, partners=None):
        """Bring what belongs to these partners (default: to anybody) in line with whose part they are now. Idempotent.

        :return: the records that moved, sudo
        """
        self.flush_model(["seller_id", "holder_id"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        limits = SQL("AND (r.seller_id IN %(ids)s OR r.holder_id IN %(ids)s)", ids=tuple(partners.ids)) if partners else SQL()
        rows = self.env.execute_query(
            SQL(
                """SELECT array_agg(r.id), p.id, p.commercial_partner_id FROM %s r
                     JOIN res_partner p ON p.id = COALESCE(r.holder_id, r.seller_id)
                    WHERE p.commercial_partner_id != r.seller_id %s GROUP BY p.id""",
                SQL.identifier(self._table),
                limits,
            )
        )
        moved = self.sudo().browse()  # sudo: the user who moves a contact need not know what belongs to it
        for ids, holder, seller in rows:
            records = moved.browse(ids)
            records.write({"seller_id": seller, "holder_id": holder if holder != seller else False})
            moved |= records
        return moved
