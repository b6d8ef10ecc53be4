"""GHN (Giao Hàng Nhanh): fee, order and cancellation of its public API v2. Pure, see carrier_base."""

from .carrier_base import CarrierError, Place, Rate, absent, decode, member, money, shipment, text

MAX_INSURED = 5_000_000
MAX_COD = 50_000_000
MAX_WEIGHT = 50_000  # grams
MAX_SIDE = 200  # centimetres
PAGE = 200  # wards of a page of GHN's list
HEAVY = 20_000  # grams from which a parcel goes as heavy goods


def _headers(config):
    return {"Token": config.token, "ShopId": config.shop}


def _call(config, path, payload, send):
    status, body = send("POST", f"{config.url}{path}", headers=_headers(config), json=payload)
    answer = decode(status, body)
    if not isinstance(answer, dict):
        raise CarrierError("rubbish", f"HTTP {status}")
    if answer.get("code") != 200:
        detail = text(answer.get("code_message_value")) or text(answer.get("message")) or f"HTTP {status}"
        raise CarrierError("config" if status in (401, 403) else "refused" if "code" in answer else "rubbish", detail)
    return answer


def _side(address, side, by_number):
    """A place for GHN: a ward of today by its number (fees) or its names, spelt as in GHN's list (parcels); else the older codes."""
    if address.ward_id:
        new = {f"is_new_{side}_address": True}
        if by_number:
            return {**new, f"{side}_ward_id_v2": int(address.ward_id), f"{side}_address_v2": address.text()}
        return {**new, f"{side}_ward_name": address.ward, f"{side}_province_name": address.province}
    if not address.district_code.isdigit() or not address.ward_code:
        raise CarrierError("address", address.text())
    return {f"{side}_district_id": int(address.district_code), f"{side}_ward_code": address.ward_code}


def places(config, send):
    """Return GHN's list of wards of today as Place, with its own spelling; ``status`` 1 is served, 2 closed, 10 hidden."""
    found = []
    for province in _rows(_call(config, "/v3/master-data/province/all", {}, send)):
        offset, page = 0, [None] * PAGE
        while len(page) == PAGE:
            payload = {"province_id": province.get("_id"), "offset": offset, "limit": PAGE}
            page = _rows(_call(config, "/v3/master-data/ward/all-by-province-id", payload, send))
            for row in page:
                served = row.get("status") == 1 and province.get("status") == 1
                found.append(Place(text(province.get("name")), text(row.get("name")), text(row.get("_id")), served))
            offset += PAGE
    return [place for place in found if place.ward and place.ward_id.isdigit()]


def _rows(answer):
    rows = answer.get("data")
    if not isinstance(rows, list):
        raise CarrierError("rubbish", "data")
    return [row for row in rows if isinstance(row, dict)]


def _size(parcel):
    """What a parcel measures, and the service for it: 2 light goods, 5 heavy ones, each with the size of every item."""
    parcel.check(weight=MAX_WEIGHT, side=MAX_SIDE, cod=MAX_COD)
    sides = {"length": parcel.length, "width": parcel.width, "height": parcel.height}
    heavy = parcel.weight >= HEAVY
    items = [{"name": item.name, "quantity": item.quantity, "weight": max(1, round(item.grams))} for item in parcel.weighed()]
    if heavy:
        items = [item | sides for item in items]
    return {"service_type_id": 5 if heavy else 2, "weight": parcel.weight, **sides, "items": items}


def quote(config, parcel, send):
    """Return the Rate of a parcel.

    :raise CarrierError: with code 'address' when a ward has neither a number nor codes of GHN's
    """
    payload = {
        **_side(parcel.sender, "from", True),
        **_side(parcel.receiver, "to", True),
        "insurance_value": min(parcel.value, MAX_INSURED),
        "cod_value": parcel.cod,
        **_size(parcel),
    }
    answer = _call(config, "/v2/shipping-order/fee", payload, send)
    return Rate(money(member(answer, "data").get("total")), 0, "GHN")


def create(config, parcel, send):
    """Hand a parcel over; GHN answers the same order for the same ``client_order_code``. Return its Shipment."""
    payload = {
        "client_order_code": parcel.reference,
        "from_name": parcel.sender.name,
        "from_phone": parcel.sender.phone,
        "from_address": parcel.sender.text(),
        **_side(parcel.sender, "from", False),
        "to_name": parcel.receiver.name,
        "to_phone": parcel.receiver.phone,
        "to_address": parcel.receiver.text(),
        **_side(parcel.receiver, "to", False),
        "payment_type_id": 1,
        "required_note": "CHOXEMHANGKHONGTHU",
        "cod_amount": parcel.cod,
        "insurance_value": min(parcel.value, MAX_INSURED),
        "note": parcel.note,
        **_size(parcel),
    }
    return shipment(member(_call(config, "/v2/shipping-order/create", payload, send), "data"), "order_code", ["total_fee"])


def ask(config, parcel, send):
    """Return the Shipment GHN has under our reference, None when it has none."""
    try:
        answer = _call(config, "/v2/shipping-order/detail-by-client-code", {"client_order_code": parcel.reference}, send)
    except CarrierError as error:
        if absent(error):
            return None
        raise
    rows = answer.get("data")
    row = rows[0] if isinstance(rows, list) and rows else rows
    return shipment(row, "order_code", []) if isinstance(row, dict) else None


def cancel(config, tracking, send, reference=""):
    """Take a parcel back that was not picked up yet: the order's own result counts, not that GHN has answered."""
    payload = {"order_codes": [tracking], "reason_code": "GHN-CANCEL-OTHER", "reason": "Shop hủy đơn"}
    rows = _call(config, "/v2/switch-status/cancel", payload, send).get("data")
    row = next((row for row in rows if isinstance(row, dict)), {}) if isinstance(rows, list) else {}
    if row.get("result") is not True:
        raise CarrierError("refused" if row.get("result") is False else "rubbish", text(row.get("message")))
