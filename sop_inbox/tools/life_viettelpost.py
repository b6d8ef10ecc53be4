"""Viettel Post: its webhook with our secret in a header. It has no look-up by interface. Pure, see parcel_life."""

import hmac
import time
from urllib.parse import quote

from .carrier_base import CarrierError
from .carrier_viettelpost import _call
from .parcel_life import ParcelEvent, Unreadable, read_amount, read_json, read_time, read_word

STATES = {
    "100": "waiting",
    "101": "cancelled",
    "102": "waiting",
    "103": "waiting",
    "104": "waiting",
    "105": "picked",
    "107": "cancelled",
    "200": "moving",
    "201": "cancelled",
    "202": "moving",
    "300": "moving",
    "400": "moving",
    "500": "out",
    "501": "delivered",
    "502": "returning",
    "503": "cancelled",
    "504": "returned",
    "505": "failed",
    "506": "failed",
    "507": "failed",
    "508": "out",
    "509": "moving",
    "515": "returning",
    "550": "out",
}


def is_signed(headers, query, body, config):
    """The secret that was given to Viettel Post comes in a header."""
    return hmac.compare_digest((headers.get("Authorization") or "").encode(), config.secret.encode())


def read(body):
    """Return what a webhook says."""
    facts = read_json(body).get("DATA")
    if not isinstance(facts, dict):
        raise Unreadable("DATA")
    tracking, status = read_word(facts.get("ORDER_NUMBER")), read_word(facts.get("ORDER_STATUS"))
    if not tracking or not status:
        raise Unreadable("ORDER_NUMBER")
    pod = facts.get("POD") if isinstance(facts.get("POD"), dict) else {}
    images = pod.get("IMAGES")
    return [
        ParcelEvent(
            tracking,
            read_time(facts.get("ORDER_STATUSDATE"), "%d/%m/%Y %H:%M:%S"),
            STATES.get(status, ""),
            status,
            words=read_word(facts.get("STATUS_NAME")),
            reason_code=read_word(facts.get("REASON_CODE")),
            reason=read_word(facts.get("NOTE")),
            place=read_word(facts.get("LOCALION_CURRENTLY") or facts.get("LOCATION_CURRENTLY")),
            reference=read_word(facts.get("ORDER_REFERENCE")),
            fee=read_amount(facts.get("MONEY_TOTAL")),
            cod=read_amount(facts.get("MONEY_COLLECTION")),
            weight=read_amount(facts.get("PRODUCT_WEIGHT")),
            proof=read_word(images[0], 500) if isinstance(images, list) and images else "",
        )
    ]


def deliver_again(config, tracking, send):
    """Have a parcel that failed delivered again."""
    _call(config, "/v2/order/UpdateOrder", {"TYPE": 3, "ORDER_NUMBER": tracking, "NOTE": "Shop yêu cầu giao lại"}, send)


def send_back(config, tracking, send):
    """Approve that a parcel comes back."""
    _call(config, "/v2/order/UpdateOrder", {"TYPE": 2, "ORDER_NUMBER": tracking, "NOTE": "Shop duyệt hoàn"}, send)


def labels(config, codes, size, send):
    """Return the address of Viettel Post's page with the labels of these waybills."""
    payload = {"EXPIRY_TIME": int((time.time() + 1800) * 1000), "ORDER_ARRAY": list(codes)}
    answer = _call(config, "/v2/order/printing-code", payload, send)
    code = read_word(answer.get("message")) if isinstance(answer, dict) else ""
    if not code:
        raise CarrierError("rubbish", "message")
    kind = "a6_1" if size == "a6" else "1"
    return f"https://digitalize.viettelpost.vn/DigitalizePrint/report.do?type={kind}&bill={quote(code)}&showPostage=1"
