"""Writes orders into an .xlsx file; see ``sop_pipeline/tools/sheet.py``."""

from odoo.addons.sop_pipeline.tools.sheet import FORMATS, MAX_ROWS, Sheet, clean

__all__ = ["COLUMNS", "FORMATS", "MAX_ROWS", "OrderSheet", "clean"]

#: Column -> kind, in the file's order; other stock systems rely on it: add at the end only.
COLUMNS = (
    ("order", "text"),
    ("date", "datetime"),
    ("state", "text"),
    ("customer", "text"),
    ("phone", "text"),
    ("street", "text"),
    ("ward", "text"),
    ("province", "text"),
    ("product_code", "text"),
    ("product", "text"),
    ("quantity", "number"),
    ("unit", "text"),
    ("unit_price", "amount"),
    ("discount_percent", "number"),
    ("line_total", "amount"),
    ("line_kind", "text"),
    ("order_total", "amount"),
    ("cod", "amount"),
    ("currency", "text"),
    ("payment", "text"),
    ("paid", "text"),
    ("carrier", "text"),
    ("tracking", "text"),
    ("warehouse", "text"),
    ("channel", "text"),
    ("seller", "text"),
    ("note", "text"),
)


class OrderSheet(Sheet):
    """An open file of orders: ``append`` rows, then ``close``."""

    def __init__(self, path, headers, sheet_name="Orders", max_rows=MAX_ROWS, columns=COLUMNS):
        """
        :param path: where the file goes
        :param headers: dict column -> title
        :param columns: those of ``COLUMNS`` that are in the file, in its order
        """
        super().__init__(path, columns, headers, sheet_name, max_rows)
