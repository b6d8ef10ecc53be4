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
    """Return whether one of ``words`` stands in ``text`` as whole words.

    A word written with accents must be met with them; one written without meets both ("gia" meets "giá").
    """
    return word_finder(text)(words)


def word_finder(text):
    """Return ``has_word`` for this text, for asking about many words."""
    plain, folded = text.lower(), fold(text)

    def has(words):
        return any(_stands(word.lower(), folded if fold(word) == word.lower() else plain) for word in words)

    return has


def _stands(word, text):
    """Return whether ``word`` stands in ``text`` with no letter or digit beside it."""
    place = text.find(word)
    while place >= 0:
        end = place + len(word)
        if not any(char.isalnum() or char == "_" for char in text[max(0, place - 1) : place] + text[end : end + 1]):
            return True
        place = text.find(word, place + 1)
    return False
