from odoo import api, fields, models
from odoo.tools import SQL


class SopSellerNotice(models.Model):
    """Mails about the end of a seller's right that have gone out: each once."""

    _name = "sop.seller.notice"
    _description = "Notice of an ending entitlement"
    _order = "id desc"
    _rec_name = "seller_id"

    seller_id = fields.Many2one("res.partner", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    until = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection([("7", "7 days before"), ("1", "1 day before"), ("0", "Ended")], required=True, readonly=True)

    _once = models.UniqueIndex("(seller_id, company_id, until, kind)")

    @api.model
    def _claim(self, seller, company, until, kind):
        """Take the right to send this notice. :return: the notice, or nothing when it was sent already"""
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO sop_seller_notice (seller_id, company_id, until, kind, create_date, write_date, create_uid, write_uid)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id""",
                seller.id,
                company.id,
                until,
                kind,
                fields.Datetime.now(),
                fields.Datetime.now(),
                self.env.uid,
                self.env.uid,
            )
        )
        return self.browse(row[0] for row in rows)
