"""Hiding telephone numbers: hints, and texts in which buyers typed a number."""

from markupsafe import Markup

from odoo.addons.sop_pipeline.tools.known_phone import find_known_phone
from odoo.addons.sop_pipeline.tools.phone import find_phones
from odoo.addons.sop_pipeline.tools.spans import join_spans, replace_spans

HINT_DIGITS = 3
DOT = "•"


def phone_hint(e164):
    """Hint of a number: at most its last three digits, e.g. ``••• ••• •567``.

    :param e164: number or a false value
    :return: the hint, or '' without a number
    """
    if not e164:
        return ""
    tail = e164[-HINT_DIGITS:] if len(e164) > 2 * HINT_DIGITS else ""
    return f"{DOT * 3} {DOT * 3} {DOT}{tail}"


def mask_spans(text, spans):
    """*text* with each (start, end) span replaced by dots; spans may overlap, in any order.

    What a buyer types into the message would otherwise show the seller the number before they
    reveals it, outside log and budget.
    """
    return replace_spans(text, spans, DOT * 6)


def mask_numbers(text, numbers, others=True):
    """*text* with dots in place of telephone numbers.

    :param text: plain, or ``Markup``, which it stays; a false value is given back
    :param numbers: E.164; they are hidden however and wherever they are written
    :param others: hide all other phones as well, as far as they are sure to be phones
    """
    if not text:
        return text
    spans = [span for number in numbers for span in find_known_phone(text, number)]
    if others:
        spans += [(match.start, match.end) for match in find_phones(text)]
    masked = mask_spans(str(text), join_spans(spans))
    return Markup(masked) if isinstance(text, Markup) else masked
