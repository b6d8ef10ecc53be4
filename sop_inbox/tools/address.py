"""Read Vietnamese addresses out of free text: old or new, with or without accents. No Odoo here.

Since 1 July 2025 the country has 34 provinces with wards and no districts; people go on writing the old three levels.

1. Find names of wards, districts and provinces, with their kind before them ("P.", "xã") or bare.
2. Join neighbours to one address, and ask the country's data which wards of today it can mean.
3. One ward: sure. Several (the old ward was divided, a name stands for two): they are ``choices``, for a person to choose from.

A bare name may be a street's: it is a ward only where what stands around it says so. What is not sure is never guessed.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

if not __package__:  # loaded by its path, without the addon
    sys.path.append(str(Path(__file__).parent))
    from address_meaning import MAX_CHOICES, is_district, meaning, places_of, says_province
    from address_text import KINDS, LETTERS, Text, behind_street, ends_talk, is_street, own_part, standing_of, street_before, street_behind
    from address_units import ABBREVIATED, name_key, near, province_of, units
else:
    from .address_meaning import MAX_CHOICES, is_district, meaning, places_of, says_province
    from .address_text import KINDS, LETTERS, Text, behind_street, ends_talk, is_street, own_part, standing_of, street_before, street_behind
    from .address_units import ABBREVIATED, name_key, near, province_of, units

MAX_TEXT = 2_000  # characters; what is longer is no message with an address
MAX_NAME = 6  # words of the longest name


@dataclass(frozen=True)
class AddressMatch:
    """An address in a text.

    :ivar street: what stands before the ward, as written
    :ivar ward_code: official code of today's ward, None when it has to be asked or is not there
    :ivar ward: name of today's ward, or what was written for one
    :ivar choices: codes of the wards to ask, likeliest first; empty when sure
    :ivar reason: why it is not sure: "divided", "same_name", "spelling", "no_ward", "district" or "unknown"; "" when sure
    """

    street: str
    ward_code: str | None
    ward: str
    province_code: str | None
    province: str
    choices: tuple
    start: int
    end: int
    reason: str = ""


@dataclass
class _Hit:
    """A name found: its words from ``first`` (kind included) to before ``last``; ``level`` is W, D or P."""

    first: int
    last: int
    level: str
    kind: str
    key: str
    marks: frozenset = frozenset()
    slip: bool = False


@dataclass
class _Reading:
    """What neighbouring names can mean together."""

    first: int
    last: int
    hits: list
    codes: tuple
    reason: str
    province: str | None

    @property
    def ward(self):
        """The ward's name, None for an address without."""
        return next((hit for hit in self.hits if hit.level == "W"), None)

    @property
    def rank(self):
        """Whole and plainly named addresses come before parts of them."""
        plain = not any(hit.slip for hit in self.hits)
        return bool(self.codes), len(self.hits), bool(self.ward), plain, sum(bool(hit.kind) for hit in self.hits), self.last - self.first


def read_addresses(text):
    """Return the AddressMatch of every address in a text, in order.

    :raise LookupError: when the package with the country's units is not installed
    """
    if not isinstance(text, str) or not text.strip():
        return []
    words = Text(text[:MAX_TEXT])
    hits = _find(words)
    chosen, readings = [], sorted(_whole(_readings(words, hits)), key=lambda reading: reading.rank, reverse=True)
    for reading in readings:
        if all(reading.last <= other.first or reading.first >= other.last for other in chosen):
            chosen.append(reading)
    for reading in chosen:
        _doubt(reading, readings)
    chosen.sort(key=lambda reading: reading.first)
    for one, other in zip(chosen, chosen[1:], strict=False):
        between = words.words[one.last : other.first]
        if len(between) < 3 and not other.reason and one.ward and not any(word.isdigit() for word in between):
            other.reason = "same_name"  # two wards and no street between: one address, written in a way that was not foreseen
    chosen = [reading for one, reading in zip([None, *chosen], chosen, strict=False) if not one or not _is_street_of(words, one, reading)]
    edges = [0, *(reading.last for reading in chosen)]
    nexts = [*(reading.first for reading in chosen[1:]), len(words.words)]
    return [_match(words, reading, edge, following) for reading, edge, following in zip(chosen, edges, nexts, strict=False)]


def _is_street_of(words, one, other):
    """Whether a province alone is the name of the street of the address before it: "P. Bình Dương, TPHCM, 12 Đại lộ Bình Dương"."""
    if other.ward or len(other.hits) > 1 or other.hits[0].kind or not one.ward or other.first - one.last > 4:
        return False
    return not street_before(words, one.first, 0)[1] and bool(street_behind(words, one.last, len(words.words))[1])


def _doubt(reading, readings):
    """Ask where a district or province may be misspelt in two ways: "Đà Lạc" is Đà Lạt, or Đắk Lắk."""
    for other in readings:
        misspelt = any(hit.slip and hit.level != "W" for hit in reading.hits)
        same = reading.ward and other.ward and other.ward.first == reading.ward.first
        if not reading.reason and misspelt and same and len(other.hits) >= len(reading.hits) and set(other.codes) - set(reading.codes):
            reading.codes, reading.reason = tuple(dict.fromkeys(reading.codes + other.codes))[:MAX_CHOICES], "spelling"


def _whole(readings):
    """Return the readings without those of a ward's name that goes on: "xã Sơn Tây Hạ" is no xã Sơn Tây."""
    readings, longest = [reading for reading in readings if reading], {}
    for reading in readings:
        if reading.codes and reading.ward and not reading.ward.slip:
            longest[reading.ward.first] = max(longest.get(reading.ward.first, 0), reading.ward.last)
    return [reading for reading in readings if not reading.ward or reading.ward.last >= longest.get(reading.ward.first, 0)]


# === NAMES ===


def _find(words):
    """Return the hits of all names."""
    hits, size, ward_from = [], len(words.words), -1
    for i in range(size):
        two_before = i and words.joins[i - 1] and " ".join(words.words[i - 1 : i + 1]) in KINDS
        kind, length = ("", 0) if two_before else words.kind(i)
        if kind and i + length < size and words.leads(i + length - 1):
            named = list(_names(words, i, i + length, kind))
            hits += named
            if not kind.isupper() and (not named or words.joins[named[-1].last - 1]):
                hits += _misspelt(words, i, i + length, kind)
            if kind.isupper() and (len(words.words[i]) > 1 or named):
                ward_from = i
        if ward_from >= 0 and i and words.breaks[i - 1] and "." not in words.gaps[i - 1]:
            ward_from = -1 if ward_from != i else ward_from
        if not two_before and (not _behind_kind(words, i) or any(hit.last == i and hit.last - hit.first > 2 for hit in hits)):  # "xã Sập Xa"
            hits += [hit for hit in _names(words, i, i, "") if hit.level != "W" or not 0 <= ward_from < i]
    begins = {hit.first for hit in hits if hit.level != "W"}
    longest = {hit.first: hit for hit in sorted(hits, key=lambda hit: hit.last) if hit.level != "P" and hit.kind}
    for hit in longest.values():
        if not words.after(hit.last) & begins:
            hits += _tail(words, hit.last)
    return hits


def _behind_kind(words, i):
    """Whether the word before says what kind of place this one begins."""
    return i and words.joins[i - 1] and words.kind(i - 1)[0] and (len(words.words[i - 1]) > 1 or "." in words.gaps[i - 1])


def _names(words, first, begin, kind):
    """Yield the hits of names that begin at a word."""
    country, index, parts = units(), begin, []
    dashed = False
    while index < len(words.words) and index - begin < MAX_NAME:
        dashed = dashed or index > begin and words.breaks[index - 1]
        parts.append(words.words[index])
        index += 1
        key = name_key(parts)
        # "Hải An h Hải Hậu" is no Hải Anh, "P 2 5 HCM" no ward 25
        if dashed and key not in country.dashed or len(parts) > 1 and (parts[-1] in LETTERS or key.isdigit()):
            continue
        plain = len(key) > 3 and not key.isdigit()
        if (not kind or kind.isupper()) and country.is_ward(key) and (kind or plain and (len(parts) > 1 or len(key) > 5)):
            yield _Hit(first, index, "W", kind, key)
        if (kind in ("d", "dp") or not kind and (plain or key in ABBREVIATED)) and key in country.districts:
            yield _Hit(first, index, "D", kind, key, frozenset(country.districts[key]))
        if (kind in ("p", "dp") or not kind) and key in country.province_keys:
            yield _Hit(first, index, "P", kind, key, frozenset(country.province_keys[key]))
        if not words.joins[index - 1]:
            break


def _run(words, begin, limit=5):
    """Return where a name that begins at a word ends at the latest."""
    index = begin
    while index < len(words.words) and index - begin < limit:
        index += 1
        if not words.joins[index - 1]:
            break
    return index


def _misspelt(words, first, begin, kind):
    """Yield the districts or provinces a written one may be: those at most two slips away, one of them a single one."""
    country = units()
    for last in range(_run(words, begin, 4), begin, -1):
        key, found_any = name_key(words.words[begin:last]), False
        for level, names in (("P", country.province_keys), ("D", country.districts)):
            if level.lower() in kind and len(key) > 4 and (found := near(key, names)) and min(found.values()) < 2:
                yield _Hit(first, last, level, kind, key, frozenset().union(*(names[name] for name in found)), slip=True)
                found_any = True
        if found_any:
            return


def _tail(words, begin):
    """Yield what may be a misspelt district or province right behind a name, up to where the part ends."""
    if begin < len(words.words) and words.joins[begin - 1] | words.breaks[begin - 1] and not words.kind(begin)[0]:
        yield from _misspelt(words, begin, begin, "pd")


# === MEANING ===


def _readings(words, hits):
    """Yield what neighbouring hits can mean together."""
    near_by = _Neighbours(words, hits)
    wards = [hit for hit in hits if hit.level == "W"]
    wards += [hit for i in range(len(words.words)) for hit in _spelt(words, i, near_by.begins)]
    for ward in wards:
        for district, province in near_by.chains(ward):
            yield _ward_reading(words, wards, ward, district, province)
    for hit in hits:
        if hit.level == "D":
            for province in [*near_by.behind(hit, "P"), None]:
                yield _district_reading(words, hit, province)
        elif hit.level == "P" and not is_street(words, hit) and street_before(words, hit.first, 0)[2] == "sure":
            yield _Reading(hit.first, hit.last, [hit], (), "no_ward", province_of(hit.marks))


class _Neighbours:
    """Which districts and provinces stand beside a name."""

    def __init__(self, words, hits):
        self.words, self.begins, self.ends = words, {}, {}
        for hit in hits:
            if hit.level != "W":
                self.begins.setdefault((hit.level, hit.first), []).append(hit)
                self.ends.setdefault((hit.level, hit.last), []).append(hit)

    def behind(self, hit, level):
        """Those behind it."""
        return [other for place in self.words.after(hit.last) for other in self.begins.get((level, place), ())]

    def before(self, hit, level):
        """Those before it that are no street's name."""
        return [other for other in self.ends.get((level, hit.first), []) if other.kind or own_part(self.words, other)]

    def chains(self, ward):
        """Return the pairs of district and province (or None) a ward may lie in: those behind it, else those before one with its kind."""
        chains = [(d, p) for d in self.behind(ward, "D") for p in [*self.behind(d, "P"), None]]
        chains += [(None, p) for p in self.behind(ward, "P")] + [(d, p) for p in self.behind(ward, "P") for d in self.behind(p, "D")]
        if not chains and ward.kind:
            chains = [(d, p) for d in self.before(ward, "D") for p in [*self.before(d, "P"), None]] + [(None, p) for p in self.before(ward, "P")]
        return chains or [(None, None)]


def _spelt(words, i, begins):
    """Yield what stands behind a ward's kind, up to what comes next, as a name that may be misspelt."""
    kind, size = words.kind(i)
    begin = i + size
    if not kind.isupper() or begin >= len(words.words) or (len(words.words[i]) == 1 and "." not in words.gaps[i]):
        return
    if not words.leads(begin - 1) or words.words[begin] in LETTERS or (i and words.kind(i - 1)[1] == 2):
        return
    end = _run(words, begin)
    stops = {end} | {place for place in range(begin + 1, end) for level in "DP" if (level, place) in begins}
    for stop in stops:
        key = name_key(words.words[begin:stop])
        if len(key) > 3 and not key.isdigit():
            yield _Hit(i, stop, "W", kind, key, slip=True)


def _district_reading(words, district, province):
    """An address that names no ward: there must be a street, and the district's wards are asked."""
    places, street = places_of(district, province), street_before(words, district.first, 0)[2]
    enough = street == "sure" or street and province and own_part(words, district)
    if not places or not enough or is_street(words, district) or not province and not district.kind and says_province(district):
        return None
    country = units()
    hits = [hit for hit in (district, province) if hit]
    codes = []
    if not district.kind:  # "Thanh Xuân, Hà Nội": the ward of today, or the district of old
        codes += [code for code in country.new.get(district.key, ()) if country.grounds[code] & places]
    for place in sorted(places):
        codes += sorted(country.targets[place], key=country.targets[place].get, reverse=True)
    codes = tuple(dict.fromkeys(codes))
    first, last = min(hit.first for hit in hits), max(hit.last for hit in hits)
    return _Reading(first, last, hits, codes if len(places) == 1 else (), "no_ward", province_of({country.wards[code][1] for code in codes}))


def _ward_reading(words, named, ward, district, province):
    hits = [hit for hit in (ward, district, province) if hit]
    first, last = min(hit.first for hit in hits), max(hit.last for hit in hits)
    street = street_before(words, first, 0)[2] or first == 0 or "\n" in words.gaps[first - 1] or ends_talk(words, first - 1)
    bare = not ward.kind
    standing = standing_of(words, ward) if bare else "sure"
    if not standing or (len(hits) == 1 and (bare or not street)) or (bare and not street and len(hits) < 3):
        return None
    if bare and (ward.key in units().province_keys or is_district(ward, district, province)):
        return None
    codes, reason = meaning(ward, district, province)
    if district and not province and says_province(district):
        # "Lào Cai" is a city of old, and a province
        more, why = meaning(ward, None, _Hit(0, 0, "P", "", district.key, frozenset(units().province_keys[district.key])))
        if more and (more != codes or why):
            codes = tuple(dict.fromkeys(more + codes))
            reason = why or ("" if len(codes) == 1 else "same_name")
    if reason is None:
        return None
    if not (district or province):  # nothing says which of the country's
        if any(hit.first == ward.first and hit.last > ward.last for hit in named) or not codes:
            return None
        reason = reason or "same_name"
    reason = reason or _why_ask(words, hits, district, province)
    if not reason and (standing != "sure" or bare and (not district or says_province(district)) and not behind_street(words, ward)):
        reason = "same_name"
    where = province_of({units().wards[code][1] for code in codes}) or (province_of(province.marks) if province else None)
    if not where and district:
        where = province_of({units().place_of[mark][1] for mark in district.marks})
    return _Reading(first, last, hits, codes, reason, where)


def _why_ask(words, hits, district, province):
    """Return why a ward that seems sure is asked all the same; "" when nothing speaks against it."""
    if len(hits) == 2 and hits[1].slip and len(hits[1].key) < 7:  # "Vinhx" alone is too short to be sure of
        return "spelling"
    if district and not province and _goes_on(words, district):
        return "spelling"
    return "same_name" if _inside_a_ward(words, hits[0]) else ""


def _inside_a_ward(words, ward):
    """Whether another ward's kind stands before this one in the same part: "xã Lệ X TiênLữ" is Lệ Xá in Tiên Lữ, misspelt."""
    for i in range(ward.first - 1, max(-1, ward.first - 6), -1):
        if words.breaks[i] and "." not in words.gaps[i] or not words.joins[i]:
            return False
        if words.kind(i)[0].isupper():
            return True
    return False


def _goes_on(words, district):
    """Whether the word behind a district may belong to its name: "Vĩnh Lco" is Vĩnh Lộc, not Vinh."""
    if district.last >= len(words.words) or not words.joins[district.last - 1] or words.breaks[district.last - 1] or district.key.isdigit():
        return False
    key = district.key + name_key([words.words[district.last]])
    return any(name != district.key and not units().districts[name] <= district.marks for name in near(key, units().districts))


def _match(words, reading, edge, following):
    country = units()
    begin, street, _sure = street_before(words, reading.first, edge)
    last = reading.last
    if not street and reading.ward:
        last, street = street_behind(words, last, following)
    ward = reading.ward
    code = reading.codes[0] if not reading.reason else None
    written = words.text[words.starts[ward.first] : words.ends[ward.last - 1]] if ward else ""
    return AddressMatch(
        street=street,
        ward_code=code,
        ward=country.wards[code][0] if code else written,
        province_code=reading.province,
        province=country.provinces.get(reading.province, ""),
        choices=() if code else reading.codes,
        start=words.starts[begin],
        end=words.ends[last - 1],
        reason=reading.reason,
    )
