"""The country's wards, districts and provinces, old and new, by the letters of their names. No Odoo here.

They are data of the package ``vietnamadminunits`` (MIT). Only its data is read: none of its code runs here, its converter would ask a
geocoder on the network.
"""

import functools
import importlib.util
import json
import re
import sqlite3
import unicodedata
from collections import defaultdict
from pathlib import Path

_WORD = re.compile(r"[^\W_]+")
ABBREVIATED = {"bmt": "buonmathuot", "tdm": "thudaumot"}  # what towns are called for short -> key of the name
_KIND_GLUED = re.compile(r"(phuong|xa|thitran|quan|huyen|thixa|thanhpho|tx|tp|q|district)(.+)")
_KIND_OF = {"Phường": "P", "Xã": "X", "Thị trấn": "T", "Đặc khu": "K"}


def fold(text):
    """Return the text in small letters without accents, and for each of its letters the place it had."""
    letters, places = [], []
    for place, char in enumerate(text):
        for letter in plain(char):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


@functools.lru_cache(4096)
def plain(char):
    return "".join("d" if c == "đ" else c for c in unicodedata.normalize("NFKD", char.lower()) if not unicodedata.combining(c))


def name_key(words):
    """Return what spellings of a name have in common: no spaces, "Quy" as "Qui", "Mỹ" as "Mĩ", "Đắk" as "Đắc"."""
    return letters_of("".join(letters_of(word) for word in words))


@functools.lru_cache(50_000)
def letters_of(word):
    """``name_key`` of one word."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    word = re.sub(r"([bcdghklmnpqrstvx]|qu)y(?![aeiou])", r"\1i", word)
    return re.sub(r"k(?![haeiouy])", "c", word) if word != "kan" else "can"


@functools.lru_cache(20_000)
def _short_key(name):
    """Return the key of a unit's name, its kind left out."""
    plain_name = re.sub("[\u0300-\u036f']", "", unicodedata.normalize("NFD", name.partition(" (")[0].lower())).replace("đ", "d")
    words = _WORD.findall(plain_name)
    return name_key(words[1:] if len(words) == 2 and words[1].isdigit() else words)


class Units:
    """Wards of today, and every old name with the wards of today it can mean."""

    def __init__(self, folder):
        base = sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True)
        self.wards, self.provinces, code_of, own_names = {}, {}, {}, {}
        self.new = defaultdict(list)  # key of a name -> codes of wards
        self.old = defaultdict(list)  # key of a name -> old wards
        self.aliases = defaultdict(list)  # names given up before 2025
        self.districts, self.province_keys = defaultdict(set), defaultdict(set)
        self.dashed = {"bariavungtau", "phanrangthapcham"}  # names written with a dash
        self.within = defaultdict(set)  # district or province, old or new -> keys of the wards' names in it
        self.place_of, self.new_province = {}, {}  # district -> its provinces, old and new; old province -> today's
        self.targets = defaultdict(dict)  # district -> its wards of today, the most frequent first
        self.grounds = defaultdict(set)  # ward of today -> districts and provinces, old and new, it lies in
        for province, name, code, ward, short, kind, pkey, wkey in base.execute(
            "SELECT provinceCode, province, wardCode, ward, wardShort, wardType, provinceKey, wardKey FROM admin_units"
        ):
            # since 30 April 2026 Đồng Nai is a city: its name is right below, its wards are the same
            self.provinces[province] = "Thành phố Đồng Nai" if province == "75" else name
            self.wards[code] = (ward, province, _KIND_OF[kind])
            code_of[pkey, wkey] = code
            key = own_names[code] = _short_key(short)
            self.new[key].append(code)
            if "-" in short:
                self.dashed.add(key)
            self.grounds[code].add(province)
            self.within[province].add(key)
            self._name_province(name, province, province)
        self._read_old(base, _mapping(folder, code_of), own_names)
        base.close()
        for alias, key in {"hn": "hanoi", "hcm": "hochiminh", "hcmc": "hochiminh", "sg": "hochiminh", "saigon": "hochiminh",
                           "hochiminhcity": "hochiminh", "tthue": "hue", "thuathienhue": "hue", "brvt": "bariavungtau"}.items():  # fmt: skip
            self.province_keys[alias] |= self.province_keys[key]
        for alias, key in ABBREVIATED.items():
            self.districts[alias] |= self.districts[key]

    def is_ward(self, key):
        """Whether a ward has this name, or had it."""
        return key in self.new or key in self.old or key in self.aliases

    def knows(self, key):
        """Whether anything has this name."""
        return self.is_ward(key) or key in self.districts or key in self.province_keys

    def named(self, key, marks, wide):
        """Return the wards of today and the old ones of a name that lie in one of ``marks`` (none: anywhere)."""
        news = [code for code in self.new.get(key, ()) if not marks or self.grounds[code] & marks]
        return news, [old for old in self.old.get(key, ()) if not marks or marks & {old[1], old[2], old[3]}]

    def _name_province(self, name, *marks):
        self.province_keys[_short_key(re.sub(r"^(Tỉnh|Thành phố) ", "", name))].update(marks)

    def _read_old(self, base, mapping, own_names):
        rows = base.execute(
            "SELECT provinceKey, province, districtKey, districtShort, districtAlias, wardKey, wardShort, wardType, wardAlias FROM admin_units_legacy"
        )
        for pkey, province, dkey, district, daliases, wkey, short, kind, waliases in rows:
            codes = mapping[f"{pkey}_{dkey}_{wkey or ''}"]
            place = f"{pkey}_{dkey}"
            self._name_province(province, pkey)
            self.place_of[place] = pkey, self.wards[codes[0]][1]
            self.new_province[pkey] = self.wards[codes[0]][1]
            for name in (_short_key(district), *_bare_keys(daliases)):
                self.districts[name].add(place)
            old = (_KIND_OF.get(kind, ""), place, pkey, self.wards[codes[0]][1], codes)
            names = {_short_key(short)} if short else set()
            for name in names:
                self.old[name].append(old)
            aliases = _bare_keys(waliases) - names
            for name in aliases:
                self.aliases[name].append(old)
            for code in codes:
                self.grounds[code] |= {place, pkey}
                self.targets[place][code] = self.targets[place].get(code, 0) + 1
                own = own_names[code]
                for mark in (place, pkey):
                    self.within[mark] |= {own, *names, *aliases}
            self.within[self.wards[codes[0]][1]] |= names | aliases


def _bare_keys(aliases):
    """Return the keys of the package's other names of a unit, which stand there with their kind and mostly also without."""
    aliases = json.loads(aliases or "[]")
    bare = {match[2].lstrip("0") for alias in aliases if (match := _KIND_GLUED.fullmatch(alias))}
    return {name_key([alias]) for alias in aliases if alias in bare} or {name_key([name]) for name in bare if len(name) > 2 or name.isdigit()}


def _mapping(folder, code_of):
    """Return dict old ward's key -> codes of the wards of today it lies in, the largest part first."""
    data, found = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8")), {}
    for province, wards in data["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in wards.items():
            found.update(dict.fromkeys(olds, (code_of[province, ward],)))
    for province, olds in data["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in olds.items():
            parts = sorted(parts, key=lambda part: not part["isDefaultNewWard"])
            found[old] = tuple(dict.fromkeys(code_of[province, part["newWardKey"]] for part in parts))
    return found


@functools.cache
def units():
    """Return the country's units, read once; LookupError when the package with the data is not installed."""
    spec = importlib.util.find_spec("vietnamadminunits")
    if not spec:
        raise LookupError("The Python package vietnamadminunits is not installed.")
    return Units(Path(spec.origin).parent / "data")


def province_of(marks):
    """Return the code of today's province that provinces, old or new, lie in; None when there are several."""
    codes = {units().new_province.get(mark, mark) for mark in marks}
    return codes.pop() if len(codes) == 1 else None


# === SPELLING ===


@functools.lru_cache(50_000)
def _mask(key):
    mask = 0
    for char in key:
        mask |= 1 << (ord(char) & 31)
    return mask


def near(key, names):
    """Return the names at most two slips away, each with how many."""
    size, third, mask = len(key), max(1, len(key) // 3), _mask(key)
    pieces = key[:third], key[third : 2 * third], key[2 * third :]  # two slips leave one of three as it is
    found = {}
    for name in names:
        if (
            -3 < len(name) - size < 3
            and (pieces[0] in name or pieces[1] in name or pieces[2] in name)
            and (mask ^ _mask(name)).bit_count() < 5
            and (slips := _slips(key, name)) < 3
        ):
            found[name] = slips
    return found


def _slips(a, b):
    """Return how many letters were left out, added, changed or swapped; more than two are not counted out."""
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if not a or not b:
        return len(a) + len(b)
    before, row = None, list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, new[-1] + 1, row[j - 1] + (x != y))
            if before and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        if min(new) > 2:
            return 3
        before, row = row, new
    return row[-1]
