"""J&T: its webhook, a form with the digest of every call, and the trace of a waybill. Pure, see parcel_life.

J&T publishes a table of statuses (103 to 121) and shows others in its own examples (10 to 100): both are understood.
"""

import base64
import hashlib
import hmac
import json
import time
from urllib.parse import parse_qsl

from .carrier_base import CarrierError, decode, text
from .carrier_jt import _call
from .parcel_life import ParcelEvent, Unreadable, read_amount, read_json, read_time, read_word

STATES = {
    "103": "waiting",
    "104": "waiting",
    "105": "cancelled",
    "106": "picked",
    "109": "moving",
    "110": "moving",
    "112": "out",
    "113": "delivered",
    "116": "returning",
    "117": "returned",
    "118": "failed",
    "10": "picked",
    "50": "moving",
    "92": "moving",
    "94": "out",
    "100": "delivered",
}


def digest_of(content, key):
    """Return J&T's digest of a text."""
    return base64.b64encode(hashlib.md5(f"{content}{key}".encode(), usedforsecurity=False).digest()).decode()


def _content(body):
    try:
        content = dict(parse_qsl(body.decode(), max_num_fields=100)).get("bizContent")
    except (ValueError, UnicodeDecodeError):
        content = None
    if not content:
        raise Unreadable("bizContent")
    return content


def is_signed(headers, query, body, config):
    """A digest proves it; without one it proves no more than the address does, since J&T does not promise to sign."""
    digest = headers.get("digest")
    if not digest:
        return None
    try:
        return hmac.compare_digest(digest.encode(), digest_of(_content(body), config.token).encode())
    except Unreadable:
        return False


def read(body):
    """Return what a webhook says: one scan or several."""
    facts = read_json(_content(body))
    rows = facts.get("details")
    events = [_scan(row, facts) for row in (rows if isinstance(rows, list) else [rows])]
    if not events:
        raise Unreadable("details")
    return events


def _scan(row, facts, source="webhook"):
    tracking = read_word(facts.get("billCode"))
    if not isinstance(row, dict) or not tracking:
        raise Unreadable("billCode")
    code = read_word(row.get("scanTypeCode"))
    return ParcelEvent(
        tracking,
        read_time(row.get("scanTime"), "%Y-%m-%d %H:%M:%S"),
        STATES.get(code, ""),
        code,
        words=read_word(row.get("desc") or row.get("scanTypeName")),
        reason_code=read_word(row.get("problemTypeCode")),
        reason=read_word(row.get("problemType") or row.get("problemTypeName")),
        place=read_word(row.get("scanNetworkName")),
        reference=read_word(facts.get("txlogisticId")),
        weight=read_amount(row.get("weight"), 1000),
        source=source,
    )


def follow(config, tracking, reference, send):
    """Return the scans of a waybill."""
    content = json.dumps({"customerCode": config.username, "password": config.password, "billcodes": tracking}, ensure_ascii=False)
    headers = {"apiAccount": config.shop, "timestamp": str(int(time.time() * 1000)), "digest": digest_of(content, config.token)}
    status, body = send("POST", f"{config.url}/api/logistics/trace", headers=headers, data={"bizContent": content})
    answer = decode(status, body)
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or text(answer.get("code")) != "1":
        raise CarrierError("refused" if isinstance(answer, dict) and "code" in answer else "rubbish", read_word((answer or {}).get("msg")))
    events = []
    for facts in rows if isinstance(rows, list) else []:
        if not isinstance(facts, dict) or read_word(facts.get("billCode")) != tracking:
            continue
        for row in facts.get("details") if isinstance(facts.get("details"), list) else []:
            try:
                events.append(_scan(row, facts, "asked"))
            except Unreadable:
                continue
    return events


def labels(config, codes, size, send):
    """Return a PDF file for each waybill; J&T goes by our reference."""
    files = []
    for code, reference in codes.items():
        data = _call(config, "order/printOrder", {"txlogisticId": reference, "billCode": code}, send)
        try:
            file = base64.b64decode(data.get("base64EncodeContent") or "", validate=True)
        except (ValueError, TypeError):
            file = b""
        if not file.startswith(b"%PDF"):
            raise CarrierError("rubbish", "PDF")
        files.append(file)
    return files
