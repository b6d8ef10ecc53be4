"""Amounts of money as Vietnamese people type them: "30k", "30.000", "1tr2", "1,5tr", "50%". No Odoo here."""

import re
import unicodedata

_SIGN = r"(?:đ|₫|d|vnd|vnđ|dong|đồng|đong)?"
_PERCENT = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,2})?)%")
_GROUPED = re.compile(rf"([0-9]{{1,3}}(?:([.,])[0-9]{{3}})(?:\2[0-9]{{3}}){{0,3}}){_SIGN}")
_PLAIN = re.compile(rf"([0-9]{{1,15}}){_SIGN}")
_DECIMAL = re.compile(r"([0-9]{1,12})[.,]([0-9]{1,3})")
_UNIT = re.compile(
    rf"([0-9]{{1,6}}(?:[.,][0-9]{{1,3}})?)(k|ng|nghìn|nghin|ngàn|ngan|tr|triệu|trieu|củ|cu)(?:([0-9]{{1,3}})(k|ng|nghìn|nghin|ngàn|ngan)?)?{_SIGN}"
)
_MILLION = frozenset(["tr", "triệu", "trieu", "củ", "cu"])


def read_amount(text, whole=None, decimals=0):
    """Return the amount a person typed; ValueError when it is none.

    :param whole: what a percentage is of; None where none may be typed
    :param decimals: of the currency; without any, an amount below 1 000 is no money anybody asks for: "30" may be 30k
    """
    typed = re.sub(r"\s+", "", unicodedata.normalize("NFC", text).lower())
    if match := _PERCENT.fullmatch(typed):
        share = _number(match[1])
        if whole is None or share > 100:
            raise ValueError(text)
        return round(whole * share / 100, decimals)
    if match := _UNIT.fullmatch(typed):
        return _of_unit(match, text)
    if match := _GROUPED.fullmatch(typed):
        return _large(float(re.sub(r"[.,]", "", match[1])), decimals, text)
    if match := _PLAIN.fullmatch(typed):
        return _large(float(match[1]), decimals, text)
    if decimals and (match := _DECIMAL.fullmatch(typed)) and len(match[2]) <= decimals:
        return _number(typed)
    raise ValueError(text)


def read_percent(text):
    """Return the percentage a person typed, with its sign or without; ValueError when it is none."""
    typed = re.sub(r"\s+", "", text).removesuffix("%")
    match = _PERCENT.fullmatch(f"{typed}%")
    if not match or _number(match[1]) > 100:
        raise ValueError(text)
    return _number(match[1])


def _number(text):
    return float(text.replace(",", "."))


def _large(amount, decimals, text):
    if amount and amount < 1000 and not decimals:
        raise ValueError(text)
    return amount


def _of_unit(match, text):
    """Return the amount of "30k", "1k5", "1tr2", "1,5tr", "1tr200k"."""
    head, unit, rest, small = match[1], match[2], match[3], match[4]
    million = unit in _MILLION
    if rest and ("." in head or "," in head) or small and not million:
        raise ValueError(text)
    size = 1_000_000 if million else 1_000
    tail = int(rest) * 1_000 if small else float(f"0.{rest}") * size if rest else 0
    return round(_number(head) * size + tail)
