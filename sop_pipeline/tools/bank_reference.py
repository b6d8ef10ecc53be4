"""The words of a transfer that say which order it pays: ``SOP``, six letters, a check letter. No Odoo here.

Banks shout them, tear them apart, glue them to their own words and cut what is too long. They are found all the
same; with one letter wrong they are refused, never taken for another order's.
"""

import re
import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32, without 0 O 1 I, which people mistake for each other
PREFIX, LETTERS = "SOP", 6
LENGTH = len(PREFIX) + LETTERS + 1
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_NOISE = re.compile(r"[^0-9A-Za-z]+")
_WHOLE = re.compile(f"(?={PREFIX}([{ALPHABET}]{{{LETTERS + 1}}}))")
_CUT = re.compile(f"{PREFIX}([{ALPHABET}]{{3,{LETTERS}}})$")


def check_letter(letters):
    """Return the letter that closes ``letters``.

    A sum over the field of 32 elements, each letter multiplied by another power: any one letter that is wrong, and any
    two that changed places, give another sum.
    """
    total = 0
    for letter in letters:
        total = (total ^ _VALUES[letter]) << 1
        if total & 32:
            total ^= 0b100101
    return ALPHABET[total]


def make_reference(number=None):
    """Return a reference: one by chance, or the one of a number below 32 ** 6."""
    number = secrets.randbelow(32**LETTERS) if number is None else number
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LETTERS)))
    return f"{PREFIX}{letters}{check_letter(letters)}"


def is_reference(text):
    """Whether ``text`` is a reference as we make them, and nothing else."""
    return find_references(text) == [text]


def find_references(text):
    """Return the references in the words of a transfer, in order, each once. Empty where one letter is wrong or missing."""
    letters = _NOISE.sub("", text or "").upper()
    found = [match[1] for match in _WHOLE.finditer(letters)]
    return list(dict.fromkeys(f"{PREFIX}{body}" for body in found if check_letter(body[:-1]) == body[-1]))


def find_cut(text):
    """Return the beginning of a reference that the end of a text cuts off, for a person to look at; else empty."""
    match = _CUT.search(_NOISE.sub("", text or "").upper())
    return match[0] if match else ""
