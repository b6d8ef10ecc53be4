"""Signatures of vendors' webhooks, over the bytes as they came. No Odoo here."""

import hashlib
import hmac

from .facts import load, text_of


def sign_facebook(secret, raw):
    """Return the header ``X-Hub-Signature-256`` Meta sends for ``raw`` (bytes)."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def check_facebook(secret, raw, header):
    """Tell whether ``header`` signs ``raw``; False without a secret. Constant time."""
    return bool(secret) and _same(sign_facebook(secret, raw), header)


def sign_zalo(app_ref, raw, timestamp, secret):
    """Return the header ``X-ZEvent-Signature`` Zalo sends: a plain hash over app, body, its timestamp and the key."""
    return "mac=" + hashlib.sha256(app_ref.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()


def check_zalo(app_ref, raw, secret, header):
    """Tell whether ``header`` signs ``raw`` for the app; the prefix ``mac=`` may be missing. Constant time.

    The timestamp is the body's own; a body without one, or that is no JSON, is never signed.
    """
    timestamp = text_of(load(raw), "timestamp")
    if not (secret and app_ref and timestamp):
        return False
    given = header or ""
    return _same(sign_zalo(app_ref, raw, timestamp, secret), given if given.startswith("mac=") else f"mac={given}")


def _same(expected, given):
    return hmac.compare_digest(expected.encode(), (given or "").encode("utf-8", "replace"))
