"""Reads a VietQR (EMVCo merchant-presented code) without a line of Odoo's: the tests' own decoder."""

from itertools import pairwise

#: CRC-16/CCITT-FALSE by table, another way than Odoo's shifting
TABLE = [0] * 256
for number in range(256):
    value = number << 8
    for _bit in range(8):
        value = value << 1 ^ (0x1021 if value & 0x8000 else 0)
    TABLE[number] = value & 0xFFFF


def crc(text):
    """Checksum of a text as EMVCo counts it."""
    register = 0xFFFF
    for byte in text.encode():
        register = (register << 8 & 0xFFFF) ^ TABLE[register >> 8 ^ byte]
    return register


def fields_of(text):
    """Fields of one level: dict tag -> value; ValueError when lengths do not fit."""
    found, at = {}, 0
    while at < len(text):
        tag, length = text[at : at + 2], int(text[at + 2 : at + 4])
        value = text[at + 4 : at + 4 + length]
        if len(value) != length or tag in found:
            raise ValueError(f"field {tag} at {at}")
        found[tag], at = value, at + 4 + length
    return found


def decode(text):
    """Return bank, account, amount and reference of a VietQR.

    :raise ValueError: when the checksum or the structure is wrong
    """
    if text[-8:-4] != "6304" or crc(text[:-4]) != int(text[-4:], 16):
        raise ValueError("checksum")
    top = fields_of(text)
    if any(int(one) > int(other) for one, other in pairwise(top)):
        raise ValueError("order of fields")
    account = fields_of(top["38"])
    bank = fields_of(account["01"])
    if (top["00"], top["53"], top["58"], account["00"]) != ("01", "704", "VN", "A000000727"):
        raise ValueError("no VietQR")
    return {
        "bank": bank["00"],
        "account": bank["01"],
        "service": account["02"],
        "amount": int(top["54"]),
        "reference": fields_of(top["62"])["08"],
    }
