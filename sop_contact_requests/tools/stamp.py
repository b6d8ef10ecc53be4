"""Signed stamps of public forms: who filled what, opened when; pure, no ORM, no clock.

A stamp is ``base64url(json([scope, values, moment])).hex(hmac)``. It says that this server
made the form for these values at that moment; it carries no authority of a user.
"""

import base64
import hashlib
import hmac
import json
from typing import NamedTuple

LONGEST = 8192


class Stamp(NamedTuple):
    """What a verified stamp says: its values and the moment it was made (epoch seconds)."""

    values: list
    moment: int


class StampError(ValueError):
    """The stamp is missing, forged, cut off or made for something else."""


def _digest(secret, body):
    return hmac.new(secret, body.encode(), hashlib.sha256).hexdigest()


def sign(secret, scope, values, moment):
    """Make a stamp.

    :param bytes secret: server's secret, at least 16 bytes
    :param str scope: what the stamp is for; one scope's stamp is worth nothing in another
    :param list values: JSON-able values bound into it
    :param int moment: epoch seconds
    :return: URL-safe ASCII text
    """
    if len(secret) < 16:
        raise ValueError("the secret is too short")
    payload = json.dumps([scope, values, int(moment)], separators=(",", ":"), ensure_ascii=False)
    body = base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")
    return f"{body}.{_digest(secret, body)}"


def verify(secret, scope, text):
    """Read a stamp made by :func:`sign` with the same secret and scope.

    :raise StampError: for anything else, whatever it is (None, bytes, megabytes, garbage)
    :return: :class:`Stamp`
    """
    if not isinstance(text, str) or not text.isascii() or len(text) > LONGEST:
        raise StampError("no stamp")
    body, dot, signature = text.rpartition(".")
    if not dot or not hmac.compare_digest(_digest(secret, body), signature):
        raise StampError("not signed by this server")
    found, values, moment = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if found != scope:
        raise StampError("made for something else")
    return Stamp(values, moment)
