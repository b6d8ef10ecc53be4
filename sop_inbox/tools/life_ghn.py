"""GHN: its webhook, which nothing signs, and the detail of an order. Pure, see parcel_life."""

import hmac
from dataclasses import replace
from urllib.parse import quote

from .carrier_base import CarrierError, member
from .carrier_ghn import _call
from .parcel_life import ParcelEvent, Unreadable, read_amount, read_json, read_time, read_word

#: header of our own that is entered in GHN's portal beside the address
HEADER = "X-Sop-Secret"
STATES = {
    "ready_to_pick": "waiting",
    "picking": "waiting",
    "money_collect_picking": "waiting",
    "picked": "picked",
    "storing": "moving",
    "transporting": "moving",
    "sorting": "moving",
    "delivering": "out",
    "money_collect_delivering": "out",
    "delivered": "delivered",
    "delivery_fail": "failed",
    "waiting_to_return": "failed",
    "return": "returning",
    "return_transporting": "returning",
    "return_sorting": "returning",
    "returning": "returning",
    "return_fail": "returning",
    "returned": "returned",
    "cancel": "cancelled",
    "exception": "lost",
    "damage": "damaged",
    "lost": "lost",
    "scrap": "damaged",
}
MOVES = ("", "create", "switch_status")


def is_signed(headers, query, body, config):
    """GHN signs nothing: a header of ours lets it in, and proves no more than the address does."""
    return None if hmac.compare_digest((headers.get(HEADER) or "").encode(), config.secret.encode()) else False


def read(body):
    """Return what a webhook says; only ``create`` and ``switch_status`` move a parcel, the rest is money and weight."""
    facts = read_json(body)
    tracking, status = read_word(facts.get("OrderCode")), read_word(facts.get("Status")).lower()
    if not tracking:
        raise Unreadable("OrderCode")
    kind = read_word(facts.get("Type")).lower()
    return [
        ParcelEvent(
            tracking,
            read_time(facts.get("Time")),
            STATES.get(status, "") if kind in MOVES else "",
            status,
            reason_code=read_word(facts.get("ReasonCode")),
            reason=read_word(facts.get("Reason")),
            place=read_word(facts.get("Warehouse")),
            reference=read_word(facts.get("ClientOrderCode")),
            kind=kind or "switch_status",
            fee=read_amount(facts.get("TotalFee")),
            return_fee=_return_fee(facts.get("Fee"), "Return"),
            cod=read_amount(facts.get("CODAmount")),
            weight=read_amount(facts.get("ConvertedWeight") or facts.get("Weight")),
            proof=read_word(facts.get("PodURL"), 500),
        )
    ]


def follow(config, tracking, reference, send):
    """Return what GHN answers about an order: its log, and the status it has now."""
    data = _call(config, "/v2/shipping-order/detail", {"order_code": tracking}, send).get("data")
    data = data[0] if isinstance(data, list) and data else data
    if not isinstance(data, dict) or read_word(data.get("order_code")) != tracking:
        raise CarrierError("rubbish", "order_code")
    rows = data.get("log") if isinstance(data.get("log"), list) else []
    now = {"status": data.get("status"), "updated_date": data.get("updated_date") or data.get("finish_date")}
    events = [event for row in [*rows, now] if isinstance(row, dict) and (event := _entry(row, data, tracking))]
    if events and events[-1].state == "returned":
        events[-1] = replace(events[-1], return_fee=_follow_return_fee(config, tracking, send))
    return events


def _follow_return_fee(config, tracking, send):
    """Return what GHN takes for the way back, None when it does not say: where the parcel is counts without it."""
    try:
        data = _call(config, "/v2/shipping-order/soc", {"order_code": tracking}, send).get("data")
    except CarrierError:
        return None
    return _return_fee(data.get("detail"), "return") if isinstance(data, dict) else None


def _return_fee(fees, name):
    return read_amount(fees.get(name)) if isinstance(fees, dict) else None


def deliver_again(config, tracking, send):
    """Have a parcel that failed delivered again."""
    _switch(config, "storing", tracking, send)


def send_back(config, tracking, send):
    """Have a parcel that failed sent back; GHN does so from four states only."""
    _switch(config, "return", tracking, send)


def _switch(config, to, tracking, send):
    """The order's own result counts, not that GHN has answered."""
    rows = _call(config, f"/v2/switch-status/{to}", {"order_codes": [tracking]}, send).get("data")
    row = next((row for row in rows if isinstance(row, dict)), {}) if isinstance(rows, list) else {}
    if row.get("result") is not True:
        raise CarrierError("refused" if row.get("result") is False else "rubbish", read_word(row.get("message")))


def labels(config, codes, size, send):
    """Return the address of GHN's page with the labels of these waybills, good for half an hour."""
    data = member(_call(config, "/v2/a5/gen-token", {"order_codes": list(codes)}, send), "data")
    token = read_word(data.get("token"))
    if not token:
        raise CarrierError("rubbish", "token")
    page = {"80x80": "print80x80", "52x70": "print52x70"}.get(size, "printA5")
    return f"{config.url.removesuffix('/shiip/public-api')}/a5/public-api/{page}?token={quote(token)}"


def _entry(row, data, tracking):
    status = read_word(row.get("status")).lower()
    try:
        at = read_time(row.get("updated_date"))
        expected = read_time(data["leadtime"]) if data.get("leadtime") else None
    except Unreadable:
        return None
    words = read_word(row.get("reason"))
    return ParcelEvent(
        tracking,
        at,
        STATES.get(status, ""),
        status,
        reason_code=read_word(row.get("reason_code")),
        reason=words,
        expected=expected,
        source="asked",
        cod=read_amount(data.get("cod_amount")),
    )
