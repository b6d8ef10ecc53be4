"""Writes orders into an .xlsx file in constant memory. Pure: rows come in, a file goes out.

Text is written as text whatever it begins with: a customer called ``=HYPERLINK(...)`` stays a name.
"""

import math
from datetime import date, datetime

from xlsxwriter import Workbook

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
MAX_ROWS = 1_048_575  # of a sheet, below its header; the rest goes on the next sheet
FORMATS = {
    "text": {"num_format": "@"},
    "number": {"num_format": "#,##0.###"},
    "amount": {"num_format": "#,##0.##"},
    "datetime": {"num_format": "dd/mm/yyyy hh:mm"},
}
_CONTROL = {code: None for code in range(32) if code not in (9, 10)} | dict.fromkeys(range(0xD800, 0xE000))


def clean(text):
    """Return what a cell can hold: no control characters, at most 32 767 of the rest."""
    return str(text).translate(_CONTROL)[:32_767]


class OrderSheet:
    """An open file: ``append`` rows, then ``close``. Rows already written leave the memory."""

    def __init__(self, path, headers, sheet_name="Orders", max_rows=MAX_ROWS):
        """
        :param path: where the file goes
        :param headers: dict column -> title
        """
        self.book = Workbook(
            path,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": True,
                "default_date_format": "dd/mm/yyyy hh:mm",
            },
        )
        self.formats = {kind: self.book.add_format(options) for kind, options in FORMATS.items()}
        self.bold = self.book.add_format({"bold": True})
        self.headers, self.sheet_name, self.max_rows = headers, sheet_name, max_rows
        self.sheets, self.total = 0, 0
        self._next_sheet()

    def _next_sheet(self):
        self.sheets += 1
        self.sheet = self.book.add_worksheet(self.sheet_name if self.sheets == 1 else f"{self.sheet_name} {self.sheets}")
        self.sheet.freeze_panes(1, 0)
        self.sheet.set_column(0, len(COLUMNS) - 1, 16)
        for column, (name, _kind) in enumerate(COLUMNS):
            self.sheet.write_string(0, column, clean(self.headers.get(name, name)), self.bold)
        self.row = 0

    def append(self, values):
        """Write one row.

        :param values: dict column -> str, number, datetime or None (an empty cell)
        """
        if self.row >= self.max_rows:
            self._next_sheet()
        self.row += 1
        self.total += 1
        for column, (name, kind) in enumerate(COLUMNS):
            value = values.get(name)
            if value is not None and value != "":
                self._write(column, value, kind)

    def _write(self, column, value, kind):
        if kind == "datetime" and isinstance(value, date | datetime):
            self.sheet.write_datetime(self.row, column, value, self.formats[kind])
        elif kind in ("number", "amount") and isinstance(value, int | float) and math.isfinite(value):
            self.sheet.write_number(self.row, column, value, self.formats[kind])
        else:
            self.sheet.write_string(self.row, column, clean(value), self.formats["text"])

    def close(self):
        """Finish the file."""
        self.book.close()
