"""Words looked for in what customers write, with or without Vietnamese accents. No Odoo here."""

import re
import unicodedata


def fold(text):
    """Return ``text`` in small letters without accents; đ becomes d."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d")


def split_words(text):
    """Return the words or phrases of a comma or line separated list, without doubles, in order."""
    return list(dict.fromkeys(word for part in re.split(r"[,;\n]", text or "") if (word := " ".join(part.split()))))


def has_word(text, words):
    """Tell whether one of ``words`` stands in ``text`` as whole words.

    A word written with accents must be met with them; one written without meets both ("gia" meets "giá").
    """
    plain, folded = text.lower(), fold(text)
    return any(re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", folded if fold(word) == word.lower() else plain) for word in words)
