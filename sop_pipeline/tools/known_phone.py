"""Find a number one knows in a text, however it is written: to hide it.

Unlike ``find_phones``, which has to be sure that digits are a phone number, this knows which digits it looks
for: all nine in their order are that number, whatever stands around or between them. An account "stk
10987555222" or a hash tag "#0987555222" show it as well as a sentence does.
"""

import re

from .phone import _ALIKE, _DATA, _UNIT, _WORDS, _fold, _span, _value

_GAP = 10  # characters between two digits of one number
_LONGEST_WORD = max(map(len, _WORDS))
_INITIALS = {word[0] for word in (*_WORDS, "muoi")}
_TENS = re.compile(rf"(?:(?:{_UNIT})\s)?muoi(?:\s(?:{_UNIT}))?")
# What a number may begin with: hidden with it, so that nothing of it is left
_BEFORE = re.compile(r"(?:(?<![0-9])[+(]{0,2}\s?(?:00)?84[)\s.,_*/-]{0,3}(?:\(?0\)?)?|(?<![0-9])0|(?<![a-z0-9])[oq])[\s.,_*/-]{0,3}\(?\Z")
_LEAST = 7  # digits a number needs to be looked for


def find_known_phone(text, e164):
    """Return the (start, end) of each place in ``text`` where the number is written: digits of any script, letters that look
    like them, words; with anything but digits between, at most ten characters; with or without 0 or 84; also as it was before 2018.

    :param str text: any text, also HTML
    :param str e164: the number; of one abroad the last nine digits are looked for
    """
    forms = _forms(e164 or "")
    if not text or not forms:
        return []
    folded, places = _fold(text)
    readings = _readings(folded)
    found = sorted({span for digits in forms for span in _search(readings, digits)})
    return [_span(text, places, _begin(folded, start), end) for start, end in found]


def _forms(e164):
    """Return the digits that identify a number: nine of today, and the ten of before 2018."""
    digits = "".join(char for char in e164 if char.isdecimal())
    if not e164.startswith("+84"):
        return [digits[-9:]] if len(digits) >= _LEAST else []
    national = digits[2:]
    return [national, *(old + national[len(new) :] for old, new in _DATA["renumbered"].items() if national.startswith(new))]


def _readings(folded):
    """Return for each place ([(digits, end), ...] that it can be read as, whether it is a digit and nothing else)."""
    lower, alike = folded.lower(), folded.translate(_ALIKE)
    readings = []
    for place, digit in enumerate(alike):
        found = [(digit, place + 1)] if digit.isdecimal() else []
        if lower[place] in _INITIALS:
            found += _read_word(lower, place)
        readings.append((found, folded[place].isdecimal()))
    return readings


def _read_word(lower, place):
    ends = range(place + 2, min(place + _LONGEST_WORD, len(lower)) + 1)
    found = [(_WORDS[word], end) for end in ends if (word := lower[place:end]) in _WORDS]
    if tens := _TENS.match(lower, place):
        found.append((_value("tens", tens[0]), tens.end()))
    return found


def _search(readings, digits):
    """Return the (start, end) of all digits in their order. At most ``_GAP`` places are looked at for each digit: linear."""
    reached = [{} for _digit in range(len(digits) + 1)]  # digits read so far -> end of the last one -> start of the first
    for start, (found, _digit) in enumerate(readings):
        for value, end in found:
            if digits.startswith(value):
                reached[len(value)][end] = start
    for count in range(1, len(digits)):
        for last, start in reached[count].items():
            for place in range(last, min(last + _GAP + 1, len(readings))):
                found, digit = readings[place]
                for value, end in found:
                    if digits.startswith(value, count):
                        reached[count + len(value)][end] = max(start, reached[count + len(value)].get(end, 0))
                if digit:
                    break  # digits are never skipped
    return [(start, end) for end, start in reached[-1].items()]


def _begin(folded, start):
    """Return where a number begins that goes on with its nine digits at ``start``."""
    before = _BEFORE.search(folded[max(0, start - 16) : start].lower())
    return start - len(before[0]) if before else start
