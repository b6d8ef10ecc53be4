"""What every carrier's module speaks: parcels in, rates and shipments out. Pure: the network is a function given in.

``send(method, url, headers=None, params=None, json=None) -> (status, body bytes)`` raises ``CarrierError``
itself when the carrier does not answer in time; nothing here opens a connection.
"""

import json as json_module
import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Address:
    """Where a parcel comes from or goes to, as names and as the carrier's own codes."""

    name: str = ""
    phone: str = ""
    street: str = ""
    ward: str = ""
    district: str = ""
    province: str = ""
    district_code: str = ""
    ward_code: str = ""

    def text(self):
        """The address in one line."""
        return ", ".join(part for part in (self.street, self.ward, self.district, self.province) if part)


@dataclass(frozen=True)
class Parcel:
    """A parcel to quote or to send; weight in grams, lengths in centimetres, money in whole dong."""

    sender: Address
    receiver: Address
    weight: int
    value: int = 0
    cod: int = 0
    length: int = 20
    width: int = 15
    height: int = 10
    reference: str = ""
    items: tuple = ()
    note: str = ""


@dataclass(frozen=True)
class Config:
    """An account at a carrier.

    :ivar trusted: the address when the system administrator has set it (see ``http_out.exchange``), "" for the carrier's own
    """

    url: str
    token: str = ""
    shop: str = ""
    username: str = ""
    password: str = ""
    service: str = ""
    trusted: str = ""


@dataclass(frozen=True)
class Rate:
    """What a carrier asks: dong, and days on the way (0 = it did not say)."""

    price: int
    days: float = 0
    service: str = ""


@dataclass(frozen=True)
class Shipment:
    """A parcel a carrier took over."""

    tracking: str
    price: int = 0
    extra: dict = field(default_factory=dict)


class CarrierError(Exception):
    """A carrier did not do it: ``code`` in timeout, network, refused, rubbish, address, config; ``detail`` in its words.

    :ivar in_doubt: whether it may have done it all the same: the request had left, and no answer tells
    """

    def __init__(self, code, detail="", sent=False):
        super().__init__(detail or code)
        self.code = code
        self.detail = str(detail)[:300]
        self.in_doubt = sent or code == "rubbish"


def decode(status, body):
    """Return the JSON of an answer; CarrierError when it is none."""
    try:
        answer = json_module.loads(body)
    except (ValueError, RecursionError):
        raise CarrierError("rubbish" if status < 500 else "network", f"HTTP {status}", sent=True) from None
    if not isinstance(answer, dict | list):
        raise CarrierError("rubbish", f"HTTP {status}")
    return answer


def money(value):
    """Return an amount in whole dong; CarrierError when the carrier wrote none or one below zero."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise CarrierError("rubbish", "no price") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value < 1e10:
        raise CarrierError("rubbish", "no price")
    return round(value)


def text(value):
    """Return a code or number of the carrier as text; empty for what is none."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def member(answer, key):
    """Return a dict inside an answer; CarrierError when it is not there."""
    value = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(value, dict):
        raise CarrierError("rubbish", key)
    return value
