"""Variables of canned answers: ``{{ name }}``. No Odoo here."""

import re

_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")


class UnfilledError(ValueError):
    """A text has variables that cannot be filled; ``names`` says which, in the order met."""

    def __init__(self, names):
        super().__init__(", ".join(names))
        self.names = names


def names_in(text):
    """Return the variables of ``text`` without doubles, in the order met."""
    return list(dict.fromkeys(name.strip().lower() for name in _PLACEHOLDER.findall(text or "")))


def fill(text, values):
    """Return ``text`` with each variable replaced by its value; UnfilledError when one is unknown or empty.

    Values are put in as they are: text that looks like a variable inside a value is not filled again.
    """
    missing = [name for name in names_in(text) if not values.get(name)]
    if missing:
        raise UnfilledError(missing)
    return _PLACEHOLDER.sub(lambda match: values[match[1].strip().lower()], text or "")
