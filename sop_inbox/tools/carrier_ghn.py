"""GHN (Giao Hàng Nhanh): fee, order and cancellation of its public API v2. Pure, see carrier_base."""

from .carrier_base import CarrierError, Rate, Shipment, decode, member, money, text

MAX_INSURED = 5_000_000
MAX_COD = 50_000_000


def _headers(config):
    return {"Token": config.token, "ShopId": config.shop}


def _call(config, path, payload, send):
    status, body = send("POST", f"{config.url}{path}", headers=_headers(config), json=payload)
    answer = decode(status, body)
    if not isinstance(answer, dict):
        raise CarrierError("rubbish", f"HTTP {status}")
    if answer.get("code") != 200:
        detail = text(answer.get("code_message_value")) or text(answer.get("message")) or f"HTTP {status}"
        raise CarrierError("config" if status in (401, 403) else "refused", detail)
    return answer


def _codes(address):
    if not address.district_code.isdigit() or not address.ward_code:
        raise CarrierError("address", address.text())
    return int(address.district_code), address.ward_code


def _size(parcel):
    return {"weight": parcel.weight, "length": parcel.length, "width": parcel.width, "height": parcel.height}


def quote(config, parcel, send):
    """Return the Rate of a parcel.

    :raise CarrierError: with code 'address' when a district or ward has no code of GHN's
    """
    from_district, from_ward = _codes(parcel.sender)
    to_district, to_ward = _codes(parcel.receiver)
    payload = {
        "from_district_id": from_district,
        "from_ward_code": from_ward,
        "to_district_id": to_district,
        "to_ward_code": to_ward,
        "service_type_id": int(config.service or 2),
        "insurance_value": min(parcel.value, MAX_INSURED),
        "cod_value": min(parcel.cod, MAX_COD),
        **_size(parcel),
    }
    answer = _call(config, "/v2/shipping-order/fee", payload, send)
    return Rate(money(member(answer, "data").get("total")), 0, "GHN")


def create(config, parcel, send):
    """Hand a parcel over; GHN answers the same order for the same ``client_order_code``. Return its Shipment."""
    to_district, to_ward = _codes(parcel.receiver)
    from_district, from_ward = _codes(parcel.sender)
    payload = {
        "client_order_code": parcel.reference,
        "from_name": parcel.sender.name,
        "from_phone": parcel.sender.phone,
        "from_address": parcel.sender.text(),
        "from_district_id": from_district,
        "from_ward_code": from_ward,
        "to_name": parcel.receiver.name,
        "to_phone": parcel.receiver.phone,
        "to_address": parcel.receiver.text(),
        "to_district_id": to_district,
        "to_ward_code": to_ward,
        "service_type_id": int(config.service or 2),
        "payment_type_id": 1,
        "required_note": "CHOXEMHANGKHONGTHU",
        "cod_amount": parcel.cod,
        "insurance_value": min(parcel.value, MAX_INSURED),
        "note": parcel.note,
        "items": [{"name": name, "quantity": quantity} for name, quantity in parcel.items],
        **_size(parcel),
    }
    data = member(_call(config, "/v2/shipping-order/create", payload, send), "data")
    tracking = text(data.get("order_code"))
    if not tracking:
        raise CarrierError("rubbish", "order_code")
    return Shipment(tracking, money(data.get("total_fee", 0)))


def cancel(config, tracking, send):
    """Take a parcel back that was not picked up yet."""
    _call(config, "/v2/switch-status/cancel", {"order_codes": [tracking]}, send)
