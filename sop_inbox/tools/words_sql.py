"""Words without accents, for statements that fill or search many rows (``words.fold`` does it for one)."""

from odoo.tools import SQL

from .words import LETTERS, PLAIN_LETTERS


def folded_sql(expression):
    """Return ``expression`` as ``tools.words.fold`` gives it."""
    return SQL("translate(lower(normalize(%s, NFC)), %s, %s)", expression, LETTERS, PLAIN_LETTERS)


def like_words(text):
    """Return ``text`` for a pattern in which nothing of it is a sign of patterns."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
