"""Writes rows into an .xlsx file in constant memory. Pure: rows come in, a file goes out.

Text is written as text whatever it begins with: a customer called ``=HYPERLINK(...)`` stays a name.
"""

import math
from datetime import date, datetime

from xlsxwriter import Workbook

MAX_ROWS = 1_048_575  # of a sheet, below its header; the rest goes on the next sheet
FORMATS = {
    "text": {"num_format": "@"},
    "number": {"num_format": "#,##0.###"},
    "amount": {"num_format": "#,##0.##"},
    "datetime": {"num_format": "dd/mm/yyyy hh:mm"},
}
CELL = 32_767  # of UTF-16's units, as spreadsheets count: an emoji is two
_CONTROL = {code: None for code in range(32) if code not in (9, 10)} | dict.fromkeys(range(0xD800, 0xE000))


def clean(text):
    """Return what a cell can hold: no control characters, at most ``CELL`` units of the rest, no half of a character."""
    text = str(text).translate(_CONTROL)[:CELL]
    return text if text.isascii() else text.encode("utf-16-le")[: 2 * CELL].decode("utf-16-le", "ignore")


class Sheet:
    """An open file: ``append`` rows, then ``close``. Rows already written leave the memory."""

    def __init__(self, path, columns, headers, sheet_name, max_rows=MAX_ROWS):
        """
        :param path: where the file goes, or an open binary file
        :param columns: pairs of a column and its kind (text, number, amount, datetime), in the file's order
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
        self.columns, self.headers, self.sheet_name, self.max_rows = columns, headers, sheet_name, max_rows
        self.sheets, self.total = 0, 0
        self._next_sheet()

    def _next_sheet(self):
        self.sheets += 1
        self.sheet = self.book.add_worksheet(self.sheet_name if self.sheets == 1 else f"{self.sheet_name} {self.sheets}")
        self.sheet.freeze_panes(1, 0)
        self.sheet.set_column(0, len(self.columns) - 1, 16)
        for column, (name, _kind) in enumerate(self.columns):
            self.sheet.write_string(0, column, clean(self.headers.get(name, name)), self.bold)
        self.row = 0

    def append(self, values):
        """Write one row.

        :param values: dict column -> str, number, datetime; None, or the False of an empty field: an empty cell
        """
        if self.row >= self.max_rows:
            self._next_sheet()
        self.row += 1
        self.total += 1
        for column, (name, kind) in enumerate(self.columns):
            value = values.get(name)
            if value is not None and value is not False and value != "":
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
