"""GHTK (Giao Hàng Tiết Kiệm): fee, order and cancellation. Pure, see carrier_base."""

from urllib.parse import quote as quote_path

from .carrier_base import CarrierError, Rate, Shipment, absent, decode, member, money, shipment, text

CANCELLED = "-1"


def _call(config, method, path, send, **kwargs):
    """Return the answer, the refusal of a parcel GHTK has already included: ``success`` says which."""
    headers = {"Token": config.token, "X-Client-Source": config.shop}
    status, body = send(method, f"{config.url}{path}", headers=headers, **kwargs)
    answer = decode(status, body)
    if not isinstance(answer, dict) or not isinstance(answer.get("success"), bool):
        raise CarrierError("rubbish", f"HTTP {status}")
    if not answer["success"] and not _known(answer):
        detail = text(answer.get("message")) or f"HTTP {status}"
        raise CarrierError("config" if status in (401, 403) else "refused", detail)
    return answer


def _known(answer):
    """Return the label of the parcel GHTK has under our reference, "" when it says nothing of the kind."""
    error = answer.get("error")
    return text(error.get("ghtk_label")) if isinstance(error, dict) and error.get("code") == "ORDER_ID_EXIST" else ""


def _place(address, prefix):
    """Names of a place: province and ward, and the district of an address that still has one."""
    if not address.province or not (address.ward or address.district):
        raise CarrierError("address", address.text())
    place = {f"{prefix}province": address.province, f"{prefix}district": address.district, f"{prefix}ward": address.ward}
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
    """Hand a parcel over; of one GHTK has already under our reference it gives the label. Return its Shipment.

    Weights are those of one piece in kilograms, GHTK's unit unless another is named.
    """
    order = {
        "id": parcel.reference,
        "pick_name": parcel.sender.name,
        "pick_address": parcel.sender.street,
        "pick_tel": parcel.sender.phone,
        **_place(parcel.sender, "pick_"),
        "name": parcel.receiver.name,
        "address": parcel.receiver.street,
        "tel": parcel.receiver.phone,
        "hamlet": "Khác",
        **_place(parcel.receiver, ""),
        "is_freeship": 1,
        "pick_money": parcel.cod,
        "value": parcel.value,
        "note": parcel.note[:120],
        "transport": config.service or "road",
    }
    products = [{"name": item.name, "quantity": item.quantity, "weight": round(item.grams / 1000, 5)} for item in parcel.weighed()]
    answer = _call(config, "POST", "/services/shipment/order/?ver=1.5", send, json={"products": products, "order": order})
    if label := _known(answer):
        return Shipment(label)
    return shipment(member(answer, "order"), "label", ["fee"])


def _order(config, code, send):
    """Return GHTK's order of a label or of ``partner_id:<our reference>``."""
    return member(_call(config, "GET", f"/services/shipment/v2/{quote_path(code, safe=':')}", send), "order")


def ask(config, parcel, send):
    """Return the Shipment GHTK has under our reference, None when it has none."""
    try:
        return shipment(_order(config, f"partner_id:{parcel.reference}", send), "label_id", [])
    except CarrierError as error:
        if absent(error):
            return None
        raise


def cancel(config, tracking, send, reference=""):
    """Take a parcel back that was not picked up yet; one that was taken back before is."""
    try:
        _call(config, "POST", f"/services/shipment/cancel/{quote_path(tracking, safe='')}", send)
    except CarrierError as refusal:
        if refusal.code != "refused" or not _is_cancelled(config, tracking, send):
            raise


def _is_cancelled(config, tracking, send):
    try:
        return text(_order(config, tracking, send).get("status")) == CANCELLED
    except CarrierError:
        return False
