"""Words looked for in what customers write, with or without Vietnamese accents. No Odoo here."""

import re
import unicodedata


def fold(text):
    """Return ``text`` in small letters without accents; đ becomes d."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d")


def _small(text):
    """Return ``text`` in small letters, composed: "á" is the same however it was typed."""
    return unicodedata.normalize("NFC", text.lower())


def national_digits(text):
    """Return a number's digits as it is dialled at home, whatever stands between them: "+84 901.234.567" is "0901234567"."""
    digits = "".join(char for char in text if char.isascii() and char.isdigit())
    return f"0{digits[2:]}" if digits.startswith("84") and len(digits) >= 11 else digits


def number_asked(text):
    """Return the digits looked for when ``text`` is (a part of) a number in any form, "" when it is none; what is dialled before it is left out."""
    if not _NUMBER.fullmatch(text.strip()):
        return ""
    digits = national_digits(text)
    digits = digits[2:] if text.strip().startswith("+84") and digits.startswith("84") else digits
    return digits if len(digits := digits.lstrip("0")) > 2 else ""


_NUMBER = re.compile(r"[+(]?[0-9][0-9\s.\-()]{2,30}")

#: Letters and what they fold to, for a database's ``translate``
LETTERS = "".join(char for code in range(0xC0, 0x1F00) if len(plain := fold(char := chr(code))) == 1 and plain.isascii())
PLAIN_LETTERS = "".join(map(fold, LETTERS))


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
    plain, folded = _small(text), fold(text)

    def has(words):
        return any(_stands(small, folded if fold(word) == small else plain) for word in words if (small := _small(word)))

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
