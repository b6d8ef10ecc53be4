"""Signatures of webhooks, over the bytes as they came. No Odoo here."""

import hashlib
import hmac


def sign(secret, raw, prefix=""):
    """Return the HMAC-SHA256 of ``raw`` (bytes) in hexadecimal digits, as most platforms sign."""
    return prefix + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def check(secret, raw, header, prefix=""):
    """Return whether ``header`` (None when missing) signs ``raw``; False without a secret. Constant time.

    :param prefix: what stands before the digits in the header
    """
    return bool(secret) and same(sign(secret, raw, prefix), header)


def same(expected, given):
    """Compare a signature with what was given (None when missing) in constant time."""
    return hmac.compare_digest(expected.encode(), (given or "").encode("utf-8", "replace"))
