"""GHTK (Giao Hàng Tiết Kiệm): fee, order and cancellation. Pure, see carrier_base."""

from urllib.parse import quote as quote_path

from .carrier_base import CarrierError, Rate, Shipment, decode, member, money, text


def _call(config, method, path, send, **kwargs):
    headers = {"Token": config.token, "X-Client-Source": config.shop}
    status, body = send(method, f"{config.url}{path}", headers=headers, **kwargs)
    answer = decode(status, body)
    if not isinstance(answer, dict):
        raise CarrierError("rubbish", f"HTTP {status}")
    if answer.get("success") is not True:
        detail = text(answer.get("message")) or f"HTTP {status}"
        raise CarrierError("config" if status in (401, 403) else "refused", detail)
    return answer


def _place(address, prefix):
    """Names of a place; wards of the two-level division stand where GHTK asks for a district."""
    district = address.district or address.ward
    if not address.province or not district:
        raise CarrierError("address", address.text())
    place = {f"{prefix}province": address.province, f"{prefix}district": district, f"{prefix}ward": address.ward}
    return {key: value for key, value in place.items() if value}


def quote(config, parcel, send):
    """Return the Rate of a parcel; CarrierError also when GHTK says it does not deliver there."""
    params = {
        **_place(parcel.sender, "pick_"),
        **_place(parcel.receiver, ""),
        "address": parcel.receiver.street,
        "weight": parcel.weight,
        "value": parcel.value,
        "transport": config.service or "road",
        "deliver_option": "none",
    }
    fee = member(_call(config, "GET", "/services/shipment/fee", send, params=params), "fee")
    if fee.get("delivery") is False:
        raise CarrierError("address", parcel.receiver.text())
    return Rate(money(fee.get("fee")), 0, text(fee.get("name")) or "GHTK")


def create(config, parcel, send):
    """Hand a parcel over; ``order.id`` makes a repetition harmless. Return its Shipment."""
    receiver = _place(parcel.receiver, "")
    sender = _place(parcel.sender, "pick_")
    order = {
        "id": parcel.reference,
        "pick_name": parcel.sender.name,
        "pick_address": parcel.sender.street,
        "pick_tel": parcel.sender.phone,
        **sender,
        "name": parcel.receiver.name,
        "address": parcel.receiver.street,
        "tel": parcel.receiver.phone,
        "hamlet": "Khác",
        **receiver,
        "is_freeship": 1,
        "pick_money": parcel.cod,
        "value": parcel.value,
        "note": parcel.note,
        "transport": config.service or "road",
        "weight_option": "gram",
    }
    share = parcel.weight / 1000 / max(1, len(parcel.items))
    products = [{"name": name, "quantity": quantity, "weight": round(share, 3)} for name, quantity in parcel.items]
    answer = _call(config, "POST", "/services/shipment/order/?ver=1.5", send, json={"products": products, "order": order})
    data = member(answer, "order")
    tracking = text(data.get("label"))
    if not tracking:
        raise CarrierError("rubbish", "label")
    return Shipment(tracking, money(data.get("fee", 0)))


def cancel(config, tracking, send):
    """Take a parcel back that was not picked up yet."""
    _call(config, "POST", f"/services/shipment/cancel/{quote_path(tracking, safe='')}", send)
