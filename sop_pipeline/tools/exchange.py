"""What telephone exchanges report about calls: signatures, shapes, and one fact out of many events (row P11)."""

import base64
import hashlib
import hmac
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
    matches = [hmac.compare_digest(given, one) for one in expected]  # all of them, so that time tells nothing
    return any(matches)


def parse(kind, payload):
    """The fact in an event.

    :param str kind: generic, stringee or omicall
    :param payload: the decoded JSON
    :raise ValueError: naming what is wrong with the event
    """
    if not isinstance(payload, dict):
        raise ValueError("the event is no object")
    fact = {"generic": _generic, "stringee": _stringee, "omicall": _omicall}[kind](payload)
    if not fact.external_id:
        raise ValueError("the event names no call")
    return fact


def merge(known, fact):
    """Put what an event says together with what is known; commutes, and repeats without harm.

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


# ------------------------------------------------------------
# SHAPES
# ------------------------------------------------------------


def _generic(event):
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
    )


def _stringee(event):
    """Stringee's call events: ``call_status`` created, started, ringing, answered, ended (agentEnded)."""
    status = _text(event.get("call_status")) or ""
    caller, called = _party(event.get("from")), _party(event.get("to"))
    inward = caller["type"] == "external" or (not caller["type"] and called["type"] == "internal")
    at = _time(event.get("timestamp_ms"))
    ended = status == "ended"
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
    )


def _omicall(event):
    """OmiCall's call events: ``state`` ringing, answered, hangup; seconds talked in ``bill_sec``."""
    state = (_text(event.get("state")) or _text(event.get("event")) or "").lower()
    direction = _direction(event.get("direction")) or "out"
    at = _time(event.get("created_date") or event.get("timestamp") or event.get("time"))
    ended = state in ("hangup", "ended", "cdr")
    number = event.get("phone_number") or event.get("destination_number" if direction == "out" else "source_number")
    return CallFact(
        external_id=_text(event.get("transaction_id")),
        direction=direction,
        customer=_text(number),
        extension=_text(event.get("sip_user")),
        started_at=at if state in ("ringing", "trying") else None,
        answered_at=at if state == "answered" else None,
        ended_at=at if ended else None,
        talk_seconds=_seconds(event.get("bill_sec")) if ended else None,
        recording_url=_link(event.get("recording_file_url")),
        cause=_text(event.get("hangup_cause")),
    )


def _party(value):
    value = value if isinstance(value, dict) else {"number": value}
    return {"number": _text(value.get("number")), "type": _text(value.get("type"))}


def _text(value):
    """A short text, or None; numbers count as text, anything else is wrong."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("a text was expected")
    text = str(value).replace("\x00", "").strip()
    if len(text) > _LONGEST_TEXT:
        raise ValueError("a text is too long")
    return text or None


def _direction(value):
    text = (_text(value) or "").lower()
    return "in" if text.startswith("in") else "out" if text.startswith("out") else None


def _link(value):
    """An address of the web, or None: a recording is played from there, so it must not be a script."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 2000 or not value.lower().startswith(("https://", "http://")):
        raise ValueError("a recording's address is no web address")
    return value.replace("\x00", "")


def _seconds(value):
    if value is None or value == "":
        return None
    try:
        seconds = int(float(value))
    except (TypeError, ValueError, OverflowError):
        raise ValueError("a number of seconds was expected") from None
    if not 0 <= seconds <= 86400:
        raise ValueError("no call lasts that long")
    return seconds


def _time(value):
    """UTC without zone, from ISO text (without a zone: UTC), or seconds or milliseconds since 1970."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, (int, float)) or str(value).isdigit():
            number = float(value)
            moment = datetime(1970, 1, 1) + timedelta(seconds=number / 1000 if number > 1e11 else number)
        else:
            moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        if moment.tzinfo:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("a time cannot be read") from None
    if not 2000 <= moment.year <= 2100:
        raise ValueError("a time is far off")
    return moment.replace(microsecond=0)
