"""What SePay, Casso and payOS send when money moves: who sent it is checked, then it is read. No Odoo here.

A body that is not signed as its service signs it, is too old, or is about another account raises ``Refused``.
Balances are not read: they do not leave this module, and ``without_balances`` takes them out of what is kept.
"""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .outside import storable, storable_text

DRIFT = 300  # seconds between a signature and its arrival
LONGEST = 256 * 1024
VIETNAM = timedelta(hours=7)
BALANCES = frozenset({"accumulated", "runningBalance", "cusum_balance", "balance"})
_DIGITS = re.compile(r"[^0-9A-Za-z]")
_CASSO = re.compile(r"t=(\d{1,16}),\s*v1=([0-9a-fA-F]{128})")
#: The sample payOS sends when its webhook address is saved, from its documents
_PAYOS_SAMPLE = (123, "12345678", "124c33293c43417ab7879e14c8d9eb18")


class Refused(Exception):
    """A body that is not taken. ``why`` is signature | old | account | body, ``status`` the answer."""

    def __init__(self, why):
        super().__init__(why)
        self.why = why
        self.status = {"signature": 401, "old": 401, "account": 403}.get(why, 400)


class Transfer(NamedTuple):
    """Money that moved. ``amount`` is a whole number above zero, ``at`` in UTC without a zone."""

    external_id: str
    at: datetime
    amount: int
    direction: str  # in | out
    words: str
    account: str
    virtual: str  # the number the customer was given, where a bank gives one that stands for the account
    bank_ref: str
    sender: str
    sender_account: str
    payload: dict


# === READING ===


def read_webhook(service, raw, headers, secret, now, plain=False):
    """Return the transfers a service reports; none for its test call.

    :param service: sepay | casso | payos
    :param raw: the body as it came (bytes)
    :param secret: what the service signs with; where ``plain``, the key it sends along
    :param float now: seconds since 1970
    :param bool plain: the feed is set to the service's older form, a key in a header (SePay, Casso v1)
    :raise Refused: see there
    """
    if not secret:
        raise Refused("signature")
    body = _VERIFIERS[service, plain](raw, headers, secret, now)
    return _READERS[service, plain](_load(raw, "body") if body is None else storable(body))


def read_list(service, content):
    """Return the transfers of a service's list (bytes of its answer). :raise Refused: where it is no list of transfers"""
    body = _load(content, "body")
    try:
        if service == "sepay":
            return [_read_sepay_listed(item) for item in body["transactions"]]
        data = body["data"]
        items = data["records"] if isinstance(data, dict) else data
        return [_read_casso_v1(item) if "tid" in item else _read_common(item) for item in items]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused("body") from None


def is_about(transfer, account):
    """Whether a transfer moved money of this account: its own number, or the virtual one that stands for it."""
    return same_account(transfer.account, account) or same_account(transfer.virtual, account)


def without_balances(payload):
    """Return a payload without what an account holds, at any depth."""
    if isinstance(payload, dict):
        return {key: without_balances(value) for key, value in payload.items() if key not in BALANCES}
    return [without_balances(item) for item in payload] if isinstance(payload, list) else payload


def same_account(one, other):
    """Whether two writings of an account number are one account; an empty one is none."""
    one, other = (_DIGITS.sub("", number or "").upper() for number in (one, other))
    return bool(one) and one == other


def mask(account):
    """Return an account number as lists show it: the last three digits."""
    account = _DIGITS.sub("", account or "")
    return f"•••{account[-3:]}" if len(account) > 5 else "•••" if account else ""


# === SIGNATURES ===
# A verifier raises Refused; it returns the body as it was signed where it had to take it apart, else None.


def _same(one, other):
    return hmac.compare_digest((one or "").encode("utf-8", "replace"), (other or "").encode("utf-8", "replace"))


def _fresh(seconds, now):
    if abs(now - seconds) > DRIFT:
        raise Refused("old")


def sepay_signature(secret, stamp, raw):
    """Return what SePay puts in X-SePay-Signature."""
    return "sha256=" + hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()


def _verify_sepay(raw, headers, secret, now):
    stamp = headers.get("X-SePay-Timestamp") or ""
    if not re.fullmatch(r"[0-9]{1,12}", stamp) or not _same(headers.get("X-SePay-Signature"), sepay_signature(secret, stamp, raw)):
        raise Refused("signature")
    _fresh(int(stamp), now)


def _verify_sepay_key(_raw, headers, secret, _now):
    if not _same(headers.get("Authorization"), f"Apikey {secret}"):
        raise Refused("signature")


def casso_signature(secret, stamp, body):
    """Return v1 of X-Casso-Signature: over the body's JSON, keys sorted at every level, compact, nothing escaped."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(secret.encode(), f"{stamp}.{text}".encode("utf-8", "surrogatepass"), hashlib.sha512).hexdigest()


def _verify_casso(raw, headers, secret, now):
    match = _CASSO.fullmatch((headers.get("X-Casso-Signature") or "").strip())
    body = _load(raw, "signature", as_signed=True) if match else None
    if not match or not _same(match[2].lower(), casso_signature(secret, match[1], body)):
        raise Refused("signature")
    _fresh(int(match[1]) / 1000, now)
    return body


def _verify_casso_key(_raw, headers, secret, _now):
    if not _same(headers.get("secure-token"), secret):
        raise Refused("signature")


def payos_signature(secret, data):
    """Return the signature of payOS: over "k=v&k=v" of the data, keys sorted, null as nothing."""
    text = "&".join(f"{key}={_payos_value(data[key])}" for key in sorted(data))
    return hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _payos_value(value):
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def _verify_payos(raw, _headers, secret, _now):
    body = _load(raw, "signature", as_signed=True)
    data, signature = (body.get("data"), body.get("signature")) if isinstance(body, dict) else (None, None)
    if not isinstance(data, dict) or not isinstance(signature, str) or not _same(signature.lower(), payos_signature(secret, data)):
        raise Refused("signature")
    return body


_VERIFIERS = {
    ("sepay", False): _verify_sepay,
    ("sepay", True): _verify_sepay_key,
    ("casso", False): _verify_casso,
    ("casso", True): _verify_casso_key,
    ("payos", False): _verify_payos,
    ("payos", True): _verify_payos,
}


# === BODIES ===


def _load(raw, why, as_signed=False):
    """Return the JSON of a body as it can be kept; whole numbers stay whole, as the services' own language has them.

    :param str why: what it is refused for when it cannot be kept at all
    :param bool as_signed: return it as it came, for its signature
    """

    def number(text):
        value = float(text)
        return int(value) if value.is_integer() else value

    try:
        body = json.loads(raw, parse_float=number, parse_constant=lambda _name: 1 / 0)
        kept = storable(body)
        return body if as_signed else kept
    except (ValueError, RecursionError, ArithmeticError):
        raise Refused(why) from None


def _amount(value):
    """Return a sum as a whole number; ValueError for parts of a đồng and for what is no number."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.0{1,4})?", value):
        value = int(value.partition(".")[0])
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**15:
        raise ValueError(value)
    return value


def _text(value, limit=500):
    if isinstance(value, bool) or value is not None and not isinstance(value, str | int):
        raise ValueError(value)
    return storable_text(str("" if value is None else value))[:limit]


def _when(value):
    """Return a time in UTC; one without a zone is Vietnam's."""
    at = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    at = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at - VIETNAM
    return at.replace(microsecond=0)


def _transfer(item, external_id, at, amount, direction, words, account, **more):
    """Return a Transfer. :raise ValueError: where something it stands on is missing"""
    amount = _amount(amount)
    external_id, account = _text(external_id, 100), _text(account, 60)
    if not external_id or not account or not amount:
        raise ValueError(item)
    more = {name: _text(more.get(name), 120) for name in ("virtual", "bank_ref", "sender", "sender_account")}
    direction = direction or ("in" if amount > 0 else "out")
    return Transfer(external_id, _when(at), abs(amount), direction, _text(words), account, payload=without_balances(item), **more)


def _read_one(read):
    def reader(body):
        """Return the transfers of a webhook's body."""
        try:
            return read(body)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise Refused("body") from None

    return reader


def _read_sepay(item):
    direction = {"in": "in", "out": "out"}[item["transferType"]]
    words = " ".join(filter(None, [_text(item.get("code")), _text(item.get("content"))]))
    at, account, more = item["transactionDate"], item["accountNumber"], {"virtual": item.get("subAccount"), "bank_ref": item.get("referenceCode")}
    return _transfer(item, item["id"], at, item["transferAmount"], direction, words, account, **more)


def _read_sepay_listed(item):
    came, went = (_amount(item.get(name) or 0) for name in ("amount_in", "amount_out"))
    words = " ".join(filter(None, [_text(item.get("code")), _text(item.get("transaction_content"))]))
    direction = "in" if came else "out"
    at, account, more = (
        item["transaction_date"],
        item["account_number"],
        {"virtual": item.get("sub_account"), "bank_ref": item.get("reference_number")},
    )
    return _transfer(item, item["id"], at, came or went, direction, words, account, **more)


def _read_casso_v1(item):
    account = item.get("bank_sub_acc_id") or item.get("subAccId")
    more = {"sender": item.get("corresponsiveName"), "sender_account": item.get("corresponsiveAccount"), "virtual": item.get("virtualAccount")}
    return _transfer(item, item["id"], item["when"], item["amount"], "", item.get("description"), account, bank_ref=item.get("tid"), **more)


def _read_common(item, external_id=None):
    """Casso v2 and payOS name most things alike."""
    return _transfer(
        item,
        item["id"] if external_id is None else external_id,
        item["transactionDateTime"],
        item["amount"],
        "",
        item.get("description"),
        item["accountNumber"],
        virtual=item.get("virtualAccountNumber"),
        bank_ref=item.get("reference"),
        sender=item.get("counterAccountName"),
        sender_account=item.get("counterAccountNumber"),
    )


def _read_casso(body):
    data = body["data"]
    return [] if data["id"] == 0 else [_read_common(data)]  # 0 is their test call


def _read_casso_v1_all(body):
    return [_read_casso_v1(item) for item in body["data"] if item["id"] != 0]


def _read_payos(body):
    data = body["data"]
    if (data["orderCode"], data["accountNumber"], data["paymentLinkId"]) == _PAYOS_SAMPLE:
        return []
    if data.get("code") not in (None, "00") or data.get("currency") not in (None, "VND") or not data.get("reference"):
        raise ValueError(data)
    return [_read_common(data, f"{data['paymentLinkId']}:{data['reference']}")]


_READERS = {
    ("sepay", False): _read_one(lambda body: [_read_sepay(body)]),
    ("sepay", True): _read_one(lambda body: [_read_sepay(body)]),
    ("casso", False): _read_one(_read_casso),
    ("casso", True): _read_one(_read_casso_v1_all),
    ("payos", False): _read_one(_read_payos),
    ("payos", True): _read_one(_read_payos),
}
