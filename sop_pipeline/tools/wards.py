"""The country's wards as the package ``vietnamadminunits`` knows them, and how people look for one. No Odoo here.

Only the package's data is read; none of its code runs.
"""

import importlib.metadata
import importlib.util
import json
import re
import sqlite3
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

# What changed after the package's data (2025): counted up with every change, so that a database takes it over.
CORRECTIONS = "2026-04-30"  # Đồng Nai became a city; its wards stayed as they are
CITIES_SINCE = {"75": "Thành phố Đồng Nai"}

_NUMBERED = {"p": "phuong", "f": "phuong", "ph": "phuong", "phuong": "phuong", "q": "quan", "quan": "quan"}
_KINDS = {**dict.fromkeys(("x", "xa", "tt", "h", "huyen", "tx", "tp", "tinh"), ""), **_NUMBERED}
_TWO_WORDS = re.compile(r"\b(thi tran|dac khu|thi xa|thanh pho)\b")
_PROVINCES = re.compile(r"(^| )(tp hcm|tphcm|hcm|hcmc|sg|hn|viet nam|vn)$| (sai gon|ho chi minh|ha noi)$")  # "sài gòn" alone is a ward


class Ward(NamedTuple):
    """A ward of today. ``old``: names of the old wards it holds parts of, with their districts."""

    code: str
    name: str
    province_code: str
    province: str
    old: tuple


def version():
    """Return what the wards of a database were loaded from: another version is loaded anew."""
    return f"{importlib.metadata.version('vietnamadminunits')}/{CORRECTIONS}"


def fold(text):
    """Return a text in small letters without accents, its words with one space between."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c)).replace("đ", "d")
    return " ".join(re.findall(r"[^\W_]+", plain))


def wards():
    """Return every Ward of today."""
    folder = Path(importlib.util.find_spec("vietnamadminunits").origin).parent / "data"
    base = sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True)
    rows = base.execute("SELECT wardCode, ward, provinceCode, province, provinceKey, wardKey FROM admin_units").fetchall()
    names = {
        f"{province}_{district}_{ward or ''}": (name or "", of)
        for province, district, ward, name, of in base.execute("SELECT provinceKey, districtKey, wardKey, ward, district FROM admin_units_legacy")
    }
    base.close()
    data, old = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8")), defaultdict(list)
    for province, targets in data["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in targets.items():
            old[province, ward] += [names[key] for key in olds]
    for province, olds in data["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, parts in olds.items():
            for part in parts:
                old[province, part["newWardKey"]].append(names[key])
    return [Ward(code, name, province, CITIES_SINCE.get(province, whole), tuple(old[pkey, wkey])) for code, name, province, whole, pkey, wkey in rows]


def search_words(ward):
    """Return what a ward is found by: its name, then "|" and the old names, each with its district."""
    old = " | ".join(dict.fromkeys(fold(f"{name} {district}") for name, district in ward.old))
    return f" {fold(ward.name)} | {old} "


def search_phrases(text):
    """Return the phrases to look for in ``search_words``: kinds written out where a number follows, else left out.

    >>> search_phrases("P. Tân Bình, Q.1, TP.HCM")
    [' tan binh', ' quan 1 ']
    """
    plain = _TWO_WORDS.sub("x", _PROVINCES.sub("", fold(text)).strip())
    words = re.sub(r"\b(p|f|ph|phuong|q|quan)(\d{1,2})\b", r"\1 \2", plain).split()
    phrases, phrase = [], []
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word not in _KINDS:
            phrase.append(word.lstrip("0") or word)
            continue
        phrases.append(" ".join(phrase))
        phrase = [_KINDS[word]] if following.isdigit() and _KINDS[word] else []
    phrases.append(" ".join(phrase))
    return [f" {phrase} " if phrase[-1:].isdigit() else f" {phrase}" for phrase in phrases if phrase]
