"""What telephone exchanges report about calls: signatures, shapes, and one fact out of many events (row P11)."""

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

#: Why a call was not answered, by what exchanges say: part of the cause -> our reason
CAUSES = (
    ("busy", "busy"),
    ("486", "busy"),
    ("600", "busy"),
    ("404", "wrong_number"),
    ("484", "wrong_number"),
    ("invalid", "wrong_number"),
    ("not found", "wrong_number"),
)
_LONGEST_TEXT = 200


class CallFact(NamedTuple):
    """What one event says about a call; None where it says nothing."""

    external_id: str
    direction: str | None = None
    customer: str | None = None
    extension: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    talk_seconds: int | None = None
    recording_url: str | None = None
    cause: str | None = None
    #: A call between colleagues: no sale
    internal: bool | None = None


def sign(secret, body):
    """Signature of a body, as the header ``X-Sop-Signature`` carries it."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret, body, header):
    """Whether a header holds the HMAC-SHA256 of the raw body, in hexadecimal or base64, with or without a prefix.

    Compares in constant time; an empty secret or header is never right.
    """
    if not secret or not header:
        return False
    digest = hmac.new(secret.encode(), body, hashlib.sha256)
    given = header.strip().removeprefix("sha256=").encode("utf-8", "replace")
    expected = (digest.hexdigest().encode(), base64.b64encode(digest.digest()))
    matches = [hmac.compare_digest(given, one) for one in expected]  # all of them, so that the time taken reveals nothing
    return any(matches)


def parse(kind, payload, received_at=None):
    """The fact in an event.

    :param str kind: generic, stringee or omicall
    :param payload: the decoded JSON
    :param datetime received_at: when it came (UTC), for events that say what happened and not when
    :raise ValueError: naming what is wrong with the event
    """
    if not isinstance(payload, dict):
        raise ValueError("the event is no object")
    fact = {"generic": _generic, "stringee": _stringee, "omicall": _omicall}[kind](payload, received_at)
    if not fact.external_id:
        raise ValueError("the event names no call")
    return fact


def merge(known, fact):
    """Put what an event says together with what is known; in any order, and again without harm.

    Times keep the earliest start and answer and the latest end; talk the longest; anything else the first
    that was said, in alphabetical order where two events disagree, so that their order cannot matter.

    :param dict known: fields of ``CallFact`` known so far
    :return: dict of all fields
    """
    result = {}
    for name in CallFact._fields:
        before, now = known.get(name), getattr(fact, name)
        both = [value for value in (before, now) if value is not None]
        choose = max if name in ("ended_at", "talk_seconds") else min
        result[name] = choose(both) if both else None
    return result


def outcome(known):
    """What became of a call: answered only when somebody talked (row P11).

    :param dict known: fields of ``CallFact``
    :return: (state, reason): dialing, answered or not_answered, and why not
    """
    talk = known.get("talk_seconds")
    if talk is None and known.get("answered_at") and known.get("ended_at"):
        talk = (known["ended_at"] - known["answered_at"]).total_seconds()
    if talk and talk > 0:
        return "answered", None
    if not known.get("ended_at"):
        return "dialing", None
    cause = (known.get("cause") or "").lower()
    return "not_answered", next((reason for part, reason in CAUSES if part in cause), "no_answer")


# === SHAPES ===


def _generic(event, _received_at):
    ended = _time(event.get("ended_at"))
    return CallFact(
        external_id=_text(event.get("call_id")),
        direction=_direction(event.get("direction")),
        customer=_text(event.get("to") if _direction(event.get("direction")) == "out" else event.get("from")),
        extension=_text(event.get("extension")),
        started_at=_time(event.get("started_at")),
        answered_at=_time(event.get("answered_at")),
        ended_at=ended,
        talk_seconds=_seconds(event.get("talk_seconds")),
        recording_url=_link(event.get("recording_url")),
        cause=_text(event.get("cause")),
        internal=_is_internal(event.get("direction")),
    )


def _stringee(event, received_at):
    """Stringee's call events: ``call_status`` created, started, ringing, answered, ended, connect_failed (agentEnded).

    A party is ``internal`` (an agent of the account) or ``external``; between two agents there is no customer.
    """
    status = (_text(event.get("call_status")) or "").lower()
    caller, called = _party(event.get("from")), _party(event.get("to"))
    inward = caller["type"] == "external" or (not caller["type"] and called["type"] == "internal")
    at = _time(event.get("timestamp_ms")) or received_at
    ended = status in ("ended", "connect_failed")
    return CallFact(
        external_id=_text(event.get("call_id")),
        direction="in" if inward else "out",
        customer=(caller if inward else called)["number"],
        extension=(called if inward else caller)["number"],
        started_at=at if status in ("created", "started", "ringing") else None,
        answered_at=at if status == "answered" else None,
        ended_at=at if ended else None,
        talk_seconds=_seconds(event.get("answerDuration")) if ended else None,
        recording_url=_link(event.get("recording_url")),
        cause=_text(event.get("endCallCause")),
        internal=True if caller["type"] == called["type"] == "internal" else None,
    )


def _omicall(event, received_at):
    """OmiCall's two kinds of event.

    Live: ``state`` ringing, answered, hangup, of a ``call_uuid``, ``from_number`` and ``to_number`` at ``date_time``.
    Afterwards: ``state`` cdr, of a ``transaction_id``, with the seconds talked in ``bill_sec``, from ``time_start_call``.
    """
    state = (_first(event, "state", "event") or "").lower()
    direction = _direction(event.get("direction")) or "out"
    at = _time(event.get("date_time") or event.get("created_date") or event.get("timestamp") or event.get("time")) or received_at
    started, ended = _time(event.get("time_start_call")), state in ("hangup", "ended", "cdr")
    caller, called = _first(event, "from_number", "source_number"), _first(event, "to_number", "destination_number")
    customer, extension = (called, caller) if direction == "out" else (caller, called)
    return CallFact(
        external_id=_first(event, "call_uuid", "transaction_id"),
        direction=direction,
        customer=_first(event, "phone_number") or customer,
        extension=_first(event, "sip_user") or extension,
        started_at=started or (at if state in ("ringing", "trying") else None),
        answered_at=at if state == "answered" else None,
        ended_at=at if ended else None,
        talk_seconds=_seconds(event.get("bill_sec")) if ended else None,
        recording_url=_link(event.get("recording_file_url")),
        cause=_first(event, "hangup_cause", "disposition"),
        internal=_is_internal(event.get("direction")),
    )


def _first(event, *names):
    """The text of the first of these fields that has one."""
    return next((text for text in map(_text, map(event.get, names)) if text), None)


def _party(value):
    """Who is on one end: an object, a number alone, or a list of which the first counts."""
    if isinstance(value, list):
        value = value[0] if value else None
    value = value if isinstance(value, dict) else {"number": value}
    return {"number": _text(value.get("number")), "type": (_text(value.get("type")) or "").lower()}


def _text(value):
    """A short text, or None; whole numbers count as text, also with a point, anything else is wrong."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("a text was expected")
    text = str(value).replace("\x00", "").strip()
    if len(text) > _LONGEST_TEXT:
        raise ValueError("a text is too long")
    return text or None


def _direction(value):
    """``in`` or ``out``, from inbound, INCOMING, call_out and the like; None for a call between colleagues."""
    text = (_text(value) or "").lower()
    if _is_internal(value):
        return None
    return "in" if re.search(r"\bin|_in", text) else "out" if "out" in text else None


def _is_internal(value):
    """True for a direction that names a call between colleagues, else None: it says nothing."""
    return True if (_text(value) or "").lower() in ("internal", "local", "intercom", "extension") else None


def _link(value):
    """An address of the web, or None: a recording is played from there, so it must not be a script."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 2000 or not value.lower().startswith(("https://", "http://")):
        raise ValueError("a recording's address is no web address")
    return value.replace("\x00", "")


def _seconds(value):
    """Seconds, from a number, its text, or a clock (00:01:20); above a day they must be thousandths."""
    if value is None or value == "":
        return None
    try:
        parts = value.strip().removesuffix("s").split(":") if isinstance(value, str) else [value]
        seconds = int(sum(float(part) * 60**place for place, part in enumerate(reversed(parts)))) if len(parts) <= 3 else -1
    except (TypeError, ValueError, OverflowError):
        raise ValueError("a number of seconds was expected") from None
    seconds = seconds // 1000 if seconds > 86400 else seconds
    if not 0 <= seconds <= 86400:
        raise ValueError("no call lasts that long")
    return seconds


def _time(value):
    """UTC without zone, from ISO text or day/month/year (without a zone: UTC), or the time since 1970 in any unit down to nanoseconds."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, (int, float)) or re.fullmatch(r"\d{1,20}(\.\d{1,9})?", str(value).strip()):
            number = float(value)
            unit = next((unit for unit in (1e9, 1e6, 1e3) if number / unit > 1e8), 1)
            moment = datetime(1970, 1, 1) + timedelta(seconds=number / unit)
        else:
            text = re.sub(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", _year_first, str(value).strip())
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if moment.tzinfo:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("a time cannot be read") from None
    if not 2000 <= moment.year <= 2100:
        raise ValueError("a time is far off")
    return moment.replace(microsecond=0)


def _year_first(match):
    """A date as ISO writes it, from day, month and year."""
    day, month, year = match.groups()
    return f"{year}-{int(month):02}-{int(day):02}"
