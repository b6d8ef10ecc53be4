from odoo import fields, models


class SopExchangeEvent(models.Model):
    """An event as the exchange sent it: kept so that nothing is lost that could not be understood.

    The same event sent again is the same row. Erased after a month: it names customers' numbers.
    """

    _name = "sop.exchange.event"
    _inherit = ["sop.hidden.mixin"]
    _description = "Event of a Telephone Exchange"
    _order = "id desc"
    _rec_name = "digest"
    _sop_hidden = ("payload", "error")

    exchange_id = fields.Many2one("sop.exchange", required=True, readonly=True, ondelete="cascade")
    digest = fields.Char(required=True, readonly=True)
    payload = fields.Text(readonly=True)
    call_id = fields.Many2one("sop.call", readonly=True, ondelete="set null", index="btree_not_null")
    error = fields.Char(readonly=True)

    _digest_unique = models.UniqueIndex("(exchange_id, digest)", "This event is stored already.")
    _error_idx = models.Index("(exchange_id) WHERE error IS NOT NULL")
    _gc_idx = models.Index("(create_date)")

    def action_replay(self):
        """Apply events again, after what stopped them was put right. Idempotent.

        :raise AccessError: for users who may not set up exchanges
        """
        self.check_access("write")
        for event in self:
            event.exchange_id._sop_apply(event)
        return True
