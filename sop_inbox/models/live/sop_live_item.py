from collections import Counter

from odoo import api, fields, models

from ...tools.livestream import Claim, allocate, choose_variant


class SopLiveItem(models.Model):
    """A code the host calls out: which product it is and how many there are."""

    _name = "sop.live.item"
    _description = "Code of a Livestream"
    _inherit = ["sop.guard.mixin"]
    _order = "sequence, id"
    _rec_name = "code"

    session_id = fields.Many2one("sop.live.session", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="session_id.company_id", store=True, index=True, precompute=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True)
    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, ondelete="restrict", index=True, domain="[('sale_ok', '=', True)]"
    )
    quantity = fields.Integer("Pieces per Variant", help="How many are for sale here, for each variant; 0: what is in stock.")
    total_quantity = fields.Integer("Pieces in All", compute="_compute_total_quantity", help="Of all variants together; 0: what is in stock.")
    price = fields.Float(digits="Product Price", help="Price in this livestream, taxes included; 0: the product's own.")
    claim_ids = fields.One2many("sop.live.claim", "item_id")
    won_count = fields.Integer("Sold", compute="_compute_counts")
    waiting_count = fields.Integer("Waiting", compute="_compute_counts")

    _code_unique = models.UniqueIndex("(session_id, lower(code))", "This code is called out already.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"session_id": "write", "product_tmpl_id": "read"}

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {"company_id"}

    @api.depends("claim_ids.state", "claim_ids.quantity")
    def _compute_counts(self):
        rows = self.env["sop.live.claim"]._read_group([("item_id", "in", self.ids)], ["item_id", "state"], ["quantity:sum"])
        pieces = {(item.id, state): total for item, state, total in rows}
        for item in self:
            item.won_count = pieces.get((item.id, "won"), 0)
            item.waiting_count = pieces.get((item.id, "waiting"), 0)

    @api.depends("quantity", "product_tmpl_id.product_variant_ids")
    def _compute_total_quantity(self):
        for item in self:
            item.total_quantity = item.quantity * len(item.product_tmpl_id.product_variant_ids)

    def write(self, vals):
        """More or fewer pieces while the livestream runs: given out anew at once."""
        result = super().write(vals)
        if "quantity" in vals:
            for item in self.sudo().filtered(lambda item: item.session_id.state == "running").sorted("id"):  # sudo: claims are kept by methods
                item._lock()
                for product in item.claim_ids.product_id:
                    item._give_out(product)
            self.session_id._push_board()
        return result

    def _take_wish(self, row, wish, product):
        """Add a request and give the goods out anew; one comment waits for the other.

        :param product: the variant it names, none when it names none
        """
        self.ensure_one()
        self._lock()
        identity = row.conversation_id.identity_id
        own = self.claim_ids.filtered(lambda claim: claim.identity_id == identity)
        known = own.filtered(lambda claim: claim.product_id == product)
        if not product and (own - known).filtered(lambda claim: claim.state != "dropped"):
            return  # they name the variant in another comment: no need to ask
        if product:
            own.filtered(lambda claim: not claim.product_id).unlink()
        if known:
            values = {"at": row.at, "comment_ref": row.external_ref, "quantity": wish.quantity}
            if known.state == "dropped" and row.at > (known.dropped_at or known.write_date):
                known.write({**values, "state": "waiting", "dropped_at": False, "order_id": False, "order_line_id": False, "ordered_quantity": 0})
            # repeated: the earliest comment counts, whichever arrives first
            # the same comment says another number now
            elif known.state != "dropped" and (row.at, row.external_ref) <= (known.at, known.comment_ref):
                known.write(values)
        else:
            self.env["sop.live.claim"].sudo().create(  # sudo: the worker is the system
                {
                    "item_id": self.id,
                    "session_id": self.session_id.id,
                    "conversation_id": row.conversation_id.id,
                    "identity_id": identity.id,
                    "product_id": product.id,
                    "comment_ref": row.external_ref,
                    "at": row.at,
                    "quantity": wish.quantity,
                    "phone": wish.phone or row.conversation_id.phone,
                    "words": " ".join(wish.words),
                }
            )
        self._give_out(product)

    def _lock(self):
        """Let one who gives out this code's goods, or the same stock under another code, wait for the other.

        The row is written, not only locked: who waited holds a snapshot from before, and is made to begin anew
        (``SerializationFailure``) instead of giving the same pieces out again.
        """
        self.env.cr.execute(
            """UPDATE sop_live_item SET write_date = clock_timestamp() at time zone 'UTC' WHERE id IN (
                   SELECT i.id FROM sop_live_item i JOIN sop_live_session s ON s.id = i.session_id
                    WHERE i.id = %s OR (i.product_tmpl_id = %s AND i.company_id = %s AND i.quantity = 0 AND s.state = 'running')
                 ORDER BY i.id FOR UPDATE OF i)""",
            [self.id, self.product_tmpl_id.id, self.company_id.id],
            log_exceptions=False,
        )

    def _product_of(self, wish):
        """Return the variant a comment names; none when it names none: staff asks."""
        variants = {variant.id: variant.product_template_attribute_value_ids.mapped("name") for variant in self.product_tmpl_id.product_variant_ids}
        return self.env["product.product"].browse(choose_variant(wish.words, variants) or [])

    def _confirmed_pieces(self):
        """Return the pieces in confirmed orders, which have left the free stock: {(code, variant): pieces}. Batch."""
        rows = self.env["sop.live.claim"]._read_group(
            [("item_id", "in", self.ids), ("state", "!=", "dropped"), ("order_id.state", "=", "sale")], ["item_id", "product_id"], ["quantity:sum"]
        )
        return {(item, product): quantity for item, product, quantity in rows}

    def _promised_elsewhere(self):
        """Return the pieces draft orders of other codes promise out of the same stock right now: {(code, variant): pieces}. Batch.

        The same goods may be called out under two codes, or below two pages at once.
        """
        items = self.filtered(lambda item: not item.quantity)
        variants = items.product_tmpl_id.product_variant_ids._sop_needs_stock()
        if not variants:
            return {}
        domain = [("state", "=", "won"), ("order_id.state", "in", ("draft", "sent")), ("product_id", "in", variants.ids)]
        running = [("item_id.quantity", "=", 0), ("session_id.state", "=", "running"), ("company_id", "in", items.company_id.ids)]
        rows = self.env["sop.live.claim"].sudo()._read_group(domain + running, ["item_id", "product_id"], ["quantity:sum"])  # sudo: numbers only
        own, everywhere = Counter(), Counter()
        for item, product, quantity in rows:
            own[item, product] += quantity
            everywhere[item.company_id, product] += quantity
        return {(i, p): everywhere[i.company_id, p] - own[i, p] for i in items for p in i.product_tmpl_id.product_variant_ids & variants}

    def _stock_of(self, product, confirmed, promised):
        """Return how many pieces of a variant are for sale here, None for no limit.

        :param confirmed: pieces of it in confirmed orders of this livestream
        :param promised: pieces of it other codes promise
        """
        if self.quantity:
            return self.quantity
        if not product._sop_needs_stock():
            return None
        return int(self._of_company(product)._sop_free()) + confirmed - promised

    def _of_company(self, products):
        """Return products whose stock is the livestream's company's alone, whatever companies the user has ticked."""
        return products.with_context(allowed_company_ids=self.company_id.ids)

    def _give_out(self, product):
        """First come first served by the comments' own time; orders follow."""
        claims = self.claim_ids.filtered(lambda claim: claim.product_id == product and claim.state != "dropped")
        if not product:
            claims.filtered(lambda claim: claim.state != "asked").state = "asked"
            return
        wanted = [Claim(c.id, (c.at, c.comment_ref), c.quantity, c.order_id.state == "sale") for c in claims]
        confirmed, promised = sum(claim.quantity for claim in wanted if claim.fixed), self._promised_elsewhere().get((self, product), 0)
        won = allocate(wanted, self._stock_of(product, confirmed, promised))
        for claim in claims.sorted(lambda c: (c.at, c.comment_ref)):
            state = "won" if claim.id in won else "waiting"
            if claim.state != state or claim.ordered_quantity != (claim.quantity if state == "won" else 0):
                claim.state = state
                claim._sync_order()

    def _line_values(self, claim, order):
        """Values of the order line of a claim: what the host called out is what the customer pays, taxes included."""
        values = {"product_id": claim.product_id.id, "product_uom_qty": claim.quantity}
        if not self.price:
            return values
        price = self.company_id.currency_id._convert(self.price, order.currency_id, self.company_id, order.date_order)
        return values | {"price_unit": order._sop_unit_price(claim.product_id, price)}

    def _shown_prices(self):
        """Return what a new customer pays for one of each code, taxes included: dict code -> amount of the company's money. Batch."""
        prices = {item: item.price for item in self}
        for company, items in self.filtered(lambda item: not item.price).grouped("company_id").items():
            first = {item: item.product_tmpl_id.product_variant_ids[:1] for item in items}
            variants = self.env["product.product"].union(*first.values())
            paid, currency = self.env["sop.conversation"].with_company(company)._customer_prices(variants)
            for item, variant in first.items():
                prices[item] = currency._convert(paid.get(variant.id, 0), company.currency_id, company)
        return prices
