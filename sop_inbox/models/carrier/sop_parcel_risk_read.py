from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.vacuum import vacuum

KEEP_DAYS = 365


class SopParcelRiskRead(models.Model):
    """One row each time a person was shown what is known of a number: who asks about many numbers is seen. The number is not kept."""

    _name = "sop.parcel.risk.read"
    _description = "Facts of a Number Read"
    _order = "id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", "Read by", required=True, readonly=True, index=True, ondelete="cascade")
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    create_date = fields.Datetime("Read on", readonly=True, index=True)

    @api.model
    def _note(self, order):
        """Write down that the user was shown the facts of the number an order goes to. A row each: reads do not wait for each other."""
        self.sudo().create({"user_id": self.env.uid, "order_id": order.id, "company_id": order.company_id.id})  # sudo: users write no log

    @api.autovacuum
    def _gc_old(self):
        return vacuum(self, [("create_date", "<", f"-{KEEP_DAYS}d")])
