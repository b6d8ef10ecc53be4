"""Check what a client sends to make or change an order. Pure: no ORM, nothing raised but ``InputError``."""

import hashlib
import json
import math

ORDER_KEYS = frozenset(
    {"partner_id", "lines", "carrier_id", "promo_code", "confirm", "payment", "warehouse_id", "note", "fee", "deposit", "request_ref"}
)
LINE_KEYS = frozenset({"product_id", "qty", "discount", "note"})
PAYMENTS = ("cod", "transfer", "link", "later")
MAX_LINES = 200
MAX_QTY = 1_000_000


class InputError(ValueError):
    """What is wrong, as a code the model turns into a sentence, and the value it is about."""

    def __init__(self, code, value=None):
        super().__init__(code)
        self.code = code
        self.value = value


def clean_id(value, code):
    """Return a record's id; False, None and 0 mean none."""
    if value in (None, False, 0):
        return False
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise InputError(code, value)
    return value


def clean_number(value, code, low, high):
    """Return a finite number within [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not low <= value <= high:
        raise InputError(code, value)
    return float(value)


def clean_quantity(value):
    """Return a quantity above zero."""
    quantity = clean_number(value, "quantity", 0, MAX_QTY)
    if quantity <= 0:
        raise InputError("quantity", value)
    return quantity


def clean_text(value, code, limit=2000):
    """Return a text without what PostgreSQL cannot store; empty for none."""
    if value in (None, False):
        return ""
    if not isinstance(value, str):
        raise InputError(code, value)
    return value.replace("\x00", "").encode(errors="ignore").decode().strip()[:limit]


def clean_address(address):
    """Return where an order would go to (street, city, state_id); empty for none."""
    if address in (None, False):
        return {}
    if not isinstance(address, dict):
        raise InputError("address", address)
    texts = {name: clean_text(address.get(name), name, 200) for name in ("street", "city")}
    return {**texts, "state_id": clean_id(address.get("state_id"), "state_id")} if address else {}


def clean_lines(lines):
    """Return the lines as dicts ``product_id, qty, discount, note``; lines of one product and discount are added up."""
    if not isinstance(lines, list | tuple) or not lines:
        raise InputError("no_lines")
    if len(lines) > MAX_LINES:
        raise InputError("many_lines", MAX_LINES)
    cleaned = {}
    for line in lines:
        if not isinstance(line, dict) or set(line) - LINE_KEYS:
            raise InputError("line", line)
        product = clean_id(line.get("product_id"), "product")
        if not product:
            raise InputError("product", line.get("product_id"))
        discount = clean_number(line.get("discount") or 0, "discount", 0, 100)
        note = clean_text(line.get("note"), "note")
        known = cleaned.setdefault((product, discount, note), {"product_id": product, "qty": 0.0, "discount": discount, "note": note})
        known["qty"] += clean_quantity(line.get("qty", 1))
    return list(cleaned.values())


def clean_order(vals):
    """Return every key of an order checked, the absent ones with their default.

    :raise InputError: with the code of the first thing that is wrong
    """
    if not isinstance(vals, dict):
        raise InputError("order", vals)
    if unknown := set(vals) - ORDER_KEYS:
        raise InputError("unknown", ", ".join(sorted(map(str, unknown))))
    payment = vals.get("payment") or "cod"
    if payment not in PAYMENTS:
        raise InputError("payment", payment)
    fee, deposit = vals.get("fee"), vals.get("deposit") or 0
    return {
        "partner_id": clean_id(vals.get("partner_id"), "partner"),
        "lines": clean_lines(vals.get("lines")),
        "carrier_id": clean_id(vals.get("carrier_id"), "carrier"),
        "warehouse_id": clean_id(vals.get("warehouse_id"), "warehouse"),
        "promo_code": clean_text(vals.get("promo_code"), "promo_code", 64),
        "note": clean_text(vals.get("note"), "note"),
        "request_ref": clean_text(vals.get("request_ref"), "request_ref", 64),
        "payment": payment,
        "fee": None if fee in (None, False) else clean_number(fee, "fee", 0, 1e9),
        "deposit": clean_text(deposit, "deposit", 20) if isinstance(deposit, str) else clean_number(deposit, "deposit", 0, 1e12),
        "confirm": bool(vals.get("confirm")),
    }


def fingerprint(cleaned):
    """Return what two requests for the same order have in common, whatever the order of their lines."""
    lines = sorted(json.dumps(line, sort_keys=True) for line in cleaned["lines"])
    rest = {key: value for key, value in cleaned.items() if key not in ("lines", "request_ref")}
    return hashlib.sha256(json.dumps([rest, lines], sort_keys=True).encode()).hexdigest()[:32]
