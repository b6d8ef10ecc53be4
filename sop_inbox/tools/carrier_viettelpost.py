"""Viettel Post: log-in, prices from free-text addresses, order and cancellation. Pure, see carrier_base."""

import re

from .carrier_base import CarrierError, Rate, Shipment, decode, member, money, text


def _log_in(config, send):
    if config.token:
        return config.token
    if not config.username or not config.password:
        raise CarrierError("config", "")
    payload = {"USERNAME": config.username, "PASSWORD": config.password}
    status, body = send("POST", f"{config.url}/v2/user/Login", json=payload)
    answer = decode(status, body)
    if isinstance(answer, dict) and answer.get("error"):
        raise CarrierError("config", text(answer.get("message")))
    token = text(member(answer, "data").get("token"))
    if not token:
        raise CarrierError("rubbish", "token")
    return token


def _call(config, path, payload, send):
    token = _log_in(config, send)
    status, body = send("POST", f"{config.url}{path}", headers={"Token": token}, json=payload)
    answer = decode(status, body)
    if isinstance(answer, dict) and (answer.get("error") or status >= 400):
        detail = text(answer.get("message")) or f"HTTP {status}"
        raise CarrierError("config" if status in (401, 403) else "refused", detail)
    return answer


def _addresses(parcel):
    if not parcel.receiver.province:
        raise CarrierError("address", parcel.receiver.text())
    return {"SENDER_ADDRESS": parcel.sender.text(), "RECEIVER_ADDRESS": parcel.receiver.text()}


def _days(value):
    """Days on the way from words such as "2 ngày" or "48 giờ"; 0 when it does not say."""
    match = re.search(r"(\d{1,9}(?:[.,]\d{1,9})?)\s?(\w{0,9})", text(value))
    if not match:
        return 0
    number = float(match[1].replace(",", "."))
    return number / 24 if match[2].lower().startswith(("giờ", "gio", "h")) else number


def quote(config, parcel, send):
    """Return the Rate of the configured service, else the cheapest of all."""
    payload = {
        **_addresses(parcel),
        "PRODUCT_TYPE": "HH",
        "PRODUCT_WEIGHT": parcel.weight,
        "PRODUCT_PRICE": parcel.value,
        "MONEY_COLLECTION": parcel.cod,
        "TYPE": 1,
    }
    answer = _call(config, "/v2/order/getPriceAllNlp", payload, send)
    rows = answer if isinstance(answer, list) else answer.get("RESULT")
    if not isinstance(rows, list):
        raise CarrierError("rubbish", "")
    rates = [
        (text(row.get("MA_DV_CHINH")), Rate(money(row.get("GIA_CUOC")), _days(row.get("THOI_GIAN")), text(row.get("TEN_DICHVU"))))
        for row in rows
        if isinstance(row, dict)
    ]
    if config.service:
        rates = [(code, rate) for code, rate in rates if code == config.service]
    if not rates:
        raise CarrierError("address", parcel.receiver.text())
    return min((rate for _code, rate in rates), key=lambda rate: rate.price)


def create(config, parcel, send):
    """Hand a parcel over; return its Shipment."""
    payload = {
        "ORDER_NUMBER": parcel.reference,
        "SENDER_FULLNAME": parcel.sender.name,
        "SENDER_PHONE": parcel.sender.phone,
        "RECEIVER_FULLNAME": parcel.receiver.name,
        "RECEIVER_PHONE": parcel.receiver.phone,
        **_addresses(parcel),
        "PRODUCT_NAME": ", ".join(name for name, _quantity in parcel.items)[:250],
        "PRODUCT_QUANTITY": sum(quantity for _name, quantity in parcel.items) or 1,
        "PRODUCT_TYPE": "HH",
        "PRODUCT_WEIGHT": parcel.weight,
        "PRODUCT_PRICE": parcel.value,
        "MONEY_COLLECTION": parcel.cod,
        "ORDER_PAYMENT": 3 if parcel.cod else 1,
        "ORDER_SERVICE": config.service or "VCN",
        "ORDER_NOTE": parcel.note,
    }
    data = member(_call(config, "/v2/order/createOrderNlp", payload, send), "data")
    tracking = text(data.get("ORDER_NUMBER"))
    if not tracking:
        raise CarrierError("rubbish", "ORDER_NUMBER")
    return Shipment(tracking, money(data.get("MONEY_TOTAL", 0)))


def cancel(config, tracking, send):
    """Take a parcel back that was not picked up yet."""
    _call(config, "/v2/order/UpdateOrder", {"TYPE": 4, "ORDER_NUMBER": tracking, "NOTE": ""}, send)
