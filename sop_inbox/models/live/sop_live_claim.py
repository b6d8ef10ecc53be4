from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.arguments import record_id, takes


class SopLiveClaim(models.Model):
    """One customer's request for one code of a livestream, and the order it went into."""

    _name = "sop.live.claim"
    _description = "Live Order Request"
    _order = "at, comment_ref"
    _rec_name = "comment_ref"

    session_id = fields.Many2one("sop.live.session", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="session_id.company_id", store=True, index=True, precompute=True)
    item_id = fields.Many2one("sop.live.item", "Code", required=True, ondelete="cascade", index=True, readonly=True)
    conversation_id = fields.Many2one("sop.conversation", ondelete="cascade", index=True, readonly=True)
    identity_id = fields.Many2one("sop.identity", "Customer", required=True, ondelete="cascade", index=True, readonly=True)
    product_id = fields.Many2one("product.product", "Variant", ondelete="restrict", readonly=True)
    comment_ref = fields.Char(required=True, readonly=True)
    at = fields.Datetime("Commented", required=True, readonly=True)
    quantity = fields.Integer(required=True, readonly=True)
    words = fields.Char("Named", readonly=True)
    phone = fields.Char(readonly=True, groups="sop_inbox.sop_inbox_group_user")
    state = fields.Selection(
        [("asked", "Which one?"), ("waiting", "Waiting list"), ("won", "Sold"), ("dropped", "Dropped")], default="asked", required=True, readonly=True
    )
    dropped_at = fields.Datetime(readonly=True)
    order_id = fields.Many2one("sale.order", ondelete="set null", index="btree_not_null", readonly=True)
    order_line_id = fields.Many2one("sale.order.line", ondelete="set null", index="btree_not_null", readonly=True)
    ordered_quantity = fields.Integer(readonly=True)

    _once = models.UniqueIndex("(item_id, identity_id, COALESCE(product_id, 0))", "This request exists already.")

    def action_drop(self):
        """The customer does not want it any more: the next one waiting gets it. Idempotent, batch."""
        self.check_access("read")
        self.session_id.check_access("write")
        self.sudo().filtered(lambda claim: claim.order_id.state != "sale")._drop()  # sudo: columns kept by methods
        self.session_id._push_board()
        return True

    def _drop(self):
        """Cancel requests and give their quantity to those who wait. Batch."""
        self._give_up()
        for item, claims in self.grouped("item_id").items():
            for product in claims.product_id:
                item._give_out(product)

    def _give_up(self):
        """Cancel requests; their quantity is not given to others yet. An order that is no longer open keeps its line. Batch."""
        for claim in self.filtered(lambda claim: claim.state != "dropped").sorted(lambda claim: claim.item_id.id):
            claim.item_id._lock()
            claim.write({"state": "dropped", "dropped_at": fields.Datetime.now()})
            claim._sync_order()

    def _take_up(self):
        """Requests that were dropped with their order count again, from their own time: it was taken up. Batch."""
        for claim in self.filtered(lambda claim: claim.state == "dropped").sorted(lambda claim: claim.item_id.id):
            claim.item_id._lock()
            claim.write({"state": "waiting", "dropped_at": False})
            claim.item_id._give_out(claim.product_id)

    def _on_order_state(self):
        """Orders were confirmed, cancelled or taken up again.

        While the livestream runs, cancelled pieces go to who waits at once; afterwards a person gives them out
        (``sop.live.session.action_give_out``): stock and customers are not those of that evening any more.
        """
        gone = self.filtered(lambda claim: claim.order_id.state == "cancel")
        gone._withdraw()
        others = self - gone
        others.filtered(lambda claim: claim.order_id.state == "draft")._take_up()
        others.session_id._push_board()

    def _withdraw(self):
        """The order lines of these requests are gone: an order cancelled or deleted, a line taken out. Batch."""
        running = self.filtered(lambda claim: claim.session_id.state == "running")
        running._drop()
        (self - running)._give_up()
        self.session_id._push_board()

    @takes(product_id=record_id)
    def action_choose(self, product_id):
        """The customer has named a variant; the time of their comment counts. Idempotent.

        :param product_id: a variant of the code's product
        :raise UserError: another product's variant, or the request names another one already
        """
        self.ensure_one()
        self.check_access("read")
        self.session_id.check_access("write")
        claim = self.sudo()  # sudo: columns kept by methods
        item = claim.item_id
        product = item.product_tmpl_id.product_variant_ids.filtered(lambda variant: variant.id == product_id)
        if not product:
            raise UserError(self.env._("Choose a variant of %(product)s.", product=item.product_tmpl_id.name))
        item._lock()
        if claim.product_id == product:
            return True
        if claim.product_id:
            raise UserError(self.env._("The variant is known already: cancel this request, and ask the customer to name another one."))
        # they had cancelled this variant: they ask for it anew
        item.claim_ids.filtered(
            lambda other: other.identity_id == claim.identity_id and other.product_id == product and other.state == "dropped"
        ).unlink()
        claim.write({"product_id": product.id, "state": "waiting"})
        item._give_out(product)
        claim.session_id._push_board()
        return True

    def _board_values(self):
        """What the board shows of a request."""
        self.ensure_one()
        order = self.order_id
        return {
            "id": self.id,
            "at": str(self.at),
            "customer": self.identity_id.name,
            "conversation_id": self.conversation_id.id,
            "code": self.item_id.code,
            "item_id": self.item_id.id,
            "variant": self.product_id.product_template_attribute_value_ids._get_combination_name(),
            "words": self.words or "",
            "quantity": self.quantity,
            "phone": self.phone or "",
            "state": self.state,
            "order": {"id": order.id, "name": order.name, "state": order.state} if order else False,
        }

    def _sync_order(self):
        """Bring the customer's draft order in line: made, extended, or this request's line taken out. A confirmed one stays."""
        self.ensure_one()
        wanted = self.quantity if self.state == "won" else 0
        line = self.order_line_id
        if line and line.order_id.state not in ("draft", "sent"):
            return
        if not wanted:
            line.unlink()
            self.write({"order_id": False, "ordered_quantity": 0})
            return
        if line:
            line.product_uom_qty = wanted
        else:
            order = self._open_order()
            line = self.env["sale.order.line"].create({"order_id": order.id, **self.item_id._line_values(self, order)})
        self.write({"order_id": line.order_id.id, "order_line_id": line.id, "ordered_quantity": wanted})

    def _open_order(self):
        """Return the customer's draft order of this livestream, made when there is none."""
        mates = self.search([("session_id", "=", self.session_id.id), ("identity_id", "=", self.identity_id.id), ("order_id", "!=", False)])
        order = mates.order_id.filtered(lambda item: item.state in ("draft", "sent"))[:1]
        if order:
            return order
        conversation = self.conversation_id
        partner = conversation.action_create_partner({"phone": self.phone} if self.phone else None)
        return self.env["sale.order"].create(
            {
                "partner_id": partner,
                "company_id": self.company_id.id,
                "team_id": conversation.team_id.id,
                "user_id": conversation.user_id.id,
                "sop_conversation_id": conversation.id,
                "origin": self.session_id.post_id.title[:100],
            }
        )
