from odoo import api, models

TO_CALL = [("sop_call_first", "=", True), ("state", "in", ("draft", "sent", "sale"))]
DRAFTS = [("state", "in", ("draft", "sent")), ("partner_id.sop_is_unknown", "=", False)]


class SopInboxScreen(models.AbstractModel):
    """Chips of conversations by their orders: to call, to be paid by transfer, customers who come first, drafts, dropped ones."""

    _inherit = "sop.inbox.screen"

    @api.model
    def _chip_domains(self):
        return super()._chip_domains() | {
            "call": [("order_ids", "any", TO_CALL)],
            "transfer": [("awaits_transfer", "=", True)],
            "priority": [("priority", "!=", False)],
            "draft": [("order_ids", "any", DRAFTS)],
            "dropped": [("drop_due_at", "<", "now")],
        }
