from odoo import models
from odoo.tools import SQL

LOCK = """
    WITH shelf AS (
        SELECT l.id FROM stock_warehouse w
          JOIN stock_location v ON v.id = w.view_location_id
          JOIN stock_location l ON l.parent_path LIKE v.parent_path || '%%' AND l.usage = 'internal'
         WHERE w.id = %(warehouse)s),
    touched AS (
        UPDATE product_product SET write_date = write_date WHERE id IN
               (SELECT id FROM product_product WHERE id IN %(products)s ORDER BY id FOR NO KEY UPDATE)
        RETURNING id)
    SELECT t.id, (COALESCE(q.there, 0) - GREATEST(COALESCE(q.reserved, 0), COALESCE(m.promised, 0)))::float8
      FROM touched t
      LEFT JOIN (SELECT product_id, SUM(quantity) AS there, SUM(reserved_quantity) AS reserved
                   FROM stock_quant WHERE product_id IN %(products)s AND location_id IN (SELECT id FROM shelf)
                  GROUP BY product_id) q ON q.product_id = t.id
      LEFT JOIN (SELECT product_id, SUM(product_qty) AS promised
                   FROM stock_move WHERE product_id IN %(products)s AND location_id IN (SELECT id FROM shelf)
                    AND state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
                  GROUP BY product_id) m ON m.product_id = t.id
"""


class ProductProduct(models.Model):
    """What a seller in a chat asks of a product: is it there, and where."""

    _inherit = "product.product"

    def _sop_stock(self, warehouses):
        """Return what can be sold, per product and warehouse, in one pass per warehouse.

        :param warehouses: ``stock.warehouse``; goods in transit or with the customer count nowhere
        :return: dict product id -> list of dict ``id``, ``name`` (warehouse), ``free`` (on hand and
            not promised; never below zero), ``expected`` (on its way in), in the unit of the product
        """
        stock = {product.id: [] for product in self}
        for warehouse in warehouses:
            for product in self.with_context(warehouse_id=warehouse.id):
                row = {
                    "id": warehouse.id,
                    "name": warehouse.name,
                    "free": max(0, product._sop_free()) if product.is_storable else None,
                    "expected": product.incoming_qty if product.is_storable else None,
                }
                stock[product.id].append(row)
        return stock

    def _sop_free(self):
        """Quantity on hand that is not promised, in the warehouse of the context.

        Reserved goods are promised; so are goods of confirmed orders whose reservation is still
        to be made (warehouses that reserve by hand or shortly before the date).
        """
        self.ensure_one()
        return min(self.free_qty, self.qty_available - self.outgoing_qty)

    def _sop_needs_stock(self):
        """Goods that cannot be sold when they are not there."""
        return self.filtered(lambda product: product.is_storable and not product.sop_sell_without_stock)

    def _sop_lock_stock(self, warehouse):
        """Let one transaction at a time promise these products, and say what is certainly free in a warehouse.

        The rows are touched, not only locked: a transaction that waited is then refused by the
        database (its picture of the stock is old) and Odoo replays the whole request, which now
        sees what the other one took.

        :return: dict product id -> quantity that is free at least. One statement for lock and count, which
            takes every open move out of a shelf for a promise; who finds too little asks ``_sop_free``
        """
        if not self:
            return {}
        self.env.flush_all()
        return dict(self.env.execute_query(SQL(LOCK, products=tuple(self.ids), warehouse=warehouse.id)))
