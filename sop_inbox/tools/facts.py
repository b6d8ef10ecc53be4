"""What a platform reports, in our own form. No Odoo here.

A platform's body is first *split* into items (one row of ``sop.channel.event`` each), later each
item is *read* into a fact, which a worker applies. Both steps take any JSON and never raise.
"""

import hashlib
import json
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from .outside import read_json

TEXT_LIMIT = 60_000
REF_LIMIT = 250


class Item(NamedTuple):
    """One happening out of a platform's body, still in the platform's words.

    :ivar key: what distinguishes a repetition from a new event, unique within the app
    :ivar page: the platform's id of the page or official account, "" when not given
    :ivar person: the platform's id of the customer, "" when not given
    :ivar payload: the platform's own dict
    """

    key: str
    page: str
    person: str
    payload: dict


class Media(NamedTuple):
    """A file of a message: ``kind`` is image, video, audio, file, sticker or share; else the platform's own word for what we cannot show."""

    kind: str
    url: str
    name: str = ""


class Fact(NamedTuple):
    """One happening.

    :ivar kind: message, echo, edit, delete, reaction, read, delivery, comment, follow, unfollow, referral, info, withdraw or unknown
    :ivar at: naive UTC datetime the platform gives, or None
    :ivar ref: the platform's id of the message or comment
    :ivar data: what only some kinds have (``DATA``)
    """

    kind: str
    page: str = ""
    person: str = ""
    at: datetime | None = None
    ref: str = ""
    text: str = ""
    media: tuple = ()
    data: dict = {}


_SAID = {"name", "reply_to", "referral", "products", "client_ref", "app"}
#: Kind of fact -> names that may stand in its data; docs/add_a_channel.md says what each means
DATA = {
    "message": _SAID,
    "echo": _SAID,
    "edit": {"number"},
    "delete": set(),
    "reaction": {"by", "emoji"},
    "delivery": {"mids", "until"},
    "read": {"mids", "until"},
    "follow": set(),
    "unfollow": set(),
    "info": {"name", "phone", "street", "ward", "district", "province", "birthday", "gender"},
    "referral": {"referral"},
    "withdraw": set(),
    "comment": {"verb", "post", "parent", "name", "own", "url", "hidden", "reported_at"},
}


def dig(value, *path):
    """Return what lies at ``path`` below ``value``, or None; takes anything."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_of(value, *path):
    """Return the string at ``path``; a number becomes its digits, anything else ""."""
    value = dig(value, *path)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**40 else ""
    return value[:TEXT_LIMIT] if isinstance(value, str) else ""


def ref_of(value, *path):
    """Return an identifier: as ``text_of``, short and without characters a database refuses."""
    return "".join(c for c in text_of(value, *path) if c.isprintable())[:REF_LIMIT]


def list_of(value, *path):
    """Return the dicts of the list at ``path``."""
    value = dig(value, *path)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def place_of(value, *path):
    """Return the place at ``path`` as "10.77,106.69", "" when it is none on this earth; platforms name the two in several ways."""
    spot = dig(value, *path)
    pair = [next((number for name in names if (number := _degrees(dig(spot, name), limit)) is not None), None) for names, limit in _AXES]
    return "" if None in pair else ",".join(f"{number:.6f}".rstrip("0").rstrip(".") for number in pair)


_AXES = ((("lat", "latitude"), 90), (("long", "longitude", "lng"), 180))


def _degrees(value, limit):
    """Return a number, or a text of one, as degrees; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value[:30] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if -limit <= number <= limit else None


def place_media(spot, title=""):
    """Return a place as what is shared: its name or its numbers, and a map."""
    words = " ".join(filter(None, [title, spot.replace(",", ", ")]))
    return Media("share", f"https://www.google.com/maps?q={spot}" if spot else "", words[:500])


def flag_of(value, *path):
    """Return whether true stands at ``path`` (also 1 and "true")."""
    return dig(value, *path) in (True, 1, "true", "True", "1")


def moment(value, unit=1, exact=False):
    """Return a naive UTC datetime of an epoch number or digits; None when it is none.

    :param unit: how many of the number make a second (1000 for milliseconds)
    :param exact: keep what is less than a second; what is shown and ordered has whole seconds, as some platforms give no more
    """
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 32_503_680_000 * unit:
        return None
    whole, rest = divmod(value, unit)
    return datetime.fromtimestamp(whole, timezone.utc).replace(tzinfo=None, microsecond=rest * 1_000_000 // unit if exact else 0)


def epoch(value):
    """Return the seconds since 1970 of a naive UTC datetime."""
    return int((value - datetime(1970, 1, 1)) / timedelta(seconds=1))


def digest(*parts):
    """Return a short key of JSON values: equal values give equal keys whatever the order of their names."""
    raw = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(raw.encode()).hexdigest()[:40]


def load(raw):
    """Return the decoded JSON object of ``raw`` (bytes), or None when it is none."""
    try:
        body = read_json(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
