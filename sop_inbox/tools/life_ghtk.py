"""GHTK: its webhook, a form with our secret in the address, and the status of an order. Pure, see parcel_life."""

import hmac
from urllib.parse import parse_qsl, quote

from .carrier_base import CarrierError, decode
from .carrier_ghtk import _order
from .parcel_life import ParcelEvent, Unreadable, read_amount, read_time, read_word

STATES = {
    "-1": "cancelled",
    "1": "waiting",
    "2": "waiting",
    "3": "picked",
    "4": "out",
    "5": "delivered",
    "6": "delivered",
    "7": "cancelled",
    "8": "waiting",
    "9": "failed",
    "10": "failed",
    "11": "returned",
    "12": "waiting",
    "13": "lost",
    "20": "returning",
    "21": "returned",
}


def is_signed(headers, query, body, config):
    """The secret that was given to GHTK stands in the address it calls."""
    return hmac.compare_digest((query.get("hash") or "").encode(), config.secret.encode())


def read(body):
    """Return what a webhook says; statuses of the shipper's notes move nothing."""
    try:
        facts = dict(parse_qsl(body.decode(), max_num_fields=100))
    except (ValueError, UnicodeDecodeError):
        raise Unreadable("form") from None
    tracking, status = read_word(facts.get("label_id")), read_word(facts.get("status_id"))
    if not tracking or not status:
        raise Unreadable("label_id")
    return [
        ParcelEvent(
            tracking,
            read_time(facts.get("action_time"), "%Y-%m-%d %H:%M:%S"),
            STATES.get(status, ""),
            status,
            reason_code=read_word(facts.get("reason_code")),
            reason=read_word(facts.get("reason")),
            reference=read_word(facts.get("partner_id")),
            kind="return_part" if facts.get("return_part_package") in ("1", "true") else "status",
            fee=read_amount(facts.get("fee")),
            cod=read_amount(facts.get("pick_money")),
            weight=read_amount(facts.get("weight"), 1000),
        )
    ]


def follow(config, tracking, reference, send):
    """Return the status GHTK has of an order now."""
    facts = _order(config, tracking, send)
    status = read_word(facts.get("status"))
    try:
        at = read_time(facts.get("modified") or facts.get("created"), "%Y-%m-%d %H:%M:%S")
    except Unreadable:
        return []
    try:
        expected = read_time(facts.get("deliver_date"), "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
    except Unreadable:
        expected = None
    return [
        ParcelEvent(
            tracking,
            at,
            STATES.get(status, ""),
            status,
            words=read_word(facts.get("status_text")),
            expected=expected,
            source="asked",
            fee=read_amount(facts.get("ship_money")),
            cod=read_amount(facts.get("pick_money")),
        )
    ]


def labels(config, codes, size, send):
    """Return a PDF file for each waybill: GHTK gives one at a time."""
    files = []
    for code in codes:
        headers = {"Token": config.token, "X-Client-Source": config.shop}
        status, body = send("GET", f"{config.url}/services/label/{quote(code, safe='')}", headers=headers)
        if not body.startswith(b"%PDF"):
            answer = decode(status, body)
            raise CarrierError("refused", read_word(answer.get("message")) if isinstance(answer, dict) else "")
        files.append(body)
    return files
