"""Consent, and conversions reported to platforms."""

from . import test_ad_spend
from . import test_consent_chat
from . import test_conversion
from . import test_delivered
