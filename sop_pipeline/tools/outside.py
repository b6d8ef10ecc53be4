"""JSON that comes from outside (a webhook, the answer of a service), so that whatever it holds can be kept. No Odoo here."""

import json
import math

DEEPEST = 100  # lists and objects in each other: no service needs more


def read_json(raw):
    """Return the JSON of ``raw`` (bytes or text) as the database can keep it; see :func:`storable`. A number that is not finite is none.

    :raise ValueError: it is none, or nothing that can be kept
    """
    try:
        return storable(json.loads(raw, parse_float=_finite, parse_constant=lambda _name: None))
    except RecursionError:
        raise ValueError("nested too deep") from None


def _finite(text):
    number = float(text)
    return number if math.isfinite(number) else None


def storable(value, deepest=DEEPEST):
    """Return a value of JSON without what the database refuses: zeros and halves of surrogate pairs in its texts and names.

    :raise ValueError: it is nested too deep, or a number is not finite
    """
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number that is not finite")
    if not isinstance(value, dict | list):
        return value
    if not deepest:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return [storable(part, deepest - 1) for part in value]
    return {storable_text(name): storable(part, deepest - 1) for name, part in value.items()}


def storable_text(text):
    """Return a text without zeros and halves of surrogate pairs, which cannot be typed."""
    return text.replace("\x00", "").encode(errors="ignore").decode()
