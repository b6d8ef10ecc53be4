"""Addresses as hurried people type them, with the ward that is meant: a generator for the tests and the benchmark. No Odoo here.

It reads the package's data by itself, not through the reader it judges: what is meant is what the country's own list says.
"""

import importlib.util
import json
import random
import re
import sqlite3
import unicodedata
from collections import defaultdict
from functools import cache
from pathlib import Path

NEAR = {"a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "g": "fh", "h": "gj", "i": "uo", "k": "jl", "l": "k", "m": "n", "n": "mb"}
NEAR |= {"o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "x": "zc", "y": "tu"}
TELEX = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
HEARD = (("l", "n"), ("n", "l"), ("s", "x"), ("x", "s"), ("tr", "ch"), ("ch", "tr"), ("d", "gi"), ("gi", "d"), ("r", "d"), ("v", "d"), ("i", "y"))
HEARD += (("y", "i"), ("ng", "n"), ("nh", "n"), ("c", "t"), ("t", "c"), ("k", "c"), ("qu", "w"), ("ph", "f"), ("uo", "u"), ("ie", "i"))
STREETS = ("Lê Lợi", "Nguyễn Huệ", "Trần Hưng Đạo", "Phan Chu Trinh", "30 Tháng 4", "Hùng Vương", "Lý Thường Kiệt", "Nguyễn Thị Định", "Tỉnh lộ 8")
PLACES = ("{0} {1}", "số {0} đường {1}", "{0}/{2} {1}", "thôn {2}", "ấp {2}", "tổ {2} khu phố {0}", "xóm {2}", "hẻm {0} {1}", "ngõ {2} {1}", "")
SHORT = {"Phường": ("phường", "P.", "p", "P ", "F", "ph."), "Xã": ("xã", "x.", "X ", "xa"), "Thị trấn": ("thị trấn", "TT", "tt.", "thi tran")}
SHORT |= {"Quận": ("quận", "Q.", "q ", "Q"), "Huyện": ("huyện", "H.", "h ", "huyen"), "Thị xã": ("thị xã", "TX", "tx."), "Đặc khu": ("đặc khu",)}
SHORT |= {"Thành phố": ("thành phố", "TP", "tp.", "TP."), "Tỉnh": ("tỉnh", "T.", "", "")}
ALIASES = {"Thành phố Hồ Chí Minh": ("TPHCM", "TP.HCM", "HCM", "Sài Gòn", "sg"), "Thành phố Hà Nội": ("HN", "Ha Noi", "TP Hà Nội")}


def bare(text):
    """Return small letters without accents, no spaces, y as i: what two spellings share."""
    text = unicodedata.normalize("NFD", text.lower()).replace("đ", "d").replace("y", "i")
    return "".join(c for c in text if c.isalnum() and not unicodedata.combining(c))


@cache
def country():
    """Return (old units, new units), each (ward, district, province, tuple of the codes it is today)."""
    folder = Path(importlib.util.find_spec("vietnamadminunits").origin).parent / "data"
    base = sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True)
    now = base.execute("SELECT ward, province, wardCode, provinceKey, wardKey FROM admin_units").fetchall()
    was = base.execute("SELECT ward, district, province, provinceKey, districtKey, wardKey FROM admin_units_legacy WHERE ward IS NOT NULL").fetchall()
    base.close()
    codes, moved = {(pkey, wkey): code for _w, _p, code, pkey, wkey in now}, defaultdict(set)
    data = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    for province, targets in data["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in targets.items():
            for key in olds:
                moved[key].add(codes[province, ward])
    for province, olds in data["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, parts in olds.items():
            moved[key].update(codes[province, part["newWardKey"]] for part in parts)
    old = [(w, d, p, tuple(sorted(moved[f"{pk}_{dk}_{wk}"]))) for w, d, p, pk, dk, wk in was if moved.get(f"{pk}_{dk}_{wk}")]
    return old, [(w, "", p, (code,)) for w, p, code, _pk, _wk in now]


@cache
def names():
    """Return the bare names (without kind) of every unit there is or was: a slip that ends in one of these says something else."""
    kinds = re.compile("^(Phường|Xã|Thị trấn|Đặc khu|Quận|Huyện|Thị xã|Thành phố|Tỉnh) ")
    return {bare(kinds.sub("", name)) for unit in (*country()[0], *country()[1]) for name in unit[:3] if name}


def slip(name, rng):
    """Return a name with one typing error in it."""
    spots = [i for i, c in enumerate(name) if c.isalpha()] or [0]
    at, kind = rng.choice(spots), rng.randrange(9)
    letter = name[at]
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + letter + name[at:]
    if kind == 2 and at + 1 in spots:
        return name[:at] + name[at + 1] + letter + name[at + 2 :]
    if kind == 3 and bare(letter) in NEAR:
        return name[:at] + rng.choice(NEAR[bare(letter)]) + name[at + 1 :]
    if kind == 4:  # Telex left standing: "Thanhf"
        return " ".join(_telex(word) if rng.random() < 0.5 else word for word in name.split())
    if kind == 5 and " " in name:
        return name.replace(" ", "", 1)
    if kind == 6:  # one accent wrong or gone
        return name[:at] + unicodedata.normalize("NFD", letter)[0] + name[at + 1 :]
    if kind == 7:
        return name[:at] + letter + " " + name[at + 1 :]
    heard = [(a, b) for a, b in HEARD if a in name.lower()]
    if not heard:
        return name[:at] + name[at + 1 :]
    a, b = rng.choice(heard)
    return re.sub(a, b, name, count=1, flags=re.IGNORECASE)


def _telex(word):
    plain = unicodedata.normalize("NFD", word)
    return "".join(c for c in plain if c not in TELEX) + "".join(TELEX[c] for c in plain if c in TELEX)


def line(rng, slips=1):
    """Return (text, codes of today of the ward that is meant); a slip never ends in another unit's name."""
    old, new = country()
    unit = rng.choice(old if rng.random() < 0.6 else new)
    parts, ill = [], rng.choices(range(3), (6, 3, 1), k=slips)
    for place, name in enumerate(unit[:3]):
        kind = next((kind for kind in SHORT if name.startswith(kind + " ")), "")
        own = name[len(kind) :].strip()
        if not own or place == 2 and rng.random() < 0.12 or place == 1 and rng.random() < 0.1:
            continue
        if place == 2 and name in ALIASES and rng.random() < 0.5:
            parts.append(rng.choice(ALIASES[name]))
            continue
        wrong = own
        for _one in range(0 if own.isdigit() else ill.count(place)):
            for _try in range(20):
                tried = slip(wrong, rng)
                if bare(tried) and (bare(tried) == bare(own) or bare(tried) not in names()):
                    wrong = tried
                    break
        short = rng.choice(SHORT[kind]) if kind and rng.random() < 0.85 else ""
        glue = "" if short.endswith((".", " ")) and rng.random() < 0.5 or own.isdigit() and len(short) == 1 else " "
        parts.append((short + glue + wrong).strip())
    street = rng.choice(PLACES).format(rng.randrange(1, 300), rng.choice(STREETS), rng.randrange(1, 20))
    text = rng.choice((", ", " - ", " ", ",", ", ")).join([part for part in (street, *parts) if part])
    text = rng.choice((str, str, str, str.lower, _plain, str.upper))(text)
    return rng.choice(("{}", "{}", "đc: {}", "{} nha shop", "ship về {}", "{}\n0912345678")).format(text), unit[3]


def _plain(text):
    text = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(c for c in text if not unicodedata.combining(c))


def lines(count, seed, slips=1):
    """Return so many lines, the same for the same seed."""
    rng = random.Random(seed)
    return [line(rng, slips) for _one in range(count)]
