"""Find Vietnamese mobile numbers in free text, however they are written.

People write numbers as digits, as words ("không chín không một ..."), with letters that look
like digits ("o9o1..."), with emoji, and with anything in between, and they also write prices,
bank accounts, tax codes and order codes that look the same. The scanner works in four steps:

1. *Fold* the text to ASCII, a character at a time, keeping where each came from (`_fold`).
2. Cut it in *cells* (something that stands for digits) and join neighbours that only a short
   separator keeps apart to *runs* (`_runs`).
3. Look for consecutive cells which together are a number of the numbering plan (`_fit`) and
   whose shape is not a date's, a decimal's, a list's, a landline's or a longer code's.
4. Ask the words around for a veto, or for support (`_confidence`).

Every step looks at a bounded window around each position, and what repeats in the expressions is
bounded or one class of characters, so the time is linear. Pure Python, nothing of Odoo is imported.
"""

import collections
import functools
import json
import pathlib
import re
import unicodedata
from typing import NamedTuple

__all__ = ["PhoneMatch", "find_phones", "is_vietnamese_mobile", "normalize_phone", "read_cell", "spaced"]


class PhoneMatch(NamedTuple):
    """A mobile number found in a text.

    `text[start:end]` is the number as it was written. `confidence` lies between 0 and 1: from
    0.9 on, act on it without asking; below 0.7, show it to a person first.
    """

    e164: str
    start: int
    end: int
    confidence: float


# Tables: prefixes of the 11-digit numbers given up in 2018 and what each became ("renumbered"), letters and pictures
# which decompose to nothing useful, number words, and the words said beside numbers; all without accents.
_DATA = json.loads(pathlib.Path(__file__).with_name("phone_data.json").read_text(encoding="utf-8"))

_NEW = r"(?:3\d\d|5(?:1\d|2[238]|59|[689]\d)|7[06-9]\d|8(?:[1-8]\d|9[6-9])|9(?:[0-8]\d|9[013-9]))\d{6}"
_NUMBER = re.compile(rf"(?P<trunk>(?:00)?840?|0|)(?:(?P<new>{_NEW})|(?P<old>{'|'.join(_DATA['renumbered'])})(?P<rest>\d{{7}}))")
_LONGEST = 15  # digits of the longest form: 0084, a superfluous 0, ten digits of old
# What a string of digits stands for: E.164, what stood before the nine digits, whether it was renumbered since.
_Number = collections.namedtuple("_Number", "e164 trunk old")


def _parse(digits):
    """Return the mobile number that `digits` as a whole stand for, or None."""
    match = _NUMBER.fullmatch(digits)
    if not match or (match["old"] and not match["trunk"]):
        return None
    national = match["new"] or _DATA["renumbered"][match["old"]] + match["rest"]
    return _Number("+84" + national, match["trunk"], bool(match["old"]))


_PERCENT = re.compile(r"%2[0bB]")
_IRREGULAR = "\0"  # stands for a character which folds to none or to several
# Fillers of Hangul are letters that show nothing, and the empty Braille cell is a space.
_SPECIAL = {**_DATA["lookalikes"], **dict.fromkeys("\u115f\u1160", ""), "\u2800": " "}


@functools.lru_cache(maxsize=4096)
def _fold_char(char):
    """Return the ASCII text that reads like `char`: digits of any script, letters without accents, `*` for pictures."""
    number = unicodedata.numeric(char, None)
    if number is not None and unicodedata.category(char) in ("Nd", "No"):
        return str(int(number)) if number == int(number) and number < 100 else "*"
    return "".join(map(_ascii, unicodedata.normalize("NFKD", char)))


def _ascii(char):
    """Fold one character of a compatibility decomposition; marks, controls and zero-width characters to nothing."""
    category = unicodedata.category(char)
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isspace():
        return "\n" if char == "\n" else " "
    if category in ("Mn", "Me", "Mc", "Cf", "Cc"):
        return ""
    if char.isascii():
        return char
    return {"L": "x", "P": "-" if category == "Pd" else "*", "S": "$" if category == "Sc" else "*"}.get(category[0], "*")


class _FoldTable(dict):
    """Table of `str.translate`, one character to one, that learns the characters it meets (up to a bound)."""

    def __missing__(self, code):
        plain = _fold_char(chr(code))
        folded = plain if len(plain) == 1 else _IRREGULAR
        if len(self) < 4096:
            self[code] = folded
        return folded


_FOLD = _FoldTable()


def _fold(text):
    """Return `text` folded to ASCII, and the place in `text` of each folded character (None: the same place)."""
    folded = text.translate(_FOLD)
    if "%2" in folded:  # an address writes + as %2B and a blank as %20; as long, so that places stay
        folded = _PERCENT.sub(lambda match: " + " if match[0][2] in "bB" else "   ", folded)
    if _IRREGULAR not in folded:
        return folded, None
    chars, places = [], []
    for place, plain in enumerate(folded):
        if plain == _IRREGULAR:
            plain = _fold_char(text[place])
        chars.append(plain)
        places.extend([place] * len(plain))
    return "".join(chars), places


_WORDS = {**dict.fromkeys(_DATA["zero"], "0"), **_DATA["units"]}
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_UNIT = "|".join(sorted(_DATA["units"], key=len, reverse=True))
_CELL = (
    r"(?P<digits>[0-9]+)"
    rf"|(?<![a-z])(?:(?P<tens>(?:(?:{_UNIT})\s)?muoi(?:\s(?:{_UNIT})(?!\smuoi))?)|(?P<words>(?:{_WORD.pattern}){{1,16}}))(?![a-z])"
    r"|(?<![a-z])(?P<alike>[oqli]|[oqli]{2,3}(?=[0-9])|(?:(?<=[0-9])|(?<=[0-9][._-]))[oqli]{2,4})(?![a-z])"
)
_STRICT = re.compile(_CELL)
_LOOSE = re.compile(_CELL + r"|(?<=[0-9])(?P<weak>[sbzg|!])(?=[0-9])")
_LOOSE_HINT = re.compile(r"[0-9][sbzg|!][0-9]", re.IGNORECASE)
_ALIKE = str.maketrans("oOqQlLiI|!sSzZbBgG", "000011111155226896")
# What may stand between two cells of one number. Letters which are units (k, m, h, ...) may not.
_GAP = re.compile(
    r"\s{0,4}(?:[.,;:!?_*/\\~'\"()\[\]{}<>=#^&|+-]{0,3}|(?i:cham|gach|phay|cach|tram)(?i: ngang)?)\s{0,4}"
    r"|\s{0,4}[)\]}>]\s{1,4}[(\[{<]\s{0,4}|[abcefjnrsuvwxyz]{1,2}"
)
# Something that stands for one or more digits; `gap` separates it from the cell before in its run.
_Cell = collections.namedtuple("_Cell", "digits start end kind gap plus")


def _value(kind, token):
    """Return the digits a cell's text stands for."""
    if kind == "digits":
        return token
    if kind == "words":
        return "".join(_WORDS[word] for word in _WORD.findall(token.lower()))
    if kind == "tens":
        ten, _muoi, unit = token.lower().partition("muoi")
        return _DATA["units"].get(ten.strip(), "1") + _DATA["units"].get(unit.strip(), "0")
    return token.translate(_ALIKE)


def _runs(folded, pattern):
    """Yield the runs of cells (lists) in a folded text, left to right."""
    run, end = [], 0
    for match in pattern.finditer(folded.lower()):
        start, kind = match.start(), match.lastgroup
        gap, plus = folded[end:start], folded[max(0, start - 2) : start].rstrip()[-1:] == "+"
        token = match.group()
        if run and (not _GAP.fullmatch(gap) or (plus and token.startswith("84"))):
            yield run
            run = []
        end = match.end()
        run.append(_Cell(_value(kind, folded[start:end]), start, end, kind, gap if run else "", plus))
    if run:
        yield run


def _fit(run, first):
    """Return `(number, last)` for the number that starts at cell `first` and ends with cell `last`, or None.

    A number with its 0 or 84 is preferred to the nine bare digits it may begin with.
    """
    bare, digits = None, ""
    for last in range(first, min(first + _LONGEST, len(run))):
        digits += run[last].digits
        if len(digits) > _LONGEST:
            break
        number = _parse(digits) if len(digits) >= 9 else None
        if number and (number.trunk or not run[first].plus) and _is_whole(run, first, last, number):
            if number.trunk:
                return number, last
            bare = number, last
    return bare


def _is_whole(run, first, last, number):
    """Whether cells `first` to `last` are shaped like one number, and not like a part of something else."""
    cells = run[first : last + 1]
    certain = sum(len(cell.digits) for cell in cells if cell.kind not in ("alike", "weak"))
    abroad = first == 1 and run[0].plus and len(run[0].digits) < 4
    return not (
        certain < 6
        or abroad
        or _ends_by_chance(cells)
        or _is_date_or_list(cells)
        or _is_landline(cells, number)
        or _goes_on(run, first, last)
        or _is_in_a_row(run, first, last)
        or _is_fraction(run, first, last)
    )


def _ends_by_chance(cells):
    """A single letter that is a word of its own after a group of digits: "0901 234 56 o nha"."""
    return cells[-1].kind == "alike" and cells[-1].gap.isspace() and len(cells[-2].digits) > 1


def _is_date_or_list(cells):
    """ "09/12/2023 10:30", "09-12-23 10:30" and "09, 12, 34, 56, 78"."""
    marks = [cell.gap.strip() for cell in cells[1:]]
    if ":" in marks and len(set(marks)) > 1:
        return True
    if len(cells) == 5 and set(marks) in ({","}, {";"}) and {len(cell.digits) for cell in cells} == {2}:
        return True
    return (
        len(cells) > 3
        and marks[0] == marks[1] != marks[2]
        and marks[0] in ("/", "-", ".")
        and cells[2].digits[:2] in ("19", "20")
        and [len(cell.digits) for cell in cells[:3]] == [2, 2, 4]
    )


def _is_landline(cells, number):
    """Landlines of before 2017 whose area code is a mobile prefix today: "08 3822 1234", "(058) 3822 123"."""
    parts = [cell.digits for cell in cells]
    if number.trunk.endswith("84") and parts[0] == number.trunk:
        parts = ["0" + parts[1], *parts[2:]]
    if len(parts) < 2:
        return False
    bracketed = ")" in cells[1].gap and "+" not in cells[1].gap and "(" not in cells[1].gap
    if parts[0] == "08":
        return bracketed or (parts[1][0] == "3" and [len(part) for part in parts[1:]] in ([8], [4, 4]))
    return bracketed and len(parts[0]) == 3 and parts[0][1] in "357" and parts[1][0] == "3" and len(parts[1]) in (4, 7)


def _goes_on(run, first, last):
    """Whether the same way of writing goes on beyond the candidate, as in a bank account's "0901.234.567.890"."""
    cells, before, after = run[first : last + 1], run[max(0, first - 2) : first][::-1], run[last + 1 : last + 3]
    gaps, kinds, sizes = {cell.gap for cell in cells[1:]}, {cell.kind for cell in cells}, {len(cell.digits) for cell in cells}
    for beside, gap in ((before, cells[0].gap), (after, after[0].gap if after else "")):
        if not beside or gap not in gaps or beside[0].kind not in kinds - {"alike"}:
            continue
        if gap.strip() or (sizes == {1} == {len(beside[0].digits)} and beside[0].kind == "digits"):
            return True
        if kinds == {"words"} and len(beside) == 2 and beside[1].kind == "words":
            return True
        if beside is before and {len(cell.digits) for cell in (beside[0], *cells[:-1])} == {4}:
            return True
    return False


def _is_fraction(run, first, last):
    """The decimals of a coordinate or a rate: "10.0901234567". After a comma it is the next thing said: "5,0901234567"."""
    before = run[first - 1]
    if first == 0 or first != last or run[first].gap not in (".", ",") or before.kind != "digits":
        return False
    if run[first].gap == "," and run[first].digits[0] == "0":
        return before.digits == "0"
    return before.digits == "0" or 1 < len(before.digits) < 8


def _is_in_a_row(run, first, last):
    """Pairs of digits, more than five of digits in a row, as lottery and question numbers stand: "99 34 09 05 57 44 86"."""
    cells = run[first : last + 1]
    if len(cells) != 5 or {len(cell.digits) for cell in cells} != {2}:
        return False
    start, end, gap = first, last, run[last].gap
    while start > max(0, first - 2) and run[start].gap == gap and len(run[start - 1].digits) == 2:
        start -= 1
    while end < min(len(run), last + 3) - 1 and run[end + 1].gap == gap and len(run[end + 1].digits) == 2:
        end += 1
    return end - start > 5  # one more may be a size or a street's number


def _dead(run, first):
    """How many cells from `first` are a number of ten digits that cannot exist, written as one; 0 when they are none.

    It is skipped whole: its end and the beginning of the number behind it are no number.
    """
    digits = ""
    for last in range(first, min(first + 10, len(run))):
        digits += run[last].digits
        if len(digits) >= 10:
            break
    inside = {cell.gap for cell in run[first + 1 : last + 1]}
    if len(digits) != 10 or digits[0] != "0" or digits[1] == "0" or len(inside) > 1 or _parse(digits):
        return 0
    behind = run[last + 1] if last + 1 < len(run) else None
    ends = not behind or behind.gap not in inside or behind.digits.startswith(("0", "84")) or behind.plus
    return last + 1 - first if ends else 0


# The words before a number decide, nearest and longest first: "phone" for, "code" and "bank" against, "money"
# against what could be an amount; "link" looks further; any other word ends the search.
_CUE = {phrase: kind for kind in ("link", "money", "bank", "code", "phone") for phrase in _DATA[kind]}
_BESIDE = 64  # characters looked at on either side of a candidate
_CLAUSE = re.compile(r"[,;!?]|\.\s")
_LEFT_WORD = re.compile(r"[a-z0-9]+")
_CODE_LABEL = re.compile(r"\bma(?: [a-z]{1,12}){1,3} ?: ?\Z")  # "mã quà tặng: "
_GLUED_AFTER = re.compile(r"[A-Z]{1,24}(?![a-z])")
_GLUED_BEFORE = re.compile(r"(?:[A-Z]{1,24}|[A-Z][A-Z0-9]{0,12}\.[A-Z0-9]{1,12}\.)\Z")
_HASH_BEFORE = re.compile(r"[0-9][a-z]{1,2}\Z")
_BANK_AFTER = re.compile(rf"[\s(,:/-]{{0,4}}(?:(?:tai|o|cua)\s)?(?:nh\s)?(?:ngan hang|{'|'.join(_DATA['bank'])})\b")
_BRANCH_AFTER = re.compile(r"-0\d\d\b")  # a tax code's branch
_MONEY_AFTER = re.compile(r"(?:d|\s?vnd)(?![a-z])")
_AMOUNT_AFTER = re.compile(r"\s?(?:k|d|vnd|dong|tr|trieu|nghin|ngan|ty|usd|\$|%)(?![a-z])")
_FILE_AFTER = re.compile(  # the rest of a file's name, or of a mail address
    r"@[\w-]{1,40}\.|[\w()-]{0,40}\.(?:jpe?g|png|gif|webp|heic|bmp|svg|pdf|docx?|xlsx?|pptx?|csv|txt|zip|rar|7z|mp[34]|m4a|mov|avi|wav|apk)\b"
)
_LIST_BEFORE = re.compile(
    r"\b(?:(?:xo so|vietlott|mega|power|keno|loto|lo|dan de|so de|dap an|giai|kien thiet|xsmb|xsmn)\b[a-z0-9 ,:.-]{0,48}"
    r"|(?:cau(?: hoi| so)?|day so)[ :]{0,2}(?:[0-9]{1,2}[ ,-]{1,2}){0,16})\Z"
)
_ADDRESS = re.compile(r"://|www\.|[a-z0-9]\.[a-z]{2,4}/")
_PHONE_ADDRESS = re.compile(r"zalo\.me|wa\.me|whatsapp|viber|tel:|phone|sdt")


def _said_before(left):
    """Return the kind of the nearest telling cue at the end of `left` (folded, lower case), or None."""
    words = _LEFT_WORD.findall(_CLAUSE.split(left)[-1])
    for _step in range(6):
        for size in (3, 2, 1):
            kind = _CUE.get(" ".join(words[-size:])) if len(words) >= size else None
            if kind:
                break
        if kind != "link":
            return kind
        del words[-size:]
    return None


def _is_vetoed(left, right, said, cells, number):
    """Whether the text beside a candidate makes it something else. `said` is what `_said_before` returned."""
    after = right.lower()
    if _FILE_AFTER.match(after) or ({len(cell.digits) for cell in cells} <= {1, 2} and _LIST_BEFORE.search(left.lower())):
        return True
    if said in ("code", "bank") or left.endswith("#"):
        return True
    if _MONEY_AFTER.match(after) or (len(cells) == 1 and _BRANCH_AFTER.match(after)):
        return True
    if number.trunk != "0" and (said == "money" or _AMOUNT_AFTER.match(after)):
        return True
    address = re.split(r"\s", left)[-1].lower()
    if _ADDRESS.search(address) and not _PHONE_ADDRESS.search(address):
        return True
    glued = _GLUED_BEFORE.search(left) or _GLUED_AFTER.match(right) or (_HASH_BEFORE.search(left) and right[:1].isalpha())
    return said != "phone" and bool(glued or _BANK_AFTER.match(after) or _CODE_LABEL.search(left.lower()))


def _needs_support(left, right, cells, number):
    """Whether the digits alone could too well be something else: bare digits, or 84 before more than nine."""
    if cells[0].plus or number.trunk.startswith("0") or (number.trunk and len(cells) > 1):
        return False
    if number.trunk:
        return number.old or number.trunk == "840"
    alone = len(left) < _BESIDE and len(right) < _BESIDE and not (left + right).strip()
    return not (alone and len(cells) == 1 and number.e164[3] in "789")


def _confidence(folded, cells, number):
    """Return how sure it is that the candidate is a phone number, or 0 when its context says that it is none."""
    start, end = cells[0].start, cells[-1].end
    left, right = folded[max(0, start - _BESIDE) : start], folded[end : end + _BESIDE]
    said = _said_before(left.lower())
    if _is_vetoed(left, right, said, cells, number):
        return 0
    if said != "phone" and _needs_support(left, right, cells, number):
        return 0
    kinds = {cell.kind for cell in cells}
    signs = (
        (len(cells) > 1, 0.97),
        (kinds & {"words", "tens"}, 0.93),
        ("alike" in kinds, 0.9),
        (number.old, 0.9),
        (left[-1:].isalpha() or right[:1].isalpha(), 0.9),
        (number.trunk == "84" and not cells[0].plus, 0.9),
        (number.e164[3:5] in ("30", "31") and len(cells) == 1, 0.75),  # most tax codes begin like this
        ("weak" in kinds or any(cell.gap.isalpha() for cell in cells[1:]), 0.65),
        (not number.trunk, 0.6),
    )
    confidence = min([0.99, *(worth for sign, worth in signs if sign)])
    return round((1 + confidence) / 2 if said == "phone" else confidence, 3)


def _scan(folded, pattern):
    """Yield `(number, start, end, confidence)` of each number in the folded text, left to right, none overlapping."""
    for run in _runs(folded, pattern):
        first = 0
        while first < len(run):
            number, last = _fit(run, first) or (None, first)
            cells = run[first : last + 1]
            confidence = _confidence(folded, cells, number) if number else 0
            if confidence:
                start = cells[0].start - (cells[0].plus and folded[cells[0].start - 1] == "+")
                opened = folded[start - 1 : start] == "(" and ")" in folded[start : cells[-1].end]
                yield number, start - opened, cells[-1].end, confidence
            first = last + 1 if confidence else first + max(1, 0 if number else _dead(run, first))


def _as_text(value):
    """Return `value` if it is text, "" for None and False (an empty field); anything else is a TypeError."""
    if value is None or value is False:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"A text is expected, not {type(value).__name__}: decode or convert it first.")
    return value


def find_phones(text):
    """Return the Vietnamese mobile numbers in `text`, a list of `PhoneMatch` in the order of the text.

    None, False and "" give an empty list; anything else that is no string raises TypeError. Spans
    are offsets in `text` itself and never overlap; the same number may be found several times.
    Landlines, hotlines (1900, 1800), prices, accounts, identity, tax and order codes are not returned.
    """
    text = _as_text(text)
    folded, places = _fold(text)
    found = list(_scan(folded, _STRICT))
    if _LOOSE_HINT.search(folded):
        taken = bytearray(len(folded))
        for _number, start, end, _sure in found:
            taken[start:end] = b"1" * (end - start)
        found += [match for match in _scan(folded, _LOOSE) if not any(taken[match[1] : match[2]])]
        found.sort(key=lambda match: match[1])
    return [PhoneMatch(number.e164, *_span(text, places, start, end), sure) for number, start, end, sure in found]


def _span(text, places, start, end):
    """Translate a span of the folded text to one of `text`, with the marks that belong to its last character (keycaps)."""
    if places is None:
        return start, end
    start, end = places[start], places[end - 1] + 1
    while unicodedata.category(text[end : end + 1] or " ") in ("Mn", "Me"):
        end += 1
    return start, end


def normalize_phone(number):
    """Return the E.164 form of a Vietnamese mobile number typed in a phone field, or None when it is not one.

    Takes +84, 84, 0084, 0 or nothing before the nine digits, numbers of 11 digits from before
    2018, separators, look-alikes and digits of any script. None and False give None; anything
    else that is no string raises TypeError.
    """
    text = _as_text(number).strip()
    folded = _fold(text)[0].strip() if len(text) <= 100 else ""
    digits = re.sub(r"[\s.,_*/\\~()\[\]-]|^tel:", "", folded.lower())
    international = digits.startswith("+")
    digits = digits[international:]
    if sum(map(str.isdigit, digits)) >= 6:
        digits = digits.translate(_ALIKE) if re.fullmatch(r"[0-9oqli|]+", digits) else ""
    parsed = _parse(digits)
    return parsed.e164 if parsed and (parsed.trunk.startswith("84") or not international) else None


_CELL_PARTS = re.compile(r"[/,;|&\n]|\s-\s")


def read_cell(text):
    """The mobile numbers in a cell of a spreadsheet or a phone field, E.164, each once, in order; a list, maybe empty.

    People put several numbers and names in one cell, and spreadsheets drop the zero in front and add ".0". A cell said
    to hold a number is read more freely than a text: ten digits of before 2018 need no zero.
    """
    text = _as_text(text)[:1000]
    found = [match.e164 for match in find_phones(f"sdt: {text}")]
    parts = [_read_part(part) for part in _CELL_PARTS.split(text)]
    return list(dict.fromkeys(max(found, [number for number in parts if number], key=len)))


def _read_part(part):
    """The number that a part of a cell is as a whole, or None."""
    part = re.sub(r"\.0{1,2}\Z", "", part.strip())
    return normalize_phone(part) or (normalize_phone(f"0{part}") if part[:1] == "1" else None)


def is_vietnamese_mobile(number):
    """Whether `number` is one Vietnamese mobile number (see `normalize_phone`)."""
    return normalize_phone(number) is not None


def spaced(e164):
    """Return a number of E.164, with blanks or without, as people write it, "0901 234 567"; one from abroad, or nothing, as it is."""
    match = re.fullmatch(r"\+84(\d{3})(\d{3})(\d{3})", (e164 or "").replace(" ", ""))
    return "0{} {} {}".format(*match.groups()) if match else e164


def old_numbers(e164):
    """Return the national numbers, without zero, by which a number of E.164 was known before 2018; a list of at most one."""
    national = e164.removeprefix("+84")
    return [old + national[2:] for old, new in _DATA["renumbered"].items() if e164.startswith("+84") and national.startswith(new)]
