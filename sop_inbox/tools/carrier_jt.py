"""J&T Express: fee, order, look-up and cancellation of its open platform. Pure, see carrier_base.

An account is: customer code and password (as J&T's signing tool gives it) in ``username`` and ``password``, the
application's ``apiAccount`` in ``shop`` and its private key in ``token``.
"""

import base64
import hashlib
import json
import time

from .carrier_base import CarrierError, Rate, absent, decode, member, money, shipment, text

MAX_COD = MAX_VALUE = 30_000_000
MAX_WEIGHT = 999_000  # grams
MAX_SIDES = (320, 180, 100)  # centimetres, however the parcel lies
ACCOUNT_CODES = ("145003010", "145003012", "145003030", "145003051", "999001030", "999011010", "999011020", "999011030")


def _call(config, path, facts, send):
    """Return ``data`` of an answer. The digest is of the very text that is sent."""
    content = json.dumps({"customerCode": config.username, "password": config.password, **facts}, ensure_ascii=False)
    digest = base64.b64encode(hashlib.md5(f"{content}{config.token}".encode(), usedforsecurity=False).digest()).decode()
    headers = {"apiAccount": config.shop, "timestamp": str(int(time.time() * 1000)), "digest": digest}
    status, body = send("POST", f"{config.url}/api/{path}", headers=headers, data={"bizContent": content})
    answer = decode(status, body)
    code = text(answer.get("code")) if isinstance(answer, dict) else ""
    if not code:
        raise CarrierError("rubbish", f"HTTP {status}")
    if code != "1":
        kind = "config" if code in ACCOUNT_CODES else "refused"
        raise CarrierError(kind, f"{text(answer.get('msg'))} ({code})")
    return member(answer, "data")


def _place(address):
    """Names of today's two-level division: no district."""
    if not address.province or not address.ward:
        raise CarrierError("address", address.text())
    return {"prov": address.province[:40], "area": address.ward[:40]}


def _person(address):
    return {"name": address.name[:40], "mobile": address.phone[:30], "address": address.street[:250], **_place(address)}


def _size(parcel):
    parcel.check(weight=MAX_WEIGHT, cod=MAX_COD)
    length, height, width = sorted((parcel.length, parcel.width, parcel.height), reverse=True)
    for side, most in zip((length, height, width), MAX_SIDES, strict=True):
        if side > most:
            raise CarrierError("size", f"{most} cm")
    kilos = max(0.01, round(parcel.weight / 1000, 3))
    return {"weight": f"{kilos:g}", "length": str(length), "width": str(width), "height": str(height)}


def _goods(config, parcel):
    return {
        "selfAddress": 1,
        "productType": config.service or "EXPRESS",
        "goodsType": "bm000010",
        "goodsValue": min(parcel.value, MAX_VALUE),
        "codMoney": str(parcel.cod),
        "isInsured": 0,
    }


def quote(config, parcel, send):
    """Return the Rate of a parcel."""
    places = {"sender": _place(parcel.sender), "receiver": _place(parcel.receiver)}
    data = _call(config, "spmComCost/getComCost", {**_goods(config, parcel), **_size(parcel), **places}, send)
    return Rate(money(data.get("price")) + money(data.get("codFee") or 0) + money(data.get("insuranceFee") or 0), 0, "J&T")


def create(config, parcel, send):
    """Hand a parcel over; J&T takes a ``txlogisticId`` once. Return its Shipment."""
    facts = {
        "txlogisticId": parcel.reference,
        "orderType": 1,
        "serviceType": 1,
        "deliveryType": 1,
        "payType": "PP_PM",
        **_goods(config, parcel),
        "sender": _person(parcel.sender),
        "receiver": _person(parcel.receiver),
        "packageInfo": _size(parcel),
        "remark": parcel.note[:200],
        "items": [{"itemName": item.name[:500], "englishName": "Goods", "number": str(item.quantity), "itemValue": "0"} for item in parcel.weighed()],
    }
    return shipment(_call(config, "order/addOrder", facts, send), "billCode", ["inquiryFee", "codFee", "insuranceFee"])


def ask(config, parcel, send):
    """Return the Shipment J&T has under our reference, None when it has none: who has a label has a parcel."""
    try:
        return shipment(_call(config, "order/printOrder", {"txlogisticId": parcel.reference}, send), "billCode", [])
    except CarrierError as error:
        if absent(error):
            return None
        raise


def cancel(config, tracking, send, reference=""):
    """Take a parcel back that was not picked up yet; J&T goes by our reference."""
    _call(config, "order/cancelOrder", {"txlogisticId": reference, "billCode": tracking, "reason": "Shop hủy đơn"}, send)
