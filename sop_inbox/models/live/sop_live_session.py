from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.livestream import read_wishes


class SopLiveSession(models.Model):
    """A livestream below a post: codes the host calls out, and who was first to ask for them."""

    _name = "sop.live.session"
    _description = "Livestream Sale"
    _inherit = ["sop.guard.mixin"]
    _order = "id desc"
    _rec_name = "post_id"

    post_id = fields.Many2one("sop.channel.post", required=True, ondelete="cascade", index=True)
    account_id = fields.Many2one(related="post_id.account_id", store=True, index=True)
    company_id = fields.Many2one(related="post_id.company_id", store=True, index=True, precompute=True)
    state = fields.Selection([("draft", "Prepared"), ("running", "Running"), ("closed", "Over")], default="draft", required=True, readonly=True)
    started_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    item_ids = fields.One2many("sop.live.item", "session_id", "Codes")
    claim_ids = fields.One2many("sop.live.claim", "session_id", "Requests")
    customer_count = fields.Integer("Customers", compute="_compute_board")
    won_count = fields.Integer("Quantity Sold", compute="_compute_board")
    waiting_count = fields.Integer("Waitlisted Quantity", compute="_compute_board")
    order_count = fields.Integer("Orders", compute="_compute_board")

    _one_running = models.UniqueIndex("(post_id) WHERE state = 'running'", "A livestream runs below this post already.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"post_id": "read"}

    @api.model
    def _sop_kept(self):
        """Whether it runs is said by its buttons; whose it is follows from its post."""
        return super()._sop_kept() | {"account_id", "company_id", "state", "started_at", "ended_at"}

    def _compute_board(self):
        """Counters of the board, one query whatever the number of claims."""
        rows = self.env["sop.live.claim"]._read_group([("session_id", "in", self.ids)], ["session_id", "state"], ["quantity:sum"])
        pieces = {(session.id, state): total for session, state, total in rows}
        people = dict(self.env["sop.live.claim"]._read_group([("session_id", "in", self.ids)], ["session_id"], ["identity_id:count_distinct"]))
        orders = dict(self.env["sop.live.claim"]._read_group([("session_id", "in", self.ids)], ["session_id"], ["order_id:count_distinct"]))
        for session in self:
            session.won_count = pieces.get((session.id, "won"), 0)
            session.waiting_count = pieces.get((session.id, "waiting"), 0)
            session.customer_count = people.get(session, 0)
            session.order_count = orders.get(session, 0)

    def action_start(self):
        """Read the comments below the post from now on. Idempotent."""
        self.check_access("write")
        for session in self.filtered(lambda s: s.state != "running"):
            if not session.item_ids:
                raise UserError(self.env._("Enter the codes you will call out first."))
            session._sop_keeping().write({"state": "running", "started_at": session.started_at or fields.Datetime.now(), "ended_at": False})
            session.post_id.sudo().is_live = True  # sudo: the post's own columns are kept by methods
        self._push_board()
        return True

    def action_close(self):
        """Read no later comments; orders stay as they are. Idempotent."""
        self.check_access("write")
        for session in self.filtered(lambda s: s.state == "running"):
            session._sop_keeping().write({"state": "closed", "ended_at": fields.Datetime.now()})
            session.post_id.sudo().is_live = False  # sudo: see action_start
        self._push_board()
        return True

    def action_give_out(self):
        """Give what is left to who waits, now that a cancellation after the livestream left something. Idempotent."""
        self.check_access("write")
        for item in self.item_ids.sudo().sorted("id"):  # sudo: claims are kept by methods
            item._lock()
            for product in item.claim_ids.filtered(lambda claim: claim.state == "waiting").product_id:
                item._give_out(product)
        self._push_board()
        return True

    def action_open_orders(self):
        """Open the orders this livestream made."""
        self.check_access("read")
        orders = self.claim_ids.order_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders"),
            "res_model": "sale.order",
            "view_mode": "list,form",
            "domain": [("id", "in", orders.ids)],
        }

    # === COMMENTS ===

    def _is_on_at(self, moment):
        """Whether a comment of that moment counts; one from shortly before the start does, for the host was faster than the button."""
        self.ensure_one()
        if self.state == "draft" or moment < fields.Datetime.subtract(self.started_at, minutes=5):
            return False
        return self.state == "running" or moment <= self.ended_at

    def _take_comment(self, row):
        """Read the requests of a comment; the same comment, or the same request again, counts once. What it no longer says is dropped.

        :param row: ``sop.channel.message`` of the comment, in the transaction that applies it
        """
        self.ensure_one()
        if not row.conversation_id:
            return
        items = {item.code: item for item in self.item_ids}
        wishes = read_wishes(row.text or "", list(items))
        said = {}
        for item, wish in sorted(((items[wish.code], wish) for wish in wishes), key=lambda pair: pair[0].id):  # locks in one order
            said[item] = item._product_of(wish)
            item._take_wish(row, wish, said[item])
        # sudo: the worker is the system
        own = self.env["sop.live.claim"].sudo().search([("session_id", "=", self.id), ("comment_ref", "=", row.external_ref)])
        unsaid = own.filtered(
            lambda claim: (
                claim.state != "dropped"
                and claim.order_id.state != "sale"
                and (claim.item_id not in said or (said[claim.item_id] and not claim.product_id <= said[claim.item_id]))
            )
        )
        unsaid._drop()
        if wishes or unsaid:
            self._push_board()
