from odoo import fields, models

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"  # of a company and a user who never said where they are


class ResCompany(models.Model):
    _inherit = "res.company"

    sop_vip_orders = fields.Integer("VIP from Orders", default=3, help="A customer with as many confirmed orders is a VIP; 0: not by the number.")
    sop_vip_amount = fields.Float("VIP from Amount", help="A customer whose confirmed orders are worth as much is a VIP; 0: not by the amount.")

    def _sop_zone(self, user=None):
        """Return the name of the time zone of ``user``, else the company's, else Vietnam's.

        :param user: record with ``tz`` (user or partner), or none for what all colleagues see alike
        """
        self.ensure_one()
        # sudo: sellers of the portal may not read the company's address
        return (user and user.tz) or self.sudo().partner_id.tz or DEFAULT_ZONE
