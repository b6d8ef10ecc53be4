"""Orders out of a livestream's comments: "A1 xanh M x2 0901234567", in any order and case, with accents or none. No Odoo here."""

import re
from typing import NamedTuple

from odoo.addons.sop_pipeline.tools.phone import find_phones
from odoo.addons.sop_pipeline.tools.spans import replace_spans

from .words import fold

MOST = 99
_UNITS = "cai|chiec|bo|doi|c|sp|hop|goi|chai|kg"
_QUANTITY = re.compile(rf"(?<![a-z0-9])(?:x\s?(\d{{1,2}})|(\d{{1,2}})\s?(?:x|{_UNITS})|(?:sl|so luong|lay|mua|chot)\s?:?\s?(\d{{1,2}}))(?![a-z0-9])")
_AFTER_CODE = re.compile(r"(?![a-z0-9])|x\s?\d{1,2}(?![a-z0-9])")  # a number of pieces may stick to the code: "a1x2"
_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")  # what a code is made of
# what cannot be a code; "5 x 2" are two of code 5
_PIECES = re.compile(rf"(?<![a-z0-9])(?:x\s?\d{{1,2}}|\d{{1,2}}\s?(?:{_UNITS}|x(?!\s?\d)))(?![a-z0-9])")


class Wish(NamedTuple):
    """What one comment asks for.

    :ivar code: the code as the session writes it
    :ivar words: folded words beside the code (colour, size), in their order
    """

    code: str
    quantity: int
    words: tuple
    phone: str


class Claim(NamedTuple):
    """One customer's wish for one code: ``rank`` orders claims (time, then id), ``fixed`` ones keep their goods."""

    key: int
    rank: tuple
    quantity: int
    fixed: bool = False


def read_wishes(text, codes):
    """Return the wishes of a comment, one for each code in it; none when no code of the session is.

    :param codes: the session's codes; compared without accents, case, blanks and dashes
    """
    phones = find_phones(text)
    folded = fold(replace_spans(text, [(phone.start, phone.end) for phone in phones], " ; "))
    found = sorted(_find_codes(folded, codes), key=lambda item: item[0])
    phone = max(phones, key=lambda match: match.confidence).e164 if phones else ""
    wishes = []
    for index, (start, end, code) in enumerate(found):
        until = found[index + 1][0] if index + 1 < len(found) else len(folded)
        part = folded[end:until] if len(found) > 1 else f"{folded[:start]} ; {folded[end:]}"
        wishes.append(Wish(code, _quantity(part), _words(part), phone))
    return wishes


def _find_codes(folded, codes):
    """Return (start, end, code) of the codes in a folded text; the longest wins where two meet.

    A code of digits alone is no number of pieces ("lay 2 cai ma 5"), unless there is nothing else it could be.
    """
    hidden = _PIECES.sub(lambda match: " " * len(match[0]), folded)
    return _search_codes(folded, hidden, codes) or _search_codes(folded, folded, codes)


def _search_codes(folded, hidden, codes):
    found, texts = [], {True: (hidden, *_squeeze(hidden)), False: (folded, *_squeeze(folded))}
    for code in sorted(codes, key=lambda item: -len(item)):
        letters = "".join(sign for sign in fold(code) if sign in _SIGNS)
        for first, last in _spans(letters, *texts[letters.isdigit()]) if letters else ():
            if not any(first < end and start < last for start, end, _code in found):
                found.append((first, last, code))
                break
    return found


def _squeeze(folded):
    """Return the letters and digits of a text with their places; "." where more stands between two than may stand within a code."""
    signs, places = [], []
    for place, sign in enumerate(folded):
        if sign not in _SIGNS:
            continue
        if places and place - places[-1] > 1 and not (place - places[-1] == 2 and _may_part(folded[place - 1])):
            signs.append(".")
            places.append(place)
        signs.append(sign)
        places.append(place)
    return "".join(signs), places


def _may_part(sign):
    """Return whether ``sign`` may stand between two signs of a code."""
    return sign in "-_." or sign.isspace()


def _spans(letters, text, squeezed, places):
    """Yield where a code stands in a text as a word of its own, whatever parts its signs; ``squeezed``, ``places`` as ``_squeeze`` gives them."""
    at = squeezed.find(letters)
    while at >= 0:
        start, end = places[at], places[at + len(letters) - 1] + 1
        whole = text[max(0, start - 1) : start] not in _SIGNS and _AFTER_CODE.match(text, end)
        if whole:
            yield start, end
        at = squeezed.find(letters, at + (len(letters) if whole else 1))


def _quantity(part):
    match = _QUANTITY.search(part)
    number = int(next(filter(None, match.groups()), 1)) if match else 1
    return min(max(number, 1), MOST)


def _words(part):
    return tuple(re.findall(r"[a-z0-9]+", _QUANTITY.sub(" ", part)))


def choose_variant(words, variants):
    """Return the key of the variant whose values are all named, or None when none or several fit equally.

    :param words: folded words of the wish
    :param variants: dict key -> list of attribute values ("Xanh", "M")
    """
    scores = {}
    for key, values in variants.items():
        tokens = [set(re.findall(r"[a-z0-9]+", fold(value))) for value in values]
        scores[key] = sum(bool(token) and token <= set(words) for token in tokens), all(token <= set(words) for token in tokens)
    if len(variants) == 1:
        return next(iter(variants))
    whole = [key for key, (_score, complete) in scores.items() if complete and variants[key]]
    return whole[0] if len(whole) == 1 else None


def allocate(claims, stock):
    """Return the keys of claims that get their goods, first come first served; who does not fit waits.

    A claim that is fixed (its order is confirmed) keeps its goods whatever comes late. The answer depends
    on the claims alone, not on the order they were heard of.

    :param stock: pieces there are, None for no limit
    """
    if stock is None:
        return {claim.key for claim in claims}
    left = stock - sum(claim.quantity for claim in claims if claim.fixed)
    won = {claim.key for claim in claims if claim.fixed}
    for claim in sorted(claims, key=lambda item: item.rank):
        if not claim.fixed and claim.quantity <= left:
            left -= claim.quantity
            won.add(claim.key)
    return won
