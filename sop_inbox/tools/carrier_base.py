"""What every carrier's module speaks: parcels in, rates and shipments out. Pure: the network is a function given in.

``send(method, url, headers=None, params=None, json=None, data=None) -> (status, body bytes)`` raises ``CarrierError``
itself when the carrier does not answer in time; nothing here opens a connection.

A carrier's module has four functions, and each ends in one of three ways: done (it returns), refused (``CarrierError``,
``in_doubt`` false) or unknown (``CarrierError``, ``in_doubt`` true):

- ``quote(config, parcel, send) -> Rate``
- ``create(config, parcel, send) -> Shipment``: the same ``reference`` never makes a second parcel
- ``ask(config, parcel, send) -> Shipment | None``: what became of a parcel whose creation was not answered, by our reference;
  None when the carrier surely does not have it. Missing where a carrier has no such look-up
- ``cancel(config, tracking, send, reference="")``
"""

import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from .outside import read_json


@dataclass(frozen=True)
class Address:
    """Where a parcel comes from or goes to, as names and as the carrier's own codes.

    :ivar ward_id: the carrier's number of a ward of today; ``ward`` and ``province`` are then spelt as the carrier spells them
    :ivar district_id, province_id: its numbers of what the ward lies in, where the carrier has them
    :ivar closed: whether the carrier says that it does not go there
    """

    name: str = ""
    phone: str = ""
    street: str = ""
    ward: str = ""
    district: str = ""
    province: str = ""
    district_code: str = ""
    ward_code: str = ""
    ward_id: str = ""
    district_id: str = ""
    province_id: str = ""
    closed: bool = False

    def text(self):
        """The address in one line."""
        return ", ".join(part for part in (self.street, self.ward, self.district, self.province) if part)


_ABSENT = re.compile(r"không tồn tại|không tìm thấy|not found|not exist", re.IGNORECASE)


class Item(NamedTuple):
    """Goods in a parcel: ``grams`` is the weight of one piece, 0 when not known."""

    name: str
    quantity: int
    grams: float = 0


@dataclass(frozen=True)
class Parcel:
    """A parcel to quote or to send; weight in grams, lengths in centimetres, money in whole dong.

    :ivar reference: our name for it at the carrier, at most 20 characters
    :ivar items: tuple of Item (or of its values)
    """

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

    def weighed(self):
        """Return the items, their pieces together as heavy as the parcel: what was not weighed gets an equal share."""
        items = [Item(*item) for item in self.items] or [Item("-", 1)]
        pieces = sum(item.quantity for item in items)
        known = sum(item.grams * item.quantity for item in items)
        if not known or any(not item.grams for item in items):
            return [item._replace(grams=self.weight / pieces) for item in items]
        return [item._replace(grams=item.grams * self.weight / known) for item in items]

    def check(self, weight=math.inf, side=math.inf, cod=math.inf):
        """Say before it is sent what a carrier does not take: grams, centimetres and dong at most."""
        if self.weight > weight:
            raise CarrierError("weight", f"{weight // 1000} kg")
        if max(self.length, self.width, self.height) > side:
            raise CarrierError("size", f"{side} cm")
        if self.cod > cod:
            raise CarrierError("cod", f"{cod:,} ₫".replace(",", "."))


class Place(NamedTuple):
    """A ward of today as a carrier lists it: its spelling, its number, whether it goes there, the numbers of what it lies in."""

    province: str
    ward: str
    ward_id: str
    served: bool
    district_id: str = ""
    province_id: str = ""


@dataclass(frozen=True)
class Config:
    """An account at a carrier.

    :ivar trusted: the address when the system administrator has set it (see ``http_out.exchange``), "" for the carrier's own
    :ivar secret: what the carrier sends with each webhook
    :ivar session: dict; the carrier's module keeps under ``token`` what a log-in gave it, the caller keeps the dict
    """

    url: str
    token: str = ""
    shop: str = ""
    username: str = ""
    password: str = ""
    service: str = ""
    trusted: str = ""
    secret: str = ""
    session: dict = field(default_factory=dict, compare=False)

    def facts(self):
        """Return what the carrier's answers depend on."""
        return self.url, self.token, self.shop, self.username, self.password, self.service


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


def absent(error):
    """Whether a carrier refuses because it does not have the parcel."""
    return error.code == "refused" and bool(_ABSENT.search(error.detail))


class CarrierError(Exception):
    """A carrier did not do it: ``code`` in timeout, network, refused, rubbish, address, config, weight, size, cod; ``detail`` in its words.

    :ivar in_doubt: whether it may have done it all the same: the request had left, and its answer was lost
    """

    def __init__(self, code, detail="", sent=False, unsent=False):
        super().__init__(detail or code)
        self.code = code
        self.detail = str(detail)[:300]
        self.in_doubt = not unsent and (sent or code == "rubbish")


def decode(status, body):
    """Return the JSON of an answer; CarrierError when it is none, or comes from a server that broke down on the way."""
    if status >= 500 or status == 408:
        raise CarrierError("network", f"HTTP {status}", sent=True)
    try:
        answer = read_json(body)
    except ValueError:
        raise CarrierError("rubbish", f"HTTP {status}") from None
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


def shipment(data, tracking, fee):
    """Return the Shipment of an answer; a fee that cannot be read is none, the waybill counts.

    :param tracking: key of the waybill
    :param fee: keys of what it costs
    """
    code = text(data.get(tracking))
    if not code:
        raise CarrierError("rubbish", tracking)
    try:
        return Shipment(code, sum(money(data.get(name) or 0) for name in fee))
    except CarrierError:
        return Shipment(code)


def cut(value, size):
    """Return the beginning of a text that is no longer than so many bytes of UTF-8, whole letters only."""
    return value.encode()[:size].decode(errors="ignore").rstrip()


def text(value):
    """Return a code or number of the carrier as text; empty for what is none."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def member(answer, key):
    """Return a dict inside an answer; CarrierError when it is not there."""
    value = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(value, dict):
        raise CarrierError("rubbish", key)
    return value
