"""The carriers' own lists of today's wards, for the double as a program: most as in the decree, some spelt otherwise, five closed.

The names are data of the package vietnamadminunits; what a carrier makes of them is this file's.
"""

import importlib.util
import sqlite3
from pathlib import Path

#: Where the accent stands: the decree writes one, many programs the other
OLD_STYLE = (("òa", "oà"), ("óa", "oá"), ("ọa", "oạ"), ("úy", "uý"), ("ùy", "uỳ"), ("ủy", "uỷ"), ("ụy", "uỵ"))
CLOSED = 5


def other_accent(name):
    """Return a name with the accent on the other letter."""
    for new, old in OLD_STYLE:
        name = name.replace(new, old)
    return name


def lists():
    """Return (GHN's list, Viettel Post's list, wards GHN does not go to); a list is province -> names of its wards.

    GHN leaves the province's kind out and puts accents in the old way; Viettel Post writes capitals. Without the package all are empty.
    """
    spec = importlib.util.find_spec("vietnamadminunits")
    if not spec:
        return {}, {}, set()
    base = sqlite3.connect(f"file:{Path(spec.origin).parent / 'data' / 'dataset.db'}?mode=ro", uri=True)
    rows = base.execute("SELECT province, ward FROM admin_units ORDER BY wardCode").fetchall()
    base.close()
    ghn, post = {}, {}
    for province, ward in rows:
        bare = province.removeprefix("Tỉnh ").removeprefix("Thành phố ")
        ghn.setdefault(bare, []).append(other_accent(ward))
        post.setdefault(bare.upper(), []).append(ward.upper())
    far = [ward for _province, ward in rows if ward.startswith("Đặc khu")]
    return ghn, post, set(far[:CLOSED])
