"""The life of a parcel as its carrier reports it. Pure.

A carrier's module of this kind (``life_ghn`` and so on) has three functions:

- ``is_signed(headers, query, body, config) -> bool | None``: True when the carrier signed it or sent the secret that only it
  knows, None when it proves nothing beyond the address it came to, False when it is not from the carrier
- ``read(body) -> list[ParcelEvent]``: what a webhook says; ``Unreadable`` when that cannot be read
- ``follow(config, tracking, reference, send) -> list[ParcelEvent]``: what the carrier answers when it is asked. Missing where
  a carrier has no such look-up
- ``deliver_again(config, tracking, send)`` and ``send_back(config, tracking, send)``: after a failed delivery. Missing likewise
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from . import outside

HERE = timezone(timedelta(hours=7))  # a time without a zone is Vietnam's, which has no summer time
FINAL = frozenset({"delivered", "returned", "cancelled", "lost", "damaged"})
#: A failure and what comes of it: its reason holds for all three
BACK = frozenset({"failed", "returning", "returned"})
#: Kinds of events that say that a part of a parcel comes back
PART = frozenset({"return_part", "update_partial_return"})
#: What comes later in a parcel's life, for events of the same second
RANK = {state: rank for rank, state in enumerate(("", "waiting", "picked", "moving", "out", "failed", "returning", *sorted(FINAL)))}
#: Who says so. What a person or the carrier's answer says moves a final state, a webhook never does
SOURCES = ("webhook", "asked", "person")


class Unreadable(Exception):
    """A webhook of which nothing can be read: no parcel, no time, not the carrier's shape."""


@dataclass(frozen=True)
class ParcelEvent:
    """One thing that happened to a parcel.

    :ivar tracking: the waybill; ``reference``: our name for the parcel, "" when the carrier does not give it
    :ivar state: our state, "" for a note that moves nothing
    :ivar at: naive UTC, the carrier's time
    :ivar code, words: the carrier's status; ``reason_code``, ``reason``: why
    :ivar fee, return_fee, cod, weight: dong and grams where the carrier says, else None
    :ivar expected: naive UTC until which the carrier promises delivery
    """

    tracking: str
    at: datetime
    state: str = ""
    code: str = ""
    words: str = ""
    reason_code: str = ""
    reason: str = ""
    place: str = ""
    reference: str = ""
    kind: str = "status"
    fee: int | None = None
    cod: int | None = None
    weight: int | None = None
    proof: str = ""
    expected: datetime | None = None
    source: str = "webhook"
    trusted: bool = True
    return_fee: int | None = None

    def proved(self, trusted):
        """Return the same event, as one that is proved, or not."""
        return replace(self, trusted=trusted)

    @property
    def key(self):
        """What an event and its repetition have in common; an answer and a webhook are two, and so are a proved one and one that is not."""
        facts = (self.source, self.kind, self.code, self.at.isoformat(), self.reason_code, self.fee, self.cod, self.weight)
        facts += () if self.trusted else ("unproved",)
        facts += () if self.return_fee is None else ("return", int(self.return_fee))
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Life:
    """What the events of a parcel come to: its state, since when, the deliveries tried, and the event that says why it failed."""

    state: str
    since: datetime | None = None
    tries: int = 0
    why: ParcelEvent | None = None


def order(event):
    """The carrier's time; within a second who says so, then how far the parcel is; a key of its own makes it total."""
    return event.at, SOURCES.index(event.source), RANK[event.state], event.key


def fold(events: Iterable, start="waiting"):
    """Return the Life that events come to, in whatever order and however often they arrived.

    - an event never moves a state back that a later one made
    - a final state stays, but for a person and for what the carrier answers when it is asked
    - an event that nothing proves makes no final state: the carrier is to be asked
    """
    state, since, tries, why = start, None, 0, None
    for event in sorted({event.key: event for event in events}.values(), key=order):
        webhook = event.source == "webhook"
        if not event.state or webhook and (state in FINAL or not event.trusted and event.state in FINAL):
            continue
        tries += event.state == "out" != state or event.state == "failed" and state not in ("out", "failed")
        if event.state != state:
            since = event.at
        state = event.state
        if state not in BACK:
            why = None
        elif event.reason_code or event.reason:
            why = event
    return Life(state, since, tries, why)


# === READING ===


def read_json(body):
    """Return the JSON object of a body; Unreadable when it is none."""
    try:
        value = outside.read_json(body)
    except ValueError:
        raise Unreadable("JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("JSON")
    return value


def read_time(value, *formats):
    """Return a carrier's time as naive UTC.

    :param formats: of ``strptime``; ISO 8601 is always understood. A number is milliseconds since 1970
    :raise Unreadable: it is none
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value / 1000, UTC)
        else:
            moment = _read_text(str(value).strip(), formats)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=HERE)
        moment = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    except (ValueError, OverflowError, OSError):
        raise Unreadable("time") from None
    if not 2000 <= moment.year < 2100:
        raise Unreadable("time")
    return moment


def _read_text(text, formats):
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # the zone is put on by read_time
        except ValueError:
            continue
    return datetime.fromisoformat(text)


def read_amount(value, unit=1):
    """Return an amount as a whole number, times ``unit``; None for what is none."""
    try:
        number = float(value) * unit if not isinstance(value, bool) else -1
    except (TypeError, ValueError):
        return None
    return round(number) if 0 <= number < 1e12 else None


def read_word(value, size=200):
    """Return a carrier's word or number as one line of text."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return " ".join(text.replace("\0", " ").split())[:size]
