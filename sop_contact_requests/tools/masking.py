"""Hiding telephone numbers: hints, and texts in which buyers typed a number."""
from odoo.addons.sop_pipeline.tools.spans import replace_spans

HINT_DIGITS = 3
DOT = '•'


def phone_hint(e164):
    """Hint of a number: at most its last three digits, e.g. ``••• ••• •567``.

    :param e164: number or a false value
    :return: the hint, or '' without a number
    """
    if not e164:
        return ''
    tail = e164[-HINT_DIGITS:] if len(e164) > 2 * HINT_DIGITS else ''
    return f"{DOT * 3} {DOT * 3} {DOT}{tail}"


def mask_spans(text, spans):
    """*text* with each (start, end) span replaced by dots; spans may overlap, in any order.

    What a buyer types into the message would otherwise show the seller the number before he
    reveals it, outside log and budget.
    """
    return replace_spans(text, spans, DOT * 6)
