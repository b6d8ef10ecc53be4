from odoo import api, models

from odoo.addons.sop_pipeline.tools.arguments import choice, takes

LATEST = 100  # wishes shown, the latest first


class SopLiveSession(models.Model):
    """The board of a livestream: what the host's helper looks at while comments come in."""

    _inherit = "sop.live.session"

    def action_open_board(self):
        """Open the board."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("sop_inbox.sop_live_board_action")
        return action | {"name": self.post_id.title, "context": {"active_id": self.id}}

    @api.readonly
    @takes(state=choice("asked", "waiting", "won", "dropped"))
    def get_board(self, state=False):
        """Everything the board shows, in a number of queries that grows neither with comments nor with codes.

        :param state: only wishes in this state (``won``, ``waiting``, ``asked``, ``dropped``); all when not given
        :return: dict ``title, state, counters, items`` and ``claims``, the latest first
        """
        self.ensure_one()
        self.check_access("read")
        session = self.sudo()  # sudo: names, orders and stock of what the company's staff may see; numbers and words only
        Claim = session.env["sop.live.claim"]
        mine = [("session_id", "=", session.id)]
        rows = Claim._read_group(mine, ["item_id", "product_id", "state"], ["quantity:sum", "__count"])
        latest = Claim.search(mine + ([("state", "=", state)] if state else []), order="at desc, comment_ref desc", limit=LATEST)
        return {
            "title": session.post_id.title,
            "state": session.state,
            "counters": session._board_counters(rows),
            "items": session._board_items(rows),
            "claims": [claim._board_values() for claim in latest],
        }

    def _board_counters(self, rows):
        """Numbers on top: ``rows`` are (code, variant, state, pieces, wishes)."""
        pieces, wishes = {}, {}
        for _item, _product, state, quantity, count in rows:
            pieces[state] = pieces.get(state, 0) + quantity
            wishes[state] = wishes.get(state, 0) + count
        mine = [("session_id", "=", self.id)]
        [(customers, orders)] = self.env["sop.live.claim"]._read_group(mine, [], ["identity_id:count_distinct", "order_id:recordset"])
        orders = orders.filtered(lambda order: order.state != "cancel")
        return {
            "customers": customers,
            "pieces": pieces,
            "wishes": wishes,
            "orders": len(orders),
            "confirmed": len(orders.filtered(lambda order: order.state == "sale")),
            "amount": orders._sop_sum(self.company_id.currency_id),
            "currency_id": self.company_id.currency_id.id,
        }

    def _board_items(self, rows):
        """The codes and their variants: sold, waited for, left (None: as many as wanted)."""
        pieces = {(item, product, state): quantity for item, product, state, quantity, _count in rows}
        confirmed, promised = self.item_ids._confirmed_pieces(), self.item_ids._promised_elsewhere()
        self.item_ids[:1]._of_company(self.item_ids.product_tmpl_id.product_variant_ids).mapped("free_qty")  # of all at once
        items, prices = [], self.item_ids._shown_prices()
        for item in self.item_ids:
            variants = []
            for product in item.product_tmpl_id.product_variant_ids:
                won = pieces.get((item, product, "won"), 0)
                stock = item._stock_of(product, confirmed.get((item, product), 0), promised.get((item, product), 0))
                variants.append(
                    {
                        "id": product.id,
                        "name": product.product_template_attribute_value_ids._get_combination_name(),
                        "won": won,
                        "waiting": pieces.get((item, product, "waiting"), 0),
                        "left": None if stock is None else max(0, stock - won),
                    }
                )
            items.append(
                {
                    "id": item.id,
                    "code": item.code,
                    "name": item.product_tmpl_id.name,
                    "price": prices[item],
                    "image": f"/web/image/product.template/{item.product_tmpl_id.id}/image_128",
                    "variants": variants,
                }
            )
        return items

    def _push_board(self):
        """Notify the open boards of the company that something changed: ids only, in the transaction that changed it."""
        for session in self.sudo():  # sudo: only an id leaves
            self.env["bus.bus"]._sendone((session.company_id, "sop_inbox"), "sop_inbox/live", {"id": session.id})

    @api.model
    def _load_demo(self):
        """A livestream that is running; see ``demo/live.py``."""
        from ...demo.live import load  # only demo databases need it

        load(self.env)
