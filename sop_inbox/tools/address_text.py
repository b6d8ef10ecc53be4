"""The words of a text, and what stands before a ward: a street, or talk. No Odoo here (see address)."""

import json
import re
import sys
import unicodedata
from pathlib import Path

if not __package__:  # loaded by its path, without the addon
    sys.path.append(str(Path(__file__).parent))
    from address_units import fold, letters_of, units
else:
    from .address_units import fold, letters_of, units

_DATA = json.loads(Path(__file__).with_name("address_words.json").read_text(encoding="utf-8"))
KINDS = _DATA["kinds"]  # words -> kind: capital letters are wards (Phường, Xã, Thị trấn, đặc Khu), d a district, p a province
LETTERS = frozenset(word for word in KINDS if len(word) == 1)  # no name ends with one, none begins with one
_FILLERS, _ROADS, _HAMLETS, _HOUSES, _LANDMARKS, _GOODS, _COUNTED, _LABELS = (
    frozenset(_DATA[name]) for name in ("fillers", "roads", "hamlets", "houses", "landmarks", "goods", "counted", "labels")
)
_HOUSE_NUMBER = frozenset(("so", "nha", "sn", "o", "tai"))
_WORD = re.compile(r"[^\W_]+")
_GLUED = re.compile(r"(p|f|ph|phuong|fuong|q|quan)0?(\d{1,2})")
_DASH = re.compile(r"\s[-–]\s")
_BREAK = re.compile(r"[,;\n()/|:.]|\s[-–]\s")


class Text:
    """A text cut in words; kind and name written together ("p15", "tphcm") are two."""

    def __init__(self, text):
        folded, places = fold(text)
        self.text, self.words, self.starts, self.ends = text, [], [], []
        for match in _WORD.finditer(folded):
            cut = self._seam(match[0])
            for first, last in ((match.start(), match.start() + cut), (match.start() + cut, match.end())):
                if first < last:
                    self.words.append(folded[first:last])
                    self.starts.append(places[first])
                    self.ends.append(places[last - 1] + 1)
        self.gaps = [text[end:start] for end, start in zip(self.ends, [*self.starts[1:], len(text)], strict=False)]
        self.joins = [len(gap) < 4 and "\n" not in gap and not gap.strip(" .-–_'’\u00a0") for gap in self.gaps]
        self.breaks = [bool(_BREAK.search(gap)) for gap in self.gaps]

    def _seam(self, word):
        if match := _GLUED.fullmatch(word):
            return match.end(1)
        country = units()
        if len(word) > 4 and not country.knows(letters_of(word)):
            for kind in ("phuong", "fuong", "quan", "huyen", "thanhpho", "tinh", "tp", "tx", "tt", "xa", "p", "q", "f"):
                if word.startswith(kind) and len(word) > len(kind) + 2 and country.knows(letters_of(word[len(kind) :])):
                    return len(kind)
        return 0

    def leads(self, index):
        """Whether a kind that ends with a word is followed by its name: "xã Tân Phú", "Phường: 5", but not "Điền Xá - huyện"."""
        return self.gaps[index].strip() == ":" or self.joins[index] and not _DASH.search(self.gaps[index])

    def kind(self, index):
        """Return the kind that stands at a word, and how many words it takes; "" and 0 for none."""
        for size in (2, 1):
            kind = KINDS.get(" ".join(self.words[index : index + size]))
            if kind and (size == 1 or self.joins[index]) and not (size == 1 and self._is_name(index)):
                return kind, size
        return "", 0

    def written(self, index):
        """Return a word as it is written, with its accents, in small letters."""
        return unicodedata.normalize("NFC", self.text[self.starts[index] : self.ends[index]].lower())

    def counts(self, index):
        """Whether a number counts goods and is no house's: "3 thùng bia", "2 loc"; but "12 Lộc Ninh"."""
        if index + 1 >= len(self.words) or not self.words[index].isdigit() or self.gaps[index] != " ":
            return False
        return self.text[self.starts[index + 1]].islower() and (self.written(index + 1) in _COUNTED or self.words[index + 1] in _COUNTED)

    def _is_name(self, index):
        """Whether a word is only like a kind: "Phương", "Xá", or a letter that no full stop cuts."""
        word, written = self.words[index], self.written(index)
        return (
            word == "phuong" and written == "phương" or word == "xa" and written not in ("xa", "xã") or word == "ph" and "." not in self.gaps[index]
        )

    def after(self, index):
        """Return where a neighbour may begin: here, or behind words that say nothing and what stands in brackets."""
        places, size = {index}, len(self.words)
        while index < size and self.words[index] in _FILLERS:
            index += 1
            places.add(index)
        if 0 < index < size and "(" in self.gaps[index - 1]:
            closed = next((i + 1 for i in range(index, min(index + 8, size)) if ")" in self.gaps[i]), None)
            places |= {closed} if closed else set()
        return places


def own_part(words, hit):
    return hit.first == 0 or words.breaks[hit.first - 1] or ends_talk(words, hit.first - 1)


def behind_street(words, hit):
    """Whether a name is a part of its own, and the part before it has a number or a kind of road."""
    index = hit.first - 1
    if index < 0 or not words.breaks[index]:
        return False
    while index >= 0 and hit.first - index < 15:
        if any(char.isdigit() for char in words.words[index]) or words.words[index] in _ROADS:
            return True
        index -= 1
        if index >= 0 and words.breaks[index] and words.gaps[index].strip() not in ("/", "."):
            return False
    return False


def is_street(words, hit):
    """Whether the name of a district or province is a street's: a number stands right before it ("475 Điện Biên Phủ")."""
    return not hit.kind and hit.first > 0 and words.joins[hit.first - 1] and words.words[hit.first - 1][0].isdigit()


def standing_of(words, ward):
    """Whether a bare name can be a ward where it stands: "sure", "ask" or "" (it belongs to a street or a house)."""
    if own_part(words, ward):
        return street_before(words, ward.first, 0)[2] or "ask"
    behind = []
    for i in range(ward.first - 1, max(-1, ward.first - 15), -1):
        word = words.words[i]
        if word.isdigit() and not behind and i and words.words[i - 1] in _HAMLETS:
            return "ask"
        if any(char.isdigit() for char in word) or word in _ROADS and behind:
            return "sure" if len(behind) > 1 else ""
        if word in _ROADS or word in _LANDMARKS and not behind or words.breaks[i] and behind:
            return ""
        behind.append(word)
    return ""


def street_before(words, first, edge):
    """Return the street before a word: first word, text, and whether it names one ("sure"), may be one ("ask") or is none ("")."""
    begin, parts, last = first, [], first
    if first > edge and ends_talk(words, first - 1):
        return first, "", ""
    while last > edge and len(parts) < 5:
        start = last - 1
        while (
            start > edge
            and last - start < 20
            and not (words.breaks[start - 1] and words.gaps[start - 1].strip() not in ("/", ".") or ends_talk(words, start - 1))
        ):
            start -= 1
        part = words.words[start:last]
        skip = _talk(part)
        goods = bool(_GOODS & set(part[skip:])) or any(words.counts(index) for index in range(start, last))
        numbered = any(any(char.isdigit() for char in word) for word in part)
        road = any(word in _ROADS for word in part)
        if _has_phone(part) or parts and (not (numbered or road) or _GOODS & set(part)) or goods and not road:
            break
        parts.append((start + skip, part[skip:], numbered, road))
        begin, last = start + skip, start
        if skip or start and ends_talk(words, start - 1) or start and "\n" in words.gaps[start - 1] and (numbered or road):
            break
    while parts and not (parts[-1][2] or parts[-1][3]) and len(parts) > 1:
        parts.pop()
        begin = parts[-1][0]
    if not parts or not any(part[1] for part in parts):
        return first, "", ""
    text = words.text[words.starts[begin] : words.ends[first - 1]].strip(" ,;.-–:\n")
    named = any(
        (numbered or road) and sum(word.isalpha() and word not in _ROADS and len(word) > 1 for word in part) > 1 and not _HOUSES & set(part)
        for _s, part, numbered, road in parts
    )
    return begin, text, "sure" if named else "ask" if any(part[2] or part[3] for part in parts) else ""


def street_behind(words, last, edge):
    """Return the street behind an address that has none before it, and where it ends: "phường Hải Châu, Đà Nẵng; 24 Bạch Đằng".

    :param int last: the word behind the address
    :param int edge: where the next address begins
    """
    end = last
    while end < edge and (end == last or not words.breaks[end - 1] or words.gaps[end - 1].strip() in ("/", ".") and end - last < 3):
        end += 1
    part = words.words[last:end]
    begin = next((index for index, word in enumerate(part) if word not in _HOUSE_NUMBER), 0)
    house = begin < len(part) and (part[begin][0].isdigit() or part[begin] in _ROADS)
    named = sum(word.isalpha() and len(word) > 1 for word in part[begin:]) > 1
    if not last or not words.breaks[last - 1] or not house or not named or _has_phone(part) or _GOODS & set(part):
        return last, ""
    if any(words.counts(index) or ends_talk(words, index) for index in range(last, end)):
        return last, ""
    return end, words.text[words.starts[last] : words.ends[end - 1]]


def _has_phone(part):
    return sum(len(word) for word in part if word.isdigit()) > 7


def ends_talk(words, index):
    """Whether a label such as "địa chỉ" or "ship về", or a phone number, ends with a word."""
    two = " ".join(words.words[max(0, index - 1) : index + 1])
    three = " ".join(words.words[max(0, index - 2) : index + 1])
    word = words.words[index]
    if word in ("ve", "o"):
        return words.written(index) in ("về", "ở") or two in _LABELS  # "thị trấn Sông Vệ" is a name
    return word in _LABELS or two in _LABELS or three in _LABELS or word.isdigit() and len(word) > 7


def _talk(part):
    """Return how many words at the beginning of a street's part are talk: all before its number or its kind of road."""
    for index, word in enumerate(part):
        if any(char.isdigit() for char in word) or word in _ROADS or word in _HOUSES:
            return index - 1 if index and word.isdigit() and part[index - 1] in _HAMLETS else index
    return 0
