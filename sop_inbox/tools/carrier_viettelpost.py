"""Viettel Post: log-in, list of wards, prices, order and cancellation. Pure, see carrier_base.

Places go by their numbers in Viettel Post's list of today's wards; free text is for addresses that are not in it (its table of the
free-text calls knows old three-level addresses only).
"""

import re

from .carrier_base import CarrierError, Place, Rate, cut, decode, member, money, shipment, text

MAX_BYTES = 150  # of UTF-8 in every text


def _log_in(config, send):
    """Log in and keep the token of a year: what ``Login`` gives is a short one, ``ownerconnect`` makes it long."""
    if not config.username or not config.password:
        raise CarrierError("config", "")
    payload = {"USERNAME": config.username, "PASSWORD": config.password}
    token = ""
    for path in ("/v2/user/Login", "/v2/user/ownerconnect"):
        status, body = send("POST", f"{config.url}{path}", headers={"Token": token} if token else {}, json=payload)
        answer = decode(status, body)
        if isinstance(answer, dict) and answer.get("error"):
            raise CarrierError("config", text(answer.get("message")))
        token = text(member(answer, "data").get("token"))
        if not token:
            raise CarrierError("rubbish", "token")
    config.session["token"] = token
    return token


def _call(config, path, payload, send, method="POST"):
    """Return the answer; a token that is taken no more is renewed once."""
    payload = {name: cut(value, MAX_BYTES) if isinstance(value, str) else value for name, value in payload.items()}
    token = config.session.get("token") or config.token
    if token:
        answer = _ask(config, path, payload, token, send, method)
        if not _wants_log_in(answer) or not config.username:
            return _read(answer)
    try:
        token = _log_in(config, send)
    except CarrierError as error:
        raise CarrierError(error.code, error.detail, unsent=True) from None  # nothing was asked yet
    return _read(_ask(config, path, payload, token, send, method))


def _ask(config, path, payload, token, send, method):
    given = {"json": payload} if method == "POST" else {"params": payload}
    status, body = send(method, f"{config.url}{path}", headers={"Token": token}, **given)
    return status, decode(status, body)


def _wants_log_in(answer):
    status, body = answer
    message = text(body.get("message")).lower() if isinstance(body, dict) and body.get("error") else ""
    return status in (401, 403) or "token" in message and ("invalid" in message or "expired" in message)


def _read(answer):
    status, body = answer
    if isinstance(body, dict) and (body.get("error") or status >= 400):
        raise CarrierError("config" if _wants_log_in(answer) else "refused", text(body.get("message")) or f"HTTP {status}")
    return body


def places(config, send):
    """Return Viettel Post's list of wards of today as Place; all it lists are served."""
    found = []
    for province in _rows(_call(config, "/v3/categories/listProvinceNew", {}, send, "GET")):
        province_id = text(province.get("PROVINCE_ID"))
        for row in _rows(_call(config, "/v3/categories/listWardsNew", {"provinceId": province_id}, send, "GET")):
            numbers = text(row.get("WARDS_ID")), True, text(row.get("DISTRICT_ID")) or "0", province_id
            found.append(Place(text(province.get("PROVINCE_NAME")), text(row.get("WARDS_NAME")), *numbers))
    return [place for place in found if place.ward and all(map(str.isdigit, (place.ward_id, place.district_id, place.province_id)))]


def _rows(answer):
    rows = answer if isinstance(answer, list) else answer.get("data")
    if not isinstance(rows, list):
        raise CarrierError("rubbish", "data")
    return [row for row in rows if isinstance(row, dict)]


def _by_number(parcel):
    """Whether both places are in Viettel Post's list of today's wards."""
    return all(place.ward_id and place.province_id for place in (parcel.sender, parcel.receiver))


def _numbers(parcel):
    """Return both places by their numbers, the street beside them."""
    sides = (("SENDER", parcel.sender), ("RECEIVER", parcel.receiver))
    levels = (("PROVINCE", "province_id"), ("DISTRICT", "district_id"), ("WARD", "ward_id"))
    return {f"{side}_{level}": int(getattr(place, name) or 0) for side, place in sides for level, name in levels}


def _addresses(parcel):
    if not parcel.receiver.province:
        raise CarrierError("address", parcel.receiver.text())
    return {"SENDER_ADDRESS": _line(parcel.sender)[0], "RECEIVER_ADDRESS": _line(parcel.receiver)[0]}


def _line(address):
    """Return an address that fits, its ward and province whole, and what had to be left out of the street."""
    place = ", ".join(filter(None, [address.ward, address.district, address.province]))
    street = cut(address.street, max(0, MAX_BYTES - len(place.encode()) - 2))
    return ", ".join(filter(None, [street, place])), address.street[len(street) :].strip()


def _days(value):
    """Days on the way from words such as "2 ngày" or "48 giờ"; 0 when it does not say."""
    match = re.search(r"(\d{1,9}(?:[.,]\d{1,9})?)\s?(\w{0,9})", text(value))
    if not match:
        return 0
    number = float(match[1].replace(",", "."))
    return number / 24 if match[2].lower().startswith(("giờ", "gio", "h")) else number


def quote(config, parcel, send):
    """Return the Rate of the configured service, else the cheapest of all."""
    by_number = _by_number(parcel)
    payload = {
        **(_numbers(parcel) if by_number else _addresses(parcel)),
        "PRODUCT_TYPE": "HH",
        "PRODUCT_WEIGHT": parcel.weight,
        "PRODUCT_PRICE": parcel.value,
        "MONEY_COLLECTION": parcel.cod,
        "TYPE": 1,
    }
    answer = _call(config, "/v2/order/getPriceAll" if by_number else "/v2/order/getPriceAllNlp", payload, send)
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
    """Hand a parcel over; ``CHECK_UNIQUE`` keeps a repetition from being a second waybill. Return its Shipment."""
    payload = {
        "ORDER_NUMBER": parcel.reference,
        "CHECK_UNIQUE": True,
        "SENDER_FULLNAME": parcel.sender.name,
        "SENDER_PHONE": parcel.sender.phone,
        "RECEIVER_FULLNAME": parcel.receiver.name,
        "RECEIVER_PHONE": parcel.receiver.phone,
        **_addresses(parcel),
        **(_numbers(parcel) if _by_number(parcel) else {}),
        "PRODUCT_NAME": ", ".join(item.name for item in parcel.weighed()),
        "PRODUCT_QUANTITY": sum(item.quantity for item in parcel.weighed()),
        "PRODUCT_TYPE": "HH",
        "PRODUCT_WEIGHT": parcel.weight,
        "PRODUCT_PRICE": parcel.value,
        "MONEY_COLLECTION": parcel.cod,
        "ORDER_PAYMENT": 3 if parcel.cod else 1,
        "ORDER_SERVICE": config.service or "VCN",
        "ORDER_NOTE": ", ".join(filter(None, [_line(parcel.receiver)[1], parcel.note])),
    }
    path = "/v2/order/createOrder" if _by_number(parcel) else "/v2/order/createOrderNlp"
    return shipment(member(_call(config, path, payload, send), "data"), "ORDER_NUMBER", ["MONEY_TOTAL"])


def cancel(config, tracking, send, reference=""):
    """Take a parcel back that was not picked up yet."""
    _call(config, "/v2/order/UpdateOrder", {"TYPE": 4, "ORDER_NUMBER": tracking, "NOTE": "Shop hủy đơn"}, send)
