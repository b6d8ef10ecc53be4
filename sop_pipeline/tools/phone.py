"""Vietnamese mobile numbers in free text."""
from typing import NamedTuple


class PhoneMatch(NamedTuple):
    """A number found in a text."""

    e164: str
    start: int
    end: int
    confidence: float


def find_phones(text):
    return []


def normalize_phone(number):
    return None
